# SPDX-License-Identifier: MIT
"""A test kit for runs that share a quota."""
import re

from queue_kit import Queue
from tool_kit import DONE, season, works

STATE = "{ad:p:test}:state"
ENDED = "state IN (1, 2)"


class Fleet(Queue):
    """A Redis, a service that rejects requests over its limit in any minute, and runs that share the quota."""

    def __init__(self, rpm, *options, stated=None, **named):
        super().__init__("--rpm", str(rpm), "--burst-window", "sliding", *options, **named)
        self.rpm = stated or rpm

    def __enter__(self):
        super().__enter__()
        self.known()
        return self

    def known(self):
        """Sets the state to that after a minute without requests, for which a new name would have to wait."""
        seconds, micros = map(int, self.redis("TIME"))
        self.redis("HSET", STATE, "now", seconds * 1000 + micros // 1000, "server", self.server(), "pace", 1)

    def server(self):
        return re.search(rb"run_id:(\w+)", self.redis("INFO", "server"))[1]

    def site(self, name, images):
        """Creates a folder of distinct images; returns the command that processes them."""
        folder = self.images / name
        season(folder, images)
        for image in folder.rglob("*.JPG"):
            image.write_bytes(image.read_bytes() + name.encode())  # the images of two sites differ
        return ("run", "--quota", self.url, "--rpm", str(self.rpm), "--ledger", self.ledger_of(name), folder)

    def ledger_of(self, name):
        return self.root / f"{name}.ledger"

    def done(self, name):
        return works(self.ledger_of(name), ENDED)

    def end_all(self, processes):
        for process in processes:
            code, _, said = self.tool.end(process)
            assert code == DONE, (code, said)
