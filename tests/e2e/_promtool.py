# Prometheus's own checker reads the metrics of a client, a server and a plain service.
# Run it by hand: promtool (Debian: prometheus) is too large to fetch for every test run, and harness/metrics.py checks
# the same rules.
import shutil
import subprocess
import urllib.request

from harness import Scenario, free_port, main


class Promtool(Scenario):
    def test_the_metrics(self):
        promtool = shutil.which("promtool")
        self.assertTrue(promtool, "promtool is not on this machine")
        far = free_port()
        tunnel = self.tunnel(
            tables={"log": {"format": "json"}, "status": {"listen": "127.0.0.1:0"}},
            far=self.server_service(self.device().address, self.authority.issue("localhost"),
                                    accept=f"127.0.0.1:{far}"),
            near=self.client_service(f"localhost:{far}"), plain=self.plain_service())
        for service in ("near", "plain"):
            with self.connect(tunnel.port(service)) as client:
                self.assert_echoes(client, b"x" * 1000)
        address = tunnel.wait_event("status")["listen"][0]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        done = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


main()
