# SPDX-License-Identifier: MIT
"""Checks that every public function is documented in full: check_comments.py HEADER-FOLDER...

Promises: a function passes only with a purpose, each @param under its own name and in order, @return exactly when it
returns something, @threads, @blocks and @since, none of them empty. It must never judge the words, only that they are
there.
"""
import re
import sys

import checks
import header

TAG = re.compile(r'^@(\w+)[ \t]*', re.M)
# @deprecated and @note may be added; anything else is a slip of the pen.
KNOWN = {'param', 'return', 'threads', 'blocks', 'since', 'deprecated', 'note'}


def split_comment(comment):
    """The purpose, and the tags in order: (tag, text)."""
    marks = list(TAG.finditer(comment))
    ends = [mark.start() for mark in marks[1:]] + [len(comment)]
    purpose = comment[:marks[0].start()] if marks else comment
    return purpose.strip(), [(mark[1], comment[mark.end():end].strip()) for mark, end in zip(marks, ends)]


def faults_of(function):
    if not function.comment:
        yield 'no comment'
        return
    purpose, tags = split_comment(function.comment)
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
