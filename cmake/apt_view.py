#!/usr/bin/env python3
"""A private apt view: packages from the machine's own Debian mirror, without root and without touching the system.

The view has its own lists, cache and state below `root`. Its sources come from the mirror in the machine's apt
sources, with the machine's keyring, so apt checks signatures as usual. Proxies and other settings in apt.conf.d still
apply.
"""

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from apt_sources import SourcesError, derived_sources

LISTS_STAY_FRESH = 7 * 24 * 3600  # seconds


class AptError(Exception):
    """A failure; the message says what failed and what to do next."""


class AptView:
    """`suites`: None for the suites that the machine itself uses, "newer" for the newest of its distribution."""

    def __init__(self, root, suites=None, sources=False):
        self.root = Path(root).resolve()
        self.debs = self.root / "debs"
        self._text = _derived(suites, sources)
        self._depth = 0

    # --- public

    def update(self, force=False):
        """Fetches the package lists, unless the present ones are fresh and come from the same sources."""
        with self._locked():
            stamp = self.root / "fetched"
            if not force and _fresh(stamp) and stamp.read_text() == self._text:
                return
            self._write_configuration()
            _say("fetching package lists")
            done = self._run(["apt-get", "-q", "update"], check=False)
            if done.returncode != 0 and not any(self._lists().glob("*_Release")):
                raise AptError(_explain("cannot fetch the package lists", done))
            if done.returncode != 0:
                _say("some package lists are missing: " + _first_error(done))
            stamp.write_text(self._text)

    def versions(self, package):
        """The versions of a binary package that the suites offer, newest first."""
        out = self._ask(["apt-cache", "madison", package]).stdout
        rows = [[field.strip() for field in line.split("|")] for line in out.splitlines()]
        return _newest_first({row[1] for row in rows if len(row) == 3 and not row[2].endswith("Sources")})

    def source_versions(self, package):
        out = self._ask(["apt-cache", "showsrc", "--only-source", package], check=False).stdout
        return _newest_first(set(re.findall(r"^Version: (\S+)$", out, re.MULTILINE)))

    def download(self, packages):
        """Downloads only these packages; returns the paths of their .deb files."""
        return self._fetch(["apt-get", "-q", "download", *packages], self.debs)

    def install_closure(self, packages):
        """Downloads everything that installing these packages would add to this system; returns the .deb files."""
        installed = "Dir::State::status=/var/lib/dpkg/status"
        install = ["apt-get", "-q", "install", "-y", "--no-install-recommends", "--download-only", "-o", installed]
        return self._fetch(install + list(packages), self.root / "cache" / "archives")

    def source(self, package, prefix=""):
        """Downloads the newest source whose version starts with `prefix`; returns the folder of its files."""
        with self._locked():
            self.update()
            offered = self.source_versions(package)
            wanted = [v for v in offered if v.partition(":")[2 if ":" in v else 0].startswith(prefix)]
            if not wanted:
                raise AptError(f'no source of {package} {prefix}* on this mirror, which offers '
                               f'{", ".join(offered) or "none"}; install it by hand or allow access to its releases')
            target = self.root / "sources" / f"{package}-{wanted[0].replace(':', '%')}"
            if not list(target.glob("*.dsc")):
                with _made_whole(target) as partial:
                    command = ["apt-get", "-q", "source", "--download-only", f"{package}={wanted[0]}"]
                    self._retrying(command, partial)
            return target

    @staticmethod
    def unpack(deb, into):
        """Unpacks a .deb file below a folder, without installing it."""
        Path(into).mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["dpkg-deb", "-x", str(deb), str(into)], text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise AptError(f"cannot unpack {deb}: {done.stderr.strip()}; remove the file and try again")

    # --- private

    def _fetch(self, command, into):
        with self._locked():
            self.update()
            into.mkdir(parents=True, exist_ok=True)
            # One line per file: 'URI' name size hash. The cache is empty, because apt omits files that it already has.
            uris = self._ask(command + ["--print-uris", "-o", f"Dir::Cache::archives={self.root}/none/"]).stdout
            names = [m.group(1) for m in re.finditer(r"^'[^']+' (\S+\.deb) \d+", uris, re.MULTILINE)]
            missing = [name for name in names if not (into / name).exists()]
            if missing:
                _say("fetching " + " ".join(name.partition("_")[0] for name in missing))
                self._retrying(command, into)
            return [into / name for name in names]

    def _retrying(self, command, cwd):
        """Mirrors change: if a listed file has gone, fetches the lists again, once."""
        done = self._run(command, check=False, cwd=cwd)
        if done.returncode != 0:
            self.update(force=True)
            self._run(command, cwd=cwd)

    def _ask(self, command, check=True):
        self.update()
        return self._run(command, check=check)

    def _run(self, command, check=True, cwd=None):
        argv = [command[0], "-c", str(self.root / "apt.conf"), *command[1:]]
        env = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        try:
            done = subprocess.run(argv, cwd=cwd or self.root, env=env, text=True, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        except FileNotFoundError:
            raise AptError(f"{command[0]} is not installed: this is not a Debian-family machine") from None
        if check and done.returncode != 0:
            raise AptError(_explain(f'"{" ".join(command)}" failed', done))
        return done

    def _lists(self):
        return self.root / "lists"

    def _write_configuration(self):
        # apt silently skips caching in a path that it can't write to, so create every folder first.
        for folder in ("lists/partial", "cache/archives/partial", "state", "none", "debs", "sources"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "empty").write_text("")
        (self.root / "view.sources").write_text(self._text)
        (self.root / "apt.conf").write_text(f"""\
Dir::State "{self.root}/state";
Dir::State::lists "{self._lists()}";
Dir::State::status "{self.root}/empty";
Dir::Cache "{self.root}/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "{self.root}/view.sources";
Dir::Etc::sourceparts "{self.root}/none";
Dir::Etc::preferences "{self.root}/empty";
Dir::Etc::preferencesparts "{self.root}/none";
APT::Sandbox::User "";
Debug::NoLocking "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Binary::apt-get::APT::Keep-Downloaded-Packages "true";
APT::Keep-Downloaded-Packages "true";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb-src::Contents-dsc::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
""")

    @contextlib.contextmanager
    def _locked(self):
        """Admits one process at a time, because two presets may be configured at once."""
        if self._depth == 0:
            self.root.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.root / "lock", "w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say("waiting for another build to finish fetching")
                fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._lock.close()


def unpack_original(folder, into):
    """Unpacks the upstream tarball of a downloaded source, without its top-level folder."""
    tarballs = sorted(Path(folder).glob("*.orig.tar.*"))
    tarballs = [t for t in tarballs if t.suffix != ".asc"]
    if len(tarballs) != 1:
        raise AptError(f"{folder} holds {len(tarballs)} upstream tarballs where one was expected; remove the folder")
    with tarfile.open(tarballs[0]) as tar:
        for member in tar.getmembers():
            member.name = member.name.partition("/")[2]
            if not member.name or member.name.startswith("/") or ".." in Path(member.name).parts:
                continue
            tar.extract(member, into, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))


