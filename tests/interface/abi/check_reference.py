# SPDX-License-Identifier: MIT
"""Builds the reference and compares it with the list of symbols.

    check_reference.py --version X.Y.Z --symbols LIST --doc FOLDER [--overview PAGE] HEADER-FOLDER...

Promises: doxygen prints no warning; every symbol of the list has an HTML page, XML and a man page, each with the
defaults of the headers and with related functions; each callback and enumeration has a man page; the functions that a
new user calls first have an example; the man page of the library has every status; no man page is malformed or names a
missing one. Exits 77 with a message when doxygen is not installed, after checking the man pages. It must never write
outside its temporary folder.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import checks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'lib' / 'abi'))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / 'doc'))

import comments  # noqa: E402
import header  # noqa: E402
import reference  # noqa: E402


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def check_links(result, texts, functions):
    linked = {name: set(re.findall(r'^\.BR ([\w\\-]+) \(3\)', text, re.M)) for name, text in texts.items()}
    linked = {name: {other.replace('\\-', '-') for other in others} for name, others in linked.items()}
    result.check('every man page that another one names is there',
                 [f'{name}: {other}' for name, others in linked.items() for other in others - set(texts)])
    result.check('every man page of a function names a related function',
                 [name for name in functions if not linked[name] & set(functions)])
    first = [name for name in functions if name in reference.PROGRAM_OF]
    result.check(f'each of {len(first)} functions that people start with has an example',
                 [name for name in first if '.SH EXAMPLE' not in texts[name]])


def check_man(result, options, symbols, work):
    made = run(sys.executable, '-B', options.doc / 'make_man_pages.py', options.version, work / 'man3', *options.folder)
    result.check('the man pages are made', [] if made.returncode == 0 else [made.stderr])
    pages = {page.stem: page for page in (work / 'man3').glob('*.3')}
    kinds = {kind.name for kind in reference.named_types(header.header_files(options.folder))}
    result.check(f'each of {len(symbols)} symbols and {len(kinds)} types has a man page, and nothing else has',
                 sorted((set(symbols) | kinds) ^ (set(pages) - {options.overview})))
    functions = header.functions(options.folder)
    check_links(result, {name: page.read_text() for name, page in pages.items()}, functions)
    headings = {name: ['.SH THREADS', '.SH BLOCKING', 'Since libanimaldetect ']
                + ['.SH RETURN VALUE'] * (function.returns != 'void') for name, function in functions.items()}
    result.check('every man page says all that the headers state once',
                 [f'{name}: no "{heading}"' for name, page in pages.items() for heading in headings.get(name, [])
                  if heading not in page.read_text()])
    overview = pages[options.overview].read_text() if options.overview in pages else ''
    result.check(f'{options.overview}.3 names every symbol',
                 [name for name in symbols if f'.BR {name} (3)' not in overview])
    statuses = [name for name in header.values(options.folder) if comments.STATUS.fullmatch(name)]
    result.check(f'{options.overview}.3 has each of {len(statuses)} statuses',
                 [name for name in statuses if f'.B {name} \\fR(' not in overview])
    for tool, command in (('groff', ('groff', '-man', '-Tutf8', '-ww', '-z')), ('lexgrog', ('lexgrog',))):
        if not shutil.which(tool):
            print(f'skip {tool} on the man pages: not installed')
            continue
        faults = []
        for page in pages.values():
            done = run(*command, page)
            if done.returncode or done.stderr:
                faults.append(f'{page.name}: {done.stderr.strip() or "refused"}')
        result.check(f'{tool} reads {len(pages)} man pages without a word', faults)


def doxyfile(options, work):
    mainpage = options.doc / 'reference.md'
    words = {'VERSION': options.version, 'XML': 'YES', 'WARNINGS': work / 'warnings', 'OUTPUT': work,
             'FILTER': f'{sys.executable} -B {reference.__file__}',
             'INPUT': ' '.join([*options.folder, str(mainpage)]), 'MAINPAGE': mainpage,
             'STRIP': ' '.join([*options.folder, str(options.doc)])}
    text = (options.doc / 'Doxyfile.in').read_text()
    for name, value in words.items():
        text = text.replace(f'@{name}@', str(value))
    (work / 'Doxyfile').write_text(text)
    return work / 'Doxyfile'


def documented(work):
    """name -> faults of its entry in doxygen's XML."""
    found = {}
    for file in (work / 'xml').glob('*_8h.xml'):
        for member in xml.parse(file).getroot().iter('memberdef'):
            if member.get('kind') != 'function':
                continue
            name, identity = member.findtext('name'), member.get('id')
            page, anchor = identity[:-35], identity[-33:]  # PAGE_1ANCHOR
            html = work / 'html' / f'{page}.html'
            faults = []
            if not ''.join(member.find('briefdescription').itertext()).strip():
                faults.append('has no brief description')
            sections = {part.get('kind') for part in member.iter('simplesect')} | {
                part.text for part in member.iterfind('.//simplesect/title')}
            returns = {'return'} if member.findtext('type') != 'void' else set()
            faults += [f'does not say "{section}"' for section in {'since', 'see', 'Threads', 'Blocks'} | returns
                       if section not in sections]
            if not html.is_file() or f'id="{anchor}"' not in html.read_text():
                faults.append('has no HTML page')
            found[name] = faults
    return found


def main():
    parser = argparse.ArgumentParser()
    for option in ('--version', '--symbols'):
        parser.add_argument(option, required=True)
    parser.add_argument('--doc', required=True, type=pathlib.Path)
    parser.add_argument('--overview', default='libanimaldetect', help='name of the man page with the rules')
    parser.add_argument('folder', nargs='+')
    options = parser.parse_args()
    symbols = header.read_list(options.symbols, 3)
    result = checks.Checks()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        check_man(result, options, symbols, work)
        if not shutil.which('doxygen'):
            print('skip HTML and XML: doxygen is not installed')
            return result.finish() or 77
        done = run('doxygen', doxyfile(options, work))
        warnings = (work / 'warnings').read_text().splitlines()
        result.check('doxygen has 0 warnings', [*warnings, *done.stderr.splitlines()] or [''] * bool(done.returncode))
        found = documented(work)
        result.check(f'doxygen documents the same {len(symbols)} functions', sorted(set(symbols) ^ set(found)))
        folders = [str(path) for path in (work, options.doc, *options.folder)]
        result.check('no HTML page names a folder of the machine that made it',
                     (page.name for page in (work / 'html').glob('*.html')
                      if any(folder in page.read_text() for folder in folders)))
        result.check('every function has its HTML page with all that the headers state once',
                     (f'{name} {fault}' for name, faults in found.items() for fault in faults))
    return result.finish()


if __name__ == '__main__':
    sys.exit(main())
