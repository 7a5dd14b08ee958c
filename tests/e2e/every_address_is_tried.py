# Each connection resolves the name again and tries all its addresses, IPv4 and IPv6.
import socket

from harness import Device, Scenario, echo, free_port, main
from harness.names import own_hosts


class EveryAddressIsTried(Scenario):
    def check(self, tunnel, connection, port, host):
        """The tunnel reaches a device that listens only at this address of its name."""
        device = Device(echo, host=host, port=port)
        self.assert_echoes(self.connect(tunnel.port()), b"hello")
        self.assertEqual(tunnel.wait_event("open", connection=connection)["upstream_address"], device.address)
        device.close()

    def test_a_name_that_moves(self):
        hosts, port = self.folder / "hosts", free_port()
        hosts.write_text("")
        before = own_hosts(hosts)
        if not before:
            self.not_tried("no mount namespace here: the name is localhost, which cannot be moved")
            return self.check_localhost(port)
        tunnel = self.tunnel(plain=self.plain_service(f"device.test:{port}"), before=before)
        moves = (("127.0.0.1", "127.0.0.1"), ("::1", "::1"),             # it moves to another address
                 ("127.0.0.1 ::1", "::1"), ("127.0.0.1 ::1", "127.0.0.1"))  # it has two addresses and listens at one
        for connection, (addresses, host) in enumerate(moves, 1):
            hosts.write_text("".join(f"{address} device.test\n" for address in addresses.split()))
            self.check(tunnel, connection, port, host)

    def check_localhost(self, port):
        tunnel = self.tunnel(plain=self.plain_service(f"localhost:{port}"))
        hosts = sorted({info[4][0] for info in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)})
        for connection, host in enumerate(hosts, 1):
            self.check(tunnel, connection, port, host)

    def test_a_plaintext_side_listens_on_both_loopback_addresses(self):
        device = self.device()
        near, _ = self.through_both(device.address)
        self.assertEqual(sorted(near.addresses("viewer")), [f"127.0.0.1:{near.port()}", f"[::1]:{near.port()}"])
        for host in ("127.0.0.1", "::1"):
            self.assert_echoes(self.connect(near.port(), host), host.encode())

    def test_a_tls_side_listens_everywhere(self):
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address, accept=0))
        self.assertEqual(sorted(tunnel.addresses("relay")), [f"0.0.0.0:{tunnel.port()}", f"[::]:{tunnel.port()}"])


main()
