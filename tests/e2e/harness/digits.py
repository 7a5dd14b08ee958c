"""Streams of digits, for peers that take certain letters at the start of a line as commands."""
import random

LINE = 64


def digits(seed, size):
    """`size` bytes (a multiple of LINE) of numbered lines; every line and every stream is different."""
    assert size % LINE == 0
    source = random.Random(seed)
    return b"".join(b"%015d%048d\n" % (number, source.randrange(10 ** 48)) for number in range(size // LINE))

