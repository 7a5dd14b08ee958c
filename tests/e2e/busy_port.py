# The error for a port in use names the process that holds it, and no other service keeps listening.
# ctest: one_record_path
import os
import pathlib
import sys

from harness import Scenario, free_port, listen, main
from harness.net import connect


def free_run_of_ports(count):
    """The first of `count` consecutive free ports."""
    while True:
        first = free_port()
        try:
            held = [listen(host, first + i) for i in range(count) for host in ("127.0.0.1", "::1")]
        except OSError:
            continue
        for sock in held:
            sock.close()
        return first


class BusyPort(Scenario):
    def test_all_or_nothing(self):
        held = self.listener()
        busy, free = held.getsockname()[1], free_port()
        device = self.device()
        for order in ((free, busy), (busy, free)):
            with self.subTest(order=order):
                services = {f"s{port}": self.plain_service(device.address, accept=f"127.0.0.1:{port}")
                            for port in order}
                tunnel = self.start_tunnel(tables={"log": {}}, **services)
                self.assertEqual(tunnel.wait(), 1)
                self.assertIn(f"127.0.0.1:{busy}", tunnel.log)
                self.assertIn(f"s{busy}", tunnel.log)
                if sys.platform == "linux":
                    self.assertIn(str(os.getpid()), tunnel.log, "the holder's process id")
                    self.assertIn(pathlib.Path("/proc/self/comm").read_text().strip(), tunnel.log, "the holder's name")
                with self.assertRaises(ConnectionRefusedError):
                    connect(free)

    def test_the_next_free_port_is_offered(self):
        def plain(port):
            return self.plain_service("127.0.0.1:9", accept=port)

        first = self.tunnel(a=plain(port := free_run_of_ports(4)), b=plain(port + 1))
        again = self.start_tunnel(tables={"log": {}}, a=plain(port), c=plain(port + 2))
        self.assertEqual(again.wait(), 1)
        # the next port is taken, and the one after belongs to another service
        self.assertIn(f"the port is held by tunnel (process {first.pid}); stop that one, or listen on {port + 3}, "
                      "the next port that is free", again.log)

    def test_two_runs_of_one_config(self):
        port = free_port()
        service = self.plain_service("127.0.0.1:9", accept=port)
        first = self.tunnel(ssh=service)
        second = self.start_tunnel(tables={"log": {}}, ssh=service)
        self.assertEqual(second.wait(), 1)
        self.assertIn(str(port), second.log)
        self.assertIn(str(first.pid), second.log)
        self.assertTrue(first.running())


main()
