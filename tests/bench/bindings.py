# SPDX-License-Identifier: MIT
"""CPU per job and resident memory of the five packages in examples/ compared with the epoll loop in C: the same jobs,
each program in the usual style of its language (tests/bench/bindings/).

Every program runs once per round; a ratio is computed within its round. CPU is user and system time of the process,
minus that of a run without jobs, which starts the interpreter. Images of 2 kB, 64 jobs in flight, 5 ms of processing in
the emulator. The programs report their memory at 5,000 jobs and at exit. Languages that are not installed are skipped.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import throughput_kit as kit

sys.path.insert(0, str(kit.BENCH.parent / 'interface' / 'bindings'))

import bindings_kit  # noqa: E402

WINDOW = 64
SOURCES = kit.BENCH / 'bindings'
EXAMPLES = bindings_kit.ROOT / 'examples'
WORK = kit.build() / 'bindings'
LIBRARY = kit.build() / 'lib' / 'libanimaldetect.so'
MOCK = kit.build() / 'lib' / 'testing' / 'mock' / 'libanimaldetect-mock.so'
HEADERS = [bindings_kit.ROOT / 'include', kit.build() / 'include']
NODE_HEADERS = (pathlib.Path('/usr/include/node'), pathlib.Path(shutil.which('node') or '/').resolve().parents[1] / 'include' / 'node'
                if shutil.which('node') else pathlib.Path('/none'))
GOALS = {'C++': 1.3, 'Rust': 1.3, 'Node.js': 1.4, 'Python asyncio': 1.8, 'Go': 1.8}


def make(command, **more):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f'bench: {command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}')


def cpp():
    program = WORK / 'loop_cpp'
    make([os.environ.get('CXX', 'c++'), '-std=c++17', '-O2', SOURCES / 'loop.cpp', f'-I{EXAMPLES / "cpp" / "include"}',
          *(f'-I{folder}' for folder in HEADERS), LIBRARY, f'-Wl,-rpath,{LIBRARY.parent}', '-o', program])
    return [program]


def rust():
    crate = WORK / 'rust'
    (crate / 'src').mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCES / 'loop.rs', crate / 'src' / 'main.rs')
    (crate / 'Cargo.toml').write_text('[package]\nname = "bench_loop"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n'
                                      f'animaldetect = {{ path = "{EXAMPLES / "rust" / "animaldetect"}" }}\n', encoding='utf-8')
    (crate / 'Cargo.lock').unlink(missing_ok=True)
    make(['cargo', 'build', '--release', '--offline'], cwd=crate,
         env={**os.environ, 'ANIMALDETECT_LIB_DIR': str(LIBRARY.parent), 'CARGO_TARGET_DIR': str(crate / 'target')})
    return [crate / 'target' / 'release' / 'bench_loop']


def go():
    module = WORK / 'go'
    module.mkdir(exist_ok=True)
    path = 'animaldetect.com/go/animaldetect'
    shutil.copy(SOURCES / 'loop.go', module / 'main.go')
    (module / 'go.mod').write_text(f'module bench\n\ngo 1.19\n\nrequire {path} v0.0.0\n\nreplace {path} => {EXAMPLES / "go"}\n',
                                   encoding='utf-8')
    bindings_kit.write_pkg_config(WORK / 'pkgconfig', HEADERS, LIBRARY, MOCK)
    make(['go', 'build', '-o', 'loop', '.'], cwd=module,
         env={**os.environ, 'GOFLAGS': '-mod=mod', 'GOENV': 'off', 'GOPROXY': 'off', 'GOSUMDB': 'off', 'GOTOOLCHAIN': 'local',
              'GO111MODULE': 'on', 'GOWORK': 'off', 'CGO_ENABLED': '1', 'GOCACHE': str(WORK / 'gocache'),
              'GOPATH': str(WORK / 'gopath'), 'PKG_CONFIG_PATH': str(WORK / 'pkgconfig')})
    return [module / 'loop']


def node():
    headers = next((folder for folder in NODE_HEADERS if (folder / 'node_api.h').exists()), None)
    if headers is None:
        return None
    make([os.environ.get('CC', 'cc'), '-std=gnu11', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-isystem', headers,
          *(f'-I{folder}' for folder in HEADERS), *sorted((EXAMPLES / 'node' / 'src').glob('*.c')), LIBRARY,
          f'-Wl,-rpath,{LIBRARY.parent}', '-o', WORK / 'animaldetect.node'])
    return ['node', SOURCES / 'loop.mjs']


def programs():
    """The name and the command of each program; all get the same environment."""
    WORK.mkdir(parents=True, exist_ok=True)
    made = {'C': [kit.program('bindings_loop')]}
    for name, tool, build in (('C++', os.environ.get('CXX', 'c++'), cpp), ('Rust', 'cargo', rust), ('Node.js', 'node', node),
                              ('Python asyncio', 'python3', lambda: [sys.executable, SOURCES / 'loop.py']), ('Go', 'go', go)):
        command = build() if shutil.which(tool) else None
        if command is None:
            print(f'# {name} is left out: {tool} or its headers are not installed', file=sys.stderr)
        else:
            made[name] = command
    return made


def one_run(command, jobs, start_s=0.0):
    """Runs a program once, with distinct images and a new emulator."""
    server = kit.emulator('--processing', 'fixed:5')
    os.environ.update(server.environment(), LD_LIBRARY_PATH=str(LIBRARY.parent), ANIMALDETECT_LIBRARY=str(LIBRARY),
                      PYTHONPATH=str(EXAMPLES / 'python'), BENCH_PACKAGE=str(EXAMPLES / 'node'),
                      ANIMALDETECT_ADDON=str(WORK / 'animaldetect.node'))
    figures = kit.run([*map(str, command), str(jobs), str(WINDOW)])
    server.stop()
    if figures['jobs'] != jobs or figures['found'] < jobs:
        sys.exit(f'bench: {command[0]} did not read the results: {figures}')
    return {'cpu_s': figures['cpu_s'], 'cpu_us': (figures['cpu_s'] - start_s) / max(jobs, 1) * 1e6, 'early_mib': figures['early_kib'] / 1024, 'mib': figures['rss_kib'] / 1024}


def row(name, runs):
    ratios = [mine['cpu_us'] / c['cpu_us'] for mine, c in zip(runs[name], runs['C'])]
    return {'program': name, 'cpu_us_per_job': kit.median([run['cpu_us'] for run in runs[name]]),
            'cpu_to_c': kit.median(ratios), 'least': min(ratios), 'most': max(ratios), 'goal': GOALS.get(name),
            'rss_mib_5000': runs[name][-1]['early_mib'], 'rss_mib_end': runs[name][-1]['mib']}


def main():
    options = kit.options(__doc__)
    jobs, rounds = (6000, 1) if options.quick else (20000, 3)
    commands = programs()
    starts = {name: kit.median([one_run(command, 0)['cpu_s'] for _ in range(3)]) for name, command in commands.items()}
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(one_run(command, jobs, starts[name]))
    rows = [{**row(name, runs), 'start_ms': starts[name] * 1000} for name in commands]
    if options.json:
        print(json.dumps({'jobs': jobs, 'rounds': rounds, 'rows': rows}))
        return
    print(f'{WINDOW} jobs in flight, images of 2048 bytes, {rounds} rounds of {jobs} jobs')
    kit.table(['program', 'CPU us/job', 'to C', 'least', 'most', 'goal', 'start ms', 'RSS MiB at 5000', f'at {jobs}'],
              [[one['program'], f"{one['cpu_us_per_job']:.0f}", f"{one['cpu_to_c']:.2f}", f"{one['least']:.2f}",
                f"{one['most']:.2f}", one['goal'] or '-', f"{one['start_ms']:.0f}", f"{one['rss_mib_5000']:.1f}", f"{one['rss_mib_end']:.1f}"]
               for one in rows])


if __name__ == '__main__':
    main()
