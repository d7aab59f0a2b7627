# SPDX-License-Identifier: MIT
"""Extends the comments of the headers for the reference: related functions, examples, and pages for named types.

    reference.py HEADER    prints the header with every comment in full: the input filter of doxygen

make_man_pages.py and doxygen both use it, so that the two references agree.
Promises: an example is copied verbatim from a program in examples/, a function or a paragraph of one, so it compiles; a
related function exists. It must never write a file.
"""
import pathlib
import re
import sys
import textwrap
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib' / 'abi'))

import comments
import header

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / 'examples'
# The functions that a new user calls first, and the program that shows each.
FIRST = {
    'hello.c': ('client_new', 'client_configure_from_env', 'client_free', 'job_new', 'job_set_file', 'job_run', 'job_result',
                'job_message', 'job_free', 'result_count', 'result_at', 'result_free', 'detection_label', 'detection_score',
                'status_text'),
    'loop_epoll.c': ('client_fd', 'client_process', 'client_next_done', 'client_in_flight'),
    'batch.c': ('job_run_async', 'client_set_max_jobs', 'client_set_log'),
    'gateway.c': ('job_save', 'job_restore', 'job_set_priority', 'status_scope'),
    'importer.c': ('client_stop',),
    'calls.c': ('client_set_api_key', 'client_set_base_url', 'client_set_rate_limit', 'client_copy_message', 'client_timeout_ms',
                'client_wait', 'job_set_bytes', 'job_wait', 'job_cancel', 'job_rerun', 'job_status'),
}
PROGRAM_OF = {f'animaldetect_{name}': program for program, names in FIRST.items() for name in names}
MOST_RELATED = 6
MOST_LINES = 30  # of a function that is shown in full
FUNCTION = re.compile(r'(?:^/\*(?:(?!\*/).)*?\*/\n)?^(?:static )?\w[^\n;]*\([^;{}]*\)\n\{\n(?P<body>.*?)\n\}$', re.S | re.M)
NAMED = re.compile(r'\banimaldetect_\w+')
CALLBACK = re.compile(r'/\*\*\s(?P<comment>(?:(?!\*/).)*?)\*/\s*typedef (?P<declaration>[^;]*\(\*(?P<name>\w+)\)[^;]*);', re.S)
ENUM = re.compile(r'/\*\*\s(?P<comment>(?:(?!\*/).)*?)\*/\s*enum (?P<name>\w+) \{(?P<body>.*?)\n\};', re.S)
VALUE = re.compile(r'(?:/\*\*\s(?P<before>(?:(?!\*/).)*?)\*/\s*)?(?P<name>ANIMALDETECT_\w+) = (?P<value>-?\d+)'
                   r',?(?:\s*/\*\*<\s(?P<after>(?:(?!\*/).)*?)\*/)?', re.S)


class Named(NamedTuple):
    name: str
    comment: str      # without the leading asterisks
    declaration: str  # of a callback; "" for an enumeration
    values: list      # of an enumeration: (name, number, comment)
    place: str        # the header


def flat(text):
    return ' '.join(header.clean_comment(text or '').split())


def named_types(files):
    """The callbacks and the enumerations of the headers, in their order."""
    found = []
    for file in files:
        text = file.read_text(encoding='utf-8')
        found += [Named(match['name'], header.clean_comment(match['comment']), ' '.join(match['declaration'].split()), [],
                        file.name) for match in CALLBACK.finditer(text)]
        for match in ENUM.finditer(text):
            values = [(value['name'], value['value'], flat(value['before'] or value['after']))
                      for value in VALUE.finditer(match['body'])]
            found.append(Named(match['name'], header.clean_comment(match['comment']), '', values, file.name))
    return found


def pairs_of(name):
    """The names that pair with this one by their form, such as _new and _free."""
    yield name + '_async'
    yield name.removesuffix('_async')
    yield re.sub(r'_new$', '_free', name)
    yield re.sub(r'_free$', '_new', name)
    yield name.replace('_set_', '_')
    yield re.sub(r'^(animaldetect_[a-z]+)_', r'\1_set_', name)


def related(functions, name):
    """Related functions: its pair, those that its comment names, and its neighbors in the header."""
    function, order = functions[name], list(functions)
    at = order.index(name)
    file = function.place.split(':')[0]
    neighbors = [other for other in order[max(at - 2, 0):at][::-1] + order[at + 1:at + 3]
                 if functions[other].place.split(':')[0] == file]
    found = [*pairs_of(name), *NAMED.findall(function.comment), *neighbors]
    return [other for other in dict.fromkeys(found) if other in functions and other != name][:MOST_RELATED]


def users_of(functions, kind):
    """Functions that take a callback of this type, or whose comment names this enumeration."""
    return [name for name, function in functions.items()
            if any(kind.name == given.strip(' *') for given, _ in function.parameters)
            or re.search(rf'\b{kind.name}\b', function.comment)]


def example(name):
    """(program, code) for a function in FIRST, else None."""
    program = PROGRAM_OF.get(name)
    if program is None:
        return None
    text = (EXAMPLES / program).read_text(encoding='utf-8')
    for function in FUNCTION.finditer(text):
        if not re.search(rf'\b{name}\(', function[0]):
            continue
        if function[0].count('\n') <= MOST_LINES:
            return program, function[0]
        for paragraph in re.split(r'\n\s*\n', function['body']):
            if re.search(rf'\b{name}\(', paragraph) and paragraph.count('{') == paragraph.count('}'):
                return program, textwrap.dedent(paragraph.strip('\n'))
    raise ValueError(f'examples/{program} does not call {name}')


def line_comments(comment):
    """The same text as "//" lines: a block comment cannot contain the end of another one."""
    return '\n'.join(f'// {line}' for line in (part.strip(' *') for part in comment[1].split('\n')) if line)


def more_of(functions):
    """For comments.full_text: the lines that are added to the comment of each function for doxygen."""
    def lines(function):
        others = related(functions, function.name)
        added = ['@see ' + ', '.join(f'{name}()' for name in others)] * bool(others)
        shown = example(function.name)
        if shown:
            code = re.sub(r'/\*(.*?)\*/', line_comments, shown[1], flags=re.S)
            added += ['@par Example', f'From examples/{shown[0]}:', '@code{.c}', *code.splitlines(), '@endcode']
        return added
    return lines


def linked(text, values):
    """The text of a header with doxygen links for the names in its comments; the code is unchanged.

    A value is linked only when a header of the same folder has it: doxygen warns about any other one."""
    lines, in_comment, in_code, is_listing = [''], False, False, False
    for line in text.split('\n'):
        in_comment = in_comment or line.lstrip().startswith('/**')
        in_code = in_code or '@code' in line
        is_listing = line.startswith(' *     ') and (is_listing or lines[-1].strip() == '*')  # as in loop.h
        if in_comment and not in_code and not is_listing:
            line = re.sub(r'`(animaldetect_\w+)`', r'\1()', line)
            line = re.sub(r'(?<![\w#])ANIMALDETECT_\w+', lambda name: '#' * (name[0] in values) + name[0], line)
        in_code = in_code and '@endcode' not in line
        in_comment = in_comment and '*/' not in line
        lines.append(line)
    return '\n'.join(lines[1:])


if __name__ == '__main__':
    path = pathlib.Path(sys.argv[1])
    sys.stdout.write(linked(comments.full_text(path, more_of(header.functions([path.parent]))), header.values([path.parent])))
