"""A VNC desktop that shows a picture, and two viewers: TigerVNC's and vncsnapshot."""
import os
import pathlib
import random
import socket
import struct
import subprocess

from . import peers
from .net import PATIENCE, free_port, receive_exactly

WIDTH, HEIGHT = 320, 240
XKB_DATA, XKBCOMP = "/usr/share/X11/xkb", "/usr/bin/xkbcomp"


def picture(seed):
    """Pixels (4 bytes each) of a picture with flat areas, a gradient and noise, which no encoding compresses away."""
    noise = random.Random(seed).randbytes(WIDTH * HEIGHT)
    rows = []
    for y in range(HEIGHT):
        for x in range(WIDTH):
            if x < WIDTH // 3:
                rows.append(bytes((200, y * 255 // HEIGHT, x * 2, 0)))
            elif y < HEIGHT // 2:
                rows.append(bytes((30, 60, 240 if (x // 16 + y // 16) % 2 else 10, 0)))
            else:
                rows.append(bytes((noise[y * WIDTH + x], x % 256, y, 0)))
    return b"".join(rows)


def _x_command():
    """The command for Xtigervnc; in an unpacked tree, proot binds its fixed paths into place."""
    root, words = peers.unpacked_root(), [peers.find("Xtigervnc")]
    if root and words[0].startswith(str(root)):
        binds = [["-b", f"{root}{path}:{path}"] for path in (XKB_DATA, XKBCOMP) if os.path.exists(f"{root}{path}")]
        if binds:
            words = [str(root / "usr/bin/proot"), *sum(binds, []), *words]
    return words


class Desktop:
    """An X server that is also a VNC server."""

    def __init__(self, scenario, width=WIDTH, height=HEIGHT):
        self.port = free_port()
        self.server = scenario.start(f"desktop-{self.port}", _x_command() + [
            "-displayfd", "1", "-rfbport", self.port, "-interface", "127.0.0.1", "-SecurityTypes", "None",
            "-geometry", f"{width}x{height}", "-depth", "24", "-nolisten", "tcp", "-AlwaysShared",
            "-IdleTimeout", "0", "-desktop", "device"])
        self.display = int(self.server.wait_log(r"^(\d+)$").group(1))
        self.server.wait_log(r"Listening for VNC connections|vncext:")
        self.screen = Screen(self.display, width, height)
        scenario.addCleanup(self.screen.close)


class Screen:
    """The parts of the X protocol that draw pixels on the root window and read them back."""

    def __init__(self, display, width, height):
        self.width, self.height = width, height
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(f"/tmp/.X11-unix/X{display}")
        self.sock.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        answer, _, _, size = struct.unpack("<BxHHH", receive_exactly(self.sock, 8))
        body = receive_exactly(self.sock, size * 4)
        assert answer == 1, f"the X server refused: {body!r}"
        identifiers, = struct.unpack_from("<I", body, 4)
        vendor, = struct.unpack_from("<H", body, 16)
        formats = body[21]
        self.root, = struct.unpack_from("<I", body, 32 + (vendor + 3) // 4 * 4 + formats * 8)
        self.context = identifiers
        self._send(55, 0, struct.pack("<III", self.context, self.root, 0))

    def _send(self, opcode, detail, body):
        self.sock.sendall(struct.pack("<BBH", opcode, detail, 1 + len(body) // 4) + body)

    def draw(self, pixels):
        """Draws the picture in the top left corner of the root window and checks that it is there."""
        rows = 32
        for top in range(0, HEIGHT, rows):
            strip = pixels[top * WIDTH * 4:(top + rows) * WIDTH * 4]
            height = len(strip) // (WIDTH * 4)
            self._send(72, 2, struct.pack("<IIHHhhBBxx", self.root, self.context, WIDTH, height, 0, top, 0, 24) + strip)
        assert self.shows(pixels), "the picture is not on the screen"

    def shows(self, pixels):
        """True if every pixel of the picture is on the screen, at any position and in any window."""
        screen, line, row = self._read(), self.width * 4, WIDTH * 4
        at = screen.find(pixels[:row])
        while at >= 0:
            if all(screen[at + y * line:at + y * line + row] == pixels[y * row:(y + 1) * row] for y in range(HEIGHT)):
                return True
            at = screen.find(pixels[:row], at + 1)
        return False

    def pixels(self):
        """The whole screen, 4 bytes per pixel."""
        return self._read()

    def _read(self):
        self._send(73, 2, struct.pack("<IhhHHI", self.root, 0, 0, self.width, self.height, 0xFFFFFF))
        header = receive_exactly(self.sock, 32)
        assert header[0] == 1, f"the X server answered with error {header[1]}"
        return receive_exactly(self.sock, struct.unpack_from("<I", header, 4)[0] * 4)

    def close(self):
        self.sock.close()


def snapshot(scenario, port, name):
    """Takes a picture of the desktop at `port` with vncsnapshot, a headless VNC client; returns the JPEG."""
    target = scenario.folder / name
    done = peers.run("vncsnapshot", "-allowblank", "-quality", "100", "-encodings", "zlib raw", f"127.0.0.1::{port}",
                     target, stderr=subprocess.STDOUT)
    scenario.assertEqual(done.returncode, 0, done.stdout)
    return target.read_bytes()


def start_viewer(scenario, port, display, *options):
    """Starts TigerVNC's viewer on `display`."""
    env = dict(peers.environment(), DISPLAY=f":{display}", HOME=str(scenario.folder))
    (pathlib.Path(env["HOME"]) / ".vnc").mkdir(exist_ok=True)
    return scenario.start("viewer", [
        peers.find("vncviewer"), "-SecurityTypes", "None", "-RemoteResize=0", "-AutoSelect=0", "-PreferredEncoding",
        "ZRLE", "-FullColor", "-NoJPEG", "-Shared", "-ReconnectOnError=0", "-geometry", f"{WIDTH}x{HEIGHT}+0+0",
        *options, f"127.0.0.1::{port}"], env=env)
