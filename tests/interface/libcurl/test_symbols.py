#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that check_symbols.py fails when it must: the library's own sources with one change each.

usage: test_symbols.py SOURCE_ROOT
"""
import pathlib
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

import check_symbols  # noqa: E402

GUARD = re.compile(r'^#if (LIBCURL_VERSION_NUM >= 0x[0-9a-f]{6})$', re.M)
OPTIONS = 'lib/transport/curl/options.c'


def copy_of(root, folder):
    for name in ('meson.build', 'lib'):
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)


def faults_after(folder, path, change):
    """The faults that the check reports for the tree with this change, which is then reverted."""
    text = (folder / path).read_text(encoding='utf-8')
    changed = change(text)
    assert changed != text, f'nothing has changed in {path}'
    (folder / path).write_text(changed, encoding='utf-8')
    faults = list(check_symbols.faults_of(folder))
    (folder / path).write_text(text, encoding='utf-8')
    return faults


def replaced(old, new):
    return lambda text: text.replace(old, new, 1)


def guard_changes(folder):
    """Each guard in the sources removed, lowered to an older version, and inverted."""
    for path, text in check_symbols.sources(folder):
        for guard in sorted(set(GUARD.findall(text))):
            for words, condition in (('is gone', '1'), ('names an older version', 'LIBCURL_VERSION_NUM >= 0x074a00'),
                                     ('is turned round', f'!({guard})'), ('has a way round it', f'{guard} || 1')):
                yield f'{path}: {guard} {words}', path, replaced(f'#if {guard}', f'#if {condition}')


CHANGES = [
    ('a name that the table does not have', OPTIONS, replaced('CURLOPT_USERAGENT', 'CURLOPT_ABSTRACT_UNIX_SOCKET')),
    ('a newer name without a guard', OPTIONS, replaced('void ad_slot_set_common', 'static int x = CURLOPT_QUICK_EXIT;\nvoid ad_slot_set_common')),
    ('a name behind the #else of its guard', OPTIONS,
     replaced('#if LIBCURL_VERSION_NUM >= 0x075700', '#if LIBCURL_VERSION_NUM >= 0x075700\n#else')),
    ('an optional option that is needed', OPTIONS, replaced('WISH(CURLOPT_NETRC', 'NEED(CURLOPT_NETRC')),
    ('a needed option that is optional', OPTIONS, replaced('NEED(CURLOPT_SSL_VERIFYPEER', 'WISH(CURLOPT_SSL_VERIFYPEER')),
    ('a row that nothing uses', str(check_symbols.TABLE), lambda text: text + 'CURLOPT_DOH_URL 7.62.0 optional\n'),
    ('an option without a use', str(check_symbols.TABLE), lambda text: re.sub(r'(CURLOPT_URL +\S+ +)needed', r'\1-', text)),
    ('a higher version in the table', str(check_symbols.TABLE),
     lambda text: re.sub(r'(CURLOPT_URL +)7.1 ', r'\g<1>7.88', text)),
]


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        copy_of(pathlib.Path(sys.argv[1]), folder)
        cases = [('nothing', faults == [], faults) for faults in [list(check_symbols.faults_of(folder))]]
        for words, path, change in [*guard_changes(folder), *CHANGES]:
            faults = faults_after(folder, path, change)
            cases.append((words, faults != [], faults))
    assert len(cases) > len(CHANGES) + 8, 'the sources have hardly a guard'
    for words, good, faults in cases:
        failed += not good
        print(f'{"ok" if good else "not ok"} {words}: {faults[0] if faults else "no fault"}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