# --- helpers


def _derived(suites, sources):
    try:
        return derived_sources(suites, sources)
    except SourcesError as error:
        raise AptError(str(error)) from None


def _newest_first(versions):
    newest = []
    for version in versions:
        older = [dpkg for dpkg in newest if _later(version, dpkg)]
        newest.insert(len(newest) - len(older), version)
    return newest


def _later(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "gt", b], check=False).returncode == 0


def _fresh(stamp):
    return stamp.exists() and time.time() - stamp.stat().st_mtime < LISTS_STAY_FRESH


@contextlib.contextmanager
def _made_whole(target):
    """A folder that appears under its name only once it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    try:
        partial.chmod(0o755)
        yield partial
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _first_error(done):
    lines = [line for kind in ("E:", "W:") for line in done.stderr.splitlines() if line.startswith(kind)]
    return lines[0][2:].strip().rstrip(".") if lines else (done.stderr.strip() or "no reason given")


def _explain(what, done):
    reason = _first_error(done)
    if "NO_PUBKEY" in reason or "not signed" in reason:
        step = "update this machine's archive keyring package"
    elif "does not have a Release file" in reason:
        step = "this machine's mirror does not carry that suite; name a full mirror in /etc/apt"
    elif "Unable to locate package" in reason or "has no installation candidate" in reason:
        step = "check the package's name"
    elif "Could not resolve" in reason or "Failed to fetch" in reason or "connect" in reason:
        step = "check the network and the proxy in /etc/apt/apt.conf.d, then try again"
    else:
        step = "the full output of apt stands above this line"
        sys.stderr.write(done.stdout + done.stderr)
    return f"{what}: {reason}; {step}"


def _say(text):
    print(f"apt view: {text}", file=sys.stderr, flush=True)


def main():
    """Puts what CMake asks for into DIR and prints its version: `headers PACKAGE DIR` and `source PACKAGE PREFIX DIR` from
    the newest suite, `library PACKAGE DIR` from this machine's own."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("what", choices=["headers", "source", "library"])
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    newer = options.what != "library"
    view = AptView(options.root, suites="newer" if newer else None, sources=newer)
    *query, into = options.arguments
    into = Path(into)
    with view._locked():
        version = into / ".version"
        if not version.exists():
            with _made_whole(into) as partial:
                if options.what != "source":
                    deb, = view.download(query)
                    view.unpack(deb, partial)
                    found = deb.name.split("_")[1]
                else:
                    folder = view.source(*query)
                    unpack_original(folder, partial)
                    found = folder.name.partition("-")[2]
                (partial / ".version").write_text(found)
        print(version.read_text())


if __name__ == "__main__":
    try:
        main()
    except AptError as error:
        sys.exit(f"apt view: {error}")
