# SPDX-License-Identifier: MIT
"""Runs that share a quota, as a test uses them."""
import re

from queue_kit import Queue
from tool_kit import DONE, season, works

STATE = "{ad:p:test}:state"
ENDED = "state IN (1, 2)"


class Fleet(Queue):
    """A Redis, a service that refuses what is over its limit in any minute, and runs that share it."""

    def __init__(self, rpm, *options, stated=None, **named):
        super().__init__("--rpm", str(rpm), "--burst-window", "sliding", *options, **named)
        self.rpm = stated or rpm

    def __enter__(self):
        super().__enter__()
        self.known()
        return self

    def known(self):
        """As after a minute without a request: a name that is new would have to wait for that."""
        seconds, micros = map(int, self.redis("TIME"))
        self.redis("HSET", STATE, "now", seconds * 1000 + micros // 1000, "server", self.server(), "pace", 1)

    def server(self):
        return re.search(rb"run_id:(\w+)", self.redis("INFO", "server"))[1]

    def site(self, name, images):
        """A folder of its own images, and the command that sends them."""
        folder = self.images / name
        season(folder, images)
        for image in folder.rglob("*.JPG"):
            image.write_bytes(image.read_bytes() + name.encode())  # no two sites have the same
        return ("run", "--quota", self.url, "--rpm", str(self.rpm), "--ledger", self.ledger_of(name), folder)

    def ledger_of(self, name):
        return self.root / f"{name}.ledger"

    def done(self, name):
        return works(self.ledger_of(name), ENDED)

    def end_all(self, processes):
        for process in processes:
            code, _, said = self.tool.end(process)
            assert code == DONE, (code, said)
