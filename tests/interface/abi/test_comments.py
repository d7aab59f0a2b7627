# SPDX-License-Identifier: MIT
"""Tests check_comments.py and comments.py: a complete comment passes, each fault is rejected with its own message, and
a short comment is completed as expected.

Promises: a checker that accepts everything fails here, and so does a default that is missing in the reference. It must
never read the real headers.
"""
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import unittest.mock

import check_comments  # adds lib/abi to the path
import checks
import comments
import header

HERE = pathlib.Path(__file__).resolve().parent
WHOLE = (HERE / 'gate' / 'animaldetect_toy.h').read_text()
PURPOSE = " * Sets a toy's number.\n"
NUMBER = ' * @param number  any number\n'
RETURN = ' * @return  ANIMALDETECT_TOY_OK\n'
SET = ' */\nANIMALDETECT_API int32_t animaldetect_toy_set'
FREE = '/** Frees a toy. */'

# what, text, its replacement, part of the message ("" when it must pass)
CASES = [
    ('a whole comment', '', '', ''),
    ('no purpose', PURPOSE, '', 'purpose'),
    ('a purpose of one word', PURPOSE, ' * Sets.\n', 'purpose'),
    ('a parameter that is not described', NUMBER, '', '@param toy; the parameters are toy, number'),
    ('a parameter under another name', NUMBER, NUMBER.replace('number  ', 'count  '), '@param toy, count'),
    ('a description of a parameter that is not there', NUMBER, NUMBER + ' * @param more  what\n', 'toy, number, more'),
    ('a handle that is described in its own words', NUMBER, ' * @param toy  a new toy\n' + NUMBER, ''),
    ('a handle that is described as every other one', NUMBER, ' * @param toy  the toy\n' + NUMBER,
     '@param repeats the default'),
    ('a freed handle that is described as every other one', FREE,
     '/**\n * Frees a toy.\n *\n * @param toy  the toy, or NULL\n */', '@param repeats the default'),
    ('parameters out of order', NUMBER, NUMBER + ' * @param toy  a new toy\n', 'number, toy'),
    ('a parameter without words', NUMBER, ' * @param number\n', '@param number says nothing'),
    ('a status that is the default', RETURN, '', ''),
    ('no return of what is no status', RETURN + SET, SET.replace('int32_t', 'int64_t'), '0 times @return'),
    ('a return of a void function', FREE, '/**\n * Frees a toy.\n *\n * @return  0\n */',
     '1 times @return instead of 0'),
    ('a return without words', RETURN, ' * @return\n', '@return  says nothing'),
    ('a return with one more status', RETURN, ' * @return  also ANIMALDETECT_E_FILE\n', ''),
    ('a return with one more status of what has none', RETURN + SET,
     ' * @return  also ANIMALDETECT_E_FILE\n' + SET.replace('int32_t', 'int64_t'), 'no default statuses to add to'),
    ('a return that explains a default status', RETURN,
     ' * @return  also ANIMALDETECT_E_INVALID_ARGUMENT for an odd number\n', ''),
    ('a return that repeats a default status', RETURN,
     ' * @return  also ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_FILE\n',
     '@return repeats the default ANIMALDETECT_E_INVALID_ARGUMENT'),
    ('a return that repeats all default statuses', RETURN,
     ' * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT\n', '@return repeats the default'),
    ('a return that repeats them among others', RETURN,
     ' * @return  ANIMALDETECT_OK, ANIMALDETECT_E_FILE, ANIMALDETECT_E_INVALID_ARGUMENT\n', 'begin with "also"'),
    ('threads that differ', SET, ' * @threads one\n' + SET, ''),
    ('threads that are the default', SET, ' * @threads any\n' + SET, '@threads repeats the default'),
    ('blocks that is the default', SET, ' * @blocks  no\n' + SET, '@blocks repeats the default'),
    ('blocks without words', SET, ' * @blocks\n' + SET, '@blocks  says nothing'),
    ('a text without its lifetime', 'static text, always valid', 'static text', 'does not say how long it is valid'),
    ('since that differs', SET, ' * @since   0.3.0\n' + SET, ''),
    ('since that is the default', SET, ' * @since   0.2.0\n' + SET, '@since repeats the default'),
    ('a since that is no version', SET, ' * @since   soon\n' + SET, '@since is not a version'),
    ('threads twice', SET, ' * @threads one\n * @threads two\n' + SET, '2 times @threads'),
    ('a misspelt tag', SET, ' * @block  yes\n' + SET, '@block is not a tag'),
    ('a tag within a line', FREE, '/** Frees a toy. @threads one: */', 'a tag that does not begin its line'),
    ('no comment', '/**' + '\n' + PURPOSE, '/*' + '\n' + PURPOSE, 'no comment'),
]

