# `tunnel check` knows which servers speak first: silence, another protocol or a refusal there is a failure.
# ctest: cost=50 one_record_path
import time

from harness import Scenario, main, receive_all, self_signed
from harness.check import Checked, flatten, run_check, write_config
from harness.vnc import Desktop

BLACKLISTED = b"RFB 003.003\n" + bytes(4) + (26).to_bytes(4, "big") + b"Too many security failures"


class CheckBanners(Scenario):
    def check(self, handler, name="relay", **keys):
        """Checks a client of a relay to a device with that handler."""
        relay = self.tls_device(handler, self.authority.issue("localhost"))
        service = self.client_service(f"localhost:{relay.port}", **{"accept": 5100, **keys})
        return Checked(self, "--config", write_config(self, **{name: service}))

    def assert_fails(self, checked, verdict, advice=""):
        self.assertEqual((checked.status, checked.marks()[-1]), (1, ("greeting", "failed")), checked.text)
        self.assertRegex(checked.service()["verdict"], verdict)
        self.assertRegex(checked.service()["next"], advice)

    def test_a_silent_device_where_the_server_speaks_first(self):
        relay = self.tls_device(receive_all, self.authority.issue("localhost"))
        target = f"localhost:{relay.port}"
        services = {"vnc": {"accept": 5100}, "by-port": {"accept": 5999}, "pi-ssh": {"accept": 5101},
                    "other": {"accept": 2222}, "told": {"accept": 5102, "explain": "ssh"},
                    "web-of-vnc": {"accept": 5103}, "http": {"accept": 5998, "explain": "http"}}
        checked = Checked(self, "--config", write_config(self, **{
            name: self.client_service(target, **keys) for name, keys in services.items()}))
        for name, protocol in (("vnc", "VNC"), ("by-port", "VNC"), ("pi-ssh", "SSH"), ("other", "SSH"), ("told", "SSH")):
            with self.subTest(name):
                self.assertEqual(checked.marks(service=name)[-1], ("greeting", "failed"))
                self.assertEqual(checked.service(name)["verdict"], f"nothing came from {target} within 10 s, where a "
                                 f"{protocol} server speaks first")
                self.assertIn(f"is the device on, does it run its {protocol} server", checked.service(name)["next"])
                self.assertGreaterEqual(checked.step("greeting", service=name)["ms"], 9000)
        for name in ("web-of-vnc", "http"):
            self.assertIn("waits for its client to speak first", checked.service(name)["verdict"])

    def test_a_slow_device_is_waited_for(self):
        def late(peer):
            time.sleep(3)
            peer.sendall(b"RFB 003.008\n")
            receive_all(peer)

        for name in ("vnc", "relay"):
            checked = self.check(late, name)
            self.assertEqual(checked.status, 0, checked.text)
            self.assertRegex(checked.service()["verdict"], "^VNC answers at .* over verified TLS")

    def test_ssh_may_say_something_before_its_version(self):
        def in_parts(peer):
            peer.sendall(b"welcome\r\n")
            time.sleep(0.2)
            peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            receive_all(peer)

        checked = self.check(in_parts, "ssh")
        self.assertEqual(checked.status, 0, checked.text)

    def test_the_port_of_a_relay_means_nothing(self):
        """It is the one that was free."""
        relay = self.tls_device(receive_all, self.authority.issue("localhost"), port=2222)
        checked = Checked(self, "--config", write_config(
            self, relay=self.client_service(f"localhost:{relay.port}", accept=5100)))
        self.assertEqual(checked.status, 0, checked.text)

    def test_another_protocol_than_the_port_has(self):
        for banner, keys, verdict in (
                (b"SSH-2.0-OpenSSH_9.2\r\n", {"accept": 5900}, "SSH answers where VNC was expected"),
                (b"RFB 003.008\n", {"accept": 2222}, "VNC answers where SSH was expected"),
                (b"* OK IMAP4rev1\r\n", {"accept": 2525}, "IMAP answers where SMTP was expected"),
                (b"login: ", {"accept": 5900}, r'answered "login: ", which is not VNC')):
            with self.subTest(banner):
                self.assert_fails(self.check(lambda peer, banner=banner: peer.sendall(banner), **keys), verdict,
                                  "server's port")

    def test_a_banner_where_a_server_should_wait(self):
        checked = self.check(lambda peer: peer.sendall(b"SSH-2.0-dropbear\r\n"), accept=8080)
        self.assertEqual((checked.status, checked.marks()[-1]), (0, ("greeting", "warning")), checked.text)
        self.assertRegex(checked.service()["verdict"], "^SSH answers at .*; but port 8080 is customary for HTTP")
        self.assertIn("SSH-2.0-dropbear", checked.text)

    def test_a_refusal_is_shown_in_the_device_s_words(self):
        for words, keys, refusal in (
                (BLACKLISTED, {"accept": 5900}, "Too many security failures"),
                (BLACKLISTED, {}, "Too many security failures"),
                (b"Not allowed at this time\r\n", {"accept": 2222}, "Not allowed at this time"),
                (b"554 5.7.1 go away\r\n", {"accept": 2525}, "554 5.7.1 go away"),
                (b"* BYE overloaded\r\n", {}, r"\* BYE overloaded")):
            with self.subTest(words, **keys):
                self.assert_fails(self.check(lambda peer, words=words: peer.sendall(words), **keys),
                                  f'is reached, but refuses: "{refusal}"', ".")

    def test_a_desktop_that_counts_checks_as_failed_logins(self):
        desktop = Desktop(self)
        for _ in range(9):
            status, text, _ = run_check(self, f"127.0.0.1:{desktop.port}", "--no-tls")
            if status != 0:
                break
            self.assertIn("may count a check as a failed login", flatten(text))
        self.assertEqual(status, 1)
        self.assertIn('is reached, but refuses: "Too many security failures"', flatten(text))

    def test_what_speaks_as_it_should(self):
        for banner, keys, protocol in ((b"220 mail.example ESMTP\r\n", {"accept": 2525}, "SMTP"),
                                       (b"hello\r\nSSH-2.0-dropbear\r\n", {"accept": 2222}, "SSH")):
            checked = self.check(lambda peer, banner=banner: peer.sendall(banner), **keys)
            self.assertEqual((checked.status, checked.step("greeting")["protocol"]), (0, protocol), checked.text)

    def test_a_key_alone(self):
        """A pin or a remembered key decides; the name in the certificate doesn't count, if there is one at all."""
        identity = self_signed(self.folder, "nobody.example")
        relay = self.tls_device(lambda peer: peer.sendall(b"RFB 003.008\n"), identity)
        service = dict(client=True, accept=5999, connect=f"localhost:{relay.port}", verify="first-use")
        env = {"XDG_STATE_HOME": str(self.folder / "state"), "HOME": "/nonexistent"}
        config = write_config(self, vnc=service)
        checked = Checked(self, "--config", config, env=env)
        self.assertEqual((checked.status, checked.service()["status"]), (0, "warning"))
        self.assertIn("not verified yet", checked.service()["verdict"])
        self.assertEqual((checked.step("chain")["verified"], checked.step("chain")["first_use"]), (False, True))
        self.assertIn("tunnel pin", checked.service()["next"])
        pin = checked.step("chain")["certificates"][0]["pin"]
        known = self.folder / "state/tunnel/known_servers"
        self.assertFalse(known.exists() and known.read_text(), "a check remembers nothing")

        known.parent.mkdir(parents=True, exist_ok=True)
        for remembered, status in ((pin, 0), ("sha256:" + "A" * 43 + "=", 1)):
            known.write_text(f"localhost:{relay.port} {remembered}\n")
            known.chmod(0o600)
            checked = Checked(self, "--config", config, env=env)
            self.assertEqual(checked.status, status, checked.text)
            self.assertEqual(checked.step("name")["status"], "skipped")
            self.assertIn("only the key counts", checked.step("name")["problem"])
        self.assertEqual([step for step, mark in checked.marks() if mark == "failed"], ["chain"])

        del service["verify"]
        for pinned, status in ((pin, 0), ("sha256:" + "A" * 43 + "=", 1)):
            checked = Checked(self, "--config", write_config(self, vnc={**service, "pin": pinned}))
            self.assertEqual(checked.status, status, checked.text)
            self.assertIn("only the key counts", checked.step("name")["problem"])
        self.assertEqual([step for step, mark in checked.marks() if mark == "failed"], ["chain"])
        self.assertRegex(checked.service()["verdict"], "not the pinned one")


main()
