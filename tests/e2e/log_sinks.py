# Logs that block, fill up, or are moved away: traffic continues, and every lost line is counted.
# ctest: one_record_path
import json
import os
import re
import signal

from harness import Scenario, connect, main
from harness.net import free_port, in_threads
from harness.programs import eventually

TO = ["sh", "-c", 'to=$1; shift; exec "$@" 2>"$to"', "sh"]
QUEUE = 1 << 20  # bytes that may be queued
PIPE = 1 << 16


class Pipe:
    """A named pipe for a log, read only when the scenario calls read()."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path, self.text = path, b""
        self.open()

    def open(self):
        self.reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def close(self):
        os.close(self.reader)

    def read(self):
        """Reads what is available; returns everything read so far."""
        while True:
            try:
                part = os.read(self.reader, 1 << 16)
            except BlockingIOError:
                break
            if not part:
                break
            self.text += part
        return self.text


class LogSinks(Scenario):
    def begin(self, log_to, **options):
        """Starts a plain relay to an echo device that logs to this file: (tunnel, port)."""
        port = free_port()
        tunnel = self.start_tunnel(before=[*TO, log_to], relay=self.plain_service(accept=f"127.0.0.1:{port}"),
                                   **options)
        eventually(lambda: self.answers(port), "it listens")
        return tunnel, port

    def assert_bytes_go_on(self, port):
        whole = []

        def check(seed):
            self.assert_echoes_stream(port, 2 << 20, f"stream {seed}")
            whole.append(seed)

        in_threads(check, range(4))
        self.assertEqual(len(whole), 4)

    def test_a_pipe_that_nobody_reads(self):
        pipe = Pipe(self.folder / "pipe")
        tunnel, port = self.begin(pipe.path)
        count = 1
        with connect(port) as during:
            while count < 2000:  # about 600 bytes each
                self.assertTrue(self.answers(port))
                count += 1
            self.assert_echoes(during, b"no wait")
        self.assert_bytes_go_on(port)
        count += 5

        def records():
            return [json.loads(line) for line in pipe.read().splitlines() if line.endswith(b"}")]

        def lost():
            return sum(record["count"] for record in records() if record["event"] == "lost")

        eventually(lost, "it says how many lines it lost")
        self.assertGreater(len(pipe.text), QUEUE)
        self.assertTrue(self.answers(port))
        count += 1

        def told():
            return sum(record["event"] in ("open", "close") for record in records())

        eventually(lambda: told() + lost() >= 2 * count, lambda: f"{told()} told, {lost()} lost of {2 * count}")
        self.assertEqual(told() + lost(), 2 * count, "each line is there or counted")
        self.assertEqual(tunnel.stop(), 0)
        self.assertEqual(records()[-1]["event"], "stopped")

    def test_the_end_does_not_wait_for_a_pipe(self):
        pipe = Pipe(self.folder / "pipe")
        tunnel, port = self.begin(pipe.path)
        for _ in range(PIPE // 600 * 2):
            self.assertTrue(self.answers(port))
        self.assertEqual(tunnel.stop(seconds=20), 0)

    def test_a_pipe_whose_reader_goes_and_comes_back(self):
        pipe = Pipe(self.folder / "pipe")
        tunnel, port = self.begin(pipe.path)
        eventually(lambda: pipe.read().count(b'"close"') == 1, "the first connection is told")
        pipe.close()
        self.assert_bytes_go_on(port)
        tunnel.send_signal(signal.SIGUSR1)  # writes another line, after which the reader may return
        for _ in range(100):
            self.answers(port)
        pipe.open()
        self.answers(port)
        found = eventually(lambda: re.search(rb'"count":(\d+),"message":"\d+ lines of the log are lost: Broken pipe"',
                                             pipe.read()), "it says how many lines it lost")
        self.assertGreaterEqual(int(found.group(1)), 100)

    def test_a_full_disk(self):
        for name, options in (("standard error", {}),
                              ("a file", {"tables": {"log": {"format": "json", "file": "/dev/full"}}})):
            with self.subTest(name):
                tunnel, port = self.begin("/dev/full", **options)
                self.assert_bytes_go_on(port)
                self.assertEqual(tunnel.stop(), 0)

    def test_a_file_that_is_moved_away(self):
        log = self.folder / "tunnel.log"
        tunnel, port = self.begin(self.folder / "unused", tables={"log": {"format": "json", "file": str(log)}})
        count = 1

        def told(path):
            return path.exists() and sum(b'"event":"close"' in line for line in path.read_bytes().splitlines())

        for number in range(1, 4):
            old = self.folder / f"tunnel.log.{number}"
            os.rename(log, old)
            if number == 2:  # as logrotate's postrotate does; without a signal the tunnel notices by itself
                tunnel.send_signal(signal.SIGUSR1)
                eventually(lambda: log.exists() and b'"event":"status"' in log.read_bytes(), "it is opened anew")
            for _ in range(20):
                self.assertTrue(self.answers(port))
            count += 20
            eventually(lambda: told(log), "the new one is in use")
            self.assertIn(b'"event":"open"', log.read_bytes())
        self.assertEqual(tunnel.stop(), 0)
        self.assertEqual(sum(told(path) for path in self.folder.glob("tunnel.log*")), count, "no line is lost")
        self.assertEqual((self.folder / "unused").read_bytes(), b"")
        self.assertEqual(log.stat().st_mode & 0o007, 0, "who connects is nobody else's business")

    def test_sigusr1_tells_the_status(self):
        tunnel = self.tunnel(one=self.plain_service(), two=self.plain_service())
        with self.connect(tunnel.port("one")) as sock:
            self.assert_echoes(sock, b"open")
            tunnel.send_signal(signal.SIGUSR1)
            status = tunnel.wait_event("status", service="one")
        self.assertEqual((status["open"], status["opened"], status["up"]), (1, 1, 4))
        self.assertEqual(tunnel.wait_event("status", service="two")["opened"], 0)

    def test_mistakes_at_the_start_come_in_order(self):
        taken, log = self.device(), self.folder / "log"
        tunnel = self.start_tunnel(before=[*TO, log], tables={"log": {"format": "text"}}, **{
            f"service-{number}": self.plain_service("127.0.0.1:9", accept=taken.address) if number == 0 else
            self.plain_service("127.0.0.1:9", accept=f"127.0.0.{number + 1}:{taken.port}")
            for number in range(2)})
        self.assertEqual(tunnel.wait(), 1)
        self.assertRegex(log.read_text(), rf"^error service-0: .*{taken.port}")


main()
