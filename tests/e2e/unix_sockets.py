# ctest: one_record_path
# A service accepts at a UNIX socket and connects to one: data, half-close, the file's mode and removal, and conflicts.
import os
import socket
import ssl
import stat
import threading

from harness import Scenario, eventually, half_close, main, receive_all, toml


class UnixSockets(Scenario):
    def backend(self, path):
        """A device at a UNIX socket that echoes after the half-close."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(16)
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    data = receive_all(sock)
                    sock.sendall(data)
        threading.Thread(target=serve, daemon=True).start()

    def plain(self, accept, connect):
        return self.plain_service(connect, accept=accept)

    def test_through_tls_from_a_socket_to_a_socket(self):
        self.backend(self.folder / "device.sock")
        far = self.tunnel(name="far", relay=self.server_service("unix:device.sock"))
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port()}", accept="unix:near.sock"))
        self.assertEqual(near.addresses("viewer"), ["unix:near.sock"])
        client = self.connect_unix(self.folder / "near.sock")
        data = os.urandom(3_000_000)
        sender = threading.Thread(target=lambda: (client.sendall(data), half_close(client)))
        sender.start()
        self.assertEqual(receive_all(client), data)
        sender.join()
        opened = near.wait_event("open")
        self.assertEqual(opened["peer"], "unix:near.sock")
        self.assertEqual(far.wait_event("open")["upstream_address"], "unix:device.sock")
        self.assertEqual(near.wait_event("close")["outcome"], "closed by the client")

    def test_the_file_is_the_users_alone_and_goes_with_the_listener(self):
        path = self.folder / "a.sock"
        tunnel = self.tunnel(relay=self.plain("unix:a.sock", self.device().address))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        client = self.connect_unix(path)
        self.assert_echoes(client, b"served")
        # one reload keeps it, the next removes it
        for accept, there in (("unix:a.sock", True), (0, False)):
            before = path.stat().st_ino
            tunnel.reload(relay=self.plain(accept, self.device().address))
            eventually(lambda: path.exists() == there, f"the file is {'' if there else 'not '}there")
            if there:
                self.assertEqual(path.stat().st_ino, before)
        self.assert_echoes(client, b"the old connection goes on")

    def test_a_reload_may_make_tls_of_it(self):
        device = self.device()
        tunnel = self.tunnel(relay=self.plain("unix:a.sock", device.address))
        tunnel.reload(relay=self.server_service(device.address, accept="unix:a.sock"))
        context = ssl.create_default_context(cafile=self.authority.ca)
        with context.wrap_socket(self.connect_unix(self.folder / "a.sock"), server_hostname="localhost") as tls:
            self.assert_echoes(tls, b"over TLS")

    def test_a_stale_socket_gives_way_and_nothing_else_does(self):
        path = self.folder / "a.sock"
        left_behind = socket.socket(socket.AF_UNIX)
        left_behind.bind(str(path))
        left_behind.close()
        first = self.tunnel(relay=self.plain("unix:a.sock", self.device().address))
        self.assert_echoes(self.connect_unix(path), b"served")
        second = self.start_tunnel(relay=self.plain("unix:a.sock", self.device().address))
        self.assertEqual(second.wait(), 1)
        second.wait_log("cannot listen on unix:a.sock: another program listens there")
        self.assert_echoes(self.connect_unix(path), b"the first one goes on")
        self.assertTrue(first.running())
        (self.folder / "file").write_text("precious")
        third = self.start_tunnel(relay=self.plain("unix:file", self.device().address))
        self.assertEqual(third.wait(), 1)
        third.wait_log("there is something that is no socket")
        self.assertEqual((self.folder / "file").read_text(), "precious")

    def test_targets_that_are_not_there(self):
        left_behind = socket.socket(socket.AF_UNIX)
        left_behind.bind(str(self.folder / "stale.sock"))
        left_behind.close()
        for path, words in (("none.sock", "there is no socket unix:none.sock"),
                            ("stale.sock", "nobody listens at unix:stale.sock")):
            tunnel = self.tunnel(relay=self.plain(0, f"unix:{path}"))
            self.assert_client_is_reset(tunnel.port())
            tunnel.wait_log(words)

    def test_a_list_goes_on_behind_a_socket_that_is_gone(self):
        tunnel = self.tunnel(relay=self.plain(0, ["unix:none.sock", self.device().address]))
        self.assert_echoes(self.connect(tunnel.port()), b"the second target")

    def test_access_by_address_is_not_asked_of_local_programs(self):
        tunnel = self.tunnel(relay=dict(self.plain(["unix:a.sock", 0], self.device().address), allow="192.0.2.1"))
        self.assert_echoes(self.connect_unix(self.folder / "a.sock"), b"the mode of the file decides")
        self.assert_client_is_reset(int(tunnel.addresses("relay")[1].rsplit(":", 1)[1]))

    def test_check_goes_there(self):
        self.backend(self.folder / "device.sock")
        for path, status, words in (("device.sock", 0, "unix:device.sock"), ("none.sock", 1, "there is no socket")):
            toml.write(self.folder / "check.toml", {}, {"relay": self.plain(0, f"unix:{path}")})
            done = self.run_tunnel("check", "--config", "check.toml")
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stdout)

    def test_mistakes(self):
        for keys, words in ((self.plain("unix:", "127.0.0.1:9"), "has no path"),
                            (self.plain("unix:" + "x" * 200, "127.0.0.1:9"), "longer than the 103 bytes"),
                            (self.plain(0, "systemd:web"), "sockets to listen at, none to go to"),
                            (self.plain("unix:a.sock", "unix:a.sock"), "where this service itself listens"),
                            (self.plain(["unix:a.sock", "unix:./a.sock"], "unix:b.sock"), "listed twice"),
                            (dict(client=True, accept=0, connect="unix:b.sock"), "no name that its certificate")):
            tunnel = self.start_tunnel(relay=keys)
            self.assertEqual(tunnel.wait(), 2)
            self.assertIn(words, tunnel.log)


main()
