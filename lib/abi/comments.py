# SPDX-License-Identifier: MIT
"""The full comment of a public function: its own text and the defaults that the headers state once.

    comments.py HEADER    prints the header with the full comment of every function

The man pages, doxygen and the checks all read comments through this module, so that they cannot disagree. The file
comments of the headers state the defaults for people; `STATED` lists where, and check_comments.py compares the two.
Promises: a function's own text overrides a default and is never lost. It must never judge a comment.
"""
import pathlib
import re
import sys
from typing import NamedTuple

import header

TAG = re.compile(r'^@(\w+)[ \t]*', re.M)
STATUS = re.compile(r'\bANIMALDETECT_(?:E_\w+|OK|AGAIN|ABSENT)\b')
ALSO = 'also '  # a @return that begins with this adds to the default statuses
ORDER = ('param', 'return', 'threads', 'blocks', 'since')
STEP = re.compile(r'animaldetect_job_(?:create|upload|submit|poll|fetch|run)(_async)?')
BORROWED = re.compile(r'\bborrowed(?: from the result)?\b')
SETTER = re.compile(r'animaldetect_(client|job|transport)_(?:set|add)_\w+')
EVERY = {'threads': 'any', 'blocks': 'no', 'since': '0.2.0'}
BLOCKING_STEP = {'threads': 'any; other threads may use the client meanwhile', 'blocks': 'until the call has completed'}
ASYNC_PURPOSE = ('Returns at once. The completion is handed out once, by `animaldetect_client_next_done` or\n'
                 '`animaldetect_job_wait`, whichever is called first.')


def split(comment):
    """The purpose, and the tags in order: (tag, text)."""
    marks = list(TAG.finditer(comment))
    ends = [mark.start() for mark in marks[1:]] + [len(comment)]
    purpose = comment[:marks[0].start()] if marks else comment
    return purpose.strip(), [(mark[1], comment[mark.end():end].strip()) for mark, end in zip(marks, ends)]


def flat(text):
    return ' '.join(text.split())


def handle(function):
    """The handle that is the function's first parameter: "client", "job" and so on; "" when it has none."""
    kind, name = function.parameters[0] if function.parameters else ('', '')
    match = re.fullmatch(r'(?:const )?animaldetect_(?:mock_)?(\w+) \*', kind)
    return name if match and match[1] == name else ''


def setter(function):
    """The handle whose setting a setter changes; "" for any other function."""
    match = SETTER.fullmatch(function.name)
    return match[1] if match and match[1] == handle(function) else ''


def step(function):
    """"blocking" or "async" for the two forms of a step, else ""."""
    match = STEP.fullmatch(function.name)
    return ('async' if match[1] else 'blocking') if match else ''


def returns_status(function):
    """True when the `int32_t` is a status: the function changes its handle or has an `out` parameter."""
    changes = handle(function) and not function.parameters[0][0].startswith('const ')
    fills = any(re.fullmatch(r'out(?:_\w+)?', name) for _, name in function.parameters)
    return function.returns == 'int32_t' and bool(changes or fills)


class Rule(NamedTuple):
    stated: str       # the header whose file comment states the statuses
    applies: object   # called only with functions that return a status
    statuses: tuple


RULES = (
    Rule('animaldetect.h', lambda function: True, ('ANIMALDETECT_OK', 'ANIMALDETECT_E_INVALID_ARGUMENT')),
    Rule('result.h', lambda function: handle(function) in ('result', 'detection', 'candidate'),
         ('ANIMALDETECT_ABSENT',)),
    Rule('job_input.h', lambda function: setter(function) == 'job',
         ('ANIMALDETECT_E_STATE', 'ANIMALDETECT_E_NO_MEMORY')),
    Rule('transport.h', lambda function: setter(function) == 'transport',
         ('ANIMALDETECT_E_STATE once a client uses the transport',)),
    Rule('job.h', step, ('ANIMALDETECT_E_STATE (step out of order, input missing)', 'ANIMALDETECT_E_BUSY',
                         'ANIMALDETECT_E_CANCELED (client stopped)', 'ANIMALDETECT_E_QUEUE_FULL',
                         'ANIMALDETECT_E_NO_API_KEY', 'ANIMALDETECT_E_NO_MEMORY', 'ANIMALDETECT_E_SYSTEM')),
    Rule('animaldetect.h', lambda function: handle(function) in ('client', 'job'),
         ('ANIMALDETECT_E_REENTRANT', 'ANIMALDETECT_E_FORKED')),
    Rule('animaldetect.h', lambda function: function.parameters[0][0] == 'animaldetect_job *',
         ('ANIMALDETECT_E_CLIENT_FREED',)),
)
AFTER_STATUSES = {'': '',
                  'blocking': ', or any other status with which the call completed, see `animaldetect_job_message`',
                  'async': '. Nothing was started unless ANIMALDETECT_OK.'}
