# ctest: one_record_path
# The program tells the service manager by sd_notify(3) that it is ready, reloading, stopping and alive.
import re
import signal
import time

from harness import Scenario, half_close, main, receive_all
from harness.manager import Manager


class ServiceManager(Scenario):
    def manager(self, address=None):
        manager = Manager(address or self.folder / "notify")
        self.addCleanup(manager.close)
        return manager

    def test_ready_comes_when_it_listens(self):
        for address in (None, f"@tunnel-test-{time.monotonic_ns()}"):
            with self.subTest(address):
                manager = self.manager(address)
                tunnel = self.tunnel(env=manager.environment(), relay=self.plain_service())
                ready = manager.wait("READY")
                self.assertEqual(ready, {"READY": "1", "STATUS": "1 service, 0 connections"})
                self.assert_echoes(self.connect(tunnel.port()), b"served")
                self.assertEqual(manager.having("WATCHDOG"), [], "nobody has asked for it")

    def test_it_is_not_ready_when_it_cannot_listen(self):
        manager, taken = self.manager(), self.device()
        tunnel = self.start_tunnel(env=manager.environment(), relay=dict(self.plain_service(), accept=taken.port))
        self.assertEqual(tunnel.wait(), 1)
        self.assertEqual(manager.messages, [])

    def test_a_reload_is_told_from_its_begin_to_its_end_be_it_refused_or_not(self):
        manager = self.manager()
        tunnel = self.tunnel(env=manager.environment(), relay=self.plain_service())
        manager.wait("READY")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        tunnel.send_signal(signal.SIGHUP)
        begun = manager.wait("RELOADING")
        self.assertEqual(begun["RELOADING"], "1")
        self.assertLessEqual(before, int(begun["MONOTONIC_USEC"]))
        manager.wait("READY", 2)
        tunnel.config.write_text("[service")
        tunnel.send_signal(signal.SIGHUP)
        manager.wait("READY", 3)
        tunnel.wait_log("everything goes on as before")
        told = [key for _, message in manager.messages for key in message if key in ("READY", "RELOADING")]
        self.assertEqual(told, ["READY", "RELOADING", "READY", "RELOADING", "READY"])

    def test_stopping_says_how_long_it_may_take(self):
        manager = self.manager()
        tunnel = self.tunnel(env=manager.environment(), tables={"process": {"drain_timeout": "20s"}},
                             relay=self.plain_service())
        client = self.connect(tunnel.port())
        self.assert_echoes(client, b"open")
        tunnel.send_signal(signal.SIGTERM)
        stopping = manager.wait("STOPPING")
        self.assertEqual(stopping, {"STOPPING": "1", "STATUS": "stopping: 1 service, 1 connection",
                                    "EXTEND_TIMEOUT_USEC": "25000000"})
        half_close(client)
        self.assertEqual(receive_all(client), b"")
        self.assertEqual(tunnel.wait(), 0)
        self.assertEqual(manager.having("READY"), ["1"])

    def test_the_watchdog_hears_of_it_and_not_when_it_stands_still(self):
        manager = self.manager()
        tunnel = self.tunnel(env=manager.environment(WATCHDOG_USEC="400000"), relay=self.plain_service())
        manager.wait("WATCHDOG", 4)
        tunnel.send_signal(signal.SIGSTOP)
        time.sleep(1)  # for messages still in flight
        count = len(manager.having("WATCHDOG"))
        time.sleep(2)
        self.assertEqual(len(manager.having("WATCHDOG")), count)
        tunnel.send_signal(signal.SIGCONT)
        manager.wait("WATCHDOG", count + 3)
        # the watchdog is also notified while draining
        client = self.connect(tunnel.port())
        self.assert_echoes(client, b"open")
        tunnel.send_signal(signal.SIGTERM)
        manager.wait("STOPPING")
        manager.wait("WATCHDOG", len(manager.having("WATCHDOG")) + 3)
        half_close(client)
        self.assertEqual(tunnel.wait(), 0)

    def test_a_watchdog_of_another_process_is_not_ours(self):
        manager = self.manager()
        self.tunnel(env=manager.environment(WATCHDOG_USEC="200000", WATCHDOG_PID="1"), relay=self.plain_service())
        manager.wait("READY")
        time.sleep(1)
        self.assertEqual(manager.having("WATCHDOG"), [])

    def test_a_manager_that_is_gone_and_back_again(self):
        first = Manager(self.folder / "notify")
        tunnel = self.tunnel(env=first.environment(WATCHDOG_USEC="400000"), relay=self.plain_service())
        first.wait("WATCHDOG")
        first.close()
        (self.folder / "notify").unlink()
        self.assert_echoes(self.connect(tunnel.port()), b"goes on without")
        self.manager().wait("WATCHDOG")

    def test_an_address_that_is_none_is_a_mistake(self):
        tunnel = self.start_tunnel(env={"NOTIFY_SOCKET": "relative/path"}, relay=self.plain_service())
        self.assertEqual(tunnel.wait(), 2)
        self.assertTrue(re.search(r"NOTIFY_SOCKET: \"relative/path\" is no address of a UNIX socket\n    ", tunnel.log))


main()
