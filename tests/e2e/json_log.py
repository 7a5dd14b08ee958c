# Every line of the JSON log is one object, and the events have the fields that programs need.
# ctest: portable
import json

from harness import Scenario, main


class JsonLog(Scenario):
    def test_the_life_of_a_connection(self):
        device = self.device()
        near, far = self.through_both(device.address)
        client = self.connect(near.port())
        self.assert_echoes(client, b"x" * 1000)
        peer = "%s:%d" % client.getsockname()
        client.close()
        for tunnel in (near, far):
            tunnel.wait_event("close")
            tunnel.stop()
            for line in tunnel.lines:
                record = json.loads(line)
                self.assertLessEqual({"time", "level", "message"}, set(record), record)

        listening = near.events("listening", service="viewer")[0]
        self.assertEqual(sorted(address.rsplit(":", 1)[0] for address in listening["listen"]), ["127.0.0.1", "[::1]"])
        opened = near.events("open", service="viewer", connection=1)[0]
        self.assertEqual(opened["peer"], peer)
        self.assertEqual((opened["tls"], opened["suite"]), ("TLS 1.3", "TLS_AES_256_GCM_SHA384"))
        self.assertEqual(opened["upstream"], f"localhost:{far.port()}")
        self.assertEqual(opened["upstream_address"], f"127.0.0.1:{far.port()}")
        self.assertGreaterEqual(opened["duration"], 0)
        for tunnel in (near, far):
            closed = tunnel.events("close", connection=1)[0]
            self.assertEqual((closed["up"], closed["down"]), (1000, 1000))
            self.assertGreater(closed["duration"], 0)
            self.assertIn("client", closed["outcome"])

    def test_a_failure(self):
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{self.switched_off()}"))
        self.assert_client_is_reset(tunnel.port())
        failed = tunnel.wait_event("failed")
        self.assertEqual((failed["level"], failed["service"], failed["connection"]), ("error", "vnc", 1))


main()
