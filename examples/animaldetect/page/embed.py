#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inserts the page's style and script into its HTML, and writes the result as a C array.

    embed.py PAGE.html PAGE.css PAGE.js OUT.h
"""
import pathlib
import sys

html, css, script = (pathlib.Path(name).read_text(encoding="utf-8") for name in sys.argv[1:4])
page = html.replace("@CSS@\n", css).replace("@JS@\n", script).encode()
rows = (", ".join(str(byte) for byte in page[at:at + 24]) for at in range(0, len(page), 24))
pathlib.Path(sys.argv[4]).write_text(
    "/* Made by embed.py: the preview's page. */\nstatic const unsigned char page_html[] = {\n    "
    + ",\n    ".join(rows) + "};\n", encoding="utf-8")
