#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cost of a queue in Redis: memory for waiting images and for results, and script times with many workers.

    bench_queue.py [--images N] [--workers N] [--rounds N] [--in-hand N]

Without a service: creates entries and records itself, with the scripts of the program. Prints figures, checks none.
"""
import argparse
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import redis  # noqa: E402

SCRIPTS = {path.stem: path.read_text(encoding="ascii") for path in
           (pathlib.Path(__file__).resolve().parents[2] / "examples" / "animaldetect" / "queue").glob("*.lua")}
W0, W1, RES, DEAD, ENQ, LOCK = (f"{{ad:q:bench}}:{name}" for name in ("w0", "w1", "res", "dead", "enq", "lock"))
BATCH = 50
PIPELINE = 100


class Bench:
    def __init__(self, server):
        self.ask = redis.Connection(server.port, 600)
        self.shas = {name: self.ask("SCRIPT", "LOAD", text).decode() for name, text in SCRIPTS.items()}

    def call(self, name, keys, *arguments):
        return ("EVALSHA", self.shas[name], len(keys), *keys, *arguments)

    def all(self, commands):
        replies = []
        for at in range(0, len(commands), PIPELINE):
            replies += self.ask.pipeline(commands[at:at + PIPELINE])
        bad = next((reply for reply in replies if isinstance(reply, redis.Refused)), None)
        if bad:
            raise bad
        return replies

    def info(self, section):
        return dict(line.split(":", 1) for line in self.ask("INFO", section).decode().split("\r\n") if ":" in line)

    def memory(self):
        return int(self.info("memory")["used_memory"])

    def script_times(self, act):
        """For each step: its name, its number of calls, their time in the server, and the elapsed time."""
        for name, commands in act:
            self.ask("CONFIG", "RESETSTAT")
            begin = time.monotonic()
            self.all(commands)
            wall = time.monotonic() - begin
            stats = self.info("commandstats")["cmdstat_evalsha"]
            fields = dict(part.split("=") for part in stats.split(","))
            yield name, len(commands), float(fields["usec_per_call"]), wall


def path_of(index):
    return f"S{index // 10000:02d}/DCIM/100RECNX/{index // 1000:05d}/RCNX{index % 10000:05d}.JPG"


def fill(bench, count):
    calls, at = [], "0"
    for index in range(0, count, BATCH):
        entries = [part for one in range(index, index + BATCH)
                   for part in (path_of(one), "", 1000000 + one, 1780000000000000000 + one * 7919)]
        after = f"{index + BATCH}:0123456789abcdef0123456789abcdef"
        calls.append(bench.call("enqueue", (W1, ENQ), "run", at, after, 10 ** 9, "0123456789abcdef",
                                "operation=detect\ncountry=KE\n", *entries))
        at = after
    bench.all(calls)


def record(size):
    """The fields of a record with a result of `size` bytes."""
    values = (path_of(1), "1234567", "1780000000000000000", "0123456789abcdef", "r", "a" * 64 + ".jpg", "a" * 64, "",
              "\t\t2026-06-01T22:00:00\tRECONYX HP2X\t", "job_0123456789abcdef0123456789abcdef", "", "", "x" * size)
    return [part for pair in zip("psmokndrtjgcb", values) for part in pair]


def measure_memory(bench, count):
    empty = bench.memory()
    fill(bench, count)
    waiting = bench.memory()
    print(f"waiting: {(waiting - empty) / count:.0f} bytes an image, a path of {len(path_of(1))} bytes "
          f"({count} measured)")
    for number in range(0, count, 1000):
        bench.ask(*bench.call("take", (W0, W1, RES, ENQ), f"host-{number}-01234567", 1000, 10 ** 9, "0"))
    pending = bench.memory()
    print(f"in hand: {(pending - waiting) / count:.0f} bytes more")
    for size in (300, 2000):
        before = bench.memory()
        some = count // 10
        bench.all([("XADD", RES, "*", *record(size))] * some)
        print(f"results of {size} bytes: {(bench.memory() - before) / some:.0f} bytes each ({some} measured)")
        bench.ask("DEL", RES)
    bench.ask("FLUSHALL")


def measure_times(bench, workers, rounds, in_hand):
    fill(bench, workers * (in_hand + rounds))
    names = [f"host{number % 100}-{number}-01234567" for number in range(workers)]

    def take(count):
        return [bench.call("take", (W0, W1, RES, ENQ), name, count, 10 ** 9, "0") for name in names]

    ids = {name: [] for name in names}
    for name, reply in zip(names, bench.all(take(in_hand))):
        ids[name] = [entry[0] for entry in reply[2]]
    beats = [bench.call("beat", (W1,), name, *ids[name][:100]) for name in names]
    claims = [bench.call("claim", (W1, RES, DEAD, ENQ), name, 60000, 20, 20, 100000, "1", "15") for name in names]
    finish = [bench.call("finish", (W1, RES), ids[name][number], *record(300)) for name in names
              for number in range(min(rounds, in_hand))]
    print(f"{workers} workers, {in_hand} in hand each, {bench.ask('XPENDING', W1, 'g')[0]} pending")
    # one pass over all pending entries, which takes several calls
    bench.ask("HDEL", ENQ, "pass:1")
    passes, total, slowest = 0, 0.0, 0.0
    while True:
        bench.ask("CONFIG", "RESETSTAT")
        more = bench.ask(*bench.call("claim", (W1, RES, DEAD, ENQ), names[0], 60000, 20, 20, 100000, "1", "15"))[0]
        fields = dict(part.split("=") for part in bench.info("commandstats")["cmdstat_evalsha"].split(","))
        passes, total, slowest = passes + 1, total + float(fields["usec"]), max(slowest, float(fields["usec"]))
        if not more:
            break
    print(f"a pass over what is pending: {passes} calls, {total / 1000:.1f} ms in server, the longest {slowest:.0f} us")
    steps = (("take of 1", take(1) * max(1, rounds // 2)), (f"beat of {min(100, in_hand)}", beats * 2),
             ("claim between two passes", claims), ("finish", finish))
    for name, count, usec, wall in bench.script_times(steps):
        print(f"{name}: {usec:.1f} us in server, {count} calls, {count / wall:.0f}/s in one pipeline")
    info = bench.info("memory")
    print(f"memory: {int(info['used_memory']) / 1e6:.1f} MB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100000)
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--in-hand", type=int, default=100)
    wanted = parser.parse_args()
    if redis.PROGRAM is None:
        print("skip: no redis-server")
        return 77
    with tempfile.TemporaryDirectory() as folder, redis.Redis(folder) as server:
        bench = Bench(server)
        print(f"Redis {bench.info('server')['redis_version']}, an append-only file written every second")
        measure_memory(bench, wanted.images)
        measure_times(bench, wanted.workers, wanted.rounds, wanted.in_hand)
    return 0


if __name__ == "__main__":
    sys.exit(main())
