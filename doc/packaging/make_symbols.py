#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Generates the symbols files of the Debian packages from the lists in lib/abi: make_symbols.py SOURCE_ROOT [--write]

Without --write, compares the files with the expected text. Prints one line for each.
Promises: each file lists every function with the version that introduced it and its version node, and nothing else.
It must never read a library: dpkg-gensymbols compares the file with the library while the package is built.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'lib' / 'abi'))

import header  # noqa: E402

# Soname, package, development package, list.
LIBRARIES = (
    ('libanimaldetect.so.0', 'libanimaldetect0', 'libanimaldetect-dev', 'symbols-in-versions'),
    ('libanimaldetect-mock.so.0', 'libanimaldetect-mock0', 'libanimaldetect-mock-dev', 'mock-symbols-in-versions'),
)


def symbols_file(soname, package, development, entries):
    """A node has the version of its first symbol. The order is that of dpkg-gensymbols, which keeps its diffs short."""
    versions = {}
    for entry in entries.values():
        node = header.node(entry.since)
        versions[f'{entry.name}@{node}'] = entry.since
        versions[f'{node}@{node}'] = min(entry.since, versions.get(f'{node}@{node}', entry.since), key=header.version_key)
    return ''.join([f'{soname} {package} #MINVER#\n', f'* Build-Depends-Package: {development}\n',
                    *(f' {name} {versions[name]}\n' for name in sorted(versions))])


def main():
    root, write = pathlib.Path(sys.argv[1]), '--write' in sys.argv[2:]
    failed = 0
    for soname, package, development, name in LIBRARIES:
        entries = header.read_list(root / 'lib' / 'abi' / name, 3)
        path = root / 'doc' / 'packaging' / 'debian' / f'{package}.symbols'
        wanted = symbols_file(soname, package, development, entries)
        if write:
            path.write_text(wanted, encoding='utf-8')
        if path.read_text(encoding='utf-8') != wanted:
            print(f'not ok {path.name} differs from lib/abi/{name}: run make_symbols.py {root} --write')
            failed += 1
        else:
            print(f'ok {path.name} has the {len(entries)} symbols of lib/abi/{name}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
