# SPDX-License-Identifier: MIT
"""Tests lib/abi/make_statuses.py: the committed list passes, each fault in it is rejected with its own message, and
outdated output is detected, and rewritten on request: test_statuses.py SOURCE_ROOT

Promises: a list that describes its own format wrongly fails here. It must never write into the source.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import checks

ROOT = pathlib.Path(sys.argv[1])
LIST = 'lib/abi/statuses'
MADE = ('include/animaldetect/status.h', 'lib/base/status.c', 'doc/faults.md')
HEAD = 'E_STATE                -4    caller   no'
TEXT = '    text   invalid state for this call\n'
CAUSE = '    cause  The image has no bytes.\n'
DID = '    did    Sent nothing.\n'
LAST = 'E_HOST                 -1000 caller   no'

# what, text of the list, its replacement, part of the message
CASES = (
    ('a head of three words', HEAD, 'E_STATE -4 caller', 'is not a name, a number'),
    ('a scope that is none', HEAD, 'E_STATE -4 world no', 'is not a name, a number'),
    ('retriable that is neither yes nor no', HEAD, 'E_STATE -4 caller maybe', 'is not a name, a number'),
    ('a number that another one has', HEAD, 'E_STATE -5 caller no', 'has a number that another one has too: -5'),
    ('a number that skips one', HEAD, 'E_STATE -99 caller no', 'has the number -99; the next free one is -4'),
    ('the retired number', HEAD, 'E_STATE -1 caller no', 'has the number -1; the next free one is -4'),
    ('a name that another one has', HEAD, 'E_BUSY -4 caller no', 'has a name that another one has too: E_BUSY'),
    ('a text that another one has', TEXT, '    text   canceled\n', 'has a text that another one has too: canceled'),
    ('an error of scope none', HEAD, 'E_STATE -4 none no', 'must begin with E_ if it has a scope'),
    ('no error with a scope', HEAD, 'STATE -4 caller no', 'must begin with E_ if it has a scope'),
    ('the last one is not the host\'s', LAST, 'E_OWN -1000 caller no', 'the last status must be E_HOST -1000'),
    ('no text', TEXT, '', 'it has cause, did, next'),
    ('the text twice', TEXT, TEXT + TEXT, 'is there twice'),
    ('a cause after what was done', CAUSE + DID, DID + CAUSE, 'must have text, cause, did, next, in this order'),
    ('an unknown field', TEXT, TEXT + '    why    so\n', 'is no field of a status'),
    ('a line that goes on with nothing', HEAD, HEAD + '\n           and so on', 'is no field of a status'),
    ('a field after an empty line', TEXT, '\n           and so on\n', 'is no field of a status'),
    ('an indentation of one', TEXT, ' text   invalid state\n', 'is no field of a status'),
    ('a text of 61 characters', TEXT, f'    text   {"x" * 61}\n', 'has a text that is longer than 60'),
    ('a text with a full stop', TEXT, '    text   invalid state.\n', 'ends with a full stop'),
    ('a text with a quotation mark', TEXT, '    text   an "invalid" state\n', 'needs an escape'),
    ('a text that is not ASCII', TEXT, '    text   état\n', 'needs an escape'),
    ('a cause without a full stop', CAUSE, '    cause  The image has no bytes\n', 'has a cause that is no sentence'),
    ('a cause in lower case', CAUSE, '    cause  the image has no bytes.\n', 'has a cause that is no sentence'),
    ('an error without a cause', CAUSE, '    cause  -\n', 'has a cause that is no sentence'),
    ('an end of a comment', CAUSE, '    cause  No */ bytes.\n', 'that a comment or a table cannot hold'),
    ('a bar of a table', CAUSE, '    cause  No | bytes.\n', 'that a comment or a table cannot hold'),
    ('a tag of doxygen', CAUSE, '    cause  No @bytes.\n', 'that a comment or a table cannot hold'),
    ('a quotation that does not end', CAUSE, '    cause  No `bytes.\n', 'that a comment or a table cannot hold'),
)


def make(root, *options):
    done = subprocess.run([sys.executable, '-B', str(ROOT / 'lib' / 'abi' / 'make_statuses.py'), str(root), *options],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def change(root, name, old, new):
    text = (root / name).read_text(encoding='utf-8')
    assert text.count(old) == 1, f'{name} has {text.count(old)} times "{old}"'
    (root / name).write_text(text.replace(old, new), encoding='utf-8')


def tree(folder):
    """A copy of the list and of the files generated from it."""
    root = pathlib.Path(folder)
    for name in (LIST, *MADE):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root


def refused(old, new, words):
    with tempfile.TemporaryDirectory() as folder:
        root = tree(folder)
        before = [(root / name).read_bytes() for name in MADE]
        change(root, LIST, old, new)
        code, said = make(root, '--write')
        faults = [] if code == 1 and words in said and 'Traceback' not in said else [f'must be refused with "{words}"', said]
        return faults + ['something was written'] * ([(root / name).read_bytes() for name in MADE] != before)


def faults_of_old(name):
    """Outdated output is detected, and rewritten on request."""
    with tempfile.TemporaryDirectory() as folder:
        root = tree(folder)
        whole = (root / name).read_bytes()
        change(root, LIST, TEXT, '    text   state that does not fit\n')
        change(root, LIST, CAUSE, '    cause  The image is empty.\n')
        code, said = make(root)
        faults = [] if code == 1 and f'not ok {name}' in said else ['it is not noticed', said]
        faults += ['it was written without --write'] * ((root / name).read_bytes() != whole)
        if make(root, '--write')[0] != 0 or make(root)[0] != 0:
            faults.append('it cannot be written anew')
        new = (root / name).read_text(encoding='utf-8')
        words = 'state that does not fit' if name.endswith('.c') else 'The image is empty.'
        return faults + [f'it does not say "{words}"'] * (words not in new)


def faults_of_marker(name):
    with tempfile.TemporaryDirectory() as folder:
        root = tree(folder)
        text = (root / name).read_text(encoding='utf-8')
        (root / name).write_text(text.replace('statuses: end', 'statuses: no end'), encoding='utf-8')
        code, said = make(root, '--write')
        return [] if code == 1 and f'{name}: the lines' in said and 'must be there once' in said else [said]


def next_number(root):
    """The next free number of the list, whose last entry is E_HOST."""
    text = (root / LIST).read_text(encoding='utf-8')
    return min(int(number) for number in re.findall(r'^E_\w+ +(-\d+) ', text, re.M) if int(number) > -1000) - 1


def faults_of_addition():
    """A new status appears in all three files, with its number."""
    with tempfile.TemporaryDirectory() as folder:
        root = tree(folder)
        number = next_number(root)
        change(root, LIST, LAST, f'E_NEW {number} job yes\n    text   a new one\n    cause  It is new.\n    did    Nothing.\n'
                                 f'    next   Call `animaldetect_job_run`.\n\n{LAST}')
        code, said = make(root, '--write')
        texts = [(root / name).read_text(encoding='utf-8') for name in MADE]
        wanted = (f'  /** It is new. Next: Call `animaldetect_job_run`. */\n  ANIMALDETECT_E_NEW = {number},\n',
                  '    ROW(E_NEW,              true,  JOB,     "a new one")',
                  f'- **`E_NEW`** ({number}, scope job, retriable). It is new.\n  *Done:* Nothing.\n  *Next:* Call `animaldetect_job_run`.\n')
        return [said] * (code != 0) + [f'missing: {words}' for words, text in zip(wanted, texts) if words not in text]


def main():
    run = checks.Checks()
    code, said = make(ROOT)
    run.check('the list and what is made of it agree', [] if code == 0 else said.splitlines())
    for name, old, new, words in CASES:
        run.check(f'{name}: refused', refused(old, new, words))
    for name in MADE:
        run.check(f'{name} that is old: noticed, and written anew', faults_of_old(name))
        run.check(f'{name} without a marker: refused', faults_of_marker(name))
    run.check('an addition is in all three', faults_of_addition())
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
