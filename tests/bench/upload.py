# SPDX-License-Identifier: MIT
"""Large files: memory per upload on the wire, by file size and number of uploads, and CPU per megabyte with and without
hashing, compared with a hand-written libcurl multi loop that sends the same bytes from memory without hashing.

In a round, the programs run one after the other; ratios are computed within a round, the figure is their median.
"""
import json

import throughput_kit as kit

MB = 1000000


def run(server, active, size, jobs, *more):
    return kit.run([kit.program('upload_run'), server.url, kit.KEY, str(active), str(size), str(jobs), *more])


def memory(server, quick):
    rows = []
    for size in (1 * MB, 5 * MB, 10 * MB):
        for active in (1, 16, 64):
            grown = [run(server, active, size, active * 2)['grown_kib'] for _ in range(1 if quick else 3)]
            rows.append({'bytes': size, 'active': active, 'grown_kib': kit.median(grown),
                         'kib_per_upload': kit.median(grown) / active})
    return rows


def rival(server, size, jobs):
    """The multi loop's CPU per megabyte; this includes its startup, so run enough jobs."""
    figures = kit.run([kit.program('rival_multi'), server.url, kit.KEY, str(jobs), '16', str(size), '10'])
    return figures['cpu_s'] * 1e3 / (size / MB * jobs)


def cpu(server, quick):
    size, jobs = 10 * MB, 20 if quick else 60
    runs = [(run(server, 16, size, jobs)['cpu_ms_per_mb'], run(server, 16, size, jobs, 'digest')['cpu_ms_per_mb'],
             rival(server, size, jobs)) for _ in range(3 if quick else 7)]
    return {'bytes': size, 'cpu_ms_per_mb': kit.median([row[0] for row in runs]),
            'cpu_ms_per_mb_digest_given': kit.median([row[1] for row in runs]),
            'cpu_ms_per_mb_multi_loop': kit.median([row[2] for row in runs]),
            'share_of_hashing': kit.median([1 - row[1] / row[0] for row in runs]),
            'digest_given_to_multi': kit.median([row[1] / row[2] for row in runs]),
            'to_multi': kit.median([row[0] / row[2] for row in runs])}


def main():
    options = kit.options(__doc__)
    server = kit.Nginx()
    rows = memory(server, options.quick)
    cost = cpu(server, options.quick)
    server.stop()
    if options.json:
        print(json.dumps({'memory': rows, 'cpu': cost}))
        return
    print('Memory beyond one upload made before, at its peak')
    kit.table(['file MB', 'uploads at once', 'grown KiB', 'KiB per upload'],
              [[row['bytes'] // MB, row['active'], row['grown_kib'], f"{row['kib_per_upload']:.0f}"] for row in rows])
    print('CPU per megabyte, 16 uploads of 10 MB at once')
    kit.table(['', 'ms per MB', '/ multi loop'],
              [['library', f"{cost['cpu_ms_per_mb']:.2f}", f"{cost['to_multi']:.2f}"],
               ['library, digest given', f"{cost['cpu_ms_per_mb_digest_given']:.2f}",
                f"{cost['digest_given_to_multi']:.2f}"],
               ['multi loop', f"{cost['cpu_ms_per_mb_multi_loop']:.2f}", '1.00']])
    print(f"share of hashing in the library's CPU: {cost['share_of_hashing']:.0%}")


if __name__ == '__main__':
    main()
