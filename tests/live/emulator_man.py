# SPDX-License-Identifier: MIT
"""Compares the emulator's man page with its --help and with the names of its faults.

    emulator_man.py EMULATOR PAGE FAULT-SOURCE

Promises: an option or the name of a fault that is missing in one of them fails, and so does a page for which groff
prints a warning (if groff is installed).
"""
import pathlib
import re
import shutil
import subprocess
import sys


def plain(text):
    """The text of the page without roff escapes and macros."""
    text = re.sub(r'\\f.', '', text.replace('\\-', '-'))
    return re.sub(r'^\.(?:[A-Z]{1,2})\s?', '', text, flags=re.M).replace('"', '')


def main():
    emulator, page, source = sys.argv[1:]
    roff = pathlib.Path(page).read_text()
    text = plain(roff)
    answer = subprocess.run([emulator, '--help'], capture_output=True, text=True, check=True).stdout
    faults = []

    told = set(re.findall(r'^  (--[a-z0-9-]+)', answer, re.M))
    entries = re.findall(r'^\.TP\n\.(?:BI|BR|B) (\\-\\-[a-z0-9\\-]+)', roff, re.M)
    shown = {entry.replace('\\-', '-') for entry in entries}
    if len(told) < 20:
        faults.append(f'--help names {len(told)} options only')
    faults += [f'{name}: in --help, not in the page' for name in sorted(told - shown)]
    faults += [f'{name}: in the page, not in --help' for name in sorted(shown - told)]
    faults += [f'{name}: twice in the page' for name in sorted(shown) if len(entries) != len(shown)]

    table = re.search(r'/\*\n \* Faults: .*?\*/', pathlib.Path(source).read_text(), re.S)[0]
    lists = re.search(r' \* ROUTE .*', table)[0] + re.search(r' \* form .*?\n \*\n', table, re.S)[0]
    words = set(re.findall(r'^ \*\s+(?:KIND\s+)?([a-z]+(?:-[a-z]+)*)(?:, |  )', table, re.M))
    words |= set(re.findall(r'\b([a-z_]+)=', table)) | {'reset-after'}
    words |= set(re.findall(r'([a-z-]+)(?=[,;.\n])', lists)) | {'api', 'any'}
    if len(words) < 20:
        faults.append(f'{source} names {len(words)} words only')
    section = text[text.index('FAULTS'):]
    faults += [f'the fault word "{word}" is not in the page' for word in sorted(words)
               if not re.search(rf'(?<![a-z-]){re.escape(word)}(?![a-z-])', section)]

    if shutil.which('groff'):
        done = subprocess.run(['groff', '-man', '-Tutf8', '-ww', '-z', page], capture_output=True, text=True)
        faults += done.stderr.splitlines()
    print(*faults, sep='\n', end='\n' if faults else '')
    print(f'{len(told)} options and {len(words)} words of faults compared, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
