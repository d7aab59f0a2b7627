#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks doc/architecture.md against the tree: its map of the files, and every path and name that it mentions.

usage: check_map.py SOURCE_ROOT [--write]

The map has one line for each file of lib/, by folder: a .c and the .h of the same name are one file. The line is the
first sentence of the opening comment, of the .h if there is one, and has at most 110 characters. --write regenerates
the part between the two markers. A path that begins with lib/, tests/, include/, doc/ or examples/ must exist; a name
that begins with ad_, AD_, animaldetect_ or ANIMALDETECT_ must occur in C code, outside comments. In a numbered list
each name must occur in the code of the file named before it. Prints one line per fault, or one line if there is none.
"""
import collections
import pathlib
import re
import sys

LONGEST = 110
BEGIN, END = "<!-- map: begin -->", "<!-- map: end -->"
OPENING = re.compile(r"\A/\* SPDX-[^\n]*\*/\n/\*(?:\* @file)?\n(.*?)\*/", re.S)
SENTENCE = re.compile(r".*?[.?!](?=\s|$)", re.S)
PATH = re.compile(r"(?<![\w/.-])((?:lib|tests|include|doc|examples)/[\w./*{},-]*[\w}*/])")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
NAME = re.compile(r"\b((?:ad|AD|animaldetect|ANIMALDETECT)_\w+)")


def first_sentence(path):
    """The first sentence of a file's opening comment, or None."""
    opening = OPENING.match(path.read_text(encoding="utf-8"))
    if not opening:
        return None
    lines = [line.strip().removeprefix("*").strip() for line in opening[1].splitlines()]
    paragraph = " ".join(lines[:lines.index("")] if "" in lines else lines)
    sentence = SENTENCE.match(paragraph)
    return " ".join(sentence[0].split()) if sentence else None


def files_of(root):
    """folder -> a list of (name to show, file whose comment is used)."""
    stems = collections.defaultdict(set)
    for path in (root / "lib").rglob("*.[ch]"):
        stems[path.with_suffix("")].add(path.suffix)
    folders = collections.defaultdict(list)
    for stem, kinds in sorted(stems.items()):
        shown = stem.name + (".[ch]" if len(kinds) == 2 else min(kinds))
        folders[stem.parent.relative_to(root)].append((shown, stem.with_suffix(".h" if ".h" in kinds else ".c")))
    return folders


def make_map(root):
    """The lines of the map, and the faults of the comments from which they are generated."""
    lines, faults = [], []
    for folder, files in sorted(files_of(root).items()):
        lines += ["", f"**`{folder}/`**", ""]
        for shown, path in files:
            sentence = first_sentence(path)
            name = path.relative_to(root)
            if sentence is None:
                faults.append(f"{name}: its opening comment has no first sentence")
            elif len(sentence) > LONGEST:
                faults.append(f"{name}: the first sentence has {len(sentence)} characters: {sentence}")
            lines.append(f"- `{shown}`: {sentence}")
    return "\n".join(lines[1:] if lines else lines), faults


def expand(path):
    """Expands "lib/a/{b,c}.[ch]" to single patterns."""
    braces = re.search(r"\{([^}]*)\}", path)
    if not braces:
        return [path]
    return [one for word in braces[1].split(",")
            for one in expand(path[:braces.start()] + word.strip() + path[braces.end():])]


def words_of(path):
    """The identifiers of a C file, outside comments."""
    return set(re.findall(r"[A-Za-z_]\w*", COMMENT.sub(" ", path.read_text(encoding="utf-8"))))


def strange_hops(root, text):
    """Checks the numbered lists: each name must occur in the code of the file named before it."""
    for item in re.findall(r"^\d+\. .*(?:\n {3}.*)*", text, re.M):
        where, words = None, set()
        for token in re.findall(r"`([^`]+)`", item):
            if "/" in token:
                where = root / token
                words = words_of(where) if where.is_file() else set()
            elif where is None:
                yield f"{token}: a hop that names no file: {item.splitlines()[0]}"
            elif token not in words:
                yield f"{token}: does not stand in {where.relative_to(root)}"


def unknown(root, text):
    """The paths and names on the page that do not exist in the tree."""
    for path in sorted(set(PATH.findall(text))):
        for one in expand(path):
            if not (any(root.glob(one.rstrip("/"))) if "*" in one else (root / one).exists()):
                yield f"{one}: there is no such file"
    known = set()
    for folder in ("lib", "include", "tests"):
        for path in (root / folder).rglob("*.[ch]"):
            known |= words_of(path)
    for name in sorted(set(NAME.findall(text)) - known):
        yield f"{name}: there is no such name in the code of lib/, include/ and tests/"


def main():
    root = pathlib.Path(sys.argv[1])
    page = root / "doc" / "architecture.md"
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN, 1)
    old, tail = rest.split(END, 1)
    wanted, faults = make_map(root)
    if "--write" in sys.argv[2:]:
        page.write_text(f"{head}{BEGIN}\n{wanted}\n{END}{tail}", encoding="utf-8")
    elif old.strip() != wanted.strip():
        stale = sorted(set(old.strip().splitlines()) ^ set(wanted.splitlines()))
        faults.append("the map is not that of the files, run check_map.py --write: " + "; ".join(stale[:6]))
    faults += unknown(root, head + tail)
    faults += strange_hops(root, head + tail)
    for fault in faults:
        print(f"not ok {fault}")
    if not faults:
        print(f"ok {wanted.count('- `')} files are in the map; every path and name of the page exists")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
