# SPDX-License-Identifier: MIT
"""Images per minute under a rate limit that the emulator enforces in real time, compared with R/(3+p).

Throughput mode with the limit configured; the time of a job is lognormal with a median of 8 s.  Images always wait for
quota.  The first two minutes are not counted: the client learns the processing times, and the first jobs complete.
"""
import json

import throughput_kit as kit

SERVICE = ('--processing', 'lognormal:8000:0.6')


def measure(rpm, seconds):
    emulator = kit.emulator('--rpm', str(rpm), *SERVICE)
    figures = kit.run([kit.program('pace_run'), emulator.url, kit.KEY, str(rpm), '120', str(seconds)])
    emulator.stop()
    figures['rpm'] = rpm
    figures['ceiling'] = rpm / (3 + figures['polls_per_image'])
    figures['ratio'] = figures['images_per_minute'] / figures['ceiling']
    return figures


def main():
    options = kit.options(__doc__)
    rows = [measure(300, 120 if options.quick else 600)]
    if options.json:
        print(json.dumps(rows))
        return
    kit.table(['rpm', 'minutes', 'images/min', 'polls/image', 'R/(3+p)', 'ratio', 'requests/min', 'answers 429'],
              [[row['rpm'], f"{row['minutes']:.1f}", f"{row['images_per_minute']:.1f}",
                f"{row['polls_per_image']:.3f}", f"{row['ceiling']:.1f}", f"{row['ratio']:.3f}",
                f"{row['requests_per_minute']:.1f}", row['rate_limited']] for row in rows])


if __name__ == '__main__':
    main()
