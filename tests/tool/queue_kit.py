# SPDX-License-Identifier: MIT
"""A test kit for the fleet tool's queue: a service, a Redis, and several commands at once."""
import contextlib
import time

from tool_kit import DONE, Place

from kit import emulator, redis

NAME = "test"
W0, W1, RES, DEAD, ENQ, LOCK = (f"{{ad:q:{NAME}}}:{name}" for name in ("w0", "w1", "res", "dead", "enq", "lock"))
STREAMS = (W0, W1, RES)


class Queue(Place):
    """A Place with its own Redis. Workers that send no heartbeat for two seconds lose their entries."""

    def __init__(self, *options, redis_options=(), **named):
        super().__init__(*options)
        self.redis_options, self.redis_named = redis_options, named

    def __enter__(self):
        super().__enter__()
        self.redis = redis.Redis(self.root / "redis", *self.redis_options, **self.redis_named)
        self.url = f"redis://127.0.0.1:{self.redis.port}/0?key={NAME}"
        self.ledger = self.root / "queue.ledger"
        self.processes = []
        return self

    def __exit__(self, *failure):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
        self.redis.__exit__()
        super().__exit__(*failure)

    # the arguments of each command, for `tool` or `start`
    def enqueue(self, *arguments):
        return ("enqueue", "--queue", self.url, "--root", self.images, *arguments)

    def work(self, *arguments):
        return ("work", "--queue", self.url, "--root", self.images, "--idle", "2", *arguments)

    def collect(self, *arguments, ledger=None):
        return ("collect", "--queue", self.url, "--ledger", ledger or self.ledger, *arguments)

    def start(self, command, **options):
        process = self.tool.start(*command, **options)
        self.processes.append(process)
        return process

    def put(self, path, size=1, mtime=1, asked="operation=detect\n", failures="0", name=""):
        """Adds an entry without the tool, as another program might."""
        self.redis("HSETNX", ENQ, "asked:by-hand", asked)
        return self.redis("XADD", W1, "*", "p", path, "n", name, "s", size, "m", mtime, "o", "by-hand", "f", failures)

    def drain(self, work=DONE, collect=DONE, workers=1):
        """Works and collects until the queue is empty; returns the messages of the last worker."""
        collector = self.start(self.collect("--drain"))
        started = [self.start(self.work("--drain")) for _ in range(workers)]
        for process in started:
            code, _, said = self.tool.end(process)
            assert code == work, said
        code, _, self.collected = self.tool.end(collector)
        assert code == collect, self.collected
        return said

    def letters(self):
        """The dead letters: path -> reason."""
        entries = [dict(zip(entry[1][::2], entry[1][1::2])) for entry in self.redis("XRANGE", DEAD, "-", "+")]
        letters = {entry.get(b"p", b""): (entry[b"c"] + b" " + entry[b"e"]).decode() for entry in entries}
        assert len(letters) == len(entries), "an entry was buried twice"
        return letters

    def pending(self, stream=W1):
        with contextlib.suppress(redis.Refused):
            return self.redis("XPENDING", stream, "g")[0]
        return 0

    def assert_empty(self):
        for stream in STREAMS:
            assert (self.redis("XLEN", stream), self.pending(stream)) == (0, 0), stream

    def states(self):
        return self.tool.states("--ledger", self.ledger)

    def wait(self, condition, process=None):
        """Waits for the condition; fails if the process exits before."""
        until = time.monotonic() + 60
        while not condition():
            assert process is None or process.poll() is None, process.communicate()
            assert time.monotonic() < until, "it never came to be"
            time.sleep(0.02)


__all__ = ["Queue", "NAME", "W0", "W1", "RES", "DEAD", "ENQ", "LOCK", "STREAMS", "emulator", "redis"]
