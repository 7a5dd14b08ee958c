# The source keeps to its layers: includes point left, mbedTLS and Asio are used only where allowed, file names are
# unique, and the links in the Markdown pages lead to existing files.
# ctest: one_record_path
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OF = {"base": set()}
LEFT_OF["log"] = LEFT_OF["protocol"] = {"base"}
LEFT_OF["os"] = {"base", "log"}
LEFT_OF["config"] = {"base", "log", "os"}
LEFT_OF["x509"] = {"base", "log", "os"}
LEFT_OF["tls"] = LEFT_OF["x509"] | {"x509", "protocol"}
LEFT_OF["net"] = LEFT_OF["tls"] | {"tls", "config"}
LEFT_OF["relay"] = LEFT_OF["net"] | {"net"}
LEFT_OF["check"] = LEFT_OF["status"] = LEFT_OF["relay"] | {"relay"}
LEFT_OF["server"] = LEFT_OF["relay"] | {"relay", "check", "status"}
LEFT_OF["cmd"] = LEFT_OF["server"] | {"server"}
WITHOUT_ASIO = {"base", "log", "protocol", "os", "config", "x509", "tls"}
WITH_MBEDTLS = {"x509", "tls"}


def sources():
    for top in ("lib", "cmd"):
        for path in sorted((ROOT / top).rglob("*.[ch]pp")):
            yield path, path.relative_to(ROOT).parts[1] if top == "lib" else "cmd"


def includes(path):
    return re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(encoding="utf-8"), re.MULTILINE)


class RoomsOfTheSource(unittest.TestCase):
    def test_arrows_point_left(self):
        wrong, arrows = [], 0
        for path, room in sources():
            for target in includes(path):
                other = target.split("/")[0]
                if other in LEFT_OF and other != room:
                    arrows += 1
                    if other not in LEFT_OF[room]:
                        wrong.append(f"{path.relative_to(ROOT)} includes {target}")
        self.assertGreater(arrows, 300)
        self.assertEqual(wrong, [])

    def test_libraries_stay_in_their_rooms(self):
        wrong = []
        for path, room in sources():
            for target in includes(path):
                library = target.split("/")[0]
                if (library == "asio" and room in WITHOUT_ASIO) or \
                        (library in ("mbedtls", "psa") and room not in WITH_MBEDTLS):
                    wrong.append(f"{path.relative_to(ROOT)} includes {target}")
        self.assertEqual(wrong, [])

    def test_each_name_is_there_once(self):
        places = {}
        for path, _ in sources():
            places.setdefault(path.stem, set()).add(path.parent.relative_to(ROOT).as_posix())
        self.assertGreater(len(places), 150)
        self.assertEqual({name: where for name, where in places.items() if len(where) > 1}, {})

    def test_links_lead_somewhere(self):
        for page in ROOT.glob("*.md"):
            for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
                with self.subTest(page=page.name, target=target):
                    self.assertTrue((ROOT / target).exists())


unittest.main(verbosity=2)
