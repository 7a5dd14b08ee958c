# On a terminal the log has colours and a status line below it; in a pipe or a file it has neither.
# ctest: cost=20 one_record_path
import os
import re
import signal
import subprocess
import threading
import time

from harness import Scenario, Terminal, connect, eventually, main, peers, toml
from harness.net import in_threads
from harness.programs import tunnel_command

TEXT = {"log": {"format": "text"}}
TIME = r"\d\d:\d\d:\d\d "  # before each line of the log
# a line for each layer of the sandbox that this system or build lacks
MISSING = re.compile(rf"({TIME})?info  sandbox: missing: .*")
STATUS = r" \d+ connections? open, \S+ k?M?G?B/s up, \S+ k?M?G?B/s down"
IDLE = " 0 connections open, 0 B/s up, 0 B/s down"
ADDRESS = r"127\.0\.0\.1:\d+"
XTERM = {"TERM": "xterm-256color", "NO_COLOR": None}


class StatusLine(Scenario):
    def setUp(self):
        tunnel = self.tunnel(name="usual", vnc=self.plain_service(), tables=TEXT)
        tunnel.stop(signal.SIGINT)
        self.missing = sum(bool(MISSING.fullmatch(line.decode())) for line in tunnel.lines)

    def config(self, tables=TEXT, name="vnc", connect=None):
        """Writes the config of a plain relay to an echo device; returns its name."""
        file = self.folder / "relay.toml"
        target = connect or self.device().address
        toml.write(file, tables, {name: self.plain_service(target)})
        return file.name

    def terminal(self, words, **options):
        terminal = Terminal(words, self.folder, **options)
        self.addCleanup(terminal.close)
        return terminal

    def watched(self, config=None, env=None, **options):
        """(a tunnel in the foreground of a terminal, its port)."""
        terminal = self.terminal([*tunnel_command(), "--config", config or self.config()],
                                 env={**XTERM, **(env or {})}, **options)
        return terminal, self.port_of(terminal)

    @staticmethod
    def port_of(terminal):
        return int(terminal.wait_text(r"listening on 127\.0\.0\.1:(\d+)").group(1))

    def assert_ends_without_status(self, terminal):
        """^C stops it; only the log remains, with the cursor below it."""
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 0)
        rows = terminal.rows()
        self.assertRegex(rows[-1], "stopped")
        self.assertEqual(terminal.cursor(), (len(rows), 0))
        self.assertEqual([row for row in terminal.all_rows() if re.fullmatch(STATUS, row)], [])
        return rows

    def test_the_screen_from_the_start_to_the_end(self):
        terminal, port = self.watched(columns=132)
        terminal.wait_last_row(re.escape(IDLE))
        with connect(port) as client:
            self.assert_echoes(client, b"x" * 100)
            terminal.wait_last_row(r" 1 connection open, .*")
            # rates are shown while bytes flow, and are zero after a second of silence
            flowing = threading.Event()
            echoing = threading.Thread(target=self.echo_until, args=(client, flowing))
            echoing.start()
            try:
                terminal.wait_last_row(r" 1 connection open, \d+\.\d [kMG]B/s up, \d+\.\d [kMG]B/s down")
            finally:
                flowing.set()
                echoing.join()
            rows = terminal.wait_rows(lambda rows: rows[-1] == " 1 connection open, 0 B/s up, 0 B/s down", "silence")
            self.assertEqual(len(rows), 3 + self.missing)
            self.assertEqual(terminal.cursor(), (2 + self.missing, 0))  # where the next log line begins
        terminal.wait_last_row(re.escape(IDLE))
        rows = self.assert_ends_without_status(terminal)
        self.assertIn("listening on", rows[0])
        rows = [row for row in rows if not MISSING.fullmatch(row)]
        for row, pattern in zip(rows, (
                rf"info  vnc: listening on 127\.0\.0\.1:{port}, relays to {ADDRESS} as it is, without TLS",
                rf"info  vnc#1: open from {ADDRESS} to {ADDRESS}, without TLS, .+",
                r"info  vnc#1: closed by the client after .+, .+ up, .+ down",
                r"info  SIGINT: no new connections",
                r"info  stopped")):
            self.assertRegex(row, f"^{TIME}{pattern}$")
        self.assertEqual(len(rows), 5)

    def echo_until(self, client, done):
        while not done.is_set():
            self.assert_echoes(client, b"x" * 10000)

    def test_many_lines_at_once_are_whole_and_scroll_away(self):
        terminal, port = self.watched(rows=6, columns=100)
        in_threads(self.come_and_go, [port] * 4)
        terminal.wait_text(r"vnc#100: closed")
        terminal.wait_last_row(re.escape(IDLE))
        self.assert_ends_without_status(terminal)
        rows = terminal.all_rows()
        for number in range(1, 101):
            self.assertEqual(sum(bool(re.match(rf"{TIME}info  vnc#{number}: open from {ADDRESS} to ", row)) for row in rows), 1)
            self.assertEqual(sum(bool(re.match(rf"{TIME}info  vnc#{number}: closed by the client", row)) for row in rows), 1)
        self.assertEqual(len(rows), 1 + self.missing + 200 + 2)

    def come_and_go(self, port):
        for _ in range(25):
            with connect(port) as client:
                self.assert_echoes(client, b"hello")

    def test_a_narrow_window_and_lines_longer_than_it(self):
        terminal, port = self.watched(columns=40)
        terminal.wait_last_row(re.escape(IDLE[:39]))
        with connect(port) as client:
            self.assert_echoes(client, b"hello")
            terminal.wait_last_row(re.escape(" 1 connection open, 0 B/s up, 0 B/s down"[:39]))
            # a line longer than the window continues in the next row
            self.assertRegex("".join(terminal.rows()), rf"listening on 127\.0\.0\.1:{port}, ?relays to {ADDRESS} as it ")
            terminal.resize(24, 20)
            terminal.wait_last_row(r" 1 connection open,")
            terminal.resize(24, 60)
            terminal.wait_last_row(r" 1 connection open, 0 B/s up, 0 B/s down")
        terminal.wait_last_row(re.escape(IDLE))
        self.assert_ends_without_status(terminal)

    def test_a_window_that_breaks_lines_anew_when_it_narrows(self):
        tmux = [peers.find("tmux"), "-S", self.folder / "tmux", "-f", "/dev/null"]
        env = {**peers.environment(), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        env.pop("TMUX", None)

        def run(*words):
            return subprocess.run([*tmux, *words], env=env, cwd=self.folder, check=True, stdout=subprocess.PIPE,
                                  text=True).stdout

        run("new-session", "-d", "-x", "100", "-y", "6", *tunnel_command(), "--config",
            self.config(connect=f"127.0.0.1:{self.switched_off()}"))
        self.addCleanup(subprocess.run, [*tmux, "kill-server"], env=env, stderr=subprocess.DEVNULL)
        pid = int(run("display-message", "-p", "#{pane_pid}"))

        def lines():
            """All lines, including those scrolled off; a wrapped line counts as one."""
            return [line.rstrip() for line in run("capture-pane", "-p", "-J", "-S", "-").rstrip().split("\n")]

        def wait_lines(count, last):
            eventually(lambda: len(lines()) == count and lines()[-1] == last,
                       lambda: f"there are {count} lines, the last of them {last!r}: {lines()}")

        before = 1 + self.missing
        wait_lines(before + 1, IDLE)
        port = int(re.search(r"listening on 127\.0\.0\.1:(\d+)", lines()[0]).group(1))
        for _ in range(6):
            self.assert_client_is_reset(port)
        wait_lines(before + 7, IDLE)
        for columns in (40, 20, 70, 15, 100):
            run("resize-window", "-x", str(columns), "-y", "6")
            wait_lines(before + 7, IDLE[:columns - 1].rstrip())
        self.assert_client_is_reset(port)
        wait_lines(before + 8, IDLE)
        self.assertEqual([re.sub(TIME, "", line).split(":")[0] for line in lines() if not MISSING.fullmatch(line)],
                         ["info  vnc", *(f"error vnc#{number}" for number in range(1, 8)), IDLE])
        run("kill-server")
        eventually(lambda: not os.path.exists(f"/proc/{pid}"), "it has ended with its terminal")

    def test_colours_are_for_those_who_want_them(self):
        for env, colours, status in (({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"NO_COLOR": ""}, True, True),
                                     ({"TERM": "dumb"}, False, False), ({"TERM": None}, False, False),
                                     ({"LC_ALL": "C", "LANG": None}, True, True)):
            with self.subTest(env=env):
                terminal, port = self.watched(env=env)
                if status:
                    terminal.wait_last_row(re.escape(IDLE))
                with connect(port) as client:
                    self.assert_echoes(client, b"hello")
                terminal.wait_text("vnc#1: closed by the client")
                self.assert_ends_without_status(terminal)
                self.assertEqual(b"\x1b[32minfo\x1b[0m  vnc#1: open" in terminal.written, colours, terminal.written)
                self.assertEqual(re.search(rb"\x1b\[[0-9;]*m", terminal.written) is not None, colours)
                self.assertEqual(b"connections open" in terminal.written, status)
                self.assertEqual(b"\x1b" in terminal.written, status)
                # the output is pure ASCII, since the locale may not be UTF-8
                self.assertLess(max(terminal.written), 0x80)

    def test_errors_and_warnings_have_their_colours(self):
        terminal, port = self.watched(self.config(connect=f"127.0.0.1:{self.switched_off()}"), columns=200)
        self.assert_client_is_reset(port)
        terminal.wait_text("refuses the connection")
        self.assert_ends_without_status(terminal)
        self.assertIn(b"\x1b[31merror\x1b[0m vnc#1: ", terminal.written)

    def test_it_ends_with_its_terminal(self):
        terminal, port = self.watched()
        terminal.wait_last_row(re.escape(IDLE))
        with connect(port) as client:
            self.assert_echoes(client, b"before")
            terminal.hang_up()
            self.assert_echoes(client, b"may finish")
        self.assertEqual(terminal.wait(), 0)

    def test_json_stays_json(self):
        terminal, port = self.watched(self.config({"log": {"format": "json"}}), columns=2000)
        with connect(port) as client:
            self.assert_echoes(client, b"hello")
        terminal.wait_text('"event":"close"')
        time.sleep(1.5)  # a status line would have been drawn by now
        terminal.process.send_signal(signal.SIGTERM)
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn(b"\x1b", terminal.written)
        for line in terminal.written.splitlines():
            self.assertRegex(line, rb'^\{.*"event":.*\}$')

    def test_a_file_gets_bytes_as_ever(self):
        with open(self.folder / "errors", "wb") as errors:
            terminal = self.terminal([*tunnel_command(), "--config", self.config()], env=XTERM, stderr=errors)
        written = self.folder / "errors"
        port = int(eventually(lambda: re.search(rb"listening on 127\.0\.0\.1:(\d+)", written.read_bytes()),
                                       "it listens").group(1))
        with connect(port) as client:
            self.assert_echoes(client, b"hello")
        eventually(lambda: b"closed by" in written.read_bytes(), "it has closed")
        time.sleep(1.5)  # a status line would have been drawn by now
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.written, b"^C")
        self.assert_plain(written.read_bytes(), port)

    def test_a_pipe_gets_bytes_as_ever(self):
        tunnel = self.tunnel(vnc=self.plain_service(), tables=TEXT,
                             env={"TERM": "xterm-256color", "CLICOLOR_FORCE": "1"})
        port = tunnel.port()
        with connect(port) as client:
            self.assert_echoes(client, b"hello")
        tunnel.wait_log("closed by")
        time.sleep(1.5)  # a status line would have been drawn by now
        tunnel.stop(signal.SIGINT)
        self.assert_plain(b"".join(line + b"\n" for line in tunnel.lines), port)

    def assert_plain(self, written, port):
        self.assertRegex("".join(line for line in written.decode("ascii").splitlines(keepends=True)
                                 if not MISSING.fullmatch(line.rstrip("\n"))), (
            rf"\Ainfo  vnc: listening on 127\.0\.0\.1:{port}, relays to {ADDRESS} as it is, without TLS\n"
            rf"info  vnc#1: open from {ADDRESS} to {ADDRESS}, without TLS, [^\n]+\n"
            r"info  vnc#1: closed by the client after [^\n]+, 5 B up, 5 B down\n"
            r"info  SIGINT: no new connections\n"
            r"info  stopped\n\Z"))

    def test_in_the_background_the_shell_has_the_terminal(self):
        words = " ".join([*tunnel_command(), "--config", self.config()])
        shell = self.terminal(["bash", "--norc", "--noediting", "-i"], columns=200,
                              env={**XTERM, "PS1": "prompt> ", "HISTFILE": None})
        shell.wait_last_row("prompt>")
        shell.type(f"{words} &\n")
        port = self.port_of(shell)
        with connect(port) as client:
            self.assert_echoes(client, b"hello")
        shell.wait_text("vnc#1: closed by")
        time.sleep(1.5)  # a status line would have been drawn by now
        self.assertNotIn(b"connections open", shell.written)
        self.assertNotIn(b"\x1b[J", shell.written)
        shell.type("fg\n")
        shell.wait_last_row(re.escape(IDLE))
        shell.type("\x1a")
        shell.wait_last_row("prompt>")
        shell.type("bg\n")
        before = len(shell.written)
        with connect(port) as client:
            self.assert_echoes(client, b"hello")
        shell.wait_text("vnc#2: closed by")
        time.sleep(1.5)
        self.assertNotIn(b"connections open", shell.written[before:])
        self.assertNotIn(b"\x1b[J", shell.written[before:])
        shell.type("fg\n")
        shell.wait_last_row(re.escape(IDLE))
        shell.type("\x03")
        shell.wait_last_row("prompt>")
        self.assertRegex(shell.rows()[-2], "stopped$")
        shell.type("exit\n")
        self.assertEqual(shell.wait(), 0)


main()
