# ctest: one_record_path
# The service manager's sockets are served by name, kept across reloads, and validated before use.
import re

from harness import Scenario, connect, free_port, main, peers
from harness.manager import passing


class SocketActivation(Scenario):
    def plain(self, accept, device=None):
        return self.plain_service((device or self.device()).address, accept=accept)

    def refused(self, *sockets, accept="systemd:web"):
        """The error of a tunnel that gets these sockets."""
        tunnel = self.start_tunnel(before=passing(*sockets), relay=self.plain(accept))
        self.assertEqual(tunnel.wait(), 1)
        return tunnel.log

    def test_each_name_has_its_service_and_a_name_may_have_several_sockets(self):
        one, two = self.device(), self.device(handler=lambda sock: sock.sendall(b"two"))
        tunnel = self.tunnel(before=passing("web=tcp:127.0.0.1:0", "web=unix:web.sock", "other=tcp:127.0.0.1:0"),
                             one=self.plain("systemd:web", one), two=self.plain(["systemd:other", 0], two))
        web, path = tunnel.addresses("one")
        self.assertEqual(path, "unix:web.sock")
        self.assert_echoes(self.connect(int(web.rsplit(":")[-1])), b"by TCP")
        self.assert_echoes(self.connect_unix(self.folder / "web.sock"), b"by a UNIX socket")
        self.assertEqual(self.connect(tunnel.port("two")).recv(3), b"two")
        self.assertEqual(len(tunnel.addresses("two")), 3, "the passed one, and a port on both loopbacks")

    def test_reloads_keep_them_and_one_that_went_comes_back(self):
        port, device = free_port(), self.device()
        tunnel = self.tunnel(before=passing(f"web=tcp:127.0.0.1:{port}"), relay=self.plain("systemd:web", device))
        client = self.connect(port)
        for accept in ("systemd:web", 0, "systemd:web"):
            tunnel.reload(relay=self.plain(accept, device))
            # while no service uses the socket, clients wait in its queue
            waiting = connect(port)
            self.addCleanup(waiting.close)
            if accept != 0:
                self.assert_echoes(waiting, b"served")
        self.assert_echoes(client, b"the first one too")

    def test_what_was_not_passed_is_said_in_words(self):
        self.assertRegex(self.refused("web=tcp:127.0.0.1:0", "old=tcp:127.0.0.1:0", accept="systemd:new"),
                         r'has passed \\"web\\" and \\"old\\", but no socket named \\"new\\"; its socket unit says '
                         "FileDescriptorName=new")
        tunnel = self.start_tunnel(relay=self.plain("systemd:web"))
        self.assertEqual(tunnel.wait(), 1)
        self.assertRegex(tunnel.log, r'no service manager has passed a socket named \\"web\\"; start this by')

    def test_sockets_that_do_not_listen_are_refused(self):
        (self.folder / "file").write_text("")
        for wrong, words in (("idle:127.0.0.1:0", "does not listen"), ("udp:127.0.0.1:0", "is no stream socket"),
                             ("file:file", "is no socket")):
            with self.subTest(wrong):
                self.assertRegex(self.refused(f"web={wrong}"), rf'passed as \\"web\\" \(descriptor 3\) {words}')

    def test_those_of_another_process_are_not_ours(self):
        tunnel = self.start_tunnel(env={"LISTEN_PID": "1", "LISTEN_FDS": "1"}, relay=self.plain("systemd:unknown"))
        self.assertEqual(tunnel.wait(), 1)
        tunnel.wait_log("no service manager has passed")
        tunnel = self.start_tunnel(before=[*passing("a=tcp:127.0.0.1:0"), "env", "LISTEN_FDS=3"],
                                   relay=self.plain("systemd:a"))
        self.assertEqual(tunnel.wait(), 2)
        tunnel.wait_log("LISTEN_FDS says 3, and LISTEN_FDNAMES has 1 names")

    def test_by_systemd_socket_activate(self):
        port = free_port()
        tunnel = self.start_tunnel(before=[peers.find("systemd-socket-activate"), "--listen", f"127.0.0.1:{port}",
                                           "--fdname", "relay"], relay=self.plain("systemd:relay"))
        tunnel.wait_log("Listening on")
        self.assertFalse(tunnel.events("listening"), "it starts for the first client only")
        client = self.connect(port)
        self.assert_echoes(client, b"activated")
        self.assertEqual(tunnel.port(), port)

    def test_names_that_cannot_be(self):
        for accept, words in (("systemd:", r"\"\" is no name of a socket"), ("systemd:a:b", "is no name of a socket")):
            tunnel = self.start_tunnel(relay=self.plain(accept))
            self.assertEqual(tunnel.wait(), 2)
            self.assertTrue(re.search(words, tunnel.log), tunnel.log)


main()
