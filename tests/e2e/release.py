# packaging/release refuses a tree that isn't ready, and makes the source archive, sums, recipes and a signature of one
# that is; the same commit makes the same bytes.
# ctest: one_record_path without_sanitizers cost=5
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

from harness import Scenario, main, peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEEDED = ("CMakeLists.txt", "CHANGELOG.md", "LICENSE", "cmake", "man", "packaging", "vcpkg.json")
SAME_EVERYWHERE = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                   **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
                      (("NAME", "A"), ("EMAIL", "a@tunnel.example"), ("DATE", "2026-12-01T00:00:00Z"))}}


class Release(Scenario):
    def setUp(self):
        super().setUp()
        peers.find("git")
        self.tree, self.dist = self.folder / "tree", self.folder / "dist"
        self.tree.mkdir()
        self.dist.mkdir()
        for name in NEEDED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / name, self.tree)
        self.must("git", "init", "--quiet")
        self.edit("CMakeLists.txt", r"(?m)^project\(tunnel VERSION \S+", "project(tunnel VERSION 9.8.7")
        self.edit("vcpkg.json", r'"version": "[^"]+"', '"version": "9.8.7"')
        self.edit("CHANGELOG.md", r"(?m)^## .*$", "## [9.8.7] - 2026-12-01")
        self.commit()

    def run_here(self, *words):
        done = subprocess.run(list(map(str, words)), cwd=self.tree, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=SAME_EVERYWHERE)
        return done.returncode, done.stdout

    def must(self, *words):
        status, said = self.run_here(*words)
        self.assertEqual(status, 0, said)
        return said

    def edit(self, name, pattern, text):
        path = self.tree / name
        changed, count = re.subn(pattern, text, path.read_text(), count=1)
        self.assertEqual(count, 1, name)
        path.write_text(changed)

    def commit(self):
        self.must("git", "add", "--all")
        self.must("git", "commit", "--quiet", "--message", "As it is to be released")

    def release(self, *options):
        return self.run_here("packaging/release", "--dist", self.dist, *options)

    def assert_refused(self, reason, *options):
        status, said = self.release(*(options or ("--dry-run",)))
        self.assertEqual(status, 1, said)
        self.assertIn(reason, said)

    def add_packages(self):
        names = ("tunnel-9.8.7-Windows-x86_64.zip", "tunnel-9.8.7-Windows-arm64.zip", "tunnel_9.8.7_amd64.deb")
        lines = []
        for name in names:
            (self.dist / name).write_text(name)
            lines.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")
        (self.dist / "SHA256SUMS").write_text("".join(lines))

    def test_what_is_in_the_way(self):
        self.assertEqual(self.must("packaging/release", "--dry-run"),
                         "tunnel 9.8.7 can be released: the version agrees everywhere, and the tree is clean\n")
        self.assertEqual(self.must("git", "status", "--porcelain"), "")
        (self.tree / "left").write_text("")
        self.assert_refused("the working tree is not clean: commit or remove\n    ?? left\n")
        (self.tree / "left").unlink()
        self.must("git", "tag", "v9.8.7")
        self.assert_refused("the tag v9.8.7 is there already")
        self.must("git", "tag", "--delete", "v9.8.7")
        self.edit("CHANGELOG.md", r"## \[9.8.7\].*", "## [Unreleased]")
        self.edit("vcpkg.json", "9.8.7", "9.8.6")
        self.edit("man/tunnel.1", r"(?m)^\.Os$", ".Os tunnel 9.8.5")
        self.commit()
        self.assert_refused('CHANGELOG.md begins with "## [Unreleased]": make it "## [9.8.7] - YYYY-MM-DD"')
        self.assert_refused("vcpkg.json has version 9.8.6, but CMakeLists.txt has 9.8.7")
        self.assert_refused("man/tunnel.1 has version 9.8.5, but CMakeLists.txt has 9.8.7")
        self.assertEqual(list(self.dist.iterdir()), [])

    def test_packages_that_do_not_fit(self):
        self.assert_refused("SHA256SUMS: No such file or directory", "--only", "aur")
        self.add_packages()
        (self.dist / "tunnel-9.8.7-Windows-arm64.zip").write_text("another")
        self.assert_refused("tunnel-9.8.7-Windows-arm64.zip is not the file that SHA256SUMS lists", "--only", "aur")
        (self.dist / "tunnel-9.8.7-Windows-arm64.zip").unlink()
        self.assert_refused("tunnel-9.8.7-Windows-arm64.zip is not there, but SHA256SUMS lists it", "--only", "aur")
        self.add_packages()
        (self.dist / "tunnel_9.8.6_amd64.deb").write_text("older")
        self.assert_refused("tunnel_9.8.6_amd64.deb is not in SHA256SUMS", "--only", "aur")
        with (self.dist / "SHA256SUMS").open("a") as file:
            file.write(f"{hashlib.sha256(b'older').hexdigest()}  tunnel_9.8.6_amd64.deb\n")
        self.assert_refused("tunnel_9.8.6_amd64.deb is not of version 9.8.7", "--only", "aur")

    def test_a_release(self):
        self.add_packages()
        key, public = self.folder / "secret.key", self.folder / "public.key"
        options = []
        if self.has("minisign", "minisign"):
            self.must("minisign", "-G", "-W", "-p", public, "-s", key)
            options = ["--minisign-key", key]
        status, said = self.release(*options)
        self.assertEqual(status, 0, said)
        commit = self.must("git", "rev-parse", "--short", "HEAD").strip()
        self.assertIn(f'1. git tag -s v9.8.7 -m "tunnel 9.8.7" {commit} && git push origin v9.8.7\n', said)
        for name in ("Homebrew", "AUR", "Alpine", "Debian", "RPM", "Nix", "winget", "Scoop", "Chocolatey"):
            self.assertRegex(said, rf"(?m)^ +\d+\. {name}: ")
        for path in re.findall(rf"{self.dist.resolve()}/[\w./-]+\w", said):
            self.assertTrue(pathlib.Path(path).exists(), path)

        archive = self.dist / "tunnel-9.8.7.tar.gz"
        with tarfile.open(archive) as opened:
            names = opened.getnames()
        self.assertIn("tunnel-9.8.7/packaging/release", names)
        self.assertEqual({name.split("/")[0] for name in names}, {"tunnel-9.8.7"})
        sum_ = hashlib.sha256(archive.read_bytes()).hexdigest()
        self.assertIn(f"{sum_}  tunnel-9.8.7.tar.gz\n", (self.dist / "SHA256SUMS").read_text())
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=self.dist, check=True)
        self.assertIn(sum_, (self.dist / "recipes/homebrew/tunnel-tls.rb").read_text())
        self.assertIn("tunnel (9.8.7-1)", (self.dist / "recipes/debian/changelog").read_text())
        self.assertIn("Tue, 01 Dec 2026", (self.dist / "recipes/debian/changelog").read_text())
        if options:
            listing = self.dist / "SHA256SUMS"
            self.assertIn("tunnel 9.8.7", self.must("minisign", "-V", "-p", public, "-m", listing))
            before = listing.read_text()
            listing.write_text(before.replace(sum_, "0" * 64))
            self.assertNotEqual(self.run_here("minisign", "-V", "-p", public, "-m", listing)[0], 0)
            listing.write_text(before)

        made = {path: path.read_bytes() for path in self.dist.rglob("*") if path.is_file()}
        self.assertEqual(self.release(*options)[0], 0)
        self.assertEqual({path: path.read_bytes() for path in self.dist.rglob("*") if path.is_file()}, made)


main()
