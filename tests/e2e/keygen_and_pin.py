# `tunnel keygen` writes complete key pairs and overwrites nothing; `tunnel pin` shows the pin of a server or a file.
# ctest: one_record_path portable
import os
import re
import stat

from harness import Scenario, main, peers, self_signed
from harness.pki import pin_of_file
from harness.third_party import OPENSSL_VERSIONS, start_s_server


class KeygenAndPin(Scenario):
    def outcome_of(self, *words, **options):
        done = self.run_tunnel(*words, **options)
        return done.returncode, done.stdout, done.stderr

    def openssl(self, *words):
        return peers.run("openssl", *words, cwd=self.folder, check=True).stdout

    def test_a_pair(self):
        for name, stem, san in (("relay.example", "relay.example", "DNS:relay.example"),
                                ("192.0.2.7", "192.0.2.7", "IP Address:192.0.2.7"),
                                ("2001:db8::7", "2001-db8--7", "IP Address:2001:DB8:0:0:0:0:0:7")):
            with self.subTest(name):
                status, said, errors = self.outcome_of("keygen", name, "--days", 30)
                self.assertEqual((status, errors), (0, ""))
                key, cert = self.folder / f"{stem}.key", self.folder / f"{stem}.pem"
                self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
                pin = pin_of_file(cert)
                self.assertIn(f'    pin = "{pin}"\n', said)
                self.assertIn(f'    client_pin = "{pin}"\n', said)
                text = self.openssl("x509", "-in", cert, "-noout", "-text")
                for part in ("Version: 3", "ecdsa-with-SHA256", "prime256v1", san, "CA:FALSE", "Digital Signature",
                             "TLS Web Server Authentication, TLS Web Client Authentication"):
                    self.assertIn(part, text)
                self.openssl("verify", "-x509_strict", "-CAfile", cert, "-purpose", "sslserver", cert)
                self.openssl("x509", "-in", cert, "-noout", "-checkend", str(28 * 86400))
                self.assertEqual(self.openssl("pkey", "-in", key, "-pubout"),
                                 self.openssl("x509", "-in", cert, "-noout", "-pubkey"))

    def test_nothing_is_overwritten_and_no_half_is_left(self):
        for there in ("a.key", "a.pem"):
            with self.subTest(there):
                (self.folder / there).write_text("mine")
                status, _, errors = self.outcome_of("keygen", "a")
                self.assertEqual(status, 1)
                self.assertRegex(errors, rf"\Atunnel keygen: {there} is there already\n    a key that is in use ")
                self.assertEqual({path.name for path in self.folder.iterdir()}, {there})
                self.assertEqual((self.folder / there).read_text(), "mine")
                (self.folder / there).unlink()
        (self.folder / "a.pem").symlink_to("nowhere")  # O_EXCL follows no link, dangling or not
        self.assertEqual(self.outcome_of("keygen", "a")[0], 1)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"a.pem"})

    def test_names_that_are_none(self):
        for name in ("a/b", "../a", "", "a b", "*.example", "a:1", "-", "a\n", "[::1]", "fe80::1%eth0"):
            with self.subTest(name):
                before = set(self.folder.iterdir())
                status, said, errors = self.outcome_of("keygen", "--", name)
                self.assertEqual((status, said), (2, ""), errors)
                self.assertEqual(set(self.folder.iterdir()), before)

    def test_where_nothing_can_be_written(self):
        if os.geteuid() != 0:
            sealed = self.folder / "sealed"
            sealed.mkdir(mode=0o500)
            self.assertEqual(self.outcome_of("keygen", "a", cwd=sealed)[0], 1)
        gone = self.folder / "gone"
        gone.mkdir()
        status, _, errors = self.outcome_of("keygen", "a", cwd=gone, preexec_fn=lambda: os.rmdir(gone))
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"a\.key cannot be created: ")

    def test_pin_of_a_server_is_what_a_tunnel_then_trusts(self):
        identity = self_signed(self.folder, "nobody.example", "192.0.2.7")
        pin = pin_of_file(identity.cert)
        for version in ("1.2", "1.3"):
            with self.subTest(version):
                port = start_s_server(self, identity, OPENSSL_VERSIONS[version])
                status, said, errors = self.outcome_of("pin", f"localhost:{port}")
                self.assertEqual((status, errors), (0, ""))
                self.assertRegex(said, rf"\Alocalhost:{port} \(127\.0\.0\.1:{port}, TLS {version}\) presents\n")
                for part in (f"    pin      {pin}\n", "    names    nobody.example, 192.0.2.7\n",
                             "    subject  CN=nobody.example\n", "    issuer   itself\n", "    key      EC P-256\n",
                             f'    connect = "localhost:{port}"\n    pin = "{pin}"\n',
                             "this is what the network shows just now", "tunnel pin FILE.pem"):
                    self.assertIn(part, said)
                tunnel = self.tunnel(vnc=dict(client=True, accept=0, connect=f"localhost:{port}", pin=pin))
                sock = self.connect(tunnel.port())
                sock.sendall(b"ab\n")
                self.assertEqual(sock.recv(64), b"ba\n")

    def test_pin_of_a_file(self):
        identity = self.authority.issue("relay.example", kind="rsa")
        status, said, _ = self.outcome_of("pin", identity.cert)
        self.assertEqual(status, 0)
        self.assertIn(f'    pin = "{pin_of_file(identity.cert)}"\n', said)
        self.assertIn("    issuer   CN=Test Root\n    valid ", said)
        self.assertIn("    key      RSA 2048 bits\n", said)
        status, said, errors = self.outcome_of("pin", identity.key)
        self.assertEqual((status, said), (1, ""))
        self.assertIn("holds a private key, not a certificate", errors)

    def test_the_name_that_is_asked_for(self):
        port = start_s_server(self, self_signed(self.folder, "first.example"), "-servername", "second.example",
                              "-cert2", (second := self_signed(self.folder, "second.example")).cert,
                              "-key2", second.key)
        status, said, _ = self.outcome_of("pin", f"127.0.0.1:{port}", "--server-name", "second.example")
        self.assertEqual(status, 0)
        self.assertIn(pin_of_file(second.cert), said)
        self.assertIn('    server_name = "second.example"\n', said)

    def test_failures(self):
        silent = self.device(lambda sock: sock.recv(1000) and sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"))
        cases = ((["pin", f"localhost:{self.switched_off()}"], 1, r"refuses the connection"),
                 (["pin", silent.address], 1, r'answered "SSH-2.0-OpenSSH_9.2" where TLS was expected'),
                 (["pin", "localhost"], 2, r"has no port, and there is no such file\n    tunnel pin localhost:443"),
                 (["pin", "localhost:1", "--connect-timeout", "10"], 2, r"--connect-timeout: "),
                 (["pin"], 2, r"HOST:PORT\|FILE is required"))
        for words, wanted, reason in cases:
            with self.subTest(words):
                status, said, errors = self.outcome_of(*words)
                self.assertEqual((status, said), (wanted, ""), errors)
                self.assertRegex(errors, reason)

    def test_a_name_from_afar_is_escaped(self):
        identity = self.authority.issue("relay.example", common_name="x\x1b[31m")
        port = start_s_server(self, identity)
        status, said, _ = self.outcome_of("pin", f"localhost:{port}")
        self.assertEqual(status, 0)
        self.assertNotIn("\x1b", said)
        self.assertTrue(re.search(r"subject  CN=x", said), said)


main()
