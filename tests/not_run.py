#!/usr/bin/env python3
"""Ends a run of the tests with what was not run, and why: not_run.py --notes DIR [--left-out COUNT]."""
import argparse
import collections
import pathlib


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=pathlib.Path, required=True, help="the scenarios' notes")
    parser.add_argument("--left-out", type=int, default=0, help="scenarios that this system can't run at all")
    options = parser.parse_args()
    tests = collections.defaultdict(list)
    for file in sorted(options.notes.glob("*")):
        for line in file.read_text().splitlines():
            test, _, why = line.partition("\t")
            tests[why].append(f"{file.name}: {test}")
    count = sum(map(len, tests.values()))
    if not count and not options.left_out:
        print("\nNo test was left out.")
        return
    print(f"\nNot run here: {count} test{'' if count == 1 else 's'}")
    for why, names in sorted(tests.items()):
        print(f"  {why}:")
        for name in names:
            print(f"    {name}")
    if options.left_out:
        print(f"  {options.left_out} scenarios need Linux on the processor of this machine")


if __name__ == "__main__":
    main()
