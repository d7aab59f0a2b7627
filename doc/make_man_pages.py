# SPDX-License-Identifier: MIT
"""Generates the man pages from the public headers: make_man_pages.py VERSION OUTPUT-FOLDER HEADER-FOLDER...

One page for each function, callback and enumeration, and libanimaldetect.3 with the rules, the headers and the status
codes. The same for the folder of the mock's headers, with libanimaldetect-mock.3.
Promises: the text is that of the headers, with the defaults that they state once (comments.py); every page has NAME,
SYNOPSIS, DESCRIPTION and SEE ALSO, and that of a function also THREADS, BLOCKING and HISTORY. It must never fail
silently on a comment: what check_comments.py accepts is shown in full.
"""
import pathlib
import re
import sys
import textwrap
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib' / 'abi'))

import comments
import header
import reference

STATUS = re.compile(r'/\*\*\s((?:(?!\*/).)*?)\s\*/\s*(ANIMALDETECT_\w+) = (-?\d+)', re.S)
PAGE_COLUMNS = 73  # of 80: man indents by 7


class Package(NamedTuple):
    overview: str  # name of the page with the general rules
    header: str    # the header that a program includes
    package: str   # the name for pkg-config


LIBRARY = Package('libanimaldetect', 'animaldetect.h', 'animaldetect')
MOCK = Package('libanimaldetect-mock', 'mock.h', 'animaldetect-mock')


def package_of(files):
    return MOCK if any(file.name == MOCK.header for file in files) else LIBRARY