# (returned type, handle) -> @return of a getter whose comment has none
TEXTS = {('const char *', 'job'): 'borrowed; NULL when not known',
         **{('const char *', view): 'borrowed from the result; NULL when absent'
            for view in ('result', 'detection', 'candidate')}}
# handle -> (header that states it, lifetime of what its getters lend): the default text after "borrowed"
LIFETIMES = {
    'job': ('job_info.h',
            'valid until a call of this job completes, a setter or a rerun of this job is called or it is freed'),
    **{view: ('result.h', 'valid until it is freed') for view in ('result', 'detection', 'candidate')},
    'exchange': ('exchange.h', 'valid until the exchange is ended'),
    'request': ('mock_record.h', 'valid as long as the mock'),
}
# (header, text that its file comment must contain verbatim, because a default relies on it)
STATED = [('animaldetect.h', f'{tag.capitalize()}: {text}') for tag, text in EVERY.items()]
STATED += [('job.h', f'{tag.capitalize()}: {text}') for tag, text in BLOCKING_STEP.items()]
STATED += [('job.h', text.strip(',. ').removeprefix('or ')) for text in AFTER_STATUSES.values() if text]
STATED += [('job.h', flat(ASYNC_PURPOSE))]
STATED += [(rule.stated, status) for rule in RULES for status in rule.statuses]
STATED += [(LIFETIMES[view][0], text.partition(';')[0]) for (_, view), text in TEXTS.items()]
STATED += [(LIFETIMES[view][0], text.partition('; ')[2]) for (_, view), text in TEXTS.items()]
STATED += list(LIFETIMES.values())
STATED = list(dict.fromkeys(STATED))


def default_statuses(function):
    """The default statuses, each with its remark, in the order of the reference; [] if it does not return a status."""
    if not returns_status(function):
        return []
    return [status for rule in RULES if rule.applies(function) for status in rule.statuses]


def default_param(function):
    name = handle(function)
    return f'{name}  the {name}' + (', or NULL' if name and function.name.endswith('_free') else '')


def with_lifetime(function, text):
    stated = LIFETIMES.get(handle(function))
    if not stated or 'valid' in text:
        return text
    return BORROWED.sub(lambda match: f'{match[0]}, {stated[1]}', text, count=1)


def full_return(function, own):
    if own and not own.startswith(ALSO):
        return with_lifetime(function, own)
    statuses = default_statuses(function)
    if not statuses:
        return with_lifetime(function, own or TEXTS.get((function.returns, handle(function)), ''))
    named = STATUS.findall(own)
    parts = [status for status in statuses if STATUS.match(status)[0] not in named]
    return ', '.join(parts + [own[len(ALSO):]] * bool(own)) + AFTER_STATUSES[step(function)]


def defaults(function):
    """The defaults of this function for the tags that its comment lacks: tag -> text, "param" for its handle."""
    found = {**EVERY, **(BLOCKING_STEP if step(function) == 'blocking' else {}), 'return': full_return(function, '')}
    if handle(function):
        found['param'] = default_param(function)
    return {tag: text for tag, text in found.items() if text and not (tag == 'return' and function.returns == 'void')}


def full(function):
    """The purpose and the tags of a function, as `split` returns them, with all defaults filled in."""
    purpose, own = split(function.comment)
    tags = list(own)
    for tag, text in defaults(function).items():
        if tag == 'param':
            given = any(name == 'param' and words.split(None, 1)[:1] == [handle(function)] for name, words in own)
            tags = tags if given else [(tag, text), *tags]
        elif not any(name == tag for name, _ in own):
            tags.append((tag, text))
    tags = [(tag, full_return(function, text) if tag == 'return' else text) for tag, text in tags]
    tags.sort(key=lambda pair: ORDER.index(pair[0]) if pair[0] in ORDER else len(ORDER))
    return f'{purpose}\n{ASYNC_PURPOSE}' if step(function) == 'async' else purpose, tags


def full_comment(function, more=lambda function: ()):
    """The full comment as a C block comment, with the lines of `more`; "" for a function without a comment, so that
    doxygen still reports it."""
    if not function.comment:
        return ''
    purpose, tags = full(function)
    lines = [*purpose.splitlines(), '', *'\n'.join(f'@{tag} {text}' for tag, text in tags).splitlines(), *more(function)]
    return '/**\n' + ''.join(f' * {line}'.rstrip() + '\n' for line in lines) + ' */\n'


def full_text(path, more=lambda function: ()):
    """The text of a header with the full comment of every function, followed by the lines of `more`."""
    text, end, parts = path.read_text(), 0, []
    for match, function in header.declarations(path.name, text):
        parts += [text[end:match.start()], full_comment(function, more)]
        end = match.start('declaration')
    return ''.join(parts) + text[end:]


if __name__ == '__main__':
    sys.stdout.write(full_text(pathlib.Path(sys.argv[1])))
