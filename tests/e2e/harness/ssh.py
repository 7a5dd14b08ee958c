"""OpenSSH's server with its own keys, and its clients."""
import getpass
import os
import pathlib

from . import peers
from .net import free_port

PRIVILEGE_SEPARATION = pathlib.Path("/run/sshd")  # compiled into sshd, which requires it when run by root


class SshServer:
    """An sshd on `port` that accepts the user who runs the scenario."""

    def __init__(self, scenario):
        self.folder = scenario.folder
        for name in ("host", "user"):
            peers.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name, check=True)
        if os.geteuid() == 0 and not PRIVILEGE_SEPARATION.exists():
            PRIVILEGE_SEPARATION.mkdir(mode=0o755)
            scenario.addCleanup(PRIVILEGE_SEPARATION.rmdir)
        self.port = free_port()
        # without PAM an unprivileged sshd refuses accounts with a locked password, such as service accounts
        (self.folder / "sshd_config").write_text(f"""
            ListenAddress 127.0.0.1:{self.port}
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
        scenario.start("sshd", [peers.find("sshd"), "-D", "-e", "-f", self.folder / "sshd_config"]) \
            .wait_log("listening")

    def is_known_at(self, port):
        """Tells clients that this server is also reached at `port`."""
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(self.folder / 'host.pub').read_text()}")


def ssh_client(folder, program, port, *words, script=""):
    """(exit status, stdout, stderr) of ssh or sftp to a server at `port`, with the keys in `folder`, if any."""
    options = ["-F", "none", "-i", folder / "user", "-o", f"UserKnownHostsFile={folder}/known_hosts",
               "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
               "-o", f"User={getpass.getuser()}", "-o", f"Port={port}"]
    done = peers.run(program, *options, *words, input=script)
    return done.returncode, done.stdout, done.stderr
