# SPDX-License-Identifier: MIT
"""A Redis server for one test, and a minimal client.

Promises: listens on a free port of loopback, keeps its data in a folder of the test, is stopped by its process id, and
exits with the program that started it, also when that crashes.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from .emulator import end_with_parent

PROGRAM = shutil.which("redis-server")
SECONDS = 30


class Refused(Exception):
    """An error reply of Redis."""


class Connection:
    """Sends commands and reads their replies, one after the other; strings are returned as bytes."""

    def __init__(self, port, seconds=SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    @staticmethod
    def packed(parts):
        parts = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
        return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

    def __call__(self, *parts):
        self.socket.sendall(self.packed(parts))
        reply = self.reply()
        if isinstance(reply, Refused):
            raise reply
        return reply

    def pipeline(self, commands):
        """Sends all commands, then reads their replies, which include errors."""
        self.socket.sendall(b"".join(map(self.packed, commands)))
        return [self.reply() for _ in commands]

    def reply(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return Refused(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """Runs as soon as it is created, by default with an AOF. `start` after `kill` or `stop` keeps port and data."""

    def __init__(self, folder, *options, aof=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.options = ["--appendonly", "yes" if aof else "no", *options]
        self.port = None
        self.process = None
        self.start()

    def start(self):
        is_new = self.port is None
        for _ in range(20):
            if is_new:
                self.port = free_port()
            self.process = subprocess.Popen(
                [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder,
                 "--logfile", "redis.log", *self.options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                preexec_fn=end_with_parent)
            if self.is_up():
                return self
            self.kill()  # another program took the port: wait until it is free if clients use it
            time.sleep(0 if is_new else 0.5)
        raise RuntimeError((self.folder / "redis.log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def is_up(self):
        until = time.monotonic() + SECONDS
        while self.process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError, Refused):
                if self("PING") == b"PONG" and f"process_id:{self.process.pid}\r".encode() in self("INFO", "server"):
                    return True
            time.sleep(0.02)
        return False

    def __call__(self, *parts):
        """Runs one command on a new connection."""
        connection = Connection(self.port)
        try:
            return connection(*parts)
        finally:
            connection.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(SECONDS)

    def stall(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def aof(self):
        """The append-only file that is being written."""
        return max((self.folder / "appendonlydir").glob("*.incr.aof"), key=lambda path: path.stat().st_mtime_ns)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Stops the server without SIGKILL, which would leave the child that rewrites the file running."""
        if self.process.poll() is None:
            self.go_on()
            self.stop()
