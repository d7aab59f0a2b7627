#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that every relative link of README.md, CHANGELOG.md, doc/ and examples/ leads to an existing file and heading.

usage: check_links.py SOURCE_ROOT

Prints one line per page.
"""
import pathlib
import re
import sys

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)


def anchors(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.M)}


def faults(page):
    for path, anchor in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield path
        elif anchor and anchor not in anchors(target):
            yield f"{path}#{anchor}"


def main():
    root = pathlib.Path(sys.argv[1])
    pages = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "doc").rglob("*.md")),
             *sorted((root / "examples").rglob("*.md"))]
    links = failed = 0
    for page in pages:
        links += len(LINK.findall(page.read_text(encoding="utf-8")))
        wrong = list(faults(page))
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {page.relative_to(root)}{': ' + ', '.join(wrong) if wrong else ''}")
    return 1 if failed or not links else 0


sys.exit(main())
