"""A private hosts file, mounted over /etc/hosts for one process in a mount namespace."""
import os
import shutil
import subprocess

BIND = 'mount --bind "$0" /etc/hosts && exec "$@"'


def own_hosts(file):
    """The prefix that makes a command read `file` as /etc/hosts; None if the system forbids it."""
    if not shutil.which("unshare"):
        return None
    for options in (["--mount"], ["--map-root-user", "--mount"]):
        words = ["unshare", *options, "sh", "-c", BIND, str(file)]
        if os.geteuid() == 0 or "--map-root-user" in options:
            if subprocess.run([*words, "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0:
                return words
    return None
