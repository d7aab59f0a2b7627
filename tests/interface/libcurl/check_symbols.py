#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares every libcurl name that lib/ uses with lib/transport/curl/symbols-in-versions.

usage: check_symbols.py SOURCE_ROOT [--against CURL/docs/libcurl]

Promises: each name is in the table and each row is used; a name newer than the oldest libcurl that meson.build accepts
is inside `#if LIBCURL_VERSION_NUM >= 0x...` of at least its version (every branch is parsed); an option is set with the
macro of its row.  --against also compares the table's versions with curl's own documentation.
"""
import pathlib
import re
import sys

TABLE = pathlib.Path('lib/transport/curl/symbols-in-versions')
USES = {'needed': {'NEED'}, 'optional': {'WISH'}, 'with-proxy': {'PROXY', 'NEED'}, 'when-set': {'NEED'}}
NAME = re.compile(r'\b(?:CURL\w+|curl_\w+|LIBCURL_\w+)\b')
OWN = re.compile(r'^static\b[^;={(]*?\b(curl_\w+)(?:\(| = \{)', re.M)
FIELD = re.compile(r'^    int64_t (curl_\w+);', re.M)
DIRECTIVE = re.compile(r'^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)$')
AT_LEAST = re.compile(r'^LIBCURL_VERSION_NUM >= 0x([0-9a-fA-F]{6})$')
SETTER = re.compile(r'\b(?:AD_)?(NEED|WISH|PROXY)\s*\((?:[^(),]+,\s*){0,2}(CURLOPT_\w+)')


def number(version):
    parts = [int(part) for part in version.split('.')] + [0]
    return parts[0] << 16 | parts[1] << 8 | parts[2]


def table(root):
    rows = {}
    for line in (root / TABLE).read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            name, version, use = line.split()
            rows[name] = (version, use)
    return rows


def floor(root):
    found = re.search(r"dependency\('libcurl', version: '>= ([\d.]+)'", (root / 'meson.build').read_text(encoding='utf-8'))
    return number(found.group(1))


def without_comments(text):
    """Blanks comments and strings, keeping the lines: a name in a message is not a use."""
    blank = lambda found: re.sub(r'[^\n]', ' ', found.group(0))  # noqa: E731
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def guaranteed(condition):
    """The libcurl version that a condition guarantees; 0 for any other condition."""
    if '||' in condition or '!' in condition.replace('!=', ''):
        return 0
    found = (AT_LEAST.match(part.strip().strip('()')) for part in condition.split('&&'))
    return max((int(match.group(1), 16) for match in found if match), default=0)


def uses(text):
    """(line, name, version that the preprocessor guarantees on that line)"""
    stack = []
    for nth, line in enumerate(without_comments(text).splitlines(), 1):
        directive = DIRECTIVE.match(line)
        if directive is None:
            for name in NAME.findall(line):
                yield nth, name, max(stack, default=0)
            continue
        kind, condition = directive.groups()
        if kind in ('if', 'ifdef', 'ifndef'):
            stack.append(guaranteed(condition) if kind == 'if' else 0)
        elif kind == 'endif':
            stack.pop()
        else:
            stack[-1] = guaranteed(condition) if kind == 'elif' else 0


def sources(root):
    for path in sorted((root / 'lib').rglob('*')):
        if path.suffix in ('.c', '.h'):
            yield path.relative_to(root).as_posix(), path.read_text(encoding='utf-8')


def faults_of(root):
    rows, least, seen, macros = table(root), floor(root), set(), {}
    fields = {name for _, text in sources(root) for name in FIELD.findall(text)}
    for path, text in sources(root):
        own = fields | set(OWN.findall(text))
        for nth, name, guarantee in uses(text):
            if name in own or '#include' in text.splitlines()[nth - 1]:
                continue
            seen.add(name)
            if name not in rows:
                yield f'{path}:{nth}: {name} is not in {TABLE}'
            elif number(rows[name][0]) > max(least, guarantee):
                yield f'{path}:{nth}: {name} came in {rows[name][0]} and is used without a guard for it'
        for macro, option in SETTER.findall(without_comments(text)):
            macros.setdefault(option, set()).add(macro)
    for option, found in macros.items():
        if option in rows and not found & USES.get(rows[option][1], set()):
            yield f'{option} is {rows[option][1]}, and set with {", ".join(found)}'
    for name in sorted(set(rows) - seen):
        yield f'{TABLE}: {name} is not used'
    for name, (_, use) in rows.items():
        if ('OPT_' in name) != (use != '-') or use not in (*USES, '-'):
            yield f'{TABLE}: {name}: what does {use} mean?'


def faults_against(root, documents):
    """Compares names and first versions with curl's list of symbols and with the header of each function's page."""
    told = {}
    for line in (documents / 'symbols-in-versions').read_text(encoding='utf-8').splitlines():
        words = line.split()
        if len(words) >= 2 and words[0].isupper() or words[:1] and words[0].startswith('CURL'):
            told[words[0]] = words[1]
    for page in documents.glob('curl_*.md'):
        found = re.search(r'^Added-in: ([\d.]+)', page.read_text(encoding='utf-8'), re.M)
        if found:
            told[page.stem] = found.group(1)
    for name, (version, _) in table(root).items():
        if name in told and number(told[name]) != number(version):
            yield f'{name} came in {told[name]}, and not in {version}'


def main():
    root = pathlib.Path(sys.argv[1])
    faults = list(faults_of(root))
    if sys.argv[2:3] == ['--against']:
        faults += faults_against(root, pathlib.Path(sys.argv[3]))
    for fault in faults:
        print(f'not ok {fault}')
    if not faults:
        print(f'ok {len(table(root))} names of libcurl are in the table and behind their versions')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
