# Handshakes that fail for reasons other than certificates are explained in the log; with real servers and clients.
# ctest: one_record_path portable
from harness import Scenario, main, parse_client_hello
from harness.third_party import s_client, start_s_server

OLD = ("-cipher", "DEFAULT@SECLEVEL=0")  # makes OpenSSL speak TLS 1.1
IN_COMMON = "turn on AEAD suites (AES-GCM, ChaCha20-Poly1305) with ECDHE over X25519, P-256 or P-384 there; this end speaks " \
            "no others"
WITHOUT = f"and this end have no suite, group or signature in common; {IN_COMMON}; or give this end a certificate of " \
          "another kind (P-256, or RSA of 2048 bits)"
WANTS = "it wants a client certificate: set cert and key"
FAULTY = "one of the two ends is faulty, or a device on the way changes what they say"

# s_server's options, the service's keys, the log message.
SERVERS = {
    "TLS 1.1 only": (["-tls1_1", *OLD], {},
                     "refused the handshake: protocol version not supported; it may speak TLS 1.1 or older only, and "
                     "must be renewed"),
    "TLS 1.2 only": (["-tls1_2"], dict(min_version="1.3"),
                     "refused the handshake: protocol version not supported; it may not speak TLS 1.3: remove "
                     "min_version, or renew it"),
    "TLS 1.3 only": (["-tls1_3"], dict(max_version="1.2"),
                     "refused the handshake: protocol version not supported; it may not speak TLS 1.2: remove "
                     "max_version"),
    "CBC only": (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], {},
                 f"refused the handshake: handshake failure; {IN_COMMON}"),
    "RSA key exchange only": (["-tls1_2", "-cipher", "AES256-GCM-SHA384"], {},
                              f"refused the handshake: handshake failure; {IN_COMMON}"),
    "CCM only": (["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"], {},
                 f"refused the handshake: handshake failure; {IN_COMMON}"),
    "P-521 only": (["-tls1_3", "-groups", "P-521"], {}, f"refused the handshake: handshake failure; {IN_COMMON}"),
    "a client certificate in TLS 1.2": (["-tls1_2", "-Verify", "1", "-verify_return_error"], {},
                                        f"refused the handshake: handshake failure; {WANTS}"),
    "another name": (["-servername", "other.example", "-servername_fatal"], {},
                     "refused the handshake: unrecognized name; it does not serve that name: set server_name"),
}

# A scripted server's answer to the ClientHello, the log message.
ANSWERS = {
    "TLS 1.0": (bytes.fromhex("160301002a" "02000026" "0301" + "11" * 32 + "00" "002f" "00"),
                "speaks TLS 1.0 at most, and this end TLS 1.2 and 1.3; the other end must be renewed"),
    "internal error": (bytes.fromhex("15030300020250"),
                       "refused the handshake: internal error there; its log may say why"),
    "access denied": (bytes.fromhex("15030300020231"),
                      "refused the handshake: access denied; it knows this end, and does not let it in"),
    "no message of TLS": (bytes.fromhex("160303000463000000"),
                          f"said what TLS does not allow: an unexpected message was received from our peer; "
                          f"{FAULTY}"),
}

# s_client's options, the service's keys, the log message.
CLIENTS = {
    "TLS 1.1 only": (["-tls1_1", *OLD], {},
                     "speaks TLS 1.1 at most, and this end TLS 1.2 and 1.3; the other end must be renewed"),
    "TLS 1.2 only": (["-tls1_2"], dict(min_version="1.3"),
                     "speaks TLS 1.2, and this end TLS 1.3 only; remove min_version, or renew the other end"),
    "no forward secrecy": (["-tls1_2", "-cipher", "AES256-GCM-SHA384"], {}, WITHOUT),
    "CBC only": (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], {}, WITHOUT),
    "CCM only": (["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"], {}, WITHOUT),
    "P-521 only": (["-tls1_3", "-groups", "P-521"], {}, WITHOUT),
    "another authority": (["-CAfile", "OTHER"], {},
                          "refused the handshake: unknown authority; name this certificate's issuer as trusted there"),
}


class HandshakeFailures(Scenario):
    def check_far_sides(self, table, ports):
        services = {f"s{number}": self.client_service(f"localhost:{port}", **table[name])
                    for number, (name, port) in enumerate(ports.items())}
        tunnel = self.tunnel(**services)
        for service, (name, port) in zip(services, ports.items()):
            self.assert_client_is_reset(tunnel.port(service))
            failed = tunnel.wait_event("failed", service=service)
            yield name, failed["message"].removeprefix(f"localhost:{port} ")

    def test_servers(self):
        identity = self.authority.issue("localhost")
        ports = {}
        for name, (options, _, _) in SERVERS.items():
            if "-servername" in options:
                options = [*options, "-cert2", identity.cert, "-key2", identity.key]
            ports[name] = start_s_server(self, identity, *options)
        for name, words in self.check_far_sides({name: keys for name, (_, keys, _) in SERVERS.items()}, ports):
            with self.subTest(name):
                self.assertEqual(words, SERVERS[name][2])

    def test_a_certificate_beyond_the_limit(self):
        """The message says whose limit it is, in both versions."""
        identity = self.authority.issue("localhost", *(f"h{number:05}.customer.example" for number in range(700)))
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                tunnel = self.tunnel(vnc=self.client_service(f"localhost:{start_s_server(self, identity, version)}"))
                self.assert_client_is_reset(tunnel.port())
                self.assertRegex(tunnel.wait_event("failed")["message"],
                                 "sent a handshake message of [0-9]+ bytes, which is larger than this end takes: at most "
                                 "16384; the limit is tunnel's own")

    def test_a_client_certificate_in_tls_1_3(self):
        """In TLS 1.3 the client learns of it only after its handshake."""
        port = start_s_server(self, self.authority.issue("localhost"), "-tls1_3", "-Verify", "1", "-verify_return_error")
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{port}"))
        self.assert_client_is_reset(tunnel.port())
        closed = tunnel.wait_event("close")
        self.assertEqual(closed["outcome"], f"localhost:{port} refused the connection: certificate required")
        self.assertEqual(closed["next"], WANTS)

    def test_scripted_answers(self):
        def answer(sock, bytes_):
            parse_client_hello(sock)
            sock.sendall(bytes_)
            sock.recv(65536)

        ports = {name: self.device(lambda sock, bytes_=bytes_: answer(sock, bytes_)).port
                 for name, (bytes_, _) in ANSWERS.items()}
        for name, words in self.check_far_sides(dict.fromkeys(ANSWERS, {}), ports):
            with self.subTest(name):
                self.assertEqual(words, ANSWERS[name][1])

    def test_clients(self):
        device, identity = self.device(), self.authority.issue("localhost")
        other = self.authority.issue("localhost").cert
        services = {f"s{number}": self.server_service(device.address, identity, **keys)
                    for number, (_, keys, _) in enumerate(CLIENTS.values())}
        tunnel = self.tunnel(**services)
        for service, (name, (options, _, words)) in zip(services, CLIENTS.items()):
            with self.subTest(name):
                ca = other if "OTHER" in options else self.authority.ca
                options = [option for option in options if option not in ("-CAfile", "OTHER")]
                status, output = s_client(tunnel.port(service), ca, *options)
                self.assertNotEqual(status, 0, output)
                failed = tunnel.wait_event("failed", service=service)
                self.assertEqual((failed["level"], failed["message"]), ("warn", f"127.0.0.1 {words}"))
        self.assertEqual(device.count, 0, "the device hears of nobody who did not finish the handshake")


main()
