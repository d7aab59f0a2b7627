#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole library over slow and lossy links that drop connections: every image arrives, none is billed twice.

    bad_link.py BUILD_ROOT

A relay in this process simulates a link; so does the kernel (`tc netem`), in a network namespace, if permitted. Each
function is a promise; its name is printed.
"""
import asyncio
import contextlib
import functools
import os
import random
import socket
import subprocess
import sys
import threading

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402

SEGMENT = 1460  # bytes
BUFFER = 16384
INSIDE = "AD_IN_NAMESPACE"


class Line:
    """One direction of a link: computes when a segment that is sent now arrives at the other end."""

    def __init__(self, link, loop):
        self.link, self.loop, self.free = link, loop, 0.0

    def arrival(self, size):
        self.free = max(self.free, self.loop.time()) + size * 8 / self.link.bits_per_s
        lost = self.link.chance.random() < self.link.loss
        # TCP hides a loss: it only delays the following data by a retransmission.
        return self.free + self.link.delay_s * (3 if lost else 1)


def _listener():
    """A listener with small buffers, so that it accepts no more data at once than a real link would."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    listener.bind(("127.0.0.1", 0))
    return listener


class Link:
    """Both ports of an emulator behind one link. `cut`: the probability that the connection ends after a segment."""

    def __init__(self, delay_s=0.1, bits_per_s=1_000_000, loss=0.02, cut=0.0, seed=1):
        self.delay_s, self.bits_per_s, self.loss, self.cut = delay_s, bits_per_s, loss, cut
        self.chance = random.Random(seed)
        self.cuts = 0
        self.upstream = [None, None]
        self.listeners = [_listener() for _ in range(2)]
        self.api, self.storage = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in self.listeners)
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.main()), daemon=True)

    def __enter__(self):
        self.thread.start()
        self.ready.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join()

    async def main(self):
        self.loop, self.end = asyncio.get_running_loop(), asyncio.Event()
        self.lines = [Line(self, self.loop) for _ in range(2)]
        for index, listener in enumerate(self.listeners):
            await asyncio.start_server(functools.partial(self.serve, index), sock=listener, limit=BUFFER)
        self.ready.set()
        await self.end.wait()

    def leads_to(self, service):
        self.upstream = [service.port, service.storage_port]

    async def serve(self, index, reader, writer):
        with contextlib.suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream[index], limit=BUFFER)
            ways = ((self.lines[0], reader, far_writer), (self.lines[1], far_reader, writer))
            await asyncio.gather(*(self.carry(*way, (writer, far_writer)) for way in ways))

    async def carry(self, line, reader, writer, both):
        flying = asyncio.Queue(32)
        lands = asyncio.ensure_future(self.land(flying, writer))
        with contextlib.suppress(OSError):
            while segment := await reader.read(SEGMENT):
                if self.chance.random() < self.cut:
                    self.cuts += 1
                    for one in both:
                        one.transport.abort()
                    break
                await flying.put((line.arrival(len(segment)), segment))
        await flying.put((line.arrival(0), None))
        await lands

    async def land(self, flying, writer):
        landed = 0.0
        with contextlib.suppress(OSError):
            while True:
                arrival, segment = await flying.get()
                landed = max(arrival, landed)  # segments arrive in order
                await asyncio.sleep(landed - self.loop.time())
                if segment is None:
                    break
                if not writer.transport.is_closing():
                    writer.write(segment)
                    await writer.drain()
        writer.close()


def _over(link, *options, count, size):
    with link, kit.service(api=link.api, storage=link.storage) as running:
        link.leads_to(running)
        run = kit.run_client(link.api + "/v1", kit.images(count, size), *options)
    run.succeeded(count)
    running.judge(jobs=count, forgiven="poll_after_end" if link.cut else None)
    return run


def images_get_through_a_slow_and_lossy_link():
    """200 ms round trip, 2 % loss, 1 Mbit/s: 600 kB take about 5 s."""
    run = _over(Link(), count=12, size=50_000)
    assert run.counters["retries"] == 0, run.counters


