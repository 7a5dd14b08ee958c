# A tunnel without free file descriptors logs it, waits without spinning, and serves all clients once it can.
# ctest: one_record_path without_ubsan
import resource
import time

from harness import Scenario, connect, main, tls_connect
from harness.net import receive_exactly

CLIENTS = 20
WATCHED = 5  # seconds


class OutOfFileDescriptors(Scenario):
    def test_it_waits_and_recovers(self):
        device = self.device()
        tunnel = self.tunnel(plain=self.plain_service(device.address))
        self.assert_echoes(self.connect(tunnel.port()), b"once, so that everything is warm")
        room_for_three = tunnel.open_files() + 6
        _, hard = resource.prlimit(tunnel.worker, resource.RLIMIT_NOFILE)
        resource.prlimit(tunnel.worker, resource.RLIMIT_NOFILE, (room_for_three, hard))

        clients = [connect(tunnel.port()) for _ in range(CLIENTS)]
        refused = 0  # accepted with the last descriptor, leaving none for dialling
        for number, client in enumerate(list(clients)):
            self.addCleanup(client.close)
            try:
                client.sendall(b"client %2d" % number)
            except (ConnectionResetError, BrokenPipeError):  # refused already
                clients[number] = None
                refused += 1
        tunnel.wait_log(r"open files|file descriptors")
        before = tunnel.cpu()
        time.sleep(WATCHED)
        self.assertLess(tunnel.cpu() - before, WATCHED / 20, "CPU seconds used while starved")
        self.assertLess(len(tunnel.log.splitlines()), 500, "it complains, but it does not flood the log")

        resource.prlimit(tunnel.worker, resource.RLIMIT_NOFILE, (hard, hard))
        answered = 0
        for number, client in enumerate(clients):
            if client is None:
                continue
            try:
                self.assertEqual(receive_exactly(client, 9), b"client %2d" % number)
                answered += 1
            except ConnectionResetError:
                refused += 1
            client.close()
        self.assertEqual(answered + refused, CLIENTS)
        self.assertGreaterEqual(answered, CLIENTS // 2, f"{refused} were refused")
        self.assert_echoes_stream(tunnel.port())

    def test_a_small_limit_from_the_start(self):
        """Two hundred clients with only 64 descriptors: none is reset; those that fit are served, and the others then."""
        device = self.device()
        # sets the hard limit too, or the program would raise the soft one
        tunnel = self.tunnel(before=["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"],
                             plain=self.plain_service(device.address))
        waiting = [self.connect(tunnel.port()) for _ in range(200)]
        for number, client in enumerate(waiting):
            client.sendall(b"client %3d" % number)
        tunnel.wait_event("starved")
        before = tunnel.cpu()
        time.sleep(WATCHED)
        self.assertLess(tunnel.cpu() - before, WATCHED / 20, "CPU seconds used while starved")
        self.assertEqual(len(tunnel.events("starved")), 1, "said once")
        self.assertGreaterEqual(len(tunnel.events("open")), 5, "some are served meanwhile")
        for number, client in enumerate(waiting):  # in their order: each has its turn once the ones before are gone
            self.assertEqual(receive_exactly(client, 10), b"client %3d" % number)
            client.close()
        self.assertEqual(tunnel.events("failed"), [])
        self.assert_echoes_stream(tunnel.port())
        tunnel.wait_event("accepting")

    def test_who_only_knocks_gives_his_back(self):
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address, handshake_timeout="10m"))
        _, hard = resource.prlimit(tunnel.worker, resource.RLIMIT_NOFILE)
        resource.prlimit(tunnel.worker, resource.RLIMIT_NOFILE, (tunnel.open_files() + 100, hard))
        for _ in range(CLIENTS * 10):
            self.addCleanup(connect(tunnel.port(), source="127.0.0.9").close)
        tunnel.wait_event("flood")
        for _ in range(CLIENTS):  # ten minutes before the deadline of those who knock
            with tls_connect(tunnel.port(), self.authority.ca, source="127.0.0.2") as client:
                client.sendall(b"good")
                self.assertEqual(receive_exactly(client, 4), b"good")
        self.assertEqual(tunnel.events("starved"), [], "nobody has to raise a limit for them")


main()
