# SPDX-License-Identifier: MIT
"""Generates the linker's version script from the list of symbols: make_version_script.py LIST OUTPUT

Promises: one node per minor version, each inheriting from the previous one; only symbols of the list are visible.
It must never read the headers: the list is the committed decision, and the checks compare it with the headers.
"""
import sys

import header


def version_script(entries):
    nodes = {}
    for entry in sorted(entries.values(), key=lambda entry: (header.version_key(entry.since), entry.name)):
        nodes.setdefault(header.node(entry.since), []).append(entry.name)
    if not nodes:
        raise ValueError('the list of symbols is empty')
    parts, parent = [], ''
    for name, symbols in nodes.items():
        body = ''.join(f'        {symbol};\n' for symbol in symbols)
        hidden = '' if parent else '    local:\n        *;\n'
        parts.append(f'{name} {{\n    global:\n{body}{hidden}}}{parent};\n')
        parent = f' {name}'
    return '\n'.join(parts)


if __name__ == '__main__':
    with open(sys.argv[2], 'w', encoding='utf-8') as output:
        output.write(version_script(header.read_list(sys.argv[1], 3)))
