# Two hundred connections are in the middle of a transfer when SIGTERM arrives: every transfer completes.
# ctest: soak=600
import hashlib
import signal
import threading

from harness import SANITIZED, SOAK, Scenario, connect, main
from harness.net import half_close, receive_hash, stream

CLIENTS = 40 if SANITIZED else 200
SIZE = (16 if SOAK else 1) << 20  # sent by each client after the signal


class DrainOfMany(Scenario):
    def test_all_of_them_finish(self):
        near, far = self.through_both(self.device().address, tables={"log": {"format": "json", "level": "info"},
                                                                     "process": {"drain_timeout": "10m"}})
        draining, ended = threading.Event(), []

        def transfer(number):
            with connect(near.port()) as sock:
                digest, size = hashlib.sha256(), 0

                def send(part):
                    nonlocal size
                    sock.sendall(part)
                    digest.update(part)
                    size += len(part)

                def send_all():
                    block = b"%6d," % number * 300
                    while not draining.wait(0.02):
                        send(block)
                    for part in stream(number, SIZE):
                        send(part)
                    half_close(sock)

                sender = threading.Thread(target=send_all)
                sender.start()
                received = receive_hash(sock)
                sender.join()
                ended.append(received == (size, digest.hexdigest()))

        threads = [threading.Thread(target=transfer, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for tunnel in (near, far):
            tunnel.wait_for(lambda: len(tunnel.events("open")) == CLIENTS, "all are open")
        for tunnel in (near, far):
            tunnel.send_signal(signal.SIGTERM)
            self.assertEqual(tunnel.wait_event("draining")["active"], CLIENTS)
        draining.set()
        for thread in threads:
            thread.join()
        self.assertEqual(ended, [True] * CLIENTS)
        for tunnel in (near, far):
            self.assertEqual(tunnel.wait(), 0)
            self.assertEqual(tunnel.events("stopped")[0]["message"],
                             f"stopped: {CLIENTS} of {CLIENTS} connections finished, 0 reset")


main()
