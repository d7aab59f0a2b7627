# SPDX-License-Identifier: MIT
"""Large fleets in virtual time: a thousand workers with one key, and several keys in one Redis.

Promises: the figures come from the counts of quota_world.py and from Redis itself, never from the script.
"""
import re

from quota_world import World

FIRST = 75000  # ms; the script grants no permits to a new name before
MINUTE = 60000
STEP = 250  # ms between iterations of a worker; shorter steps would only take longer to compute


def server_figures(ask):
    """The script calls of the server so far: their number and microseconds, and the memory in use."""
    calls = re.search(rb"cmdstat_evalsha:calls=(\d+),usec=(\d+)", ask("INFO", "commandstats"))
    memory = re.search(rb"used_memory:(\d+)", ask("INFO", "memory"))
    return (*(map(int, calls.groups()) if calls else (0, 0)), int(memory[1]))


class Figures:
    """The figures of the last minutes."""

    def __init__(self, at, minutes):
        begin, end = at.now - minutes * MINUTE, at.now
        self.most = at.most()
        self.limit = at.limit
        self.share = at.between(begin, end) / (at.limit * minutes)

    def __str__(self):
        return f"most in a minute {self.most} of {self.limit}, {100 * self.share:.1f} % of the quota"


def fleet(ask, count, limit, **named):
    """Workers that always want more permits than they get."""
    at = World(ask, limit=limit, **{"step": STEP} | named)
    for index in range(count):
        at.add(f"w{index}", limit, rate=1 + (index % 9 - 4) * 1e-4)
    return at


def undisturbed(ask, count, limit, minutes, **named):
    """Figures, requests of each worker after the first minutes, calls per second, us per call in Redis, bytes."""
    at = fleet(ask, count, limit, **named)
    at.run(FIRST + MINUTE)
    before = [worker.used for worker in at.workers]
    calls, spent, memory = server_figures(ask)
    at.run(at.now + minutes * MINUTE)
    later, spent_later, _ = server_figures(ask)
    state = sum(ask("MEMORY", "USAGE", key, "SAMPLES", 0) or 0 for key in at.keys)
    used = [worker.used - first for worker, first in zip(at.workers, before)]
    return Figures(at, minutes), used, (later - calls) / (60 * minutes), (spent_later - spent) / (later - calls), state


def disturbed(ask, count, limit, **named):
    """A tenth of the workers die and are replaced, replies are lost, the server stalls, loses its last two seconds in a
    restart, and its clock jumps."""
    at = fleet(ask, count, limit, **named)
    at.run(FIRST + MINUTE)
    for index, worker in enumerate(at.workers[:count // 10]):
        worker.is_alive = False
        at.add(f"n{index}", limit)
    at.loses_replies = 0.05
    at.run(at.now + MINUTE / 2)
    at.loses_replies = 0
    at.is_stalled = True
    at.run(at.now + 8000)
    at.go_on(newest_first=True)
    at.run(at.now + MINUTE / 2)
    at.jump -= 45000
    at.run(at.now + MINUTE / 2)
    snapshot = at.snapshot()
    at.run(at.now + 2000)
    at.restart(snapshot)
    at.run(at.now + 2.5 * MINUTE)
    return Figures(at, 1)


def several_keys(ask, keys, count, limit, minutes, forgotten=None, **named):
    """One Redis with `keys` labels of `count` workers each; the data of label `forgotten` is deleted after a minute."""
    worlds = [World(ask, name=f"k{key}", seed=key + 1, limit=limit, step=STEP, **named) for key in range(keys)]
    for at in worlds:
        for index in range(count):
            at.add(f"w{index}", limit)
    end = FIRST + (minutes + 1) * MINUTE
    for until in range(100, end + 1, 100):
        for at in worlds:
            at.run(until)
        if until == FIRST + MINUTE and forgotten is not None:
            ask("DEL", *worlds[forgotten].keys)
    return [Figures(at, minutes) for at in worlds]
