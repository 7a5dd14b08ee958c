# Keys are updated every 100 records during a gigabyte, and no byte is lost: between two tunnels and with stunnel.
# ctest: timeout=600
# ctest: one_record_path
import hashlib
import threading

from harness import SANITIZED, Scenario, hash_of_stream, main
from harness.net import MIB, exchange_streams, half_close, receive_exactly, receive_hash, stream
from harness.third_party import start_stunnel

SIZE = (256 if SANITIZED else 1024) * MIB
OFTEN = {"TUNNEL_TEST_REKEY_AFTER": "100"}


class RekeysOften(Scenario):
    def both_ways(self, port, device, size):
        """`size` bytes each way at once through `port`, where `device` does the same."""
        received = exchange_streams(self.connect(port), "up", size)
        self.assertEqual(received, (size, hash_of_stream("down", size)))
        self.assertEqual(device.result(), (size, hash_of_stream("up", size)))

    def both_ways_by_stunnel(self, port, device, size):
        """The same, but nothing ends before the client has received everything: stunnel drops what it has not read yet
        once both directions of its plain socket have ended."""
        sock = self.connect(port)

        def send():
            for part in stream("up", size):
                sock.sendall(part)
        sender = threading.Thread(target=send)
        sender.start()
        received = receive_exactly(sock, size)
        sender.join()
        half_close(sock)
        self.assertEqual(sock.recv(1), b"")
        self.assertEqual(hashlib.sha256(received).hexdigest(), hash_of_stream("down", size))
        self.assertEqual(device.result(), (size, hash_of_stream("up", size)))

    def streamer(self, size):
        """A device that sends and receives at once, and half-closes after it has received everything."""
        def send(sock):
            for part in stream("down", size):
                sock.sendall(part)

        def talk_and_listen(sock):
            sender = threading.Thread(target=send, args=(sock,))
            sender.start()
            received = receive_hash(sock)
            sender.join()
            half_close(sock)
            return received
        return self.device(talk_and_listen)

    def often(self, **services):
        return self.start_tunnel(env=OFTEN, **services).listening()

    def relay(self, device):
        return self.often(relay=self.server_service(device.address))

    def client(self, port):
        return self.often(viewer=self.client_service(f"localhost:{port}"))

    def test_between_two_tunnels(self):
        device = self.streamer(SIZE // 2)
        near = self.client(self.relay(device).port())
        self.both_ways(near.port(), device, SIZE // 2)
        self.assertTrue(near.wait_event("close"))

    def test_client_mode_to_openssl(self):
        device = self.streamer(SIZE // 8)
        near = self.client(start_stunnel(self, "1.3", device.address, identity=self.authority.issue("localhost")))
        self.both_ways_by_stunnel(near.port(), device, SIZE // 8)

    def test_openssl_to_server_mode(self):
        device = self.streamer(SIZE // 8)
        far = self.relay(device)
        port = start_stunnel(self, "1.3", f"127.0.0.1:{far.port()}", client=True, ca=self.authority.ca)
        self.both_ways_by_stunnel(port, device, SIZE // 8)


main()
