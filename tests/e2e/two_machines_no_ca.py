# Two machines without a CA: one keygen each and one pasted line each way; a third key is refused in both directions.
# ctest: portable
import re

from harness import Identity, Scenario, main
from harness.refusal import SECRET

PIN = re.compile(r"sha256:[A-Za-z0-9+/]{43}=")


class TwoMachinesNoCa(Scenario):
    def machine(self, name):
        """Runs `tunnel keygen` on a machine; returns its identity with the pin that it prints for the other one."""
        folder = self.folder / name
        folder.mkdir()
        done = self.run_tunnel("keygen", name, cwd=folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = dict(line.strip().split(" = ") for line in done.stdout.splitlines() if " = " in line)
        self.assertEqual(lines["pin"], lines["client_pin"])
        self.assertEqual(lines["cert"], f'"{name}.pem"')
        identity = Identity(folder / f"{name}.pem", folder / f"{name}.key")
        identity.pin = lines["pin"].strip('"')
        return identity

    def relay(self, own, client_pin, **keys):
        return self.tunnel(relay=self.server_service(self.device().address, own, client_pin=client_pin, **keys))

    def viewer(self, relay, own, pin, **keys):
        return self.tunnel(vnc=dict(client=True, accept=0, connect=f"127.0.0.1:{relay.port()}", cert=own.cert,
                                    key=own.key, pin=pin, **keys))

    def test_real_bytes_both_ways_and_no_third_key(self):
        laptop, box, third = (self.machine(name) for name in ("laptop", "box", "third"))
        for version in ("1.2", "1.3"):
            with self.subTest(version):
                relay = self.relay(box, laptop.pin, max_version=version)
                viewer = self.viewer(relay, laptop, box.pin)
                self.assert_echoes_stream(viewer.port())
                opened = relay.wait_event("open")
                self.assertEqual((opened["client"], opened["tls"]), ("laptop", f"TLS {version}"))
                self.assertIn('client "laptop"', opened["message"])

                # a man in the middle with his own key
                impostor = self.relay(third, laptop.pin, max_version=version)
                fooled = self.viewer(impostor, laptop, box.pin)
                self.assert_client_is_reset(fooled.port(), SECRET)
                message = fooled.wait_event("failed")["message"]
                self.assertIn("is not the pinned one", message)
                self.assertEqual(set(PIN.findall(message)), {third.pin})
                self.assertEqual(impostor.events("open"), [])

                # another client
                stranger = self.viewer(relay, third, box.pin)
                self.assert_client_is_reset(stranger.port(), SECRET)
                message = relay.wait_event("failed")["message"]
                self.assertIn('"third"', message)
                self.assertIn(f'add client_pin = "{third.pin}"', message)
                said = " ".join(event["message"] for event in stranger.wait_for(
                    lambda: stranger.events("failed") or stranger.events("close"), "the refusal is told"))
                self.assertRegex(said, "access denied")
                relay.wait_event("open")
                self.assertEqual(len(relay.events("open")), 1)


main()
