# Thousands of connections one after another: memory and descriptors are released.
# ctest: one_record_path soak=1800
from harness import SANITIZED, SOAK, Scenario, connect, main
from harness.net import half_close, in_threads, receive_all

FIRST, ALL = (10_000, 100_000) if SOAK else (100, 300) if SANITIZED else (1000, 3000)
AT_ONCE = 4
ROUND = 1000  # after each round the log is checked and cleared
GROWTH = 1 << 20  # bytes, between FIRST and ALL


class ManyConnectionsInARow(Scenario):
    def test_nothing_is_lost(self):
        near, far = self.through_both(self.device().address, tables={"log": {"format": "json", "level": "info"}})
        port, done, whole = near.port(), 0, []

        def carry(numbers):
            for number in numbers:
                word = b"connection %6d " % number * (1 + number % 50)
                with connect(port) as sock:
                    sock.sendall(word)
                    half_close(sock)
                    whole.append(receive_all(sock) == word)

        def carry_until(until):
            nonlocal done
            while done < until:
                numbers = range(done, min(until, done + ROUND))
                whole.clear()
                in_threads(carry, [numbers[first::AT_ONCE] for first in range(AT_ONCE)])
                self.assertEqual(whole, [True] * len(numbers))
                done += len(numbers)
                for tunnel in (near, far):
                    self.assertEqual([line for line in tunnel.lines if b'"level":"info"' not in line], [])
                    tunnel.lines.clear()

        with connect(port) as sock:
            self.assert_echoes(sock, b"once, so that everything is there")
            files = near.open_files() - 2, far.open_files() - 2
        carry_until(FIRST)
        before = near.resident(), far.resident()
        carry_until(ALL)
        for tunnel, memory, open_files in zip((near, far), before, files):
            tunnel.wait_for(lambda: tunnel.open_files() <= open_files, f"descriptors are back at {open_files}")
            grown = tunnel.resident() - memory
            print(f"{tunnel.name}: {ALL} connections, {memory >> 10} KiB after {FIRST}, {grown >> 10} KiB more since")
            if not SANITIZED:  # sanitizers hold freed memory for a while
                self.assertLess(grown, GROWTH)


main()
