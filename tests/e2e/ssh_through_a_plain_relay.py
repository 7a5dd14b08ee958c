# SSH, which has its own encryption, passes through tls = false: public-key login, a command, and files both ways.
# ctest: one_record_path
import hashlib
import os
import pwd
import subprocess

from harness import Scenario, main, stream
from harness.ssh import SshServer, ssh_client

SIZE = 16 << 20


class SshThroughAPlainRelay(Scenario):
    def setUp(self):
        server = SshServer(self)
        self.relay = self.tunnel(ssh=self.plain_service(f"127.0.0.1:{server.port}"))
        server.is_known_at(self.relay.port())

    def client(self, program, *words, **options):
        return ssh_client(self.folder, program, self.relay.port(), *words, **options)

    def test_files_go_both_ways(self):
        original, there, back = (self.folder / name for name in ("original", "there", "back"))
        original.write_bytes(b"".join(stream("ssh", SIZE)))
        status, _, errors = self.client("sftp", "-b", "-", "127.0.0.1",
                                        script=f"put {original} {there}\nget {there} {back}\n")
        self.assertEqual(status, 0, errors)
        expected = hashlib.sha256(original.read_bytes()).hexdigest()
        for copy in (there, back):
            self.assertEqual(hashlib.sha256(copy.read_bytes()).hexdigest(), expected)
        self.assertGreater(self.relay.wait_event("close")["down"], SIZE)

    def test_a_command_runs(self):
        command = "echo $((6 * 7)); exit 3"
        shell = pwd.getpwuid(os.geteuid()).pw_shell or "/bin/sh"
        here = subprocess.run([shell, "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        status, output, errors = self.client("ssh", "127.0.0.1", command)
        self.assertEqual((status, output), (here.returncode, here.stdout), errors)


main()
