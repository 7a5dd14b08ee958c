# The recipes for package collections are complete, pass their collections' own tools where those are here, and build
# from the pinned sources alone. Homebrew's test of the program passes.
# ctest: one_record_path without_sanitizers cost=5
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree

from harness import Scenario, main
from harness.programs import tunnel_command

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASES = re.findall(r"^_deps_release\((\w+) (\w{64})\s+(\S+)\)", (ROOT / "cmake/dependencies.cmake").read_text(),
                      re.MULTILINE)
VERSION = re.search(r"^project\(tunnel VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE).group(1)
SOURCE = "5" * 64
WINDOWS = {f"tunnel-{VERSION}-Windows-x86_64.zip": "6" * 64, f"tunnel-{VERSION}-Windows-arm64.zip": "7" * 64}
NOBODY = 65534


class Recipes(Scenario):
    def setUp(self):
        super().setUp()
        self.sums, self.into = self.folder / "SHA256SUMS", self.folder / "recipes"
        self.sums.write_text("".join(f"{sum_}  {name}\n" for name, sum_ in WINDOWS.items()))

    def run_here(self, *words, cwd=None, **options):
        done = subprocess.run(list(map(str, words)), cwd=cwd or self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        return done.returncode, done.stdout

    def must(self, *words, **options):
        status, said = self.run_here(*words, **options)
        self.assertEqual(status, 0, said)
        return said

    def generate(self, *options, source=SOURCE):
        return self.run_here(sys.executable, "-B", ROOT / "packaging/recipes.py", "--sums", self.sums,
                             "--source-sha256", source, "--into", self.into, *options)

    def recipe(self, name):
        if not self.into.exists():
            status, said = self.generate()
            self.assertEqual(status, 0, said)
        return self.into / name

    def test_every_recipe_has_its_values(self):
        self.assertGreater(len(RELEASES), 6)
        self.recipe("")
        texts = {path.relative_to(self.into).as_posix(): path.read_text()
                 for path in self.into.rglob("*") if path.is_file()}
        templates = ROOT / "packaging/recipes"
        self.assertEqual(set(texts), {path.relative_to(templates).as_posix()
                                      for path in templates.glob("*/**/*") if path.is_file()})
        for name, text in texts.items():
            self.assertNotIn("@@", text, name)
        for name in ("homebrew/tunnel-tls.rb", "aur/PKGBUILD", "alpine/APKBUILD", "rpm/tunnel.spec", "nix/flake.nix"):
            self.assertIn(SOURCE, texts[name], name)
            for library, sum_, url in RELEASES:
                with self.subTest(recipe=name, library=library):
                    self.assertEqual(library != "doctest", sum_ in texts[name])
                    self.assertEqual(library != "doctest", url in texts[name])
        for name in ("winget/TunnelTls.Tunnel.installer.yaml", "scoop/tunnel-tls.json",
                     "chocolatey/tools/chocolateyinstall.ps1"):
            for file, sum_ in WINDOWS.items():
                self.assertLess(texts[name].index(file), texts[name].index(sum_))
        for name in ("winget/TunnelTls.Tunnel.yaml", "chocolatey/tunnel-tls.nuspec", "debian/changelog"):
            self.assertIn(VERSION, texts[name])

    def test_a_hash_that_is_not_known(self):
        missing = f"tunnel-{VERSION}-Windows-arm64.zip"
        self.sums.write_text(f"{'6' * 64}  tunnel-{VERSION}-Windows-x86_64.zip\n")
        status, said = self.generate()
        self.assertEqual(status, 1)
        self.assertEqual(said, f"recipes.py: {self.sums} has no sum of {missing}: put the file beside it and add its "
                               "line of sha256sum\n")
        self.assertFalse(self.into.exists())
        self.assertEqual(self.generate("--only", "aur", "nix")[0], 0)
        self.assertEqual({path.name for path in self.into.iterdir()}, {"aur", "nix"})
        self.assertRegex(self.generate(source="SKIP")[1], r"^recipes\.py: --source-sha256: not a SHA-256 ")
        self.sums.write_text("<html>\n")
        self.assertRegex(self.generate()[1], r"^recipes\.py: .*SHA256SUMS:1: not a line of sha256sum: <html>\n$")
        self.sums.unlink()
        self.assertRegex(self.generate()[1], r"^recipes\.py: .*SHA256SUMS: No such file or directory; cmake ")

    def test_the_formula(self):
        formula = self.recipe("homebrew/tunnel-tls.rb")
        if not self.has("ruby", "ruby"):
            return
        self.must("ruby", "-wc", formula)
        run = ("ruby", ROOT / "tests/e2e/harness/formula.rb", formula, pathlib.Path(tunnel_command()[-1]).parent)
        commands = self.must(*run, "install")
        self.assert_builds_offline(commands, "/build/deps")
        for library, _, url in RELEASES:
            self.assertEqual(library != "doctest", f"stage {url} /build/deps/{library}\n" in commands)
        self.assertIn("run /opt/opt_bin/tunnel --config /opt/etc/tunnel/tunnel.toml\n", self.must(*run, "service"))
        test = self.folder / "test"
        test.mkdir()
        self.assertIn("the formula's test has passed\n", self.must(*run, "test", cwd=test))

    def assert_builds_offline(self, commands, folder):
        configure = re.search(r"(?m)^cmake -S .*$", commands).group(0).split()
        named = {word for word in configure if word.startswith("-DFETCHCONTENT_SOURCE_DIR_")}
        self.assertEqual(named, {f"-DFETCHCONTENT_SOURCE_DIR_{library.upper()}={folder}/{library}"
                                 for library, _, _ in RELEASES if library != "doctest"})
        self.assertIn("-DFETCHCONTENT_FULLY_DISCONNECTED=ON", configure)
        self.assertRegex(commands, r"(?m)^cmake --build build$")
        self.assertRegex(commands, r"(?m)^cmake --install build$")

    def test_the_shell_recipes(self):
        """Their functions, with programs that print what they are asked for."""
        programs = self.folder / "programs"
        programs.mkdir()
        for name in ("cmake", "bsdtar", "default_prepare", "install"):
            (programs / name).write_text(f'#!/bin/sh\necho "{name} $*"\n')
            (programs / name).chmod(0o755)
        # Alpine's shell is BusyBox's, of the same family as dash
        for name, shell, dialect in (("aur/PKGBUILD", "bash", "bash"), ("alpine/APKBUILD", "sh", "dash")):
            with self.subTest(name):
                path = self.recipe(name)
                self.must(shell, "-n", path)
                if self.has("shellcheck", "shellcheck"):
                    # what the package builder reads and sets; it stops at the first failure
                    self.must("shellcheck", "-s", dialect, "-e", "SC2034,SC2154,SC2164", path)
                work = self.folder / dialect
                tree, package = work / f"tunnel-{VERSION}", work / "package"
                tree.mkdir(parents=True)
                (package / "usr/lib").mkdir(parents=True)
                script = f"set -e; srcdir={work}; pkgdir={package}; . {path}; sha256sum() {{ cat; }}; "
                said = self.must(shell, "-c", script + "".join(f"cd {work}; {step}; " for step in
                                                               ("prepare", "build", "package")),
                                 env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
                self.assert_builds_offline(said, f"{tree}/deps")
                for library, sum_, _ in RELEASES:
                    unpacked = f"bsdtar -xf {work}/{library}-{sum_[:12]} -C deps/{library} --strip-components=1\n"
                    self.assertEqual(library != "doctest", unpacked in said, said)

    def test_the_pkgbuild_by_makepkg(self):
        path = self.recipe("aur/PKGBUILD")
        if not self.has("makepkg", "makepkg"):
            return
        # it refuses root, and asks for pacman even where it doesn't use it
        self.folder.chmod(0o755)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        path.parent.chmod(0o777)
        said = self.must("makepkg", "--printsrcinfo", cwd=path.parent, env={**os.environ, "PACMAN": "true"}, **user)
        self.assertIn(f"\tpkgver = {VERSION}\n", said)
        self.assertEqual(said.count("\tsource = "), said.count("\tsha256sums = "))
        self.assertEqual(said.count("\tsource = "), len(RELEASES))  # the program's stands for doctest's

    def test_the_spec(self):
        path = self.recipe("rpm/tunnel.spec")
        if not self.has("rpmspec", "rpm"):
            return
        said = self.must("rpmspec", "--parse", path)
        self.assertIn(f"\nVersion:        {VERSION}\n", said)
        for library, sum_, _ in RELEASES:
            self.assertEqual(library != "doctest", f"unpack {library} {sum_} " in said)
        for script in re.findall(r"(?m)^%\w+ -f (\S+)$", path.read_text()):
            self.assertTrue((ROOT / script).is_file(), script)

    def test_the_flake(self):
        path = self.recipe("nix/flake.nix")
        if not self.has("nix-instantiate", "nix-bin"):
            return
        self.must("nix-instantiate", "--store", "dummy://", "--parse", path)
        for system in ("x86_64-linux", "aarch64-linux", "aarch64-darwin"):
            done = subprocess.run(["nix-instantiate", "--store", "dummy://", "--eval", "--strict", "--json",
                                   ROOT / "tests/e2e/harness/flake.nix", "--arg", "flake", path, "--argstr", "system",
                                   system], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
            package = json.loads(done.stdout)
            self.assertEqual(package["version"], VERSION)
            self.assertIn("-DFETCHCONTENT_FULLY_DISCONNECTED=ON", package["cmakeFlags"])
            for library, _, url in RELEASES:
                unpacked = f"bsdtar -xf {url} -C deps/{library} --strip-components=1\n" \
                           f'cmakeFlagsArray+=("-DFETCHCONTENT_SOURCE_DIR_{library.upper()}=$PWD/deps/{library}")\n'
                self.assertEqual(library != "doctest", unpacked in package["preConfigure"])

    def test_the_debian_source_package(self):
        if not self.has("dpkg-source", "dpkg-dev"):
            return
        tree = self.folder / f"tunnel-{VERSION}"
        shutil.copytree(ROOT / "packaging", tree / "packaging")
        with tarfile.open(self.folder / f"tunnel_{VERSION}.orig.tar.gz", "w:gz") as archive:
            archive.add(tree, tree.name)
        shutil.copytree(self.recipe("debian"), tree / "debian")
        changes = self.must("dpkg-parsechangelog", "--all", cwd=tree)
        self.assertIn(f"\nVersion: {VERSION}-1\n", changes)
        self.assertNotIn("warning", changes)
        said = self.must("dpkg-source", "--build", tree)
        self.assertNotIn("error", said)
        self.assertTrue((self.folder / f"tunnel_{VERSION}-1.dsc").is_file())
        # of the libraries, only what lies in the source package is named
        (tree / "nlohmann-json").mkdir()
        if self.has("dh", "debhelper"):
            said = self.must("make", "-n", "-f", "debian/rules", "override_dh_auto_configure", cwd=tree)
            self.assertEqual(said.split(), ["dh_auto_configure", "--", "-DTUNNEL_DEPS_FROM=distribution",
                                            f"-DFETCHCONTENT_SOURCE_DIR_NLOHMANN_JSON={tree.resolve()}/nlohmann-json"])
            self.must("dh_testdir", cwd=tree)
            for script in re.findall(r"packaging/\S+", (tree / "debian/rules").read_text()):
                self.assertTrue((tree / script).is_file(), script)
            self.must("dh", "binary", "--no-act", cwd=tree)

    def test_winget(self):
        manifests = {"": "version", ".installer": "installer", ".locale.en-US": "defaultLocale"}
        if not self.has("ruby", "ruby"):
            return
        read = "print JSON.dump(YAML.safe_load(File.read(ARGV[0]), permitted_classes: [Date]))"
        for suffix, kind in manifests.items():
            with self.subTest(kind):
                path = self.recipe(f"winget/TunnelTls.Tunnel{suffix}.yaml")
                manifest = json.loads(self.must("ruby", "-ryaml", "-rjson", "-rdate", "-e", read, path))
                self.assertEqual((manifest["PackageIdentifier"], manifest["PackageVersion"], manifest["ManifestType"]),
                                 ("TunnelTls.Tunnel", VERSION, kind))
                if kind == "installer":
                    installers = manifest["Installers"]
                    self.assertEqual([(each["Architecture"], each["InstallerSha256"]) for each in installers],
                                     [("x64", "6" * 64), ("arm64", "7" * 64)])
                    for each in installers:
                        folder = each["InstallerUrl"].rpartition("/")[2][:-len(".zip")]
                        program, = each["NestedInstallerFiles"]
                        self.assertEqual(program["RelativeFilePath"], rf"{folder}\bin\tunnel.exe")

    def test_scoop_and_chocolatey(self):
        scoop = json.loads(self.recipe("scoop/tunnel-tls.json").read_text())
        self.assertEqual((scoop["version"], scoop["bin"]), (VERSION, r"bin\tunnel.exe"))
        self.assertEqual({name: each["hash"] for name, each in scoop["architecture"].items()},
                         {"64bit": "6" * 64, "arm64": "7" * 64})
        space = "{http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd}"
        package = xml.etree.ElementTree.parse(self.recipe("chocolatey/tunnel-tls.nuspec"))
        self.assertEqual([package.findtext(f"{space}metadata/{space}{name}") for name in ("id", "version")],
                         ["tunnel-tls", VERSION])
        if not shutil.which("pwsh"):
            return self.not_tried("PowerShell is missing, which Debian doesn't have")
        script = self.recipe("chocolatey/tools/chocolateyinstall.ps1")
        self.must("pwsh", "-NoProfile", "-Command",
                  "$errors = $null; [void][Management.Automation.Language.Parser]::"
                  f"ParseFile('{script}', [ref]$null, [ref]$errors); $errors; exit $errors.Count")

    def test_the_manifest_of_vcpkg(self):
        manifest = json.loads((ROOT / "vcpkg.json").read_text())
        self.assertEqual(manifest["version"], VERSION)
        ports = manifest["dependencies"] + manifest["features"]["tests"]["dependencies"]
        text = "".join((ROOT / f"cmake/{name}.cmake").read_text() for name in ("dependencies", "mbedtls", "aws_lc"))
        floors = dict(re.findall(r"_deps_headers\(\w+ CONTENT (\w+) [^)]*?FLOOR ([0-9.]+)", text))
        floors["mbedtls"] = re.search(r"(?s)_mbedtls_objection .*?VERSION_LESS ([0-9.]+)\)", text).group(1)
        floors["aws_lc"] = re.search(r"set\(_aws_lc_floor ([0-9.]+)\)", text).group(1)
        names = {"httplib": "cpp-httplib"}
        self.assertEqual({each["name"]: each["version>="] for each in ports},
                         {names.get(name, name.replace("_", "-")): floor + ".0" * (2 - floor.count("."))
                          for name, floor in floors.items()})


main()
