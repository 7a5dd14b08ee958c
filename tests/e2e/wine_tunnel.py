# tunnel.exe works under Wine in both modes: TLS 1.3, a bulk transfer verified by hash, and half-close.
# ctest: timeout=300
# ctest: label=wine
# ctest: run_serial
# ctest: one_record_path
from harness import Authority, Scenario, connect, echo, half_close, main, tls_connect
from harness.net import late_answer
from harness.programs import WINDOWS

SIZE = 8 << 20


class WineTunnel(Scenario):
    def test_bulk_through_both_tunnels(self):
        near, far = self.through_both(self.device().address)
        self.assert_echoes_stream(near.port(), SIZE)
        for tunnel in (near, far):
            opened = tunnel.wait_event("open")
            self.assertEqual((opened["tls"], opened["suite"]), ("TLS 1.3", "TLS_AES_256_GCM_SHA384"))
            closed = tunnel.wait_event("close")
            self.assertEqual((closed["up"], closed["down"]), (SIZE, SIZE))

    def test_half_close_in_both_modes(self):
        device = self.device(late_answer(2))
        near, far = self.through_both(device.address)
        clients = {"both": lambda: connect(near.port()),
                   "server mode": lambda: tls_connect(far.port(), self.authority.ca)}
        for name, client in clients.items():
            with self.subTest(name), client() as sock:
                sock.sendall(b"question")
                half_close(sock)
                self.assert_ends(sock, after=b"answer to question")

    def test_a_command_with_a_tunnel_of_its_own(self):
        relay = self.tls_device(echo, self.authority.issue("localhost"))
        offer = f'{{"hostname": "localhost", "port": {relay.port}, "tlsRequired": true}}'
        shell = ("cmd", "/c") if WINDOWS else ("sh", "-c")
        for words, status, said in (((*shell, "echo {port}& exit 7" if WINDOWS else "echo {port}; exit 7"), 7, r"\d+\s*"),
                                    (("no-such-command",), 127, "")):
            done = self.run_tunnel("run", "-", "--ca", self.authority.ca.name, "--", *words, input=offer)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertRegex(done.stdout, f"^{said}$")

    def test_an_untrusted_relay_is_refused(self):
        stranger = Authority(self.folder, "Stranger").issue("localhost")
        heard = []
        relay = self.tls_device(lambda peer: heard.append(peer.recv()), stranger)
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}"))
        self.assert_client_is_reset(tunnel.port())
        tunnel.wait_event("failed")
        self.assertEqual(heard, [])


main()
