#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The scripts of the work queue, with a Redis that crashes in the middle of a script. Wrong scripts must fail.

    test_queue_scripts.py [TEST...]
"""
import pathlib
import sys
import tempfile
import time

from tool_kit import run_all

from kit import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = {path.stem: path.read_text(encoding="ascii")
           for path in (ROOT / "examples" / "animaldetect" / "queue").glob("*.lua")}
W0, W1, RES, DEAD, ENQ, LOCK = (f"{{ad:q:test}}:{name}" for name in ("w0", "w1", "res", "dead", "enq", "lock"))
MANY = 10 ** 6


class Queue:
    """A new Redis and the calls that the program makes. `scripts` replace the program's own."""

    def __init__(self, **scripts):
        self.scripts = SCRIPTS | scripts

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        # every write is in the file before its reply, and the file is not rewritten meanwhile
        self.redis = redis.Redis(self.folder.name, "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0")
        self.ask = redis.Connection(self.redis.port)
        return self

    def __exit__(self, *_):
        self.ask.close()
        self.redis.__exit__()
        self.folder.cleanup()

    def again(self, cut=None):
        """Kills Redis, cuts its AOF to `cut` bytes, and starts it again."""
        self.ask.close()
        self.redis.kill()
        if cut is not None:
            with open(self.redis.aof(), "r+b") as file:
                file.truncate(cut)
        self.redis.start()
        self.ask = redis.Connection(self.redis.port)

    def call(self, name, keys, *arguments):
        return self.ask("EVAL", self.scripts[name], len(keys), *keys, *arguments)

    def enqueue(self, before, after, paths, bound=1000, run="r"):
        entries = [part for path in paths for part in (path, "", "7", "8")]
        return self.call("enqueue", (W1, ENQ), run, before, after, bound, "o1", "operation=detect\n", *entries)

    def take(self, worker, count=10, bound=1000, low_first="0"):
        waiting, first, second, asked, _ = self.call("take", (W0, W1, RES, ENQ), worker, count, bound, low_first)
        assert asked == ([b"o1", b"operation=detect\n"] if first or second else [])
        return waiting, [entry[0] for entry in first], [entry[0] for entry in second]

    def beat(self, worker, *ids):
        return self.call("beat", (W1,), worker, *ids)

    def claim(self, worker, idle=0, most=20, count=10):
        self.ask("HDEL", ENQ, "pass:1")
        _, entries, _, buried = self.call("claim", (W1, RES, DEAD, ENQ), worker, idle, count, most, 10000, "1", "15")
        return [entry[0] for entry in entries], buried

    def finish(self, entry):
        return self.call("finish", (W1, RES), entry, "p", "x", "k", "r")

    def fail(self, entry, more=1, record=()):
        return self.call("fail", (W1, RES, DEAD), entry, more, "E_X", "because", *record)

    def lock(self, ledger, token="1", take_over="0", start="0"):
        return self.call("lock", (LOCK, ENQ, W0, W1, RES), ledger, token, 60000, take_over, start)[0]

    def gather(self, ledger, token="1"):
        good, records, _, left = self.call("gather", (RES, LOCK, W0, W1, ENQ), f"{ledger} {token}", ledger, 100, 60000)
        return good, [record[0] for record in records], left

    def collected(self, ledger, *ids, token="1"):
        return self.call("collected", (RES, LOCK), f"{ledger} {token}", 60000, *ids)

    def pending(self, stream=W1):
        try:
            return self.ask("XPENDING", stream, "g")[0]
        except redis.Refused:
            return 0

    def length(self, stream):
        return self.ask("XLEN", stream)

    def owner(self, entry):
        found = self.ask("XPENDING", W1, "g", entry, entry, 1)
        return found[0][1] if found else None

    def fields(self, stream, entry="-"):
        flat = self.ask("XRANGE", stream, entry, entry if entry != "-" else "+")[0][1]
        return dict(zip(flat[::2], flat[1::2]))


# ---- enqueue ----

def a_batch_is_appended_once_however_often_its_call_is_sent():
    with Queue() as at:
        assert at.enqueue("0", "2:a", ["p1", "p2"])[0] == b"ok"
        assert at.enqueue("0", "2:a", ["p1", "p2"]) == [b"at", b"2:a", 2]
        assert at.length(W1) == 2
        assert at.fields(W1) == {b"p": b"p1", b"n": b"", b"s": b"7", b"m": b"8", b"o": b"o1", b"f": b"0"}
        assert at.ask("HGET", ENQ, "asked:o1") == b"operation=detect\n"


def a_batch_beyond_the_bound_waits_as_a_whole():
    with Queue() as at:
        at.enqueue("0", "2", ["p1", "p2"], bound=3)
        assert at.enqueue("2", "4", ["p3", "p4"], bound=3) == [b"full", b"2", 2]
        at.finish(at.take("a")[2][0])
        assert at.enqueue("2", "4", ["p3", "p4"], bound=3) == [b"ok", b"4", 3]


