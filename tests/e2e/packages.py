# ctest: one_record_path without_sanitizers cost=30
# What is installed, and the packages that CPack makes: each file is where its system looks for it, and the program runs.
import json
import os
import pathlib
import re
import signal
import subprocess
import tarfile

from harness import Scenario, eventually, main
from harness.programs import tunnel_command

BUILD = pathlib.Path(tunnel_command()[-1]).resolve().parent
COMPLETIONS = ("bash-completion/completions/tunnel", "fish/vendor_completions.d/tunnel.fish")
FILES = ("bin/tunnel", "lib/systemd/system/tunnel@.service", "lib/sysusers.d/tunnel.conf", "lib/tmpfiles.d/tunnel.conf",
         *(f"share/{name}" for name in COMPLETIONS), "share/doc/tunnel/README.md", "share/doc/tunnel/examples/vnc.toml")
SBOM = BUILD / "tunnel.spdx.json"
PAGES = ("man1/tunnel.1", "man5/tunnel.toml.5", "man7/tunnel-security.7")


class Packages(Scenario):
    def run_here(self, *words):
        done = subprocess.run(list(map(str, words)), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def package(self, generator):
        """The one package that this generator makes."""
        # two at once would write the same files
        self.run_here("flock", BUILD / "packages.lock", "cpack", "-G", generator, "--config", BUILD / "CPackConfig.cmake",
                      "-B", self.folder)
        found = {path.name for path in self.folder.glob("tunnel*.*") if path.is_file()}
        listed = {line.split()[1] for line in (self.folder / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed, found)
        self.run_here("sha256sum", "--check", "SHA256SUMS")
        (sbom,) = (name for name in found if name.endswith(".spdx.json"))
        self.assertEqual((self.folder / sbom).read_bytes(), SBOM.read_bytes())
        (package,) = found - {sbom}
        return self.folder / package

    def assert_runs(self, program):
        version = self.run_here(program, "--version")
        self.assertTrue(version.startswith("tunnel "), version)

    def test_installed_below_a_prefix(self):
        prefix = self.folder / "opt"
        self.run_here("cmake", "--install", BUILD, "--prefix", prefix)
        for name in (*FILES, "share/zsh/site-functions/_tunnel", "share/doc/tunnel/LICENSE",
                     *(f"share/man/{page}" for page in PAGES)):
            self.assertTrue((prefix / name).is_file(), name)
        self.assert_runs(prefix / "bin/tunnel")
        notices = (prefix / "share/doc/tunnel/THIRD_PARTY_NOTICES").read_text()
        titles = re.findall("(?m)^={78}\n(.*)\n={78}$", notices)
        self.assertIn("Mbed TLS", titles)
        self.assertIn("cpp-httplib", titles)
        sbom, = (prefix / "share/doc/tunnel").glob("tunnel-*.spdx.json")
        self.assertEqual(sbom.read_bytes(), SBOM.read_bytes())
        completion = (prefix / "share/bash-completion/completions/tunnel").read_text()
        self.assertTrue(re.search("(?m)^complete -", completion))

    def test_the_list_of_its_libraries(self):
        """The fields that SPDX 2.3 requires, and every library that the notices name."""
        sbom = json.loads(SBOM.read_text())
        self.assertEqual([sbom[key] for key in ("spdxVersion", "dataLicense", "SPDXID")],
                         ["SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"])
        self.assertRegex(sbom["name"], r"^tunnel-[0-9.]+$")
        self.assertRegex(sbom["documentNamespace"], r"^https://[^#\s]+$")
        self.assertRegex(sbom["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        for creator in sbom["creationInfo"]["creators"]:
            self.assertRegex(creator, "^(Tool|Organization|Person): .")
        packages = {package["SPDXID"]: package for package in sbom["packages"]}
        self.assertEqual(len(packages), len(sbom["packages"]))
        for name, package in packages.items():
            with self.subTest(name):
                self.assertRegex(name, r"^SPDXRef-[A-Za-z0-9.-]+$")
                self.assertTrue(package["name"])
                self.assertRegex(package["downloadLocation"], r"^(NOASSERTION|https://\S+)$")
                self.assertIs(package["filesAnalyzed"], False)
                self.assertEqual(package["downloadLocation"].startswith("https:"), "checksums" in package)
                for sum_ in package.get("checksums", []):
                    self.assertEqual(sum_["algorithm"], "SHA256")
                    self.assertRegex(sum_["checksumValue"], "^[0-9a-f]{64}$")
                if package["sourceInfo"] != "from the toolchain":
                    self.assertRegex(package["versionInfo"], r"^[0-9]+(\.[0-9]+)+$")
        relations = {(each["spdxElementId"], each["relationshipType"], each["relatedSpdxElement"])
                     for each in sbom["relationships"]}
        self.assertEqual(relations, {("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-tunnel")}
                         | {("SPDXRef-tunnel", "DEPENDS_ON", name) for name in packages if name != "SPDXRef-tunnel"})
        titles = re.findall("(?m)^={78}\n(.*)\n={78}$", (BUILD / "THIRD_PARTY_NOTICES").read_text())
        self.assertGreater(len(titles), 3)
        names = {package["name"] for package in packages.values()}
        self.assertEqual({title.replace("LLVM's ", "") for title in titles} - names, set())

    def test_an_archive(self):
        path = self.package("TXZ")
        with tarfile.open(path) as archive:
            archive.extractall(self.folder / "unpacked", filter="data")
            for member in archive:
                self.assertEqual(member.mode & 0o022, 0, f"{member.name} may be written by others")
        top, = (self.folder / "unpacked").iterdir()
        for name in FILES:
            self.assertTrue((top / name).is_file(), name)
        self.assert_runs(top / "bin/tunnel")

    def test_a_debian_package(self):
        if not self.has("dpkg-shlibdeps", "dpkg-dev"):
            return
        path = self.package("DEB")
        self.assertRegex(path.name, r"^tunnel_[0-9.]+_[a-z0-9]+\.deb$")
        fields = self.run_here("dpkg-deb", "--field", path)
        self.assertRegex(fields, r"(?m)^Depends: .*libc6 \(>= ")
        root = self.folder / "root"
        self.run_here("dpkg-deb", "--extract", path, root)
        for name in (*FILES, "share/zsh/vendor-completions/_tunnel", "share/doc/tunnel/copyright",
                     "share/doc/tunnel/changelog.gz", *(f"share/man/{page}.gz" for page in PAGES)):
            self.assertTrue((root / "usr" / name).is_file(), name)
        unit = (root / "usr/lib/systemd/system/tunnel@.service").read_text()
        self.assertIn("\nExecStart=/usr/bin/tunnel --config /etc/tunnel/%i.toml\n", unit)
        self.assert_runs(root / "usr/bin/tunnel")
        if not self.has("lintian", "lintian"):
            return
        said = subprocess.run(["lintian", "--allow-root", "--tag-display-limit", "0", path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        print(said, flush=True)
        self.assertEqual(re.findall("(?m)^E: .*", said), [])

    def test_the_scripts_of_the_packages(self):
        """As dpkg calls them, and rpm, with a systemctl that knows one running tunnel and signals it as systemd does."""
        if not self.has("dpkg-shlibdeps", "dpkg-dev"):
            return
        self.run_here("dpkg-deb", "--control", self.package("DEB"), self.folder / "control")
        tunnel = self.tunnel(relay=self.plain_service())
        calls, programs = self.folder / "calls", self.folder / "programs"
        programs.mkdir()
        for name, does in (("systemd-sysusers", ""), ("systemd-tmpfiles", ""),
                           ("systemctl", 'case "$1" in list-units) echo tunnel@relay.service loaded active running;; '
                                         f"kill) kill -USR2 {tunnel.pid};; esac")):
            (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{calls}\n{does}\n')
            (programs / name).chmod(0o755)

        def called(script, *words):
            calls.write_text("")
            inside = "mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec " \
                     f"env PATH={programs}:$PATH {self.folder / 'control' / script} {' '.join(words)}"
            self.run_here("unshare", "--map-root-user", "--mount", "sh", "-c", inside)
            return calls.read_text().splitlines()

        made = ["systemd-sysusers tunnel.conf", "systemd-tmpfiles --create tunnel.conf", "systemctl daemon-reload"]
        self.assertEqual(called("postinst", "configure"), made)
        self.assertEqual(called("prerm", "upgrade", "0.2.0"), [])
        after = called("postinst", "configure", "0.0.9")
        self.assertEqual(after[:3], made)
        self.assertEqual(after[4], "systemctl kill --kill-who=main --signal=SIGUSR2 tunnel@relay.service")
        tunnel.wait_log(r"process \d+ has taken over")
        self.assertEqual(tunnel.process.wait(60), 0)
        self.assert_echoes(self.connect(tunnel.port()), b"by the new program")
        successor = int(re.search(r"process (\d+) has taken over", tunnel.log).group(1))
        os.kill(successor, signal.SIGTERM)
        eventually(lambda: not pathlib.Path(f"/proc/{successor}/exe").exists(), "the new program has ended")
        self.assertEqual(called("prerm", "remove"), ["systemctl stop tunnel@*.service"])
        self.assertEqual(called("postinst", "1"), made)
        self.assertEqual(called("prerm", "1"), [])
        self.assertEqual(called("prerm", "0"), ["systemctl stop tunnel@*.service"])
        self.assertEqual(called("postrm", "0"), ["systemctl daemon-reload"])

    def test_an_rpm(self):
        if not self.has("rpmbuild", "rpm"):
            return
        path = self.package("RPM")
        self.assertRegex(path.name, r"^tunnel-[0-9.]+-1\.[a-z0-9_]+\.rpm$")
        files = set(self.run_here("rpm", "--dbpath", self.folder / "db", "-qpl", path).splitlines())
        wanted = {f"/usr/{name}" for name in (*FILES, "share/zsh/site-functions/_tunnel",
                                              *(f"share/man/{page}.gz" for page in PAGES))}
        self.assertEqual(wanted - files, set())
        shared = {"/usr/bin", "/usr/lib/systemd/system", "/usr/share/man/man1", "/usr/share/bash-completion/completions"}
        self.assertEqual(shared & files, set(), "folders that belong to others")


main()
