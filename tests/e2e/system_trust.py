# Without ca the system's trust store is used; SSL_CERT_FILE replaces it, as it does for OpenSSL.
from harness import Scenario, main
from harness.refusal import assert_refused


class SystemTrust(Scenario):
    def tunnel_to_relay(self, env, **keys):
        relay = self.tls_device(lambda peer: peer.sendall(peer.recv()), self.authority.issue("localhost"))
        return self.tunnel(vnc=dict(client=True, accept=0, connect=f"localhost:{relay.port}", **keys), env=env)

    def test_ssl_cert_file(self):
        tunnel = self.tunnel_to_relay({"SSL_CERT_FILE": str(self.authority.ca)})
        self.assert_echoes(self.connect(tunnel.port()), b"hello")

    def test_ca_system_may_be_said(self):
        tunnel = self.tunnel_to_relay({"SSL_CERT_FILE": str(self.authority.ca)}, ca="system")
        self.assert_echoes(self.connect(tunnel.port()), b"hello")

    def test_a_ca_of_ones_own_is_not_in_the_system_store(self):
        assert_refused(self, self.authority.issue("localhost"), r"trust|issuer|authority|\bca\b", ca="system")


main()
