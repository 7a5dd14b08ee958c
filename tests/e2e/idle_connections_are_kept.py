# Thousands of connections on which nothing happens for minutes, while this machine's addresses change: all are there
# when they are needed, and cost no CPU.
# ctest: one_record_path soak=2700
import selectors
import threading
import time

from harness import SANITIZED, SOAK, Scenario, connect, listen, main, namespace
from harness.net import receive_exactly

OWN_NETWORK = namespace.enter()
CLIENTS = 9000 if SOAK else 100 if SANITIZED else 500
IDLE = 1800 if SOAK else 20  # seconds
EVERY = 60 if SOAK else 3  # seconds between changes


class EchoWithoutThreads:
    """A device for so many connections that each cannot have a thread."""

    def __init__(self):
        self.listener = listen(backlog=1024)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.listener, selectors.EVENT_READ)
            while not self.over:
                for key, _ in selector.select(0.1):
                    if key.fileobj is self.listener:
                        selector.register(self.listener.accept()[0], selectors.EVENT_READ)
                    elif data := key.fileobj.recv(4096):
                        key.fileobj.sendall(data)
                    else:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
            for key in list(selector.get_map().values()):
                key.fileobj.close()

    def close(self):
        self.over = True
        self.thread.join()


def change_addresses(number):
    """As a container's start or a VPN does: an address comes and another one goes, and so does the default route."""
    if number > 0:
        namespace.run("ip", "link", "delete", "vpn0")
    namespace.run("ip", "link", "add", "name", "vpn0", "type", "veth", "peer", "name", "vpn1")
    namespace.run("ip", "address", "add", f"198.51.100.{1 + number}/24", "dev", "vpn0")
    namespace.run("ip", "link", "set", "vpn0", "up")
    namespace.run("ip", "route", "replace", "default", "dev", "vpn0")


class IdleConnectionsAreKept(Scenario):
    def setUp(self):
        self.allow_open_files(2 * CLIENTS + 500)

    def test_none_is_lost(self):
        device = EchoWithoutThreads()
        self.addCleanup(device.close)
        quiet = {"log": {"format": "json", "level": "info"}}
        limits = dict(max_connections=CLIENTS + 1)
        near, far = self.through_both(device.address, near=limits, far=limits, tables=quiet)
        clients, port = [], near.port()
        for _ in range(CLIENTS):
            clients.append(connect(port))
            self.addCleanup(clients[-1].close)

        def all_echo(what):
            for number, client in enumerate(clients):
                client.sendall(b"%s %5d" % (what, number))
            for number, client in enumerate(clients):
                word = b"%s %5d" % (what, number)
                self.assertEqual(receive_exactly(client, len(word)), word)

        all_echo(b"before")
        before = near.cpu() + far.cpu()
        for number in range(IDLE // EVERY):
            if OWN_NETWORK:
                change_addresses(number)
            time.sleep(EVERY)
        used = near.cpu() + far.cpu() - before
        self.assertLess(used, IDLE / 10, "CPU seconds of two tunnels with nothing to do")
        all_echo(b"after")
        print(f"{CLIENTS} connections idle for {IDLE} s: {used:.2f} s of CPU, "
              f"{near.resident() >> 10} and {far.resident() >> 10} KiB resident")
        for tunnel in (near, far):
            self.assertEqual([event for event in tunnel.events() if event["level"] in ("warn", "error")], [])


main()
