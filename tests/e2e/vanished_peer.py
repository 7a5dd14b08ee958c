# A vanished peer is detected by keepalive on an idle connection, and by missing acknowledgements while data is in
# flight; without keepalive it is not detected.
import threading

from harness import Reset, Scenario, main, namespace
from harness.net import MIB
from harness.programs import eventually

OWN_NETWORK = namespace.enter()


class VanishedPeer(Scenario):
    def test_one_who_is_gone_is_given_up(self):
        device = self.device()
        patient, _ = self.through_both(device.address, near=dict(keepalive="0s"))
        near, far = self.through_both(device.address, near=dict(keepalive="2s"), far=dict(keepalive="2s"))
        quiet, small, large = (self.connect(near.port()) for _ in range(3))
        other = self.connect(patient.port())
        for sock in (quiet, small, large, other):
            self.assert_echoes(sock, b"here")
        if not OWN_NETWORK:
            return
        gone = namespace.Loss(100, far.port(), int(patient.wait_event("open")["upstream_address"].rsplit(":", 1)[1]))
        self.addCleanup(gone.end)
        small.sendall(b"a few bytes that nobody acknowledges")
        other.sendall(b"likewise")
        uploads = []
        upload = threading.Thread(target=send_until_cut, args=(large, uploads))
        upload.start()
        closed = {number: near.wait_event("close", connection=number) for number in (1, 2, 3)}
        self.assertRegex(closed[1]["outcome"], f"^localhost:{far.port()} (no longer answers|has not answered for)")
        for number in (2, 3):
            self.assertRegex(closed[number]["outcome"], rf"localhost:{far.port()} has not answered for [\d.]+ s, so both")
            self.assertLess(closed[number]["duration"], 60)
        upload.join()
        for sock in (quiet, small):
            self.assert_reset(sock)
        self.assertEqual(uploads, ["reset"])
        # the far end notices too and closes its connections to the device
        eventually(lambda: len(far.events("close")) == 3, "the far tunnel gives them up")
        eventually(lambda: len(device.live) == 1, "the device is rid of them")
        self.assertEqual(patient.events("close"), [], "nobody asked for it")


def send_until_cut(sock, results):
    try:
        while True:
            sock.sendall(bytes(MIB))
    except (Reset, BrokenPipeError):
        results.append("reset")


main()
