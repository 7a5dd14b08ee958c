"""What a scenario couldn't try here, and why: kept for the block that ends a run of the tests (tests/not_run.py)."""
import os
import pathlib
import sys


def _file():
    folder = os.environ.get("TUNNEL_NOT_RUN")
    records = os.environ.get("TUNNEL_TEST_RECORDS")
    name = pathlib.Path(sys.argv[0]).stem + (f".{records}" if records else "")
    return pathlib.Path(folder, name) if folder else None


def note(test, why):
    """`why` is a line that goes on after "not run: "."""
    print(f"{test} was not run: {why}", file=sys.stderr, flush=True)
    if file := _file():
        file.parent.mkdir(exist_ok=True)
        with open(file, "a") as lines:
            lines.write(f"{test}\t{why}\n")
