"""Opens TLS connections to an echo service at a steady rate, and compares every byte, in a process of its own:
python3 steady_load.py PORT CA RATE. It stops once its standard input ends, or after ten minutes, and prints its figures.
One connection in twenty is a long one that trickles; the others send one block."""
import asyncio
import collections
import hashlib
import json
import ssl
import sys
import time

BLOCK = 4096
LONG_EVERY, LONG_PARTS, LONG_PAUSE = 20, 16, 0.25
LIMIT = 600  # seconds, for the load and for the last connection


class Load:
    def __init__(self, port, ca, rate):
        self.port, self.rate = port, rate
        self.context = ssl.create_default_context(cafile=ca)
        self.counts = collections.Counter()
        self.failures = []
        self.handshakes = []

    async def run(self):
        over = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin, over.set)
        begin = time.monotonic()
        running = set()
        while not over.is_set() and time.monotonic() - begin < LIMIT:
            # by the clock, so that a slow moment is made up for and doesn't lower the rate
            due = int((time.monotonic() - begin) * self.rate) + 1
            while self.counts["begun"] < due:
                task = asyncio.ensure_future(self.connection(self.counts["begun"], time.monotonic() - begin))
                self.counts["begun"] += 1
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(1 / self.rate)
        seconds = time.monotonic() - begin
        if running:
            await asyncio.wait(running, timeout=LIMIT)
        times = sorted(self.handshakes) or [0]
        return {"seconds": round(seconds, 1), **self.counts, "stuck": len(running), "failures": self.failures[:20],
                "handshake_ms": {name: round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 1)
                                 for name, share in (("median", 0.5), ("99th", 0.99), ("longest", 1))}}

    async def connection(self, number, at):
        step = "refused"
        try:
            begin = time.monotonic()
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.context,
                                                           server_hostname="localhost")
            self.handshakes.append(time.monotonic() - begin)
            step = "broken"
            long = number % LONG_EVERY == 0
            for part in range(LONG_PARTS if long else 1):
                data = hashlib.sha256(b"%d %d" % (number, part)).digest() * (BLOCK // 32)
                writer.write(data)
                if await reader.readexactly(BLOCK) != data:
                    step = "wrong"
                    raise ValueError("other bytes came back")
                self.counts["bytes"] += BLOCK
                if long:
                    await asyncio.sleep(LONG_PAUSE)
            writer.close()
            await writer.wait_closed()
            self.counts["long" if long else "short"] += 1
        except (OSError, EOFError, ValueError) as error:
            self.counts[step] += 1
            self.failures.append(f"{step} at {at:.2f} s: {error!r}")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(Load(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])).run())), flush=True)
