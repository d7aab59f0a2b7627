# SPDX-License-Identifier: MIT
"""One line per promise, for tests/summary.py.

Promises: `finish` returns 0 only when at least one check passed or was skipped, and none failed.
"""
import traceback


class Skip(Exception):
    """The reason why a promise cannot be tested on this machine."""


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, name, act, *arguments):
        try:
            act(*arguments)
        except Skip as reason:
            print(f"skip {name}: {reason}", flush=True)
            self.skipped += 1
        except Exception:
            print(f"not ok {name}", flush=True)
            print("".join(f"    {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
            self.failed += 1
        else:
            print(f"ok {name}", flush=True)
            self.passed += 1

    def finish(self):
        return 1 if self.failed or not self.passed + self.skipped else 0
