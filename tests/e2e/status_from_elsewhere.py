# Another machine reads the status where the configuration lets it: by its address, by a token, or both.
# ctest: one_record_path
import json
import subprocess

from harness import Scenario, eventually, free_port, main, namespace, peers

TOKEN = "0123456789abcdef0123456789abcdef"
OWN_NETWORK = namespace.enter()


class StatusFromElsewhere(Scenario):
    def setUp(self):
        self.there = namespace.OtherNetwork(self) if OWN_NETWORK else None
        self.token = self.folder / "token"
        self.token.write_text(TOKEN + "\n")
        self.token.chmod(0o600)

    def serving(self, **keys):
        status = {"listen": f"{namespace.OtherNetwork.HERE}:{free_port()}", **keys}
        tunnel = self.tunnel(tables={"log": {"format": "json"}, "status": status}, relay=self.plain_service())
        return tunnel, tunnel.wait_event("status")["listen"][0]

    def ask(self, where, path, *options):
        """Asks from the other machine: (status, or 0 where nobody answers, body)."""
        done = subprocess.run([*self.there.enter, peers.find("curl"), "--silent", "--include", "--noproxy", "*", *options,
                               f"http://{where}{path}"], env=peers.environment(), stdout=subprocess.PIPE, text=True)
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        return (int(head.split()[1]) if head else 0), body

    def test_by_address(self):
        if not OWN_NETWORK:
            return
        tunnel, where = self.serving(allow=namespace.OtherNetwork.THERE)
        code, body = self.ask(where, "/status")
        self.assertEqual(code, 200)
        self.assertEqual(json.loads(body)["services"][0]["service"], "relay")
        self.assertEqual(self.ask(where, "/status", "--header", "Host: relay.example")[0], 403)
        self.assertIn("tunnel_build_info", self.ask(where, "/metrics", "--header", "Host: relay.example")[1])
        # another list counts from the next request on
        listen = where
        tunnel.reload(tables={"log": {"format": "json"}, "status": {"listen": listen, "allow": "203.0.113.0/24"}},
                      relay=self.plain_service())
        self.assertEqual(self.ask(where, "/status")[0], 0)

    def test_by_token(self):
        if not OWN_NETWORK:
            return
        _, where = self.serving(token_file="token")
        for path, code in (("/status", 401), ("/metrics", 401), ("/", 401), ("/health", 200), ("/ready", 200)):
            self.assertEqual(self.ask(where, path)[0], code, path)
        shown = ["--header", f"Authorization: Bearer {TOKEN}"]
        self.assertEqual(self.ask(where, "/status", *shown)[0], 200)
        self.assertIn("tunnel_service_reachable{service=\"relay\"} 1", self.ask(where, "/metrics", *shown)[1])
        self.assertEqual(self.ask(where, "/status", "--header", f"Authorization: Bearer {TOKEN[:-1]}0")[0], 401)

    def test_not_ready_while_no_target_answers(self):
        tunnel = self.tunnel(tables={"log": {"format": "json"}, "status": {"listen": "127.0.0.1:0"}},
                             relay=self.plain_service(f"127.0.0.1:{self.switched_off()}"))
        where = tunnel.wait_event("status")["listen"][0]

        def ready():
            done = peers.run("curl", "--silent", "--include", "--noproxy", "*", f"http://{where}/ready")
            return int(done.stdout.split()[1]), done.stdout.splitlines()[-1]
        self.assertEqual(ready(), (200, "ok"))
        self.assert_client_is_reset(tunnel.port())
        tunnel.wait_event("failed")
        # requests within 200 ms share their answer
        eventually(lambda: ready() == (503, "relay: no target can be reached"), "it is not ready")

    def test_a_token_for_all_users_is_refused(self):
        self.token.chmod(0o644)
        done = self.run_tunnel("--config", self.written(listen="0.0.0.0:9090", token_file="token"), "--test")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"t\.toml:7:14: status: token_file: every user of this machine can read .*token\n"
                                      r"    chmod o-rwx ")

    def test_nobody_is_named(self):
        done = self.run_tunnel("--config", self.written(listen="0.0.0.0:9090"), "--test")
        self.assertEqual(done.returncode, 2)
        self.assertIn('can be reached from elsewhere, and nothing says who may ask\n    allow = "192.0.2.0/24", or '
                      'token_file = "status.token"', done.stderr)

    def written(self, **status):
        keys = "\n".join(f'{key} = "{value}"' for key, value in status.items())
        config = self.folder / "t.toml"
        config.write_text(f'[service.a]\ntls = false\naccept = 5999\nconnect = "a:1"\n[status]\n{keys}\n')
        return config


main()
