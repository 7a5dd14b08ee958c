# tunnel.exe as a Windows service: install, start, reload, stop, uninstall; and reload by its event without a service.
# ctest: timeout=300
# ctest: label=wine windows_only
# ctest: run_serial
# ctest: one_record_path
import json
import os
import pathlib
import re
import shlex
import subprocess

from harness import PATIENCE, Scenario, connect, eventually, free_port, main, toml
from harness.net import answering, receive_exactly
from harness.programs import tunnel_command

RUNNING, STOPPED = "4", "1"


class WineService(Scenario):
    def setUp(self):
        # Wine's system runs as long as a program does, holds the first program's pipes, and starts installed services
        # when it starts; its Event Log is what it says itself
        subprocess.run([pathlib.Path(tunnel_command()[0]).with_name("wineserver"), "-w"], timeout=PATIENCE, check=False)
        self.event_log = self.folder / "event.log"
        with open(self.event_log, "wb") as log:
            session = subprocess.Popen([*shlex.split(os.environ["TUNNEL_ASK"]), "session", "-"],
                                       stdout=subprocess.PIPE, stderr=log,
                                       env={**os.environ, "WINEDEBUG": "-all,err+eventlog,warn+eventlog"})
        self.addCleanup(session.stdout.close)
        self.addCleanup(session.wait)
        self.addCleanup(session.kill)
        self.assertEqual(session.stdout.readline().strip(), b"up")

    def run_words(self, *words, status=0):
        done = subprocess.run([str(word) for word in words], cwd=self.folder, text=True, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def ask(self, *words, **options):
        return self.run_words(*shlex.split(os.environ["TUNNEL_ASK"]), *words, **options).strip()

    def answers(self, port):
        with connect(port) as sock:
            sock.sendall(b"?")
            return receive_exactly(sock, 3)

    def test_an_event_reloads_it(self):
        old, new = self.device(answering(b"old")), self.device(answering(b"new"))
        tunnel = self.tunnel(relay=self.plain_service(old.address))
        event = tunnel.wait_event("reload_event")["name"]
        self.assertRegex(event, r"^Global\\tunnel-\d+-reload$")
        self.assertEqual(self.answers(tunnel.port()), b"old")
        tunnel.rewrite(relay=self.plain_service(new.address))
        self.ask("event", event)
        tunnel.wait_event("reloaded")
        self.assertEqual(self.answers(tunnel.port()), b"new")
        self.assertIn("reload event: reading the configuration again", tunnel.log)

    def test_installed_started_reloaded_stopped_removed(self):
        old, new, port = self.device(answering(b"old")), self.device(answering(b"new")), free_port()
        config, log = self.folder / "relay.toml", self.folder / "relay.log"
        tables = {"log": {"format": "json", "file": "relay.log"}}
        toml.write(config, tables, {"relay": self.plain_service(old.address, accept=port)})
        wine = tunnel_command()[0]

        def install(*words, **options):
            return self.run_words(*tunnel_command(), "install", "--config", config.name, *words, **options)

        def uninstall(**options):
            return self.run_words(*tunnel_command(), "uninstall", "relay", **options)

        def state():
            return self.ask("state", "tunnel-relay")

        def events(name):
            return [event for line in (log.read_text().splitlines() if log.exists() else [])
                    if (event := json.loads(line))["event"] == name]

        self.assertIn("there is no service tunnel-relay", uninstall(status=1))
        self.assertIn("is the system's, not a user's", install("--user", status=2))
        said = install()
        self.addCleanup(lambda: subprocess.run([*tunnel_command(), "uninstall", "relay"], stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL, timeout=PATIENCE))
        self.assertRegex(said, r"^service tunnel-relay, run as NT AUTHORITY\\LocalService, which must be able to read ")
        self.assertIn("start it:   sc start tunnel-relay", said)
        self.assertNotIn("[log] file", said)
        install()  # installing again changes nothing
        self.assertEqual(state(), STOPPED)

        self.run_words(wine, "sc", "start", "tunnel-relay")
        eventually(lambda: state() == RUNNING, "the service runs")
        self.assertEqual(self.answers(port), b"old")
        toml.write(config, tables, {"relay": self.plain_service(new.address, accept=port)})
        self.ask("paramchange", "tunnel-relay")
        eventually(lambda: events("reloaded"), "it is reloaded")
        self.assertEqual(self.answers(port), b"new")
        self.assertRegex(events("reload")[0]["message"], "^service manager: ")

        client = self.connect(port)
        client.sendall(b"?")
        self.assertEqual(receive_exactly(client, 3), b"new")
        self.run_words(wine, "sc", "stop", "tunnel-relay")
        eventually(lambda: events("draining"), "it drains")
        self.assertNotEqual(state(), STOPPED, "a connection may finish")
        client.close()
        eventually(lambda: state() == STOPPED, "it has stopped")
        self.assertEqual(events("stopped")[0]["message"], "stopped: 1 of 1 connection finished, 0 reset")
        self.assertTrue(re.search("removed the service tunnel-relay", uninstall()))
        self.assertIn("there is no service tunnel-relay", uninstall(status=1))

    def test_without_a_file_errors_and_warnings_go_to_the_event_log(self):
        port, config = free_port(), self.folder / "events.toml"
        toml.write(config, {}, {"relay": self.plain_service("127.0.0.1:9", accept=port)})
        said = self.run_words(*tunnel_command(), "install", "--config", config.name)
        self.addCleanup(lambda: self.run_words(*tunnel_command(), "uninstall", "events"))
        self.assertIn("only errors and warnings are kept, in the Event Log", said)
        key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\tunnel-events"
        self.assertIn("EventCreate.exe", self.run_words(tunnel_command()[0], "reg", "query", key))
        self.run_words(tunnel_command()[0], "sc", "start", "tunnel-events")
        eventually(lambda: self.ask("state", "tunnel-events") == RUNNING, "the service runs")
        self.assert_client_is_reset(port)
        events = eventually(lambda: re.findall(r'ReportEventW L"(.*)"', self.event_log.read_text()),
                            "there is an event")
        self.assertRegex(events[0], r"^relay#1: .*127\.0\.0\.1:9")
        self.run_words(tunnel_command()[0], "sc", "stop", "tunnel-events")
        eventually(lambda: self.ask("state", "tunnel-events") == STOPPED, "the service has stopped")
        self.assertNotIn("listening on", self.event_log.read_text())

    def test_one_that_cannot_start_says_why(self):
        taken, config, log = self.device(), self.folder / "taken.toml", self.folder / "taken.log"
        toml.write(config, {"log": {"file": "taken.log"}},
                   {"relay": self.plain_service("127.0.0.1:9", accept=f"127.0.0.1:{taken.port}")})
        self.run_words(*tunnel_command(), "install", "--config", config.name)
        self.addCleanup(lambda: self.run_words(*tunnel_command(), "uninstall", "taken"))
        subprocess.run([tunnel_command()[0], "sc", "start", "tunnel-taken"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=PATIENCE)
        eventually(lambda: self.ask("state", "tunnel-taken") == STOPPED, "it has ended")
        self.assertIn(f"relay: cannot listen on 127.0.0.1:{taken.port}: the port is in use", log.read_text())


main()
