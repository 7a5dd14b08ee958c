# --test accepts every example in conf/ once the files that it names exist.
# ctest: one_record_path
import os
import pathlib
import re
import shutil

from harness import Scenario, main

CONF = pathlib.Path(__file__).resolve().parents[2] / "conf"
FILES = re.compile(r'(?m)^\s*(ca|cert|key|client_ca)\s*=\s*"([^"]+)"')


class ConfExamples(Scenario):
    def test_each_is_accepted(self):
        identity = self.authority.issue("localhost", usage="serverAuth,clientAuth")
        content = {"ca": self.authority.ca, "client_ca": self.authority.ca, "cert": identity.cert, "key": identity.key}
        examples = sorted(CONF.glob("*.toml"))
        self.assertGreaterEqual(len(examples), 5, f"examples in {CONF}")
        for example in examples:
            with self.subTest(example.name):
                text = example.read_text(encoding="utf-8")
                for key, name in FILES.findall(text):
                    if name != "system":
                        self.assertFalse(os.path.isabs(name), f"{name}: an example names files beside it")
                        target = self.folder / name
                        target.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy(content[key], target)
                shutil.copy(example, self.folder)
                variables = {name: "example.net" for name in re.findall(r"\$\{(\w+)\}", text)}
                done = self.run_tunnel("--config", example.name, "--test", env=variables)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_says_what_it_is_for(self):
        for example in CONF.glob("*.toml"):
            self.assertRegex(example.read_text(encoding="utf-8"), r"^# \S", example.name)


main()
