# SPDX-License-Identifier: MIT
"""Tests check_comments.py: a whole comment passes, and each thing taken out of it is refused by its own words.

Promises: a checker that lets everything pass fails here. It must never read the real headers.
"""
import pathlib
import subprocess
import sys
import tempfile

import checks

HERE = pathlib.Path(__file__).resolve().parent
WHOLE = (HERE / 'gate' / 'animaldetect_toy.h').read_text()
PURPOSE = " * Sets a toy's number.\n"
TOY = ' * @param toy     the toy\n'
OR_NULL = ' * @param toy  the toy, or NULL\n'
NUMBER = ' * @param number  any number\n'
RETURN = ' * @return  ANIMALDETECT_TOY_OK\n'
TAIL = ' * @threads any\n * @blocks  no\n * @since   0.1.0\n'

# what, text, its replacement, a word of the refusal ("" when it must pass)
CASES = [
    ('a whole comment', '', '', ''),
    ('no purpose', PURPOSE, '', 'purpose'),
    ('a purpose of one word', PURPOSE, ' * Sets.\n', 'purpose'),
    ('a parameter that is not described', NUMBER, '', '@param toy; the parameters are toy, number'),
    ('a parameter under another name', NUMBER, NUMBER.replace('number  ', 'count  '), '@param toy, count'),
    ('a description of a parameter that is not there', NUMBER, NUMBER + ' * @param more  what\n', 'toy, number, more'),
    ('parameters out of order', TOY + NUMBER, NUMBER + TOY, 'number, toy'),
    ('a parameter without words', NUMBER, ' * @param number\n', '@param number says nothing'),
    ('no return', RETURN, '', '0 times @return'),
    ('a return of a void function', OR_NULL, OR_NULL + ' * @return  0\n', '1 times @return instead of 0'),
    ('a return without words', RETURN, ' * @return\n', '@return  says nothing'),
    ('no threads', TAIL, TAIL.replace(' * @threads any\n', ''), '0 times @threads'),
    ('no blocks', TAIL, TAIL.replace(' * @blocks  no\n', ''), '0 times @blocks'),
    ('blocks without words', TAIL, TAIL.replace('@blocks  no', '@blocks'), '@blocks  says nothing'),
    ('no since', TAIL, TAIL.replace(' * @since   0.1.0\n', ''), '0 times @since'),
    ('a since that is no version', TAIL, TAIL.replace('0.1.0', 'soon'), '@since is not a version'),
    ('threads twice', TAIL, TAIL.replace(' * @blocks', ' * @threads one\n * @blocks'), '2 times @threads'),
    ('a misspelt tag', TAIL, TAIL.replace('@blocks', '@block'), '@block is not a tag'),
    ('no comment', '/**' + '\n' + PURPOSE, '/*' + '\n' + PURPOSE, 'no comment'),
]


def judge(text):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / 'toy.h').write_text(text)
        done = subprocess.run([sys.executable, '-B', str(HERE / 'check_comments.py'), folder],
                              capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def faults_of(old, new, word):
    # Only the last function has every kind of tag; the others would be changed as well by a plain replace.
    head, mark, tail = WHOLE.rpartition(old) if old else ('', '', WHOLE)
    if old and not mark:
        return [f'the toy has no "{old}"']
    code, said = judge(head + new + tail)
    if word:
        return [] if code == 1 and word in said else [f'must be refused with "{word}"', said]
    return [] if code == 0 else [said]


def main():
    run = checks.Checks()
    for name, old, new, word in CASES:
        run.check(f'{name}: {"refused" if word else "passes"}', faults_of(old, new, word))
    code, said = judge('int x;\n')
    run.check('headers without a function are refused', [] if code == 1 and 'none was found' in said else [said])
    code, said = judge('#define ANIMALDETECT_API\n/** Does it. */\nANIMALDETECT_API int32_t f(int32_t (*g)(void));\n')
    run.check('a declaration that cannot be read is an error', [] if code == 1 and 'cannot read' in said else [said])
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
