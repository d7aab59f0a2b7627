#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds a request step to a copy of the library: it must not compile with only the enumerator, and work with its row.

usage: check_new_step.py SOURCE_ROOT BUILD_ROOT COMPILER...

In an earlier version, a step that was missing in one place was sent as another, and counted past the end of an array.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGES = ('libcurl', 'jansson', 'libsodium', 'cmocka')

# The enumeration: a step and its statistic, added as a later version would.
ENUMERATION = [
    ('include/animaldetect/types.h', 'ANIMALDETECT_STEP_FETCH = 6',
     'ANIMALDETECT_STEP_FETCH = 6, ANIMALDETECT_STEP_NOTIFY = 7'),
]
STATISTIC = [
    ('include/animaldetect/statistics.h', 'ANIMALDETECT_STAT_CLOCK_OFFSET_MS = 26',
     'ANIMALDETECT_STAT_CLOCK_OFFSET_MS = 26, ANIMALDETECT_STAT_NOTIFIES = 27'),
    ('lib/engine/statistics.h', '(ANIMALDETECT_STAT_CLOCK_OFFSET_MS + 1)', '(ANIMALDETECT_STAT_NOTIFIES + 1)'),
    ('lib/api/statistics.c', '    case ANIMALDETECT_STAT_ITERATIONS:',
     '    case ANIMALDETECT_STAT_ITERATIONS:\n    case ANIMALDETECT_STAT_NOTIFIES:'),
    ('lib/api/statistics.c', '    [ANIMALDETECT_STAT_ITERATIONS] = {"iterations", false},',
     '    [ANIMALDETECT_STAT_ITERATIONS] = {"iterations", false},\n    [ANIMALDETECT_STAT_NOTIFIES] = {"notifies", false},'),
]
# The step's row: it requests the status, like a poll. SHORT_ROW lacks a column.
LAST = 'class_of_fetch,  fetch)'
COLUMNS = ' \\\n    REQUEST(NOTIFY, "notify", NOTIFIES, true, false, API, true, FINAL, class_of_poll'
ROW = [('lib/engine/steps.c', LAST, LAST + COLUMNS + ', poll)')]
SHORT_ROW = [('lib/engine/steps.c', LAST, LAST + COLUMNS + ')')]
COUNT = [('lib/engine/step_count.h', '(ANIMALDETECT_STEP_FETCH + 1)', '(ANIMALDETECT_STEP_NOTIFY + 1)')]
# When the step is due.
FLOW = [('lib/engine/flow.c', '    return step(job->remote.progress.check_result ? ANIMALDETECT_STEP_FETCH : ANIMALDETECT_STEP_POLL);',
         '    return step(job->call.asked ? ANIMALDETECT_STEP_POLL : ANIMALDETECT_STEP_NOTIFY);')]


def change(folder, changes):
    for name, old, new in changes:
        path = folder / name
        text = path.read_text(encoding='utf-8')
        assert text.count(old) == 1, f'{name}: "{old}" is found {text.count(old)} times'
        path.write_text(text.replace(old, new), encoding='utf-8')


def packages(what):
    return subprocess.run(['pkg-config', what, *PACKAGES], capture_output=True, text=True, check=True).stdout.split()


def flags(folder, build):
    return ['-std=gnu11', '-D_GNU_SOURCE', '-DANIMALDETECT_BUILD', '-O0', '-Wall', '-Werror=switch', f'-I{folder}/lib',
            f'-I{folder}/include', f'-I{folder}/tests', f'-I{build}/include',
            *packages('--cflags')]


def compile_one(folder, build, compiler, name):
    return subprocess.run([*compiler, *flags(folder, build), '-c', str(folder / name), '-o', '/dev/null'],
                          capture_output=True, text=True, check=False)


def build_all(folder, build, compiler):
    """Builds the library, the service model, the simulated world and the test as one program."""
    sources = [path for path in sorted((folder / 'lib').rglob('*.c'))
               if path.relative_to(folder / 'lib').parts[:2] not in (('testing', 'mock'), ('testing', 'emulator'))]
    sources += sorted((folder / 'tests/kit/world').glob('*.c'))
    sources += [folder / 'tests/engine' / name for name in ('drive.c', 'harness.c', 'step/notify.c')]
    objects, running, wanted = [], [], os.cpu_count() or 1
    for number, source in enumerate(sources):
        objects.append(str(folder / f'{number}.o'))
        running.append(subprocess.Popen([*compiler, *flags(folder, build), '-c', str(source), '-o', objects[-1]]))
        if len(running) >= wanted:
            assert running.pop(0).wait() == 0
    assert all(one.wait() == 0 for one in running)
    subprocess.run([*compiler, '-o', str(folder / 'notify'), *objects, *packages('--libs'), '-lm', '-pthread'], check=True)
    return folder / 'notify'


def main():
    root, build, compiler = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    failed = 0

    def judge(good, what, words=''):
        nonlocal failed
        failed += not good
        print(f'{"ok" if good else "not ok"} {what}' + ('' if good else f': {words}'))

    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name in ('include', 'lib'):
            shutil.copytree(root / name, folder / name)
        for name in ('tests/kit', 'tests/engine'):
            shutil.copytree(root / name, folder / name)
        done = compile_one(folder, build, compiler, 'lib/engine/steps.c')
        judge(done.returncode == 0, 'the table compiles as it is', done.stderr)
        change(folder, ENUMERATION)
        done = compile_one(folder, build, compiler, 'lib/engine/steps.c')
        judge(done.returncode != 0 and 'STEP_NOTIFY' in done.stderr, 'a step in the enumeration alone does not compile',
              done.stderr)
        change(folder, STATISTIC)
        change(folder, SHORT_ROW)
        change(folder, COUNT)
        done = compile_one(folder, build, compiler, 'lib/engine/steps.c')
        judge(done.returncode != 0, 'a row without its last column does not compile', done.stderr)
        change(folder, [(name, new, old) for name, old, new in SHORT_ROW + COUNT])
        change(folder, ROW)
        done = compile_one(folder, build, compiler, 'lib/engine/steps.c')
        judge(done.returncode != 0 and 'AD_STEP_COUNT' in done.stderr, 'a row that is not counted does not compile',
              done.stderr)
        change(folder, COUNT)
        change(folder, FLOW)
        program = build_all(folder, build, compiler)
        done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
        judge(done.returncode == 0, 'with its row the step works', (done.stdout + done.stderr)[-1500:])
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
