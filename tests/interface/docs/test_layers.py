#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that check_layers.py fails when it must: small trees with one fault each, compiled with the build's compiler.

usage: test_layers.py COMPILER...
"""
import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).resolve().parent / 'check_layers.py'

# A correct tree: every layer calls the one below.
GOOD = {
    'base/text.c': 'int ad_text(void) { return 1; }',
    'protocol/answer.c': 'int ad_text(void); int ad_answer(void) { return ad_text(); }',
    'transport/curl/curl.c': '#include <curl/curl.h>\nint ad_text(void); int ad_curl(void) { return ad_text(); }',
    'engine/exchange.c': 'int ad_answer(void); int ad_exchange(void) { return ad_answer(); }',
    'engine/call.c': 'int ad_exchange(void); int ad_call(void) { return ad_exchange(); }',
    'engine/iteration.c': 'int ad_call(void); int ad_iterate(void) { return ad_call(); }',
    'api/client.c': 'int ad_iterate(void); int ad_curl(void);'
                    'int animaldetect_run(void) { return ad_iterate() + ad_curl(); }',
    'testing/mock/mock.c': 'int animaldetect_run(void); int mock_run(void) { return animaldetect_run(); }',
}

# Description of the case, files that are replaced or added in the tree, and what the check must print.
CASES = [
    ('a good tree passes', {}, 'ok 8 files'),
    ('a call up to another folder', {'base/text.c': 'int ad_answer(void); int ad_text(void) { return ad_answer(); }'},
     'base/text.c uses protocol/answer.c: ad_answer'),
    ('the engine knows libcurl\'s transport',
     {'engine/exchange.c': 'int ad_curl(void); int ad_exchange(void) { return ad_curl(); }'},
     'engine/exchange.c uses transport/curl/curl.c'),
    ('a transport calls the engine',
     {'transport/curl/curl.c': 'int ad_call(void); int ad_curl(void) { return ad_call(); }'},
     'transport/curl/curl.c uses engine/call.c'),
    ('a call up inside the engine',
     {'engine/exchange.c': 'int ad_iterate(void); int ad_exchange(void) { return ad_iterate(); }'},
     'engine/exchange.c uses engine/iteration.c'),
    ('two files of one folder that need each other',
     {'api/a.c': 'int ad_b(void); int ad_a(void) { return ad_b(); }',
      'api/b.c': 'int ad_a(void); int ad_b(void) { return ad_a(); }'},
     'these files need each other: api/a.c, api/b.c'),
    ('a cycle of three through a table',
     {'engine/a.c': 'int ad_b(void); int ad_a(void) { return ad_b(); }',
      'engine/b.c': 'extern int (*const ad_table)(void); int ad_b(void) { return ad_table(); }',
      'engine/c.c': 'int ad_a(void); int (*const ad_table)(void) = ad_a;'},
     'these files need each other: engine/a.c, engine/b.c, engine/c.c'),
    ('a header of the layer above',
     {'protocol/answer.h': '', 'transport/curl/curl.h': '#include "protocol/answer.h"\n'},
     'transport/curl/curl.h includes protocol/answer.h'),
    ('libcurl outside its folder', {'protocol/answer.c': '#include <curl/curl.h>\nint ad_answer(void) { return 1; }'},
     'protocol/answer.c includes <curl/curl.h>'),
    ('jansson in a transport', {'transport/curl/json.h': '#include <jansson.h>\n'},
     'transport/curl/json.h includes <jansson.h>'),
    ('the mock goes behind the public interface',
     {'testing/mock/mock.c': 'int ad_call(void); int mock_run(void) { return ad_call(); }'},
     'testing/mock/mock.c uses engine/call.c'),
]


def judge(files, compiler, folder):
    """The exit status and the output of the check for a tree of these files."""
    archive = folder / 'all.a'
    objects = folder / 'objects' / 'lib' / 'all.p'
    objects.mkdir(parents=True)
    for name, text in files.items():
        path = folder / 'lib' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + '\n', encoding='utf-8')
        if path.suffix == '.c':
            made = objects / (name.replace('/', '_') + '.o')
            subprocess.run([*compiler, '-w', '-c', str(path), '-o', str(made)], check=True)
    subprocess.run(['ar', 'crsT', str(archive), *map(str, sorted(objects.glob('*.o')))], check=True, cwd=folder)
    done = subprocess.run([sys.executable, '-B', str(CHECK), str(folder), str(archive)], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    compiler = [argument for argument in sys.argv[1:] if not argument.startswith('-flto')]
    failed = 0
    for what, change, words in CASES:
        with tempfile.TemporaryDirectory() as folder:
            status, said = judge({**GOOD, **change}, compiler, pathlib.Path(folder))
        good = words in said and status == (1 if change else 0)
        failed += not good
        print(f'{"ok" if good else "not ok"} {what}' + ('' if good else f': {status} {said}'))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
