# SPDX-License-Identifier: MIT
"""Simulates workers with permits in virtual time: the script of the quota runs in a real Redis, with the simulated time
in place of the server's, and the arrivals at the service are counted.

Promises: the same seed gives the same run; nothing waits for real time.
"""
import bisect
import heapq
import pathlib
import random

SCRIPT = (pathlib.Path(__file__).resolve().parents[2] / "examples" / "animaldetect" / "quota.lua").read_text(encoding="ascii")


def keys_of(name):
    return [f"{{ad:p:{name}}}:{key}" for key in ("state", "log", "workers", "deadlines", "hungry")]


KEYS = keys_of("test")
WINDOW, LIFE, LAG, REPLY, REPORT = 60000, 5000, 10000, 2000, 500


def replaced(text, old, new):
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def faked(script):
    """The script with the time and the run id of the server passed by the caller."""
    script = replaced(script, "redis.call('TIME')", "{ARGV[14], ARGV[15]}")
    return replaced(script, "redis.call('INFO', 'server')", "'run_id:' .. ARGV[16]")


class Worker:
    """A model of quota.c and the library: one script call at a time, with a timeout of two seconds."""

    def __init__(self, world, name, limit, hunger=None, rate=1.0, failing=0.0, share="0", settles_early=False):
        self.world, self.name, self.limit, self.hunger, self.rate = world, name, limit, hunger, rate
        self.failing, self.share, self.settles_early = failing, share, settles_early
        self.begin = world.now
        self.is_alive, self.asking, self.sequence = True, None, 0
        self.told = self.told_at = self.told_asked = self.last_told = 0
        self.next = self.asked = -REPORT
        self.in_hand, self.wire, self.lagging, self.settled = [], 0, 0, []
        self.limited = self.hint = 0
        self.used, self.hold, self.waiting, self.lost_until = 0, 0, 0, 0
        world.at(0, self.tick)

    def clock(self):
        return (self.world.now - self.begin) * self.rate

    def tick(self):
        if not self.is_alive:
            return
        now = self.clock()
        self.in_hand = [end for end in self.in_hand if end > now]
        if self.hunger is not None and self.world.random.random() < self.hunger * self.world.step / 1000:
            self.waiting += 1
        while self.in_hand and now >= self.hold and (self.hunger is None or self.waiting > 0):
            self.in_hand.pop()
            self.waiting -= self.hunger is not None
            self.send()
        wanted = (10 if self.hunger is None else self.waiting) - len(self.in_hand)
        outstanding = len(self.in_hand) + self.wire + self.lagging
        has_news = outstanding or self.settled or self.limited
        if self.asking and now - self.asked >= REPLY:
            self.asking = None
            self.world.reconnect(self)
        if not self.asking and ((wanted > 0 and now >= self.next) or (has_news and now - self.asked >= REPORT)):
            self.ask(wanted, outstanding, now)
        self.world.at(self.world.step, self.tick)

    def send(self):
        self.used += 1
        if self.settles_early:  # a deliberate fault: the request may arrive after its permit has stopped counting
            self.settled.append(self.clock())
        else:
            self.wire += 1
        self.world.arrive_after(self, self.world.random.uniform(1, self.world.travel))

    def answered(self, refused):
        if not self.is_alive or self.settles_early:
            return
        self.wire -= 1
        if self.world.random.random() < self.failing:
            self.lagging += 1
            self.world.at(LAG, self.lagged)
            return
        self.settled.append(self.clock())
        if refused:
            self.limited, self.hint = self.limited + 1, 3000

    def lagged(self):
        self.lagging -= 1
        self.settled.append(self.clock())

    def ask(self, wanted, outstanding, now):
        self.sequence += 1
        self.asked, self.asking = now, self.sequence
        reported, limited = len(self.settled), self.limited
        ages = " ".join(f"{max(0, int(now - at))}:1" for at in self.settled)
        call = (self.name, self.sequence, self.limit, max(0, wanted), outstanding, ages, self.told,
                int(now - self.told_at), int(now - self.told_asked), limited, self.hint, self.share, self.last_told)
        self.world.call(self, call, lambda reply: self.reply(reply, call[1], reported, limited))

    def reply(self, reply, sequence, reported, limited):
        if self.asking != sequence or not self.is_alive:
            return
        now = self.clock()
        self.asking = None
        count, time, ask, hold, lost = reply
        trip = now - self.asked
        if not self.last_told or trip <= self.told_at - self.told_asked or now - self.told_at >= 30000 or \
                abs(time - self.told - (now - self.told_at)) > 100 + trip:
            self.told, self.told_at, self.told_asked = time, now, self.asked
        self.last_told, self.next = time, now + ask * self.world.random.uniform(0.75, 1.25)
        self.hold, self.lost_until = max(self.hold, now + hold if hold else 0), now + lost
        del self.settled[:reported]
        self.limited -= limited
        self.in_hand += [self.asked + LIFE] * count


