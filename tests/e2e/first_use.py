# verify = "first-use" remembers a key in a file and refuses any other, even with several tunnels at once.
# ctest: one_record_path
import re
import shutil
import stat

from harness import Scenario, echo, half_close, main, self_signed
from harness.programs import eventually
from harness.refusal import SECRET
from harness.third_party import start_s_server

LINE = re.compile(r"localhost:\d+ sha256:[A-Za-z0-9+/]{43}=\n")


class FirstUse(Scenario):
    def setUp(self):
        self.state = self.folder / "state"
        self.known = self.state / "tunnel" / "known_servers"

    def viewer(self, port, state=None, **keys):
        return self.start_tunnel(env={"XDG_STATE_HOME": str(state or self.state), "HOME": "/nonexistent"},
                                 vnc=dict(client=True, accept=0, connect=f"localhost:{port}", verify="first-use",
                                          **keys))

    def echoes(self, tunnel, line=b"tunnel\n"):
        sock = self.connect(tunnel.listening().port())
        sock.sendall(line)
        self.assertEqual(sock.recv(64), line[:-1][::-1] + b"\n")
        sock.close()

    def test_a_changed_line_counts_at_once(self):
        """In spite of the session that could be resumed."""
        relay = self.tunnel(relay=self.server_service(self.device().address))
        tunnel = self.viewer(relay.port()).listening()
        for number, resumed in enumerate((None, 1), start=1):
            with self.connect(tunnel.port()) as sock:
                self.assert_echoes(sock, b"known")
                self.assertEqual(tunnel.wait_event("open", connection=number).get("resumed"), resumed)
        content = self.known.read_text()
        self.known.write_text(content.replace(content.split()[1], "sha256:" + "A" * 43 + "="))
        self.assert_client_is_reset(tunnel.port(), SECRET)
        tunnel.wait_log("remove line 1 of ")
        self.known.write_text("")
        with self.connect(tunnel.port()) as sock:
            self.assert_echoes(sock, b"known anew")
        self.assertEqual(self.known.read_text(), content)

    def test_first_second_changed_and_accepted_again(self):
        first, second = (self_signed(self.folder, name) for name in ("nobody.example", "other.example"))
        port = start_s_server(self, first)
        tunnel = self.viewer(port)
        self.echoes(tunnel)
        told = tunnel.wait_event("first-use")
        self.assertEqual(told["level"], "warn")
        content = self.known.read_text()
        self.assertRegex(content, rf"\A{LINE.pattern}\Z")
        pin = content.split()[1]
        self.assertIn(f'pin = "{pin}"', told["message"])
        self.assertEqual(stat.S_IMODE(self.known.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.known.parent.stat().st_mode), 0o700)

        self.echoes(tunnel)
        again = self.viewer(port)
        self.echoes(again)
        self.assertEqual(len(tunnel.events("first-use")) + len(again.events("first-use")), 1)
        self.assertEqual(self.known.read_text(), content)

        # another key on the same port: the file names the first key for the second server
        other = start_s_server(self, second)
        self.known.write_text("# mine\n" + content.replace(str(port), str(other)))
        changed = self.viewer(other).listening()
        self.assert_client_is_reset(changed.port(), SECRET)
        message = changed.wait_event("failed")["message"]
        pins = re.findall(r"sha256:\S{44}", message)
        self.assertEqual((len(pins), pins[0]), (2, pin))
        self.assertIn(f"remove line 2 of {self.known}", message)
        self.known.write_text("# mine\n")
        self.echoes(changed)
        self.assertEqual(self.known.read_text(), f"# mine\nlocalhost:{other} {pins[1]}\n")

    def test_many_tunnels_at_once_lose_nothing(self):
        ports = [self.tls_device(echo, self_signed(self.folder, f"{number}.example")).port for number in range(4)]
        tunnels = [self.viewer(port) for port in ports for _ in range(2)]
        socks = [(self.connect(tunnel.listening().port()), tunnel) for tunnel in tunnels]
        for sock, _ in socks:
            sock.sendall(b"ab\n")
        for sock, _ in socks:
            self.assertEqual(sock.recv(64), b"ab\n")
            half_close(sock)
            self.assert_ends(sock)
        lines = self.known.read_text().splitlines(keepends=True)
        self.assertEqual({line.split()[0] for line in lines}, {f"localhost:{port}" for port in ports})
        self.assertEqual(len(lines), 4)
        eventually(lambda: all(tunnel.events("close") for tunnel in tunnels), "all is told")
        self.assertEqual(sum(len(tunnel.events("first-use")) for tunnel in tunnels), 4)

    def test_names_behind_one_address_have_keys_of_their_own(self):
        port = start_s_server(self, self_signed(self.folder, "nobody.example"))
        self.echoes(self.viewer(port, server_name="a.example"))
        self.assertRegex(self.known.read_text(), rf"\Alocalhost:{port} a\.example sha256:\S+\n\Z")

    def refused(self, reason, **env):
        (self.folder / "vnc.toml").write_text('[service.vnc]\nclient = true\naccept = 0\nconnect = "localhost:1"\n'
                                              'verify = "first-use"\n')
        done = self.run_tunnel("--config", "vnc.toml", "--test", env=env)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r'\Avnc\.toml:5:10: service "vnc": verify: ')
        self.assertRegex(done.stderr, reason)

    def test_a_file_that_cannot_serve_is_refused_before_the_start(self):
        self.known.parent.mkdir(parents=True)
        for content, reason in (("nonsense\n", r"known_servers:1: \"nonsense\""),
                                ("a:1 sha256:abc\n", r"known_servers:1: .* 32 bytes"),
                                (f"a:1 sha256:{'A' * 43}=\n" * 2, r"known_servers:2: a:1 is in line 1 already")):
            with self.subTest(content):
                self.known.write_text(content)
                self.refused(reason, XDG_STATE_HOME=str(self.state))
                self.assertEqual(self.known.read_text(), content)
        blocked = self.folder / "blocked"
        blocked.write_text("")
        self.refused("cannot be written", XDG_STATE_HOME=str(blocked))

    def test_a_folder_that_goes_away_later_trusts_nobody(self):
        port = start_s_server(self, self_signed(self.folder, "nobody.example"))
        tunnel = self.viewer(port).listening()
        shutil.rmtree(self.state)  # the folder is created at startup
        self.state.write_text("no folder any more")
        self.assert_client_is_reset(tunnel.port(), SECRET)
        self.assertRegex(tunnel.wait_event("failed")["message"], "could not be remembered")


main()
