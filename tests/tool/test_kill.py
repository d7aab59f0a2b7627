#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool, killed at random moments, on full and failing disks, with a service that loses responses.

    test_kill.py TOOL EMULATOR [--odd-disk LIBRARY] [--kills N] [--seed S]

At the end: images = jobs = rows, no image is billed twice, and the exports equal those of an undisturbed run.
"""
import argparse
import pathlib
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile

from tool_kit import DONE, GO_ON, SOME_FAILED, USAGE, Tool, is_sanitized, season

from kit import emulator
from kit.checks import Checks

IMAGES = 60
LIVES = 400
FAULTS = ["--fault", "create:reset-after:p=0.05", "--fault", "submit:reset-after:p=0.05",
          "--fault", "upload:reset-after:p=0.05", "--fault", "poll:503:p=0.05", "--fault", "fetch:truncate:p=0.05"]


def small_files(limit):
    """For a child process: limits the size of files that it writes, as on a full disk."""
    def act():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return act


def live(tool, ledger, images, chance, odd_disk):
    """Runs the tool once: None if it was killed, else its exit code; and whether its disk was a failing one."""
    options = {}
    is_odd = odd_disk is not None and chance.random() < 0.3
    if ledger.exists() and not is_odd and chance.random() < 0.3:
        options["preexec_fn"] = small_files(ledger.stat().st_size + chance.randrange(0, 40000))
    if is_odd:
        rate = f"{chance.randrange(1 << 30)}:{chance.choice((20, 200))}"
        tool.environment |= {"LD_PRELOAD": odd_disk, "ODD_DISK": rate}
    process = tool.start("run", "--ledger", ledger, images, **options)
    for name in ("LD_PRELOAD", "ODD_DISK"):
        tool.environment.pop(name, None)
    try:
        out, err = process.communicate(timeout=chance.uniform(0.05, 2.5))
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, is_odd
    assert emulator.KEY.encode() not in out + err, "the key was printed"
    return process.returncode, is_odd


def exports(tool, ledger, folder):
    names = {}
    for kind in ("md", "csv"):
        names[kind] = folder / f"{ledger.stem}.{kind}"
        tool("export", "--ledger", ledger, "-f", kind, "-o", names[kind])
    return {kind: path.read_text() for kind, path in names.items()}


def service(folder, *options):
    return emulator.Emulator(sys.argv[2], "--processing", "lognormal:300:0.7", *options, ledger=folder / "service.json")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("emulator")
    parser.add_argument("--odd-disk")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    checks = Checks()
    seen = {"killed": 0, "full": 0, "odd": 0}
    odd_disk = None if is_sanitized(wanted.tool) else wanted.odd_disk

    def a_run_that_is_killed_again_and_again(root, images):
        """Adds images before each run, so that every run has work when it is killed."""
        ledger = root / "killed.ledger"
        with service(root, *FAULTS) as running:
            tool = Tool(wanted.tool, root / "home", running)
            count = 0
            for _ in range(LIVES):
                if seen["killed"] + seen["full"] >= wanted.kills:
                    break
                count += IMAGES // 4
                season(images, count, per_folder=20)
                code, is_odd = live(tool, ledger, images, chance, odd_disk)
                seen["killed"] += code is None
                seen["full"] += code == GO_ON and not is_odd
                seen["odd"] += is_odd and code is not None
                # on a failing disk an image may be unreadable once, or the ledger may not open
                assert code in (None, DONE, GO_ON, *((SOME_FAILED, USAGE) if is_odd else ())), code
            else:
                raise AssertionError("it was never killed often enough")
            for _ in range(10):  # the last run also loses responses
                code, _, said = tool.end(tool.start("run", "--ledger", ledger, images))
                if code == DONE:
                    break
                assert code in (SOME_FAILED, GO_ON), said
            assert code == DONE, said
            tool("run", "--ledger", ledger, images)
            with sqlite3.connect(ledger) as base:
                rows = base.execute("SELECT count(*), sum(w.state IN (1, 2)) FROM image i JOIN work w ON w.id = i.work"
                                    ).fetchone()
                works, = base.execute("SELECT count(*) FROM work").fetchone()
            assert rows == (count, count) and works == count, (rows, works, count)
            seen["exports"] = exports(tool, ledger, root)
        running.judge(count, forgiven="poll_after_end")
        assert running.counts["billed_twice"] == 0

    def its_exports_are_those_of_an_undisturbed_run(root, images):
        with service(root) as running:
            tool = Tool(wanted.tool, root / "home", running)
            tool("run", "--ledger", root / "calm.ledger", images)
            calm = exports(tool, root / "calm.ledger", root)
        for kind, text in calm.items():
            assert text == seen["exports"][kind], f"{kind} differs"

    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        images = root / "images"
        images.mkdir()
        checks.check("a_run_that_is_killed_again_and_again", a_run_that_is_killed_again_and_again, root, images)
        checks.check("its_exports_are_those_of_an_undisturbed_run", its_exports_are_those_of_an_undisturbed_run, root,
                     images)
    print(f"# killed {seen['killed']} times, a full disk {seen['full']} times, a failing one {seen['odd']} times",
          flush=True)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
