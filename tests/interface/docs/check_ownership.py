#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the ownership table of doc/ffi.md is complete.

usage: check_ownership.py SOURCE_ROOT [HEADER_FOLDER...]

A function that returns a pointer (as return value or through a parameter), or that may keep one (a callback, a `user`
pointer, borrowed bytes), is in exactly one row; every name in the table is such a function. Names are written without
"animaldetect_". Prints one line per row.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "lib" / "abi"))
sys.dont_write_bytecode = True

import header  # noqa: E402

PREFIX = "animaldetect_"
STATIC = {"status_name", "status_text", "state_name", "stage_name", "step_name", "version"}


def concerns_ownership(function):
    kinds = [kind for kind, _ in function.parameters]
    return (function.returns.endswith("*") or any(kind.endswith("**") or kind.endswith("_callback") for kind in kinds)
            or any(kind in ("void *", "const void *") and name in ("user", "data", "bytes")
                   for kind, name in function.parameters)
            or function.name.endswith("_free"))


def rows(page):
    """(first cell, names in it) of each line of the table under "Ownership"."""
    part = page.split("\n## Ownership\n", 1)[1].split("\n## ", 1)[0]
    for line in part.splitlines():
        if line.startswith("| `"):
            cell = line.split("|")[1].strip()
            yield cell, re.findall(r"`(\w+)`", cell)


def main():
    wanted = {name.removeprefix(PREFIX) for name, function in header.functions(sys.argv[2:]).items()
              if concerns_ownership(function)}
    seen, failed = set(), 0
    for cell, names in rows((ROOT / "doc" / "ffi.md").read_text(encoding="utf-8")):
        wrong = [name for name in names if name not in wanted or name in seen]
        seen.update(names)
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {cell[:60]}{': not a function that hands out or keeps a pointer, or twice: ' + ', '.join(wrong) if wrong else ''}")
    missing = sorted(wanted - seen)
    for name in missing:
        print(f"not ok {name}: in no row")
    return 1 if failed or missing or not seen else 0


sys.exit(main())
