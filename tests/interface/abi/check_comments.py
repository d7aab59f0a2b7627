# SPDX-License-Identifier: MIT
"""Checks that every public function is documented in full: check_comments.py HEADER-FOLDER...

Promises: a function passes only with a purpose, each @param under its own name and in order, @return exactly when it
returns something, @threads, @blocks and @since, none of them empty. It must never judge the words, only that they are
there.
"""
import pathlib
import re
import sys

import checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'lib' / 'abi'))

import header  # noqa: E402

# @deprecated and @note may be added; anything else is a slip of the pen.
KNOWN = {'param', 'return', 'threads', 'blocks', 'since', 'deprecated', 'note'}


def faults_of(function):
    if not function.comment:
        yield 'no comment'
        return
    purpose, tags = header.split_comment(function.comment)
    if len(purpose.split()) < 2 or not re.search(r'[.?:`]\s*$', purpose):
        yield 'no sentence that says its purpose'
    named = [name for _, name in function.parameters]
    documented = [re.match(r'\w*', text)[0] for tag, text in tags if tag == 'param']
    if documented != named:
        yield f'@param {", ".join(documented) or "none"}; the parameters are {", ".join(named) or "none"}'
    for tag, text in tags:
        if tag not in KNOWN:
            yield f'@{tag} is not a tag of these headers'
        elif not text or tag == 'param' and len(text.split(None, 1)) < 2:
            yield f'@{tag} {text} says nothing'
    for tag in ('return', 'threads', 'blocks', 'since'):
        expected = 0 if tag == 'return' and function.returns == 'void' else 1
        count = sum(1 for name, _ in tags if name == tag)
        if count != expected:
            yield f'{count} times @{tag} instead of {expected}'
    if not any(tag == 'since' and re.fullmatch(r'\d+\.\d+\.\d+', text) for tag, text in tags):
        yield '@since is not a version'


def main():
    functions = header.functions(sys.argv[1:])
    run = checks.Checks()
    run.check('there are functions', [] if functions else ['none was found'])
    run.check(f'each of {len(functions)} functions is documented in full',
              [f'{function.place}: {function.name}: {fault}' for function in functions.values()
               for fault in faults_of(function)])
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