class World:
    """The workers that share one key. Several worlds may share one Redis; each has its own time."""

    def __init__(self, ask, name="test", seed=1, limit=300, script=SCRIPT, travel=400, delay=30, step=50):
        self.ask, self.limit, self.travel, self.delay, self.step = ask, limit, travel, delay, step
        self.keys = keys_of(name)
        ask("DEL", *self.keys)
        self.calls = 0
        self.sha = ask("SCRIPT", "LOAD", faked(script))
        self.random = random.Random(seed)
        self.now, self.count, self.events = 0, 0, []
        self.jump, self.server, self.is_stalled, self.is_away = 1_700_000_000_000, "a1", False, False
        self.queued, self.lines = [], {}
        self.arrivals, self.refused, self.foreign, self.workers = [], 0, [], []
        self.loses_replies = 0.0
        self.is_judged = False  # whether the service itself rejects requests over the limit

    def add(self, name, *arguments, **named):
        self.workers.append(Worker(self, name, *arguments, **named))
        return self.workers[-1]

    def at(self, after, act):
        self.count += 1
        heapq.heappush(self.events, (self.now + after, self.count, act))

    def run(self, until):
        while self.events and self.events[0][0] <= until:
            self.now, _, act = heapq.heappop(self.events)
            act()
        self.now = until

    def known(self):
        """Sets the state to that after a minute without requests, for which a new name would have to wait."""
        self.ask("HSET", self.keys[0], "now", int(self.jump), "server", self.server, "pace", 1)

    # ---- calls to Redis: in order on each connection ----

    def reconnect(self, worker):
        self.lines[worker] = (self.lines.get(worker, (0, 0))[0] + 1, 0)

    def call(self, worker, call, reply):
        line, last = self.lines.get(worker, (0, 0))
        when = max(last, self.now + self.random.uniform(1, self.delay))
        self.lines[worker] = (line, when)
        self.at(when - self.now, lambda: self.execute(worker, call, reply))

    def execute(self, worker, call, reply):
        if self.is_away:
            return
        if self.is_stalled:
            self.queued.append((worker, call, reply))
            return
        milliseconds = int(self.now + self.jump)
        self.calls += 1
        answer = self.ask("EVALSHA", self.sha, len(self.keys), *self.keys, *call, milliseconds // 1000,
                          milliseconds % 1000 * 1000, self.server)
        if self.random.random() >= self.loses_replies:
            self.at(self.random.uniform(1, self.delay), lambda: reply(answer))

    def go_on(self, newest_first=False):
        """Ends a stall; the server may read its connections in any order."""
        self.is_stalled = False
        queued, self.queued = self.queued, []
        for item in reversed(queued) if newest_first else queued:
            self.execute(*item)

    # ---- Redis' data ----

    def snapshot(self):
        return [(key, self.ask("DUMP", key)) for key in self.keys]

    def restart(self, snapshot=None):
        """Simulates a restart of the server with the data of `snapshot`, or without one, with all data."""
        self.server = f"{int(self.server, 16) + 1:x}"
        if snapshot is None:
            return
        self.ask("DEL", *self.keys)
        for key, value in snapshot:
            if value is not None:
                self.ask("RESTORE", key, 0, value)

    # ---- the service ----

    def arrive_after(self, worker, after):
        self.at(after, lambda: self.arrive(worker))

    def arrive(self, worker):
        refused = self.is_judged and self.in_window(self.now) >= self.limit
        self.refused += refused
        self.arrivals.append(self.now)
        self.at(self.random.uniform(1, 100), lambda: worker.answered(refused))

    def in_window(self, now):
        return len(self.arrivals) - bisect.bisect_right(self.arrivals, now - WINDOW)

    def most(self):
        """The largest number of arrivals in any window."""
        return max((index + 1 - bisect.bisect_right(self.arrivals, at - WINDOW)
                    for index, at in enumerate(self.arrivals)), default=0)

    def between(self, begin, end):
        return bisect.bisect_right(self.arrivals, end) - bisect.bisect_right(self.arrivals, begin)

    def assert_kept(self, limit=None):
        assert self.most() <= (limit or self.limit), f"{self.most()} arrivals in a window"
