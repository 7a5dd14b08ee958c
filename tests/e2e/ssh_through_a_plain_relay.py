# SSH, which encrypts by itself, goes through tls = false: public-key login, a command, and files both ways.
# ctest: one_record_path
import getpass
import hashlib
import os
import pathlib
import pwd
import subprocess

from harness import Scenario, free_port, main, peers, stream
from harness.net import PATIENCE

SIZE = 16 << 20
PRIVILEGE_SEPARATION = pathlib.Path("/run/sshd")  # compiled into sshd, which insists on it when run by root


class SshThroughAPlainRelay(Scenario):
    def setUp(self):
        for name in ("host", "user"):
            subprocess.run([peers.find("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name],
                           env=peers.environment(), check=True, stdin=subprocess.DEVNULL)
        if os.geteuid() == 0 and not PRIVILEGE_SEPARATION.exists():
            PRIVILEGE_SEPARATION.mkdir(mode=0o755)
            self.addCleanup(PRIVILEGE_SEPARATION.rmdir)
        port = free_port()
        # without PAM an ordinary sshd refuses an account whose password is locked, as those of services are
        (self.folder / "sshd_config").write_text(f"""
            ListenAddress 127.0.0.1:{port}
            HostKey {self.folder}/host
            AuthorizedKeysFile {self.folder}/user.pub
            PidFile none
            StrictModes no
            UsePAM {"no" if os.geteuid() == 0 else "yes"}
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            Subsystem sftp internal-sftp
            """)
        self.start("sshd", [peers.find("sshd"), "-D", "-e", "-f", self.folder / "sshd_config"]).wait_log("listening")
        self.relay = self.tunnel(ssh=dict(tls=False, accept="127.0.0.1:0", connect=f"127.0.0.1:{port}"))
        host_key = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.relay.port()} {host_key}")

    def client(self, program, *words, script=""):
        """(exit status, stdout, stderr) of ssh or sftp, logging in through the relay."""
        options = ["-F", "none", "-i", self.folder / "user", "-o", f"UserKnownHostsFile={self.folder}/known_hosts",
                   "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
                   "-o", f"User={getpass.getuser()}", "-o", f"Port={self.relay.port()}"]
        done = subprocess.run([peers.find(program), *options, *words], env=peers.environment(), input=script,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

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
