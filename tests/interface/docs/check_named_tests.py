#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that each test named in doc/faults.md and doc/threat-model.md exists, and that each promise there has one.

usage: check_named_tests.py SOURCE_ROOT

A table row whose last column is headed "Shown by" or "Held by", and a list item in a section whose items have "Shown
by:" or "Held by:", names at least one test there and nothing else. Every status that is named is in the headers. Prints
one line per promise.
"""
import pathlib
import re
import sys

PAGES = ("faults.md", "threat-model.md")
DEFINED = (re.compile(r"^static void (\w+)\(void \*\*state\)", re.M),  # cmocka
           re.compile(r"\bSCENARIO\w*\((\w+)"),  # tests/engine
           re.compile(r"\.check\(\"(\w+)\""), re.compile(r"^(?:async )?def (\w+)\(", re.M))  # Python
NAME = re.compile(r"`(\w+)`")
BY = re.compile(r"\b(?:Held|Shown) by:")
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
    """(line number, [promise, ..., tests]) for each row of such a table and each item of such a list."""
    lines = page.read_text(encoding="utf-8").splitlines()
    starts = [0, *(at for at, line in enumerate(lines) if line.startswith("## ")), len(lines)]
    for start, end in zip(starts, starts[1:]):
        yield from rows_of_table(start, lines[start:end])
        if any(BY.search(line) for line in lines[start:end]):
            yield from items_of_list(start, lines[start:end])


def rows_of_table(start, section):
    inside = False
    for at, line in enumerate(section):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[-1] in ("Shown by", "Held by"):
            inside = True
        elif inside and not set(line) <= set("|- "):
            yield start + at + 1, cells


def items_of_list(start, section):
    for at, line in enumerate(section):
        if line.startswith("- "):
            more = at + 1
            while more < len(section) and section[more].startswith("  "):
                more += 1
            promise, *tests = BY.split(" ".join(part.strip() for part in section[at:more]))
            yield start + at + 1, [promise, " ".join(tests).removesuffix(".")]


def complaint(cells, tests, values):
    named = NAME.findall(cells[-1])
    missing = [name for name in named if name not in tests]
    unknown = [name for cell in cells[:-1] for name in STATUS.findall(cell) if f"ANIMALDETECT_{name}" not in values]
    if not named or NAME.sub("", cells[-1]).strip(" ,"):
        return "it does not end with a list of tests"
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
