#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole library against malicious servers: every transfer completes, and its message says what happened.

    hostile_servers.py BUILD_ROOT

Each function is a promise; its name is printed.
"""
import gzip
import os
import resource
import socket
import sys
import threading
import zlib

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402
from odd_relay import CLOSE, KEEP, Answer, Relay, as_it_is  # noqa: E402


def _run(script, *options, count=1, size=3000, **more):
    with Relay(script) as relay, kit.service(api=relay.api, storage=relay.storage) as running:
        relay.start(running)
        run = kit.run_client(relay.api + "/v1", kit.images(count, size), *options, **more)
    assert not relay.errors, relay.errors
    return run, relay, running


def _first_of(route, act):
    """Applies `act` to the first request of a route and forwards everything else."""
    def script(turn):
        return act(turn) if turn.route == route and turn.nth == 1 else as_it_is(turn)

    return script


def _bomb():
    """A decompression bomb of a few kilobytes: 20 MB of empty deflate blocks, compressed three times."""
    once = zlib.compressobj(wbits=31)
    data = b"".join(once.compress(b"\0\0\0\xff\xff" * 200_000) for _ in range(20)) + once.flush()
    return gzip.compress(gzip.compress(data))


# ---- content codings ----

def coded_bodies_are_never_unpacked():
    bomb = _bomb()
    for name, coding in (("Transfer-Encoding", "gzip, gzip, gzip, gzip"), ("transfer-encoding", "deflate"),
                         ("Transfer-Encoding", "chunked,gzip"), ("Content-Encoding", "gzip")):
        for route in ("create", "upload", "poll"):
            def act(turn, name=name, coding=coding):
                answer = turn.forward()
                turn.send(answer.head((name, coding), ("Connection", "close")) + bomb)
                return CLOSE

            run, _, running = _run(_first_of(route, act), "--request-ms", "20000")
            run.succeeded(1)
            running.judge(jobs=1, forgiven="poll_after_end")
            assert ("which was not requested" in run.log) == (route != "upload"), (route, run.log)


def a_refusal_with_a_coded_body_still_counts():
    def act(turn):
        turn.read_body()
        turn.send(Answer(401, [("Content-Encoding", "gzip")], gzip.compress(b"{}")).plain(("Connection", "close")))
        return CLOSE

    run, relay, _ = _run(_first_of("create", act))
    run.failed("E_UNAUTHORIZED", "401", "the content coding gzip, which was not requested")
    assert relay.counts["create"] == 1, relay.counts


def an_answer_of_http_1_0_that_is_coded_is_not_unpacked():
    def act(turn):
        answer = turn.forward()
        head = answer.head(("Transfer-Encoding", "gzip"), ("Connection", "close"))
        turn.send(head.replace(b"HTTP/1.1", b"HTTP/1.0", 1) + _bomb())
        return CLOSE

    run, _, _ = _run(_first_of("create", act), "--request-ms", "20000")
    run.succeeded(1)


def codings_that_say_nothing_change_nothing():
    def script(turn):
        turn.send(turn.forward().plain(("Content-Encoding", "identity"), ("Content-Encoding", "")))
        return KEEP

    run, _, _ = _run(script)
    run.succeeded(1)
    assert run.counters["retries"] == 0, run.counters


# ---- endless responses ----

def _drip(turn, head):
    """Sends a byte at a time until the client disconnects."""
    turn.read_body()
    turn.send(head)
    turn.connection.settimeout(0.1)
    try:
        while True:
            turn.connection.sendall(b"x")
            try:
                if not turn.connection.recv(1):
                    return CLOSE
            except TimeoutError:
                pass
    except OSError:
        return CLOSE


def a_slow_response_to_an_upload_has_the_request_timeout():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"
    run, relay, _ = _run(_first_of("upload", lambda turn: _drip(turn, head)), "--request-ms", "700", "--tries", "1")
    run.failed("E_TIMEOUT", "^upload: ", "the response was not complete 700 ms after it began")
    assert relay.counts["upload"] == 1, relay.counts


def slow_headers_of_a_response_to_an_upload_have_the_request_timeout():
    head = b"HTTP/1.1 200 OK\r\nX-Slow: "
    run, _, _ = _run(_first_of("upload", lambda turn: _drip(turn, head)), "--request-ms", "700", "--tries", "1",
                     "--stall-ms", "60000")
    run.failed("E_TIMEOUT", "^upload: ")


def a_slow_api_response_has_the_request_timeout():
    head = b"HTTP/1.1 201 Created\r\nContent-Length: 60000\r\n\r\n"
    run, _, _ = _run(_first_of("create", lambda turn: _drip(turn, head)), "--request-ms", "700", "--tries", "1")
    run.failed("E_TIMEOUT", "^create: ")


def a_silent_peer_is_reported_after_the_stall_timeout():
    def act(turn):
        turn.read_body()
        turn.connection.recv(1)  # until the client disconnects
        return CLOSE

    for route in ("create", "submit"):
        run, _, _ = _run(_first_of(route, act), "--stall-ms", "600")
        assert "no byte moved for 600 ms" in run.log, run.log
        run.succeeded(1)


def a_storage_that_has_the_whole_image_has_the_request_timeout_for_its_answer():
    def act(turn):
        turn.read_body()
        turn.connection.recv(1)  # until the client disconnects
        return CLOSE

    run, _, _ = _run(_first_of("upload", act), "--stall-ms", "100", "--request-ms", "1500")
    assert "no response within 1500 ms of the last byte" in run.log, run.log
    run.succeeded(1)


def an_upload_that_nobody_reads_is_a_stall():
    def act(turn):
        turn.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        done.wait(30)
        return CLOSE

    done = threading.Event()
    try:
        run, _, _ = _run(_first_of("upload", act), "--stall-ms", "600", "--tries", "1", size=9 << 20)
        run.failed("E_TIMEOUT", "no byte moved for (600|6000) ms")
    finally:
        done.set()


# ---- cancellation ----

def _canceled(script, base=None):
    """Runs one image, whose job another thread cancels when the script calls `cancel`; the server never closes."""
    reading, writing = os.pipe()
    with open(reading, "rb") as line, Relay(lambda turn: script(turn, lambda: os.write(writing, b"\n"))) as relay, \
            kit.service(api=relay.api, storage=relay.storage) as running:
        relay.start(running)
        run = kit.run_client(base(lambda: os.write(writing, b"\n")) if base else relay.api + "/v1", kit.images(1, 9 << 20),
                             "--cancel", "--tries", "1", stdin=line)
    os.close(writing)
    assert not relay.errors, relay.errors
    run.failed("E_CANCELED")


def a_cancel_of_another_thread_is_done_at_once_in_every_phase():
    def hold(turn):
        while turn.connection.recv(65536):
            pass
        return CLOSE

    def silent(turn, cancel):
        turn.read_body()
        cancel()
        return hold(turn)

    def unread(turn, cancel):
        cancel()
        turn.connection.settimeout(30)
        return hold(turn)

    def drips(turn, cancel):
        turn.read_body()
        turn.send(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\nx")
        cancel()
        return hold(turn)

    def in_headers(turn, cancel):
        turn.read_body()
        turn.send(b"HTTP/1.1 200 OK\r\nX-")
        cancel()
        return hold(turn)

    for route in ("create", "upload", "submit", "poll", "fetch"):
        for act in (silent, unread, drips, in_headers):
            _canceled(lambda turn, cancel, route=route, act=act:
                      act(turn, cancel) if turn.route == route else as_it_is(turn))


def a_cancel_aborts_a_handshake_without_response():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def base(cancel):
            def serve():
                connection, _ = listener.accept()
                connection.recv(1)  # the handshake begins
                cancel()
                with connection:
                    while connection.recv(65536):
                        pass

            threading.Thread(target=serve, daemon=True).start()
            return f"https://127.0.0.1:{listener.getsockname()[1]}/v1"

        _canceled(lambda turn, cancel: CLOSE, base)


# ---- oversized headers ----

def an_endless_header_line_is_reported_as_such():
    """Also on a reused connection, after responses of which one had many headers."""
    for route in ("create", "fetch"):
        def act(turn, route=route):
            assert turn.reused == (route == "fetch")
            turn.read_body()
            turn.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
            for _ in range(160):
                turn.send(b"a" * 65536)
            return CLOSE

        def script(turn, route=route, act=act):
            if turn.route == route and turn.nth == 1:
                return act(turn)
            filler = [(f"X-Filler-{i}", "b" * 1000) for i in range(40)] if turn.route == "submit" else []
            turn.send(turn.forward().plain(*filler))
            return KEEP

        run, _, _ = _run(script, "--tries", "1", "--max-requests", "2")
        run.failed("E_ANSWER_TOO_LARGE", "headers")


def too_many_header_lines_are_reported_as_such():
    def act(turn):
        turn.read_body()
        turn.send(b"HTTP/1.1 201 Created\r\n")
        for number in range(200):
            turn.send(b"".join(b"X-%d-%d: y\r\n" % (number, line) for line in range(1000)))
        return CLOSE

    run, _, _ = _run(_first_of("create", act), "--tries", "1")
    run.failed("E_ANSWER_TOO_LARGE", "headers")


# ---- missing resources, and the environment ----

def without_descriptors_the_message_says_so_and_later_all_is_well():
    """From too few descriptors for the client itself to enough for all: no error blames an image or the network."""
    seen = set()
    for most in range(5, 30):
        def few(most=most):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        try:
            run, _, _ = _run(as_it_is, "--tries", "2", count=4, prepare=few)
        except AssertionError as error:
            if "exit code" in str(error):  # the client could not be created, or the program not be started
                continue
            raise
        for end in run.ends:
            seen.add(end.status)
            if end.status == "ANIMALDETECT_E_NO_DESCRIPTORS":
                assert "no file descriptors are left" in end.message, end
            else:
                assert end.status == "ANIMALDETECT_OK", end
    assert seen == {"ANIMALDETECT_OK", "ANIMALDETECT_E_NO_DESCRIPTORS"}, seen


def plain_http_to_loopback_takes_no_proxy_from_the_environment():
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        where = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        run, _, running = _run(as_it_is, environment={"http_proxy": where, "all_proxy": where, "ALL_PROXY": where,
                                                      "no_proxy": "", "NO_PROXY": ""})
        proxy.settimeout(0)
        try:
            proxy.accept()
            raise AssertionError("the proxy was asked")
        except BlockingIOError:
            pass
    run.succeeded(1)
    running.judge(jobs=1)


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
