# SPDX-License-Identifier: MIT
"""A TCP proxy between a program and a server: forwards, delays or drops data, or cuts connections.

Promises: listens on a free port of loopback; stops with the test that created it.
"""
import contextlib
import selectors
import socket
import threading
import time


class Proxy:
    """`delay` delays each piece of data in both directions, in seconds. `blackhole` accepts and reads but forwards
    nothing: data that arrives meanwhile is lost, and so is its connection. `hold` keeps replies back until it is
    cleared; the first reply that matches `hold_from`, a regular expression, sets it. `cut_after` forwards that many
    bytes of replies, then resets the connection, once."""

    def __init__(self, port, at=("127.0.0.1", 0)):
        self.target = port
        self.delay, self.blackhole, self.hold, self.hold_from, self.cut_after = 0.0, False, False, None, None
        self.connections = self.cuts = 0
        self.lock = threading.Lock()
        self.is_done = False
        self.server = socket.create_server(at)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        """Serves one connection until either side closes it."""
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            client.close()
            return
        with client, server, selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(client, selectors.EVENT_READ, (server, False))
            selector.register(server, selectors.EVENT_READ, (client, True))
            held, is_lossy = [], False
            while not self.is_done:
                for key, _ in selector.select(0.02):
                    other, is_reply = key.data
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    is_lossy = is_lossy or self.blackhole  # a stream with a gap must never be continued
                    if not is_lossy:
                        if is_reply and self.hold_from and self.hold_from.match(data):
                            self.hold, self.hold_from = True, None
                        held.append((time.monotonic() + self.delay, other, is_reply, data))
                is_lossy = is_lossy or self.blackhole
                while held and not is_lossy and held[0][0] <= time.monotonic() and not (self.hold and held[0][2]):
                    _, other, is_reply, data = held.pop(0)
                    if is_reply and self.cut(other, data):
                        return
                    other.sendall(data)

    def cut(self, other, data):
        with self.lock:
            if self.cut_after is None:
                return False
            self.cut_after -= len(data)
            if self.cut_after > 0:
                return False
            part, self.cut_after = data[:self.cut_after + len(data)], None
            self.cuts += 1
        other.sendall(part)
        return True

    def close(self):
        self.is_done = True
        self.server.close()