# ---- take ----

def nothing_is_taken_while_results_wait_for_a_collector():
    with Queue() as at:
        at.enqueue("0", "3", ["p1", "p2", "p3"])
        waiting, _, taken = at.take("a", count=1, bound=1)
        assert waiting == 0 and len(taken) == 1
        at.finish(taken[0])
        assert at.take("a", bound=1) == (1, [], [])
        assert at.take("a", bound=2)[2] != []


def urgent_entries_come_first_but_for_every_eighth_time():
    with Queue() as at:
        at.enqueue("0", "1", ["low"])
        at.call("enqueue", (W0, ENQ), "u", "0", "1", 1000, "o1", "", "high", "", "7", "8")
        _, high, low = at.take("a", count=1)
        assert len(high) == 1 and not low
        assert len(at.take("a", count=1, low_first="1")[2]) == 1


def a_group_that_was_lost_is_made_again_and_skips_nothing():
    with Queue() as at:
        at.enqueue("0", "2", ["p1", "p2"])
        at.take("a")
        at.ask("XGROUP", "DESTROY", W1, "g")
        assert len(at.take("a")[2]) == 2
        assert at.beat("a", "1-1") == 0 and at.claim("a", count=5)[1] == 0


# ---- heartbeats and claims ----

def a_beat_keeps_an_entry_from_being_claimed():
    with Queue() as at:
        at.enqueue("0", "1", ["p1"])
        entry = at.take("a")[2][0]
        time.sleep(0.3)
        assert at.beat("a", entry) == 1
        assert at.claim("b", idle=250) == ([], 0)
        assert at.ask("XPENDING", W1, "g", entry, entry, 1)[0][3] == 1, "a beat is no delivery"


def a_beat_takes_nothing_back(script=None):
    with Queue(**({"beat": script} if script else {})) as at:
        at.enqueue("0", "1", ["p1"])
        entry = at.take("a")[2][0]
        assert at.claim("b")[0] == [entry]
        assert at.beat("a", entry) == 0 and at.owner(entry) == b"b"


def a_worker_with_entries_is_not_removed():
    with Queue() as at:
        at.enqueue("0", "3", ["p1", "p2", "p3"])
        one, other = at.take("a", count=2)[2]
        at.take("b")
        at.finish(one)
        leave = ((W0, W1), "a", MANY)
        assert at.call("leave", *leave) == 0
        at.finish(other)
        assert at.call("leave", *leave) == 1
        assert [worker[1] for worker in at.ask("XINFO", "CONSUMERS", W1, "g")] == [b"b"]


def all_workers_share_one_pass_over_what_is_pending():
    with Queue() as at:
        at.enqueue("0", "30", [f"p{i}" for i in range(30)])
        at.take("a", count=30)
        claim = ("claim", (W1, RES, DEAD, ENQ))
        rest = (0, 10, 20, 10000, "1", "15")
        counts = [len(at.call(*claim, worker, *rest)[1]) for worker in "bcdefg"]
        assert sum(counts) == 30 and counts[0] == 10 and counts[-1] == 0, counts
        assert all(at.owner(entry[0]) != b"a" for entry in at.ask("XRANGE", W1, "-", "+"))


def a_clock_that_was_set_back_holds_no_claim_up():
    """A next pass that is due in an hour runs at once; one that is due in a moment is waited for."""
    with Queue() as at:
        at.enqueue("0", "1", ["p1"])
        at.take("a")
        now = int(at.ask("TIME")[0]) * 1000
        claim = ("claim", (W1, RES, DEAD, ENQ), "b", 0, 10, 20, 10000, "1", "15")
        at.ask("HSET", ENQ, "pass:1", now + 5000)
        assert at.call(*claim)[1] == []
        at.ask("HSET", ENQ, "pass:1", now + 3600000)
        assert len(at.call(*claim)[1]) == 1


def a_restart_is_noted_after_its_rewrite():
    with Queue() as at:
        def restarted(server, is_noted):
            return at.call("restarted", (ENQ,), server, is_noted)
        assert [restarted("s1", "0"), restarted("s1", "0")] == [0, 0], "the first server is no restart"
        assert [restarted("s2", "0"), restarted("s2", "0")] == [1, 1], "the rewrite may not have been asked for"
        assert [restarted("s2", "1"), restarted("s2", "0")] == [0, 0]


# ---- success and failure ----

def an_entry_is_finished_once_whoever_has_it():
    with Queue() as at:
        at.enqueue("0", "1", ["p1"])
        entry = at.take("a")[2][0]
        at.claim("b")
        assert at.finish(entry) == 1 and at.finish(entry) == 0 and at.fail(entry) == 0
        assert (at.length(RES), at.length(W1), at.pending()) == (1, 0, 0)


