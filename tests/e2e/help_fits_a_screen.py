# --help of the program and of each command fits a standard terminal and has three examples.
# ctest: one_record_path
import re
import subprocess

from harness import Scenario, main
from harness.programs import tunnel_command

ROWS, COLUMNS = 24, 80


def help_of(*command):
    done = subprocess.run([*tunnel_command(), *command, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return done.returncode, done.stdout.decode("ascii").replace("\r\n", "\n"), done.stderr


def commands():
    """The commands that the program's help lists."""
    _, text, _ = help_of()
    listed = text.split("\nCommands", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE)


class Help(Scenario):
    def assert_fits(self, *command, rows=ROWS):
        status, text, errors = help_of(*command)
        self.assertEqual((status, errors), (0, b""))
        lines = text.splitlines()
        # the shell's prompt takes a row too
        self.assertLess(len(lines), rows, text)
        for line in lines:
            self.assertLessEqual(len(line), COLUMNS, text)
            self.assertEqual(line, line.rstrip())
        examples = text.split("\nExamples:\n")[1].split("\n\n")[0].splitlines()
        self.assertEqual([bool(re.match(r"  .*\btunnel ", line)) for line in examples], [True] * 3, text)
        return text

    def test_of_the_program(self):
        text = self.assert_fits()
        for option in ("--config FILE", "--connect [NAME=]HOST:PORT", "--accept [NAME=][HOST:]PORT", "--test",
                       "--completion bash|zsh|fish|powershell", "-h, --help", "--version"):
            self.assertIn(option, text)

    def test_of_each_command(self):
        self.assertGreaterEqual(set(commands()), {"check", "keygen", "pin"})
        for command in [*commands(), "uninstall", "upgrade"]:
            with self.subTest(command=command):
                options = len(re.findall(r"^  -", help_of(command)[1], re.MULTILINE))
                # with a row for each, more than ten options don't fit on one screen
                text = self.assert_fits(command, rows=ROWS if options <= 10 else ROWS + options)
                self.assertIn(f"Usage: tunnel {command} ", text)
                examples = text.split("\nExamples:\n")[1].split("\n\n")[0].splitlines()
                self.assertTrue(all(f"tunnel {command} " in line for line in examples), text)
                usage = text.split("Usage: ")[1].split("\n")[0]
                self.assertNotIn(" or ", usage)
                for name in re.findall(r" ([A-Z]{3,})(?= )", usage):
                    self.assertRegex(text, rf"(?m)^  (--[a-z]+ )?{name}\b|^In {name}", "explained")


main()
