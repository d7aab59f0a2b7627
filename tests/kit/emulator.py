#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The emulator as a child process of a test or a benchmark, and its ledger.

Promises: an emulator is stopped by its process id, never by its name, listens on a free port chosen by the system, and
exits with the program that started it, also when that crashes.

As a command, for shell scripts: starts an emulator and prints its base URL; when terminated, stops the emulator and
prints the ledger unless it is written to a file.

    emulator.py EMULATOR [OPTION...]
"""
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES = ROOT / "examples" / "images"
KEY = "sk_test_of_the_kit_made_up"
SECONDS = 60
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def end_with_parent():
    """For `preexec_fn`: the program is killed when its parent exits."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Emulator:
    """Listens as soon as it is created. Its ledger, from the given file or its output, is available after `stop`."""

    def __init__(self, program, *options, key=KEY, ledger=None, environment=None):
        self.file, self.ledger = ledger, None
        options = [*options, "--ledger", ledger] if ledger else options
        given = os.environ if environment is None else environment
        self.process = subprocess.Popen([program, "--quiet", *options], stdout=subprocess.PIPE, text=True,
                                        preexec_fn=end_with_parent, env={**given, "AD_API_KEY": key})
        first, second = self.process.stdout.readline(), self.process.stdout.readline()
        if not first.startswith("listening on ") or not second.startswith("storage on "):
            self.kill()
            raise RuntimeError(f"the emulator did not start: {first!r}")
        self.key = key
        self.url = first.split()[-1]
        self.storage = second.split()[-1]
        self.port = urllib.parse.urlsplit(self.url).port
        self.storage_port = urllib.parse.urlsplit(self.storage).port

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        printed = self.process.stdout.read()
        code = self.process.wait(SECONDS)
        self.process.stdout.close()
        assert code == 0, f"the emulator ended with {code}"
        self.ledger = json.loads(pathlib.Path(self.file).read_text(encoding="utf-8") if self.file else printed)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            self.kill()
        else:
            self.stop()

    @property
    def counts(self):
        return self.ledger["counts"]

    def environment(self):
        """The environment variables of a client that uses it."""
        return {"AD_API_KEY": self.key, "AD_API_BASE_URL": self.url, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}

    def assert_clean(self, forgiven=None):
        """The service saw no violation of its contract, except of the kind `forgiven`."""
        told, count = self.ledger["violations"], self.ledger["violation_count"]
        bad = [text for text in told if text.split(":")[0] != forgiven]
        assert not bad, bad
        assert len(told) == count, f"the ledger does not tell all of {count} violations"

    def judge(self, jobs, forgiven=None):
        """Asserts one job and one upload per image, and no violation."""
        self.assert_clean(forgiven)
        assert self.counts["jobs"] == jobs, (self.counts, jobs)
        assert self.counts["uploads"] >= jobs, self.counts


@contextlib.contextmanager
def service(program, *options):
    """A new service with the project's own images and results."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = pathlib.Path(folder) / "ledger.json"
        with Emulator(program, "--answers", IMAGES / "answers.json", "--processing", "fixed:100", *options,
                      ledger=ledger) as running:
            yield running


def main():
    running = Emulator(*sys.argv[1:], key=os.environ.get("AD_API_KEY", KEY))
    signal.signal(signal.SIGTERM, lambda *_: running.process.terminate())
    print(running.url, flush=True)
    print(running.process.stdout.read(), end="")
    return running.process.wait()


if __name__ == "__main__":
    sys.exit(main())
