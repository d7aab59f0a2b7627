#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the pages use the standard terms: none of the phrases below, which the glossary replaces.

usage: check_words.py SOURCE_ROOT

Prose is README.md, CHANGELOG.md and the pages of doc/, without code, the glossary, and generated parts between markers.
A phrase may be broken over lines. British spellings are also faults. Prints one line per phrase found, or one line if
there is none. It must never judge a name in code.
"""
import pathlib
import re
import sys

PHRASES = (
    "words for", "end at hand", "a call's end", "is told", "are told", "hears", "is heard", "a look", "looks that", "places",
    "turns", "a turn", "a course", "the world bends", "mend", "mended", "for ever", "look at that job", "power goes",
    "nothing is left behind", "lies behind", "was not taken yet", "may not do this", "does not fit the state",
    "locks itself up", "what was met", "for want of memory", "foreign words", "in earnest", "collector of garbage", "is ill",
    "made whole", "makes whole", "no more to come", "stands in place", "under way", "tried again", "on its own account",
    "cancelled", "cancelling", "licence", "behaviour", "colour", "honour", "towards", "neighbour",
)
WORDS = re.compile(rf"(?<![\w-])(?:{'|'.join(PHRASES)})(?![\w-])".replace(" ", r"\s+"), re.I)
LEFT_OUT = re.compile(r"<!-- (mutations|map|statuses): begin.*?<!-- \1: end -->|^```.*?^```|`[^`\n]*`|\]\([^)]*\)", re.S | re.M)
GLOSSARY = re.compile(r"^## Glossary$.*?(?=^## )", re.S | re.M)


def main():
    root = pathlib.Path(sys.argv[1])
    pages = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "doc").rglob("*.md"))]
    faults = 0
    for page in pages:
        def blank(match):
            return re.sub(r"[^\n]", " ", match[0])
        text = LEFT_OUT.sub(blank, GLOSSARY.sub(blank, page.read_text(encoding="utf-8")))
        for found in WORDS.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            print(f"not ok {page.relative_to(root)}:{line}: {' '.join(found[0].split())}")
            faults += 1
    if not faults:
        print(f"ok none of {len(PHRASES)} phrases is in {len(pages)} pages")
    return 1 if faults or len(pages) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
