# `tunnel check` shows the chain and the names of a relay that it refuses, and exchanges no data with it.
# ctest: one_record_path
from harness import Authority, Scenario, main, self_signed
from harness.check import Checked, flatten, write_config
from harness.refusal import BAIT
from harness.third_party import start_s_server


class CheckCertificates(Scenario):
    def check(self, port, *, host="localhost", **keys):
        config = write_config(self, vnc=self.client_service(f"{host}:{port}", accept=5999, **keys))
        return Checked(self, "--config", config)

    def assert_refused(self, identity, failed, verdict, **keys):
        """The steps in `failed` fail, the others are shown, and no data passes."""
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                port = start_s_server(self, identity, version)
                checked = self.check(port, **keys)
                self.assertEqual(checked.status, 1)
                marks = dict(checked.marks())
                self.assertEqual((marks["handshake"], marks["greeting"]), ("skipped", "skipped"))
                self.assertEqual({step for step in ("chain", "name") if marks[step] == "failed"}, failed)
                self.assertRegex(flatten(checked.service()["verdict"]), verdict)
                self.assertNotEqual(checked.step("chain")["certificates"], [])
                self.assertIn("sha256:", checked.text)
        return checked

    def test_expired(self):
        checked = self.assert_refused(self.authority.issue("localhost", days=(-30, -2)), {"chain"}, r"expired on \d{4}-")
        self.assertRegex(flatten(checked.text), r"the clock here says \d{4}-")
        self.assertLess(checked.step("chain")["certificates"][0]["days_left"], 0)

    def test_not_valid_yet(self):
        checked = self.assert_refused(self.authority.issue("localhost", days=(2, 30)), {"chain"}, "valid only from")
        self.assertRegex(flatten(checked.text), r"the clock here says \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")

    def test_unknown_issuer(self):
        other = Authority(self.folder, "Somebody Else")
        self.assert_refused(other.issue("localhost"), {"chain"}, "Somebody Else")

    def test_self_signed(self):
        checked = self.assert_refused(self_signed(self.folder, "localhost"), {"chain"}, "self-signed")
        self.assertIn("self-signed", checked.text)

    def test_another_name(self):
        checked = self.assert_refused(self.authority.issue("relay.example", "*.napter.example"), {"name"},
                                      r"relay\.example.*not for localhost")
        self.assertEqual(checked.step("name")["names"], ["relay.example", "*.napter.example"])
        self.assertEqual(checked.step("name")["expected"], "localhost")

    def test_both_are_told(self):
        other = Authority(self.folder, "Somebody Else")
        self.assert_refused(other.issue("relay.example"), {"chain", "name"}, "Somebody Else")

    def test_a_bare_address_is_told_the_name_and_the_line(self):
        named = self.assert_refused(self.authority.issue("relay.example"), {"name"}, r"relay\.example.*not for 127\.0",
                                    host="127.0.0.1")
        port = named.target()["target"].rsplit(":", 1)[1]
        self.assertIn(f'connect = "relay.example:{port}"', named.service()["next"])
        dashes = self.assert_refused(self.authority.issue("*.napter.example"), {"name"}, "napter", host="127.0.0.1")
        port = dashes.target()["target"].rsplit(":", 1)[1]
        self.assertIn(f'connect = "127-0-0-1.napter.example:{port}"', flatten(dashes.service()["next"]))

    def test_nothing_goes_across(self):
        recorded = []

        def fake_relay(peer):
            peer.sendall(BAIT)
            while part := peer.recv():
                recorded.append(part)

        for version in ("1.2", "1.3"):
            relay = self.tls_device(fake_relay, self.authority.issue("relay.example"), version=version)
            checked = self.check(relay.port)
            self.assertNotIn("RFB", checked.text)
            self.assertEqual(checked.step("greeting")["greeting"], "")
            for _ in range(2):
                with self.assertRaises(Exception, msg="the relay sees the handshake fail"):
                    relay.result()
        self.assertEqual(recorded, [])

    def test_soon_to_end_is_a_warning_with_the_date(self):
        relay = self.tls_device(lambda peer: peer.sendall(BAIT), self.authority.issue("localhost", days=(-1, 12.5)))
        checked = self.check(relay.port)
        self.assertEqual((checked.status, checked.service()["status"]), (0, "warning"))
        self.assertRegex(checked.service()["verdict"], r"VNC answers .*; but the certificate \"CN=localhost\" ends on "
                                                       r"\d{4}-\d\d-\d\d, in 12 days")

    def test_an_unverified_relay_is_called_so(self):
        relay = self.tls_device(lambda peer: peer.sendall(BAIT), self_signed(self.folder, "relay.example"))
        config = write_config(self, vnc=dict(client=True, accept=5999, connect=f"localhost:{relay.port}",
                                             verify="none"))
        checked = Checked(self, "--config", config)
        self.assertEqual((checked.status, checked.service()["status"]), (0, "warning"))
        self.assertIn("unverified", checked.service()["verdict"])
        self.assertEqual(checked.step("chain")["certificates"][0]["names"], ["relay.example"])
        self.assertFalse(checked.step("chain")["verified"])

    def test_a_relay_that_wants_a_certificate_of_ours(self):
        for version in ("-tls1_2", "-tls1_3"):
            checked = self.check(start_s_server(self, self.authority.issue("localhost"), version, "-Verify", "1"))
            self.assertEqual(checked.status, 1)
            refused = {"-tls1_2": "handshake", "-tls1_3": "greeting"}[version]
            self.assertEqual([step for step, mark in checked.marks() if mark == "failed"], [refused])
            if version == "-tls1_3":  # the refusal comes after the handshake, in place of a greeting
                self.assertIn("set cert and key", checked.service()["next"])


main()
