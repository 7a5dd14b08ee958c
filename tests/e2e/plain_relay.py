# tls = false relays bytes, half-closes and resets unchanged, and the log says that nothing is encrypted.
# ctest: one_record_path portable
from harness import Scenario, echo, half_close, how_it_ends, main, receive_all, receive_exactly, reset
from harness.net import late_answer


class PlainRelay(Scenario):
    def relay(self, handler):
        self.backend = self.device(handler)
        return self.tunnel(ssh=self.plain_service(self.backend.address, accept=["127.0.0.1:0"], close_timeout="1s"))

    def test_bulk(self):
        self.assert_echoes_stream(self.relay(echo).port(), 32 << 20)

    def test_half_close_with_a_late_answer(self):
        client = self.connect(self.relay(late_answer(3)).port())
        client.sendall(b"question")
        half_close(client)
        self.assert_ends(client, after=b"answer to question")

    def test_resets_both_ways(self):
        client = self.connect(self.relay(how_it_ends).port())
        self.assertEqual(receive_exactly(client, 5), b"hello")
        reset(client)
        self.assertEqual(self.backend.result(), "reset")

        client = self.connect(self.relay(lambda sock: (receive_exactly(sock, 5), reset(sock))).port())
        client.sendall(b"hello")
        self.assert_reset(client)

    def test_it_does_not_speak_of_tls(self):
        tunnel = self.relay(receive_all)
        self.assertNotIn("over verified TLS", tunnel.wait_event("listening")["message"])
        self.connect(tunnel.port())
        self.assertNotIn("tls", tunnel.wait_event("open"))


main()
