# SPDX-License-Identifier: MIT
"""A scripted server between a client and an emulator that sends faulty responses over raw sockets.

A script is a function that is called with each `Turn`. It may inspect the request, forward it, and send any bytes; its
return value decides what happens to the connection. Without a script everything is forwarded unchanged.
Routes are create, upload, submit, poll and fetch; `nth` counts the requests of a route from 1.
"""
import collections
import contextlib
import http.client
import re
import socket
import struct
import threading
import time

KEEP, CLOSE, RESET = "keep", "close", "reset"
OWN = {"connection", "transfer-encoding", "content-length", "date", "host"}
REASONS = http.client.responses


class Answer:
    """A response without framing, which the script chooses."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = [(name, value) for name, value in headers if name.lower() not in OWN]
        self.body = body

    def head(self, *more):
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Odd')}"]
        lines += [f"{name}: {value}" for name, value in [*self.headers, *more]]
        return "\r\n".join([*lines, "", ""]).encode()

    def plain(self, *more):
        return self.head(("Content-Length", len(self.body)), *more) + self.body


class Turn:
    """One received request whose body was not read yet."""

    def __init__(self, connection, head, rest, route, nth, upstream, reused):
        self.connection = connection
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.headers = [tuple(line.split(": ", 1)) for line in lines]
        self.rest = rest
        self.route, self.nth, self.upstream, self.reused = route, nth, upstream, reused

    def read_body(self):
        size = int(dict((name.lower(), value) for name, value in self.headers).get("content-length", 0))
        parts = [self.rest[:size]]
        left = size - len(parts[0])
        while left > 0:
            part = self.connection.recv(min(left, 65536))
            if not part:
                raise OSError("the client went away")
            parts.append(part)
            left -= len(part)
        self.rest = self.rest[size:]
        return b"".join(parts)

    def forward(self):
        """Forwards this request to the emulator; returns the response."""
        body = self.read_body()
        up = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        up.putrequest(self.method, self.target, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers:
            up.putheader(name, value)
        up.endheaders(body or None)
        got = up.getresponse()
        answer = Answer(got.status, got.getheaders(), got.read())
        up.close()
        return answer

    def send(self, data):
        self.connection.sendall(data)

    def send_slowly(self, data, size=1, pause_s=0.01):
        for at in range(0, len(data), size):
            self.send(data[at:at + size])
            time.sleep(pause_s)

    def wait_for_end(self):
        """Closes the sending side and reads until the client closes too."""
        self.connection.shutdown(socket.SHUT_WR)
        while self.connection.recv(65536):
            pass


def as_it_is(turn):
    turn.send(turn.forward().plain())
    return KEEP


class Relay:
    """Listens on two ports, one for each port of the emulator: `api` and `storage` are the relay's own URLs."""

    def __init__(self, script=as_it_is):
        self.script = script
        self.listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.api, self.storage = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in self.listeners)
        self.upstream = None
        self.counts = collections.Counter()
        self.connections = 0
        self.lock = threading.Lock()
        self.errors = []

    def start(self, service):
        self.upstream = service.port, service.storage_port
        for index in range(2):
            threading.Thread(target=self.accept, args=(index,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener in self.listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def accept(self, index):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listeners[index].accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                threading.Thread(target=self.serve, args=(connection, index), daemon=True).start()

    def route(self, method, target):
        if method == "POST":
            return "submit" if target.endswith("/submit") else "create"
        return "fetch" if target.endswith("/result") else "poll"

    def serve(self, connection, index):
        rest = b""
        reused = False
        with contextlib.suppress(OSError), connection:
            while True:
                while b"\r\n\r\n" not in rest:
                    more = connection.recv(65536)
                    if not more:
                        return
                    rest += more
                head, _, rest = rest.partition(b"\r\n\r\n")
                method, target = re.match(rb"(\S+) (\S+)", head).groups()
                route = "upload" if index == 1 else self.route(method.decode(), target.decode())
                with self.lock:
                    self.counts[route] += 1
                    turn = Turn(connection, head, rest, route, self.counts[route], self.upstream[index], reused)
                end = self.guard(turn)
                if end == RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if end != KEEP:
                    return
                rest = turn.rest
                reused = True

    def guard(self, turn):
        """Runs the script; an error in the script must not be mistaken for a fault of the server."""
        try:
            return self.script(turn)
        except OSError:
            return CLOSE  # the client disconnected; the test checks what it reports
        except Exception as error:
            self.errors.append(f"{turn.route} {turn.nth}: {error!r}")
            return CLOSE
