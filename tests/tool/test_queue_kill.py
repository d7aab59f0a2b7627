#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A queue whose workers, collector, enqueuer and Redis are killed at random moments.

    test_queue_kill.py TOOL EMULATOR [--images N] [--workers N] [--kills N] [--redis-kills N] [--cut] [--rpm N] [--seed S]

At the end: images = jobs = results, each image that cannot be sent has one dead letter, no image is billed twice, the
queue is empty.  Full size: --images 5000 --workers 8 --kills 5 --redis-kills 2 --rpm 30000.  With --cut the AOF loses
up to 64 KiB at its end whenever Redis is killed, as on power loss; then the last entries may have to be enqueued again.
"""
import argparse
import collections
import random
import signal
import sqlite3
import sys
import threading
import time

from queue_kit import DEAD, STREAMS, W1, Queue
from tool_kit import DONE, FOX, GO_ON, SOME_FAILED, jpeg, season

from kit import redis
from kit.checks import Checks

FAULTS = ["--fault", "create:reset-after:p=0.02", "--fault", "submit:reset-after:p=0.02",
          "--fault", "upload:reset-after:p=0.02", "--fault", "poll:503:p=0.02", "--fault", "fetch:truncate:p=0.02"]
CUT = 65536


class Life:
    """A command that is restarted whenever it was killed; after its last kill it runs to completion."""

    def __init__(self, at, name, command, kills, chance, span):
        self.at, self.name, self.command, self.kills = at, name, command, kills
        self.chance, self.span = random.Random(chance.randrange(1 << 30)), span
        self.killed = 0
        self.codes = collections.Counter()
        self.process = None
        self.is_over = False
        self.thread = threading.Thread(target=self.live)
        self.failure = None

    def live(self):
        try:
            while not self.is_over:
                self.process = self.at.tool.start(*self.command)
                self.at.processes.append(self.process)
                until = time.monotonic() + self.chance.uniform(*self.span)
                while self.process.poll() is None and not self.is_over and (
                        self.killed >= self.kills or time.monotonic() < until):
                    time.sleep(0.02)
                if self.process.poll() is None and not self.is_over:
                    self.process.kill()
                    self.process.communicate()
                    self.killed += 1
                    continue
                if self.process.poll() is None:
                    self.process.send_signal(signal.SIGINT)
                code, _, said = self.at.tool.end(self.process)
                self.codes[code] += 1
                if code not in (DONE, SOME_FAILED, GO_ON):
                    raise AssertionError(f"{self.name} ended with {code}: {said}")
                if code in (DONE, SOME_FAILED):
                    return
        except Exception as failure:  # raised again by the waiting thread
            self.failure = failure

    def start(self):
        self.thread.start()
        return self

    def end(self):
        self.is_over = True
        self.thread.join()
        if self.failure:
            raise self.failure


def kill_redis(at, chance, wanted, told):
    at.redis.kill()
    file = at.redis.aof()
    size = file.stat().st_size
    cut = chance.randrange(CUT) if wanted.cut else 0
    with open(file, "r+b") as opened:
        opened.truncate(max(0, size - cut))
    time.sleep(chance.uniform(0.1, 1))
    at.redis.start()
    told["redis"] += 1


def left_of(at):
    """The number of entries in the streams; 1 while Redis is unavailable."""
    try:
        return sum(at.redis("XLEN", stream) for stream in STREAMS)
    except (OSError, redis.Refused):
        return 1


def judge(at, wanted, poison, told):
    with sqlite3.connect(at.ledger) as base:
        rows = dict(base.execute("SELECT coalesce(w.state, i.state), count(*) FROM image i LEFT JOIN work w"
                                 " ON w.id = i.work GROUP BY 1").fetchall())
        results, = base.execute("SELECT count(*) FROM result").fetchone()
    good = wanted.images - len(poison)
    counts = at.counts()
    told |= {"creates": counts["jobs"] + counts["replays"], "requests": counts["api_requests"]}
    assert rows.get(1, 0) + rows.get(2, 0) == results == good and rows.get(3, 0) == len(poison), (rows, results, good)
    assert counts["jobs"] == counts["images"] == good and counts["billed_twice"] == 0, counts


def run(wanted, told):
    chance = random.Random(wanted.seed)
    spans = (0.3, 1.5 + wanted.images / 400)
    with Queue("--processing", "lognormal:300:0.7", "--rpm", str(wanted.rpm), *FAULTS) as at:
        season(at.images, wanted.images - wanted.images // 100)
        poison = set()
        for index in range(wanted.images // 100):
            path = at.images / f"cut{index:03d}.jpg"
            path.write_bytes(FOX[:-700] + jpeg(index)[:40])
            poison.add(path.name.encode())
        rpm = ("--rpm", str(max(1, wanted.rpm // wanted.workers)))
        begin = time.monotonic()
        bound = str(max(50, wanted.images // 10))
        putting = Life(at, "enqueue", at.enqueue("--bound", bound, at.images), 1 + wanted.kills // 2, chance,
                       spans).start()
        others = [Life(at, f"worker {number}", at.work(*rpm, "--bound", bound), wanted.kills, chance, spans).start()
                  for number in range(wanted.workers)]
        collecting = Life(at, "collect", at.collect(), wanted.kills, chance, spans).start()
        others.append(collecting)
        for number in range(wanted.redis_kills):
            until = time.monotonic() + 60
            share = wanted.images * (number + 1) // (wanted.redis_kills + 2)
            while time.monotonic() < until and added(at) < share and putting.thread.is_alive():
                time.sleep(0.05)
            kill_redis(at, chance, wanted, told)
        putting.thread.join()
        putting.end()
        until = time.monotonic() + 900
        while (left_of(at) or any(life.killed < life.kills for life in others)) and time.monotonic() < until:
            if (failure := next((life.failure for life in others if life.failure), None)) is not None:
                raise failure
            if not left_of(at) and time.monotonic() - begin > 5 * spans[1] * (1 + wanted.kills):
                break
            time.sleep(0.1)
        for life in others:
            life.end()
        if wanted.cut:
            at.tool(*at.enqueue("--ledger", at.ledger, at.images))
            told["enqueued again"] = int(at.tool.said.split(" enqueued")[0].split()[-1]) - len(poison)
        at.drain(work=SOME_FAILED if wanted.cut else DONE, collect=SOME_FAILED if wanted.cut else DONE)
        told["seconds"] = round(time.monotonic() - begin, 1)
        told |= {"kills of workers": sum(life.killed for life in others[:-1]), "of the collector": collecting.killed,
                 "of enqueue": putting.killed}
        at.assert_empty()
        letters = [dict(zip(entry[1][::2], entry[1][1::2]))[b"p"] for entry in at.redis("XRANGE", DEAD, "-", "+")]
        assert set(letters) == poison and (wanted.cut or len(letters) == len(poison)), letters
        judge(at, wanted, poison, told)


def added(at):
    try:
        info = at.redis("XINFO", "STREAM", W1)
        return dict(zip(info[::2], info[1::2]))[b"entries-added"]
    except (OSError, redis.Refused):
        return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("emulator")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=2, help="of each worker and of the collector")
    parser.add_argument("--redis-kills", type=int, default=1)
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--rpm", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    if redis.PROGRAM is None:
        print("skip the work queue: no redis-server")
        return 77
    checks = Checks()
    told = {"images": wanted.images, "redis": 0}
    checks.check("a_queue_where_everything_is_killed_loses_nothing_and_bills_nothing_twice", run, wanted, told)
    print("# " + ", ".join(f"{name} {value}" for name, value in told.items()), flush=True)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
