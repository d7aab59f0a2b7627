#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the code blocks of README.md and doc/*.md.

usage: check_code.py SOURCE_ROOT COMPILER CFLAG...

A C block after a comment `<!-- examples/FILE -->` must be in that file, line for line, except for indentation. Any other C
block must compile, inside a function if it is not a complete file. Prints one line per block.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:<!-- (?P<source>\S+) -->\n)?```c\n(?P<code>.*?)```", re.S)

PROLOGUE = """#include <animaldetect/animaldetect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int block(animaldetect_client *client, animaldetect_job *job);
int block(animaldetect_client *client, animaldetect_job *job)
{
    (void)client;
    (void)job;
    {
%s
    }
    return 0;
}
"""


def lines_of(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def stands_in(code, source):
    wanted, present = lines_of(code), lines_of(source)
    span = len(wanted)
    return any(present[i : i + span] == wanted for i in range(len(present) - span + 1))


def compiles(code, compiler):
    whole = "#include" in code
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "block.c"
        path.write_text(code if whole else PROLOGUE % code)
        run = subprocess.run(
            compiler + ["-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-fsyntax-only", str(path)],
            capture_output=True, text=True, check=False)
        return run.returncode == 0, run.stderr


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:]
    failed = count = 0
    for page in [root / "README.md"] + sorted((root / "doc").glob("*.md")):
        for number, match in enumerate(BLOCK.finditer(page.read_text()), 1):
            count += 1
            name = f"{page.relative_to(root)} block {number}"
            words = ""
            if match["source"]:
                good = stands_in(match["code"], (root / match["source"]).read_text())
                words = "" if good else f" differs from {match['source']}"
            else:
                good, words = compiles(match["code"], compiler)
            failed += not good
            print("ok" if good else "not ok", name, "" if good else words)
    if count == 0:
        print("not ok there is no code block")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
