"""Stunnel and OpenSSL as the other end of a tunnel."""
import subprocess

from . import peers
from .net import free_port

STUNNEL_VERSIONS = {"1.2": "TLSv1.2", "1.3": "TLSv1.3"}
OPENSSL_VERSIONS = {"1.2": "-tls1_2", "1.3": "-tls1_3"}


def start_stunnel(scenario, version, connect, client=False, identity=None, ca=None):
    """Starts a stunnel from a free port to `connect`; returns the port."""
    port = free_port()
    lines = ["foreground = yes", "pid =", "syslog = no", "debug = info", "[peer]", f"accept = 127.0.0.1:{port}",
             f"connect = {connect}", f"sslVersion = {STUNNEL_VERSIONS[version]}"]
    if identity:
        lines += [f"cert = {identity.cert}", f"key = {identity.key}"]
    if client:
        lines += ["client = yes", "verifyChain = yes", f"CAfile = {ca}", "checkHost = localhost"]
    config = scenario.folder / f"stunnel-{port}.conf"
    config.write_text("\n".join(lines) + "\n")
    scenario.start(f"stunnel-{port}", [peers.find("stunnel"), config]).wait_log("Configuration successful")
    return port


def start_s_server(scenario, identity, *options):
    """Starts `openssl s_server -rev`, which answers each line reversed; returns the port."""
    port = free_port()
    words = [peers.find("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", identity.cert,
             "-key", identity.key, "-rev", *options]
    scenario.start(f"s_server-{port}", words).wait_log("ACCEPT")
    return port


def _s_client_words(port, ca, options):
    return ["s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", str(ca),
            "-verify_return_error", "-verify_hostname", "localhost", *map(str, options)]


def s_client(port, ca, *options, send=b""):
    """Runs `openssl s_client` to localhost:`port`, which sends `send` and exits; returns (exit status, output)."""
    done = peers.run("openssl", *_s_client_words(port, ca, options), input=send, stderr=subprocess.STDOUT, text=False)
    return done.returncode, done.stdout.decode("latin-1")


def start_s_client(scenario, port, ca, *options, send):
    """Starts `openssl s_client` to localhost:`port` and sends `send`; the scenario does the rest."""
    words = [peers.find("openssl"), *_s_client_words(port, ca, options)]
    client = subprocess.Popen(words, cwd=scenario.folder, env=peers.environment(), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    scenario.addCleanup(client.stdout.close)
    client.stdin.write(send)
    client.stdin.flush()
    return client
