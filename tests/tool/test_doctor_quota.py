#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The doctor's checks of the Redis of --quota: what it reports about each setting, and that it changes nothing.

    test_doctor_quota.py TOOL EMULATOR [TEST...]
"""
import sys

from queue_kit import NAME, Queue
from tool_kit import DONE, SOME_FAILED, run_all

from kit import redis

STATE = f"{{ad:p:{NAME}}}:state"
SECRET = "secret-word"


def doctor(at, *options, code=DONE, url=None):
    """The doctor's report about Redis, as one line."""
    out = at.tool("doctor", "--ledger", at.root / "doctor.ledger", "--quota", url or at.url, *options, code=code)
    said = " ".join((out if isinstance(out, str) else out.decode()).split())
    assert SECRET not in said and SECRET not in at.tool.said, said
    return said


def a_redis_that_is_well_is_described_and_not_written():
    with Queue() as at:
        said = doctor(at)
        version = at.redis("INFO", "server").split(b"redis_version:")[1].split(b"\r")[0].decode()
        assert f"version {version}; the script of the quota is loaded" in said, said
        assert "appendonly yes, appendfsync everysec: a restart goes on at once" in said, said
        assert "no maxmemory, noeviction" in said, said
        assert "the quota does not depend on it" in said, said
        assert f'nobody has used the name "{NAME}" yet: nothing is granted for the first 75 s' in said, said
        assert at.redis("DBSIZE") == 0, "the doctor has begun the first minute"


def settings_are_explained():
    with Queue(redis_options=("--appendfsync", "no", "--maxmemory", "100mb"), aof=True) as at:
        said = doctor(at)
        assert "appendfsync no: a restart goes on at once; what a power cut loses is charged anew" in said, said
        assert "memory: at most" in said and "nothing is granted (noeviction)" in said, said
        at.redis("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "allkeys-lru", "appendfsync", "always")
        said = doctor(at)
        assert "set maxmemory-policy to noeviction, not allkeys-lru" in said, said
        assert "appendfsync always: a restart goes on at once" in said, said
        at.redis("CONFIG", "SET", "appendonly", "no")
        said = doctor(at)
        assert "appendonly no: after a restart of Redis nothing is granted for 75 s" in said, said
        at.redis("CONFIG", "SET", "maxmemory", "100mb")
        said = doctor(at, code=SOME_FAILED)
        assert "BAD redis" in said and "set its maxmemory-policy to noeviction, not allkeys-lru" in said, said


def who_shares_and_what_is_used_is_said():
    with Queue() as at:
        at.redis("HSET", STATE, "now", 1000, "limit", 300, "out", 7, "logged", 41, "hold", 0, "lost", 0)
        for index in range(3):
            at.redis("HSET", f"{{ad:p:{NAME}}}:workers", f"w{index}", "1 0 0")
        at.redis("ZADD", f"{{ad:p:{NAME}}}:hungry", 1, "w1")
        said = doctor(at, "--rpm", "300")
        assert f'3 workers share "{NAME}", 1 waiting for permits; 300 requests a minute, 7 outstanding, 41 counted' in said, said
        said = doctor(at, "--rpm", "200", code=SOME_FAILED)
        assert "states 200 with --rpm, another one 300" in said, said
        at.redis("HSET", STATE, "hold", 9000, "lost", 31000)
        said = doctor(at, code=SOME_FAILED)
        assert "all are held after a 429" in said and "nothing is granted for 30 s" in said, said


def a_user_with_few_rights_gets_what_it_may_know():
    with Queue() as at:
        at.redis("ACL", "SETUSER", "fleet", "on", f">{SECRET}", *"~{ad:p:*}:* +@hash +@sortedset +@keyspace +@scripting -@dangerous"
                 " +select +time +info +del".split())
        said = doctor(at, url=at.url.replace("//", f"//fleet:{SECRET}@"))
        assert "appendfsync: this user may not ask" in said and "the script of the quota is loaded" in said, said


def what_is_wrong_is_named_without_the_password():
    with Queue() as at:
        said = doctor(at, url=at.url.replace("//", f"//fleet:{SECRET}@"), code=SOME_FAILED)
        assert "BAD redis" in said and "WRONGPASS" in said, said
        other = redis.Redis(at.root / "replica", "--replicaof", f"127.0.0.1 {at.redis.port}")
        try:
            said = doctor(at, url=f"redis://127.0.0.1:{other.port}/0", code=SOME_FAILED)
            assert "this is a replica, which grants nothing: name the primary" in said, said
        finally:
            other.__exit__()
        at.redis.stop()
        said = doctor(at, url=at.url.replace("//", f"//:{SECRET}@"), code=SOME_FAILED)
        assert f"BAD redis 127.0.0.1:{at.redis.port}: " in said, said
        said = doctor(at, url=f"http://:{SECRET}@127.0.0.1", code=SOME_FAILED)
        assert "the address of --quota cannot be used" in said, said
        assert "redis://" in at.tool.said, at.tool.said


TESTS = (a_redis_that_is_well_is_described_and_not_written, settings_are_explained, who_shares_and_what_is_used_is_said,
         a_user_with_few_rights_gets_what_it_may_know, what_is_wrong_is_named_without_the_password)

if __name__ == "__main__":
    if redis.PROGRAM is None:
        print("skip the doctor's questions to Redis: no redis-server")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[3:]))
