# `tunnel run` opens a tunnel, runs a command with its address filled in, forwards signals and returns its exit status.
# ctest: cost=75 one_record_path
import signal
import sys
import time

from harness import Scenario, echo, free_port, main, toml
from harness.net import connect
from harness.programs import eventually, tunnel_command
from harness.terminal import run_on_terminal

FETCH = ("import socket,sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); s.sendall(b'through');"
         "s.shutdown(socket.SHUT_WR); print(s.makefile().read())")


class RunCommand(Scenario):
    def setUp(self):
        self.relay = self.tls_device(echo, self.authority.issue("localhost"))
        self.trust = ("--ca", self.authority.ca)
        self.target = f"localhost:{self.relay.port}"

    def run_command(self, *words, **options):
        return self.run_tunnel("run", *words, **options)

    def test_a_command_goes_through_the_tunnel(self):
        done = self.run_command(*self.trust, self.target, "--", sys.executable, "-c", FETCH, "{host}", "{port}")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "through\n", ""))

    def test_the_words_are_filled_in_and_the_streams_are_the_commands(self):
        done = self.run_command(self.target, "--", "sh", "-c", 'cat; echo "$0" "$@" ${host} >&2; exit 3', "{accept}", "{host}",
                                "{port}", "{print}", "--", "-x", input="from standard input")
        self.assertEqual(done.stdout, "from standard input")
        accept, host, port, *others = done.stderr.split()
        self.assertEqual((accept, host, others), (f"127.0.0.1:{port}", "127.0.0.1", ["{print}", "--", "-x"]))

    def test_the_services_of_a_file(self):
        config = self.folder / "two.toml"
        toml.write(config, {}, {"vnc": self.client_service("yesterday.invalid:1"),
                                "web": dict(client=True, accept="[::1]:0", connect=self.target)})
        done = self.run_command("--config", config, "--connect", f"vnc={self.target}", "--", sys.executable, "-c",
                                FETCH, "{vnc.host}", "{vnc.port}")
        self.assertEqual((done.returncode, done.stdout), (0, "through\n"), done.stderr)
        self.assertIn("info  vnc: listening on", done.stderr)
        done = self.run_command("--config", config, "--", "echo", "{port}")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("say which one is meant\n    {vnc.port}", done.stderr)

    def test_the_status_is_the_commands(self):
        for command, status in (("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 128 + signal.SIGKILL)):
            with self.subTest(command):
                self.assertEqual(self.run_command(self.target, "--", "sh", "-c", command).returncode, status)
        done = self.run_command(self.target, "--", "no-such-command-here")
        self.assertEqual(done.returncode, 127)
        self.assertIn('there is no command "no-such-command-here"', done.stderr)
        (self.folder / "script").write_text("echo")
        done = self.run_command(self.target, "--", "./script")
        self.assertEqual(done.returncode, 126, done.stderr)

    def test_nothing_runs_where_the_tunnel_cannot(self):
        port = free_port()
        holder = self.tunnel(ssh=self.plain_service("127.0.0.1:9", accept=port))
        done = self.run_command("--accept", port, self.target, "--", "touch", "ran")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"(process {holder.pid})", done.stderr)
        done = self.run_command("--ca", "nothing.pem", self.target, "--", "touch", "ran")
        self.assertEqual(done.returncode, 2)
        for words in ((), (self.target,), ("--", "touch", "ran"), (self.target, "--"),
                      ("--config", "a.toml", self.target, "--", "touch", "ran"),
                      ("--connect", "a:1", self.target, "--", "touch", "ran")):
            self.assertEqual(self.run_command(*words).returncode, 2, words)
        self.assertFalse((self.folder / "ran").exists())

    def started(self, script, *words):
        """Starts `tunnel run` with a shell script and waits until the script prints "ready"."""
        program = self.start("run", [*tunnel_command(), "run", *words, self.target, "--", "sh", "-c", script])
        program.wait_log("^ready")
        return program

    def test_a_command_that_outlives_its_tunnel(self):
        done = self.run_command(self.target, *self.trust, "--open-for", "1s", "--", "sh", "-c",
                                "sleep 3; echo done; exit 7")
        self.assertEqual((done.returncode, done.stdout), (7, "done\n"), done.stderr)

    def test_where_the_end_of_children_is_ignored(self):
        done = self.run_command(self.target, "--", "sh", "-c", "sleep 0.2; exit 7",
                                preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(done.returncode, 7)

    def test_an_address_that_cannot_be_filled_in(self):
        config = self.folder / "local.toml"
        toml.write(config, {}, {"local": self.plain_service(self.target, accept=f"unix:{self.folder}/sock")})
        done = self.run_command("--config", config, "--", "echo", "{accept}")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn('{accept}: the service "local" has no TCP address, only UNIX sockets', done.stderr)

    def test_options_that_the_file_would_say(self):
        config = self.folder / "one.toml"
        toml.write(config, {}, {"vnc": dict(client=True, accept=0, connect=self.target)})
        for option in (("--pin", "sha256:x"), ("--open-for", "3s"), ("--log-level", "debug"), ("--no-tls",)):
            done = self.run_command("--config", config, *option, "--", "echo", "ran")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f"{option[0]} goes without --config; with it the file says it", done.stderr)

    def test_signals_are_the_commands(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
            with self.subTest(number):
                name = number.name.removeprefix("SIG")
                program = self.started(f"trap 'echo got {name}; exit 3' {name}; echo ready; "
                                       "while :; do sleep 0.05; done")
                program.send_signal(number)
                self.assertEqual(program.wait(), 3)
                self.assertIn(f"got {name}", program.output)

    def test_it_closes_with_the_command(self):
        port = free_port()
        program = self.started("echo ready; exec sleep 60", "--accept", str(port))
        connect(port).close()
        self.assertTrue(program.running())
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(), 128 + signal.SIGTERM)
        with self.assertRaises(ConnectionRefusedError):
            connect(port)

    def test_last_bytes_arrive_after_the_command(self):
        arrived = []
        relay = self.tls_device(lambda peer: (time.sleep(0.5), arrived.append(peer.recv())),
                                self.authority.issue("localhost"))
        done = self.run_command(*self.trust, f"localhost:{relay.port}", "--", sys.executable, "-c",
                                "import socket,sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])));"
                                "s.sendall(b'last words')", "{host}", "{port}")
        self.assertEqual(done.returncode, 0)
        eventually(lambda: arrived == [b"last words"], "the relay gets what was sent")

    def launched(self, script, *words, target=None):
        """Starts `tunnel run` with a shell script that gets the tunnel's port."""
        return self.start("run", [*tunnel_command(), "run", *self.trust, *words, target or self.target, "--", "sh", "-c",
                                  script, "{port}"])

    def test_a_launcher_returns_before_its_program_connects(self):
        fetch = self.folder / "fetch.py"
        fetch.write_text("import sys,time; time.sleep(1)\n" + FETCH)
        program = self.launched(f"{sys.executable} {fetch} 127.0.0.1 $0 > fetched 2>&1 &")
        program.wait_log("nothing has connected yet: waiting 30 s for a first connection\n    Ctrl.C closes")
        self.assertEqual(program.wait(), 0)
        self.assertEqual((self.folder / "fetched").read_text(), "through\n")

    def test_a_connection_that_the_command_leaves_behind(self):
        fetch = self.folder / "fetch.py"
        fetch.write_text(FETCH.replace("s.sendall", "open('connected', 'w'); import time; time.sleep(3); s.sendall"))
        program = self.launched(f"{sys.executable} {fetch} 127.0.0.1 $0 > fetched 2>&1 & "
                                "while [ ! -e connected ]; do sleep 0.1; done")
        program.wait_log("closes with the last of its connections")
        self.assertEqual(program.wait(), 0)
        self.assertEqual((self.folder / "fetched").read_text(), "through\n")

    def test_the_wait_for_a_first_connection_ends(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            program = self.launched("exit 0")
            program.wait_log("waiting 30 s")
            program.send_signal(number)
            self.assertEqual(program.wait(), 0)
        program = self.launched("exit 0")
        program.wait_log("nothing connected within 30 s: the tunnel closes", seconds=45)
        self.assertEqual(program.wait(), 0)

    def test_nothing_is_waited_for_where_nothing_can_come(self):
        begin = time.monotonic()
        for words in (("true",), ("sh", "-c", "exit 3", "{port}"), (sys.executable, "-c", FETCH, "{host}", "{port}")):
            done = self.run_command(*self.trust, self.target, "--", *words)
            self.assertNotIn("waiting", done.stderr)
        self.assertLess(time.monotonic() - begin, 10)

    def test_the_command_has_none_of_the_tunnels_files(self):
        config = self.folder / "logged.toml"
        toml.write(config, {"log": {"file": "tunnel.log"}},
                   {"vnc": dict(client=True, accept=0, connect=self.target)})
        done = self.run_command("--config", config, "--", sys.executable, "-c",
                                "import os; print([os.readlink(f'/proc/self/fd/{fd}') for fd in "
                                "os.listdir('/proc/self/fd') if int(fd) > 2 and "
                                "os.path.exists(f'/proc/self/fd/{fd}')])")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotRegex(done.stdout, r"socket|eventpoll", "inherited")

    def test_a_terminal_sends_its_interrupt_once(self):
        script = "n=0; trap 'n=$((n+1))' INT; echo ready; sleep 1; sleep 1; echo interrupts: $n; exit 5"
        status, shown = run_on_terminal([*tunnel_command(), "run", self.target, "--", "sh", "-c", script],
                                        reply_to=b"ready", reply=b"\x03")
        self.assertEqual(status, 5, shown)
        self.assertIn(b"interrupts: 1", shown)


main()
