# Peers that speak a protocol other than TLS: the log names it and says what to change, word for word; in both roles.
# ctest: one_record_path portable
import os
import threading

from harness import Scenario, echo, main, peers, tls_connect
from harness.net import receive_exactly, reset
from harness.ssh import SshServer, ssh_client
from harness.vnc import Desktop
from harness.web import start_web

OPTION = "turn the relay's TLS option on, or set tls = false for this service"
ENCRYPTS = "turn the relay's TLS option on, or let the client encrypt, and set tls = false for this service"
THROUGH = "go through a client-mode tunnel"
IN_ITS_PLACE = ("HTTP in the clear, or a proxy or sign-in page on the way answers in its place; does this network want a "
                f"sign-in in a browser first? else {OPTION}")
EXPECTED = "where TLS was expected: this port speaks"
ADMITTED = ("is the relay's TLS option on, its time not up, and this machine's public address among those that it "
            "admits?")
BY_ITSELF = "encrypts by itself and fails where a relay's TLS option is on; set tls = false for this service"
OVERDUE = ("within 1.0 s; it may not speak TLS, and wait for words of its own protocol: is its port right, and the "
           "relay's TLS option on?")

# What a server sends at once, piece by piece; the log message.
SERVERS = {
    "ssh": ([b"SSH-2.0-OpenSSH_9.2\r\n"], f'answered "SSH-2.0-OpenSSH_9.2" {EXPECTED} SSH in the clear; {OPTION}'),
    "ssh in pieces": ([b"SSH-2", b".0-Op", b"enSSH_9.2\r", b"\n"],
                      f'answered "SSH-2.0-OpenSSH_9.2" {EXPECTED} SSH in the clear; {OPTION}'),
    "vnc": ([b"RFB 003.008\n"], f'answered "RFB 003.008" {EXPECTED} VNC in the clear; {OPTION}'),
    "redirect": ([b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n"],
                 f'answered "HTTP/1.1 302 Found" {EXPECTED} {IN_ITS_PLACE}'),
    "page": ([b"<!DOCTYPE html>\n<html><title>Blocked</title>"], f"answered with an HTML page {EXPECTED} {IN_ITS_PLACE}"),
    "smtp": ([b"220 mail.example ESMTP\r\n"],
             f'answered "220 mail.example ESMTP" {EXPECTED} SMTP in the clear; use its port for TLS (465), {OPTION}'),
    "ftp": ([b"220 (vsFT", b"Pd 3.0.5)\r\n"],
            f'answered "220 (vsFTPd 3.0.5)" {EXPECTED} FTP in the clear; use its port for TLS (990), {OPTION}'),
    "a code that many send": ([b"220 fax.example ready\r\n"],
                              f'answered "220 fax.example ready" where TLS was expected; {OPTION}'),
    "redis": ([b"-ERR unknown command, with args beginning with:\r\n"],
              f'answered "-ERR unknown command, with args beginnin..." where TLS was expected; {OPTION}'),
    "nntp": ([b"200 news.example NNTP\r\n"],
             f'answered "200 news.example NNTP" {EXPECTED} NNTP in the clear; use its port for TLS (563), {OPTION}'),
    "imap": ([b"* OK IMAP4rev1 ready\r\n"],
             f'answered "* OK IMAP4rev1 ready" {EXPECTED} IMAP in the clear; use its port for TLS (993), {OPTION}'),
    "pop3": ([b"+OK POP3 ready\r\n"],
             f'answered "+OK POP3 ready" {EXPECTED} POP3 in the clear; use its port for TLS (995), {OPTION}'),
    "mysql": ([b"J\0\0\0\n8.0.36\0" + bytes(67)],
              f"answered with a MySQL greeting {EXPECTED} MySQL in the clear; {ENCRYPTS}"),
    "postgres": ([b"E\0\0\0\x63SFATAL\0VFATAL\0C0A000\0"],
                 f"answered with a PostgreSQL error {EXPECTED} PostgreSQL in the clear; {ENCRYPTS}"),
    "unknown": ([b"\x02\x03 hello \x1b[2J"], f'answered "\\x02\\x03 hello \\x1b[2J" where TLS was expected; {OPTION}'),
}

# What a client sends; the log message.
CLIENTS = {
    "http": ([b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
             f'sent "GET / HTTP/1.1" instead of a TLS ClientHello: it must use https, or {THROUGH}'),
    "http in pieces": ([b"G", b"ET / H", b"TTP/1.1\r\n"],
                       f'sent "GET / HTTP/1.1" instead of a TLS ClientHello: it must use https, or {THROUGH}'),
    "ssh": ([b"SSH-2.0-PuTTY\r\n"], f'sent "SSH-2.0-PuTTY" instead of a TLS ClientHello: SSH {BY_ITSELF}'),
    "vnc": ([b"RFB 003.008\n"],
            f'sent "RFB 003.008" instead of a TLS ClientHello: VNC comes in the clear; it must {THROUGH}'),
    "rdp": ([bytes.fromhex("0300002b26e00000000000") + b"Cookie: mstshash=user\r\n" + bytes.fromhex("0100080003000000")],
            f"sent an RDP connection request instead of a TLS ClientHello: RDP {BY_ITSELF}"),
    "iso on tcp": ([bytes.fromhex("0300001611e00000000100c0010ac1020100c2020102")],
                   "sent an ISO-on-TCP connection request instead of a TLS ClientHello: S7, MMS and others that begin "
                   f"so come in the clear; it must {THROUGH}"),
    "modbus": ([bytes.fromhex("00010000000601030000000a")],
               f"sent a Modbus/TCP request instead of a TLS ClientHello: Modbus/TCP comes in the clear; it must {THROUGH}"),
    "smtp": ([b"EHLO laptop\r\n"],
             'sent "EHLO laptop" instead of a TLS ClientHello: SMTP comes in the clear; it must speak TLS from the '
             f"start, without STARTTLS, or {THROUGH}"),
    "postgres": ([bytes.fromhex("0000000804d2162f")],
                 "sent a PostgreSQL start-up message instead of a TLS ClientHello: PostgreSQL asks for TLS in words of "
                 "its own; set sslnegotiation=direct there (PostgreSQL 17 and later), or let it go through a "
                 "client-mode tunnel with sslmode=disable"),
    "proxy v1": ([b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n\x16\x03\x01"],
                 "sent a PROXY protocol header instead of a TLS ClientHello: a load balancer on the way adds it, and "
                 "nobody here asked for it; turn the PROXY protocol off there"),
    "proxy v2": ([b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)],
                 "sent a PROXY protocol header instead of a TLS ClientHello: a load balancer on the way adds it, and "
                 "nobody here asked for it; turn the PROXY protocol off there"),
    "socks": ([b"\x05\x01\0"],
              "sent a SOCKS greeting instead of a TLS ClientHello: it takes this port for a proxy; take this address "
              "out of its proxy settings"),
    "ssl 2": ([bytes.fromhex("802e0103010015000000100100800300800700c0")],
              "sent a ClientHello of SSL 2.0 instead of a TLS ClientHello: it is too old, or ready for too old a "
              "server; it must speak TLS 1.2 or 1.3"),
    "a huge record": ([b"\x16\x03\x01\xff\xff" + bytes(70000)],
                      "said what TLS does not allow: bad input parameters to function; one of the two "
                      "ends is faulty, or a device on the way changes what they say"),
    "silence": ([], "sent nothing within 3.0 s: it waits for the other end to speak first, as viewers of VNC and mail "
                    f"programs in the clear do; it must speak TLS, or {THROUGH}"),
    "half a ClientHello": ([bytes.fromhex("1603010200010001fc0303")],
                           "did not finish the TLS handshake within 3.0 s; the way to it may be slow, or lose large "
                           "packets (MTU)"),
}


def say(sock, pieces):
    """Sends each piece in its own packet."""
    for number, piece in enumerate(pieces):
        if number:
            threading.Event().wait(0.05)
        sock.sendall(piece)


class WrongProtocols(Scenario):
    def far_sides(self, patience="30s", **ports):
        """Runs a client-mode tunnel with a service for each target; yields (name, failure message)."""
        services = {f"s{number}": self.client_service(f"localhost:{port}", handshake_timeout=patience)
                    for number, port in enumerate(ports.values())}
        tunnel = self.tunnel(**services)
        for service, (name, port) in zip(services, ports.items()):
            with self.subTest(name):
                self.assert_client_is_reset(tunnel.port(service))
                failed = tunnel.wait_event("failed", service=service)
                self.assertEqual(failed["level"], "error")
                yield name, failed["message"].removeprefix(f"localhost:{port} ")

    def test_servers(self):
        ports = {name: self.device(lambda sock, pieces=pieces: (say(sock, pieces), sock.recv(65536))).port
                 for name, (pieces, _) in SERVERS.items()}
        for name, words in self.far_sides(**ports):
            self.assertEqual(words, SERVERS[name][1])

    def test_servers_without_a_word(self):
        def closes(sock):
            sock.recv(65536)

        def silent(sock):
            while sock.recv(65536):
                pass

        ports = {"closes": self.device(closes).port,
                 "resets": self.device(lambda sock: (sock.recv(65536), reset(sock))).port,
                 "silent": self.device(silent).port}
        for name, words in self.far_sides(patience="1s", **ports):
            self.assertEqual(words, {
                "closes": f"closed the connection without a byte of the TLS handshake; {ADMITTED}",
                "resets": f"reset the connection without a byte of the TLS handshake; {ADMITTED}",
                "silent": f"did not answer the TLS handshake {OVERDUE}"}[name])

    def test_real_servers(self):
        ports = {"sshd": SshServer(self).port, "Xvnc": Desktop(self).port, "web": start_web(self)}
        for name, words in self.far_sides(**ports):
            self.assertRegex(words, {
                "sshd": rf'^answered "SSH-2\.0-OpenSSH_[^"]+" {EXPECTED} SSH in the clear; {OPTION}$',
                "Xvnc": rf'^answered "RFB 003\.008" {EXPECTED} VNC in the clear; {OPTION}$',
                # Python's server answers invalid HTTP with a page without headers
                "web": rf"^answered with an HTML page {EXPECTED} HTTP in the clear, or a proxy"}[name])

    def server(self, patience):
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address, handshake_timeout=patience))
        return tunnel, device

    def test_clients_and_a_good_one_beside_them(self):
        tunnel, device = self.server("3s")
        with tls_connect(tunnel.port(), self.authority.ca) as good:
            babblers = {}
            for number, (name, (pieces, _)) in enumerate(CLIENTS.items(), start=2):
                babblers[number] = name, self.connect(tunnel.port())
                say(babblers[number][1], pieces)
            for number, (name, sock) in babblers.items():
                with self.subTest(name):
                    self.assert_turned_away(sock)
                    failed = tunnel.wait_event("failed", connection=number)
                    self.assertEqual((failed["level"], failed["message"]), ("warn", f"127.0.0.1 {CLIENTS[name][1]}"))
                    good.sendall(b"still here")
                    self.assertEqual(receive_exactly(good, 10), b"still here")
        self.assertEqual(device.count, 1, "the device hears of nobody who did not finish the handshake")
        self.assertEqual(len(tunnel.events("open")), 1)

    def test_clients_that_leave(self):
        tunnel, _ = self.server("30s")
        leaving = "closed the connection without a byte of the TLS handshake; a port scan or a health check does so, " \
                  "and a program that waits for the other end to speak first"
        for number, (sent, words) in enumerate([(b"", leaving), (b"\x05\x01\0", CLIENTS["socks"][1])], start=1):
            sock = self.connect(tunnel.port())
            sock.sendall(sent)
            sock.shutdown(1)
            self.assert_turned_away(sock)
            self.assertEqual(tunnel.wait_event("failed", connection=number)["message"], f"127.0.0.1 {words}")
        noise = self.connect(tunnel.port())
        noise.sendall(b"\xff" + os.urandom(4095))
        self.assert_turned_away(noise)
        self.assertIn("instead of a TLS ClientHello; it must speak TLS, or go through a client-mode tunnel",
                      tunnel.wait_event("failed", connection=3)["message"])

    def test_real_clients(self):
        tunnel, _ = self.server("1s")

        def failed(number):
            return tunnel.wait_event("failed", connection=number)["message"]

        status, _, _ = ssh_client(self.folder, "ssh", tunnel.port(), "127.0.0.1", "true")
        self.assertEqual(status, 255)
        self.assertRegex(failed(1), rf'^127\.0\.0\.1 sent "SSH-2\.0-OpenSSH_[^"]+" instead of a TLS ClientHello: SSH {BY_ITSELF}$')
        for number, options in enumerate([["--noproxy", "*", f"http://127.0.0.1:{tunnel.port()}/"],
                                          ["--socks5", f"127.0.0.1:{tunnel.port()}", "http://device.example/"]], start=2):
            peers.run("curl", "--silent", "--max-time", "30", *options)
            self.assertEqual(failed(number), f"127.0.0.1 {CLIENTS['http' if number == 2 else 'socks'][1]}")

    def test_a_local_client_that_speaks_tls(self):
        """The log warns once, but TLS within TLS is relayed all the same."""
        identity = self.authority.issue("localhost")
        device = self.tls_device(echo, identity)
        near, _ = self.through_both(device.address)
        with tls_connect(near.port(), self.authority.ca) as browser:
            self.assert_echoes(browser, b"within")
            self.assert_echoes(browser, bytes.fromhex("160301020001"))
            peer = near.wait_event("tls_in_tls")["peer"]
        self.assertEqual([event["message"] for event in near.events("tls_in_tls")], [
            f"{peer} speaks TLS by itself, within the TLS of the tunnel; if that is not meant, point it to "
            f"http://127.0.0.1:{near.port()} without TLS: the tunnel adds the TLS"])
        self.assertEqual(near.events("tls_in_tls")[0]["level"], "warn")
        near.wait_event("close")
        others = (b"\x16\x03\x01\x02\x00\x02", b"GET / HTTP/1.1\r\n\r\n", b"\x16")
        for number, other in enumerate(others, start=2):
            with self.connect(near.port()) as sock:
                sock.sendall(other)
            near.wait_event("close", connection=number)
        self.assertEqual(len(near.events("tls_in_tls")), 1)

    def assert_turned_away(self, sock):
        """The connection ends after an alert at most, cleanly or with a reset."""
        received = bytearray()
        try:
            while part := sock.recv(65536):
                received += part
        except (ConnectionResetError, BrokenPipeError):
            pass
        self.assertLessEqual(len(received), 7, f"more than an alert: {bytes(received)!r}")


main()
