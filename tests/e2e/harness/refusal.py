"""A relay that must not be trusted: it learns nothing, the client gets a reset, and the log says why."""
SECRET = b"password=hunter2\n"
BAIT = b"RFB 003.008\n"


def assert_refused(scenario, identity, reason, versions=("1.2", "1.3"), host="localhost", **keys):
    """A client-mode tunnel refuses a relay with `identity`: no byte passes either way, and the log matches `reason`."""
    for version in versions:
        with scenario.subTest(version):
            recorded = []

            def fake_relay(peer):
                peer.sendall(BAIT)
                while part := peer.recv():
                    recorded.append(part)

            relay = scenario.tls_device(fake_relay, identity, version=version)
            tunnel = scenario.tunnel(vnc=scenario.client_service(f"{host}:{relay.port}", **keys))
            scenario.assert_client_is_reset(tunnel.port(), send=SECRET)

            failed = tunnel.wait_event("failed", service="vnc", connection=1)
            scenario.assertRegex(failed["message"], reason)
            scenario.assertEqual(failed["level"], "error")
            scenario.assertEqual(tunnel.events("open"), [])
            with scenario.assertRaises(Exception, msg="the relay must see the handshake fail or the stream break"):
                relay.result()
            scenario.assertEqual(recorded, [], "no application byte reaches the relay")
