# SPDX-License-Identifier: MIT
"""Generates the documentation and the table of the statuses from one list: make_statuses.py SOURCE_ROOT [--write]

The list is lib/abi/statuses, which explains its own format. The output goes between two markers: the values and their
comments in include/animaldetect/status.h, the rows of lib/base/status.c, and "Every status" in doc/faults.md. Without
--write, compares the three with the expected text. Prints one line for each.
Promises: a line of the list that cannot be parsed is rejected with its number, never skipped; no number is used twice
or left out except -1 (it was AGAIN in 0.1). It must never write outside the markers.
"""
import pathlib
import re
import sys
import textwrap
from typing import NamedTuple

LIST = 'lib/abi/statuses'
WIDTH = 120
LONGEST_TEXT = 60
SCOPES = ('none', 'caller', 'image', 'job', 'account', 'network', 'service')
FIELDS = ('text', 'cause', 'did', 'next')
NOTHING = '-'
RETIRED = {-1}
HOST = ('E_HOST', -1000)
HEAD = re.compile(r'([A-Z][A-Z0-9_]*) +(-?\d+) +(\w+) +(\w+)')
FIELD = re.compile(r'    (\w+) +(\S.*)')
MORE = re.compile(r' {11}(\S.*)')
NAME = re.compile(r'\bANIMALDETECT_(E_\w+|OK|AGAIN|ABSENT)\b')


class Status(NamedTuple):
    name: str       # without ANIMALDETECT_
    number: int
    scope: str
    retriable: bool
    line: int
    said: dict      # by FIELDS; did and next may be ""

    def fail(self, words):
        raise ValueError(f'{LIST}:{self.line}: {self.name} {words}')


def head_of(line, number):
    head = HEAD.fullmatch(line)
    if not head or head[3] not in SCOPES or head[4] not in ('yes', 'no'):
        raise ValueError(f'{LIST}:{number}: "{line}" is not a name, a number, a scope ({", ".join(SCOPES)}), yes or no')
    return Status(head[1], int(head[2]), head[3], head[4] == 'yes', number, {})


def read_statuses(text):
    """The statuses in the order of the list, each checked alone and all checked together."""
    found, field = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('#') or not line.strip():
            field = None
        elif not line.startswith(' '):
            found.append(head_of(line, number))
            field = None
        elif found and (words := FIELD.fullmatch(line)) and words[1] in FIELDS and words[1] not in found[-1].said:
            field = words[1]
            found[-1].said[field] = words[2]
        elif field and (words := MORE.fullmatch(line)):
            found[-1].said[field] += ' ' + words[1]
        else:
            raise ValueError(f'{LIST}:{number}: "{line}" is no field of a status, or is there twice')
    for status in found:
        judge(status)
    judge_all(found)
    return found


def judge(status):
    """Checks that each field is present and can be used in a C comment, a C string and a table."""
    if tuple(status.said) != FIELDS:
        status.fail(f'must have {", ".join(FIELDS)}, in this order; it has {", ".join(status.said) or "none"}')
    if (status.scope == 'none') == status.name.startswith('E_'):
        status.fail('must begin with E_ if it has a scope, and have the scope none if it does not')
    text = status.said['text']
    if len(text) > LONGEST_TEXT or text.endswith('.') or re.search(r'["\\]', text) or not text.isascii():
        status.fail(f'has a text that is longer than {LONGEST_TEXT}, ends with a full stop or needs an escape')
    for field in FIELDS[1:]:
        words = status.said[field]
        if words == NOTHING and status.scope == 'none' and field != 'cause':
            status.said[field] = ''
        elif not re.match('[A-Z0-9]', words) or not words.endswith('.'):
            status.fail(f'has a {field} that is no sentence: "{words}"')
        elif re.search(r'\||\*/|@|\\', words) or words.count('`') % 2:
            status.fail(f'has a {field} that a comment or a table cannot hold: "{words}"')


