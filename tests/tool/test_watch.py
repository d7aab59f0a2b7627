#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool's `watch`, `status`, `doctor` and --help.

    test_watch.py TOOL EMULATOR
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from tool_kit import GO_ON, KEY, SOME_FAILED, USAGE, Place, jpeg, run_all, season, wait_for, works

from kit.checks import Skip


def done(ledger):
    return works(ledger, "state IN (1, 2)")


def watching(at, *options):
    return at.tool.start("watch", "--settle", "1", "--ledger", at.root / "x.ledger", *options, at.images)


def end(at, process):
    process.send_signal(signal.SIGTERM)
    code, _, said = at.tool.end(process)
    assert code in (0, GO_ON), (code, said)
    return said


def a_watch_sends_what_comes_once_it_is_complete():
    with Place() as at:
        season(at.images, 2)
        process = watching(at)
        wait_for(lambda: done(at.root / "x.ledger") == 2, process)
        whole = jpeg("slow")
        late = at.images / "new" / "folder"
        late.mkdir(parents=True)
        with open(late / "slow.jpg", "wb", buffering=0) as file:
            for piece in range(6):  # like a copy from a card: the file keeps changing
                file.write(whole[piece * 200:(piece + 1) * 200])
                time.sleep(0.3)
            file.write(whole[1200:])
        wait_for(lambda: done(at.root / "x.ledger") == 3, process)
        (late / "moved.jpg").write_bytes(jpeg("moved"))
        wait_for(lambda: done(at.root / "x.ledger") == 4, process)
        end(at, process)
        at.tool("run", "--ledger", at.root / "x.ledger", at.images)
        assert at.tool.counts() == {"processed": 4, "failed": 0, "skipped": 0, "pending": 0}
        at.service.stop()
        at.service.judge(4)


def a_watch_goes_on_after_a_kill_and_an_outage():
    with Place("--outage", "0:3000:reset", "--processing", "fixed:1500") as at:
        season(at.images, 5)
        process = watching(at)
        wait_for(lambda: works(at.root / "x.ledger") == 5, process)
        process.kill()
        at.tool.end(process)
        process = watching(at)
        wait_for(lambda: done(at.root / "x.ledger") == 5, process)
        end(at, process)
        at.service.stop()
        at.service.judge(5)


def a_watch_waits_for_its_folder():
    with Place() as at:
        card = at.images / "card"
        process = at.tool.start("watch", "--settle", "1", "--ledger", at.root / "x.ledger", card)
        seen = process.stderr.readline()
        assert seen.endswith(b"card: No such file or directory; waiting for it\n"), seen
        season(at.root / "elsewhere", 2)
        (at.root / "elsewhere").rename(card)
        wait_for(lambda: done(at.root / "x.ledger") == 2, process)
        end(at, process)
        process = at.tool.start("watch", at.root / "nowhere")
        process.stderr.readline()
        process.terminate()
        assert at.tool.end(process)[0] == 0


def a_watch_never_bills_a_failed_image_again():
    with Place("--fail", "1") as at:
        at.tool.config.write_text("poll = latency\nrerun = yes\n")  # meant for `run`
        season(at.images, 1)
        process = watching(at)
        wait_for(lambda: works(at.root / "x.ledger", "state = 3") == 1, process)
        (at.images / "new.jpg").write_bytes(jpeg("new"))
        wait_for(lambda: works(at.root / "x.ledger", "state = 3") == 2, process)
        end(at, process)
        at.tool("watch", "--rerun", at.images, code=USAGE)
        assert at.counts()["jobs"] == 2


def status_says_what_stands_where_and_why():
    with Place() as at:
        season(at.images, 4, per_folder=2)
        (at.images / "S00" / "cut.jpg").write_bytes(jpeg("x")[:-200])
        (at.images / "S00" / "notes.txt").write_bytes(b"x")
        (at.images / os.fsdecode(b"\x1b[2J\xff")).mkdir()
        (at.images / os.fsdecode(b"\x1b[2J\xff") / "a.jpg").write_bytes(jpeg("esc"))
        at.tool("run", at.images, code=SOME_FAILED)
        said = at.tool("status", at.images)
        assert b"\x1b" not in said and b"\\x1B[2J\\xFF" in said, said
        text = said.decode()
        assert re.search(r"^S00 +0 +0 +1 +0 +1$", text, re.M), text
        assert re.search(r"^ +1  broken: the end of the image is missing\n +copy it again from the card", text, re.M), text
        assert "for example S00/cut.jpg" in text and re.search(r"1  not an image$", text, re.M), text
        assert all(len(line) <= 79 for line in at.tool.terminal(80, "status", at.images)[1].splitlines()), text
        total = re.search(r"^all +(\d+) +(\d+) +1 +0 +1$", text, re.M)
        assert total and int(total[1]) + int(total[2]) == 5, text


