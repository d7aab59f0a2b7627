#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The example programs that are complete hosts, against the emulator: their output, their exit, what would be billed.

    hosts.py importer|bulk|gateway PROGRAM EMULATOR

importer: 30 blocking threads, stopped by a signal in the middle, and restarted.
bulk: 5,000 images in one event loop while one in twenty requests is rejected and some jobs fail.
gateway: images that arrive in a folder, a replaced key, termination by SIGTERM and by SIGKILL.
"""
import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import emulator  # noqa: E402
from kit.checks import Checks  # noqa: E402

SECONDS = 180
SOME_503 = ["--fault", "any:503:p=0.05"]


def draw(folder, count, prefix="img"):
    """Draws distinct small images; returns their paths."""
    paths = [folder / f"{prefix}_{number:04d}.jpg" for number in range(count)]
    for path in paths:
        fresh = folder / ".drawn"
        fresh.write_bytes(b"\xff\xd8\xff\xe0" + path.name.encode() + bytes(80))
        fresh.rename(path)
    return paths


class Program:
    """A program whose output on stdout and stderr is collected line by line; it never outlives the test."""

    def __init__(self, command, environment):
        self.lines = []
        self.grown = threading.Condition()
        self.process = subprocess.Popen([str(word) for word in command], env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, preexec_fn=emulator.end_with_parent)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.grown:
                self.lines.append(line.rstrip("\n"))
                self.grown.notify_all()

    def wait_for(self, enough):
        with self.grown:
            assert self.grown.wait_for(lambda: enough(self.lines), SECONDS), self.lines[-20:]

    def end(self, number=None):
        """Waits for the exit and returns the exit code; afterwards all lines are collected, and none has the key."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        self.reader.join(SECONDS)
        self.process.stdout.close()
        assert not any("sk_test" in line for line in self.lines), "a key was printed"
        return code


def until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def importer(checks, program, service_exe, folder):
    images = draw(folder, 300)

    def starting(lines, word):
        return sorted(line.split()[1].rstrip(":") for line in lines if line.startswith(word + " "))

    def stopped(environment):
        first = Program([program, *images], environment)
        first.wait_for(lambda lines: len(starting(lines, "done")) >= 60)
        began = time.monotonic()
        code = first.end(signal.SIGINT)
        done, left = starting(first.lines, "done"), starting(first.lines, "left")
        print(f"stopped after {(time.monotonic() - began) * 1000:.0f} ms: {len(done)} done, {len(left)} left")
        assert code == 3, (code, first.lines[-3:])
        assert sorted(done + left) == [str(path) for path in images], "an image has no line, or two"
        assert len(left) > 30, "it was not stopped in the middle"
        assert first.lines[-1] == f"{len(done)} done, 0 failed, {len(left)} left", first.lines[-1]

    def finished(environment):
        second = Program([program, *images], environment)
        assert second.end() == 0, second.lines[-3:]
        assert starting(second.lines, "done") == [str(path) for path in images]
        for path in images:
            json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))

    with emulator.Emulator(service_exe, "--processing", "fixed:300", *SOME_503, ledger=folder / "ledger") as service:
        environment = {**os.environ, **service.environment()}
        checks.check("thirty_threads_stop_at_one_call_and_every_image_has_its_line", stopped, environment)
        checks.check("the_same_command_finishes_what_was_left", finished, environment)
    checks.check("an_import_that_was_stopped_makes_one_job_per_image", service.judge, len(images), "poll_after_end")


def bulk(checks, program, service_exe, folder):
    images = draw(folder, 5000)
    codes = collections.Counter()

    def lines(environment):
        host = Program([program, "--window", "500", folder], environment)
        code = host.end()
        rows = [line.split("\t", 1) for line in host.lines if "\t" in line]
        rest = [line for line in host.lines if "\t" not in line and not line.startswith("waiting: ")]
        assert sorted(path for path, _ in rows) == [str(path) for path in images], "an image has no line, or two"
        codes.update("failed" if said.startswith("failed: ") else "OK" for _, said in rows)
        assert all("could not be decoded" in said for _, said in rows if said.startswith("failed: ")), rows
        assert 10 < codes["failed"] < 100, codes
        assert rest == [f"{codes['OK']} succeeded, {codes['failed']} failed, 0 unreadable"], rest
        assert code == 1, code

    began = time.monotonic()
    with tempfile.TemporaryDirectory() as other:
        with emulator.Emulator(service_exe, "--processing", "lognormal:500:0.5", "--fail", "0.01", *SOME_503,
                               ledger=pathlib.Path(other) / "ledger") as service:
            environment = {**os.environ, **service.environment()}
            checks.check("five_thousand_images_in_one_loop_end_with_a_line_each", lines, environment)
    print(f"{dict(codes)} in {time.monotonic() - began:.1f} s")
    checks.check("five_thousand_images_in_one_loop_have_one_job_each", service.judge, len(images))


def gateway(checks, program, service_exe, folder):
    spool, key = folder / "spool", folder / "key"
    spool.mkdir()
    count = 0

    def put(number, prefix):
        nonlocal count
        draw(spool, number, prefix)
        count += number

    def done():
        return len(list(spool.glob("done/*.json")))

    def start():
        return Program([program, spool, key], {**os.environ, **service.environment()})

    def exchanged():
        key.write_text("sk_test_that_was_refused\n", encoding="ascii")
        put(5, "before")
        host = start()
        host.wait_for(lambda lines: any("operator action required" in line for line in lines))
        put(5, "field")
        put(1, "gate")
        key.write_text(service.key + "\n", encoding="ascii")
        host.process.send_signal(signal.SIGHUP)
        until(lambda: done() == count)
        assert host.end(signal.SIGTERM) == 0
        assert host.lines[-1] == f"{count} done, 0 set aside", host.lines

    def drained():
        host = start()
        put(20, "late")
        until(lambda: any((spool / "journal").iterdir()))
        assert host.end(signal.SIGTERM) == 0
        assert done() + len(list(spool.glob("*.jpg"))) == count

    def killed():
        put(20, "last")
        for _ in range(5):
            before = done()
            host = start()
            until(lambda: any((spool / "journal").iterdir()) or done() > before or not list(spool.glob("*.jpg")))
            host.end(signal.SIGKILL)
        host = start()
        until(lambda: done() == count and not list(spool.glob("*.jpg")))
        assert host.end(signal.SIGTERM) == 0
        assert not any((spool / "journal").iterdir()) and not any((spool / "aside").iterdir())

    with emulator.Emulator(service_exe, "--processing", "fixed:300", *SOME_503, ledger=folder / "ledger") as service:
        checks.check("a_gateway_gets_on_once_its_key_was_exchanged", exchanged)
        checks.check("a_gateway_that_is_told_to_end_finishes_what_has_begun", drained)
        checks.check("a_gateway_that_is_killed_goes_on_from_its_journal", killed)
    checks.check("a_gateway_makes_one_job_per_image", service.judge, count, "poll_after_end")


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        {"importer": importer, "bulk": bulk, "gateway": gateway}[sys.argv[1]](checks, sys.argv[2], sys.argv[3],
                                                                             pathlib.Path(folder))
    return checks.finish()


sys.exit(main())