def a_failure_goes_to_the_end_and_is_counted():
    with Queue() as at:
        at.enqueue("0", "2", ["p1", "p2"])
        entry = at.take("a", count=1)[2][0]
        assert at.fail(entry) == 1
        order = [at.fields(W1, found[0])[b"p"] for found in at.ask("XRANGE", W1, "-", "+")]
        assert order == [b"p2", b"p1"] and at.pending() == 0
        back = at.take("a")[2][1]
        assert at.fields(W1, back)[b"f"] == b"1"
        assert at.fail(back, more=0) == 1
        assert at.fields(W1, at.take("a")[2][0])[b"f"] == b"1", "an entry that is given back has not failed"


def a_dead_letter_has_its_reason_and_the_collector_its_record():
    with Queue() as at:
        at.enqueue("0", "1", ["p1"])
        assert at.fail(at.take("a")[2][0], record=("p", "p1", "k", "f")) == 1
        letter = at.fields(DEAD)
        assert (letter[b"p"], letter[b"f"], letter[b"c"], letter[b"e"]) == (b"p1", b"1", b"E_X", b"because")
        assert at.fields(RES) == {b"p": b"p1", b"k": b"f"}
        assert (at.length(W1), at.pending()) == (0, 0)


def deliveries_are_no_failures(script=None):
    """Twenty workers were killed, none because of the entry."""
    with Queue(**({"claim": script} if script else {})) as at:
        at.enqueue("0", "1", ["p1"])
        entry = at.take("a")[2][0]
        for life in range(19):
            assert at.claim(f"w{life}") == ([entry], 0)
        assert at.fields(W1, entry)[b"f"] == b"0" and at.length(DEAD) == 0


def what_kills_every_worker_is_buried_in_the_end():
    with Queue() as at:
        at.enqueue("0", "1", ["p1"])
        at.take("a")
        for life in range(19):
            at.claim(f"w{life}")
        assert at.claim("x") == ([], 1)
        assert at.fields(DEAD)[b"e"] == b"killed its worker: delivered 21 times"
        assert at.fields(RES)[b"g"] == b"15" and (at.length(W1), at.pending()) == (0, 0)


# ---- collect ----

def a_second_ledger_is_refused_while_the_queue_is_in_use():
    with Queue() as at:
        at.enqueue("0", "1", ["p1"])
        assert at.lock("A") == b"ok" and at.lock("A") == b"ok"
        assert at.lock("A", token="2") == b"held" and at.lock("B") == b"held"
        assert at.lock("B", start="1") == b"held" and at.lock("A", token="2", start="1") == b"ok"
        assert at.lock("A") == b"held", "who has lost it does not take it back"
        at.ask("DEL", LOCK)
        assert at.lock("B") == b"other" and at.lock("B", take_over="1") == b"ok"
        assert at.gather("A")[0] == 0 and at.collected("A", "1-1") == 0, "the first one must notice"
        at.ask("DEL", LOCK, W1)
        assert at.lock("C") == b"ok", "an empty queue is free for another ledger"


def a_collector_gets_what_the_one_before_had_in_hand():
    with Queue() as at:
        at.enqueue("0", "2", ["p1", "p2"])
        for entry in at.take("a")[2]:
            at.finish(entry)
        at.lock("A")
        _, first, left = at.gather("A")
        assert len(first) == 2 and left == 0
        at.ask("DEL", LOCK)
        at.lock("A", token="2")
        assert at.gather("A", token="2")[1] == at.gather("A", token="2")[1] == first, "an answer may be lost"
        assert at.collected("A", *first, token="2") == 1
        assert at.gather("A", token="2")[1] == []
        assert (at.length(RES), at.pending(RES)) == (0, 0)


# ---- an AOF that is cut in the middle of a script ----

def rewrite(at):
    at.ask("BGREWRITEAOF")
    while b"aof_rewrite_in_progress:1" in at.ask("INFO", "persistence") or \
            b"aof_rewrite_scheduled:1" in at.ask("INFO", "persistence"):
        time.sleep(0.01)


def heal(at):
    """Restarts Redis, rewrites the AOF, completes all entries, restarts again; returns the number of results."""
    at.again()
    rewrite(at)
    for _ in range(3):
        for entry in at.claim("b")[0] + at.take("b")[2]:
            at.finish(entry)
    at.again()
    return at.length(RES)


