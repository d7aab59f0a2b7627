#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One quota for many runs: what they use of it when a Redis shares it out, and when each has a fixed part.

    bench_quota.py TOOL EMULATOR [--fixed] [--uneven] [--seconds N] [--workers N] [--rpm N]

The emulator refuses what is over its limit in any 60 seconds. With --uneven half of the runs have little to send, with --fixed each
run has its part of the quota in place of permits. The time counts from when the first minutes are over. Prints, never judges.
"""
import argparse
import signal
import sys
import time

from queue_kit import Queue
from tool_kit import season, works

BEFORE = 150  # seconds: nothing is granted for 75, then a window fills
FEW = 10  # images of a run that has little to send


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool")
    parser.add_argument("emulator")
    parser.add_argument("--fixed", action="store_true")
    parser.add_argument("--uneven", action="store_true")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rpm", type=int, default=300)
    wanted = parser.parse_args()
    minutes = wanted.seconds / 60
    with Queue("--rpm", wanted.rpm and str(wanted.rpm), "--burst-window", "sliding") as at:
        ledgers, started = [], []
        enough = int(wanted.rpm / 3 * (minutes + BEFORE / 60)) + 1
        for index in range(wanted.workers):
            folder = at.images / f"site{index}"
            season(folder, FEW if wanted.uneven and index % 2 else enough if wanted.uneven else 2 * enough // wanted.workers)
            for image in folder.rglob("*.JPG"):
                image.write_bytes(image.read_bytes() + str(index).encode())  # no two sites have the same
            ledgers.append(at.root / f"{index}.ledger")
            options = ("--rpm", str(wanted.rpm // wanted.workers)) if wanted.fixed else \
                ("--rpm", str(wanted.rpm), "--quota", at.url)
            started.append(at.start(("run", "--quiet", "--poll", "throughput", "--ledger", ledgers[-1], *options, folder)))
        time.sleep(BEFORE)
        begin, first = time.monotonic(), [works(ledger, "state IN (1, 2)") for ledger in ledgers]
        time.sleep(wanted.seconds)
        spent, last = (time.monotonic() - begin) / 60, [works(ledger, "state IN (1, 2)") for ledger in ledgers]
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        for process in started:
            process.communicate()
        counts = at.counts()
    done = [now - then for now, then in zip(last, first)]
    polls = counts["polls"] / max(1, counts["results"])
    ceiling = wanted.rpm / (3 + polls)
    print(f"images a minute       {sum(done) / spent:.2f}  of at most {ceiling:.2f} with {polls:.3f} polls an image:"
          f" {100 * sum(done) / spent / ceiling:.1f} %")
    print(f"images of each        {' '.join(map(str, done))}")
    print(f"answers 429           {counts['limited']}")
    print(f"requests in all       {counts['api_requests']}")


if __name__ == "__main__":
    sys.exit(main())