BASE = 'ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT'
HANDLE = 'ANIMALDETECT_E_REENTRANT, ANIMALDETECT_E_FORKED'
JOB = HANDLE + ', ANIMALDETECT_E_CLIENT_FREED'
STEP = ('ANIMALDETECT_E_STATE (step out of order, input missing), ANIMALDETECT_E_BUSY, ANIMALDETECT_E_CANCELED '
        '(client stopped), ANIMALDETECT_E_QUEUE_FULL, ANIMALDETECT_E_NO_API_KEY, ANIMALDETECT_E_NO_MEMORY, '
        'ANIMALDETECT_E_SYSTEM')
COMPLETED = 'or any other status with which the call completed, see `animaldetect_job_message`'

# what, a declaration, its full comment
IN_FULL = [
    ('a setter with one more status', """/**
 * Sets it.
 *
 * @param path  where
 * @return  also ANIMALDETECT_E_FILE when
 *          it is not there
 * @blocks  on the file
 */
ANIMALDETECT_API int32_t animaldetect_client_set_ca_file(animaldetect_client *client, const char *path);
""", f"""/**
 * Sets it.
 *
 * @param client  the client
 * @param path  where
 * @return {BASE}, {HANDLE}, ANIMALDETECT_E_FILE when
 *          it is not there
 * @threads any
 * @blocks on the file
 * @since 0.2.0
 */
"""),
    ('a status that is explained', """/**
 * Keeps it.
 *
 * @param user  it
 * @return  also ANIMALDETECT_E_STATE before noon
 * @since   0.3.0
 */
ANIMALDETECT_API int32_t animaldetect_job_set_user_data(animaldetect_job *job, void *user);
""", f"""/**
 * Keeps it.
 *
 * @param job  the job
 * @param user  it
 * @return {BASE}, ANIMALDETECT_E_NO_MEMORY, {JOB}, ANIMALDETECT_E_STATE before noon
 * @threads any
 * @blocks no
 * @since 0.3.0
 */
"""),
    ('the blocking form of a step', """/** Runs it. */
ANIMALDETECT_API int32_t animaldetect_job_run(animaldetect_job *job);
""", f"""/**
 * Runs it.
 *
 * @param job  the job
 * @return {BASE}, {STEP}, {JOB}, {COMPLETED}
 * @threads any; other threads may use the client meanwhile
 * @blocks until the call has completed
 * @since 0.2.0
 */
"""),
    ('the other form of a step', """/** Starts it. */
ANIMALDETECT_API int32_t animaldetect_job_run_async(animaldetect_job *job);
""", f"""/**
 * Starts it.
 * Returns at once. The completion is handed out once, by `animaldetect_client_next_done` or
 * `animaldetect_job_wait`, whichever is called first.
 *
 * @param job  the job
 * @return {BASE}, {STEP}, {JOB}. Nothing was started unless ANIMALDETECT_OK.
 * @threads any
 * @blocks no
 * @since 0.2.0
 */
"""),
    ('a number of a result', """/**
 * Reads it.
 *
 * @param out  it
 */
ANIMALDETECT_API int32_t animaldetect_result_threshold(const animaldetect_result *result, double *out);
""", f"""/**
 * Reads it.
 *
 * @param result  the result
 * @param out  it
 * @return {BASE}, ANIMALDETECT_ABSENT
 * @threads any
 * @blocks no
 * @since 0.2.0
 */
"""),
    ('a text that is lent in its own words', """/**
 * Reads it.
 *
 * @return  borrowed; "" for none
 */
ANIMALDETECT_API const char *animaldetect_result_text(const animaldetect_result *result);
""", f"""/**
 * Reads it.
 *
 * @param result  the result
 * @return borrowed, valid until it is freed; "" for none
 * @threads any
 * @blocks no
 * @since 0.2.0
 */
"""),
    ('a text of a job', """/** Reads it. */
ANIMALDETECT_API const char *animaldetect_job_id(const animaldetect_job *job);
""", f"""/**
 * Reads it.
 *
 * @param job  the job
 * @return borrowed, valid until a call of this job completes, a setter or a rerun of this job is called or it is freed; NULL when not known
 * @threads any
 * @blocks no
 * @since 0.2.0
 */
"""),
    ('a function without a return value', FREE + """
ANIMALDETECT_API void animaldetect_toy_free(animaldetect_toy *toy);
""", f"""/**
 * Frees a toy.
 *
 * @param toy  the toy, or NULL
 * @threads any
 * @blocks no
 * @since 0.2.0
 */
"""),
    ('a function without a comment', 'ANIMALDETECT_API void animaldetect_toy_free(animaldetect_toy *toy);\n', ''),
]


