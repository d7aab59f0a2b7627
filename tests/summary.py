#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the results that tests/run.sh collected and prints the last line.

Each cmocka test, each "ok"/"not ok" line and each test program without such output counts as one. A test program that
fails without reporting a failed test (a crash, a leak, a timeout) counts as one failure.
"""
import json
import pathlib
import re
import sys

PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test", re.M)
SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) test", re.M)
LINE = re.compile(r"^(ok|not ok|skip)\b(.*)$", re.M)


def count_program(test):
    text = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    result = test["result"]
    passed = sum(int(n) for n in PASSED.findall(text))
    failed = sum(int(n) for n in FAILED.findall(text))
    skipped = sum(int(n) for n in SKIPPED.findall(text))
    if not passed and not failed:
        passed, failed, skipped = count_lines(text)
    if result == "SKIP":
        return 0, 0, 1
    if result in ("OK", "EXPECTEDFAIL"):
        return max(passed, 1) if not skipped else passed, 0, skipped
    return passed, max(failed, 1), skipped


def count_lines(text):
    passed = failed = skipped = 0
    for word, rest in LINE.findall(text):
        if word == "not ok":
            failed += 1
        elif word == "skip" or "# skip" in rest.lower():
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    folder = pathlib.Path(sys.argv[1])
    total = [0, 0, 0]
    bad = []
    for log in sorted(folder.glob("*.json")):
        for line in log.read_text(errors="replace").splitlines():
            if not line.strip():
                continue
            test = json.loads(line)
            counts = count_program(test)
            total = [a + b for a, b in zip(total, counts)]
            if counts[1]:
                bad.append(f"{log.stem}: {test['name']} ({test['result']})")
            if counts[2]:
                print(f"skipped in {log.stem}: {test['name']}")
    for lines in sorted(folder.glob("*.lines")):
        counts = count_lines(lines.read_text(errors="replace"))
        total = [a + b for a, b in zip(total, counts)]
        if counts[1]:
            bad.append(f"{lines.stem}: {counts[1]} lines")
    verdicts = folder / "verdicts"
    if verdicts.exists():
        for line in verdicts.read_text().splitlines():
            word, name = line.split(" ", 1)
            total[0 if word == "passed" else 1] += 1
            if word != "passed":
                bad.append(name)
    for name in bad:
        print("FAILED", name)
    if total[0] == 0:
        total[1] += 1
        print("FAILED no test ran")
    last = f"{total[0]} passed, {total[1]} failed"
    if total[2]:
        last += f", {total[2]} skipped"
    print(last)
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
