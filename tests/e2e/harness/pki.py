"""Creates certificates of every kind with the openssl program, in the scenario's folder."""
import base64
import datetime
import hashlib
import ipaddress
import itertools
import pathlib
import shutil
import subprocess

from . import peers

_serial = itertools.count(1)

CONFIG = """
[req]
distinguished_name = subject
prompt = no
[subject]
CN = {name}
[ca]
default_ca = authority
[authority]
database = {stem}.index
new_certs_dir = {folder}
serial = {stem}.serial
default_md = {digest}
policy = anything
unique_subject = no
{use}
[anything]
commonName = optional
[extensions]
{extensions}
"""


class Identity:
    """A certificate file (leaf first, then the chain) and its key file."""

    def __init__(self, cert, key):
        self.cert, self.key = cert, key


def _openssl(folder, *words):
    done = peers.run("openssl", *words, cwd=folder, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(map(str, words))}:\n{done.stdout}")
    return done.stdout


def _make(folder, name, extensions, kind="ec", days=(-1, 365), signer=None, digest="sha256",
          same_key=None):
    """Creates a key (or takes that of the Identity `same_key`) and a certificate for `name`, signed by `signer` (an
    Identity) or self-signed; valid between these `days` from now. Without extensions it is X.509 version 1."""
    stem = folder / f"{next(_serial)}-{''.join(c if c.isalnum() else '-' for c in name)}"
    cert, key, request, config = (stem.with_suffix(end) for end in (".pem", ".key", ".csr", ".cnf"))
    config.write_text(CONFIG.format(name=name, stem=stem, folder=folder, extensions="\n".join(extensions), digest=digest,
                                    use="x509_extensions = extensions" if extensions else ""))
    stem.with_suffix(".index").write_text("")
    stem.with_suffix(".serial").write_text(f"{next(_serial):04x}\n")
    algorithm = {"ec": ("EC", "ec_paramgen_curve:P-256"), "p384": ("EC", "ec_paramgen_curve:P-384"),
                 "rsa": ("RSA", "rsa_keygen_bits:2048"), "rsa4096": ("RSA", "rsa_keygen_bits:4096"),
                 "rsa1024": ("RSA", "rsa_keygen_bits:1024")}[kind]
    if same_key:
        shutil.copy(same_key.key, key)
    else:
        _openssl(folder, "genpkey", "-algorithm", algorithm[0], "-pkeyopt", algorithm[1], "-out", key)
    _openssl(folder, "req", "-new", "-config", config, "-key", key, "-out", request)
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = ((now + datetime.timedelta(days=day)).strftime("%y%m%d%H%M%SZ") for day in days)
    by = ["-cert", signer.cert, "-keyfile", signer.key] if signer else ["-selfsign", "-keyfile", key]
    _openssl(folder, "ca", "-config", config, "-batch", "-notext", "-in", request, "-out", cert,
             "-startdate", start, "-enddate", end, *by)
    return Identity(cert, key)


def _leaf(names, usage):
    kinds = [f"IP:{name}" if _is_address(name) else f"DNS:{name}" for name in names]
    extensions = ["basicConstraints = critical, CA:FALSE", "keyUsage = critical, digitalSignature, keyEncipherment"]
    return extensions + ([f"extendedKeyUsage = {usage}"] if usage else []) + [f"subjectAltName = {', '.join(kinds)}"]


def _is_address(name):
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        return False


class Authority:
    """A CA; `ca` is its certificate file, the one to trust."""

    def __init__(self, folder, name="Test Root", kind="ec", parent=None, more=(), **how):
        self.folder, self.parent = pathlib.Path(folder), parent
        self.identity = _make(self.folder, name, ["basicConstraints = critical, CA:TRUE",
                                                  "keyUsage = critical, keyCertSign, cRLSign", *more],
                              kind, signer=parent.identity if parent else None, **how)
        self.ca = self.identity.cert
        self.name = name

    def crossed_by(self, other, **how):
        """The same CA with a certificate that the Authority `other` has signed."""
        return Authority(self.folder, self.name, parent=other, same_key=self.identity, **how)

    def issue(self, *names, usage="serverAuth", kind="ec", days=(-1, 365), chain=True, common_name=None,
              extensions=None, digest="sha256"):
        """A leaf for `names` (DNS names and addresses), followed by the intermediates unless `chain` is False;
        `extensions` replaces the usual ones."""
        identity = _make(self.folder, common_name or names[0], _leaf(names, usage) if extensions is None else extensions,
                         kind, days, self.identity, digest)
        authority = self
        while chain and authority.parent:
            with open(identity.cert, "a") as file:
                file.write(authority.ca.read_text())
            authority = authority.parent
        return identity

    def revocation_list(self, *revoked, days=(-1, 30)):
        """Writes this CA's revocation list with these identities; returns its file."""
        stem = self.folder / f"{next(_serial)}-list"
        lines = []
        for identity in revoked:
            serial = _openssl(self.folder, "x509", "-in", identity.cert, "-noout", "-serial").strip().partition("=")[2]
            lines.append(f"R\t490101000000Z\t240131120000Z\t{serial}\tunknown\t/CN=revoked\n")
        stem.with_suffix(".index").write_text("".join(lines))
        config, out = stem.with_suffix(".cnf"), stem.with_suffix(".crl")
        config.write_text(CONFIG.format(name="list", stem=stem, folder=self.folder, extensions="", use="",
                                        digest="sha256"))
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = ((now + datetime.timedelta(days=day)).strftime("%y%m%d%H%M%SZ") for day in days)
        _openssl(self.folder, "ca", "-config", config, "-gencrl", "-out", out, "-cert", self.identity.cert, "-keyfile",
                 self.identity.key, "-crl_lastupdate", start, "-crl_nextupdate", end)
        return out


def self_signed(folder, *names, usage="serverAuth", **how):
    """A self-signed leaf."""
    return _make(pathlib.Path(folder), names[0], _leaf(names, usage), **how)


def pin_of(identity):
    """The pin of an identity's certificate, computed with openssl."""
    return pin_of_file(identity.cert)


def pin_of_file(cert):
    """The pin of a certificate file, computed with openssl."""
    public = peers.run("openssl", "x509", "-in", cert, "-pubkey", "-noout", text=False, check=True).stdout
    der = peers.run("openssl", "pkey", "-pubin", "-outform", "der", input=public, text=False, check=True).stdout
    return "sha256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
