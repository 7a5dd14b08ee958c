"""A terminal with a program in it: types keys, and renders the screen with pyte."""
import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading

from . import peers
from .programs import eventually


def _pyte():
    # installed for the system's Python, which may not be this one
    folder = str(pathlib.Path(peers.find("pyte")).parent.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    import pyte
    return pyte


def _environment(env):
    """This process's environment with changes; None removes a variable."""
    changed = {**os.environ, "TERM": "xterm-256color", **(env or {})}
    return {name: value for name, value in changed.items() if value is not None}


def run_on_terminal(words, env=None, reply_to=None, reply=b""):
    """Runs a command on a terminal until it exits, typing `reply` once it shows `reply_to`; (exit status, output)."""
    words = [str(word) for word in words]
    pid, master = pty.fork()
    if pid == 0:
        os.execvpe(words[0], words, _environment(env))
    shown = b""
    try:
        while part := os.read(master, 4096):
            shown += part
            if reply_to and reply_to in shown:
                os.write(master, reply)
                reply_to = None
    except OSError:  # the other end is closed
        pass
    _, status = os.waitpid(pid, 0)
    os.close(master)
    return os.waitstatus_to_exitcode(status), shown


class Terminal:
    """A program in the foreground of its own terminal."""

    def __init__(self, words, cwd, env=None, rows=24, columns=80, stderr=None):
        pyte = _pyte()
        self.written = b""
        self._over = False
        self._screen = pyte.HistoryScreen(columns, rows, history=10000)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, slave = os.openpty()
        self._size(slave, rows, columns)
        self.process = subprocess.Popen(
            [str(word) for word in words], cwd=cwd, env=_environment(env), stdin=slave, stdout=slave,
            stderr=stderr or slave, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while not self._over:
                if not select.select([self._master], [], [], 0.1)[0]:
                    continue
                part = os.read(self._master, 65536)
                with self._lock:
                    self.written += part
                    self._stream.feed(part)
        except OSError:  # the other end is closed
            pass

    @staticmethod
    def _size(end, rows, columns):
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, rows, columns):
        with self._lock:
            self._screen.resize(rows, columns)
            self._size(self._master, rows, columns)

    def type(self, text):
        os.write(self._master, text.encode())

    def rows(self):
        """The rows of the screen down to the last that isn't empty, without trailing blanks."""
        with self._lock:
            rows = [row.rstrip() for row in self._screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def all_rows(self):
        """Those that have scrolled off the top, and those on the screen."""
        with self._lock:
            columns = range(self._screen.columns)
            gone = ["".join(row[x].data for x in columns).rstrip() for row in self._screen.history.top]
        return gone + self.rows()

    def cursor(self):
        """(row, column), from 0."""
        with self._lock:
            return self._screen.cursor.y, self._screen.cursor.x

    def wait_rows(self, condition, what):
        """Waits until `condition(rows)` is true; returns the rows."""
        def look():
            rows = self.rows()
            return rows if condition(rows) else None
        return eventually(look, lambda: f"{what}; the screen is\n" + "\n".join(self.rows()))

    def wait_last_row(self, pattern):
        return self.wait_rows(lambda rows: rows and re.fullmatch(pattern, rows[-1]), f"the last row is {pattern!r}")[-1]

    def wait_text(self, pattern):
        """Waits for text in everything written so far, without escape sequences."""
        def look():
            return re.search(pattern, plain(self.written), re.MULTILINE)
        return eventually(look, lambda: f"the terminal shows {pattern!r}; it is\n{plain(self.written)}")

    def wait(self):
        """Waits until the program exits and its output is complete; returns its exit status."""
        status = self.process.wait(60)
        self._reader.join(60)
        return status

    def hang_up(self):
        """Closes the terminal, as closing its window does."""
        self._over = True
        self._reader.join()
        os.close(self._master)

    def close(self):
        """Kills the program if it still runs, and closes the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self._over:
            self.hang_up()


def plain(written):
    """Removes escape sequences; a row that was overwritten becomes a separate line."""
    text = written.decode("utf-8", "backslashreplace")
    return re.sub(r"\r+\n?", "\n", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>()][B0]?", "", text))