def escape(text):
    """Escapes text for roff: backslashes and minus signs are literal, and no line is read as a request."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    text = re.sub(r'`([^`]*)`', r'\\fB\1\\fR', text)
    return re.sub(r"^([.'])", r'\\&\1', text, flags=re.M)


def paragraphs(text):
    """Converts paragraphs, lists with "- " and code indented by four spaces to roff."""
    lines = []
    for block in re.split(r'\n\s*\n', text.strip('\n')):
        if block.startswith('    '):
            lines += ['.PP', '.nf', '.RS 4', escape(re.sub(r'^    ', '', block, flags=re.M)), '.RE', '.fi']
            continue
        for part in re.split(r'\n(?=\s*- )', block):
            item = re.match(r'\s*- ', part)
            words = ' '.join((part[item.end():] if item else part).split())
            lines += (['.IP \\(bu 2'] if item else ['.PP']) + [escape(words)]
    return lines[1:] if lines[:1] == ['.PP'] else lines


def brief(purpose):
    """The first sentence without its period: what `man -k` shows."""
    sentence = re.split(r'(?<=[.:?])\s', ' '.join(purpose.split()), maxsplit=1)[0]
    return sentence.rstrip('.:').replace('`', '')


def title(name, version):
    return ['.\\" SPDX-License-Identifier: MIT', f'.TH {name} 3 "" "libanimaldetect {version}" " "', '.nh', '.ad l']


def prototype(function):
    star = '' if function.returns.endswith('*') else ' '
    arguments = [kind + ('' if kind.endswith('*') else ' ') + name for kind, name in function.parameters]
    return f'{function.returns}{star}{function.name}({", ".join(arguments) or "void"});'


def synopsis(declaration):
    """The synopsis for a page of 80 columns: one parameter per line where one line is too long."""
    head, parameters = declaration.rsplit('(', 1)
    kept = textwrap.wrap(re.sub(r'(?<!,) ', '~', parameters), max(PAGE_COLUMNS - len(head) - 1, 30), break_long_words=False)
    lines = [line.replace('~', ' ') for line in kept]
    return [f'.B "{escape(line)}"' for line in
            [f'{head}({lines[0]}', *(' ' * (len(head) + 1) + line for line in lines[1:])]]


def see_also(names, package):
    """The section SEE ALSO; the overview comes last."""
    pages = [*names, escape(package.overview)]
    return ['.SH SEE ALSO', *(f'.BR {page} (3){"," if page != pages[-1] else ""}' for page in pages)]


def code(lines):
    return ['.PP', '.nf', *(escape(line) for line in lines), '.fi']


def function_page(function, version, package, functions):
    purpose, tags = comments.full(function)
    text = {tag: words for tag, words in tags if tag != 'param'}
    lines = [*title(function.name, version), '.SH NAME', f'{function.name} \\- {escape(brief(purpose))}',
             '.SH SYNOPSIS', '.nf', f'.B #include <animaldetect/{package.header}>', '.PP',
             *synopsis(prototype(function)), '.fi', '.SH DESCRIPTION', *paragraphs(purpose)]
    parameters = [words.split(None, 1) for tag, words in tags if tag == 'param']
    if parameters:
        lines.append('.SH PARAMETERS')
    for name, words in parameters:
        lines += ['.TP', f'.I {name}', escape(' '.join(words.split()))]
    for heading, tag in (('RETURN VALUE', 'return'), ('THREADS', 'threads'), ('BLOCKING', 'blocks'),
                         ('DEPRECATED', 'deprecated'), ('NOTES', 'note')):
        if tag in text:
            lines += [f'.SH {heading}', *paragraphs(text[tag])]
    shown = reference.example(function.name)
    if shown:
        lines += ['.SH EXAMPLE', f'From {escape("examples/" + shown[0])}:', *code(shown[1].splitlines())]
    return lines + ['.SH HISTORY', f'Since libanimaldetect {escape(text["since"])}.',
                    *see_also(reference.related(functions, function.name), package)]


def values(kind):
    lines = ['.SH VALUES'] * bool(kind.values)
    for name, number, words in kind.values:
        lines += ['.TP', f'.B {name} \\fR({escape(number)})', escape(words)]
    return lines


def type_page(kind, version, package, functions):
    """The page of a callback or an enumeration."""
    purpose, tags = comments.split(kind.comment)
    lines = [*title(kind.name, version), '.SH NAME', f'{kind.name} \\- {escape(brief(purpose))}', '.SH SYNOPSIS', '.nf',
             f'.B #include <animaldetect/{package.header}>', '.PP',
             *(synopsis(f'typedef {kind.declaration};') if kind.declaration else [f'.B "enum {kind.name};"']), '.fi',
             '.SH DESCRIPTION', *paragraphs(purpose)]
    parameters = [words.split(None, 1) for tag, words in tags if tag == 'param']
    for name, words in [('.SH PARAMETERS', '')] * bool(parameters) + parameters:
        lines += ['.TP', f'.I {name}', escape(' '.join(words.split()))] if words else [name]
    lines += [line for tag, words in tags if tag == 'return' for line in ('.SH RETURN VALUE', *paragraphs(words))]
    return lines + values(kind) + see_also(reference.users_of(functions, kind), package)


def status_codes(text):
    body = re.search(r'enum animaldetect_status \{(.*?)\n\};', text, re.S)[1]
    lines = ['.SH STATUS CODES']
    for words, name, value in STATUS.findall(body):
        lines += ['.TP', f'.B {name} \\fR({escape(value)})', escape(header.clean_comment(words).replace('\n', ' '))]
    return lines


def overview_page(version, files, functions, package):
    kinds = reference.named_types(files)
    texts = {file.name: header.clean_comment(header.FILE_COMMENT.search(file.read_text())[1]) for file in files}
    first = texts.pop(package.header).split('\n\n', 1)
    what = brief(first[0].split(':', 1)[1].strip())
    name = escape(package.overview)
    lines = [*title(name, version), '.SH NAME', f'{name} \\- {escape(what)}',
             '.SH SYNOPSIS', '.nf', f'.B #include <animaldetect/{package.header}>', '.PP',
             f'.B cc program.c $(pkg\\-config \\-\\-cflags \\-\\-libs {escape(package.package)})', '.fi',
             '.SH DESCRIPTION', *paragraphs(first[1])]
    for file in files:
        mine = [function for function in functions.values() if function.place.startswith(file.name + ':')]
        if not mine:
            continue
        lines += [f'.SS animaldetect/{file.name}', *paragraphs(texts.get(file.name, ''))]
        for function in mine:
            purpose, _ = comments.split(function.comment)
            lines += ['.TP', f'.BR {function.name} (3)', escape(brief(purpose))]
        for kind in kinds:
            if kind.place == file.name and kind.name not in functions:
                lines += ['.TP', f'.BR {kind.name} (3)', escape(brief(comments.split(kind.comment)[0]))]
    for file in files:
        if file.name == 'status.h':
            lines += status_codes(file.read_text())
    return lines


def main():
    version, output, folders = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob('*.3'):
        old.unlink()
    functions = header.functions(folders)
    files = sorted(header.header_files(folders), key=lambda file: file.name)
    package = package_of(files)
    pages = {function.name: function_page(function, version, package, functions) for function in functions.values()}
    for kind in reference.named_types(files):
        if kind.name in pages:  # a getter and the enumeration that it returns share a name
            at = pages[kind.name].index('.SH HISTORY')
            pages[kind.name][at:at] = values(kind)
        else:
            pages[kind.name] = type_page(kind, version, package, functions)
    pages[package.overview] = overview_page(version, files, functions, package)
    for name, lines in pages.items():
        (output / f'{name}.3').write_text('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
