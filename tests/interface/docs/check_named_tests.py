#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that each test which doc/faults.md and doc/security.md name exists, and that no line of their tables is without.

usage: check_named_tests.py SOURCE_ROOT

A line of a table whose last column is headed "Shown by" or "Held by" names at least one test there and nothing else.
Every status that is named is in the headers. Prints one line per table row.
"""
import pathlib
import re
import sys

PAGES = ("faults.md", "security.md")
DEFINED = (re.compile(r"^static void (\w+)\(void \*\*state\)", re.M),  # cmocka
           re.compile(r"\bSCENARIO\w*\((\w+)"),  # tests/engine
           re.compile(r"\.check\(\"(\w+)\""), re.compile(r"^(?:async )?def (\w+)\(", re.M))  # Python
NAME = re.compile(r"`(\w+)`")
STATUS = re.compile(r"`((?:E|STATE|STAGE)_[A-Z_]+)`")


def tests_in(root):
    names = set()
    for path in sorted((root / "tests").rglob("*")):
        if path.suffix in (".c", ".py"):
            text = path.read_text(encoding="utf-8")
            for pattern in DEFINED if path.suffix == ".py" else DEFINED[:2]:
                names.update(pattern.findall(text))
    return names


def rows_of(page):
    """(line number, cells) of each line of a table with such a column."""
    inside = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[-1] in ("Shown by", "Held by"):
            inside = True
        elif inside and not set(line) <= set("|- "):
            yield number, cells


def complaint(cells, tests, values):
    named = NAME.findall(cells[-1])
    missing = [name for name in named if name not in tests]
    unknown = [name for cell in cells[:-1] for name in STATUS.findall(cell) if f"ANIMALDETECT_{name}" not in values]
    if not named or NAME.sub("", cells[-1]).strip(" ,"):
        return "its last column is not a list of tests"
    if missing or unknown:
        return "not there: " + ", ".join(missing + unknown)
    return None


def main():
    root = pathlib.Path(sys.argv[1])
    tests = tests_in(root)
    values = "\n".join(path.read_text(encoding="utf-8") for path in (root / "include").rglob("*.h"))
    failed = count = 0
    for name in PAGES:
        for number, cells in rows_of(root / "doc" / name):
            wrong = complaint(cells, tests, values)
            print(f"{'not ok' if wrong else 'ok'} {name}:{number}{': ' + wrong if wrong else ''}")
            failed += wrong is not None
            count += 1
    return 1 if failed or not count else 0


sys.exit(main())
