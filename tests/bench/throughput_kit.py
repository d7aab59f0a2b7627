# SPDX-License-Identifier: MIT
"""Shared by the benchmarks: servers on loopback, running and timing programs, tables, the command line.

Nothing here checks a time.  A program whose jobs fail aborts the benchmark, because its figures would be meaningless.
"""
import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import emulator as kit_emulator  # noqa: E402

BENCH = pathlib.Path(__file__).resolve().parent
KEY = 'sk_test_bench_0123456789'
JOB = '5fd3825f-46a3-4892-8600-44a319e2d18f'


def build():
    """The root of the build directory, which bench.sh passes."""
    return pathlib.Path(os.environ['BENCH_BUILD'])


def program(name):
    return str(build() / 'tests' / 'bench' / name)


def options(words, more=lambda parser: None):
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument('--json', action='store_true', help='one object instead of tables')
    parser.add_argument('--quick', action='store_true', help='fewer and shorter runs')
    more(parser)
    return parser.parse_args()


def median(values):
    return statistics.median(values)


def spread(values):
    """The range of the runs as a fraction of their median: a measure of the noise."""
    return (max(values) - min(values)) / median(values) if median(values) else 0.0


class Nginx:
    """nginx with one process and fixed responses to the five requests of a job."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='animaldetect-bench-')
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}/v1'
        path = os.path.join(self.folder, 'nginx.conf')
        pathlib.Path(path).write_text(self.config(), encoding='utf-8')
        for name in ('body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'):
            os.mkdir(os.path.join(self.folder, name))
        nginx = shutil.which('nginx') or '/usr/sbin/nginx'
        command = [nginx, '-p', self.folder, '-c', path, '-e', 'stderr']
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.wait()

    def config(self):
        job = f'{self.url}/jobs/{JOB}'
        known = {'job_id': JOB, 'operation': 'detect', 'submit_url': f'{job}/submit', 'status_url': job,
                 'result_url': f'{job}/result', 'expires_at': '2099-07-17T13:00:00.000Z'}
        upload = {'method': 'PUT', 'url': f'http://127.0.0.1:{self.port}/storage/{JOB}?X-Signature=0123456789abcdef',
                  'headers': {'Content-Type': 'image/jpeg'}, 'expires_at': '2099-06-17T13:15:00.000Z'}
        taxonomy = {'id': '3184697f-51ad-4608-9a28-9edb5500159c', 'class': 'mammalia', 'order': 'carnivora',
                    'family': 'canidae', 'genus': 'vulpes', 'species': 'vulpes'}
        seen = [{'id': i, 'bbox': [0.41, 0.82, 0.20, 0.17], 'score': 0.997, 'label': 'red fox', 'taxonomy': taxonomy,
                 'top_candidates': [{'label': 'red fox', 'score': 0.18, 'taxonomy': taxonomy}]} for i in range(2)]
        result = {'id': JOB, 'expires_at': '2099-03-12T09:44:20.954Z', 'annotations': seen,
                  'info': {'processing_time_ms': 919, 'model_version': 'mdv1000-speciesnet',
                           'country_processed': 'USA', 'threshold_applied': 0.2}}
        answers = [('/v1/jobs', 201, {**known, 'status': 'awaiting_upload', 'upload': upload}),
                   (f'/v1/jobs/{JOB}/submit', 202, {**known, 'status': 'queued'}),
                   (f'/v1/jobs/{JOB}', 200, {**known, 'status': 'succeeded'}),
                   (f'/v1/jobs/{JOB}/result', 200, result)]
        places = [f"location = {path} {{ return {status} '{json.dumps(answer)}'; }}"
                  for path, status, answer in answers]
        places.append("location /storage/ { return 200; }")
        return '\n'.join([
            'daemon off; master_process off; worker_rlimit_nofile 16384; pid nginx.pid; error_log stderr crit;',
            'events { worker_connections 12000; }',
            'http { access_log off; keepalive_timeout 300s; keepalive_requests 1000000000; tcp_nodelay on;',
            'client_max_body_size 20m; default_type application/json;',
            'client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;',
            'uwsgi_temp_path uwsgi; scgi_temp_path scgi;',
            f'server {{ listen 127.0.0.1:{self.port} backlog=4096;', *places, '} }', ''])

    def wait(self):
        for _ in range(1000):
            if self.process.poll() is not None:
                sys.exit('bench: nginx did not start')
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', self.port)) == 0:
                    return
            time.sleep(0.01)
        sys.exit('bench: nginx does not listen')

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def emulator(*options):
    """The emulator; it remembers every job, so each run gets a new one."""
    program = build() / 'lib' / 'testing' / 'emulator' / 'animaldetect-emulator'
    return kit_emulator.Emulator(program, *options, key=KEY)


def run(command):
    """Runs a program until it exits; returns the figures that it printed, with its CPU seconds and its children's."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f'bench: {os.path.basename(command[0])} ended with {process.returncode}: {text.strip()[:300]}')
    figures = json.loads(text)
    figures['cpu_s'] = usage.ru_utime + usage.ru_stime
    return figures


def table(head, rows):
    """Prints a table; all columns but the first are right-aligned."""
    cells = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        print('  '.join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))))
    print()
