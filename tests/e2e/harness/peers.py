"""Finds the third-party programs: on PATH, or unpacked in TUNNEL_PEERS by tests/peers/get.py."""
import ctypes
import functools
import glob
import os
import pathlib
import shutil
import subprocess
import unittest

from .net import PATIENCE

# Name used by scenarios -> (possible file names, the Debian package that provides it).
PEERS = {
    "stunnel": (("stunnel4", "stunnel"), "stunnel4"),
    "openssl": (("openssl",), "openssl"),
    "gnutls-cli": (("gnutls-cli",), "gnutls-bin"),
    "gnutls-serv": (("gnutls-serv",), "gnutls-bin"),
    "curl": (("curl",), "curl"),
    "Xtigervnc": (("Xtigervnc", "Xvnc"), "tigervnc-standalone-server"),
    "xkbcomp": (("xkbcomp",), "x11-xkb-utils"),
    "vncviewer": (("xtigervncviewer", "vncviewer"), "tigervnc-viewer"),
    "vncsnapshot": (("vncsnapshot",), "vncsnapshot"),
    "mbpoll": (("mbpoll",), "mbpoll"),
    "libmodbus": (("libmodbus.so.5",), "libmodbus5"),
    "sshd": (("sshd",), "openssh-server"),
    "ssh": (("ssh",), "openssh-client"),
    "sftp": (("sftp",), "openssh-client"),
    "ssh-keygen": (("ssh-keygen",), "openssh-client"),
    "mandoc": (("mandoc",), "mandoc"),
    "tmux": (("tmux",), "tmux"),
    "pyte": (("/usr/lib/python3/dist-packages/pyte/__init__.py",), "python3-pyte"),
    "yaml": (("/usr/lib/python3/dist-packages/yaml/__init__.py",), "python3-yaml"),
    "zsh": (("zsh",), "zsh"),
    "fish": (("fish",), "fish"),
    "systemd-socket-activate": (("systemd-socket-activate",), "systemd"),
    "systemd-analyze": (("systemd-analyze",), "systemd"),
    "systemd-journald": (("/lib/systemd/systemd-journald",), "systemd"),
    "journalctl": (("journalctl",), "systemd"),
    "rsyslogd": (("rsyslogd",), "rsyslog"),
    "git": (("git",), "git"),
    "ip": (("ip",), "iproute2"),
    "ss": (("ss",), "iproute2"),
    "nft": (("nft",), "nftables"),
    "libfaketime": (("/usr/lib/*/faketime/libfaketimeMT.so.1",), "libfaketime"),
    "haproxy": (("haproxy",), "haproxy"),
    "umoci": (("umoci",), "umoci"),
    "crun": (("crun",), "crun"),
    # Docker's own where it is installed; the other has the same list, and another error for what isn't on it
    "seccomp profile": (("/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json",
                         "/usr/share/containers/seccomp.json"), "golang-github-containers-common"),
}

# Used only by the benchmark, which also needs stunnel, openssl, ip and haproxy.
BENCH_PEERS = {
    "nginx": (("nginx",), "nginx"),
    "nginx stream": (("/usr/lib/nginx/modules/ngx_stream_module.so",), "libnginx-mod-stream"),
    "socat": (("socat",), "socat"),
    "strace": (("strace",), "strace"),
}


REQUIRED = bool(os.environ.get("TUNNEL_REQUIRE_PEERS"))


class MissingPeer(Exception if REQUIRED else unittest.SkipTest):
    """A third-party program that a test needs is not on this machine: what needs it isn't run, and the last block of a
    run says so; with TUNNEL_REQUIRE_PEERS it fails."""


def unpacked_root(into=None):
    """The tree of unpacked packages, or None if every program is the system's."""
    into = into or os.environ.get("TUNNEL_PEERS")
    root = pathlib.Path(into).resolve() / "root" if into else None
    return root if root and root.is_dir() else None


@functools.lru_cache(maxsize=None)
def library_folders(root):
    """Every folder below `root` with a shared library in it."""
    return sorted({str(path.parent) for top in ("lib", "usr/lib") for path in (root / top).rglob("*.so*")})


def program_folders(root):
    """The search path for programs: PATH, the sbin folders, then the unpacked tree."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep) + ["/usr/sbin", "/sbin"]
    return folders + ([str(root / part) for part in ("usr/bin", "bin", "usr/sbin", "sbin")] if root else [])


def _entry(peer):
    return PEERS.get(peer) or BENCH_PEERS[peer]


def locate(peer, into=None):
    """The path of `peer`, or None."""
    root = unpacked_root(into)
    for name in _entry(peer)[0]:
        if name.startswith("/"):
            found = glob.glob(name) or (glob.glob(f"{root}{name}") if root else [])
            if found:
                return found[0]
        elif name.startswith("lib"):
            if root:
                found = next((path for path in root.rglob(name)), None)
                if found:
                    return str(found)
            if _loads(name):
                return name
        else:
            found = shutil.which(name, path=os.pathsep.join(program_folders(root)))
            if found:
                return found
    return None


def _loads(library):
    try:
        ctypes.CDLL(library)
        return True
    except OSError:
        return False


def find(peer):
    """The path of `peer`; the error for a missing one says how to get it."""
    found = locate(peer)
    if not found:
        raise MissingPeer(f"{peer} is not here (Debian's package {_entry(peer)[1]})")
    return found


def environment():
    """The environment for third-party programs: searches the unpacked tree last, for programs and libraries."""
    env = dict(os.environ)
    root = unpacked_root()
    env["PATH"] = os.pathsep.join(program_folders(root))
    if root:
        inherited = [env["LD_LIBRARY_PATH"]] if env.get("LD_LIBRARY_PATH") else []
        env["LD_LIBRARY_PATH"] = os.pathsep.join(inherited + library_folders(root))
    env["LC_ALL"] = "C"
    return env


def run(peer, *words, env=None, **options):
    """Runs a third-party program until it exits; returns a CompletedProcess, with bytes if `text` is False."""
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": PATIENCE, **options}
    return subprocess.run([find(peer), *map(str, words)], env={**environment(), **(env or {})}, **options)
