# SPDX-License-Identifier: MIT
"""Prints one line per check and remembers whether one failed.

Promises: `finish` returns 0 only when at least one check ran and none failed. It must never turn a fault into a pass.
"""


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, faults):
        """`faults` are the lines to print on failure; the check passes when there are none."""
        faults = list(faults)
        print(f'{"not ok" if faults else "ok"} {name}', flush=True)
        for fault in faults:
            print(f'    {fault}', flush=True)
        if faults:
            self.failed += 1
        else:
            self.passed += 1

    def finish(self):
        print(f'{self.passed} ok, {self.failed} not ok')
        return 1 if self.failed or not self.passed else 0
