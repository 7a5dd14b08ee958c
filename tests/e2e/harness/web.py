"""A plain HTTP device."""
import http.server
import threading


class QuietHandler(http.server.BaseHTTPRequestHandler):
    """Answers nothing but errors, and logs nothing."""

    def log_message(self, *_):
        pass


def start_web(scenario, handler=QuietHandler):
    """Serves HTTP until the scenario ends; returns the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scenario.addCleanup(server.server_close)
    scenario.addCleanup(server.shutdown)
    return server.server_port
