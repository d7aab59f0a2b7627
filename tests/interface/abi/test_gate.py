# SPDX-License-Identifier: MIT
"""Tests the ABI gate itself: builds variants of a toy library and checks what each part of the gate reports.

Promises: it runs the same scripts that check the real library; a change that breaks a compiled program must be rejected
by the parts named here, and any other change must pass all of them. It must never change the committed lists.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import checks

HERE = pathlib.Path(__file__).resolve().parent
MAKE_SCRIPT = HERE.parents[2] / 'lib' / 'abi' / 'make_version_script.py'
HEADER, BODY, SYMBOLS, VALUES = 'animaldetect_toy.h', 'toy.c', 'symbols', 'values'
PROTOTYPES = 'prototypes'  # generated from the unchanged toy
# Text in the toy's files -> its replacement in a variant. An empty old text appends.
ADDED = 'ANIMALDETECT_API int32_t animaldetect_toy_get(const animaldetect_toy *toy);\n'
ADDED_BODY = 'int32_t animaldetect_toy_get(const animaldetect_toy *toy)\n{\n    return toy->number;\n}\n'
ADDED_LINE = 'animaldetect_toy_get 0.3.0 -\n'
ADDED_PROTOTYPE = 'LIBANIMALDETECT_0.3 int32_t animaldetect_toy_get(const animaldetect_toy *toy)\n'
DOCUMENTED = ('/**\n * Reads it.\n *\n * @return  it\n * @since   0.3.0\n */\n')
END = '#ifdef __cplusplus\n}'
SET = 'animaldetect_toy_set(animaldetect_toy *toy, int32_t number)'
SET_MARK = ' */\nANIMALDETECT_API int32_t animaldetect_toy_set'
SET_LINE = 'animaldetect_toy_set  0.2.0 -\n'
NO_SET = {HEADER: ('ANIMALDETECT_API int32_t ' + SET + ';', ''),
          BODY: ('int32_t ' + SET, 'static inline int32_t hidden(animaldetect_toy *toy, int32_t number)')}
NAME = 'animaldetect_toy_name(const animaldetect_toy *toy, size_t index)'
BOUND = 'animaldetect_toy_bound(animaldetect_toy *toy, int32_t low, int32_t high)'
BOUND_WORDS = ' * @param low   the least\n * @param high  the largest\n'
SWAPPED_WORDS = ' * @param high  the largest\n * @param low   the least\n'
SWAPPED = BOUND.replace('low', '@').replace('high', 'low').replace('@', 'high')
BOUND_REST = ' * @return  ANIMALDETECT_TOY_OK\n */\nANIMALDETECT_API int32_t ' + BOUND
LATE = {HEADER: ('BUSY = -1', 'BUSY = -1,\n    ANIMALDETECT_TOY_LATE = -2')}


def both(old, new):
    return {HEADER: (old, new), BODY: (old, new)}


def set_with(old, new):
    return both(SET, SET.replace(old, new))


def added(comment, line, prototype=''):
    return {HEADER: (END, comment + ADDED + END), BODY: ('', ADDED_BODY), SYMBOLS: ('', line), PROTOTYPES: ('', prototype)}


# name, {file: (old, new)}, the parts that must reject it (none: it must pass all)
VARIANTS = [
    ('nothing changed', {}, ''),
    ('a changed struct behind an opaque pointer', {BODY: ('int32_t number;', 'double more;\n    int32_t number;')}, ''),
    ('an added function with its lines', added(DOCUMENTED, ADDED_LINE, ADDED_PROTOTYPE), ''),
    ('an added function without its line', added(DOCUMENTED, '', ADDED_PROTOTYPE), 'symbols prototypes'),
    ('an added function without its prototype', added(DOCUMENTED, ADDED_LINE), 'prototypes'),
    ('an added function without a comment', added('', ADDED_LINE, ADDED_PROTOTYPE), 'symbols comments'),
    ('an added value with its line', {**LATE, VALUES: ('', 'ANIMALDETECT_TOY_LATE -2 0.3.0 -\n')}, ''),
    ('an added value without its line', LATE, 'symbols'),
    ('a removed function', NO_SET, 'symbols abi prototypes'),
    ('a removed function with its line', {**NO_SET, SYMBOLS: (SET_LINE, '')}, 'abi prototypes'),
    ('a function that is declared but not exported', {SYMBOLS: (SET_LINE, '')}, 'symbols abi prototypes'),
    ('a changed parameter', set_with('int32_t', 'int64_t'), 'abi prototypes'),
    ('an added parameter', set_with('number)', 'number, void *more)'), 'abi comments prototypes'),
    ('a changed return type', both('int32_t ' + SET, 'int64_t ' + SET), 'abi prototypes'),
    ('a changed callback', {HEADER: ('(int32_t number, void *user)', '(int64_t number, void *user)')}, 'abi prototypes'),
    ('a type that FFI sees differently', set_with('int32_t', 'int'), 'symbols prototypes'),
    ('a changed value', {HEADER: ('BUSY = -1', 'BUSY = -3')}, 'symbols'),
    ('a changed value with its line', {HEADER: ('BUSY = -1', 'BUSY = -3'), VALUES: ('BUSY -1', 'BUSY -3')}, 'abi'),
    ('a changed version of a symbol', {HEADER: (SET_MARK, ' * @since   0.3.0\n' + SET_MARK),
                                       SYMBOLS: (SET_LINE, SET_LINE.replace('0.2.0', '0.3.0'))}, 'abi prototypes'),
    ('a deprecated function that says so',
     {HEADER: (SET_MARK, ' * @deprecated 0.3.0 no longer needed\n' + SET_MARK),
      SYMBOLS: (SET_LINE, SET_LINE.replace('-', '0.3.0'))}, ''),
    ('a deprecated function that does not say so', {SYMBOLS: (SET_LINE, SET_LINE.replace('-', '0.3.0'))}, 'symbols'),
    ('a parameter whose width differs on another machine',
     both(NAME, NAME.replace('size_t', 'uint64_t')), 'prototypes'),
    ('a returned text that lost its const', both('const char *' + NAME, 'char *' + NAME), 'prototypes'),
    ('a parameter of another opaque type', both(NAME, NAME.replace('animaldetect_toy *', 'animaldetect_box *')),
     'comments prototypes'),
    ('two parameters of one type swapped, the comment with them',
     {HEADER: (BOUND_WORDS + BOUND_REST, SWAPPED_WORDS + BOUND_REST.replace(BOUND, SWAPPED)), BODY: (BOUND, SWAPPED)},
     'prototypes'),
    ('a line from the future', {VALUES: ('BUSY -1 0.2.0', 'BUSY -1 9.0.0')}, 'symbols abi'),
]


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def python(script, *arguments):
    return run(sys.executable, '-B', HERE / script, *arguments)


def change(folder, edits):
    for name, (old, new) in edits.items():
        file = folder / name
        text = file.read_text()
        if old and text.count(old) != 1:
            raise ValueError(f'{name}: "{old}" is there {text.count(old)} times')
        file.write_text(text.replace(old, new) if old else text + new)


def build(folder, flags=('-g',), script=True):
    """Builds a variant like the real library: hidden visibility by default, the version script from the list."""
    made = python(MAKE_SCRIPT, folder / SYMBOLS, folder / 'map')
    export = [f'-Wl,--version-script={folder}/map'] if script else []
    done = run('gcc', '-std=c11', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-Wl,-soname,libtoy.so.0', *flags,
               *export, folder / BODY, '-o', folder / 'libtoy.so')
    if made.returncode or done.returncode:
        raise RuntimeError(made.stderr + done.stderr)
    return folder / 'libtoy.so'


def refusals(folder, library, baseline):
    """The parts of the gate that reject this variant, with their output."""
    headers = folder / 'headers'
    headers.mkdir(exist_ok=True)
    shutil.copy(folder / HEADER, headers)
    parts = {
        'prototypes': python('check_prototypes.py', '--symbols', folder / SYMBOLS, '--prototypes', folder / PROTOTYPES,
                             '--library', library, headers),
        'symbols': python('check_symbols.py', '--version', '0.3.0', '--symbols', folder / SYMBOLS, '--values',
                          folder / VALUES, '--library', library, headers),
        'comments': python('check_comments.py', headers),
        'abi': run(HERE / 'check_abi.sh', library, headers, folder / VALUES, baseline),
    }
    said = '\n'.join(part.stdout + part.stderr for part in parts.values())
    return {name for name, part in parts.items() if part.returncode == 1}, said


def test_variant(work, number, edits, expected, baseline):
    folder = work / str(number)
    shutil.copytree(HERE / 'gate', folder)
    shutil.copy(work / PROTOTYPES, folder)
    change(folder, edits)
    refused, said = refusals(folder, build(folder), baseline)
    wanted = set(expected.split())
    if refused != wanted or 'Traceback' in said:
        yield f'refused by {sorted(refused) or "nothing"}, must be {sorted(wanted) or "nothing"}'
        yield from said.splitlines()


def test_blindness(work, baseline):
    """Cases that the gate must not count as a pass."""
    folder = work / 'blind'
    shutil.copytree(HERE / 'gate', folder)
    stripped = run(HERE / 'check_abi.sh', build(folder, flags=('-g0',)), folder, folder / VALUES, baseline)
    yield 'a library without debug information is not called unchanged', \
        [] if stripped.returncode == 77 else [stripped.stdout]
    made = run(HERE / 'make-baseline', folder / 'libtoy.so', folder, folder / VALUES, folder / 'blind')
    yield 'no baseline is made of a library without debug information', \
        [] if made.returncode == 1 and not (folder / 'blind.abi').exists() else [made.stdout]
    headers = work / 'none'
    headers.mkdir()
    shutil.copy(HERE / 'gate' / HEADER, headers)
    renamed = python('check_prototypes.py', '--symbols', folder / SYMBOLS, '--prototypes', work / PROTOTYPES, '--library',
                     build(folder, flags=('-g', '-Wl,-soname,libtoy.so.1')), headers)
    yield 'another soname is refused', \
        [] if renamed.returncode == 1 and 'new:  soname libtoy.so.1' in renamed.stdout else [renamed.stdout]
    change(folder, {BODY: ('', ADDED_BODY), HEADER: (END, ADDED + END)})
    leaked = python('check_symbols.py', '--version', '0.3.0', '--symbols', folder / SYMBOLS, '--values',
                    folder / VALUES, '--library', build(folder, script=False), headers)
    yield 'a symbol that leaks out of the library is refused', \
        [] if leaked.returncode == 1 and 'animaldetect_toy_get: in the library' in leaked.stdout else [leaked.stdout]


def main():
    missing = [tool for tool in ('gcc', 'abidw', 'abidiff', 'readelf', 'nm') if not shutil.which(tool)]
    if missing:
        print(f'skip: not installed: {", ".join(missing)}')
        return 77
    result = checks.Checks()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        shutil.copytree(HERE / 'gate', work / 'base')
        prototypes = python('check_prototypes.py', '--write', '--symbols', work / 'base' / SYMBOLS, '--prototypes',
                            work / PROTOTYPES, '--library', build(work / 'base'), work / 'base')
        result.check('the prototypes are written', [prototypes.stdout + prototypes.stderr] if prototypes.returncode else [])
        baseline = work / 'baseline'
        made = run(HERE / 'make-baseline', build(work / 'base'), work / 'base', work / 'base' / VALUES, baseline)
        result.check('a baseline is made', [] if made.returncode == 0 else [made.stdout + made.stderr])
        for number, (title, edits, expected) in enumerate(VARIANTS):
            verdict = f'refused by {" and ".join(expected.split())}' if expected else 'passes'
            result.check(f'{title}: {verdict}', test_variant(work, number, edits, expected, baseline))
        for title, faults in test_blindness(work, baseline):
            result.check(title, faults)
    return result.finish()


if __name__ == '__main__':
    sys.exit(main())
