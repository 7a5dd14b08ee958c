# ctest: one_record_path soak=600
# Repeated reloads under hundreds of new connections a second: none is refused or reset, old ones stay open, and neither
# memory nor descriptors grow.
import os
import pathlib
import re
import signal
import threading
import time

from harness import SANITIZED, SOAK, Scenario, connect, main, toml
from harness.net import receive_exactly

RELOADS = 1000 if SOAK else 5 if SANITIZED else 30  # every fifth with a broken file
RATE = 60 if SANITIZED else 200  # new connections a second to aim for


class ReloadUnderLoad(Scenario):
    def test_no_connection_notices(self):
        devices = [self.device(patience=None), self.device(patience=None)]  # the old connections stay idle meanwhile

        tls = self.server_service(devices[0].address)

        def service(number):
            # the target changes each time, the address stays
            return {"relay": self.plain_service(devices[number % 2].address, accept=0), "tls": tls}

        tunnel = self.tunnel(tables={"log": {"format": "json", "level": "info"}}, **service(0))
        port, stop, failures, count = tunnel.port("relay"), threading.Event(), [], [0, 0, 0, 0]

        def clients(number):
            while not stop.is_set():
                begun = time.monotonic()
                try:
                    with connect(port) as sock:
                        sock.sendall(b"hello")
                        receive_exactly(sock, 5)
                except Exception as error:  # noqa: BLE001 - any exception is a failure
                    failures.append(repr(error))
                count[number] += 1
                time.sleep(max(0, 4 / RATE / 2 - (time.monotonic() - begun)))

        old = [self.connect(port) for _ in range(20)]
        for sock in old:
            self.assert_echoes(sock, b"before")
        threads = [threading.Thread(target=clients, args=(number,)) for number in range(4)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            for number in range(1, RELOADS + 1):
                broken = number % 5 == 0
                event = "reload" if broken else "reloaded"
                tunnel.lines.clear()  # parsing all of them each time would slow down the clients
                toml.write(tunnel.config, {"log": {"format": "json", "level": "info"}},
                           {"relay": dict(tls=False, accept=0)} if broken else service(number))
                tunnel.send_signal(signal.SIGHUP)
                tunnel.wait_for(lambda: len(tunnel.events(event)) > (2 if broken else 0), event)
                time.sleep(0.02)
                if number == RELOADS // 5:
                    early = self.use_of(tunnel)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        seconds = time.monotonic() - begun
        self.assertEqual(failures, [])
        for sock in old:
            self.assert_echoes(sock, b"after")
        print(f"{RELOADS} reloads in {seconds:.1f} s, {sum(count) / seconds:.0f} new connections a second")
        self.assertGreater(sum(count), RELOADS)
        late = self.use_of(tunnel)
        print(f"KiB and descriptors of the keeper and the worker: {early}, and at the end {late}")
        for (memory, files), (memory_late, files_late) in zip(early, late):
            if not SANITIZED:  # their allocators keep what was freed
                self.assertLess(memory_late - memory, 2048)
            self.assertLessEqual(files_late - files, 8, "but for the connections of that moment")

    @staticmethod
    def use_of(tunnel):
        """KiB in memory, and descriptors, of each process."""
        def use(process):
            status = pathlib.Path(f"/proc/{process}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)), len(os.listdir(f"/proc/{process}/fd"))
        return [use(process) for process in (tunnel.pid, tunnel.worker)]


main()
