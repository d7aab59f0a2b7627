#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the fleet tool's man page with its --help, and its guide with both.

    test_words.py TOOL EMULATOR
"""
import pathlib
import re
import shutil
import subprocess
import sys

from tool_kit import Place, run_all

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ("run", "status", "export", "preview", "watch", "doctor", "enqueue", "work", "collect", "queue")
PAGE = (ROOT / "examples" / "animaldetect" / "animaldetect.1").read_text(encoding="utf-8")
GUIDE = (ROOT / "doc" / "fleet.md").read_text(encoding="utf-8")
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)")


def options_of(text):
    return set(re.findall(r"^ {2}(?:-\w, | {4})(--[a-z-]+)", text, re.M))


def helps():
    with Place() as at:
        return {command: at.tool(command, "--help").decode() for command in COMMANDS}


def the_man_page_has_every_option_and_no_other():
    told = set().union(*map(options_of, helps().values()))
    entries = [entry.replace("\\-", "-") for entry in
               re.findall(r"^\.TP\n\.(?:BI|BR|B) (\\-\\-[a-z\\-]+)", PAGE, re.M)]
    assert len(told) > 30 and told == set(entries) and len(entries) == len(told), told ^ set(entries)


def the_guide_names_no_option_that_is_not_there():
    told = set().union(*map(options_of, helps().values()))
    named = set(OPTION.findall(GUIDE)) - {"--path", "--now", "--user"}  # options of systemd's programs
    assert named <= told, named - told
    for command in re.findall(r"\banimaldetect ([a-z-]+) (?=[-/@~])", GUIDE):
        assert command in COMMANDS, command


def groff_prints_no_warning_about_the_page():
    if shutil.which("groff") is None:
        print("skip groff: not installed")
        return
    ended = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=PAGE, capture_output=True, text=True,
                           check=True)
    assert not ended.stderr, ended.stderr


TESTS = (the_man_page_has_every_option_and_no_other, the_guide_names_no_option_that_is_not_there,
         groff_prints_no_warning_about_the_page)

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[3:]))
