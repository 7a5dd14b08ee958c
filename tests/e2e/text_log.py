# The text log describes services and connections in lower-case sentences, one per line.
# ctest: portable
from harness import Scenario, main

TEXT = {"log": {"format": "text"}}


class TextLog(Scenario):
    def test_the_life_of_a_connection(self):
        device = self.device()
        near, far = self.through_both(device.address, tables=TEXT)
        client = self.connect(near.port())
        self.assert_echoes(client, b"x" * 1000)
        client.close()

        port, relay = near.port(), far.port()
        near.wait_log(rf"^info +viewer: listening on 127\.0\.0\.1:{port} and \[::1\]:{port}, "
                      rf"tunnels to localhost:{relay} over verified TLS$")
        near.wait_log(rf"^info +viewer#1: open from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:{relay}, "
                      r"TLS 1\.3, AES-256-GCM, .*\d+ ms$")
        near.wait_log(r"^info +viewer#1: closed by the client after .*, 1\.0 kB up, 1\.0 kB down$")
        far.wait_log(r"^info +relay#1: open from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, TLS 1\.3, AES-256-GCM, ")

    def test_a_plain_relay_and_a_refusal(self):
        upstream = f"127.0.0.1:{self.switched_off()}"
        tunnel = self.tunnel(ssh=self.plain_service(upstream), tables=TEXT)
        self.assert_client_is_reset(tunnel.port())
        tunnel.wait_log(r"^error +ssh#1: .*refuses the connection")


main()
