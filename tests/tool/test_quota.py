#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool's shared quota: run and work with permits; Redis is killed, stalled, emptied or unreachable.

    test_quota.py TOOL EMULATOR [TEST...]
"""
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

from quota_kit import Fleet, STATE
from tool_kit import DONE, GO_ON, USAGE, run_all, season

from kit import redis

# ---- the quota ----

def together_they_use_the_quota_and_never_more():
    """One run is killed, and so is Redis, which keeps its append-only file; the test lasts longer than a minute."""
    with Fleet(600) as at:
        commands = {name: at.site(name, 50) for name in "abcd"}
        begin = time.monotonic()
        runs = {name: at.start(command) for name, command in commands.items()}
        at.wait(lambda: min(at.done(name) for name in "abcd") >= 8)
        counts = [at.done(name) for name in "abcd"]
        assert max(counts) <= 2 * min(counts) + 4, counts
        runs["d"].kill()
        at.redis.kill()
        at.redis.start()
        at.wait(lambda: at.redis("HGET", STATE, "server") == at.server())  # only a running program knows the downtime
        runs["d"] = at.start(commands["d"])
        at.end_all(runs.values())
        spent = time.monotonic() - begin
        counts = at.counts()
        assert counts["limited"] == 0 and counts["jobs"] == counts["images"] == 200, counts
        assert counts["api_requests"] > 600 and spent > 60, "that many never fit into a minute"


def workers_of_a_queue_share_it_too():
    with Fleet(1200) as at:
        season(at.images, 60)
        at.tool(*at.enqueue(at.images))
        collector = at.start(at.collect("--drain"))
        workers = [at.start(at.work("--drain", "--quota", at.url, "--rpm", "1200")) for _ in range(3)]
        at.end_all([*workers, collector])
        at.assert_empty()
        assert at.redis("HGET", STATE, "turn") != b"0", "nobody was granted anything"
        counts = at.counts()
        assert counts["limited"] == 0 and counts["jobs"] == 60, counts


def a_429_that_one_meets_holds_all():
    """The service allows fewer requests than configured."""
    with Fleet(60, "--retry-after", "seconds", stated=1200) as at:
        runs = [at.start(at.site(name, 40)) for name in "abc"]
        at.wait(lambda: int(at.redis("HGET", STATE, "hold") or 0) > 0)
        hold, now = (int(at.redis("HGET", STATE, name)) for name in ("hold", "now"))
        assert hold > now and float(at.redis("HGET", STATE, "pace")) < 1, at.redis("HGETALL", STATE)
        time.sleep(6)  # all granted permits have expired or were used
        before = int(at.redis("HGET", STATE, "turn"))
        time.sleep(3)
        assert int(at.redis("HGET", STATE, "turn")) - before <= 3, "each keeps one for the question whether it goes on"
        for process in runs:
            process.kill()
        limited = at.counts()["limited"]
        assert 0 < limited <= 20, limited


def a_redis_that_stalls_is_waited_for_and_the_quota_kept():
    with Fleet(1200) as at:
        runs = [at.start(at.site(name, 60)) for name in "ab"]
        at.wait(lambda: at.done("a") >= 5)
        at.redis.stall()
        time.sleep(7)
        stood = at.done("a") + at.done("b")
        time.sleep(2)
        assert at.done("a") + at.done("b") - stood <= 2, "there are no permits"
        at.redis.go_on()
        at.end_all(runs)
        assert at.counts()["limited"] == 0


def scripts_that_are_flushed_are_loaded_again_on_the_same_connection():
    """NOSCRIPT costs one call: no new connection, no message, no lost permit."""
    with Fleet(1200) as at:
        runs = [at.start(at.site(name, 40)) for name in "ab"]
        at.wait(lambda: at.done("a") >= 3)
        connection = redis.Connection(at.redis.port)
        opened = int(re.search(rb"total_connections_received:(\d+)", connection("INFO", "stats"))[1])
        for count in (10, 20, 30):
            at.wait(lambda count=count: at.done("a") >= count)
            connection("SCRIPT", "FLUSH")
        at.wait(lambda: at.done("a") >= 38)
        stats = connection("INFO", "stats") + connection("INFO", "errorstats")
        assert int(re.search(rb"total_connections_received:(\d+)", stats)[1]) == opened
        assert int(re.search(rb"errorstat_NOSCRIPT:count=(\d+)", stats)[1]) >= 3, "nobody met the flush"
        connection.close()
        for process in runs:
            code, _, said = at.tool.end(process)
            assert code == DONE and "Redis" not in said, said
        assert at.counts()["limited"] == 0


def a_new_name_waits_and_says_so():
    with Fleet(300) as at:
        at.redis("FLUSHALL")
        process = at.start(at.site("a", 2))
        words = []
        reader = threading.Thread(target=lambda: words.extend(process.stderr.readline() for _ in range(1)))
        reader.start()
        reader.join(50)
        assert words and b"Redis has no record of the last minute: no permits until" in words[0], words
        process.send_signal(signal.SIGINT)
        process.wait(20)
        assert at.counts()["api_requests"] == 0


def a_redis_that_goes_away_is_named_in_the_progress():
    with Fleet(60) as at:
        process = at.start(at.site("a", 100))
        at.wait(lambda: at.redis("HGET", STATE, "turn") not in (None, b"0"))
        at.redis.stop()
        lines = []
        reader = threading.Thread(target=lambda: [lines.append(line) for line in process.stderr])
        reader.start()
        at.wait(lambda: any(b"Redis is unreachable since" in line for line in lines), process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == GO_ON
        reader.join()
        assert any(b"permits: " in line for line in lines), lines
        at.redis.start()


# ---- rejected settings ----

def a_quota_needs_its_size():
    with Fleet(300) as at:
        season(at.images, 1)
        at.tool("run", "--quota", at.url, at.images, code=USAGE)
        assert "--rpm" in at.tool.said, at.tool.said
        at.tool("run", "--share", "10", "--rpm", "300", at.images, code=USAGE)
        assert "--quota" in at.tool.said, at.tool.said
        at.tool("run", "--quota", "http://x", "--rpm", "300", at.images, code=USAGE)
        assert "redis://" in at.tool.said, at.tool.said


def a_redis_that_is_not_there_or_refuses_ends_the_run_without_its_password():
    with Fleet(300) as at:
        command = at.site("a", 1)
        url = at.url.replace("redis://", "redis://fleet:secret-word@")
        wrong = tuple(url if part == at.url else part for part in command)
        at.tool(*wrong, code=USAGE)
        assert "WRONGPASS" in at.tool.said and "secret-word" not in at.tool.said, at.tool.said
        at.redis("CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru")
        at.tool(*command, code=USAGE)
        assert "noeviction" in at.tool.said, at.tool.said
        at.redis.stop()
        at.tool(*wrong, code=GO_ON)
        assert "permits: " in at.tool.said and "secret-word" not in at.tool.said, at.tool.said
        assert at.counts()["api_requests"] == 0


def the_rights_that_the_page_states_are_enough():
    page = (pathlib.Path(__file__).resolve().parents[2] / "doc" / "scale.md").read_text(encoding="utf-8")
    rights = re.search(r"`(~\{ad:p:\*\}[^`]*)`", page)[1].split()
    with Fleet(1200) as at:
        at.redis("ACL", "SETUSER", "fleet", "on", ">word", *rights)
        command = at.site("a", 5)
        at.tool(*(part.replace("redis://", "redis://fleet:word@") if part == at.url else part for part in command))
        assert at.counts()["limited"] == 0


# ---- the library ----

def the_library_knows_nothing_of_redis():
    """The tool links hiredis; the library does not, and uses no symbol of it."""
    linked = subprocess.run(["ldd", sys.argv[1]], stdout=subprocess.PIPE, text=True, check=True).stdout
    library = re.search(r"libanimaldetect\.so\S* => (\S+)", linked)[1]
    assert "libhiredis" in linked
    of_library = subprocess.run(["readelf", "-d", library], stdout=subprocess.PIPE, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED.*\[(lib[a-z]+)", of_library))
    assert needed & {"libcurl", "libjansson", "libsodium"} and not needed & {"libhiredis", "libsqlite", "libexif"}, needed
    symbols = subprocess.run(["nm", "-D", library], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "animaldetect_client_grant_permits" in symbols and "redis" not in symbols


TESTS = (
    together_they_use_the_quota_and_never_more, a_new_name_waits_and_says_so,
    a_redis_that_goes_away_is_named_in_the_progress, workers_of_a_queue_share_it_too, a_429_that_one_meets_holds_all,
    a_redis_that_stalls_is_waited_for_and_the_quota_kept,
    scripts_that_are_flushed_are_loaded_again_on_the_same_connection, a_quota_needs_its_size,
    a_redis_that_is_not_there_or_refuses_ends_the_run_without_its_password,
    the_rights_that_the_page_states_are_enough, the_library_knows_nothing_of_redis)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the shared quota: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[3:], at_once=6))
