"""The programs under comparison, and how each is started in the client role and in the server role."""
import dataclasses
import re
import subprocess

from harness import peers, toml

SUITE = "TLS_AES_256_GCM_SHA384"
NAME = "localhost"  # the name in the certificate, which every client verifies


@dataclasses.dataclass
class Job:
    """The job of one program: a `client` accepts plaintext at `front`, a server accepts TLS there."""

    client: bool
    front: int
    back: int
    folder: object
    identity: object
    ca: object
    workers: int = 1
    resume: bool = True
    plain: bool = False  # no TLS on either side, for the copy relay's partner
    front_host: str = "127.0.0.1"
    back_host: str = "127.0.0.1"
    large: bool = True  # 64 KiB buffers per direction where they can be configured, else the program's default

    @property
    def accept(self):
        return _address(self.front_host, self.front)

    @property
    def connect(self):
        return _address(self.back_host, self.back)


def _address(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Contestant:
    """A program of the comparison. `threads`: it has a thread per connection; `relays_plain`: it can relay without TLS;
    `without_tls`: it has no TLS and marks the limit; `only`: the measures that it supports; `once`: it accepts one
    connection and exits with it."""

    title = ""
    threads = False
    relays_plain = True
    without_tls = False
    only = None
    once = False

    def absent(self):
        """Why it can't be started, or None."""
        missing = [name for name in self.needs if not peers.locate(name)]
        return f"{' and '.join(missing)} is not here: run tests/peers/get.py --bench" if missing else None

    needs = ()

    def words(self, job):
        """Writes the config; returns the command."""
        raise NotImplementedError

    def version(self):
        raise NotImplementedError

    def binary(self):
        return peers.find(self.needs[0])

    def _ask(self, *options):
        done = subprocess.run([self.binary(), *options], env=peers.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        return done.stdout


def _write(job, title, text):
    path = job.folder / f"{title}-{job.front}.conf"
    path.write_text(text)
    return path


class Tunnel(Contestant):
    title = "tunnel"

    def __init__(self, path):
        self.path = path

    def binary(self):
        return self.path

    def words(self, job):
        service = {"accept": job.accept, "connect": job.connect}
        if job.plain:
            service["tls"] = False
        else:
            service.update(min_version="1.3")
            if job.client:
                service.update(client=True, server_name=NAME, ca=job.ca)
            else:
                service.update(cert=job.identity.cert, key=job.identity.key)
        config = job.folder / f"tunnel-{job.front}.toml"
        toml.write(config, {"log": {"level": "warn"}, "process": {"workers": job.workers}}, {"bench": service})
        return [self.path, "--config", config]

    def version(self):
        return self._ask("--version").splitlines()[0]


class Stunnel(Contestant):
    title, threads, relays_plain, needs = "stunnel", True, False, ("stunnel",)

    def words(self, job):
        lines = ["foreground = yes", "pid =", "syslog = no", "debug = warning", "socket = l:TCP_NODELAY=1",
                 "socket = r:TCP_NODELAY=1", "[bench]", f"accept = {job.front_host}:{job.front}",
                 f"connect = {job.back_host}:{job.back}", "sslVersion = TLSv1.3", f"ciphersuites = {SUITE}"]
        if job.client:
            lines += ["client = yes", f"CAfile = {job.ca}", "verifyChain = yes", f"checkHost = {NAME}",
                      f"sni = {NAME}"]
        else:
            lines += [f"cert = {job.identity.cert}", f"key = {job.identity.key}"]
        return [self.binary(), _write(job, self.title, "\n".join(lines) + "\n")]

    def version(self):
        return re.search(r"stunnel (\S+)", self._ask("-version")).group(0)


class Haproxy(Contestant):
    title, needs = "HAProxy", ("haproxy",)

    def words(self, job):
        bind = server = ""
        if not job.plain and job.client:
            server = f" ssl verify required ca-file {job.ca} verifyhost {NAME} sni str({NAME})"
            server += "" if job.resume else " no-ssl-reuse"
        elif not job.plain:
            both = job.folder / f"haproxy-{job.front}.pem"
            both.write_text(job.identity.cert.read_text() + job.identity.key.read_text())
            bind = f" ssl crt {both}" + ("" if job.resume else " no-tls-tickets")
        return [self.binary(), "-db", "-f", _write(job, self.title, f"""\
global
    nbthread {job.workers}
    maxconn 19000
    ulimit-n 20000
    no strict-limits
    ssl-default-bind-options ssl-min-ver TLSv1.3
    ssl-default-bind-ciphersuites {SUITE}
    ssl-default-server-options ssl-min-ver TLSv1.3
    ssl-default-server-ciphersuites {SUITE}
    {"" if job.resume else "tune.ssl.cachesize 0"}
    {"tune.bufsize 65536" if job.large else ""}
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen bench
    bind {job.accept}{bind}
    server next {job.connect}{server}
""")]

    def version(self):
        return "HAProxy " + re.search(r"version (\d[\d.]*)", self._ask("-v")).group(1)


class Nginx(Contestant):
    title, needs = "nginx", ("nginx", "nginx stream")

    def words(self, job):
        front, tls = job.accept, ""
        if not job.plain:
            kind = "proxy_ssl" if job.client else "ssl"
            tls = f"{kind}_protocols TLSv1.3; {kind}_conf_command Ciphersuites {SUITE};\n"
            if job.client:
                tls += (f"proxy_ssl on; proxy_ssl_verify on; proxy_ssl_name {NAME}; proxy_ssl_server_name on;\n"
                        f"proxy_ssl_trusted_certificate {job.ca};\n"
                        f"proxy_ssl_session_reuse {'on' if job.resume else 'off'};")
            else:
                front += " ssl"
                tls += (f"ssl_certificate {job.identity.cert}; ssl_certificate_key {job.identity.key};\n"
                        + ("" if job.resume else "ssl_session_tickets off; ssl_session_cache off;"))
        return [self.binary(), "-p", job.folder, "-e", "stderr", "-c", _write(job, self.title, f"""\
load_module {peers.find("nginx stream")};
user root;
daemon off;
worker_processes {job.workers};
worker_rlimit_nofile 20000;
pid {job.folder}/nginx-{job.front}.pid;
error_log stderr warn;
events {{ worker_connections 19000; }}
stream {{
proxy_buffer_size {'64k' if job.large else '16k'};
proxy_timeout 1h;
server {{
listen {front} backlog=4096;
proxy_pass {job.connect};
{tls}
}}
}}
""")]

    def version(self):
        return "nginx " + re.search(r"nginx/(\S+)", self._ask("-v")).group(1)


class CopyRelay(Contestant):
    title, without_tls = "copy relay", True

    def __init__(self, load):
        self.load = load

    def binary(self):
        return self.load

    def words(self, job):
        return [self.load, "copy", "--front", job.front, "--back", job.back, "--seconds", 1200]

    def version(self):
        return "copy relay (epoll, 256 KiB, no TLS)"


class Socat(Contestant):
    """The usual tool for a plain relay. It forks: all connections but the first belong to child processes."""

    title, without_tls, once, needs = "socat", True, True, ("socat",)
    only = ("up", "down", "both")

    def words(self, job):
        return [self.binary(), "-b", 262144, "-t", 600, f"TCP4-LISTEN:{job.front},bind=127.0.0.1,nodelay",
                f"TCP4:127.0.0.1:{job.back},nodelay"]

    def version(self):
        return "socat " + re.search(r"socat version (\S+)", self._ask("-V")).group(1) + " (256 KiB, no TLS)"
