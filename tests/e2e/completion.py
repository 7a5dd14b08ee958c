# The scripts of --completion make shells complete commands, options, files and values.
# ctest: one_record_path
import os
import pathlib
import re
import shutil
import subprocess

from harness import Scenario, Terminal, main, peers
from harness.programs import tunnel_command

# (what is typed, the line after Tab)
CASES = (
    ("tunnel ch", "tunnel check"),
    ("tunnel --conf", "tunnel --config"),
    ("tunnel --config vn", "tunnel --config vnc.toml"),
    ("tunnel --config=vn", "tunnel --config=vnc.toml"),
    ("tunnel --config my", r"tunnel --config my\ file.toml"),
    ("tunnel --config sub", "tunnel --config sub/"),
    ("tunnel --completion fi", "tunnel --completion fish"),
    ("tunnel --config vnc.toml che", "tunnel --config vnc.toml check"),
    ("tunnel --connect vn", "tunnel --connect vn"),
    ("tunnel check --se", "tunnel check --server-name"),
    ("tunnel check --no", "tunnel check --no-tls"),
    ("tunnel check --ca vn", "tunnel check --ca vnc.toml"),
    ("tunnel check --config vnc.toml --js", "tunnel check --config vnc.toml --json"),
    ("tunnel pin vn", "tunnel pin vnc.toml"),
    ("tunnel pin --conn", "tunnel pin --connect-timeout"),
    ("tunnel keygen vn", "tunnel keygen vn"),
)


