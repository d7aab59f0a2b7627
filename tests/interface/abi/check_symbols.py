# SPDX-License-Identifier: MIT
"""Compares the public headers, the committed lists and the exported symbols of the library.

    check_symbols.py --version X.Y.Z --symbols LIST --values LIST [--library FILE] HEADER-FOLDER...

Promises: a function or value that is missing in one of the places fails, and so does a type in a signature that differs
in an FFI or C++. It must never write to the lists: a change of the ABI is a decision in a commit.
"""
import argparse
import pathlib
import re
import subprocess
import sys

import checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'lib' / 'abi'))

import comments  # noqa: E402
import header  # noqa: E402

PLAIN = r'(?:u?int(?:8|32|64)_t|size_t|double|char|void|animaldetect_\w+)'
# Fixed-width types, opaque handles and pointers to them; no int, long, bool, enum, struct by value, ssize_t, varargs.
PERMITTED = re.compile(rf'(?:const )?{PLAIN}(?: \*{{1,2}})?')
DEPRECATED = re.compile(r'^@deprecated\s+(\d+\.\d+\.\d+)', re.M)


def differences(left, left_name, right, right_name, advice=''):
    for name in sorted(set(left) - set(right)):
        yield f'{name}: in the {left_name}, not in the {right_name}{advice}'
    for name in sorted(set(right) - set(left)):
        yield f'{name}: in the {right_name}, not in the {left_name}'


def versions_too_new(entries, version):
    for entry in entries.values():
        for word in {entry.since, entry.deprecated} - {'-'}:
            if header.version_key(word) > header.version_key(version):
                yield f'{entry.name}: {word} is newer than this version, {version}'


def tags_that_differ(functions, symbols):
    for name in sorted(set(functions) & set(symbols)):
        function, entry = functions[name], symbols[name]
        since = [text for tag, text in comments.full(function)[1] if tag == 'since']
        if since != [entry.since]:
            yield f'{function.place}: {name}: @since {" and ".join(since)}, the list says {entry.since}'
        deprecated = DEPRECATED.search(function.comment)
        if (deprecated[1] if deprecated else '-') != entry.deprecated:
            yield f'{function.place}: {name}: the list says deprecated {entry.deprecated}, the comment differs'


def values_that_differ(found, entries):
    for name in sorted(set(found) & set(entries)):
        if found[name] != entries[name].value:
            yield f'{name}: {found[name]} in the headers, {entries[name].value} in the list'


def types_not_permitted(functions):
    for function in functions.values():
        opaque = re.compile(r'(?:const )?animaldetect_(?!\w*_callback\b)\w+')
        for text in [function.returns] + [kind for kind, _ in function.parameters]:
            if not PERMITTED.fullmatch(text) or opaque.fullmatch(text):
                yield f'{function.place}: {function.name}: "{text}" is not a type for this API'


def exported(library):
    """The dynamic symbols: name -> version node."""
    output = subprocess.run(['nm', '-D', '--defined-only', library], check=True, capture_output=True, text=True).stdout
    symbols = {}
    for line in output.splitlines():
        kind, name = line.split()[-2:]
        name, _, node = name.partition('@')
        if kind != 'A':  # the version nodes themselves
            symbols[name] = node.lstrip('@')
    return symbols


def main():
    parser = argparse.ArgumentParser()
    for option in ('--version', '--symbols', '--values'):
        parser.add_argument(option, required=True)
    parser.add_argument('--library')
    parser.add_argument('folder', nargs='+')
    options = parser.parse_args()
    functions, values = header.functions(options.folder), header.values(options.folder)
    symbols, listed = header.read_list(options.symbols, 3), header.read_list(options.values, 4)

    run = checks.Checks()
    advice = f' (a new function needs its line there: "NAME {options.version} -")'
    run.check(f'the headers and the list name the same {len(symbols)} functions',
              differences(functions, 'headers', symbols, 'list of symbols', advice))
    run.check(f'the headers and the list name the same {len(listed)} values',
              differences(values, 'headers', listed, 'list of values', ' (a new value needs its line there)'))
    run.check('no named value has changed', values_that_differ(values, listed))
    run.check('comments and list agree on since and deprecated', tags_that_differ(functions, symbols))
    run.check('no line of the lists is newer than the library',
              [*versions_too_new(symbols, options.version), *versions_too_new(listed, options.version)])
    run.check('signatures have fixed-width types only', types_not_permitted(functions))
    if options.library:
        nodes = exported(options.library)
        run.check(f'the library exports the {len(symbols)} functions of the list and nothing else',
                  differences(nodes, 'library', symbols, 'list of symbols'))
        run.check('every symbol is in the node of its version',
                  (f'{name}: in node "{nodes[name]}", not {header.node(entry.since)}' for name, entry in symbols.items()
                   if nodes.get(name, header.node(entry.since)) != header.node(entry.since)))
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
