# SPDX-License-Identifier: MIT
"""Instructions per job under callgrind: a reproducible number, independent of the load of the machine.

Runs the throughput program twice, with few and with more jobs, against nginx with fixed responses; the difference
excludes the cost of startup and exit.  Instructions are summed by the object file that contains them, so "own" is this
library's code without libcurl, jansson, libsodium and libc, and compared with the baseline that --record writes.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import throughput_kit as kit

BASELINE = kit.BENCH / 'callgrind-baseline.json'
FEW, MORE = 200, 1200
LINE = re.compile(r'\s*([\d,]+) \(.*\[(.*)\]$')


def counts(program, url, jobs):
    """The number of instructions of each object file."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / 'out'
        subprocess.run(['valgrind', '--quiet', '--tool=callgrind', f'--callgrind-out-file={out}', kit.program(program),
                        url, kit.KEY, str(jobs), '64', '2000', '10'], check=True, stdout=subprocess.DEVNULL)
        text = subprocess.run(['callgrind_annotate', '--threshold=100', '--auto=no', str(out)], check=True,
                              capture_output=True, text=True).stdout
    found = collections.Counter()
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            name = match.group(2).rsplit('/', 1)[-1].split('.so')[0]
            found['own' if name == 'libanimaldetect' else name] += int(match.group(1).replace(',', ''))
    return found


def per_job(program, url):
    few, more = counts(program, url, FEW), counts(program, url, MORE)
    return {name: (more[name] - few[name]) / (MORE - FEW) for name in more}


def measure():
    server = kit.Nginx()
    own, rival = per_job('throughput_run', server.url), per_job('rival_multi', server.url)
    server.stop()
    return {'own': own['own'], 'all': sum(own.values()), 'multi_loop': sum(rival.values()),
            'parts': {name: value for name, value in sorted(own.items(), key=lambda item: -item[1]) if value >= 1000}}


def main():
    options = kit.options(__doc__, lambda parser: parser.add_argument(
        '--record', action='store_true', help='write the figures as the new baseline'))
    figures = measure()
    if options.record:
        BASELINE.write_text(json.dumps({name: round(figures[name]) for name in ('own', 'all')}, indent=1) + '\n',
                            encoding='utf-8')
    baseline = json.loads(BASELINE.read_text(encoding='utf-8'))
    figures['own_to_baseline'] = figures['own'] / baseline['own']
    figures['all_to_baseline'] = figures['all'] / baseline['all']
    figures['all_to_multi'] = figures['all'] / figures['multi_loop']
    if options.json:
        print(json.dumps(figures))
        return
    print('Instructions per job (create, upload of 2,000 bytes, submit, one poll, result)')
    kit.table(['', 'instructions', '/ baseline', '/ multi loop'],
              [['own code', f"{figures['own']:.0f}", f"{figures['own_to_baseline']:.3f}", '-'],
               ['with libraries', f"{figures['all']:.0f}", f"{figures['all_to_baseline']:.3f}",
                f"{figures['all_to_multi']:.2f}"],
               ['multi loop', f"{figures['multi_loop']:.0f}", '-', '1.00']])
    kit.table(['part', 'instructions'], [[name, f'{value:.0f}'] for name, value in figures['parts'].items()])


if __name__ == '__main__':
    sys.exit(main())
