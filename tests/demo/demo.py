#!/usr/bin/env python3
"""Demonstrates the tunnel on this machine: demo.py --tunnel BINARY. Needs only Python 3."""
import argparse
import json
import pathlib
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
from throwaway_certificate import Authority  # noqa: E402

PATIENCE = 60
QUESTION = b"read temperature\n"
ANSWER = b"temperature 21.5 degrees, and the valve is open\n"


class Failure(Exception):
    """The demo didn't work as promised."""


def serve(handle):
    """Listens on a free port and runs `handle(socket)` for each connection; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            sock, _ = listener.accept()
            sock.settimeout(PATIENCE)
            threading.Thread(target=handle, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def device(sock):
    """The simulated device: a line protocol without TLS."""
    with sock, sock.makefile("rb") as lines:
        for line in lines:
            sock.sendall(ANSWER if line == QUESTION else b"what?\n")


class Wire:
    """The network between the two tunnels: forwards everything and keeps a copy."""

    def __init__(self, relay):
        self.relay, self.up, self.down = relay, bytearray(), bytearray()
        self.port = serve(self.carry)

    def carry(self, near):
        far = socket.create_connection(("127.0.0.1", self.relay), PATIENCE)
        other = threading.Thread(target=self.copy, args=(far, near, self.down), daemon=True)
        other.start()
        self.copy(near, far, self.up)
        other.join()
        near.close()
        far.close()

    @staticmethod
    def copy(source, target, record):
        try:
            while data := source.recv(65536):
                record += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Tunnel:
    """A running tunnel with its own config."""

    def __init__(self, binary, folder, name, config):
        (folder / f"{name}.toml").write_text('[log]\nformat = "json"\n' + config)
        self.name, self.records = name, []
        self.process = subprocess.Popen([*binary, "--config", f"{name}.toml"], cwd=folder, text=True,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.records.append(json.loads(line) if line.startswith("{") else {"message": line.rstrip()})

    def event(self, name):
        """Waits for a record of this event; returns the first."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and (self.process.poll() is None or self.reader.is_alive()):
            for record in list(self.records):
                if record.get("event") == name:
                    return record
            time.sleep(0.02)
        said = "\n".join(record["message"] for record in self.records)
        raise Failure(f"{self.name} did not come to {name!r}; it said:\n{said}")

    def port(self):
        return int(self.event("listening")["listen"][0].rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure(f"{self.name} did not end") from None


def hex_lines(data, lines=4):
    """The first bytes in the format of hexdump."""
    for at in range(0, 16 * lines, 16):
        part = bytes(data[at:at + 16])
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"{at:08x}  {part.hex(' '):<47}  |{text}|"


def check(condition, what):
    if not condition:
        raise Failure(what)


def ask(port):
    """A plain client: sends the question and returns the answer."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.sendall(QUESTION)
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while part := sock.recv(65536):
            answer += part
        return answer


def run(binary, folder, started):
    def start(name, config):
        started.append(Tunnel(binary, folder, name, config))
        return started[-1]

    right, wrong = Authority("Demo CA"), Authority("Somebody Else's CA")
    certificate, key = right.issue("localhost")
    for name, content in (("demo-ca.pem", right.certificate), ("other-ca.pem", wrong.certificate),
                          ("relay.pem", certificate), ("relay.key", key)):
        (folder / name).write_text(content)
    (folder / "relay.key").chmod(0o600)

    device_port = serve(device)
    relay = start("relay", f'[service.device]\naccept = "127.0.0.1:0"\nconnect = "127.0.0.1:{device_port}"\n'
                           'cert = "relay.pem"\nkey = "relay.key"\n')
    wire = Wire(relay.port())
    client = start("client", f'[service.device]\nclient = true\naccept = 0\n'
                             f'connect = "localhost:{wire.port}"\nca = "demo-ca.pem"\n')

    print("the path, all of it on this machine, with certificates made for this run:")
    print(f"  a client in the clear  ->  tunnel, client mode     127.0.0.1:{client.port()}")
    print(f"                         ->  TLS over the wire       127.0.0.1:{wire.port}")
    print(f"                         ->  tunnel, server mode     127.0.0.1:{relay.port()}  (the relay)")
    print(f"                         ->  a device in the clear   127.0.0.1:{device_port}")

    check(ask(client.port()) == ANSWER, "the answer did not come through")
    print(f"\nthe client asked   {QUESTION.decode().strip()}")
    print(f"the device said    {ANSWER.decode().strip()}")
    print("\nwhat the two tunnels logged:")
    for tunnel, event in ((client, "listening"), (client, "open"), (relay, "open"), (client, "close")):
        print(f"  {tunnel.name}: {tunnel.event(event)['message']}")
    check("verified" in client.event("listening")["message"], "the client did not verify the relay")

    for secret in (QUESTION, ANSWER, b"temperature"):
        check(secret not in wire.up and secret not in wire.down, "the plaintext was on the wire")
    check(wire.up[:2] == b"\x16\x03", "the wire does not begin with a TLS handshake")
    print(f"\nthe wire carried {len(wire.up)} bytes up and {len(wire.down)} down; neither has the question or the "
          "answer in it.\nthe last bytes up, where the question went:")
    for line in hex_lines(wire.up[-64:]):
        print(f"  {line}")

    before = len(wire.up)
    doubter = start("doubter", f'[service.device]\nclient = true\naccept = 0\n'
                               f'connect = "localhost:{wire.port}"\nca = "other-ca.pem"\n')
    try:
        answer = ask(doubter.port())
        raise Failure(f"a tunnel that trusts another CA let {answer!r} through")
    except ConnectionError:
        pass
    check(QUESTION not in wire.up[before:], "the question reached a relay that was not verified")
    print("\na third tunnel that trusts another CA refused the same relay, and its client got nothing:")
    print(f"  error {doubter.event('failed')['message']}")

    for tunnel in started:
        check(tunnel.stop() == 0, f"{tunnel.name} did not end well")
    print("\nwith a relay of your own, write vnc.toml and run: tunnel --config vnc.toml")
    print('  [service.vnc]\n  client  = true\n  accept  = 5999\n  connect = "relay.example:41234"'
          '\n  # ca    = "my-ca.pem"    (only where the relay\'s CA is not one that this system trusts)')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tunnel", required=True, help="the program to show")
    binary = shlex.split(parser.parse_args().tunnel)
    if pathlib.Path(binary[0]).exists():
        binary[0] = str(pathlib.Path(binary[0]).resolve())
    started = []
    with tempfile.TemporaryDirectory(prefix="tunnel-demo-") as folder:
        try:
            run(binary, pathlib.Path(folder), started)
        except (Failure, OSError) as failure:
            sys.exit(f"\nthe demo failed: {failure}")
        finally:
            for tunnel in started:
                if tunnel.process.poll() is None:
                    tunnel.process.kill()
                tunnel.process.wait()


if __name__ == "__main__":
    main()
