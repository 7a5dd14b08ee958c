# One process runs fifty services of all three kinds, each with its own device.
from harness import Scenario, connect, main, receive_all, tls_connect
from harness.net import half_close

EACH = 17


def named(name):
    """A device that answers with its name."""
    def answer(sock):
        sock.sendall(name.encode() + b": " + receive_all(sock))
        half_close(sock)
    return answer


class ManyServices(Scenario):
    def test_each_leads_to_its_own_device(self):
        identity, services = self.authority.issue("localhost"), {}
        for number in range(EACH):
            client, server, plain = (f"{kind}-{number}" for kind in ("client", "server", "plain"))
            services[client] = self.client_service(f"localhost:{self.tls_device(named(client), identity).port}")
            services[server] = self.server_service(self.device(named(server)).address, identity)
            services[plain] = self.plain_service(self.device(named(plain)).address, accept=["127.0.0.1:0", "[::1]:0"])
        tunnel = self.tunnel(**services)
        for name in services:
            with self.subTest(name):
                port = tunnel.port(name)
                with (tls_connect(port, self.authority.ca) if "server" in name else connect(port)) as sock:
                    sock.sendall(b"who is it?")
                    half_close(sock)
                    self.assert_ends(sock, after=name.encode() + b": who is it?")
        self.assertEqual(len(tunnel.events("listening")), 3 * EACH)


main()
