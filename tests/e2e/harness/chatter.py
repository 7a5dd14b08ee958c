"""A third-party TLS program driven through stdin and stdout: commands there update keys in the middle of data."""
import re
import subprocess
import threading

from .net import PATIENCE, receive_exactly
from .programs import Program, eventually


class Chatter(Program):
    """Keeps its output as raw bytes instead of lines."""

    def __init__(self, name, words, cwd, obeyed, remarks=b"SSL_do_handshake -> 1\n|Read BLOCK\n"):
        """`obeyed` matches what it prints for each command, `remarks` what it may print in the middle of a line."""
        self.received, self.obeyed, self.remarks = bytearray(), obeyed, remarks
        super().__init__(name, words, cwd, stdin=subprocess.PIPE)

    def _read(self, pipe, lines):
        if lines is self.lines:
            return super()._read(pipe, lines)
        while part := pipe.read1(1 << 16):
            self.received += part
        pipe.close()

    @property
    def output(self):
        return bytes(self.received).decode("utf-8", "backslashreplace")

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def digits(self):
        """The lines of digits in its output, without the remarks it prints between them."""
        quiet = re.sub(self.remarks, b"", bytes(self.received))
        return b"".join(re.findall(rb"^\d{63}\n", quiet, re.MULTILINE))

    def command(self, words):
        """Sends `words` and waits until they have been taken as a command; what follows is data again."""
        before = self._obeyed()
        self.say(words)
        eventually(lambda: self._obeyed() > before, f"{self.name} obeys {words}")

    def _obeyed(self):
        return len(re.findall(self.obeyed, self.log.encode() + bytes(self.received)))

    def stop(self, *options, **more):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        return super().stop(*options, **more)

    def report(self):
        return super().report()[:20000]


def start_chatter(scenario, name, words, *patterns):
    """A Chatter that ends with the scenario."""
    chatter = Chatter(name, words, scenario.folder, *patterns)
    scenario.programs.append(chatter)
    scenario.addCleanup(chatter.stop)
    return chatter


def accept(scenario, listener):
    """The next connection of a listening socket."""
    listener.settimeout(PATIENCE)
    sock, _ = listener.accept()
    scenario.addCleanup(sock.close)
    return sock


class Upload(threading.Thread):
    """Sends a stream at full speed, then line after line until stopped, so that a peer that buffers its output has a
    reason to flush it."""

    def __init__(self, sock, stream):
        super().__init__(daemon=True)
        self.sock, self.sent, self.enough = sock, bytearray(stream), threading.Event()
        self.start()

    def run(self):
        self.sock.sendall(self.sent)
        number = 0
        while not self.enough.wait(0.01):
            number += 1
            line = b"%063d\n" % number
            self.sock.sendall(line)
            self.sent += line

    def stop(self):
        self.enough.set()
        self.join()
        return bytes(self.sent)


def change_keys_in_bulk(scenario, peer, sock, down, up, commands):
    """`up` goes from `sock` to `peer` without a pause; `down` comes back in parts, with a command after each. All of a
    part is received before the command is sent, so the peer finds the command at the start of its next read."""
    upload = Upload(sock, up)
    part = len(down) // (len(commands) + 1) // 64 * 64
    got = bytearray()
    for number in range(len(commands) + 1):
        begin, end = number * part, (number + 1) * part if number < len(commands) else len(down)
        peer.say(down[begin:end])
        got += receive_exactly(sock, end - begin)
        if number < len(commands):
            peer.command(commands[number])
    sent = upload.stop()
    scenario.assertTrue(got == down, "what came down is not what was sent")
    eventually(lambda: len(peer.digits()) >= len(sent), "all that went up has come")
    scenario.assertTrue(peer.digits() == sent, "what came up is not what was sent")
