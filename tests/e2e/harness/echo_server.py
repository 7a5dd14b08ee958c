"""An echo device for thousands of connections, in a thread or as a separate program: python3 echo_server.py [HOST]."""
import resource
import selectors
import socket
import sys
import threading


class EchoServer:
    """Echoes without a thread for each connection."""

    def __init__(self, host="127.0.0.1"):
        self.listener = socket.create_server((host, 0), backlog=1024)
        self.address = "%s:%d" % (host, self.listener.getsockname()[1])
        self.over = threading.Event()

    def run(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.listener, selectors.EVENT_READ)
            while not self.over.is_set():
                for key, _ in selector.select(0.1):
                    if key.fileobj is self.listener:
                        selector.register(self.listener.accept()[0], selectors.EVENT_READ)
                    elif not self._echo(key.fileobj):
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
            for key in list(selector.get_map().values()):
                key.fileobj.close()

    @staticmethod
    def _echo(sock):
        """False once the connection has ended."""
        try:
            data = sock.recv(4096)
            sock.sendall(data)
            return bool(data)
        except OSError:
            return False


def start_echo_server(scenario):
    """Runs one in a thread until the scenario ends; returns its address."""
    server = EchoServer()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    scenario.addCleanup(thread.join)
    scenario.addCleanup(server.over.set)
    return server.address


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    program = EchoServer(*sys.argv[1:])
    print("port", program.address.rsplit(":", 1)[1], flush=True)
    program.run()
