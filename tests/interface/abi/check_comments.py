# SPDX-License-Identifier: MIT
"""Checks that every public function is fully documented and repeats no default: check_comments.py HEADER-FOLDER...

Promises: a function passes only if its comment, with the defaults of comments.py, has a purpose, each @param under its
own name and in order, @return exactly when it returns something, @threads, @blocks and @since, none of them empty; if
the @return of a pointer states its lifetime; and if the comment repeats no default. The file comments of the headers
must state the defaults. It must never judge the text, only that it exists.
"""
import pathlib
import re
import sys

import checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'lib' / 'abi'))

import comments  # noqa: E402
import header  # noqa: E402

# @deprecated and @note are also allowed; any other tag is a typo.
KNOWN = {*comments.ORDER, 'deprecated', 'note'}


def repeated_statuses(function, text):
    """Faults of a @return that concern the default statuses."""
    defaults = [comments.STATUS.match(status)[0] for status in comments.default_statuses(function)]
    if text.startswith(comments.ALSO):
        if not defaults:
            yield '@return also: there are no default statuses to add to'
        for name in defaults:
            if re.search(rf'{name}\s*(?:[,;.]|$)', text):
                yield f'@return repeats the default {name}'
    elif defaults and set(defaults) <= set(comments.STATUS.findall(text)):
        yield '@return repeats the default statuses: begin with "also" and name the others'


def faults_of_words(function):
    """Faults of the comment itself, without the defaults."""
    purpose, tags = comments.split(function.comment)
    defaults = {tag: comments.flat(text) for tag, text in comments.defaults(function).items()}
    if len(purpose.split()) < 2 or not re.search(r'[.?:`]\s*$', purpose):
        yield 'no sentence that says its purpose'
    if re.search(rf'\S[ \t]+@(?:{"|".join(sorted(KNOWN))})\b', function.comment):
        yield 'a tag that does not begin its line'
    for tag, text in tags:
        if tag not in KNOWN:
            yield f'@{tag} is not a tag of these headers'
        elif not text or tag == 'param' and len(text.split(None, 1)) < 2:
            yield f'@{tag} {text} says nothing'
        elif comments.flat(text) == defaults.get(tag):
            yield f'@{tag} repeats the default'
        elif tag == 'return':
            yield from repeated_statuses(function, text)


def faults_of(function):
    if not function.comment:
        yield 'no comment'
        return
    yield from faults_of_words(function)
    _, tags = comments.full(function)
    named = [name for _, name in function.parameters]
    documented = [re.match(r'\w*', text)[0] for tag, text in tags if tag == 'param']
    if documented != named:
        yield f'@param {", ".join(documented) or "none"}; the parameters are {", ".join(named) or "none"}'
    for tag in comments.ORDER[1:]:
        expected = 0 if tag == 'return' and function.returns == 'void' else 1
        count = sum(1 for name, _ in tags if name == tag)
        if count != expected:
            yield f'{count} times @{tag} instead of {expected}'
    if function.returns.endswith('*') and not any(tag == 'return' and 'valid' in text for tag, text in tags):
        yield f'@return of {function.returns} does not say how long it is valid'
    if not any(tag == 'since' and re.fullmatch(r'\d+\.\d+\.\d+', text) for tag, text in tags):
        yield '@since is not a version'


def defaults_not_stated(folders):
    texts = {file.name: file.read_text() for file in header.header_files(folders)}
    for name, words in comments.STATED:
        if name not in texts and (name.startswith('mock') or 'animaldetect.h' not in texts):
            continue  # a header of the other library: both use the same defaults
        found = header.FILE_COMMENT.search(texts.get(name, ''))
        if not found or words not in comments.flat(header.clean_comment(found[1])):
            yield f'{name}: its file comment does not say "{words}"'


def main():
    folders = sys.argv[1:]
    functions = header.functions(folders)
    run = checks.Checks()
    run.check('there are functions', [] if functions else ['none was found'])
    run.check(f'each of {len(functions)} functions is documented in full, and repeats no default',
              [f'{function.place}: {function.name}: {fault}' for function in functions.values()
               for fault in faults_of(function)])
    run.check('the headers state the defaults', defaults_not_stated(folders))
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
