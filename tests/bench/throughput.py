# SPDX-License-Identifier: MIT
"""Jobs per second and CPU per job: this library compared with a hand-written libcurl multi loop, the published Node.js
loop run concurrently, and the published curl script, with the same server in the same rounds.

In a round, every program runs once, one after the other; a ratio is computed within its round, and the figure is the
median of the rounds.  CPU is user and system time of the process and its children.  All wait WAIT_MS before a poll.

With BENCH_BEFORE=DIR, an earlier version of the library, built in DIR, runs in the same rounds.
"""
import json
import os
import pathlib
import shutil

import throughput_kit as kit

WAIT_MS = 10
SMALL = 2000
LARGE = 300000


def rivals():
    """The name of each program, its command, and its share of the jobs."""
    rows = [('library', [kit.program('throughput_run')], []),
            ('library, digest given', [kit.program('throughput_run')], ['digest']),
            ('multi loop', [kit.program('rival_multi')], [])]
    if os.environ.get('BENCH_BEFORE'):
        before = str(pathlib.Path(os.environ['BENCH_BEFORE']) / 'tests' / 'bench' / 'throughput_run')
        rows += [('before', [before], []), ('before, digest given', [before], ['digest'])]
    if shutil.which('node'):
        rows.append(('node loop', ['node', str(kit.BENCH / 'rivals' / 'loop.mjs')], []))
    if shutil.which('jq') and shutil.which('curl'):
        rows.append(('curl script', [str(kit.BENCH / 'rivals' / 'script.sh')], []))
    return rows


def jobs_of(name, scene):
    if name == 'curl script':
        return 5 if scene['quick'] else 20
    return max(scene['jobs'] // 4, 64) if name == 'node loop' else scene['jobs']


def one_run(scene, name, command, more, url):
    in_flight = {'node loop': 64, 'curl script': 1}.get(name, scene['in_flight'])
    figures = kit.run([*command, url, kit.KEY, str(jobs_of(name, scene)), str(in_flight), str(scene['bytes']),
                       str(WAIT_MS), *more])
    return {'cpu_us': figures['cpu_s'] / figures['jobs'] * 1e6, 'rate': figures['jobs'] / figures['wall_s'],
            'peak_rss_kib': figures['peak_rss_kib']}


def measure(scene):
    """Runs all rounds of one scenario; the runs of each program, in the order of the rounds."""
    wanted = [row for row in rivals() if row[0] in scene['who']]
    runs = {name: [] for name, _, _ in wanted}
    nginx = kit.Nginx() if scene['server'] == 'nginx' else None
    for _ in range(scene['rounds']):
        for name, command, more in wanted:
            server = nginx or kit.emulator('--processing', 'fixed:0')
            runs[name].append(one_run(scene, name, command, more, server.url))
            if not nginx:
                server.stop()
    if nginx:
        nginx.stop()
    return runs


def ratios(runs, name, other, field):
    if name not in runs or other not in runs:
        return None
    return [mine[field] / theirs[field] for mine, theirs in zip(runs[name], runs[other])]


def summary(scene, runs):
    rows = []
    for name, own in runs.items():
        peaks = [run['peak_rss_kib'] for run in own if run['peak_rss_kib']]
        row = {'program': name, 'jobs': jobs_of(name, scene),
               'jobs_per_s': kit.median([run['rate'] for run in own]),
               'cpu_us_per_job': kit.median([run['cpu_us'] for run in own]),
               'cpu_spread': kit.spread([run['cpu_us'] for run in own]),
               'peak_rss_mib': max(peaks) / 1024 if peaks else None}
        for other, word in (('multi loop', 'multi'), ('node loop', 'node')):
            cpu = ratios(runs, name, other, 'cpu_us')
            rate = ratios(runs, name, other, 'rate')
            row[f'cpu_to_{word}'] = kit.median(cpu) if cpu else None
            row[f'rate_to_{word}'] = kit.median(rate) if rate else None
        rows.append(row)
    return {key: scene[key] for key in ('server', 'bytes', 'in_flight', 'rounds')} | {'rows': rows}


def show(result):
    def cell(value, form):
        return '-' if value is None else format(value, form)

    print(f"{result['server']}, images of {result['bytes']} bytes, {result['in_flight']} in flight, 64 connections, "
          f"poll wait {WAIT_MS} ms, {result['rounds']} rounds")
    kit.table(['program', 'jobs', 'jobs/s', 'CPU us/job', 'spread', 'RSS MiB', 'CPU/multi', 'rate/multi', 'CPU/node',
               'rate/node'],
              [[row['program'], row['jobs'], cell(row['jobs_per_s'], '.0f'), cell(row['cpu_us_per_job'], '.0f'),
                cell(row['cpu_spread'], '.0%'), cell(row['peak_rss_mib'], '.1f'), cell(row['cpu_to_multi'], '.2f'),
                cell(row['rate_to_multi'], '.2f'), cell(row['cpu_to_node'], '.3f'), cell(row['rate_to_node'], '.2f')]
               for row in result['rows']])


def scenes(quick):
    close = ('library', 'library, digest given', 'multi loop', 'before', 'before, digest given')
    every = (*close, 'node loop', 'curl script')
    jobs = 2000 if quick else 10000
    rounds = 3 if quick else 7
    table = [('nginx', SMALL, 64, jobs, every), ('nginx', LARGE, 64, jobs // 4, every),
             ('nginx', SMALL, 1024, jobs, close), ('nginx', SMALL, 10000, max(jobs, 10000), close),
             ('emulator', SMALL, 64, jobs // 2, every), ('emulator', LARGE, 64, jobs // 10, every)]
    if not quick:
        table += [('emulator', SMALL, 1024, jobs // 2, close), ('emulator', SMALL, 10000, jobs, close)]
    return [{'server': server, 'bytes': size, 'in_flight': flight, 'jobs': count, 'who': who, 'quick': quick,
             'rounds': rounds} for server, size, flight, count, who in table]


def main():
    options = kit.options(__doc__)
    results = []
    for scene in scenes(options.quick):
        results.append(summary(scene, measure(scene)))
        if not options.json:
            show(results[-1])
    if options.json:
        print(json.dumps({'poll_wait_ms': WAIT_MS, 'scenes': results}))


if __name__ == '__main__':
    main()
