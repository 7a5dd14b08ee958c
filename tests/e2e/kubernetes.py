# The manifests for Kubernetes agree with each other and with the program, which answers their probes as configured.
# ctest: one_record_path
import json
import re
import shutil
import signal

from harness import Scenario, connect, eventually, main, manifests, namespace, peers, tls_connect
from harness.net import half_close, receive_exactly
from harness.programs import tunnel_command

OWN_NETWORK = namespace.enter()
KUBECTL_WITH_SLEEP = 30  # the first that knows preStop's sleep


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)(s|m|h)", duration).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


class Installation:
    """The resources of one kustomization."""

    def __init__(self, resources):
        self.by_kind = {resource["kind"]: resource for resource in resources}
        assert len(self.by_kind) == len(resources), "one of each kind"
        self.deployment = self.by_kind["Deployment"]["spec"]
        self.pod = self.deployment["template"]["spec"]
        self.container, = self.pod["containers"]
        self.text = self.by_kind["ConfigMap"]["data"]["tunnel.toml"]
        self.setting = dict(re.findall(r'(?m)^(\w+) *= *"?([^"\n]+)"?$', self.text))
        self.ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}


class Kubernetes(Scenario):
    def installations(self):
        """(name, Installation) for the base and for the example, as resolved here and as rendered by kubectl."""
        for folder in (manifests.BASE, manifests.EXAMPLE):
            yield folder.name, Installation(manifests.resolve(folder))
            if manifests.kubectl_version():
                yield f"{folder.name} by kubectl", Installation(self.rendered(folder))
        if not manifests.kubectl_version():
            self.not_tried("kubectl is missing: the manifests are rendered by the test itself")

    def rendered(self, folder):
        return manifests.documents(manifests.kubectl("kustomize", folder))

    def test_they_refer_to_each_other(self):
        for name, it in self.installations():
            with self.subTest(name):
                labels = it.deployment["template"]["metadata"]["labels"].items()
                self.assertTrue(labels)
                selectors = [it.by_kind["Service"]["spec"]["selector"], it.deployment["selector"]["matchLabels"],
                             it.by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
                             *(spread["labelSelector"]["matchLabels"]
                               for spread in it.pod["topologySpreadConstraints"])]
                for selector in selectors:
                    self.assertTrue(selector)
                    self.assertLessEqual(selector.items(), labels)
                volume, = it.pod["volumes"]
                mount, = it.container["volumeMounts"]
                self.assertEqual((mount["name"], mount["mountPath"]), (volume["name"], "/etc/tunnel"))
                sources = {kind: source for entry in volume["projected"]["sources"] for kind, source in entry.items()}
                self.assertEqual(sources["configMap"]["name"], it.by_kind["ConfigMap"]["metadata"]["name"])
                self.assertEqual(sources["secret"]["name"], it.by_kind["Certificate"]["spec"]["secretName"])
                self.assertEqual({item["path"] for item in sources["secret"]["items"]},
                                 {it.setting["cert"], it.setting["key"]})
                self.assertEqual(it.ports, {"tls": int(it.setting["accept"]),
                                            "status": int(it.setting["listen"].rpartition(":")[2])})
                self.assertEqual([port["targetPort"] for port in it.by_kind["Service"]["spec"]["ports"]], ["tls"])

    def test_a_member_has_time_to_drain(self):
        for name, it in self.installations():
            with self.subTest(name):
                pause = it.container["lifecycle"]["preStop"]["sleep"]["seconds"]
                probe = it.container["readinessProbe"]
                self.assertGreater(pause, probe["periodSeconds"] * probe["failureThreshold"])
                self.assertGreater(it.pod["terminationGracePeriodSeconds"],
                                   pause + seconds(it.setting["drain_timeout"]))
                self.assertEqual(it.deployment["strategy"]["rollingUpdate"]["maxUnavailable"], 0)
                self.assertLess(it.by_kind["PodDisruptionBudget"]["spec"]["maxUnavailable"], it.deployment["replicas"])

    def test_it_is_restricted(self):
        """As the Pod Security Standard "restricted" asks, and more."""
        for name, it in self.installations():
            with self.subTest(name):
                pod, own = it.pod["securityContext"], it.container["securityContext"]
                self.assertEqual((pod["runAsNonRoot"], pod["runAsUser"], pod["fsGroup"], pod["seccompProfile"]["type"]),
                                 (True, 65532, 65532, "RuntimeDefault"))
                self.assertEqual(own, {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                       "capabilities": {"drop": ["ALL"]}})
                self.assertFalse(it.pod["automountServiceAccountToken"])
                self.assertIn("memory", it.container["resources"]["limits"])

    def test_kubectl_knows_every_field(self):
        """kubectl reads an object into its own types and drops what these don't have."""
        if manifests.kubectl_version() < KUBECTL_WITH_SLEEP:
            return self.not_tried("kubectl 1.30 or later is missing")
        for folder in (manifests.BASE, manifests.EXAMPLE):
            for resource in self.rendered(folder):
                change = {"Deployment": ("image", "tunnel=x"), "Service": ("selector", "a=b")}.get(resource["kind"])
                if change:
                    read = json.loads(manifests.kubectl("set", *change, "--local", "-f", "-", "-o", "json",
                                                        input=json.dumps(resource)))
                    resource["spec"].pop("selector")  # replaced in a Service
                    self.assertEqual(manifests.unknown_fields(resource, read), [], resource["kind"])

    def test_the_program_runs_each_and_answers_its_probes(self):
        if not OWN_NETWORK:
            return self.not_tried("the ports of the manifests need a network of their own")
        device = self.device()
        for name, it in self.installations():
            with self.subTest(name):
                tunnel = self.member(it, device)
                with tls_connect(it.ports["tls"], self.authority.ca) as client:
                    client.sendall(b"through a member")
                    self.assertEqual(receive_exactly(client, 16), b"through a member")
                    for kind in ("readinessProbe", "livenessProbe"):
                        probe = it.container[kind]["httpGet"]
                        self.assertEqual(self.asked(it.ports[probe["port"]], probe["path"]), (200, "ok"))
                    tunnel.send_signal(signal.SIGTERM)
                    tunnel.wait_log('"event":"draining"')
                    probe = it.container["readinessProbe"]["httpGet"]
                    # requests within 200 ms share their answer
                    eventually(lambda: self.asked(it.ports[probe["port"]], probe["path"]) == (503, "stopping"),
                               "it isn't ready")
                    self.assertRaises(ConnectionRefusedError, connect, it.ports["tls"])
                    half_close(client)
                    self.assertEqual(client.recv(), b"")
                self.assertEqual(tunnel.wait(), 0)
                # the only warning is that it runs as root here
                self.assertNotRegex(tunnel.log, '"level":"(warn|error)","event":"(?!sandbox)')

    def member(self, it, device):
        """Runs this configuration from a volume like the kubelet's, to a device here."""
        identity = self.authority.issue("localhost")
        etc = self.folder / "etc"
        shutil.rmtree(etc, ignore_errors=True)
        (etc / "..first").mkdir(parents=True)
        (etc / "..data").symlink_to("..first")
        files = {it.setting["cert"]: identity.cert.read_text(), it.setting["key"]: identity.key.read_text(),
                 "tunnel.toml": it.text}
        for name, content in files.items():
            (etc / "..first" / name).write_text(content)
            (etc / "..first" / name).chmod(it.pod["volumes"][0]["projected"]["defaultMode"])
            (etc / name).symlink_to(f"..data/{name}")
        done = self.run_tunnel("--config", etc / "tunnel.toml", "--test")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        tunnel = self.start("member", [*tunnel_command(), "--config", etc / "tunnel.toml", "--connect", device.address])
        tunnel.wait_log('"event":"listening"')
        return tunnel

    def asked(self, port, path):
        done = peers.run("curl", "--silent", "--noproxy", "*", "--write-out", "\n%{http_code}",
                         f"http://127.0.0.1:{port}{path}")
        body, _, code = done.stdout.rpartition("\n")
        return int(code), body.strip()


main()
