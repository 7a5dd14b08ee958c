"""Streams of lines of digits, for peers that take some letters at the start of a line for a command."""
import random

LINE = 64


def digits(seed, size):
    """`size` bytes (a multiple of LINE): numbered lines, no two streams and no two lines alike."""
    assert size % LINE == 0
    source = random.Random(seed)
    return b"".join(b"%015d%048d\n" % (number, source.randrange(10 ** 48)) for number in range(size // LINE))

