#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes scripts for Redis into a C header, each as a string named after its file, without comments.

    embed.py OUT.h SCRIPT.lua...
"""
import json
import pathlib
import sys


def code(text):
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("--")]


out = ["/* Made by embed.py: the scripts that run inside Redis. */"]
for name in sys.argv[2:]:
    path = pathlib.Path(name)
    lines = code(path.read_text(encoding="ascii"))
    out += [f"static const char script_{path.stem}[] =",
            *(f"    {json.dumps(line + chr(10))}" for line in lines[:-1]), f"    {json.dumps(lines[-1] + chr(10))};"]
pathlib.Path(sys.argv[1]).write_text("\n".join(out) + "\n", encoding="ascii")
