# SPDX-License-Identifier: MIT
"""The Python program of the benchmark of the bindings: asyncio, one task for each job in flight. See loop.c."""
import asyncio
import json
import pathlib
import sys

import animaldetect

JOBS, WINDOW = int(sys.argv[1]), int(sys.argv[2])
EARLY = 5000


def rss_kib():
    return int(pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4


async def main():
    figures = {"jobs": 0, "found": 0, "early_kib": 0}
    numbers = iter(range(JOBS))

    async def work(client):
        for number in numbers:
            result = await client.detect_async((b"\xff\xd8\xff\xe0 py %d" % number).ljust(2048, b"\7"))
            figures["found"] += sum(seen.label is not None and seen.score is not None for seen in result.detections)
            figures["jobs"] += 1
            if figures["jobs"] == EARLY:
                figures["early_kib"] = rss_kib()

    async with animaldetect.Client.from_env(max_requests=64, poll_mode=animaldetect.PollMode.LATENCY,
                                            poll_bounds=(0.01, 0.1)) as client:
        await asyncio.gather(*(work(client) for _ in range(WINDOW)))
    print(json.dumps({**figures, "rss_kib": rss_kib()}))


asyncio.run(main())
