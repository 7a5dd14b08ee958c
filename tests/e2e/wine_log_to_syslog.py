# The log of tunnel.exe as messages of syslog over UDP.
# ctest: label=wine windows_only
# ctest: one_record_path
import socket

from harness import Scenario, main


class WineSyslog(Scenario):
    def test_a_server(self):
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind(("127.0.0.1", 0))
        server.settimeout(60)
        to = f"127.0.0.1:{server.getsockname()[1]}"
        self.start_tunnel(tables={"log": {"syslog": to}}, relay=self.plain_service())
        messages = [server.recv(9000).decode()]
        while " listening " not in messages[-1]:
            messages.append(server.recv(9000).decode())
        for message in messages:
            self.assertRegex(message, r"^<30>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]+ tunnel \d+ "
                                      "[a-z_]+ (-|\\[.*\\]) \ufeff")
        self.assertIn('[tunnel@32473 service="relay" listen="127.0.0.1:', messages[-1])

    def test_there_are_no_unix_sockets(self):
        tunnel = self.start_tunnel(tables={"log": {"syslog": "unix:a.sock"}}, relay=self.plain_service())
        self.assertEqual(tunnel.wait(), 1)
        self.assertRegex(tunnel.log, r"cannot log to unix:.*a\.sock: there are no UNIX sockets for it on Windows")


main()
