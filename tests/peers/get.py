#!/usr/bin/env python3
"""Makes sure that the third-party programs of the tests, or the benchmark, are there: get.py --into DIR [--bench]."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "e2e"))
sys.path.insert(0, str(TESTS.parent / "cmake"))
sys.dont_write_bytecode = True

from harness import peers  # noqa: E402

# Beside the programs: TigerVNC's server reads xkb data at a fixed path, which proot binds where root is not ours.
XKB_DATA = "/usr/share/X11/xkb/rules/evdev"


def absent_of(wanted, into):
    """{peer: package} for what of `wanted` is neither on the system nor unpacked in `into`."""
    return {name: package for name, (_, package) in wanted.items() if not peers.locate(name, into)}


def missing(into):
    """What the end-to-end tests lack."""
    absent = absent_of(peers.PEERS, into)
    root = peers.unpacked_root(into)
    if not os.path.exists(XKB_DATA) and not (root and os.path.exists(f"{root}{XKB_DATA}")):
        absent["xkb data"] = "xkb-data"
    if root and _needs_proot(root) and not (root / "usr/bin/proot").exists() and not shutil.which("proot"):
        absent["proot"] = "proot"
    return absent


def _needs_proot(root):
    return (root / "usr/bin/xkbcomp").exists() or os.path.exists(f"{root}{XKB_DATA}")


def install_with_apt(packages):
    """As root: the packages. RUNLEVEL=1 asks their scripts not to start services; nothing in /etc is changed by us.
    Returns why not, or None."""
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    for attempt in (install, ["apt-get", "update"], install):
        done = subprocess.run(attempt, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if attempt is install and done.returncode == 0:
            return None
    return f"apt-get could not install {' '.join(packages)}:\n{done.stdout[-2000:]}"


def unpack_without_root(packages, into):
    """As anybody: the packages and what they need, unpacked below `into`/root from the machine's own suites. Returns why
    not, or None."""
    from apt_view import AptError, AptView
    if any(package in ("tigervnc-standalone-server", "x11-xkb-utils", "xkb-data") for package in packages):
        packages = sorted({*packages, "proot"})
    root = into / "root"
    root.mkdir(parents=True, exist_ok=True)
    try:
        view = AptView(into / "apt")
        view.update()
        for deb in view.install_closure(packages):
            view.unpack(deb, root)
    except AptError as error:
        return str(error)
    return None


def get_for_bench(into):
    """Unpacks what the benchmark lacks, as root too: nothing of it has to run as a service of this machine."""
    wanted = {**{name: peers.PEERS[name] for name in ("stunnel", "openssl", "ip", "haproxy")}, **peers.BENCH_PEERS}
    absent = absent_of(wanted, into)
    if absent and shutil.which("apt-get"):
        print(f"getting {' '.join(sorted(set(absent.values())))}", flush=True)
        unpack_without_root(sorted(set(absent.values())), into)
        absent = absent_of(wanted, into)
    for name, package in sorted(absent.items()):
        print(f"get.py: {name} is missing (Debian's package {package}); it will stand as not measured")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=pathlib.Path, required=True, help="where to unpack what is not installed")
    parser.add_argument("--bench", action="store_true", help="the programs that the benchmark compares, not the tests'")
    options = parser.parse_args()
    into = options.into.resolve()
    if options.bench:
        get_for_bench(into)
        return

    absent = missing(into)
    if absent and shutil.which("apt-get"):
        packages = sorted(set(absent.values()))
        print(f"getting {' '.join(packages)}", flush=True)
        get = install_with_apt if os.geteuid() == 0 else lambda names: unpack_without_root(names, into)
        refusal = get(packages)
        if refusal and len(packages) > 1:  # one that this suite lacks must not cost the others
            refusal = "\n".join(filter(None, (get([package]) for package in packages)))
        if refusal:
            print(f"get.py: {refusal}", file=sys.stderr)
        peers.library_folders.cache_clear()
        absent = missing(into)
    if not absent:
        print("every third-party program of the end-to-end tests is here")
        return
    lines = [f"  {name}: Debian's package {package}" for name, package in sorted(absent.items())]
    words = "\n".join(["these programs are missing; install them with this system's package manager:", *lines])
    if peers.REQUIRED:
        sys.exit(f"get.py: {words}")
    print(f"{words}\nTests that need them will not be run.")


if __name__ == "__main__":
    main()
