#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The script of the shared quota: whatever crashes, stalls, jumps or is lost, no window has more arrivals than the
quota. And wrong scripts, which the tests must detect.

    test_quota_script.py [TEST...]
"""
import contextlib
import sys
import tempfile

from quota_world import KEYS, SCRIPT, World, faked, replaced
from tool_kit import run_all

from kit import redis

FIRST = 75000  # ms; the script grants no permits to a new name before
MINUTE = 60000


@contextlib.contextmanager
def world(**named):
    with tempfile.TemporaryDirectory() as folder, redis.Redis(folder, aof=False) as server:
        ask = redis.Connection(server.port)
        yield World(ask, **named)
        ask.close()


def eight(at, **named):
    return [at.add(f"w{index}", at.limit, rate=1 + (index - 4) * 1e-4, **named) for index in range(8)]


def share_of_quota(at, begin, end):
    return at.between(begin, end) / (at.limit * (end - begin) / MINUTE)


def the_hungry_share_the_quota_evenly_and_use_nearly_all_of_it():
    with world() as at:
        workers = eight(at)
        at.run(FIRST + 10 * MINUTE)
        at.assert_kept()
        assert at.between(0, FIRST - 1000) == 0, "somebody may have used the quota just before"
        used = share_of_quota(at, FIRST + MINUTE, FIRST + 10 * MINUTE)
        assert used >= 0.97, used
        counts = [worker.used for worker in workers]
        assert max(counts) <= 1.1 * min(counts), counts


def what_some_do_not_want_the_others_get():
    with world() as at:
        idle = [at.add(f"i{index}", 300, hunger=0.2) for index in range(6)]
        greedy = [at.add(f"g{index}", 300) for index in range(2)]
        at.run(FIRST + 5 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + MINUTE, FIRST + 5 * MINUTE) >= 0.95
        assert all(worker.waiting <= 3 for worker in idle), [worker.waiting for worker in idle]
        assert abs(greedy[0].used - greedy[1].used) <= 0.1 * greedy[0].used


def one_worker_alone_gets_all():
    with world() as at:
        at.add("one", 300)
        at.run(FIRST + 4 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + MINUTE, FIRST + 4 * MINUTE) >= 0.95


def a_tiny_quota_is_kept_and_used():
    with world(limit=4) as at:
        eight(at)
        at.run(FIRST + 10 * MINUTE)
        at.assert_kept()
        assert at.between(FIRST, FIRST + 10 * MINUTE) >= 30


def a_large_quota_needs_few_calls():
    with world(limit=30000) as at:
        eight_of = [at.add(f"w{index}", 30000) for index in range(2)]
        for worker in eight_of:
            worker.hunger = None
        at.run(FIRST + MINUTE)
        at.assert_kept()


def dead_workers_cost_their_permits_for_a_while_and_no_more():
    with world(seed=3) as at:
        workers = eight(at)
        at.run(FIRST + 2 * MINUTE)
        for worker in workers[:4]:
            worker.is_alive = False
        at.run(FIRST + 4 * MINUTE)
        assert share_of_quota(at, FIRST + 2 * MINUTE, FIRST + 4 * MINUTE) >= 0.93
        at.run(FIRST + 6 * MINUTE)
        assert share_of_quota(at, FIRST + 4 * MINUTE, FIRST + 6 * MINUTE) >= 0.97
        at.assert_kept()


def the_clock_of_the_server_may_jump(script=SCRIPT):
    with world(seed=4, script=script) as at:
        eight(at)
        for step, jump in enumerate((45000, -55000, 3600_000, -7200_000, 700, -700)):
            at.run(FIRST + (step + 1) * 20000)
            at.jump += jump
        at.run(FIRST + 5 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + 3 * MINUTE, FIRST + 5 * MINUTE) >= 0.95


def a_new_worker_does_not_believe_a_clock_that_has_jumped():
    with world(seed=5) as at:
        old = eight(at)
        at.run(FIRST + MINUTE)
        for worker in old:
            worker.is_alive = False
        at.jump += 3600_000
        for index in range(8):
            at.add(f"n{index}", 300)
        at.run(FIRST + 4 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + 3 * MINUTE, FIRST + 4 * MINUTE) >= 0.9


def a_clock_that_stood_still_while_nobody_called_is_noticed():
    """A new worker cannot know for how long it stood still; an old one reports it later."""
    with world(seed=6) as at:
        old = at.add("old", 300)
        at.run(FIRST + 2 * MINUTE)
        old.hunger, old.waiting = 0, 0
        at.run(FIRST + 62 * MINUTE)
        at.add("new", 300)
        at.run(FIRST + 62 * MINUTE + 20000)
        old.hunger = None
        at.run(FIRST + 66 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + 65 * MINUTE, FIRST + 66 * MINUTE) >= 0.9


def replies_that_are_lost_return_their_permits():
    with world(seed=7) as at:
        eight(at)
        at.loses_replies = 0.1
        at.run(FIRST + 4 * MINUTE)
        at.assert_kept()
        at.loses_replies = 0
        at.run(FIRST + 6 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + 5 * MINUTE, FIRST + 6 * MINUTE) >= 0.95


def a_server_that_stalls_reads_its_calls_in_any_order(script=SCRIPT):
    for newest_first in (False, True):
        with world(seed=8, script=script, travel=1500) as at:
            eight(at)
            for stall in range(4):
                at.run(FIRST + stall * 40000 + 20000)
                at.is_stalled = True
                at.run(FIRST + stall * 40000 + (24000, 30000, 26000, 23000)[stall])
                at.go_on(newest_first)
            at.run(FIRST + 5 * MINUTE)
            at.assert_kept()


def a_restart_that_lost_nothing_goes_on_at_once():
    with world(seed=9) as at:
        eight(at)
        at.run(FIRST + 2 * MINUTE)
        at.restart()
        at.run(FIRST + 3 * MINUTE)
        used = share_of_quota(at, FIRST + 2 * MINUTE, FIRST + 3 * MINUTE)
        assert used >= 0.75, used
        at.run(FIRST + 5 * MINUTE)
        assert share_of_quota(at, FIRST + 4 * MINUTE, FIRST + 5 * MINUTE) >= 0.97
        at.assert_kept()


def a_restart_that_lost_its_last_seconds_is_made_up_for(script=SCRIPT, dies=True):
    with world(seed=10, script=script) as at:
        workers = eight(at)
        at.run(FIRST + 2 * MINUTE)
        for seconds in (2, 5, 1):
            snapshot = at.snapshot()
            at.run(at.now + seconds * 1000)
            if dies:
                for worker in workers[:4]:
                    worker.is_alive = False
                workers = workers[4:] + [at.add(f"n{at.now}-{index}", 300) for index in range(4)]
            at.is_away = True
            at.run(at.now + 3000)
            at.is_away = False
            at.restart(snapshot)
            at.run(at.now + 150000)
        at.assert_kept()
        assert at.between(at.now - MINUTE, at.now) >= 0.75 * 300


def an_empty_server_grants_nothing_before_a_window_has_passed(script=SCRIPT):
    for lose in (KEYS, *([key] for key in KEYS[:4])):
        with world(seed=11, script=script) as at:
            eight(at)
            at.run(FIRST + 2 * MINUTE)
            at.ask("DEL", *lose)
            at.run(FIRST + 3 * MINUTE)
            assert share_of_quota(at, FIRST + 2 * MINUTE + 6000, FIRST + 3 * MINUTE) == 0, lose
            at.run(FIRST + 5 * MINUTE)
            at.assert_kept()
            assert share_of_quota(at, FIRST + 4 * MINUTE, FIRST + 5 * MINUTE) >= 0.9


def the_list_of_the_hungry_may_be_lost():
    with world(seed=12) as at:
        eight(at)
        at.run(FIRST + 2 * MINUTE)
        at.ask("DEL", KEYS[4])
        at.run(FIRST + 3 * MINUTE)
        at.assert_kept()
        assert share_of_quota(at, FIRST + 2 * MINUTE, FIRST + 3 * MINUTE) >= 0.95


def requests_without_an_answer_are_charged_for_the_lag():
    with world(seed=13) as at:
        eight(at, failing=0.05)
        at.run(FIRST + 4 * MINUTE)
        at.assert_kept()


def of_two_quotas_the_smaller_counts_while_it_is_stated():
    with world(seed=14) as at:
        small = at.add("small", 100)
        at.add("large", 300)
        at.run(FIRST + 3 * MINUTE)
        at.assert_kept(100)
        small.is_alive = False
        at.run(FIRST + 7 * MINUTE)
        at.assert_kept()
        assert at.between(FIRST + 6 * MINUTE, FIRST + 7 * MINUTE) >= 0.9 * 300


def a_429_holds_all_and_slows_all_until_they_recover():
    with world(seed=15) as at:
        workers = eight(at)
        at.run(FIRST + 2 * MINUTE)
        workers[0].limited, workers[0].hint = 1, 20000
        begin = at.now
        at.run(begin + 6000)
        assert all(worker.hold > worker.clock() + 10000 for worker in workers)
        assert at.between(begin + 2000, begin + 19000) == 0
        at.run(begin + 3 * MINUTE)
        assert 0.65 <= share_of_quota(at, begin + MINUTE, begin + 3 * MINUTE) <= 0.85
        at.run(begin + 9 * MINUTE)
        assert share_of_quota(at, begin + 8 * MINUTE, begin + 9 * MINUTE) >= 0.97
        at.assert_kept()


def shares_used_while_redis_was_down_are_charged():
    with world(seed=16) as at:
        eight(at, share="1")
        at.run(FIRST + 2 * MINUTE)
        at.is_stalled = True
        at.run(at.now + 70000)
        begin = at.now
        at.queued.clear()
        at.go_on()
        at.run(begin + 70000)
        assert at.between(begin, begin + 70000) == 0
        at.run(begin + 3 * MINUTE)
        at.assert_kept()
        assert at.between(begin + 2 * MINUTE, begin + 3 * MINUTE) >= 0.9 * 300


def twelve_clients_in_all_of_this():
    for seed in range(3):
        with world(seed=100 + seed, travel=2000, delay=200) as at:
            workers = [at.add(f"w{index}", 300, failing=0.02) for index in range(12)]
            at.run(FIRST)
            for step in range(16):
                what = at.random.randrange(6)
                snapshot = at.snapshot()
                at.run(at.now + at.random.uniform(500, 15000))
                if what == 0:
                    at.jump += at.random.choice((-3600_000, -30000, 500, 30000, 3600_000))
                elif what == 1:
                    victim = at.random.choice(workers)
                    victim.is_alive = False
                    workers = [worker for worker in workers if worker is not victim]
                    workers.append(at.add(f"n{step}", 300, failing=0.02))
                elif what == 2:
                    at.is_stalled = True
                    at.run(at.now + at.random.uniform(500, 9000))
                    at.go_on(at.random.random() < 0.5)
                elif what == 3:
                    at.restart(snapshot)
                elif what == 4:
                    at.restart()
                else:
                    at.loses_replies = 0.1 - at.loses_replies
            at.loses_replies = 0
            at.run(at.now + 3 * MINUTE)
            at.assert_kept()
            assert at.between(at.now - MINUTE, at.now) >= 0.8 * 300


# ---- wrong scripts: the given test must detect each of them ----

# Without the token bucket, which smooths bursts that the log allows.
BURSTS = replaced(SCRIPT, "math.floor(s.tokens)", "1e9")


def must_fail(test, **named):
    try:
        test(**named)
    except AssertionError as error:
        assert "arrivals in a window" in str(error), error
        return
    raise AssertionError(f"{test.__name__} does not notice")


def slow_requests_are_charged_until_they_are_answered(script=SCRIPT, **named):
    with world(seed=17, script=script, travel=1500) as at:
        eight(at, **named)
        at.run(FIRST + 5 * MINUTE)
        at.assert_kept()


def permits_that_are_settled_at_sending_are_noticed():
    """Workers that report a request as settled when they send it, although it may arrive 1.5 s later."""
    must_fail(slow_requests_are_charged_until_they_are_answered, script=BURSTS, settles_early=True)


def without_charging_what_is_outstanding_too_much_arrives():
    wrong = replaced(BURSTS, "allowed - s.logged - s.out", "allowed - s.logged")
    must_fail(slow_requests_are_charged_until_they_are_answered, script=wrong)


def late_calls_that_are_obeyed_are_noticed():
    with world(seed=18) as at:
        one = at.add("one", 300)
        at.run(FIRST + 1000)
        call = ("one", one.sequence - 1, 300, 0, 0, "", int(one.told), 10, 20, 0, 0, "0", int(one.last_told))
        before = at.ask("HGET", KEYS[2], "one")
        at.execute(one, call, lambda reply: None)
        assert at.ask("HGET", KEYS[2], "one") == before, "a late call has changed what is outstanding"
        at.sha = at.ask("SCRIPT", "LOAD", faked(replaced(SCRIPT, "sequence <= last", "false")))
        at.execute(one, call, lambda reply: None)
        assert at.ask("HGET", KEYS[2], "one") != before


def an_empty_state_without_a_pause_is_noticed():
    wrong = replaced(BURSTS, "  charge(now + LIFE + LAG, count)\n", "")
    must_fail(an_empty_server_that_is_asked_at_once, script=wrong)


def an_empty_server_that_is_asked_at_once(script=SCRIPT):
    with world(seed=19, script=script) as at:
        eight(at)
        at.run(FIRST + 2 * MINUTE)
        at.ask("DEL", *KEYS)
        at.run(FIRST + 4 * MINUTE)
        at.assert_kept()


def a_tail_that_is_not_made_up_for_is_noticed():
    wrong = replaced(BURSTS, "local is_lost = not is_whole or", "local is_lost = not is_whole or false and")
    wrong = replaced(wrong, "tonumber(ARGV[13]) > before or", "false or")
    must_fail(a_restart_that_lost_its_last_seconds_is_made_up_for, script=wrong)


def a_clock_that_is_believed_is_noticed():
    wrong = replaced(BURSTS, "now = now - high > STEP and low or high", "now = now")
    must_fail(the_clock_of_the_server_may_jump, script=wrong)


TESTS = (
    the_hungry_share_the_quota_evenly_and_use_nearly_all_of_it, what_some_do_not_want_the_others_get,
    one_worker_alone_gets_all, a_tiny_quota_is_kept_and_used, a_large_quota_needs_few_calls,
    dead_workers_cost_their_permits_for_a_while_and_no_more, the_clock_of_the_server_may_jump,
    a_new_worker_does_not_believe_a_clock_that_has_jumped, a_clock_that_stood_still_while_nobody_called_is_noticed,
    replies_that_are_lost_return_their_permits, a_server_that_stalls_reads_its_calls_in_any_order,
    a_restart_that_lost_nothing_goes_on_at_once, a_restart_that_lost_its_last_seconds_is_made_up_for,
    an_empty_server_grants_nothing_before_a_window_has_passed, the_list_of_the_hungry_may_be_lost,
    requests_without_an_answer_are_charged_for_the_lag, of_two_quotas_the_smaller_counts_while_it_is_stated,
    a_429_holds_all_and_slows_all_until_they_recover, shares_used_while_redis_was_down_are_charged,
    twelve_clients_in_all_of_this, slow_requests_are_charged_until_they_are_answered,
    permits_that_are_settled_at_sending_are_noticed, without_charging_what_is_outstanding_too_much_arrives,
    late_calls_that_are_obeyed_are_noticed, an_empty_server_that_is_asked_at_once,
    an_empty_state_without_a_pause_is_noticed, a_tail_that_is_not_made_up_for_is_noticed,
    a_clock_that_is_believed_is_noticed)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the shared quota: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[1:]))
