# SPDX-License-Identifier: MIT
"""The cost of a waiting job: bytes beyond an idle client, descriptors, and the CPU of a poll while many others wait.

The emulator never finishes a job here.  Memory is measured with polls so far apart that none is sent; the cost of a
poll with intervals proportional to the number of jobs, so that the number of polls per second is constant.
"""
import json

import throughput_kit as kit

SERVICE = ('--processing', 'fixed:86400000')


def run(*arguments):
    emulator = kit.emulator(*SERVICE)
    figures = kit.run([kit.program('waiting_run'), arguments[0], emulator.url, kit.KEY, *map(str, arguments[1:])])
    emulator.stop()
    return figures


def measure_memory(count, rounds):
    """The run with the median startup CPU: memory is the same in every run, the CPU of the startup is not."""
    runs = sorted((run('memory', count) for _ in range(rounds)), key=lambda figures: figures['start_cpu_us_per_job'])
    return runs[len(runs) // 2]


def measure_cost(counts, rounds, seconds):
    """Measures the numbers of jobs in turn, so that noise affects all of them alike."""
    runs = {count: [] for count in counts}
    for _ in range(rounds):
        for count in counts:
            runs[count].append(run('cost', count, seconds))
    first = runs[counts[0]]
    rows = []
    for count, own in runs.items():
        values = [figures['cpu_us_per_poll'] for figures in own]
        rows.append({'jobs': count, 'cpu_us_per_poll': kit.median(values), 'spread': kit.spread(values),
                     'polls_per_s': kit.median([figures['polls_per_s'] for figures in own]),
                     'ratio_to_first': kit.median([mine['cpu_us_per_poll'] / theirs['cpu_us_per_poll']
                                                   for mine, theirs in zip(own, first)])})
    return rows


def main():
    options = kit.options(__doc__)
    counts = (100, 10000) if options.quick else (100, 10000, 100000)
    memory = [measure_memory(count, 1 if options.quick else 3) for count in counts]
    cost = measure_cost(counts, 2 if options.quick else 3, 3 if options.quick else 10)
    base = memory[0]['start_cpu_us_per_job']
    for figures in memory:
        figures['start_ratio_to_first'] = figures['start_cpu_us_per_job'] / base
    if options.json:
        print(json.dumps({'memory': memory, 'cost': cost}))
        return
    print('Memory of waiting jobs beyond an idle client; CPU until they wait (create, upload, submit)')
    kit.table(['jobs', 'heap B/job', 'RSS B/job', 'idle RSS MiB', 'descriptors', 'CPU us/job', '/ first'],
              [[row['jobs'], f"{row['heap_bytes_per_job']:.0f}", f"{row['rss_bytes_per_job']:.0f}",
                f"{row['idle_rss_kib'] / 1024:.1f}", row['descriptors'], f"{row['start_cpu_us_per_job']:.0f}",
                f"{row['start_ratio_to_first']:.2f}"] for row in memory])
    print('CPU of a poll while so many jobs wait, the same polls per second')
    kit.table(['jobs', 'polls/s', 'CPU us/poll', 'spread', '/ first'],
              [[row['jobs'], f"{row['polls_per_s']:.0f}", f"{row['cpu_us_per_poll']:.1f}", f"{row['spread']:.0%}",
                f"{row['ratio_to_first']:.2f}"] for row in cost])


if __name__ == '__main__':
    main()
