#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The number of connections that a run opens, counted by the servers, when each request takes a while.

    connections.py BUILD_ROOT

Each function is a promise; its name is printed.  The delays only make requests overlap: no test measures time.
"""
import collections
import sys
import threading
import time

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402
from odd_relay import KEEP, Relay  # noqa: E402

DELAY_S = 0.02


class _CountingRelay(Relay):
    """Also counts the connections that are open at the same time."""

    def __init__(self, script):
        super().__init__(script)
        self.opened = collections.Counter()
        self.open = self.most = 0
        self.guarded = threading.Lock()

    def serve(self, connection, index):
        with self.guarded:
            self.opened[index] += 1
            self.open += 1
            self.most = max(self.most, self.open)
        super().serve(connection, index)
        with self.guarded:
            self.open -= 1


def _late(turn):
    answer = turn.forward().plain()
    time.sleep(DELAY_S)
    turn.send(answer)
    return KEEP


def _run(count, size, slots, script=_late):
    with _CountingRelay(script) as relay, kit.service(api=relay.api, storage=relay.storage) as running:
        relay.start(running)
        run = kit.run_client(relay.api + "/v1", kit.images(count, size), "--max-requests", str(slots))
    assert not relay.errors, relay.errors
    run.succeeded(count)
    running.judge(jobs=count)
    return relay


def a_run_opens_no_more_connections_than_it_may_have_requests():
    for slots, count in ((2, 10), (5, 20), (16, 80)):
        relay = _run(count, 3000, slots)
        assert relay.connections <= slots * 1.2, (slots, relay.opened)


def connections_of_the_service_outlast_a_time_of_many_uploads():
    """Uploads take ten times as long as other requests."""
    def script(turn):
        if turn.route == "upload":
            time.sleep(DELAY_S * 9)
        return _late(turn)

    relay = _run(60, 3000, 16, script)
    assert relay.connections <= 16 * 1.2, relay.opened


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