@contextlib.contextmanager
def headers(texts):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (pathlib.Path(folder) / name).write_text(text)
        yield folder


def judge(texts):
    with headers(texts) as folder:
        done = subprocess.run([sys.executable, '-B', str(HERE / 'check_comments.py'), folder],
                              capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def faults_of(old, new, word):
    # Only the last function has every kind of tag; a plain replace would also change the others.
    head, mark, tail = WHOLE.rpartition(old) if old else ('', '', WHOLE)
    if old and not mark:
        return [f'the toy has no "{old}"']
    code, said = judge({'toy.h': head + new + tail})
    if word:
        return [] if code == 1 and word in said else [f'must be refused with "{word}"', said]
    return [] if code == 0 else [said]


def faults_of_filter(declaration, comment):
    """The input of doxygen: everything but the comments is unchanged."""
    around = '#define ANIMALDETECT_API\n/** A type. */\ntypedef struct animaldetect_toy animaldetect_toy;\n\n'
    with headers({'toy.h': around + declaration + '\nint end;\n'}) as folder:
        done = subprocess.run([sys.executable, '-B', str(HERE.parents[2] / 'lib' / 'abi' / 'comments.py'), f'{folder}/toy.h'],
                              capture_output=True, text=True)
    wanted = around + comment + declaration[declaration.index('ANIMALDETECT_API'):] + '\nint end;\n'
    return [] if done.stdout == wanted else [f'must be:\n{wanted}', f'is:\n{done.stdout}{done.stderr}']


def file_comments(left_out=None):
    """Headers whose file comments lack one of the defaults."""
    texts = {'toy.h': WHOLE}
    for name, words in comments.STATED:
        texts.setdefault(name, '/** @file\n * A header.\n')
        texts[name] += f' * {words}\n' if (name, words) != left_out else ''
    return {name: text + ('' if name == 'toy.h' else ' */\n') for name, text in texts.items()}


def faults_without_default(tag):
    with headers({'toy.h': WHOLE}) as folder, unittest.mock.patch.dict(comments.EVERY):
        del comments.EVERY[tag]
        found = [fault for function in header.functions([folder]).values()
                 for fault in check_comments.faults_of(function)]
    return [] if f'0 times @{tag} instead of 1' in found else ['it passes']


def main():
    run = checks.Checks()
    for name, old, new, word in CASES:
        run.check(f'{name}: {"refused" if word else "passes"}', faults_of(old, new, word))
    for tag in comments.EVERY:
        run.check(f'no {tag}, and no default for it: refused', faults_without_default(tag))
    for name, declaration, comment in IN_FULL:
        run.check(f'{name}: shown in full', faults_of_filter(declaration, comment))
    code, said = judge(file_comments())
    run.check('headers that state every default pass', [] if code == 0 else [said])
    for name, words in comments.STATED:
        code, said = judge(file_comments((name, words)))
        run.check(f'{name} that does not state "{words[:40]}" is refused',
                  [] if code == 1 and f'{name}: its file comment does not say "{words}"' in said else [said])
    lost = file_comments()
    del lost['job.h']
    code, said = judge(lost)
    run.check('a header of the defaults that is not there is refused',
              [] if code == 1 and 'job.h: its' in said else [said])
    code, said = judge({'toy.h': 'int x;\n'})
    run.check('headers without a function are refused', [] if code == 1 and 'none was found' in said else [said])
    code, said = judge({'toy.h': '#define ANIMALDETECT_API\n/** Does it. */\n'
                                 'ANIMALDETECT_API int32_t f(int32_t (*g)(void));\n'})
    run.check('a declaration that cannot be read is an error', [] if code == 1 and 'cannot read' in said else [said])
    return run.finish()


if __name__ == '__main__':
    sys.exit(main())
