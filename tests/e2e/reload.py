# ctest: one_record_path
# SIGHUP applies the changed file to new connections; a mistake changes nothing; connections of removed services finish.
import signal
import ssl
import threading

from harness import Scenario, connect, eventually, free_port, main
from harness.net import answering, half_close, receive_all, refuses_connections


class Reload(Scenario):
    def plain(self, device, accept=0, **keys):
        return self.plain_service(device.address, accept=accept, **keys)

    def test_new_connections_go_to_the_new_target_and_old_ones_stay(self):
        old, new = self.device(answering(b"old")), self.device(answering(b"new"))
        tunnel = self.tunnel(relay=self.plain(old))
        port = tunnel.port()
        earlier = self.connect(port)
        earlier.sendall(b"?")
        self.assertEqual(earlier.recv(3), b"old")
        tunnel.reload(relay=self.plain(new))
        later = self.connect(port)
        for sock, word in ((later, b"new"), (earlier, b"old"), (later, b"new")):
            sock.sendall(b"?")
            self.assertEqual(sock.recv(3), word)
        tunnel.wait_event("open", connection=2)
        self.assertEqual([event["connection"] for event in tunnel.events("open")], [1, 2], "numbers go on")

    def test_a_mistake_changes_nothing(self):
        tunnel = self.tunnel(relay=self.plain(self.device()))
        port, taken = tunnel.port(), self.device()
        client = self.connect(port)
        for mistake in (self.plain_service("relay.example", accept=0),
                        dict(accept=0, connect="127.0.0.1:9", cert="none.pem", key="none.key"),
                        self.plain(taken, accept=taken.port)):
            tunnel.reload("reload", relay=mistake)
            tunnel.wait_for(lambda: any("everything goes on as before" in event["message"]
                                        for event in tunnel.events("reload")), "it says that nothing changed")
            tunnel.lines.clear()
            self.assert_echoes(client, b"as before")
            self.assert_echoes(self.connect(port), b"as before")
        tunnel.config.write_text("[service")
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_log("everything goes on as before")
        self.assert_echoes(self.connect(port), b"as before")

    def test_the_log_says_what_is_wrong_and_where(self):
        tunnel = self.tunnel(relay=self.plain(self.device()))
        tunnel.reload("reload", relay=self.plain_service("relay.example", accept=0))
        tunnel.wait_log(r'tunnel-1\.toml:\d+:\d+: service \\"relay\\": connect: \\"relay\.example\\" has no port; '
                        r'connect = \\"relay\.example:443\\"')
        tunnel.wait_log("not reloaded for 1 mistake: everything goes on as before")

    def test_services_come_and_go(self):
        first, second = free_port(), free_port()
        device = self.device()
        tunnel = self.tunnel(one=self.plain(device, first))
        staying = self.connect(first)
        self.assert_echoes(staying, b"before")
        tunnel.reload(two=self.plain(device, second))
        self.assert_echoes(self.connect(second), b"the new one")
        eventually(lambda: refuses_connections(first), "the old one takes nobody")
        self.assert_echoes(staying, b"may finish")
        half_close(staying)
        self.assertEqual(receive_all(staying), b"")
        tunnel.wait_event("removed", service="one")
        # a renamed service keeps its listener without a gap
        tunnel.reload(three=self.plain(device, second))
        self.assert_echoes(self.connect(second), b"renamed")
        tunnel.reload(one=self.plain(device, first), three=self.plain(device, second))
        self.assert_echoes(self.connect(first), b"again")

    def test_a_host_before_the_same_port(self):
        port, device = free_port(), self.device()
        tunnel = self.tunnel(relay=self.plain(device, port))
        tunnel.reload(relay=self.plain(device, f"127.0.0.1:{port}"))
        self.assert_echoes(self.connect(port), b"IPv4 alone")
        eventually(lambda: refuses_connections(port, "::1"), "the IPv6 listener is gone")
        # a change that can't be applied completely changes nothing
        taken = self.device()
        tunnel.reload("reload", relay=self.plain(device, port), other=self.plain(device, taken.port))
        tunnel.wait_log("everything goes on as before")
        self.assert_echoes(self.connect(port), b"still there")

    def test_what_gave_way_in_vain_is_whole_again(self):
        port, device, taken = free_port(), self.device(), self.device()
        short = dict(open_for="4s")
        tunnel = self.tunnel(relay=self.plain(device, f"127.0.0.1:{port}", **short))
        tunnel.reload("reload", relay=self.plain(device, port, **short), other=self.plain(device, taken.port))
        tunnel.wait_log("everything goes on as before")
        self.assert_echoes(self.connect(port), b"still there")
        # at its time, the service closes its current listeners
        tunnel.wait_event("closed", service="relay")
        eventually(lambda: refuses_connections(port), "its port is closed")

    def test_a_listener_that_comes_to_a_service_with_room(self):
        first, second, device = free_port(), free_port(), self.device()
        tunnel = self.tunnel(full=self.plain(device, first, max_connections=1), empty=self.plain(device, second))
        holder = self.connect(first)
        self.assert_echoes(holder, b"the only one")
        tunnel.reload(full=self.plain(device, second, max_connections=1), empty=self.plain(device, first))
        self.assert_echoes(self.connect(first), b"here there is room")
        self.assert_echoes(holder, b"and nobody is cut")

    def test_a_new_certificate_while_streams_run(self):
        old, new = self.authority.issue("localhost"), self.authority.issue("localhost", "new.example")

        def service(identity):
            return self.server_service(device.address, identity)

        device = self.device()
        far = self.tunnel(name="far", relay=service(old))
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port()}"))
        streams = [threading.Thread(target=self.assert_echoes_stream, args=(near.port(), 4 << 20, f"stream {n}"))
                   for n in range(10)]
        for stream in streams:
            stream.start()
        far.reload(relay=service(new))
        self.assertIn("new.example", self.names(far.port()))
        for stream in streams:
            stream.join()
        self.assertTrue(all(event["outcome"] == "closed by the client" for event in near.events("close")))

    def names(self, port):
        context = ssl.create_default_context(cafile=self.authority.ca)
        with connect(port) as sock, context.wrap_socket(sock, server_hostname="localhost") as tls:
            return [name for _, name in tls.getpeercert()["subjectAltName"]]

    def test_trust_that_is_gone_takes_its_sessions_with_it(self):
        def service(ca):
            return dict(client=True, accept=0, connect=f"localhost:{far.port()}", ca=ca)

        far = self.tunnel(name="far", relay=self.server_service(self.device().address))
        near = self.tunnel(name="near", viewer=service(self.authority.ca))
        for number, resumed in enumerate((None, 1), start=1):
            with self.connect(near.port()) as sock:
                self.assert_echoes(sock, b"trusted")
                self.assertEqual(near.wait_event("open", connection=number).get("resumed"), resumed)
        stranger = self.folder / "stranger.pem"
        stranger.write_bytes(type(self.authority)(self.folder).ca.read_bytes())
        near.reload(viewer=service(stranger))
        self.assert_client_is_reset(near.port())
        near.wait_log("not by the one that is trusted here")

    def test_no_reload_while_it_drains(self):
        tunnel = self.tunnel(relay=self.plain(self.device()))
        client = self.connect(tunnel.port())
        self.assert_echoes(client, b"open")
        tunnel.send_signal(signal.SIGTERM)
        tunnel.wait_event("draining")
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_log("no reload any more, the tunnel is stopping")
        half_close(client)
        self.assertEqual(tunnel.wait(), 0)
        tunnel.wait_log(r"stopped: 1 of 1 connection finished, 0 reset")

    def test_the_log_and_what_needs_a_restart(self):
        # the sandbox allows no log file that was not configured at startup
        sandbox = {"sandbox": False}
        tunnel = self.tunnel(tables={"log": {"format": "json", "level": "debug"}, "process": sandbox},
                             relay=self.plain(self.device()))
        file = self.folder / "tunnel.log"
        tables = {"log": {"format": "json", "level": "debug", "file": str(file)},
                  "process": {"workers": 3, **sandbox}}
        tunnel.reload("reload", tables=tables, relay=self.plain(self.device()))
        eventually(lambda: file.exists() and "reloaded: 1 service" in file.read_text(), "the log goes on in the file")
        self.assertIn("changes with a restart only", tunnel.log + file.read_text())
        # a file that was moved away is created again
        file.rename(self.folder / "tunnel.log.1")
        tunnel.send_signal(signal.SIGHUP)
        eventually(lambda: file.exists() and "reloaded: 1 service" in file.read_text(), "the file is opened anew")


main()
