"""The apt sources of this machine, read from both of apt's formats, and others derived from them."""

import re
from pathlib import Path

ROLLING = ("sid", "unstable", "testing", "stable", "devel")


class SourcesError(Exception):
    """A source is missing; the message says which."""


def derived_sources(suites, sources):
    """The view's sources in deb822: the stanza of the machine's own release, with other suites if requested."""
    release = _os_release()
    own = [release[k] for k in ("VERSION_CODENAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME") if release.get(k)]
    stanzas = list(_stanzas())
    base = next((s for name in (*own, *ROLLING) for s in stanzas if name in s["Suites"]), None)
    if base is None:
        raise SourcesError("no apt source of this machine names its own release "
                       f'({", ".join(own) or "unknown"}); add one with component main to /etc/apt/sources.list.d')
    if suites == "newer":
        ubuntu = release.get("ID") == "ubuntu" or "UBUNTU_CODENAME" in release
        suites = ["devel"] if ubuntu else ["sid", "testing"]
    if suites is None:
        names = tuple(n for n in base["Suites"] if n in own or n in ROLLING)
        chosen = [s for s in stanzas if any(x.startswith(n) for x in s["Suites"] for n in names)]
    else:
        chosen = [{**base, "Suites": list(suites)}]
    types = "deb deb-src" if sources else "deb"
    return "\n".join(_stanza(s, types) for s in chosen)


def _stanza(stanza, types):
    fields = {
        "Types": types,
        "URIs": " ".join(stanza["URIs"]),
        "Suites": " ".join(stanza["Suites"]),
        "Components": " ".join(c for c in stanza["Components"] if c in ("main", "universe")),
        "Signed-By": stanza.get("Signed-By", ""),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _stanzas():
    """The machine's enabled sources of binary packages that have a component main, in either of apt's formats."""
    etc = Path("/etc/apt")
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if not path.is_file() or path.suffix not in (".list", ".sources"):
            continue
        text = path.read_text(errors="replace")
        for stanza in _deb822(text) if path.suffix == ".sources" else _one_line(text):
            stanza["URIs"] = [u for u in stanza["URIs"] if not u.startswith("cdrom:")]
            if stanza["URIs"] and "main" in stanza["Components"]:
                yield stanza


def _deb822(text):
    text = re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n", text):
        fields = {}
        for name, value in re.findall(r"^([A-Za-z-]+):((?:.*\n?)(?:[ \t].*\n?)*)", block, re.MULTILINE):
            fields[name.lower()] = value.rstrip("\n") if "\n " in value.strip("\n") else value.strip()
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() not in ("no", "false"):
            yield {"URIs": fields.get("uris", "").split(), "Suites": fields.get("suites", "").split(),
                   "Components": fields.get("components", "").split(), "Signed-By": fields.get("signed-by", "")}


def _one_line(text):
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match:
            options = dict(re.findall(r"(\S+?)=(\S+)", match.group(1) or ""))
            yield {"URIs": [match.group(2)], "Suites": [match.group(3)], "Components": match.group(4).split(),
                   "Signed-By": options.get("signed-by", "").replace(",", " ")}


def _os_release():
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        raise SourcesError("there is no /etc/os-release: this is not a Debian-family machine") from None
    return {k: v.strip("\"'") for k, v in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)}
