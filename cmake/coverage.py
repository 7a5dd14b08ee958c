#!/usr/bin/env python3
"""Prints which share of the lines in lib/ and cmd/ has run: coverage.py --build TREE [--reset | --lines FILE]."""
import argparse
import collections
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("lib", "cmd")


def line_counts(tree):
    """{file: {line: how often it ran}} of our sources, by gcov."""
    notes = sorted(note for folder in FOLDERS for note in (tree / folder).rglob("*.gcno"))
    counts = collections.defaultdict(collections.Counter)
    for start in range(0, len(notes), 20):
        output = subprocess.run(["gcov", "--json-format", "--stdout", *notes[start:start + 20]], cwd=tree, check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        for document in output.splitlines():
            for file in json.loads(document)["files"]:
                path = pathlib.Path(file["file"])
                if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in FOLDERS:
                    continue
                name = path.relative_to(ROOT).as_posix()
                for line in file["lines"]:
                    counts[name][line["line_number"]] += line["count"]
    return counts


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", required=True, type=pathlib.Path, metavar="TREE")
    options.add_argument("--reset", action="store_true", help="forget what has run so far")
    options.add_argument("--lines", type=pathlib.Path, metavar="FILE", help="write each line that has not run")
    chosen = options.parse_args()
    if chosen.reset:
        for data in chosen.build.rglob("*.gcda"):
            data.unlink()
        return

    counts = line_counts(chosen.build)
    rooms = collections.defaultdict(lambda: [0, 0])
    for name, lines in counts.items():
        room = "/".join(name.split("/")[:2]) if name.startswith("lib/") else "cmd"
        for total in (rooms[room], rooms["lib and cmd"]):
            total[0] += sum(1 for count in lines.values() if count)
            total[1] += len(lines)
    for room, (run, lines) in sorted(rooms.items(), key=lambda item: (item[0] == "lib and cmd", item[0])):
        print(f"{room:14} {run:6} of {lines:6} lines  {100 * run / lines:5.1f} %")
    if chosen.lines:
        chosen.lines.write_text("".join(f"{name}:{line}\n" for name in sorted(counts)
                                        for line, count in sorted(counts[name].items()) if not count))


if __name__ == "__main__":
    main()
