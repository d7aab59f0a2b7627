#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the first comment of each meson.build says what the folder contains, and that the top level is kept clean.

usage: check_folders.py SOURCE_ROOT

The comment follows the SPDX line, starts with a capital letter or the name of a program, and is at least 20 characters
long. A folder without a meson.build is described by that of its parent, or by its README. The top level has the folders and
files below, names that begin with a dot, and what git ignores; without git, also folders of a build. Prints one line per
fault, or one line if there is none.
"""
import pathlib
import subprocess
import sys

FOLDERS = ("doc", "examples", "include", "lib", "pkgconfig", "tests")
FILES = ("CHANGELOG.md", "LICENSE", "README.md", "meson.build", "meson_options.txt")
SHORTEST = 20


def strays(root):
    """What does not belong to the top level."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    else:
        names = {path.name for path in root.iterdir() if not path.name.startswith("build")}
    return sorted(name for name in names if not name.startswith(".") and name not in FOLDERS + FILES)


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
    astray = strays(root)
    for name in astray:
        print(f"not ok {name}: it does not belong to the top level")
    if not faults and not astray:
        print(f"ok {len(pages)} folders say what they contain")
    return 1 if faults or astray or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
