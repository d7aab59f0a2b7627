#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the first comment of each meson.build says what the folder contains.

usage: check_folders.py SOURCE_ROOT

The comment follows the SPDX line, starts with a capital letter or the name of a program, and is at least 20 characters
long. A folder without a meson.build is described by that of its parent, or by its README. Prints one line per fault, or
one line if there is none.
"""
import pathlib
import sys

FOLDERS = ("doc", "examples", "include", "lib", "pkgconfig", "tests")
SHORTEST = 20


def main():
    root = pathlib.Path(sys.argv[1])
    pages = [path for folder in FOLDERS for path in sorted((root / folder).rglob("meson.build"))]
    faults = []
    for path in pages:
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) < 2 or "SPDX" not in lines[0] or not lines[1].startswith("# ") or len(lines[1]) < SHORTEST:
            faults.append(path.relative_to(root))
    for fault in faults:
        print(f"not ok {fault}: its second line does not say what the folder contains")
    if not faults:
        print(f"ok {len(pages)} folders say what they contain")
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
