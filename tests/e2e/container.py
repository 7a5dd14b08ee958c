# The container image, from an archive: it runs without root under Docker's default seccomp profile, in its sandbox.
# ctest: one_record_path without_sanitizers cost=10
import hashlib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import tarfile

from harness import Scenario, free_port, main, oci, stream, tls_connect, toml
from harness.net import half_close, receive_exactly
from harness.programs import tunnel_command

SCRIPT = oci.CONTAINERFILE.parent / "rootfs.sh"
VERSION = "0.0.1"
SIZE = 4 << 20


class Container(Scenario):
    def archive(self, program):
        """A release archive with this program, and its sum: (archive, sums)."""
        top = f"tunnel-{VERSION}-Linux-{platform.machine()}"
        path = self.folder / f"{top}.tar.xz"
        stripped = self.folder / "stripped"
        shutil.copy(program, stripped)
        if shutil.which("strip"):
            subprocess.run(["strip", stripped], check=True)
        with tarfile.open(path, "w:xz", preset=0) as archive:
            archive.add(stripped, f"{top}/bin/tunnel")
            archive.add(oci.CONTAINERFILE.parents[2] / "LICENSE", f"{top}/share/doc/tunnel/LICENSE")
        sums = self.folder / "SHA256SUMS"
        sums.write_text(f"{'0' * 64}  other.tar.xz\n{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
        return path, sums

    def lay_out(self, archive, sums):
        root = self.folder / "rootfs"
        done = subprocess.run(["sh", SCRIPT, archive, sums, root], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        return root, done

    def laid_out(self, program):
        root, done = self.lay_out(*self.archive(program))
        self.assertEqual(done.returncode, 0, done.stdout)
        return root

    def configured(self):
        """The folder that is mounted at /etc/tunnel: one service in server mode to an echo device."""
        etc = self.folder / "etc"
        etc.mkdir()
        identity = self.authority.issue("localhost")
        for file, name in ((identity.cert, "tls.crt"), (identity.key, "tls.key")):
            shutil.copy(file, etc / name)
        self.port = free_port()
        toml.write(etc / "tunnel.toml",
                   {"log": {"format": "json", "level": "debug"}, "status": {"listen": f"127.0.0.1:{free_port()}"}},
                   {"relay": {"accept": f"127.0.0.1:{self.port}", "connect": self.device().address, "cert": "tls.crt",
                              "key": "tls.key"}})
        return etc

    def test_it_runs_confined_and_carries_bytes(self):
        if not oci.Machine.is_possible():
            return self.not_tried("the image can't be run where users get no namespaces")
        chosen = oci.settings(VERSION)
        root = self.laid_out(os.environ.get("TUNNEL_RELEASED") or tunnel_command()[-1])
        image = oci.build_image(self, root, chosen)
        bundle, process = oci.unpack_bundle(self, image, oci.dockers_profile(), self.configured())
        self.assertEqual(process["args"], chosen["entrypoint"] + chosen["cmd"])
        self.assertEqual((process["user"]["uid"], process["user"]["gid"]), (65532, 65532))

        machine = oci.Machine(self)
        tunnel = self.start("container", machine.crun("run", "--bundle", bundle, "relay"))
        tunnel.wait_log('"event":"listening"')
        with tls_connect(self.port, self.authority.ca) as client:
            for part in stream("container", SIZE):
                client.sendall(part)
                self.assertEqual(receive_exactly(client, len(part)), part)
            half_close(client)
            self.assertEqual(client.recv(), b"")

        log = [json.loads(line) for line in (tunnel.log + "\n" + tunnel.output).splitlines() if line.startswith("{")]
        self.assertEqual([line for line in log if line["level"] in ("warn", "error")], [])
        said = [line["message"] for line in log if line["event"] == "sandbox"]
        print("\n".join(said), flush=True)
        self.assertGreater(len(said), 1)
        self.assertEqual([line for line in said if "missing" in line], self.missing_outside())
        self.assert_confined(json.loads(machine.run("state", "relay").stdout)["pid"])

        health = machine.run("exec", f"--user={chosen['user']}", "relay", *chosen["health"])
        self.assertEqual(health.returncode, 0, health.stdout)
        self.assertIn("relay", health.stdout)
        self.assertEqual(machine.run("kill", "relay", "TERM").returncode, 0)
        self.assertEqual(tunnel.wait(), 0)
        tunnel.wait_log('"event":"stopped"')

    def missing_outside(self):
        """The layers that this kernel lacks anyway."""
        outside = self.tunnel(relay=self.plain_service())
        return [event["message"] for event in outside.events("sandbox") if "missing" in event["message"]]

    def assert_confined(self, keeper):
        """Docker's filter holds for both processes, and the worker's own one besides."""
        worker, = oci.children(keeper)
        filters = []
        for pid in (keeper, worker):
            fields = oci.confinement(pid)
            self.assertEqual((fields["Seccomp"], fields["NoNewPrivs"]), ("2", "1"))
            self.assertEqual((int(fields["CapEff"], 16), int(fields["CapBnd"], 16)), (0, 0))
            filters.append(int(fields["Seccomp_filters"]))
        self.assertGreaterEqual(filters[0], 1)
        self.assertGreater(filters[1], filters[0])

    def test_a_health_check_without_a_status_says_how_to_add_it(self):
        (self.folder / "tunnel.toml").write_text('[service.a]\ntls = false\naccept = 0\nconnect = "127.0.0.1:9"\n')
        done = self.run_tunnel("status", "--config", "tunnel.toml")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('[status] listen = "127.0.0.1:9090"', done.stderr)

    def test_an_archive_that_is_damaged_is_refused(self):
        archive, sums = self.archive(shutil.which("true"))
        with open(archive, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            last = file.read(1)[0]
            file.seek(-1, os.SEEK_END)
            file.write(bytes([last ^ 1]))
        root, done = self.lay_out(archive, sums)
        self.assertEqual(done.returncode, 1)
        self.assertIn("doesn't have the SHA-256", done.stdout)
        self.assertFalse(root.exists())
        sums.write_text(sums.read_text().splitlines()[0] + "\n")
        self.assertIn("has no sum of", self.lay_out(archive, sums)[1].stdout)

    def test_the_files_of_a_static_program(self):
        """Debian's ldconfig stands in for it."""
        static = next((path for path in ("/sbin/ldconfig.real", "/sbin/ldconfig") if _is_static(path)), None)
        if not static:
            return self.not_tried("no static program is here")
        root = self.laid_out(static)
        files = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        self.assertEqual(files, ["etc/ssl/certs/ca-certificates.crt", "tunnel", "usr/share/doc/tunnel/LICENSE"])
        for path in root.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o022, 0, path)


def _is_static(path):
    return os.path.exists(path) and b"ld-linux" not in pathlib.Path(path).read_bytes()[:4096]


main()
