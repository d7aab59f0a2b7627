#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that every public function is named in the guide, or for the mock on its page, and is called in a test.

usage: check_guide.py SOURCE_ROOT HEADER_FOLDER...

A name may be abbreviated after a full name in the same paragraph or table row: `animaldetect_client_set_ca_file` or
`_ca_pem`. Promises: a function that its page does not name in either way fails; so does one that no C test calls
outside comments, and a full name on any page that no header declares outside comments. Only the changelog may name
removed functions. It must never judge the text around a name.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib" / "abi"))

import header  # noqa: E402

TOKEN = re.compile(r"\b(animaldetect_[a-z0-9_]+)|`(_[a-z0-9_]+)`")
OTHER = re.compile(r"animaldetect_(?:\w+_callback|client|job|result|mock|transport|exchange|detection|candidate|log_record)")


def paragraphs(text):
    for block in re.split(r"\n\s*\n", text):
        yield from (block.splitlines() if block.lstrip().startswith("|") else [block])


def spelled_out(full, short, functions):
    """The functions that `short` may abbreviate after `full`: it replaces the last words of `full`."""
    words = full.split("_")
    return [name for count in range(1, len(words)) if (name := "_".join(words[:count]) + short) in functions]


def named(text, functions):
    found, odd = set(), []
    for paragraph in paragraphs(text):
        full = ""
        for match in TOKEN.finditer(paragraph):
            if match[1]:
                full = match[1] if match[1] in functions else full
                found.add(match[1])
                if match[1] not in functions and not OTHER.fullmatch(match[1]):
                    odd.append(match[1])
                continue
            meant = spelled_out(full, match[2], functions)
            found.update(meant)
            if not meant:
                odd.append(f"{match[2]} after {full or 'nothing'}")
    return found, odd


def main():
    root = pathlib.Path(sys.argv[1])
    pages = {"doc/guide.md": header.functions(sys.argv[2:]),
             "doc/mock.md": header.functions([root / "lib" / "testing" / "mock" / "include"])}
    functions = {name: function for page in pages.values() for name, function in page.items()}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "tests").rglob("*.c")))
    called = set(re.findall(r"\b(animaldetect_\w+)\b", re.sub(r"/\*.*?\*/|//[^\n]*", " ", tests, flags=re.S)))
    faults = [f"{name}: in no test" for name in sorted(set(functions) - called)]
    for page, due in pages.items():
        found, odd = named((root / page).read_text(encoding="utf-8"), functions)
        faults += [f"{name}: not in {page}" for name in sorted(set(due) - found)]
        faults += [f"{name}: in {page}, but no function" for name in sorted(set(odd))]
    headers = "\n".join(path.read_text(encoding="utf-8") for folder in [*sys.argv[2:], root / "lib"]
                        for path in sorted(pathlib.Path(folder).rglob("*.h")))
    declared = set(re.findall(r"\w+", header.COMMENT.sub(" ", headers)))
    for page in [root / "README.md", *sorted((root / "doc").rglob("*.md"))]:
        strange = set(re.findall(r"\banimaldetect_\w*\w\b", page.read_text(encoding="utf-8"))) - declared
        faults += [f"{page.relative_to(root)}: {name} is in no header" for name in sorted(strange)]
    for fault in faults:
        print(f"not ok {fault}")
    if not faults:
        print(f"ok {len(functions)} functions are on their page and in a test")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
