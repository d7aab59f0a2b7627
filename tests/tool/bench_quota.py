#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One quota for many runs: how much of it they use when Redis divides it, and when each run has a fixed part.

    bench_quota.py TOOL EMULATOR [--fixed] [--uneven] [--seconds N] [--workers N] [--rpm N]
    bench_quota.py TOOL EMULATOR --compare [--quick] [--json]

The emulator rejects requests over its limit in any 60 seconds. With --uneven, half of the runs have few images; with
--fixed, each run has a fixed part of the quota instead of permits. The measurement begins after the first minutes.
--compare compares, for a short time and with uneven work, a quota that Redis already knows with fixed parts. Prints
figures, checks none.
"""
import argparse
import json
import signal
import sys
import time

from quota_kit import Fleet
from tool_kit import works

BEFORE = 150  # seconds: 75 without permits, then the first window fills
BEFORE_KNOWN = 75  # seconds: the first window fills
FEW = 10  # images of a run with few images
ENDED = "state IN (1, 2)"


def measure(wanted, fixed, before, is_known):
    """Images per minute, the maximum, images of each run, and the counts of the service."""
    with Fleet(wanted.rpm) as at:
        if not is_known:
            at.redis("FLUSHALL")
        enough = int(wanted.rpm / 3 * ((wanted.seconds + before) / 60)) + 1
        ledgers, started = [], []
        for index in range(wanted.workers):
            few = wanted.uneven and index % 2
            command = at.site(f"site{index}", FEW if few else enough if wanted.uneven else 2 * enough // wanted.workers)
            options = ("--rpm", str(wanted.rpm // wanted.workers)) if fixed else ("--rpm", str(wanted.rpm), "--quota", at.url)
            ledgers.append(at.ledger_of(f"site{index}"))
            started.append(at.start(("run", "--quiet", "--poll", "throughput", "--ledger", ledgers[-1], *options, command[-1])))
        time.sleep(before)
        begin, first = time.monotonic(), [works(ledger, ENDED) for ledger in ledgers]
        time.sleep(wanted.seconds)
        spent, last = (time.monotonic() - begin) / 60, [works(ledger, ENDED) for ledger in ledgers]
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        for process in started:
            process.communicate()
        counts = at.counts()
    done = [now - then for now, then in zip(last, first)]
    polls = counts["polls"] / max(1, counts["results"])
    return {"images_per_minute": sum(done) / spent, "ceiling": wanted.rpm / (3 + polls), "polls": polls, "each": done,
            "limited": counts["limited"], "requests": counts["api_requests"]}


def show(figures):
    print(f"images a minute       {figures['images_per_minute']:.2f}  of at most {figures['ceiling']:.2f} with"
          f" {figures['polls']:.3f} polls an image: {100 * figures['images_per_minute'] / figures['ceiling']:.1f} %")
    print(f"images of each        {' '.join(map(str, figures['each']))}")
    print(f"answers 429           {figures['limited']}")
    print(f"requests in all       {figures['requests']}")


def compare(wanted):
    shared = measure(wanted, fixed=False, before=BEFORE_KNOWN, is_known=True)
    fixed = measure(wanted, fixed=True, before=BEFORE_KNOWN, is_known=True)
    ratio = shared["images_per_minute"] / max(1e-9, fixed["images_per_minute"])
    if wanted.json:
        print(json.dumps({"shared": shared, "fixed": fixed, "ratio": ratio}))
        return
    print(f"{wanted.workers} runs, {wanted.rpm} requests a minute, half of the runs have {FEW} images; {wanted.seconds} s")
    print("one quota, shared by a Redis")
    show(shared)
    print(f"--rpm {wanted.rpm // wanted.workers} for each")
    show(fixed)
    print(f"shared over fixed     {ratio:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool")
    parser.add_argument("emulator")
    parser.add_argument("--fixed", action="store_true")
    parser.add_argument("--uneven", action="store_true")
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rpm", type=int, default=300)
    wanted = parser.parse_args()
    if wanted.compare:
        wanted.uneven, wanted.seconds = True, wanted.seconds or (60 if wanted.quick else 120)
        compare(wanted)
    else:
        wanted.seconds = wanted.seconds or 600
        show(measure(wanted, wanted.fixed, BEFORE, is_known=False))


if __name__ == "__main__":
    sys.exit(main())
