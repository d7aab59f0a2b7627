#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The host name of Redis: resolved for each connection, without blocking the program.

    test_redis_names.py TOOL EMULATOR ODD_NAMES [TEST...]
"""
import signal
import sys
import time

from quota_kit import STATE, Fleet
from tool_kit import DONE, GO_ON, USAGE, is_sanitized, run_all

from kit import redis
from kit.proxy import Proxy


class Named(Fleet):
    """A fleet whose Redis has the host name redis.test."""

    def __enter__(self):
        super().__enter__()
        self.names = self.root / "names"
        self.names.write_text("127.0.0.1\n")
        self.url = self.url.replace("//127.0.0.1:", "//redis.test:")
        self.tool.environment |= {"LD_PRELOAD": sys.argv[3], "ODD_NAMES": str(self.names)}
        return self


def a_redis_that_has_moved_is_found_again():
    """The new server has another address and the same port."""
    with Named(1200) as at:
        second = redis.Redis(at.root / "second")
        proxy = Proxy(second.port, at=("127.0.0.2", at.redis.port))
        try:
            process = at.start(at.site("a", 40))
            at.wait(lambda: at.done("a") >= 3, process)
            first, at.redis = at.redis, second
            at.known()
            at.redis = first
            at.names.write_text("127.0.0.2\n")
            first.stop()
            at.end_all([process])
            assert second("HGET", STATE, "turn") not in (None, b"0"), "nothing was granted there"
            assert at.counts()["jobs"] == 40
        finally:
            proxy.close()
            second.__exit__()


def every_address_of_a_name_is_tried():
    """Nothing listens at the first one, as where a name has an IPv6 address and Redis listens on IPv4 only."""
    with Named(1200) as at:
        at.names.write_text("127.0.0.3 127.0.0.1\n")
        at.tool(*at.site("a", 3), code=DONE)
        assert at.counts()["jobs"] == 3


def a_name_server_that_never_responds_blocks_nothing():
    with Named(1200) as at:
        at.names.write_text("silent\n")
        at.tool(*at.site("a", 1), code=GO_ON)
        assert "permits: the lookup of redis.test takes long" in at.tool.said, at.tool.said
        at.names.write_text("127.0.0.1\n")
        process = at.start(at.site("b", 40))
        at.wait(lambda: at.done("b") >= 3, process)
        at.names.write_text("silent\n")
        at.redis.stop()
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert at.tool.end(process)[0] == GO_ON


def a_name_that_does_not_exist_ends_the_run_without_its_password():
    with Named(1200) as at:
        at.names.write_text("none\n")
        url = at.url.replace("//", "//fleet:secret-word@")
        at.tool(*(url if part == at.url else part for part in at.site("a", 1)), code=USAGE)
        assert "permits: cannot look up redis.test: " in at.tool.said and "secret-word" not in at.tool.said, at.tool.said
        out = at.tool("doctor", "--ledger", at.root / "d.ledger", "--quota", url, code=1)
        said = " ".join((out if isinstance(out, str) else out.decode()).split())
        assert "BAD redis" in said and "cannot look up redis.test: " in said and "secret-word" not in said, said
        at.names.write_text("127.0.0.1\n")
        at.tool(*at.site("b", 1), code=DONE)


TESTS = (a_redis_that_has_moved_is_found_again, every_address_of_a_name_is_tried,
         a_name_server_that_never_responds_blocks_nothing,
         a_name_that_does_not_exist_ends_the_run_without_its_password)

if __name__ == "__main__":
    if redis.PROGRAM is None or is_sanitized(sys.argv[1]):
        print("skip the names of Redis: no redis-server, or a program that bears no preloaded library")
        sys.exit(77)
    sys.exit(run_all(TESTS, sys.argv[4:]))