def an_upload_that_takes_longer_than_the_stall_timeout_is_not_stalled():
    """2 Mbit/s: 1.5 MB take 6 s, three times the stall timeout, while bytes move all the time."""
    run = _over(Link(bits_per_s=2_000_000, loss=0), "--stall-ms", "2000", count=1, size=1_500_000)
    assert run.counters["retries"] == 0, run.counters


def images_get_through_a_link_that_cuts_connections():
    link = Link(delay_s=0.01, bits_per_s=8_000_000, loss=0, cut=0.02)
    run = _over(link, count=20, size=20_000)
    assert link.cuts > 5 and run.counters["retries"] > 0, (link.cuts, run.counters)


# ---- a bad link simulated by the kernel, in a network namespace ----

class Cannot(Exception):
    """The kernel does not permit or support this."""


def _shape(*words):
    made = subprocess.run(["tc", *words], stderr=subprocess.PIPE, text=True, check=False)
    if made.returncode != 0:
        raise Cannot("tc: " + made.stderr.strip().splitlines()[0])


def _lossy():
    """100 ms in each direction: a round trip of 200 ms."""
    _shape("qdisc", "add", "dev", "lo", "root", "netem", "delay", "100ms", "loss", "2%", "rate", "1mbit")
    with kit.service() as running:
        run = kit.run_client(running.url, kit.images(12, 50_000))
    run.succeeded(12)
    running.judge(jobs=12)


def _deep_queue(kbit_per_s=320, queue_ms=1250, stall_ms=3000, size=260_000):
    """Upstream, to the service's ports, a slow modem with a long queue; downstream there is no delay."""
    subprocess.run(["ip", "link", "set", "lo", "mtu", "1500"], check=True)
    _shape("qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb")  # traffic that matches no filter is not delayed
    _shape("class", "add", "dev", "lo", "parent", "1:", "classid", "1:2", "htb", "rate", "1gbit")
    _shape("qdisc", "add", "dev", "lo", "parent", "1:2", "tbf", "rate", f"{kbit_per_s}kbit", "burst", "3000",
           "latency", f"{queue_ms}ms")
    with kit.service("--upload-ttl", "600") as running:
        for port in (running.port, running.storage_port):
            _shape("filter", "add", "dev", "lo", "parent", "1:", "protocol", "ip", "u32", "match", "ip", "dport",
                   str(port), "0xffff", "flowid", "1:2")
        run = kit.run_client(running.url, kit.images(1, size), "--stall-ms", str(stall_ms), "--request-ms",
                             str(stall_ms))
    run.succeeded(1)
    assert run.counters["retries"] == 0, run.counters
    running.judge(jobs=1)
    assert running.counts["uploads"] == 1, running.counts


INSIDE_THE_KERNEL = {"lossy": _lossy, "deep queue": _deep_queue}


def _inside(which):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    try:
        INSIDE_THE_KERNEL[which]()
    except Cannot as reason:
        print(f"cannot: {reason}")
        return 0
    print("all arrived")
    return 0


def _in_a_namespace(which):
    kit.need("unshare", "ip", "tc")
    done = subprocess.run(["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), sys.executable, "-B",
                           *sys.argv], env={**os.environ, INSIDE: which, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    last = done.stdout.rstrip().rsplit("\n", 1)[-1]
    if last.startswith("cannot: "):
        raise kit.Skip(last.removeprefix("cannot: "))
    if done.returncode != 0 and last.startswith("unshare: "):
        raise kit.Skip(last)
    assert done.returncode == 0 and last == "all arrived", done.stdout


def images_get_through_a_bad_link_of_the_kernel():
    _in_a_namespace("lossy")


def an_image_gets_through_the_deep_queue_of_a_slow_modem_at_the_first_try():
    """40 kbit/s, a queue of 10 s and a stall timeout of 24 s, all eight times as fast: sent data stays in the kernel's
    buffer and in the modem's queue for longer than the stall timeout plus the time allowed for a response."""
    _in_a_namespace("deep queue")


if __name__ == "__main__":
    sys.exit(_inside(os.environ[INSIDE]) if os.environ.get(INSIDE) else kit.keep_promises(globals()))
