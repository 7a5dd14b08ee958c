# ctest: cost=20
# A keeper keeps the rights the program was started with, and a worker process in the sandbox does everything else.
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import time

from harness import SANITIZED, SOAK, Scenario, connect, eventually, free_port, half_close, main, receive_all


def parts_of(pid):
    """Number of descriptors, and resident memory in KiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return len(os.listdir(f"/proc/{pid}/fd")), resident


class Keeper(Scenario):
    def test_two_processes_and_one_where_nothing_is_lost(self):
        tunnel = self.tunnel(relay=self.plain_service())
        self.assertNotEqual(tunnel.worker, tunnel.pid)
        shown = subprocess.run(["ps", "-o", "args=", "-p", str(tunnel.worker)], capture_output=True, text=True, check=True)
        self.assertEqual(shown.stdout.strip(), "tunnel: worker")
        keeper, worker = (pathlib.Path(f"/proc/{pid}/task") for pid in (tunnel.pid, tunnel.worker))
        self.assertEqual(len(list(keeper.iterdir())), 1, "the keeper has one thread")
        self.assertGreater(len(list(worker.iterdir())), 1)
        off = self.tunnel(tables={"log": {"format": "json"}, "process": {"sandbox": False}}, relay=self.plain_service())
        self.assertEqual(off.worker, off.pid)

    def test_the_keeper_is_small(self):
        if SANITIZED:
            return
        tunnel = self.tunnel(relay=self.plain_service())
        rollup = pathlib.Path(f"/proc/{tunnel.pid}/smaps_rollup").read_text()
        own = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))
        self.assertLess(own, 2048, "KiB of its own")

    def test_a_configuration_that_an_editor_saves_in_a_home_folder(self):
        """The worker may read the file that was there at the start, but not the one that replaces it."""
        tunnel = self.tunnel(env={**os.environ, "HOME": str(self.folder)}, relay=self.plain_service())
        other, port = self.device(), free_port()
        tunnel.rewrite(relay=self.plain_service(other.address, accept=port))
        fresh = tunnel.config.with_suffix(".swp")
        shutil.copy(tunnel.config, fresh)
        fresh.rename(tunnel.config)
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_event("reloaded")
        self.assert_echoes(self.connect(port), b"as the file says now")

    def test_a_worker_that_dies_is_started_again(self):
        identity = self.authority.issue("localhost")
        tunnel = self.tunnel(relay=self.server_service(self.device().address, identity))
        port = tunnel.port()
        context = ssl.create_default_context(cafile=self.authority.ca)
        for n in (1, 2):
            with context.wrap_socket(connect(port), server_hostname="localhost") as client:
                client.sendall(b"open")
                self.assertEqual(client.recv(4), b"open")
                worker = tunnel.worker
                os.kill(worker, signal.SIGKILL)
                # nobody is refused meanwhile
                self.assert_echoes(context.wrap_socket(connect(port), server_hostname="localhost"), b"again")
            tunnel.wait_for(lambda n=n: len(tunnel.events("keeper", level="error")) == n, "it says so")
            self.assertNotEqual(tunnel.worker, worker)
        self.assertRegex(tunnel.events("keeper")[0]["message"],
                         "^SIGKILL killed the worker process, and its connections are lost; restarted")
        self.assertEqual(tunnel.stop(), 0)

    def test_a_worker_that_dies_has_the_last_good_configuration(self):
        first, second = free_port(), free_port()
        tunnel = self.tunnel(relay=self.plain_service(accept=first))
        tunnel.reload(relay=self.plain_service(accept=second))
        tunnel.config.write_text("nonsense = [")
        os.kill(tunnel.worker, signal.SIGKILL)
        tunnel.wait_event("keeper")
        self.assert_echoes(self.connect(second), b"not what the file says now")
        with self.assertRaises(ConnectionRefusedError):
            connect(first)

    def test_a_keeper_that_dies_ends_the_worker(self):
        tunnel = self.tunnel(relay=self.plain_service())
        port, worker = tunnel.port(), tunnel.worker
        sock = self.connect(port)
        self.assert_echoes(sock, b"before")
        os.kill(tunnel.pid, signal.SIGKILL)
        tunnel.killed = True
        tunnel.wait_log("the keeper process is gone: stopping")
        with self.assertRaises(ConnectionRefusedError):
            eventually(lambda: connect(port).close(), "it refuses connections", 5)
        self.assert_echoes(sock, b"may finish")
        half_close(sock)
        self.assertEqual(receive_all(sock), b"")
        eventually(lambda: not pathlib.Path(f"/proc/{worker}/exe").exists(), "the worker has ended")

    def test_signals_are_for_the_keeper(self):
        tunnel = self.tunnel(relay=self.plain_service())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            os.kill(tunnel.worker, number)
        self.assert_echoes(self.connect(tunnel.port()), b"alive")
        self.assertEqual(tunnel.events("draining"), [])
        tunnel.send_signal(signal.SIGUSR1)
        tunnel.wait_event("status")
        # a closed listener may leave nobody in its backlog
        port = tunnel.port()
        sock = self.connect(port)
        self.assert_echoes(sock, b"open")
        tunnel.send_signal(signal.SIGTERM)
        tunnel.wait_event("draining")
        with self.assertRaises(ConnectionRefusedError):
            connect(port)
        tunnel.send_signal(signal.SIGTERM)
        self.assertEqual(tunnel.wait(), 0)
        tunnel.wait_log("a second signal")

    def test_a_service_that_closes_at_its_time_refuses(self):
        tunnel = self.tunnel(short=self.plain_service(open_for="1s"), long=self.plain_service())
        port = tunnel.port("short")
        tunnel.wait_event("closed", service="short")
        with self.assertRaises(ConnectionRefusedError):
            connect(port)

    def test_mistakes_at_the_start_end_with_their_status(self):
        tunnel = self.start_tunnel(relay=self.plain_service(accept="nonsense"))
        self.assertEqual(tunnel.wait(), 2)
        taken = self.device()
        tunnel = self.start_tunnel(name="second", relay=self.plain_service(accept=f"127.0.0.1:{taken.port}"))
        self.assertEqual(tunnel.wait(), 1)
        tunnel.wait_log("the port is held by")

    def test_a_configuration_from_a_pipe(self):
        tunnel = self.tunnel(relay=self.plain_service())
        text = tunnel.config.read_text()
        tunnel.stop()
        done = subprocess.run([*tunnel.words[:1], "--config", "/dev/stdin", "--test"], input=text, text=True,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_many_reloads_leave_nothing_behind(self):
        identity = self.authority.issue("localhost")
        ports = [free_port() for _ in range(2)]
        services = [self.server_service(self.device().address, identity, accept=f"127.0.0.1:{port}") for port in ports]
        tunnel = self.tunnel(relay=services[0])

        def reload(times):
            for n in range(times):
                tunnel.reload(relay=services[n % 2])

        reload(20)
        before = [parts_of(pid) for pid in (tunnel.pid, tunnel.worker)]
        reload(1000 if SOAK else 100)
        after = [parts_of(pid) for pid in (tunnel.pid, tunnel.worker)]
        for (descriptors, memory), (later, more) in zip(before, after):
            self.assertEqual(later, descriptors)
            if not SANITIZED:
                self.assertLess(more - memory, 1024)


main()