def what_is_printed_fits_a_terminal():
    with Place() as at:
        for folder in ("DCIM", "a folder whose name is longer than any column of a table can be", "\u4e2d\u6587" * 30):
            (at.images / folder).mkdir()
            (at.images / folder / "a.jpg").write_bytes(jpeg(folder))
            (at.images / folder / "cut.jpg").write_bytes(jpeg(folder)[:-200])
        at.tool("run", at.images, code=SOME_FAILED)
        wide = "\u4e2d\u6587"
        for columns in (60, 80, 120):
            for words in (["status", at.images], ["doctor"], ["run", "--help"], ["watch", "--help"],
                          ["run", "--dry-run", "--quiet", at.images]):
                for line in at.tool.terminal(columns, *words)[1].splitlines():
                    width = len(line) + sum(line.count(sign) for sign in wide)
                    # a word that is longer than the line is not broken: it may be a path to be copied
                    assert width < columns or len(line.split()) <= 2, (columns, words[0], line)


def status_of_many_folders_fits_a_screen():
    with Place() as at:
        for index in range(60):
            folder = at.images / f"site{index % 3}" / f"card{index}"
            folder.mkdir(parents=True)
            (folder / "a.txt").write_bytes(b"x")
        at.tool("run", at.images)
        text = at.tool("status", at.images).decode()
        assert re.search(r"^site0 +0 +0 +0 +0 +20$", text, re.M) and "card7" not in text, text


def doctor_names_what_is_wrong():
    with Place() as at:
        said = at.tool("doctor").decode()
        assert "BAD" not in said and re.search(r"^ok +key +accepted$", said, re.M), said
        at.tool.environment["AD_API_KEY"] = "sk_test_wrong_made_up"
        said = at.tool("doctor", code=KEY).decode()
        assert re.search(r"^BAD +key +.*401.*check AD_API_KEY", said, re.M), said
        del at.tool.environment["AD_API_KEY"]
        said = at.tool("doctor", code=KEY).decode()
        assert re.search(r"^BAD +key +missing: set AD_API_KEY", said, re.M), said
        at.tool.use(at.service)
        at.tool.environment["AD_API_BASE_URL"] = "http://127.0.0.1:1/v1"
        said = at.tool("doctor", "--proxy", "http://user:secret@127.0.0.1:9", code=SOME_FAILED).decode()
        assert re.search(r"^BAD +address +.*check network", said, re.M) and "secret" not in said, said
        at.again("--clock-skew", "7200")
        said = at.tool("doctor", code=SOME_FAILED).decode()
        assert re.search(r"^BAD +clock +2 h 00 min behind the clock of the service: set it", said, re.M), said
        assert at.counts()["jobs"] == 0


def the_unit_for_systemd_is_well_formed():
    if shutil.which("systemd-analyze") is None:
        raise Skip("systemd-analyze is not installed")
    with Place() as at:
        text = (pathlib.Path(sys.argv[1]).parent / "animaldetect-watch@.service").read_text()
        start, = re.findall(r"^ExecStart=(\S+/animaldetect) watch ", text, re.M)
        unit = at.root / "animaldetect-watch@srv-cameras.service"
        unit.write_text(text.replace(start, str(pathlib.Path(sys.argv[1]).resolve())))
        ended = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
        assert ended.returncode == 0 and not ended.stderr, ended
        line, = re.findall(r"^ExecStart=\S+ (.*)$", text, re.M)
        files = {"%d/config": at.root / "config", "%d/key": at.root / "key",
                 "%S/animaldetect/%i.ledger": at.root / "x.ledger", "%f": at.images}
        (at.root / "config").write_text("poll = latency\nsettle = 1\n")
        (at.root / "key").write_text(at.tool.environment.pop("AD_API_KEY") + "\n")
        season(at.images, 2)
        process = at.tool.start(*(files.get(word, word) for word in line.split()))
        wait_for(lambda: done(at.root / "x.ledger") == 2, process)
        end(at, process)


def help_is_there_for_every_command():
    with Place() as at:
        for command in ("run", "export", "watch", "status", "doctor", "preview"):
            text = at.tool(command, "--help").decode()
            assert text.startswith(f"usage: animaldetect {command} ")
            assert all(len(line) <= 120 for line in text.splitlines()), text
        assert b"run PATH..." in at.tool("--help")
        assert b"libanimaldetect" in at.tool("--version")


TESTS = (a_watch_sends_what_comes_once_it_is_complete, a_watch_goes_on_after_a_kill_and_an_outage,
         a_watch_waits_for_its_folder, a_watch_never_bills_a_failed_image_again,
         status_says_what_stands_where_and_why, what_is_printed_fits_a_terminal, status_of_many_folders_fits_a_screen, doctor_names_what_is_wrong,
         the_unit_for_systemd_is_well_formed, help_is_there_for_every_command)

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[3:]))
