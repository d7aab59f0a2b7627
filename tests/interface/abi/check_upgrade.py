# SPDX-License-Identifier: MIT
"""Compares the interface with that of 0.1, and the table "Upgrading from 0.1" of the changelog with both.

    check_upgrade.py --before PREFIX --prototypes TEXT --values LIST --changelog FILE

PREFIX-prototypes and PREFIX-values describe 0.1. Promises: whatever was changed or removed has a row whose first column
names it; a row about something whose prototype is unchanged explains the change in its text; every replacement that a
row names exists. A number that a value of 0.1 had belongs to no other value of the same kind, unless a row says that
the value was renamed. It must never need a compiler.
"""
import argparse
import pathlib
import re
import sys

import checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'lib' / 'abi'))

import header  # noqa: E402

NAME = re.compile(r'\b(?:animaldetect|ANIMALDETECT)_\w+')
CELL = re.compile(r'(?<!\\)\|')
CODE = re.compile(r'`[^`]*`')


def prototypes(path):
    """name -> its text without the version node."""
    found = {}
    for line in pathlib.Path(path).read_text(encoding='utf-8').splitlines():
        if not line or line.startswith(('#', 'soname ')):
            continue
        text = line.split(' ', 1)[1]
        found[re.search(r'\(\*(\w+)\)|\b(\w+)\(|(\w+)$', text).group(1, 2, 3)] = text
    return {next(filter(None, groups)): text for groups, text in found.items()}


def rows(changelog):
    """(names in the first column, names in the second, whether the first has other text) of each row."""
    text = pathlib.Path(changelog).read_text(encoding='utf-8')
    section = re.search(r'^### Upgrading from 0\.1\n(.*?)(?=^##|\Z)', text, re.M | re.S)
    if not section:
        raise ValueError('there is no section "Upgrading from 0.1"')
    lines = [line for line in section[1].splitlines() if line.startswith('|')][2:]
    cells = [CELL.split(line)[1:3] for line in lines]
    return [(NAME.findall(left), NAME.findall(right), bool(re.search(r'\w', CODE.sub('', left)))) for left, right in cells]


def kind(name):
    """The kind of a value: a status, or the enumeration. Two values of one kind do not share a number."""
    word = name.split('_')[1]
    return 'E' if word in ('OK', 'AGAIN', 'ABSENT') else word


def numbers_used_again(before, after, renamed):
    owners = {(kind(name), value): name for name, value in before.items()}
    for name, value in after.items():
        owner = owners.get((kind(name), value), name)
        if owner != name and (owner, name) not in renamed:
            yield f'{name} has {value}, which was that of {owner}'


def main():
    parser = argparse.ArgumentParser()
    for option in ('--before', '--prototypes', '--values', '--changelog'):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    before, after = prototypes(f'{options.before}-prototypes'), prototypes(options.prototypes)
    old_values, new_values = ({name: entry.value for name, entry in header.read_list(path, 4).items()}
                              for path in (f'{options.before}-values', options.values))
    old, new = {**before, **old_values}, {**after, **new_values}
    table = rows(options.changelog)
    told = {name for left, _, _ in table for name in left}
    changed = {name for name, text in old.items() if new.get(name) != text}
    own = sorted({name for left, _, words in table for name in left if name in old and not words})
    run = checks.Checks()
    run.check(f'each of the {len(changed)} names that changed or went has a row',
              (f'{name}: no row' for name in sorted(changed - told)))
    run.check(f'each of {len(own)} names that a row only names has changed',
              (f'{name}: is as it was' for name in own if name not in changed))
    run.check('what rows name as the new way exists',
              (f'{name}: does not exist' for left, right, _ in table if set(left) & set(old)
               for name in right if name not in new))
    run.check('no number of 0.1 is used again',
              numbers_used_again(old_values, new_values,
                                 {(one, other) for left, right, _ in table for one in left for other in right}))
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
