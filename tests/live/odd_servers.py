#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole library against slow or misbehaving servers: every call completes correctly, nothing is billed twice.

    odd_servers.py BUILD_ROOT

Each function is a promise; its name is printed. `_run` starts a new service behind a relay with the test's script.
"""
import gzip
import sys
import time

sys.dont_write_bytecode = True

import front_kit as kit  # noqa: E402
from odd_relay import CLOSE, KEEP, RESET, Answer, Relay, as_it_is  # noqa: E402


def _run(script, *options, count=3, size=3000, service=()):
    """Runs the client; returns the run, and the stopped relay and service."""
    with Relay(script) as relay, kit.service(*service, api=relay.api, storage=relay.storage) as running:
        relay.start(running)
        run = kit.run_client(relay.api + "/v1", kit.images(count, size), *options)
    assert not relay.errors, relay.errors
    return run, relay, running


def _all_succeed(script, *options, count=3, forgiven=None, **settings):
    run, relay, running = _run(script, *options, count=count, **settings)
    run.succeeded(count)
    running.judge(jobs=count, forgiven=forgiven)
    return run, relay, running


# ---- connections ----

def a_relay_that_is_not_odd_changes_nothing():
    run, relay, _ = _all_succeed(as_it_is, "--in-turn")
    assert run.counters["retries"] == 0, run.counters
    assert relay.connections == 2, f"{relay.connections} connections for two origins, one image at a time"


def connections_closed_while_idle_cost_nothing():
    def script(turn):
        as_it_is(turn)
        return CLOSE

    run, _, _ = _all_succeed(script, "--in-turn")
    assert run.counters["retries"] == 0, run.counters


def connections_closed_after_a_while_lose_and_double_nothing():
    """libcurl 8 checks an idle connection once a second; whether it uses a dead one here is random."""
    for seconds in (0.02, 0.2):
        def script(turn, seconds=seconds):
            as_it_is(turn)
            time.sleep(seconds)
            return CLOSE

        _all_succeed(script, count=1)


def connections_closed_as_the_next_request_comes_lose_and_double_nothing():
    for rude in (CLOSE, RESET):
        closed = []

        def script(turn, rude=rude, closed=closed):
            if turn.reused and turn.nth % 2 == 1:
                turn.read_body()
                closed.append(turn.route)
                return rude
            return as_it_is(turn)

        _all_succeed(script, "--in-turn")
        assert {"create", "submit", "fetch"} <= set(closed), closed


def connections_closed_as_announced_cost_nothing():
    def script(turn):
        turn.send(turn.forward().plain(("Connection", "close")))
        return CLOSE

    run, relay, _ = _all_succeed(script)
    assert run.counters["retries"] == 0, run.counters
    assert relay.connections == sum(relay.counts.values())


# ---- responses that are valid but unusual ----

def answers_that_trickle_are_not_stalled():
    """The response takes longer than the stall timeout, but a byte arrives every 10 ms."""
    def script(turn):
        answer = turn.forward().plain()
        turn.send_slowly(answer) if turn.route in ("submit", "upload") else turn.send(answer)
        return KEEP

    run, _, _ = _all_succeed(script, "--stall-ms", "1000", count=2)
    assert run.counters["retries"] == 0, run.counters


def interim_answers_are_passed_over():
    def script(turn):
        turn.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        turn.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        answer = turn.forward()
        turn.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nRetry-After: 3600\r\n\r\n")
        turn.send(answer.plain())
        return KEEP

    run, _, _ = _all_succeed(script)
    assert run.counters["retries"] == 0, run.counters


def chunked_answers_are_put_together():
    def script(turn):
        answer = turn.forward()
        data = answer.head(("Transfer-Encoding", "chunked"), ("Trailer", "X-Checked"))
        for at in range(0, len(answer.body), 11):
            chunk = answer.body[at:at + 11]
            data += f"{len(chunk):X};odd=\"yes\"\r\n".encode() + chunk + b"\r\n"
        turn.send(data + b"0\r\nX-Checked: yes\r\n\r\n")
        return KEEP

    run, _, _ = _all_succeed(script)
    assert run.counters["retries"] == 0, run.counters


def answers_that_end_with_the_connection_are_whole():
    def script(turn):
        answer = turn.forward()
        turn.send(answer.head(("Connection", "close")) + answer.body)
        return CLOSE

    run, _, _ = _all_succeed(script)
    assert run.counters["retries"] == 0, run.counters


# ---- invalid responses ----

# The service cannot know that the response with the final state of a job arrived incomplete.
ASKED_AGAIN = "poll_after_end"


def unrequested_codings_are_reported_and_retried():
    """The first response of each route has a coding; for uploads and submits only the status matters."""
    def content(answer):
        answer.body = gzip.compress(answer.body)
        return answer.plain(("Content-Encoding", "gzip"))

    def transfer(coding):
        return lambda answer: (answer.head(("Transfer-Encoding", coding), ("Connection", "close")) +
                               gzip.compress(answer.body))

    for kind, name, spoil in (("content", "gzip", content), ("transfer", "gzip", transfer("gzip, gzip")),
                              ("transfer", "GZIP", transfer("chunked, GZIP")), ("transfer", "odd", transfer("odd")),
                              ("transfer", "deflate", transfer("identity ,\tdeflate"))):
        for route in ("create", "submit", "poll", "fetch"):
            def script(turn, route=route, spoil=spoil, kind=kind):
                if turn.route != route or turn.nth > 1:
                    return as_it_is(turn)
                turn.send(spoil(turn.forward()))
                return KEEP if kind == "content" else CLOSE

            run, _, running = _run(script, count=1)
            running.judge(jobs=1, forgiven=ASKED_AGAIN)
            run.succeeded(1)
            told = f"the response has the {kind} coding {name}, which was not requested" in run.log
            assert told == (route != "submit"), run.log


def the_api_is_asked_for_uncoded_responses_and_the_storage_for_nothing():
    asked = []

    def script(turn):
        asked.extend((turn.route, value) for name, value in turn.headers if name.lower() in ("accept-encoding", "te"))
        return as_it_is(turn)

    _all_succeed(script, count=1)
    assert {value for _, value in asked} == {"identity"}, asked
    assert not [route for route, _ in asked if route not in ("create", "submit", "poll", "fetch")], asked


def a_length_that_is_too_long_is_a_broken_response_and_retried():
    def script(turn):
        if turn.nth > 1:
            return as_it_is(turn)
        answer = turn.forward()
        turn.send(answer.head(("Content-Length", len(answer.body) + 100)) + answer.body)
        return CLOSE

    run, _, running = _all_succeed(script, count=1, forgiven=ASKED_AGAIN)
    assert run.counters["submit"] == 1 and run.counters["retries"] >= 4, run.counters
    assert running.counts["replays"] == 1, running.counts


def a_length_that_is_too_short_is_reported_and_retried():
    """The first response of each API route is cut. For a submit only the status matters, not the body."""
    for route in ("create", "submit", "poll", "fetch"):
        def script(turn, route=route):
            if turn.route != route or turn.nth > 1:
                return as_it_is(turn)
            answer = turn.forward()
            turn.send(answer.head(("Content-Length", len(answer.body) - 20)) + answer.body)
            return KEEP

        run, _, running = _run(script, count=1)
        running.judge(jobs=1, forgiven=ASKED_AGAIN)
        run.succeeded(1)
        assert (f"retrying: {route}: not JSON: " in run.log) == (route != "submit"), run.log


# ---- storage ----

def _xml(status, code, message, more="", *headers):
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'
    return Answer(status, [("Content-Type", "application/xml"), *headers], body.encode())


EXPIRED = _xml(403, "AccessDenied", "Request has expired",
               "<Expires>2026-01-02T13:15:00Z</Expires><RequestId>4442587FB7D0A2F9</RequestId>")


def _storage(*answers):
    """A script: storage gives these responses to the first uploads and stores nothing; later uploads succeed."""
    def script(turn):
        if turn.route != "upload" or turn.nth > len(answers):
            return as_it_is(turn)
        turn.read_body()
        turn.send(answers[turn.nth - 1].plain())
        return KEEP

    return script


def an_upload_url_that_expired_is_replaced():
    run, _, running = _all_succeed(_storage(EXPIRED), count=1)
    assert running.counts["replays"] == 1 and running.counts["uploads"] == 1, running.counts
    assert run.counters["upload"] == 2, run.counters


def upload_urls_that_are_always_expired_are_reported_with_their_time():
    run, _, running = _run(_storage(*[EXPIRED] * 50), count=1)
    run.failed("E_UPLOAD_EXPIRED", "^upload: storage answered 403", "signature expired at 13:15:00Z", r"\[job ")
    running.judge(jobs=1, submits=0)


def a_failing_storage_is_retried():
    run, _, running = _all_succeed(_storage(
        _xml(500, "InternalError", "We encountered an internal error. Please try again."),
        _xml(503, "SlowDown", "Please reduce your request rate.", "", ("Retry-After", "1"))), count=1)
    assert run.counters["upload"] == 3 and running.counts["uploads"] == 1, run.counters
    assert "SlowDown" in run.log and "InternalError" in run.log, run.log


def a_storage_that_keeps_failing_is_reported_with_its_message():
    run, _, running = _run(_storage(*[_xml(503, "SlowDown", "Please reduce your request rate.")] * 50),
                           "--tries", "2", count=1)
    run.failed("E_SERVICE", r"^upload: storage answered 503 \(SlowDown: Please reduce your request rate\.\)",
               "after 2 attempts", r"\[job ")
    running.judge(jobs=1, submits=0)


# ---- responses sent before the body was read ----

BIG = 4 << 20


def _early(answer, times, rude=False):
    def script(turn):
        if turn.route != "upload" or turn.nth > times:
            return as_it_is(turn)
        turn.send(answer.plain(("Connection", "close")))
        if rude:
            time.sleep(0.2)
            return RESET
        turn.wait_for_end()
        return CLOSE

    return script


TOO_LARGE = _xml(413, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")


def an_early_413_fails_the_upload_with_the_message_of_the_storage():
    for rude in (False, True):
        run, relay, running = _run(_early(TOO_LARGE, 50, rude), count=1, size=BIG)
        run.failed("E_UPLOAD_REFUSED", r"^upload: storage answered 413 \(EntityTooLarge", r"\[job ")
        assert run.ends[0].http == 413 and relay.counts["upload"] == 1, (run.ends, relay.counts)
        running.judge(jobs=1, submits=0)


def an_early_403_gets_a_fresh_url():
    for rude in (False, True):
        run, relay, running = _all_succeed(_early(EXPIRED, 1, rude), count=1, size=BIG)
        assert relay.counts["upload"] == 2 and running.counts["uploads"] == 1, (relay.counts, run.log)
        assert running.counts["replays"] == 1, running.counts


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
