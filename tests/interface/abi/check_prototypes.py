# SPDX-License-Identifier: MIT
"""Compares the ABI that a compiled program relies on with its committed text, on every machine.

    check_prototypes.py --symbols LIST --prototypes TEXT [--library FILE] HEADER-FOLDER...
    check_prototypes.py --write --symbols LIST --prototypes TEXT --library FILE HEADER-FOLDER...

The text has a line for each function with its version node, for each callback type and each opaque handle, and for the
soname. abidiff, which reads the binary, cannot distinguish two opaque handles, nor two types that have the same width
on its machine; in the text they differ.
Promises: any change of the type, name or order of parameters is a difference. It writes only with --write: a change of
the ABI is a decision in a commit.
"""
import argparse
import pathlib
import re
import subprocess
import sys

import checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'lib' / 'abi'))

import header  # noqa: E402

HEAD = """# What a compiled program relies on: the soname, opaque handles, callback types, and each function with its version node.
# tests/interface/abi/check_prototypes.py compares it with the headers as text; --write renews it.
"""


def joined(kind, name):
    return kind + ('' if kind.endswith('*') else ' ') + name


def prototype(function):
    parameters = ', '.join(joined(kind, name) for kind, name in function.parameters) or 'void'
    return f'{joined(function.returns, function.name)}({parameters})'


def soname(library):
    text = subprocess.run(['readelf', '-dW', library], check=True, capture_output=True, text=True).stdout
    names = re.findall(r'SONAME.*\[(.*)\]', text)
    return names[0] if names else 'none'


def lines_of(folders, symbols):
    functions, types = header.functions(folders), header.types(folders)
    missing = sorted(set(functions) - set(symbols))
    if missing:
        raise ValueError(f'not in the list of symbols: {", ".join(missing)}')
    return [f'type {text}' for _, text in sorted(types.items())] + [
        f'{header.node(symbols[name].since)} {prototype(function)}' for name, function in sorted(functions.items())]


def differences(committed, found):
    for line in committed:
        if line not in found:
            yield f'gone: {line}'
    for line in found:
        if line not in committed:
            yield f'new:  {line}'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--symbols', required=True)
    parser.add_argument('--prototypes', required=True)
    parser.add_argument('--library')
    parser.add_argument('--write', action='store_true')
    parser.add_argument('folder', nargs='+')
    options = parser.parse_args()
    try:
        found = lines_of(options.folder, header.read_list(options.symbols, 3))
    except ValueError as error:
        print(f'not ok the headers can be read\n    {error}')
        return 1
    if options.library:
        found.insert(0, f'soname {soname(options.library)}')
    if options.write:
        pathlib.Path(options.prototypes).write_text(HEAD + ''.join(f'{line}\n' for line in found), encoding='utf-8')
        return 0
    text = pathlib.Path(options.prototypes).read_text(encoding='utf-8')
    committed = [line for line in text.splitlines() if line and not line.startswith('#')]
    if not options.library:
        committed = [line for line in committed if not line.startswith('soname ')]
    run = checks.Checks()
    run.check(f'{len(committed)} lines of soname, types and functions are as committed', differences(committed, found))
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
