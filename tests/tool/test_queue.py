#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool's work queue: enqueue, work, collect, queue status; Redis is stopped, killed or out of memory.

    test_queue.py TOOL EMULATOR [TEST...]
"""
import os
import re
import resource
import signal
import sys
import time

from queue_kit import DEAD, ENQ, LOCK, RES, W0, W1, Queue
from tool_kit import GO_ON, KEY, SOME_FAILED, USAGE, FOX, jpeg, run_all, season

from kit import redis


def some(at, count=20):
    season(at.images, count, per_folder=10)
    return at


# ---- the normal case ----

def a_queue_gives_the_ledger_that_run_gives():
    files = {"twin/a.jpg": jpeg("twin"), "twin/b.jpg": jpeg("twin"), "cut.jpg": FOX[:-700], "text.jpg": b"hello",
             "taken.jpg": jpeg("taken", when="2026:06:01 22:00:00", serial="S1", latitude=-12.5, longitude=30.25),
             os.fsdecode(b"caf\xe9.jpg"): jpeg(8)}
    with Queue() as at:
        some(at, 12)
        for name, content in files.items():
            (at.images / name).parent.mkdir(exist_ok=True)
            (at.images / name).write_bytes(content)
        options = ("--country", "US", "--reference", "season 7")
        at.tool("run", "--ledger", at.root / "run.ledger", *options, at.images, code=SOME_FAILED)
        at.again()
        at.tool(*at.enqueue(*options, at.images))
        assert "18 enqueued, 0 already done, 0 skipped" in at.tool.said, at.tool.said
        at.drain(work=SOME_FAILED, collect=SOME_FAILED)
        at.assert_empty()
        for kind in ("md", "csv"):
            ours, theirs = (at.tool("export", "-f", kind, "--ledger", at.root / f"{name}.ledger")
                            for name in ("queue", "run"))
            assert ours == theirs, kind
        assert set(at.letters()) == {b"cut.jpg", b"text.jpg"}, at.letters()
        counts = at.again()
        assert counts["jobs"] == counts["images"] == counts["uploads"] == 14 and counts["billed_twice"] == 0, counts
        at.tool("run", "--ledger", at.ledger, *options, at.images, code=SOME_FAILED)
        assert at.counts()["api_requests"] == 0, "run goes on with the ledger of a queue"


def an_image_that_run_has_sent_is_not_billed_by_a_queue():
    with Queue() as at:
        some(at, 10)
        at.tool("run", "--ledger", at.root / "run.ledger", at.images)
        at.tool(*at.enqueue(at.images))
        at.drain()
        counts = at.counts()
        assert counts["jobs"] == counts["replays"] == 10 and counts["uploads"] == 10, counts


def a_url_is_fetched_by_the_service():
    url = "https://images.example/season/fox.jpg?token=1"
    with Queue() as at:
        (at.root / "list").write_text(f"{url}2\n")
        at.tool("enqueue", "--queue", at.url, url, f"@{at.root / 'list'}")
        collector = at.start(at.collect("--drain"))
        at.tool("work", "--queue", at.url, "--drain")
        assert at.tool.end(collector)[0] == 0
        assert at.states() == {url: "processed", f"{url}2": "processed"}, at.states()
        counts = at.counts()
        assert counts["jobs"] == 2 and counts["uploads"] == 0, counts


def what_the_ledger_has_done_is_not_enqueued_again():
    with Queue() as at:
        some(at, 5)
        at.tool(*at.enqueue("--ledger", at.ledger, at.images))
        at.drain()
        (at.images / "new.jpg").write_bytes(jpeg("new"))
        at.tool(*at.enqueue("--ledger", at.ledger, at.images))
        assert "1 enqueued, 5 already done" in at.tool.said, at.tool.said
        at.tool(*at.enqueue("--ledger", at.ledger, "--operation", "filter", at.images))
        assert "6 enqueued, 0 already done" in at.tool.said, at.tool.said


def urgent_images_are_sent_first():
    with Queue() as at:
        some(at, 10)
        (at.images / "alarm.jpg").write_bytes(jpeg("alarm"))
        at.tool(*at.enqueue(at.images / "S00"))
        at.tool(*at.enqueue("--urgent", at.images / "alarm.jpg"))
        worker = at.start(at.work("--jobs", "1"))
        at.wait(lambda: at.redis("XLEN", RES) > 0, worker)
        assert at.redis("XRANGE", RES, "-", "+")[0][1][1] == b"alarm.jpg"
        assert at.redis("XLEN", W0) == 0


# ---- rejected entries and dead letters ----

def paths_that_leave_the_root_are_refused():
    with Queue() as at:
        (at.root / "secret.jpg").write_bytes(jpeg("secret"))
        (at.images / "in").mkdir()
        (at.images / "in" / "good.jpg").write_bytes(jpeg("good"))
        (at.images / "out.jpg").symlink_to(at.root / "secret.jpg")
        (at.images / "away").symlink_to(at.root)
        facts = (at.root / "secret.jpg").stat()
        bad = ["../secret.jpg", str(at.root / "secret.jpg"), "in/../../secret.jpg", "out.jpg", "away/secret.jpg",
               "in//good.jpg", "in/./good.jpg", ""]
        for path in bad:
            at.put(path, facts.st_size, facts.st_mtime_ns)
        at.tool(*at.enqueue(at.images, at.root / "secret.jpg"), code=SOME_FAILED)
        assert "1 enqueued" in at.tool.said and at.tool.said.count("not below the root") == 2, at.tool.said
        at.drain(work=SOME_FAILED, collect=SOME_FAILED)
        assert set(at.letters()) == {path.encode() for path in bad}, at.letters()
        assert all("not below the root" in why for why in at.letters().values())
        assert at.counts()["jobs"] == 1


def a_file_that_changed_is_a_dead_letter_and_no_bill():
    with Queue() as at:
        some(at, 4)
        at.tool(*at.enqueue(at.images))
        time_only, size_only, gone = (at.images / "S00" / "DCIM" / "100RECNX" / f"RCNX000{number}.JPG"
                                      for number in (1, 2, 3))
        time_only.write_bytes(jpeg(7))
        before = size_only.stat()
        size_only.write_bytes(jpeg("another one"))
        os.utime(size_only, ns=(before.st_atime_ns, before.st_mtime_ns))
        gone.unlink()
        at.drain(work=SOME_FAILED, collect=SOME_FAILED)
        why = {name.decode()[-8:]: text for name, text in at.letters().items()}
        assert set(why) == {"0001.JPG", "0002.JPG", "0003.JPG"}, why
        assert "changed since" in why["0001.JPG"] and "changed since" in why["0002.JPG"], why
        assert "the file is gone" in why["0003.JPG"], why
        failures = {entry[1][1][-8:]: entry[1][11] for entry in at.redis("XRANGE", DEAD, "-", "+")}
        assert failures == {b"0001.JPG": b"1", b"0002.JPG": b"1", b"0003.JPG": b"3"}, failures
        states = sorted(at.states().values())
        assert states == ["failed", "failed", "failed", "processed"], states
        assert at.counts()["jobs"] == 1
        said = at.tool("queue", "status", "--queue", at.url).decode()
        assert "3 dead letters" in said and "changed since it was enqueued" in said, said
        # a retry is another entry
        at.service = at.fresh()
        at.tool.use(at.service)
        at.tool(*at.enqueue(at.images))
        at.drain()
        states = sorted(at.states().values())
        assert states == ["failed", "processed", "processed", "processed"], states


def a_job_that_the_service_fails_is_a_dead_letter_with_its_reason():
    with Queue("--fail", "1") as at:
        some(at, 3)
        at.tool(*at.enqueue(at.images))
        at.drain(work=SOME_FAILED, collect=SOME_FAILED)
        assert all("E_JOB_FAILED" in why for why in at.letters().values()) and len(at.letters()) == 3
        assert set(at.states().values()) == {"failed"}
        assert "failed" in at.tool("status", "--ledger", at.ledger).decode()
        at.assert_empty()
        at.again()
        at.tool("run", "--rerun", "--ledger", at.ledger, at.images)
        assert set(at.states().values()) == {"processed"}, "run --rerun takes a new job for what was given up"


def a_poisoned_entry_is_given_up_and_the_others_are_done():
    with Queue() as at:
        some(at, 5)
        at.tool(*at.enqueue(at.images))
        at.put("S00/DCIM/100RECNX/RCNX0000.JPG", "many", "x", asked="sense=none\n")
        at.redis("XADD", W1, "*", "nonsense", "1")
        at.redis("HSET", ENQ, "asked:files", f"operation=detect\nkey-file={at.root / 'home'}\n")
        at.redis("XADD", W1, "*", "p", "x.jpg", "n", "", "s", "1", "m", "1", "o", "files", "f", "0")
        at.put("file:///etc/passwd", size=-1)
        at.drain(work=SOME_FAILED, collect=SOME_FAILED)
        assert len(at.letters()) == 4, at.letters()
        assert sorted(at.states().values()).count("processed") == 5
        at.assert_empty()


# ---- bounds ----

def enqueue_waits_while_the_queue_is_full():
    with Queue() as at:
        some(at, 30)
        putting = at.start(at.enqueue("--bound", "8", at.images))
        at.wait(lambda: at.redis("XLEN", W1) == 8, putting)
        collector = at.start(at.collect())
        worker = at.start(at.work())
        most = 0
        while putting.poll() is None:
            most = max(most, at.redis("XLEN", W1))
            time.sleep(0.005)
        assert most <= 8, most
        assert at.tool.end(putting)[0] == 0
        at.wait(lambda: at.redis("XLEN", W1) == 0, worker)
        at.wait(lambda: at.redis("XLEN", RES) == 0, collector)
        assert list(at.states().values()).count("processed") == 30


def workers_stop_taking_when_nobody_collects():
    with Queue() as at:
        some(at, 24)
        at.tool(*at.enqueue(at.images))
        worker = at.start(at.work("--bound", "5", "--jobs", "4", "--drain"))
        at.wait(lambda: at.redis("XLEN", RES) >= 5, worker)
        at.wait(lambda: at.pending() == 0, worker)
        held = at.redis("XLEN", RES)
        assert held <= 5 + 4, held
        time.sleep(1.5)  # longer than the interval between two takes, in which the fault would happen
        assert at.redis("XLEN", RES) == held
        collector = at.start(at.collect("--drain"))
        code, _, said = at.tool.end(worker)
        assert code == 0 and "results are not collected" in said, said
        assert at.tool.end(collector)[0] == 0
        assert list(at.states().values()).count("processed") == 24


# ---- one collector at a time ----

def a_second_collector_is_refused():
    with Queue() as at:
        some(at, 4)
        at.tool(*at.enqueue(at.images))
        first = at.start(at.collect())
        at.wait(lambda: at.redis("EXISTS", LOCK), first)
        at.tool(*at.collect(ledger=at.root / "other.ledger"), code=GO_ON)
        assert "another collector is running" in at.tool.said, at.tool.said
        at.tool(*at.collect(), code=GO_ON)
        assert "works on this ledger" in at.tool.said, at.tool.said
        first.kill()
        first.communicate()
        at.redis("DEL", LOCK)  # the lock would expire after half a minute
        at.tool(*at.collect("--drain", ledger=at.root / "other.ledger"), code=USAGE)
        assert "belongs to another ledger" in at.tool.said, at.tool.said
        at.drain()
        assert list(at.states().values()).count("processed") == 4


def a_collector_that_was_stopped_notices_that_another_took_over():
    with Queue() as at:
        some(at, 4)
        at.tool(*at.enqueue(at.images))
        first = at.start(at.collect())
        at.wait(lambda: at.redis("EXISTS", LOCK), first)
        first.send_signal(signal.SIGSTOP)
        at.redis("DEL", LOCK)
        second = at.start(at.collect("--take-over", "--drain", ledger=at.root / "other.ledger"))
        at.wait(lambda: at.redis("EXISTS", LOCK), second)
        first.send_signal(signal.SIGCONT)
        code, _, said = at.tool.end(first)
        assert code in (USAGE, GO_ON) and "another" in said, (code, said)
        at.tool(*at.work("--drain"))
        assert at.tool.end(second)[0] == 0
        assert list(at.tool.states("--ledger", at.root / "other.ledger").values()).count("processed") == 4


def a_full_disk_stops_the_collector_and_loses_nothing():
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with Queue() as at:
        some(at, 120)
        at.tool(*at.collect("--drain"))  # creates an empty ledger
        limit = at.ledger.stat().st_size + 8192
        at.tool(*at.enqueue(at.images))
        at.tool(*at.work("--drain"))
        code, _, said = at.tool.end(at.start(at.collect("--drain"), preexec_fn=small_files))
        assert code == GO_ON and "the ledger:" in said, (code, said)
        assert at.redis("XLEN", RES) >= 100, "no record leaves the queue before its commit"
        at.tool(*at.collect("--drain"))
        at.assert_empty()
        assert list(at.states().values()).count("processed") == 120


# ---- interruptions ----

def the_first_interrupt_gives_back_what_is_not_uploaded():
    with Queue("--processing", "fixed:1500") as at:
        some(at, 60)
        at.tool(*at.enqueue(at.images))
        worker = at.start(at.work("--jobs", "20"))
        at.wait(lambda: at.pending() >= 20, worker)
        time.sleep(0.3)
        worker.send_signal(signal.SIGINT)
        code, _, said = at.tool.end(worker)
        assert code == GO_ON, said
        assert at.pending() == 0 and at.redis("XINFO", "CONSUMERS", W1, "g") == [], "it has left"
        assert at.redis("XLEN", W1) + at.redis("XLEN", RES) == 60, said
        at.drain()
        counts = at.counts()
        assert counts["jobs"] == 60 and counts["billed_twice"] == 0, counts


def a_refused_key_gives_everything_back():
    with Queue() as at:
        some(at, 10)
        at.tool(*at.enqueue(at.images))
        at.tool.environment["AD_API_KEY"] = "sk_test_wrong"
        at.tool(*at.work("--drain"), code=KEY)
        assert (at.redis("XLEN", W1), at.pending(), at.redis("XLEN", DEAD)) == (10, 0, 0)
        failures = {entry[1][11] for entry in at.redis("XRANGE", W1, "-", "+")}
        assert failures == {b"0"}, "being given back is no failure"


def a_share_that_is_gone_gives_everything_back():
    with Queue() as at:
        some(at, 10)
        at.tool(*at.enqueue(at.images))
        away = at.root / "away"
        process = at.start(at.work("--jobs", "1"))
        at.wait(lambda: at.redis("XLEN", RES) >= 1, process)
        at.images.rename(away)
        code, _, said = at.tool.end(process)
        assert code == GO_ON and " is gone" in said, said
        assert at.redis("XLEN", W1) + at.redis("XLEN", RES) == 10 and at.pending() == 0 == at.redis("XLEN", DEAD)


def an_enqueue_that_was_killed_goes_on_where_it_was():
    with Queue() as at:
        some(at, 200)
        putting = at.start(at.enqueue("--bound", "70", at.images))
        at.wait(lambda: at.redis("XLEN", W1) == 70, putting)
        putting.kill()
        putting.communicate()
        at.tool(*at.enqueue("--bound", "1000", at.images))
        assert "130 enqueued" in at.tool.said, at.tool.said
        paths = [entry[1][1] for entry in at.redis("XRANGE", W1, "-", "+")]
        assert len(paths) == len(set(paths)) == 200
        assert not [name for name in at.redis("HKEYS", ENQ) if name.startswith(b"run:")]


def an_enqueue_of_other_files_begins_again():
    with Queue() as at:
        some(at, 100)
        putting = at.start(at.enqueue("--bound", "50", at.images))
        at.wait(lambda: at.redis("XLEN", W1) == 50, putting)
        putting.kill()
        putting.communicate()
        (at.images / "A.jpg").write_bytes(jpeg("A"))  # sorts before the others
        at.tool(*at.enqueue(at.images))
        assert "starting again" in at.tool.said and "101 enqueued" in at.tool.said, at.tool.said
        at.drain()
        assert at.counts()["jobs"] == 101
        assert list(at.states().values()).count("processed") == 101


# ---- workers that die or are slow ----

def killed_in(route):
    """Kills a worker before it receives the response to the request of this step; another worker completes the job."""
    def act():
        with Queue("--fault", f"{route}:delay:n=1:ms=12000") as at:
            some(at, 1)
            at.tool(*at.enqueue(at.images))
            worker = at.start(at.work())
            at.wait(lambda: at.pending() == 1, worker)
            time.sleep(1.5)  # all previous steps take a fraction of that
            worker.kill()
            worker.communicate()
            assert (at.redis("XLEN", RES), at.pending()) == (0, 1), "it got past the step"
            at.drain()
            at.assert_empty()
            assert list(at.states().values()) == ["processed"]
            counts = at.counts()
            assert counts["jobs"] == 1 and counts["billed_twice"] == 0, counts
    act.__name__ = f"a_worker_that_is_killed_in_{route}_costs_requests_only"
    return act


def a_worker_that_was_stopped_reports_nothing_twice():
    with Queue("--processing", "fixed:1000") as at:
        some(at, 10)
        at.tool(*at.enqueue(at.images))
        slow = at.start(at.work("--jobs", "10"))
        at.wait(lambda: at.pending() == 10, slow)
        slow.send_signal(signal.SIGSTOP)
        said = at.tool("queue", "status", "--queue", at.url).decode()
        assert re.search(r"^images +0 +10 ", said, re.M) and re.search(rf"-{slow.pid}-[0-9a-f]{{8}} +10 ", said), said
        collector = at.start(at.collect())
        at.tool(*at.work("--drain"))
        slow.send_signal(signal.SIGCONT)
        at.wait(lambda: at.redis("XLEN", RES) == 0, slow)
        time.sleep(1.5)  # now it reports the entries that it holds
        slow.send_signal(signal.SIGINT)
        at.tool.end(slow)
        collector.send_signal(signal.SIGINT)
        _, _, said = at.tool.end(collector)
        assert "10 collected, 0 of them failed" in said, said
        at.assert_empty()
        counts = at.counts()
        assert counts["jobs"] == 10 and counts["billed_twice"] == 0, counts


def a_redis_without_memory_delays_and_says_so_once():
    with Queue() as at:
        some(at, 300)
        at.tool("queue", "status", "--queue", at.url)
        used = int(dict(line.split(b":", 1) for line in at.redis("INFO", "memory").split(b"\r\n")
                        if b":" in line)[b"used_memory"])
        at.redis("CONFIG", "SET", "maxmemory", used // 2)
        putting = at.start(at.enqueue(at.images))
        time.sleep(3)
        assert putting.poll() is None and at.redis("XLEN", W1) == 0
        at.redis("CONFIG", "SET", "maxmemory", 0)
        code, _, said = at.tool.end(putting)
        assert code == 0 and "300 enqueued" in said and said.count("OOM") == 1, said


def a_job_that_takes_longer_than_the_silence_is_not_claimed():
    with Queue("--processing", "fixed:6000") as at:
        some(at, 6)
        at.tool(*at.enqueue(at.images))
        at.drain(workers=2)
        counts = at.counts()
        assert counts["jobs"] == 6 and counts["replays"] == 0, counts


# ---- Redis ----

def go_back(at, size):
    """Redis crashes, and its append-only file is cut to this size."""
    at.redis.kill()
    with open(at.redis.aof(), "r+b") as file:
        file.truncate(size)
    at.redis.start()


def what_a_crash_took_back_is_enqueued_again():
    with Queue(redis_options=("--appendfsync", "always")) as at:
        some(at, 30)
        putting = at.start(at.enqueue("--bound", "10", at.images))
        at.wait(lambda: at.redis("XLEN", W1) == 10, putting)
        size = at.redis.aof().stat().st_size
        for entry in at.redis("XRANGE", W1, "-", "+", "COUNT", "5"):
            at.redis("XDEL", W1, entry[0])  # simulates completed entries
        at.wait(lambda: at.redis("XLEN", W1) == 10, putting)
        go_back(at, size)
        assert at.redis("XLEN", W1) == 10
        at.drain()
        assert at.tool.end(putting)[0] == 0
        at.drain()
        assert list(at.states().values()).count("processed") == 30


def enqueue_waits_until_a_crash_can_take_nothing_back():
    with Queue(redis_options=("--appendfsync", "always")) as at:
        some(at, 200)
        size = at.redis.aof().stat().st_size
        putting = at.start(at.enqueue(at.images))
        at.wait(lambda: at.redis("XLEN", W1) == 200, putting)
        go_back(at, size)
        assert at.redis("XLEN", W1) == 0
        assert at.tool.end(putting)[0] == 0
        paths = [entry[1][1] for entry in at.redis("XRANGE", W1, "-", "+")]
        assert len(paths) == len(set(paths)) == 200


def a_redis_that_is_killed_and_restarted_loses_nothing():
    with Queue("--processing", "fixed:300", redis_options=("--appendfsync", "always")) as at:
        some(at, 60)
        at.tool(*at.enqueue(at.images))
        collector = at.start(at.collect("--drain"))
        worker = at.start(at.work("--drain", "--jobs", "10"))
        for wanted in (50, 30):
            at.wait(lambda wanted=wanted: at.redis("XLEN", W1) <= wanted, worker)
            at.redis.kill()
            time.sleep(0.5)
            at.redis.start()
        code, _, said = at.tool.end(worker)
        assert code == 0 and "Redis is reachable again" in said, said
        assert at.tool.end(collector)[0] == 0
        at.assert_empty()
        assert list(at.states().values()).count("processed") == 60
        log = (at.root / "redis" / "redis.log").read_text()
        assert "Background append only file rewriting" in log, "the file is rewritten after a restart"
        counts = at.counts()
        assert counts["jobs"] == 60 and counts["billed_twice"] == 0, counts


def a_redis_that_stalls_delays_and_nothing_more():
    with Queue("--processing", "fixed:300") as at:
        some(at, 40)
        at.tool(*at.enqueue(at.images))
        collector = at.start(at.collect("--drain"))
        worker = at.start(at.work("--drain", "--jobs", "10"))
        at.wait(lambda: at.redis("XLEN", W1) <= 30, worker)
        at.redis.stall()
        time.sleep(6)  # longer than a reply may take
        at.redis.go_on()
        code, _, said = at.tool.end(worker)
        assert code == 0 and "does not respond" in said, said
        assert at.tool.end(collector)[0] == 0
        at.assert_empty()
        counts = at.counts()
        assert counts["jobs"] == 40 and counts["billed_twice"] == 0, counts


def a_worker_whose_redis_stays_away_can_be_stopped():
    with Queue("--processing", "fixed:300") as at:
        some(at, 20)
        at.tool(*at.enqueue(at.images))
        worker = at.start(at.work("--jobs", "4"))
        at.wait(lambda: at.pending() > 0, worker)
        at.redis.kill()
        worker.send_signal(signal.SIGTERM)
        code, _, said = at.tool.end(worker)
        assert code == GO_ON and "other workers take over" in said, said
        at.redis.start()
        time.sleep(2)
        at.drain()
        assert at.counts()["jobs"] == 20


def a_redis_that_empties_is_filled_by_the_same_command():
    with Queue() as at:
        some(at, 20)
        at.tool(*at.enqueue(at.images))
        at.redis("FLUSHALL")
        at.redis("SCRIPT", "FLUSH")
        at.tool(*at.enqueue(at.images))
        worker = at.start(at.work("--drain"))
        collector = at.start(at.collect("--drain"))
        at.wait(lambda: at.redis("XLEN", W1) < 20, worker)
        at.redis("SCRIPT", "FLUSH")
        assert at.tool.end(worker)[0] == 0 and at.tool.end(collector)[0] == 0
        assert list(at.states().values()).count("processed") == 20


def a_user_of_redis_needs_few_rights():
    rights = "~{ad:q:*}:* +@stream +@hash +@string +@keyspace +@scripting -@dangerous +select +time".split()
    with Queue("--processing", "fixed:300", redis_options=("--appendfsync", "always")) as at:
        some(at, 30)
        admin, at.url = at.url, at.url.replace("//", "//fleet:few%20rights@")

        def let_in():
            at.redis("ACL", "SETUSER", "fleet", "on", ">few rights", *rights)
        let_in()
        at.tool(*at.enqueue(at.images))
        collector = at.start(at.collect("--drain"))
        worker = at.start(at.work("--drain", "--jobs", "4"))
        at.wait(lambda: at.redis("XLEN", W1) <= 25, worker)
        at.redis.kill()
        at.redis.start()
        let_in()
        assert at.tool.end(worker)[0] == 0 and at.tool.end(collector)[0] == 0
        at.assert_empty()
        at.redis("ACL", "SETUSER", "fleet", "+info")
        at.tool("queue", "status", "--queue", admin)
        at.redis("HSET", ENQ, "server", "another")
        at.tool("queue", "status", "--queue", at.url)
        assert "rejects BGREWRITEAOF" in at.tool.said and "few" not in at.tool.said, at.tool.said


def only_a_redis_that_keeps_what_it_is_given_is_used():
    with Queue(redis_options=("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"), aof=False) as at:
        at.tool("queue", "status", "--queue", at.url, code=USAGE)
        assert "noeviction" in at.tool.said, at.tool.said
        at.redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
        said = at.tool("queue", "status", "--queue", at.url).decode()
        assert "append-only" in at.tool.said and "no workers" in said
        at.redis("CONFIG", "SET", "requirepass", "s3cret/word")
        at.tool("queue", "status", "--queue", at.url, code=USAGE)
        assert "NOAUTH" in at.tool.said
        for login, code in ((":s3cret%2Fword@", 0), ("default:s3cret%2Fword@", 0), (":wr0ng@", USAGE)):
            at.tool("queue", "status", "--queue", at.url.replace("//", f"//{login}"), code=code)
            assert "s3cret" not in at.tool.said and "wr0ng" not in at.tool.said
    for url in ("http://127.0.0.1:1/", "redis://", "redis://host:port/", "redis://127.0.0.1:1/x", "redis://h?key=a}b"):
        at.tool("queue", "status", "--queue", url, code=USAGE)


TESTS = (
    a_queue_gives_the_ledger_that_run_gives, an_image_that_run_has_sent_is_not_billed_by_a_queue,
    a_url_is_fetched_by_the_service, what_the_ledger_has_done_is_not_enqueued_again, urgent_images_are_sent_first,
    paths_that_leave_the_root_are_refused, a_file_that_changed_is_a_dead_letter_and_no_bill,
    a_job_that_the_service_fails_is_a_dead_letter_with_its_reason,
    a_poisoned_entry_is_given_up_and_the_others_are_done, enqueue_waits_while_the_queue_is_full,
    workers_stop_taking_when_nobody_collects, a_second_collector_is_refused,
    a_collector_that_was_stopped_notices_that_another_took_over,
    a_full_disk_stops_the_collector_and_loses_nothing, the_first_interrupt_gives_back_what_is_not_uploaded,
    a_refused_key_gives_everything_back, a_share_that_is_gone_gives_everything_back,
    an_enqueue_that_was_killed_goes_on_where_it_was, an_enqueue_of_other_files_begins_again,
    a_job_that_takes_longer_than_the_silence_is_not_claimed, what_a_crash_took_back_is_enqueued_again,
    enqueue_waits_until_a_crash_can_take_nothing_back,
    a_redis_that_is_killed_and_restarted_loses_nothing, a_redis_that_stalls_delays_and_nothing_more,
    *map(killed_in, ("create", "upload", "submit", "poll", "fetch")), a_worker_that_was_stopped_reports_nothing_twice,
    a_redis_without_memory_delays_and_says_so_once,
    a_worker_whose_redis_stays_away_can_be_stopped, a_redis_that_empties_is_filled_by_the_same_command,
    a_user_of_redis_needs_few_rights, only_a_redis_that_keeps_what_it_is_given_is_used)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the work queue: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[3:], at_once=24))