def judge_all(found):
    for status in found:
        for what, other in (('name', [each.name for each in found]), ('number', [each.number for each in found]),
                            ('text', [each.said['text'] for each in found])):
            mine = status.said['text'] if what == 'text' else getattr(status, what)
            if other.count(mine) != 1:
                status.fail(f'has a {what} that another one has too: {mine}')
    if not found or (found[-1].name, found[-1].number) != HOST:
        raise ValueError(f'{LIST}: the last status must be {HOST[0]} {HOST[1]}')
    errors = [status for status in found[:-1] if status.number < 0]
    expected = [number for number in range(-1, -len(errors) - len(RETIRED) - 1, -1) if number not in RETIRED]
    for status, number in zip(errors, expected):
        if status.number != number:
            status.fail(f'has the number {status.number}; the next free one is {number}')


def comment_of(status):
    """The comment in the header: the cause, and what to do next."""
    parts = [status.said['cause']] + [f'Next: {status.said["next"]}'] * bool(status.said['next'])
    whole = f'  /** {" ".join(parts)} */\n'
    if len(whole) - 1 <= WIDTH:
        return whole
    lines = [line for part in parts
             for line in textwrap.wrap(part, WIDTH - len('   * '), break_long_words=False, break_on_hyphens=False)]
    return '  /**\n' + ''.join(f'   * {line}\n' for line in lines) + '   */\n'


def make_header(statuses):
    values = [f'{comment_of(status)}  ANIMALDETECT_{status.name} = {status.number}' for status in statuses]
    return ',\n'.join(values) + '\n'


def make_rows(statuses):
    """One macro with aligned rows: the name, whether it is retriable, the scope, the text."""
    name = max(len(status.name) for status in statuses) + 1
    scope = max(len(scope) for scope in SCOPES) + 1
    rows = ['#define ROWS(ROW)']
    for status in statuses:
        retriable = 'true, ' if status.retriable else 'false,'
        rows.append(f'    ROW({status.name + ",":<{name}} {retriable} {status.scope.upper() + ",":<{scope}} '
                    f'"{status.said["text"]}")')
    widest = max(map(len, rows))
    return ''.join(f'{row:<{widest}} \\\n' for row in rows[:-1]) + rows[-1] + '\n'


def make_page(statuses):
    """A list item for each status: a table with five columns of text is too wide for a screen."""
    items = []
    for status in statuses:
        said = {field: NAME.sub(r'`\1`', status.said[field]) for field in FIELDS}
        scope = f'scope {status.scope}' if status.scope != 'none' else 'no error'
        parts = [f'**`{status.name}`** ({status.number}, {scope}, {"" if status.retriable else "not "}retriable). {said["cause"]}']
        parts += [f'*Done:* {said["did"]}'] * bool(said['did']) + [f'*Next:* {said["next"]}'] * bool(said['next'])
        for number, part in enumerate(parts):
            items += textwrap.wrap(part, WIDTH, initial_indent='  ' if number else '- ', subsequent_indent='  ',
                                   break_long_words=False, break_on_hyphens=False)
    return '\n'.join(items) + '\n'


# The generated parts: file, the two markers, generator.
MADE = (
    ('include/animaldetect/status.h', f'  /* statuses: begin, made from {LIST} */\n', '  /* statuses: end */\n',
     make_header),
    ('lib/base/status.c', f'/* statuses: begin, made from {LIST} */\n', '/* statuses: end */\n', make_rows),
    ('doc/faults.md', f'<!-- statuses: begin, made from {LIST} -->\n', '<!-- statuses: end -->\n', make_page),
)


def with_made(text, begin, end, made):
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f'the lines "{begin.strip()}" and "{end.strip()}" must be there once, in this order')
    head, rest = text.split(begin)
    return head + begin + made + end + rest.split(end)[1]


def main():
    root, write = pathlib.Path(sys.argv[1]), '--write' in sys.argv[2:]
    failed = 0
    try:
        statuses = read_statuses((root / LIST).read_text(encoding='utf-8'))
    except ValueError as error:
        print(f'not ok {error}')
        return 1
    for name, begin, end, make in MADE:
        path = root / name
        try:
            old = path.read_text(encoding='utf-8')
            new = with_made(old, begin, end, make(statuses))
        except ValueError as error:
            print(f'not ok {name}: {error}')
            failed += 1
            continue
        if write and new != old:
            path.write_text(new, encoding='utf-8')
        elif new != old:
            print(f'not ok {name}: does not say what {LIST} says: run make_statuses.py {root} --write')
            failed += 1
            continue
        print(f'ok {name} has {len(statuses)} statuses')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
