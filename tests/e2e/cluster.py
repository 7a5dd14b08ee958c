# Three tunnels behind a balancer are replaced one by one under a steady load: no connection is refused or broken.
# ctest: soak=900 cost=40 one_record_path
import json
import signal
import subprocess
import sys
import time

from harness import SANITIZED, SOAK, Scenario, cluster, echo_server, eventually, main, namespace, peers, steady_load

OWN_NETWORK = namespace.enter()
MEMBERS = 3
RATE = 40 if SANITIZED else 200  # connections a second
ROUNDS = 10 if SOAK else 1
PRE_STOP = 1  # seconds from a member's removal to its SIGTERM
PORT, STATUS_PORT = 8443, 9090


class Cluster(Scenario):
    def setUp(self):
        if not OWN_NETWORK:
            return
        self.allow_open_files(8192)
        self.machines = [cluster.Machine(self, number) for number in range(MEMBERS)]
        # every address, but of this test's own network
        device = self.start("device", [sys.executable, "-B", echo_server.__file__, "0.0.0.0"])
        self.device = device.wait_log(r"^port (\d+)$").group(1)
        self.identity = self.authority.issue("localhost")

    def start_member(self, machine):
        service = self.server_service(f"{machine.here}:{self.device}", self.identity, accept=f"{machine.there}:{PORT}")
        tables = {"log": {"format": "json", "level": "info"}, "process": {"drain_timeout": "1m"},
                  "status": {"listen": f"{machine.there}:{STATUS_PORT}", "allow": machine.here}}
        return self.start_tunnel(before=machine.enter, tables=tables, relay=service).listening()

    def ready(self, machine):
        """The status of /ready, or 0 where nobody answers."""
        done = peers.run("curl", "--silent", "--noproxy", "*", "--output", "/dev/null", "--write-out", "%{http_code}",
                         f"http://{machine.there}:{STATUS_PORT}/ready")
        return int(done.stdout)

    def start_load(self, balancer):
        load = subprocess.Popen([sys.executable, "-B", steady_load.__file__, str(balancer.port), str(self.authority.ca),
                                 str(RATE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(load.wait)
        self.addCleanup(load.stdin.close)
        return load

    def figures(self, load):
        load.stdin.close()
        figures = json.loads(load.stdout.read())
        load.stdout.close()
        print(json.dumps(figures), flush=True)
        return figures

    def end(self, member):
        """SIGTERM; the member finishes what it has. Returns its log's last event."""
        member.send_signal(signal.SIGTERM)
        self.assertEqual(member.wait(), 0)
        stopped = member.events("stopped")[0]
        self.assertEqual(stopped["reset"], 0, stopped["message"])
        return stopped

    def test_each_member_is_replaced(self):
        """As Kubernetes does it: a member is removed, sleeps in preStop and gets SIGTERM; a new one passes its probe."""
        if not OWN_NETWORK:
            return self.not_tried("members need networks of their own")
        members = [self.start_member(machine) for machine in self.machines]
        balancer = cluster.Balancer(self, self.machines, PORT, STATUS_PORT)
        load = self.start_load(balancer)
        drained = 0
        for _ in range(ROUNDS):
            for number, machine in enumerate(self.machines):
                before = balancer.served(machine)
                eventually(lambda: balancer.served(machine) > before + RATE // 4, "the member has its share")
                balancer.remove(machine)
                time.sleep(PRE_STOP)
                drained += self.end(members[number])["finished"]
                balancer.wait_down(machine)
                members[number] = self.start_member(machine)
                balancer.readmit(machine)
                members[number].wait_event("open")
        figures = self.figures(load)
        print(f"{ROUNDS * MEMBERS} members replaced, {drained} connections finished as their member drained", flush=True)
        self.assertEqual([figures.get(kind, 0) for kind in ("refused", "broken", "wrong", "stuck")], [0, 0, 0, 0],
                         figures["failures"])
        self.assertEqual(figures["short"] + figures["long"], figures["begun"])
        self.assertGreater(figures["begun"], figures["seconds"] * RATE * 0.9, "the load was as high as intended")
        self.assertGreater(drained, 0, "a member had connections to finish")

    def test_sigterm_without_removal(self):
        """/ready turns as the listeners close, no earlier: until the balancer has noticed, the member refuses clients, and
        the balancer tries another one. No connection that is open breaks."""
        if not OWN_NETWORK:
            return self.not_tried("members need networks of their own")
        members = [self.start_member(machine) for machine in self.machines]
        balancer = cluster.Balancer(self, self.machines, PORT, STATUS_PORT, hides_refusals=True)
        load = self.start_load(balancer)
        machine = self.machines[0]
        eventually(lambda: balancer.served(machine) > RATE // 2, "the member has connections")
        self.assertEqual(self.ready(machine), 200)
        members[0].send_signal(signal.SIGTERM)
        members[0].wait_event("draining")
        eventually(lambda: self.ready(machine) in (503, 0), "it isn't ready")
        print(f"the balancer noticed within {balancer.wait_down(machine):.2f} s", flush=True)
        self.assertEqual(members[0].wait(), 0)
        figures = self.figures(load)
        self.assertEqual([figures.get(kind, 0) for kind in ("broken", "wrong", "stuck")], [0, 0, 0], figures["failures"])
        # one that waits in the backlog as the listener closes has reached the member, so it isn't tried again
        self.assertLess(figures.get("refused", 0), RATE / 10, figures["failures"])


main()