class Completion(Scenario):
    def setUp(self):
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        (self.bin / "tunnel").symlink_to(pathlib.Path(tunnel_command()[-1]).resolve())
        self.here = self.folder / "here"
        (self.here / "sub").mkdir(parents=True)
        for name in ("vnc.toml", "my file.toml"):
            (self.here / name).touch()
        self.env = {**peers.environment(), "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                    "ZDOTDIR": str(self.folder)}
        self.env["PATH"] = f"{self.bin}{os.pathsep}{self.env['PATH']}"

    def script(self, shell, status=0):
        done = subprocess.run([self.bin / "tunnel", "--completion", shell], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def words_of_help(self, *command):
        """(options, commands) that --help shows."""
        text = subprocess.run([self.bin / "tunnel", *command, "--help"], stdout=subprocess.PIPE, check=True, text=True,
                              timeout=60).stdout
        rows = [row.split("  ")[1] for row in text.splitlines() if row.startswith("  ")]
        options = {word.rstrip(",") for row in rows if row.startswith("-") for word in row.split() if word[0] == "-"}
        commands = set(re.findall(r"^  ([a-z]+) ", text.split("\nCommands", 1)[1].split("\n\n", 1)[0], re.MULTILINE)
                       ) if not command else set()
        return options, commands

    def shell(self, *words):
        terminal = Terminal(words, self.here, {**self.env, "PS1": "prompt> ", "HISTFILE": None}, columns=120)
        self.addCleanup(terminal.close)
        return terminal

    def assert_completes(self, terminal, cases=CASES, after=" ?"):
        """Completes each case in a shell that is at its prompt; the pattern `after` may follow the completion."""
        for typed, wanted in cases:
            terminal.type(typed + "\t")
            terminal.wait_last_row(re.escape(f"prompt> {wanted}") + after)
            # the completion is final, not just a common prefix
            terminal.type("#")
            terminal.wait_last_row(re.escape(f"prompt> {wanted}") + after + "#")
            terminal.type("\x15")
            terminal.wait_last_row("prompt>")

    def assert_lists(self, terminal, typed, wanted):
        terminal.type(f"clear\n{typed}\t\t")
        for word in wanted:
            terminal.wait_rows(lambda rows: any(re.search(rf"(^|\s){word}(\s|$)", row) for row in rows),
                               f"{word} is among what may follow {typed!r}")
        terminal.type("\x15\x0c")
        terminal.wait_last_row("prompt>")

    # -- bash

    def bash(self):
        bash = self.shell("bash", "--norc", "-i")
        bash.wait_last_row("prompt>")
        bash.type("source <(tunnel --completion bash)\n")
        return bash

    def test_bash(self):
        bash = self.bash()
        bash.type("clear\n")
        bash.wait_rows(lambda rows: rows == ["prompt>"], "the prompt alone")
        self.assert_completes(bash)

    def test_bash_knows_all_that_the_help_shows(self):
        options, commands = self.words_of_help()
        self.assertGreaterEqual(commands, {"check", "keygen", "pin"})
        self.assertEqual(self.bash_answers("tunnel", ""), commands)
        self.assertEqual(self.bash_answers("tunnel", "-"), options)
        for command in commands:
            self.assertEqual(self.bash_answers("tunnel", command, "-"), self.words_of_help(command)[0])
        self.assertEqual(self.bash_answers("tunnel", "--completion", ""), {"bash", "zsh", "fish", "powershell"})
        self.assertEqual(self.bash_answers("tunnel", "--completion", "=", "z"), {"zsh"})

    def bash_answers(self, *words):
        script = ('set -eu; source <(tunnel --completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  'set +e; _tunnel; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", *words], env=self.env, cwd=self.here, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        return set(done.stdout.split())

    # -- zsh

    def zsh(self, setting):
        """Starts zsh with this in .zshrc."""
        program = peers.find("zsh")
        root = self.unpacked(program)
        if root:
            (self.folder / ".zshenv").write_text(f"module_path=({root}/usr/lib/*/zsh/*(/))\n"
                                                 f"fpath=({root}/usr/share/zsh/functions/**/*(/))\n")
        (self.folder / ".zshrc").write_text(f"PS1='prompt> '\n{setting}\n")
        zsh = self.shell(program, "-d", "-i")
        zsh.wait_rows(lambda rows: rows == ["prompt>"], "the prompt alone")
        return zsh

    @staticmethod
    def unpacked(program):
        """The root of the unpacked tree that a program lies in, or None; there it doesn't find its own files."""
        root = peers.unpacked_root()
        return root if root and str(program).startswith(f"{root}/") else None

    def test_zsh(self):
        self.assert_completes(self.zsh("autoload -U compinit; compinit -D -u; source <(tunnel --completion zsh)"),
                              after="[ =]?")

    def test_zsh_by_a_file_that_it_finds(self):
        (self.folder / "functions").mkdir()
        (self.folder / "functions" / "_tunnel").write_text(self.script("zsh"))
        self.assert_completes(self.zsh(f"fpath=({self.folder}/functions $fpath); autoload -U compinit; compinit -D -u"),
                              CASES[:6], after="[ =]?")

    def test_zsh_knows_all_that_the_help_shows(self):
        zsh = self.zsh("autoload -U compinit; compinit -D -u; source <(tunnel --completion zsh)")
        options, commands = self.words_of_help()
        self.assert_lists(zsh, "tunnel ", commands)
        self.assert_lists(zsh, "tunnel -", options)
        for command in commands:
            self.assert_lists(zsh, f"tunnel {command} -", self.words_of_help(command)[0])

    # -- fish

    def fish(self):
        program = peers.find("fish")
        root = self.unpacked(program)
        if not root:
            return program
        # fish looks for its functions next to its own folder if that is complete
        here = self.folder / "fish"
        if not here.exists():
            (here / "bin").mkdir(parents=True)
            shutil.copy(program, here / "bin" / "fish")
            (here / "share").symlink_to(root / "usr/share")
            (here / "etc").symlink_to(root / "etc")
        return here / "bin" / "fish"

    def fish_answers(self, line):
        done = subprocess.run([self.fish(), "--no-config", "-c",
                               'tunnel --completion fish | source; complete -C "$argv[1]"', line], env=self.env,
                              cwd=self.here, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60)
        self.assertEqual(done.stderr, "")
        return {answer.split("\t")[0] for answer in done.stdout.splitlines()}

    def test_fish(self):
        for typed, wanted in CASES:
            word, begun = wanted[typed.rindex(" ") + 1:], typed[typed.rindex(" ") + 1:]
            # its answers have no quotes
            answers = {word.replace("\\", "")} if word != begun else set()
            self.assertEqual(self.fish_answers(typed), answers, typed)

    def test_fish_knows_all_that_the_help_shows(self):
        options, commands = self.words_of_help()
        self.assertEqual(self.fish_answers("tunnel "), commands)
        self.assertEqual(self.fish_answers("tunnel -") | self.fish_answers("tunnel --"), options)
        for command in commands:
            answers = self.fish_answers(f"tunnel {command} -") | self.fish_answers(f"tunnel {command} --")
            self.assertEqual(answers, self.words_of_help(command)[0])

    # -- PowerShell

    def test_powershell(self):
        script = self.script("powershell")
        options, commands = self.words_of_help()
        for word in options | commands | {word for command in commands for word in self.words_of_help(command)[0]}:
            self.assertIn(f"'{word}' = '", script)
        self.assertIn("',--completion' = @('bash', 'zsh', 'fish', 'powershell')", script)
        pwsh = shutil.which("pwsh")
        if not pwsh:
            print("there is no PowerShell here: its script was looked at, and not run")
            return
        for typed, wanted in (("tunnel ch", "check"), ("tunnel --conf", "--config"),
                              ("tunnel --completion fi", "fish"), ("tunnel check --se", "--server-name")):
            ask = (f"tunnel --completion powershell | Out-String | Invoke-Expression; "
                   f"(TabExpansion2 '{typed}' {len(typed)}).CompletionMatches.CompletionText")
            done = subprocess.run([pwsh, "-NoProfile", "-Command", ask], env=self.env, cwd=self.here, check=True,
                                  stdout=subprocess.PIPE, text=True, timeout=120)
            self.assertEqual(done.stdout.split(), [wanted])

    def test_another_shell_is_not_known(self):
        self.assertEqual(self.script("tcsh", status=2),
                         'tunnel: --completion: "tcsh" is none of the shells it knows\n'
                         "    bash, zsh, fish, powershell\n")


main()
