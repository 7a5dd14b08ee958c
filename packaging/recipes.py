#!/usr/bin/env python3
"""Writes the recipes for package collections (Homebrew, AUR, winget, ...) from the templates in packaging/recipes.

Needs the sums of the release's files. SOURCE_DATE_EPOCH sets the date in changelogs.
"""
import argparse
import email.utils
import os
import pathlib
import re
import string
import sys
import textwrap
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "packaging" / "recipes"

# NOT DECIDED YET: a placeholder. Nothing is published at this address.
REPOSITORY = "https://github.com/tunnel-tls/tunnel"

WINDOWS = ("x86_64", "arm64")
TESTS_ALONE = {"doctest"}  # no recipe builds the tests
SHA256 = re.compile(r"[0-9a-f]{64}")


class RecipeError(Exception):
    """The message says what is missing, and what to do next."""


class Recipe(string.Template):
    """Every recipe has a meaning for $, % or @, but none for @@{."""
    delimiter = "@@"


class Dependency:
    """A pinned release of cmake/dependencies.cmake."""

    def __init__(self, name, sha256, url):
        self.name, self.sha256, self.url = name, sha256, url
        # without an ending by which a package builder would unpack it by itself
        self.file = f"{name}-{sha256[:12]}"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def found(pattern, name, what):
    match = re.search(pattern, read(name), re.MULTILINE | re.DOTALL)
    if not match:
        raise RecipeError(f"{name} has no {what}")
    return match.group(1)


def version():
    return found(r"^project\(tunnel VERSION ([0-9.]+)", "CMakeLists.txt", "project(tunnel VERSION")


def dependencies():
    """The pinned releases of which the program is built."""
    name = "cmake/dependencies.cmake"
    rows = re.findall(r"^_deps_release\(\s*(\w+)\s+(\S+)\s+(\S+?)\s*\)", read(name), re.MULTILINE)
    if not rows:
        raise RecipeError(f"{name} has no line _deps_release(NAME SHA256 URL)")
    for row in rows:
        if not SHA256.fullmatch(row[1]):
            raise RecipeError(f"{name}: the hash of {row[0]} is no SHA-256: {row[1]}")
    return [Dependency(*row) for row in rows if row[0] not in TESTS_ALONE]


def read_sums(path):
    """{file name: SHA-256} of a file as sha256sum writes it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RecipeError(f"{path}: {error.strerror}; cmake --workflow --preset package writes it") from None
    sums = {}
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"([0-9a-f]{64}) [ *](\S+)", line)
        if not match:
            raise RecipeError(f"{path}:{number}: not a line of sha256sum: {line}")
        sums[match.group(2)] = match.group(1)
    return sums


class Sums(dict):
    """Values of a template; those that come from the sums are looked up when a template asks for them."""

    def __init__(self, values, path):
        super().__init__(values)
        self.path, self.sums = path, None

    def __missing__(self, key):
        file = self["windows_file_" + key[len("windows_sha256_"):]] if key.startswith("windows_sha256_") else None
        if not file:
            raise KeyError(key)
        if self.sums is None:
            self.sums = read_sums(self.path)
        if file not in self.sums:
            raise RecipeError(f"{self.path} has no sum of {file}: put the file beside it and add its line of sha256sum")
        return self.sums[file]


def values(source_sha256, now):
    """What the templates may name, but for the sums."""
    number, releases = version(), dependencies()
    source = f"tunnel-{number}.tar.gz"
    date = time.gmtime(now)
    table = {
        "version": number,
        "repository": REPOSITORY,
        "maintainer": found(r'set\(TUNNEL_MAINTAINER "([^"]+)"', "cmake/package.cmake", "TUNNEL_MAINTAINER"),
        "source_file": source,
        "source_url": f"{REPOSITORY}/releases/download/v{number}/{source}",
        "source_sha256": source_sha256,
        "date": time.strftime("%Y-%m-%d", date),
        "date_in_debian": email.utils.formatdate(now).replace("-0000", "+0000"),
        "date_in_rpm": time.strftime("%a %b %d %Y", date),
        "names": " ".join(release.name for release in releases),
        # lists stand on a line of their own in a template
        "homebrew_resources": [f'resource "{each.name}" do\n  url "{each.url}"\n  sha256 "{each.sha256}"\nend\n'
                               for each in releases],
        "aur_sources": [f'"{each.file}::{each.url}"' for each in releases],
        "alpine_sources": [f"{each.file}::{each.url}" for each in releases],
        "files": [each.file for each in releases],
        "sums": [each.sha256 for each in releases],
        "sums_and_files": [f"{each.sha256}  {each.file}" for each in releases],
        "unpack": [f"_unpack {each.name} {each.file}" for each in releases],
        "folders": [f'"-DFETCHCONTENT_SOURCE_DIR_{each.name.upper()}=$PWD/deps/{each.name}" \\' for each in releases],
        "rpm_sources": [f"{f'Source{at}:':<16}{each.url}" for at, each in enumerate(releases, 1)],
        "rpm_unpack": [f"unpack {each.name} {each.sha256} %{{SOURCE{at}}}" for at, each in enumerate(releases, 1)],
        "nix_sources": [f'{each.name} = pkgs.fetchurl {{\n  url = "{each.url}";\n  sha256 = "{each.sha256}";\n}};'
                        for each in releases],
    }
    for machine in WINDOWS:
        file = f"tunnel-{number}-Windows-{machine}.zip"
        table[f"windows_file_{machine}"] = file
        table[f"windows_folder_{machine}"] = file[:-len(".zip")]
        table[f"windows_url_{machine}"] = f"{REPOSITORY}/releases/download/v{number}/{file}"
    return table


def collections():
    return sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())


def fill(text, table):
    """The template with its values; a list takes the indent of its line."""
    def lines(match):
        value = table.get(match.group(2))
        if not isinstance(value, list):
            return match.group(0)
        return textwrap.indent("\n".join(value), match.group(1)).rstrip("\n") + "\n"
    return Recipe(re.sub(r"^([ \t]*)@@{(\w+)}\n", lines, text, flags=re.MULTILINE)).substitute(table)


def write(names, table, into):
    """Fills in the templates of these collections. Writes nothing if a value is missing."""
    done = {}
    for name in names:
        for path in sorted(path for path in (TEMPLATES / name).rglob("*") if path.is_file()):
            try:
                done[path] = fill(path.read_text(encoding="utf-8"), table)
            except (KeyError, ValueError) as error:
                raise RecipeError(f"{path.relative_to(ROOT)}: unknown or incomplete @@{{...}}: {error}") from None
    for path, text in done.items():
        target = into / path.relative_to(TEMPLATES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
        target.chmod(path.stat().st_mode & 0o777)
    return len(done)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sums", type=pathlib.Path, required=True, metavar="FILE", help="SHA256SUMS of the release")
    parser.add_argument("--source-sha256", required=True, metavar="HASH", help="SHA-256 of the source archive")
    parser.add_argument("--into", type=pathlib.Path, required=True, metavar="FOLDER", help="where to write the recipes")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=collections(),
                        help=f"only these: {', '.join(collections())}")
    options = parser.parse_args()
    try:
        if not SHA256.fullmatch(options.source_sha256):
            raise RecipeError(f"--source-sha256: not a SHA-256 in lower case: {options.source_sha256}")
        now = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
        table = Sums(values(options.source_sha256, now), options.sums)
        count = write(options.only or collections(), table, options.into)
    except RecipeError as error:
        sys.exit(f"recipes.py: {error}")
    print(f"{count} files of recipes for tunnel {version()} are in {options.into}")


if __name__ == "__main__":
    main()
