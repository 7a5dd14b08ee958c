# The tunnel starts without a name server, waits for a slow one, and follows a name that moves to another address.
from harness import Scenario, main
from harness import namespace
from harness.dns import NameServer
from harness.net import free_port, in_threads, receive_exactly

OWN_NETWORK = namespace.enter()
if OWN_NETWORK:
    namespace.own_etc(resolv_conf="nameserver 127.0.0.1\noptions timeout:5 attempts:2\n",
                      nsswitch_conf="hosts: files dns\n")


class Names(Scenario):
    def server(self, names, **options):
        server = NameServer(names, **options)
        self.addCleanup(server.close)
        return server

    def client(self, target, **keys):
        return self.tunnel(plain=self.plain_service(target, **keys))

    def test_a_start_without_a_name_server(self):
        port = free_port()
        tunnel = self.client(f"device.invalid:{port}", connect_timeout="20s")
        self.assert_client_is_reset(tunnel.port())
        self.assertRegex(tunnel.wait_event("failed", connection=1)["message"],
                         r"the name device\.invalid (cannot be|is not) resolved")
        if not OWN_NETWORK:
            return
        device = self.device(port=port)
        server = self.server({"device.invalid": ["127.0.0.1"]})
        self.assert_echoes_stream(tunnel.port(), 300_000)
        self.assertEqual(tunnel.wait_event("open")["upstream_address"], device.address)
        # lookups fail again, in each possible way
        count = 2  # connections so far
        for names, why in ((None, "there is no such name"), ("broken", "the name server does not answer"),
                           ([], "there is no such name")):
            server.names["device.invalid"] = names
            self.assert_client_is_reset(tunnel.port())
            count += 1
            self.assertIn(f"({why})", tunnel.wait_event("failed", connection=count)["message"])
        server.names["device.invalid"] = ["127.0.0.1"]
        self.assert_echoes_stream(tunnel.port(), 1000)

    def test_many_clients_wait_for_a_slow_name_server(self):
        if not OWN_NETWORK:
            return self.assert_echoes_stream(self.client(self.device().address).port(), 1000)
        device = self.device()
        server = self.server({"device.test": ["127.0.0.1"]}, delay=0.8)
        tunnel = self.client(f"device.test:{device.port}", connect_timeout="10s")
        errors = []

        def carry(seed):
            try:
                self.assert_echoes_stream(tunnel.port(), 50_000, seed)
            except Exception as error:
                errors.append(error)

        in_threads(carry, range(60))
        self.assertEqual((errors, tunnel.events("failed")), ([], []))
        self.assertGreater(len(server.queries), 1)

    def test_one_that_answers_too_late_is_said_so(self):
        if not OWN_NETWORK:
            return
        self.server({"device.test": ["127.0.0.1"]}, delay=1.5)
        tunnel = self.client("device.test:1", connect_timeout="500ms")
        self.assert_client_is_reset(tunnel.port())
        self.assertIn("the name device.test is not resolved within 500 ms",
                      tunnel.wait_event("failed", connection=1)["message"])

    def test_a_name_that_moves(self):
        if not OWN_NETWORK:
            return
        port = free_port()
        where = {"127.0.0.1": None, "127.0.0.2": None, "::1": None}
        for address in where:
            where[address] = self.device(lambda sock, address=address: sock.sendall(address.encode().ljust(9)),
                                         host=address, port=port)
        server = self.server({})
        tunnel = self.client(f"device.test:{port}")
        for address in ("127.0.0.1", "127.0.0.2", "::1", "127.0.0.1"):
            server.names["device.test"] = [address]
            self.assertEqual(receive_exactly(self.connect(tunnel.port()), 9).decode().strip(), address)

    def test_addresses_of_both_families_by_turns(self):
        """One family doesn't answer and the other does: the connection opens without a long delay."""
        if not OWN_NETWORK:
            return
        namespace.run("ip", "-6", "address", "add", "2001:db8::1/128", "dev", "lo", "nodad")
        device = self.device(host="2001:db8::1")
        namespace.run("ip", "route", "add", "192.0.2.0/24", "dev", "lo")  # no host has these addresses
        self.server({"device.test": ["192.0.2.1", "192.0.2.2", "2001:db8::1"]})
        tunnel = self.client(f"device.test:{device.port}", connect_timeout="30s")
        self.assert_echoes_stream(tunnel.port(), 100_000)
        self.assertEqual(tunnel.wait_event("open")["upstream_address"], device.address)


main()
