# SNI carries the verified name, never an address; an address is verified against the certificate's addresses.
# ctest: portable
from harness import Scenario, main, parse_client_hello


class ServerNameIndication(Scenario):
    def hello(self, host, **keys):
        """The ClientHello of a tunnel to `host`."""
        relay = self.device(parse_client_hello, host="::1" if "::1" in host else "127.0.0.1")
        tunnel = self.tunnel(vnc=self.client_service(f"{host}:{relay.port}", **keys))
        try:
            self.connect(tunnel.port())
        except ConnectionResetError:  # the relay may finish before the client has connected
            pass
        return relay.result()

    def test_a_name_is_sent(self):
        self.assertEqual(self.hello("localhost")["server_name"], "localhost")
        self.assertEqual(self.hello("127.0.0.1", server_name="relay.example")["server_name"], "relay.example")

    def test_an_address_is_not_sent(self):
        for host, keys in (("127.0.0.1", {}), ("[::1]", {}), ("localhost", {"server_name": "192.0.2.7"})):
            with self.subTest(host, **keys):
                self.assertIsNone(self.hello(host, **keys)["server_name"])

    def test_an_address_is_verified_against_the_certificates_addresses(self):
        for address, host in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")):
            with self.subTest(address):
                relay = self.tls_device(lambda peer: peer.sendall(peer.recv()),
                                        self.authority.issue("relay.example", address), host=address)
                tunnel = self.tunnel(vnc=self.client_service(f"{host}:{relay.port}"))
                self.assert_echoes(self.connect(tunnel.port()), b"hello")


main()
