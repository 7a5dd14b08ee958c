# The packages for Windows: what lies in the archive, and what the installer does to a system and takes back.
# ctest: timeout=300
# ctest: label=wine windows_only
# ctest: run_serial
# ctest: one_record_path
import os
import pathlib
import subprocess
import zipfile

from harness import PATIENCE, Scenario, eventually, free_port, main
from harness.programs import tunnel_command

WINE, PROGRAM = tunnel_command()
BUILD = pathlib.Path(PROGRAM).resolve().parent
DRIVE = pathlib.Path(os.environ["WINEPREFIX"]) / "drive_c"
INSTALLED = r"C:\Program Files\tunnel"
ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
ENTRY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\tunnel"


class WinePackages(Scenario):
    def setUp(self):
        self.addCleanup(self.uninstall)

    def run_words(self, *words, status=0):
        done = subprocess.run([str(word) for word in words], cwd=self.folder, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def wine(self, *words, **options):
        return self.run_words(WINE, *words, **options)

    def package(self, generator):
        self.run_words("cpack", "-G", generator, "--config", BUILD / "CPackConfig.cmake", "-B", self.folder)
        found, = (path for path in self.folder.glob("tunnel-*.*") if path.is_file() and path.suffix != ".json")
        self.assertIn(f"  {found.name}\n", (self.folder / "SHA256SUMS").read_text())
        return found

    def uninstall(self):
        # it goes on after its first program has ended
        if (DRIVE / "Program Files/tunnel/uninstall.exe").exists():
            self.wine(rf"{INSTALLED}\uninstall.exe", "/S")
            eventually(lambda: not (DRIVE / "Program Files/tunnel").exists(), "it is uninstalled")

    def path(self):
        return self.wine("reg", "query", ENVIRONMENT, "/v", "Path").split("REG_EXPAND_SZ")[1].strip()

    def value(self, key, name):
        found = self.wine("reg", "query", key, "/v", name, status=None)
        return found.split("REG_SZ")[1].strip() if "REG_SZ" in found else None

    def test_the_archive(self):
        with zipfile.ZipFile(self.package("ZIP")) as archive:
            names = {name.partition("/")[2] for name in archive.namelist()}
        for name in ("bin/tunnel.exe", "share/doc/tunnel/README.md", "share/doc/tunnel/THIRD_PARTY_NOTICES",
                     "share/doc/tunnel/examples/vnc.toml", "share/man/man1/tunnel.1"):
            self.assertIn(name, names)

    def test_the_program_tells_windows_of_itself(self):
        binary = pathlib.Path(PROGRAM).read_bytes()
        self.assertIn("OriginalFilename\0tunnel.exe".encode("utf-16-le"), binary.replace(b"\0\0\0\0", b"\0\0"))
        for setting in (b">UTF-8</activeCodePage>", b">true</longPathAware>"):
            self.assertIn(setting, binary)

    def test_the_installer(self):
        if not self.has("makensis", "nsis"):
            return
        installer = self.package("External")
        # longer than NSIS's own strings, and with an entry that only begins like ours
        others = ";".join([r"%SystemRoot%\system32", INSTALLED + "2", *(rf"C:\tools\{i}" for i in range(200))])
        self.wine("reg", "add", ENVIRONMENT, "/v", "Path", "/t", "REG_EXPAND_SZ", "/d", others, "/f")
        for _ in range(2):  # the second time is an update
            self.wine(installer, "/S")
            self.assertEqual(self.path(), f"{others};{INSTALLED}")
        self.assertTrue(self.wine(rf"{INSTALLED}\tunnel.exe", "--version").startswith("tunnel "))
        self.assertTrue((DRIVE / "Program Files/tunnel/share/doc/tunnel/README.md").is_file())
        self.assertEqual(self.value(ENTRY, "QuietUninstallString"), rf'"{INSTALLED}\uninstall.exe" /S')
        self.uninstall()
        self.assertEqual(self.path(), others)
        self.assertIsNone(self.value(ENTRY, "DisplayName"))

    def test_the_installer_makes_a_service(self):
        if not self.has("makensis", "nsis"):
            return
        installer = self.package("External")
        (DRIVE / "web.toml").write_text(f"[service.web]\nclient = true\naccept = {free_port()}\n"
                                        'connect = "relay.example:443"\n')
        self.addCleanup((DRIVE / "web.toml").unlink)
        self.wine(installer, "/S", r"/CONFIG=C:\none.toml", status=2)
        self.wine(installer, "/S", r"/CONFIG=C:\web.toml")
        eventually(lambda: "RUNNING" in self.wine("sc", "query", "tunnel-web"), "the service runs")
        self.uninstall()
        eventually(lambda: "RUNNING" not in self.wine("sc", "query", "tunnel-web", status=None), "it is gone")
        self.assertIsNone(self.value(r"HKLM\System\CurrentControlSet\Services\tunnel-web", "ImagePath"))


if __name__ == "__main__":
    main()
