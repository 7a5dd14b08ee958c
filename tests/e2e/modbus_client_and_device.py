# A Modbus/TCP client (mbpoll) reads and writes the registers of a libmodbus device through both tunnels.
import re
import subprocess
import sys

from harness import Scenario, main, peers
from harness.modbus import REGISTERS


class ModbusClientAndDevice(Scenario):
    def setUp(self):
        library = peers.find("libmodbus")
        device = self.start("modbus device", [sys.executable, "-B", sys.modules["harness.modbus"].__file__, library])
        upstream = device.wait_log(r"port (\d+)").group(1)
        self.near, _ = self.through_both(f"127.0.0.1:{upstream}")

    def mbpoll(self, *values, first=1, count=1):
        """Runs mbpoll at the near end of the tunnels: {register: value}."""
        done = peers.run("mbpoll", "-m", "tcp", "-p", self.near.port(), "-a", "1", "-t", "4", "-1", "-r", first,
                         *([] if values else ["-c", count]), "127.0.0.1", *values, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return {int(number): int(value) for number, value in re.findall(r"(?m)^\[(\d+)\]:\s+(\d+)", done.stdout)}

    def test_registers_are_read_and_written(self):
        expected = {number + 1: value for number, value in enumerate(REGISTERS)}
        self.assertEqual(self.mbpoll(count=len(REGISTERS)), expected)
        self.mbpoll(11, 22, 33, first=5)
        self.assertEqual(self.mbpoll(first=4, count=5), {4: expected[4], 5: 11, 6: 22, 7: 33, 8: expected[8]})
        self.near.wait_for(lambda: len(self.near.events("close")) == 3, "three polls, three connections")


main()
