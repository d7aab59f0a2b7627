#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A network between the fleet tool and Redis that drops and delays data and cuts connections, and a suspended machine:
the shared quota is kept, and the queue loses nothing.

    test_redis_network.py TOOL EMULATOR ODD_CLOCK [TEST...]
"""
import contextlib
import re
import sys
import time

from queue_kit import Queue
from quota_kit import Fleet
from tool_kit import DONE, is_sanitized, run_all, season

from kit import redis
from kit.proxy import Proxy


@contextlib.contextmanager
def between(at):
    """Puts a proxy in front of the Redis of `at` and makes `at` use its address."""
    proxy = Proxy(at.redis.port)
    at.url = at.url.replace(f":{at.redis.port}/", f":{proxy.port}/")
    yield proxy
    proxy.close()


def a_quota_is_kept_through_a_network_that_swallows_everything():
    """Connections stay open: no reset, no end of stream."""
    with Fleet(1200) as at, between(at) as proxy:
        runs = [at.start(at.site(name, 50)) for name in "ab"]
        at.wait(lambda: at.done("a") >= 5)
        proxy.blackhole = True
        time.sleep(7)
        stood = at.done("a") + at.done("b")
        time.sleep(2)
        assert at.done("a") + at.done("b") - stood <= 2, "there are no permits"
        proxy.blackhole = False
        at.end_all(runs)
        counts = at.counts()
        assert counts["limited"] == 0 and counts["jobs"] == 100, counts


def a_quota_is_kept_through_delays_and_replies_that_are_cut():
    with Fleet(1200) as at, between(at) as proxy:
        proxy.delay = 0.1
        runs = [at.start(at.site(name, 40)) for name in "abc"]
        at.wait(lambda: at.done("a") >= 3)
        for size in (1, 7, 40, 90, 300):
            cuts = proxy.cuts
            proxy.cut_after = size
            at.wait(lambda cuts=cuts: proxy.cuts > cuts)
            time.sleep(0.5)
        at.end_all(runs)
        counts = at.counts()
        assert counts["limited"] == 0 and counts["jobs"] == 120, counts
        assert counts["api_requests"] >= 4 * 120


def a_queue_loses_nothing_through_all_of_this():
    with Queue() as at, between(at) as proxy:
        season(at.images, 60)
        proxy.cut_after = 400
        at.tool(*at.enqueue(at.images))
        workers = [at.start(at.work("--drain", "--jobs", "5")) for _ in range(2)]
        collector = at.start(at.collect("--drain"))
        at.wait(lambda: at.pending() > 0)
        for size in (3, 50, 500, 1500):
            cuts = proxy.cuts
            proxy.cut_after = size
            at.wait(lambda cuts=cuts: proxy.cuts > cuts or collector.poll() is not None)
        proxy.blackhole = True
        time.sleep(3)
        proxy.blackhole = False
        for process in (*workers, collector):
            code, _, said = at.tool.end(process)
            assert code == DONE, (code, said)
        at.assert_empty()
        assert proxy.cuts >= 3, proxy.cuts
        assert list(at.states().values()).count("processed") == 60
        assert at.counts()["jobs"] == 60


def permits_that_arrive_after_a_suspend_are_not_used():
    """The reply stays in the network while the machine is suspended for an hour."""
    if is_sanitized(sys.argv[1]):
        return
    with Fleet(600) as at, between(at) as proxy:
        clock = at.root / "clock"
        clock.write_text("0")
        at.tool.environment |= {"LD_PRELOAD": sys.argv[3], "ODD_CLOCK": str(clock)}
        proxy.hold_from = re.compile(rb"\*5\r\n:[1-9]")
        process = at.start(at.site("a", 10))
        at.wait(lambda: proxy.hold, process)
        at.redis("FLUSHALL")  # so that only permits of the delayed reply could be used
        clock.write_text("3600")
        proxy.hold = False
        time.sleep(3)
        assert process.poll() is None, process.communicate()
        process.kill()
        assert at.counts()["api_requests"] == 0, "permits were used an hour late"


TESTS = (a_quota_is_kept_through_a_network_that_swallows_everything,
         a_quota_is_kept_through_delays_and_replies_that_are_cut, a_queue_loses_nothing_through_all_of_this,
         permits_that_arrive_after_a_suspend_are_not_used)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the network to Redis: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[4:]))
