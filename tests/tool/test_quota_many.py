#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The script of the shared quota with a thousand workers for one key, and with several keys in one Redis.

    test_quota_many.py [TEST...]

In virtual time, with the simulation of quota_world.py. bench_quota_many.py runs the same for longer and prints figures.
"""
import contextlib
import sys
import tempfile

import quota_many
from quota_many import MINUTE
from quota_world import World
from tool_kit import run_all

from kit import redis


@contextlib.contextmanager
def server():
    with tempfile.TemporaryDirectory() as folder, redis.Redis(folder, aof=False) as running:
        ask = redis.Connection(running.port)
        yield ask
        ask.close()


def a_thousand_workers_share_one_key_through_deaths_and_a_stall():
    with server() as ask:
        at = quota_many.fleet(ask, 1000, 300, step=500)
        at.known()
        at.run(MINUTE)
        assert 0.93 * 300 <= at.most() <= 300, at.most()
        used = [worker.used for worker in at.workers]
        assert max(used) <= 2, "some get a third permit before others get one"
        for index, worker in enumerate(at.workers[:100]):
            worker.is_alive = False
            at.add(f"n{index}", 300)
        at.is_stalled = True
        at.run(at.now + 5000)
        at.go_on(newest_first=True)
        at.run(at.now + 1.5 * MINUTE)
        at.assert_kept()
        assert at.between(at.now - MINUTE, at.now) >= 0.93 * 300
        waiting = [worker.used for worker in at.workers if worker.is_alive]
        assert sum(used > 0 for used in waiting) >= 0.6 * len(waiting), "the grants go round"


def keys_in_one_redis_do_not_touch_each_other():
    with server() as ask:
        worlds = [World(ask, name=f"k{index}", seed=index, limit=limit, step=quota_many.STEP)
                  for index, limit in enumerate((60, 300, 600))]
        for at in worlds:
            at.known()
            for index in range(8):
                at.add(f"w{index}", at.limit)
        for until in range(100, 2 * MINUTE + 1, 100):
            for at in worlds:
                at.run(until)
            if until == MINUTE:
                ask("DEL", *worlds[1].keys)
        for at in worlds:
            at.assert_kept()
        for at in (worlds[0], worlds[2]):
            assert at.between(MINUTE, 2 * MINUTE) >= 0.95 * at.limit, (at.limit, at.between(MINUTE, 2 * MINUTE))
        assert worlds[1].between(MINUTE + 6000, 2 * MINUTE) == 0, "the key that was forgotten waits, and only that"


TESTS = (a_thousand_workers_share_one_key_through_deaths_and_a_stall, keys_in_one_redis_do_not_touch_each_other)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the shared quota: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[1:]))
