# A VNC viewer shows the device's desktop through both tunnels, pixel for pixel.
from harness import Scenario, eventually, main
from harness.vnc import Desktop, picture, snapshot, start_viewer


class VncSession(Scenario):
    def setUp(self):
        self.device = Desktop(self)
        self.near, self.far = self.through_both(f"127.0.0.1:{self.device.port}")

    def test_a_headless_client_sees_what_it_sees_directly(self):
        blank = snapshot(self, self.device.port, "blank.jpg")
        self.device.screen.draw(picture("desktop"))
        directly = snapshot(self, self.device.port, "directly.jpg")
        self.assertNotEqual(directly, blank, "there is something to see")
        self.assertEqual(snapshot(self, self.near.port(), "tunnelled.jpg"), directly)
        self.assertGreater(self.near.wait_event("close")["down"], 100_000)

    def test_tigervncs_viewer_shows_the_device_and_follows_it(self):
        display = Desktop(self, 640, 480)
        first, second = picture("first"), picture("second")
        self.device.screen.draw(first)
        viewer = start_viewer(self, self.near.port(), display.display)
        eventually(lambda: viewer.running() and display.screen.shows(first), "the viewer shows the device")
        self.device.screen.draw(second)
        eventually(lambda: display.screen.shows(second), "the viewer follows the device")
        self.assertEqual(self.near.wait_event("open")["tls"], "TLS 1.3")


main()