def cut_in(act, check, **scripts):
    """Cuts the AOF of `act` after each of its commands and once inside each of them, and calls `check` each time."""
    with Queue(**scripts) as at:
        at.enqueue("0", "1", ["p1"])
        entry = at.take("a")[2][0]
        begin = at.redis.aof().stat().st_size
        act(at, entry)
        written = at.redis.aof().read_bytes()
        ends = [index for index in range(begin, len(written)) if written[index:index + 1] == b"*" and
                written[index - 2:index] == b"\r\n" and written[index + 1:index + 2].isdigit()] + [len(written)]
    assert len(ends) >= 5, "it was no MULTI of several commands"
    for cut in sorted({*ends, *(end - 3 for end in ends if end > begin)}):
        with Queue(**scripts) as at:
            at.enqueue("0", "1", ["p1"])
            entry = at.take("a")[2][0]
            act(at, entry)
            # ids differ only in their digits, so every run writes the same number of bytes
            at.again(cut)
            check(at, cut)


def is_whole(at, cut):
    results = heal(at)
    assert results >= 1, f"cut at {cut}: the result is lost"
    assert (at.length(W1), at.pending()) == (0, 0), f"cut at {cut}: {at.length(W1)} left, {at.pending()} pending"


def a_finish_that_was_cut_heals(**scripts):
    cut_in(lambda at, entry: at.finish(entry), is_whole, **scripts)


def records_that_were_being_removed_are_removed(**scripts):
    def act(at, entry):
        at.finish(entry)
        at.lock("A")
        at.collected("A", *at.gather("A")[1])

    def check(at, cut):
        at.again()
        rewrite(at)
        for entry in at.claim("b")[0] + at.take("b")[2]:
            at.finish(entry)
        at.ask("DEL", LOCK)
        at.lock("A", token="2")
        while ids := at.gather("A", token="2")[1]:
            at.collected("A", *ids, token="2")
        assert (at.length(RES), at.pending(RES)) == (0, 0), f"cut at {cut}"

    cut_in(act, check, **scripts)


# ---- wrong scripts: a test above must detect each of them ----

def must_fail(test, *arguments, **named):
    try:
        test(*arguments, **named)
    except AssertionError:
        return
    raise AssertionError(f"{test.__name__} does not notice")


def replaced(name, old, new):
    assert old in SCRIPTS[name], f"{name} has no {old!r}"
    return SCRIPTS[name].replace(old, new)


def acknowledged_before_deleted_is_noticed():
    lines = SCRIPTS["finish"].splitlines()
    delete = next(index for index, line in enumerate(lines) if "'XDEL'" in line)
    lines[delete], lines[delete + 1] = lines[delete + 1], lines[delete]
    must_fail(halves_heal, "\n".join(lines))


def a_bare_claim_as_a_beat_is_noticed():
    must_fail(a_beat_takes_nothing_back, replaced("beat", "mine[1] then", "true then"))


def deliveries_as_failures_are_noticed():
    must_fail(deliveries_are_no_failures, replaced("claim", "tonumber(ARGV[4])", "3"))


def halves_heal(script=None):
    """A script may be applied only in part (valkey#4342): the queue must recover from every prefix of it."""
    lines = (script or SCRIPTS["finish"]).splitlines()
    calls = [index for index, line in enumerate(lines) if line.startswith("redis.call(")]
    assert len(calls) == 3
    for count in range(len(calls) + 1):
        half = "\n".join(line for index, line in enumerate(lines) if index not in calls[count:])
        with Queue() as at:
            at.enqueue("0", "1", ["p1"])
            entry = at.take("a")[2][0]
            at.ask("EVAL", half, 2, W1, RES, entry, "p", "x")
            for left in at.claim("b")[0] + at.take("b")[2]:
                at.finish(left)
            assert at.length(RES) >= 1 and (at.length(W1), at.pending()) == (0, 0), f"the first {count} of {len(calls)}"


TESTS = (
    a_batch_is_appended_once_however_often_its_call_is_sent, a_batch_beyond_the_bound_waits_as_a_whole,
    nothing_is_taken_while_results_wait_for_a_collector, urgent_entries_come_first_but_for_every_eighth_time,
    a_group_that_was_lost_is_made_again_and_skips_nothing, a_beat_keeps_an_entry_from_being_claimed,
    a_beat_takes_nothing_back, a_worker_with_entries_is_not_removed, all_workers_share_one_pass_over_what_is_pending,
    a_clock_that_was_set_back_holds_no_claim_up, a_restart_is_noted_after_its_rewrite,
    an_entry_is_finished_once_whoever_has_it, a_failure_goes_to_the_end_and_is_counted,
    a_dead_letter_has_its_reason_and_the_collector_its_record, deliveries_are_no_failures,
    what_kills_every_worker_is_buried_in_the_end, a_second_ledger_is_refused_while_the_queue_is_in_use,
    a_collector_gets_what_the_one_before_had_in_hand, halves_heal, a_finish_that_was_cut_heals,
    records_that_were_being_removed_are_removed, acknowledged_before_deleted_is_noticed,
    a_bare_claim_as_a_beat_is_noticed, deliveries_as_failures_are_noticed)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the work queue: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[1:]))
