# SPDX-License-Identifier: MIT
"""Parses the public headers and the lists in this folder, for the version script, the reference and the ABI gate.

Promises: it returns exactly what the text contains; a construct that it cannot parse raises ValueError and is never
skipped. It relies on the conventions of the headers: one ANIMALDETECT_API per function, callbacks as typedefs, an
explicit value for every enumerator. It must never need a compiler.
"""
import pathlib
import re
from typing import NamedTuple


class Function(NamedTuple):
    name: str
    returns: str
    parameters: list  # (type, name)
    comment: str      # without the leading asterisks; "" when there is none
    place: str        # file:line


class Entry(NamedTuple):
    name: str
    value: str        # "" in the list of symbols
    since: str
    deprecated: str   # "-" when it is not deprecated


FUNCTION = re.compile(r'(?:/\*\*(?P<comment>(?:(?!\*/).)*)\*/\s*)?'
                      r'(?P<declaration>\bANIMALDETECT_API\b(?P<signature>[^;{]*);)', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.)*(?:\\\n[^\n]*)*', re.M)
ENUM = re.compile(r'\benum\s+\w+\s*\{(?P<body>[^}]*)\}', re.S)
FILE_COMMENT = re.compile(r'/\*\* @file\n(.*?)\*/', re.S)
DEFINE = re.compile(r'^#define\s+(ANIMALDETECT_OPERATION_\w+)\s+("[^"]*")\s*$', re.M)
TYPEDEF = re.compile(r'\btypedef\b([^;]*);', re.S)
CALLBACK = re.compile(r'[\w ]+?[ *]+\(\*(\w+)\) ?\([^()]*\)')
OPAQUE = re.compile(r'struct (\w+) \1')
COMMENT = re.compile(r'/\*.*?\*/', re.S)


def header_files(folders):
    files = sorted(file for folder in folders for file in pathlib.Path(folder).rglob('*.h'))
    if not files:
        raise ValueError(f'no header in {folders}')
    return files


def blank(match):
    """Replaces a text by spaces, so that lines and offsets stay the same."""
    return re.sub(r'[^\n]', ' ', match.group())


def clean_comment(text):
    return '\n'.join(re.sub(r'^\s*\* ?', '', line) for line in text.splitlines()).strip()


def parse_function(signature, comment, place):
    flat = ' '.join(COMMENT.sub(' ', signature).split())
    match = re.fullmatch(r'(?P<returns>[\w ]+?[ *]+)(?P<name>\w+) ?\((?P<parameters>[^()]*)\)', flat)
    if not match:
        raise ValueError(f'{place}: cannot read "{flat}"')
    parameters = []
    if match['parameters'].strip() != 'void':
        for part in match['parameters'].split(','):
            parameter = re.fullmatch(r'(?P<type>.*?[ *])(?P<name>\w+)', part.strip())
            if not parameter:
                raise ValueError(f'{place}: cannot read the parameter "{part.strip()}"')
            parameters.append((parameter['type'].strip(), parameter['name']))
    return Function(match['name'], match['returns'].strip(), parameters, clean_comment(comment or ''), place)


def declarations(name, text):
    """Each function of one header as (match of FUNCTION, Function); offsets are those of `text`."""
    text = DIRECTIVE.sub(blank, text)
    marks = len(re.findall(r'\bANIMALDETECT_API\b', COMMENT.sub('', text)))
    matches = list(FUNCTION.finditer(text))
    if marks != len(matches):
        raise ValueError(f'{name}: {marks} times ANIMALDETECT_API, but {len(matches)} functions read')
    for match in matches:
        line = text.count('\n', 0, match.start('signature')) + 1
        yield match, parse_function(match['signature'], match['comment'], f'{name}:{line}')


def functions(folders):
    found = {}
    for file in header_files(folders):
        for _, function in declarations(file.name, file.read_text()):
            if function.name in found:
                raise ValueError(f'{function.place}: {function.name} is declared twice')
            found[function.name] = function
    return found


def values(folders):
    """Every named value of the headers: enumerators and the names of operations."""
    found = {}
    for file in header_files(folders):
        text = COMMENT.sub(blank, file.read_text())
        pairs = [(match[1], match[2]) for match in DEFINE.finditer(text)]
        for match in ENUM.finditer(text):
            for part in filter(None, (' '.join(item.split()) for item in match['body'].split(','))):
                pair = re.fullmatch(r'(ANIMALDETECT_\w+) ?= ?(-?\d+)', part)
                if not pair:
                    raise ValueError(f'{file.name}: "{part}" has no explicit value')
                pairs.append((pair[1], pair[2]))
        for name, value in pairs:
            if name in found:
                raise ValueError(f'{file.name}: {name} is named twice')
            found[name] = value
    return found


def types(folders):
    """Every named type of the headers, callbacks and opaque handles: name -> its declaration on one line."""
    found = {}
    for file in header_files(folders):
        for match in TYPEDEF.finditer(DIRECTIVE.sub(blank, COMMENT.sub(blank, file.read_text()))):
            flat = ' '.join(match[1].split())
            named = CALLBACK.fullmatch(flat) or OPAQUE.fullmatch(flat)
            if not named or named[1] in found:
                raise ValueError(f'{file.name}: "typedef {flat}" is no callback and no opaque handle, or is there twice')
            found[named[1]] = flat
    return found


def read_list(path, columns):
    """Reads symbols-in-versions (3 columns) or values-in-versions (4 columns)."""
    entries = {}
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        words = line.split()
        if len(words) != columns:
            raise ValueError(f'{path}:{number}: {len(words)} columns instead of {columns}')
        entry = Entry(words[0], words[1] if columns == 4 else '', words[-2], words[-1])
        for version in {entry.since, entry.deprecated} - {'-'}:
            if not re.fullmatch(r'\d+\.\d+\.\d+', version):
                raise ValueError(f'{path}:{number}: "{version}" is not a version')
        if entry.since == '-' or entry.name in entries:
            raise ValueError(f'{path}:{number}: {entry.name} has no version or is there twice')
        entries[entry.name] = entry
    return entries


def version_key(version):
    return tuple(int(part) for part in version.split('.'))


def node(version):
    """The version node of a symbol that was added in this version: one node per minor version."""
    major, minor, _ = version_key(version)
    return f'LIBANIMALDETECT_{major}.{minor}'
