#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool built without hiredis: all commands without Redis work, the others fail with a one-line message.

    test_without_redis.py TOOL EMULATOR [TEST...]
"""
import subprocess
import sys

from tool_kit import DONE, SOME_FAILED, USAGE, Place, run_all, season

REASON = "this program was built without hiredis, which it needs for Redis"
URL = "redis://:secret-word@127.0.0.1:1/0?key=test"


def it_is_linked_without_hiredis():
    linked = subprocess.run(["ldd", sys.argv[1]], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "libsqlite3" in linked and "libexif" in linked and "hiredis" not in linked, linked


def a_run_without_redis_is_as_ever():
    with Place() as at:
        season(at.images, 3)
        at.tool("run", "--ledger", at.root / "a.ledger", at.images, code=DONE)
        assert at.counts()["jobs"] == 3


def what_needs_redis_is_refused_with_one_line():
    with Place() as at:
        season(at.images, 1)
        for command in (("run", "--quota", URL, "--rpm", "60", "--ledger", at.root / "a.ledger", at.images),
                        ("enqueue", "--queue", URL, "--root", at.images, at.images),
                        ("work", "--queue", URL, "--root", at.images),
                        ("collect", "--queue", URL, "--ledger", at.root / "b.ledger"), ("queue", "status", "--queue", URL)):
            at.tool(*command, code=USAGE)
            assert REASON in at.tool.said and len(at.tool.said.strip().splitlines()) == 1, at.tool.said
            assert "secret-word" not in at.tool.said
        assert at.counts()["api_requests"] == 0


def the_doctor_says_so():
    with Place() as at:
        out = at.tool("doctor", "--ledger", at.root / "a.ledger", "--quota", URL, code=SOME_FAILED)
        said = " ".join((out if isinstance(out, str) else out.decode()).split())
        assert f"BAD redis {REASON}" in said and "secret-word" not in said, said
        at.tool("doctor", "--ledger", at.root / "a.ledger", code=DONE)


TESTS = (it_is_linked_without_hiredis, a_run_without_redis_is_as_ever, what_needs_redis_is_refused_with_one_line,
         the_doctor_says_so)

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[3:]))
