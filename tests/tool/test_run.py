#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool's `run` against the emulator: which files are sent, and the final state of every file.

    test_run.py TOOL EMULATOR
"""
import hashlib
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

from tool_kit import (FOX, GO_ON, KEY, SOME_FAILED, USAGE, Place, counts_in, is_sanitized, jpeg, run_all, season, wait_for,
                      works)

from kit import emulator

PROGRAM = sys.argv[1]


def without_rights():
    """The command prefix that drops root's permission to read every file."""
    return [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


# ---- the state of every file ----

def tree(images):
    """Creates files as found on cards and disks; returns file name -> expected state."""
    files = {
        "DCIM/100RECNX/RCNX0001.JPG": (jpeg(1), "processed"), "DCIM/101RECNX/RCNX0001.JPG": (jpeg(2), "processed"),
        "renamed.jpg": (jpeg(1), "processed"), "no_ending": (jpeg(3), "processed"), "png_named.JPG": (
            (emulator.IMAGES / "egret.png").read_bytes(), "processed"),
        "trailing.jpg": (jpeg(4) + b"\0" * 3000, "processed"), "empty_scene.jpg": (
            (emulator.IMAGES / "nothing_at_night.jpg").read_bytes(), "processed"),
        "back\\slash.jpg": (jpeg(5), "processed"),
        "line\nbreak.jpg": (jpeg(6), "processed"), "esc\x1b[2J.jpg": (jpeg(7), "processed"),
        os.fsdecode(b"caf\xe9.jpg"): (jpeg(8), "processed"), os.fsdecode(b"caf\xe8.jpg"): (jpeg(9), "processed"),
        os.fsdecode("Bär".encode() + b"/\xff%41.jpg"): (jpeg(10), "processed"),
        "bytes:plain.jpg": (jpeg(11), "processed"),
        ": colon.jpg": (jpeg(12), "processed"), "thumbnail.jpg": (jpeg(13, when="2026:06:01 22:00:00"), "processed"),
        "cut.jpg": (FOX[:-700], "failed"), "zero_tail.jpg": (FOX[:2000] + b"\0" * 4000, "failed"),
        "three_bytes.jpg": (b"\xff\xd8\xff", "failed"), "nothing.jpg": (b"", "failed"),
        "text.jpg": (b"hello", "failed"),
        "zeros.jpg": (b"\0" * 5000, "failed"), "large.jpg": (FOX[:-2] + b"x" * 10485760 + b"\xff\xd9", "failed"),
        "picture.gif": (b"GIF89a" + b"x" * 50, "failed"),
        "avif.jpg": (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + b"x" * 99, "failed"),
        "._RCNX0001.JPG": (b"\0\5\x16\7", None), ".DS_Store": (b"\0", None), "Thumbs.db": (b"\xd0\xcf", None),
        "desktop.ini": (b"[x]", None), "clip.MP4": (b"\0\0\0\x18ftypmp42", None), "clip.avi": (b"RIFF....AVI ", None),
        "video_by_content": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"x" * 50, None), "notes.txt": (b"x", None),
        "unknown.bin": (b"\1\2\3", None),
        "$RECYCLE.BIN/deleted.jpg": (jpeg(90), ...), ".Trashes/deleted.jpg": (jpeg(91), ...),
        "System Volume Information/x.jpg": (jpeg(92), ...),
    }
    for name, (content, _) in files.items():
        path = images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {name: state for name, (_, state) in files.items() if state is not ...}


def unescape(written):
    """Converts the written form of a path back to its bytes, as documented."""
    if not written.startswith("bytes:"):
        return written.encode()
    raw, out = written[6:].encode(), b""
    while raw:
        if raw[:1] == b"%":
            out, raw = out + bytes.fromhex(raw[1:3].decode()), raw[3:]
        else:
            out, raw = out + raw[:1], raw[1:]
    return out


def every_file_is_in_its_column():
    with Place() as at:
        wanted = tree(at.images)
        (at.images / "link.jpg").symlink_to("renamed.jpg")
        (at.images / "loop").symlink_to(".")
        (at.images / "up").symlink_to("..")
        os.link(at.images / "no_ending", at.images / "no_ending_too")
        os.mkfifo(at.images / "pipe.jpg")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(at.images / "socket.jpg"))
            (at.images / "dangling.jpg").symlink_to("nowhere.jpg")
            outside = at.root / "outside"
            outside.mkdir()
            (outside / "far.jpg").write_bytes(jpeg(14))
            (at.images / "elsewhere").symlink_to(outside)
            (at.images / "elsewhere_too").symlink_to(outside)
            (at.images / ".annex").mkdir()
            (at.images / ".annex" / "content.jpg").write_bytes(jpeg(15))
            for name in ("annexed.jpg", "annexed_too.jpg"):
                (at.images / name).symlink_to(".annex/content.jpg")
            at.tool("run", at.images, code=SOME_FAILED)
        said = at.tool.counts()
        seen = {os.fsdecode(unescape(file)): state for file, state in at.tool.states(at.images).items()}
        expected = {name: state for name, state in wanted.items() if state} | {
            "dangling.jpg": "failed", "elsewhere/far.jpg": "processed", "annexed.jpg": "processed"}
        assert seen == expected, {name: (seen.get(name), expected.get(name))
                                  for name in seen.keys() | expected.keys() if seen.get(name) != expected.get(name)}
        for state in ("processed", "failed"):
            assert said[state] == list(expected.values()).count(state), (state, said)
        # hidden, system, videos, others; then two links, the second name, the pipe, the socket
        assert said["skipped"] == list(wanted.values()).count(None) + 5 and said["pending"] == 0, said
        assert "\x1b" not in at.tool.said
        at.service.stop()
        at.service.judge(list(expected.values()).count("processed") - 1)  # renamed.jpg has the bytes of RCNX0001.JPG
        result = at.tool.lines(at.images)["empty_scene.jpg"]
        assert result["state"] == "empty" and result["result"]["annotations"] == []


def problems_are_reported_and_the_rest_is_done():
    with Place() as at:
        season(at.images, 4, per_folder=2)
        closed = at.images / "S01" / "DCIM"
        (at.images / "S00" / "DCIM" / "100RECNX" / "secret.jpg").write_bytes(jpeg("s"))
        (at.images / "S00" / "DCIM" / "100RECNX" / "secret.jpg").chmod(0)
        closed.chmod(0)
        command = [*without_rights(), PROGRAM, "run", at.images]
        ended = subprocess.run(command, env=at.tool.environment, capture_output=True, text=True, check=False)
        closed.chmod(0o755)
        assert ended.returncode == SOME_FAILED, ended
        assert "cannot read the folder S01/DCIM: Permission denied" in ended.stderr, ended.stderr
        assert counts_in(ended.stderr) == {"processed": 2, "failed": 1, "skipped": 0, "pending": 0}, ended.stderr
        assert "; 1 unreadable" in ended.stderr, ended.stderr
        at.tool("run", at.images)  # files that could not be read are retried automatically
        assert at.tool.counts() == {"processed": 5, "failed": 0, "skipped": 0, "pending": 0}


# ---- repeated runs ----

def a_second_run_makes_no_request_and_reads_no_image():
    with Place() as at:
        season(at.images, 6)
        at.tool("run", at.images)
        at.again()
        image = at.images / "S00" / "DCIM" / "100RECNX" / "RCNX0001.JPG"
        before = image.stat()
        image.write_bytes(b"x" * before.st_size)  # a run that reads the file finds no image
        os.utime(image, ns=(before.st_atime_ns, before.st_mtime_ns))
        at.tool("run", at.images)
        assert at.tool.counts()["processed"] == 6
        at.tool("run", "--verify", at.images, code=SOME_FAILED)
        assert at.tool.counts() == {"processed": 5, "failed": 1, "skipped": 0, "pending": 0}
        assert at.counts()["api_requests"] == 0


def new_and_changed_images_are_sent_and_no_others():
    with Place() as at:
        season(at.images, 6)
        at.tool("run", at.images)
        folder = at.images / "S00" / "DCIM" / "100RECNX"
        (folder / "NEW.JPG").write_bytes(jpeg("new"))
        (folder / "RCNX0000.JPG").write_bytes(jpeg("changed"))
        (folder / "RCNX0001.JPG").rename(folder / "renamed.jpg")
        (folder / "RCNX0002.JPG").rename(at.images / "moved.jpg")
        shutil.copy(folder / "RCNX0003.JPG", folder / "copy.jpg")
        os.utime(folder / "RCNX0004.JPG", ns=(1, 10**18))
        at.tool("run", at.images)
        states = at.tool.states(at.images)
        assert len(states) == 8 and set(states.values()) == {"processed"}, states
        at.service.stop()
        at.service.judge(8)


def other_options_are_refused_until_they_are_meant():
    with Place() as at:
        season(at.images, 2)
        at.tool("run", "--country", "US", at.images)
        at.tool("run", at.images, code=USAGE)
        assert "country=US" in at.tool.said and "--new-options" in at.tool.said
        at.tool("run", "--country", "US", at.images)
        at.tool("run", "--new-options", at.images)
        at.tool("run", at.images)
        at.service.stop()
        at.service.judge(4)


def failures_come_again_as_their_scope_says():
    with Place("--fail", "1") as at:
        season(at.images, 3)
        at.tool("run", at.images, code=SOME_FAILED)
        at.tool("run", at.images, code=SOME_FAILED)
        assert at.again()["jobs"] == 3
        at.tool("run", at.images, code=SOME_FAILED)
        assert at.again()["api_requests"] == 0  # a failed job is only rerun on request
        at.tool("run", "--rerun", at.images)
        at.tool("run", "--rerun", at.images)
        assert at.again("--fault", "create:400")["jobs"] == 3
        (at.images / "refused.jpg").write_bytes(jpeg("refused"))
        at.tool("run", at.images, code=SOME_FAILED)
        at.again()
        at.tool("run", at.images, code=SOME_FAILED)
        at.tool("run", "--retry", at.images)
        assert at.counts()["jobs"] == 1


def a_service_that_fails_is_asked_again_in_the_next_run():
    with Place("--fault", "create:500") as at:
        season(at.images, 1)
        at.tool("run", at.images, code=SOME_FAILED)
        at.again()
        at.tool("run", at.images)
        assert at.counts()["jobs"] == 1


def a_refused_key_keeps_every_image():
    with Place() as at:
        season(at.images, 3)
        right, at.tool.environment["AD_API_KEY"] = at.tool.environment["AD_API_KEY"], "sk_test_wrong_made_up"
        at.tool("run", at.images, code=KEY)
        assert at.tool.counts()["pending"] == 3
        del at.tool.environment["AD_API_KEY"]
        at.tool("run", at.images, code=KEY)
        (at.root / "key").write_text(right + "\n")
        at.tool("run", "--key-file", at.root / "key", at.images)
        at.service.stop()
        at.service.judge(3)


def no_network_leaves_images_pending():
    with Place() as at:
        season(at.images, 3)
        at.tool.environment["AD_API_BASE_URL"] = "http://127.0.0.1:1/v1"
        at.tool("run", "--patience", "0", at.images, code=GO_ON)
        assert at.tool.counts()["pending"] == 3 and "no network" in at.tool.said, at.tool.said
        at.tool.use(at.service)
        at.tool("run", at.images)
        at.service.stop()
        at.service.judge(3)


# ---- stopping ----

def the_first_interrupt_finishes_what_is_uploaded():
    with Place("--processing", "fixed:3000") as at:
        season(at.images, 5)
        ledger = at.root / "x.ledger"
        process = at.tool.start("run", "--ledger", ledger, at.images)
        wait_for(lambda: works(ledger, "saved IS NOT NULL") == 5, process)
        (at.images / "late.jpg").write_bytes(jpeg("late"))
        process.send_signal(signal.SIGINT)
        code, _, said = at.tool.end(process)
        assert code == GO_ON and counts_in(said) == {"processed": 5, "failed": 0, "skipped": 0, "pending": 0}, said
        at.tool("run", "--ledger", ledger, at.images)
        at.service.stop()
        at.service.judge(6)


def the_second_interrupt_stops_at_once_and_nothing_is_doubled():
    with Place("--processing", "fixed:600000") as at:
        season(at.images, 5)
        ledger = at.root / "x.ledger"
        process = at.tool.start("run", "--ledger", ledger, at.images)
        wait_for(lambda: works(ledger, "saved IS NOT NULL") == 5, process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        code, _, said = at.tool.end(process)
        assert code == GO_ON and "5 pending" in said, said
        at.service.stop()
        at.service.judge(5)


def a_second_process_is_refused():
    with Place("--processing", "fixed:600000") as at:
        season(at.images, 1)
        ledger = at.root / "x.ledger"
        process = at.tool.start("run", "--ledger", ledger, at.images)
        wait_for(lambda: works(ledger) == 1, process)
        at.tool("run", "--ledger", ledger, at.images, code=GO_ON)
        assert f"process {process.pid} works on this ledger" in at.tool.said, at.tool.said
        assert at.tool.states("--ledger", ledger)  # reading the ledger is allowed
        process.terminate()
        assert at.tool.end(process)[0] == GO_ON


def a_full_disk_loses_nothing():
    with Place() as at:
        season(at.images, 200)

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (120000, resource.RLIM_INFINITY))

        process = at.tool.start("run", "--ledger", at.root / "x.ledger", at.images, preexec_fn=limit)
        code, _, said = at.tool.end(process)
        assert code == GO_ON and "the ledger: " in said, said
        at.tool("run", "--ledger", at.root / "x.ledger", at.images)
        assert at.tool.counts()["processed"] == 200
        at.service.stop()
        at.service.judge(200, forgiven="poll_after_end")


def a_card_that_is_taken_out_costs_nothing():
    with Place() as at:
        season(at.images, 3)
        gone = at.root / "gone"
        at.tool("run", at.images)
        at.images.rename(gone)
        at.tool("run", at.images, code=USAGE)
        at.images.mkdir()  # a mount point without its card
        at.tool("run", at.images)
        assert at.tool.counts()["processed"] == 3
        at.images.rmdir()
        gone.rename(at.images)
        at.tool("run", at.images)
        at.service.stop()
        at.service.judge(3)


# ---- inputs ----

def lists_and_single_files():
    with Place() as at:
        season(at.images, 4)
        folder = at.images / "S00" / "DCIM" / "100RECNX"
        names = sorted(folder.iterdir())
        (at.root / "list").write_text(f"{names[0]}\n\n{names[1]}\n")
        ledger = at.root / "x.ledger"
        at.tool("run", "--ledger", ledger, f"@{at.root / 'list'}", names[0])
        at.tool("run", "--ledger", ledger, "-", given=f"{names[2]}\n{names[2]}\n".encode())
        assert len(at.tool.states("--ledger", ledger)) == 3
        at.tool("run", "--ledger", ledger, at.images, code=USAGE)  # the ledger has another root
        at.tool("run", "--ledger", ledger, at.root / "missing.jpg", code=USAGE)
        at.tool("run", "--ledger", ledger, f"@{at.images}", code=USAGE)  # a list that cannot be read completely
        assert "cannot read the list" in at.tool.said, at.tool.said
        at.tool("run", "--ledger", ledger, folder, folder / "missing.jpg", code=SOME_FAILED)
        assert at.tool.counts()["processed"] == 4
        at.service.stop()
        at.service.judge(4)


def a_folder_below_goes_on_in_the_ledger_above():
    with Place() as at:
        season(at.images, 4, per_folder=2)
        at.tool("run", at.images)
        at.tool("run", at.images / "S01")
        assert sorted(at.tool.states(at.images / "S01"))[0].startswith("S00/")
        assert len(list((at.tool.home / ".local/state/animaldetect").glob("*.ledger"))) == 1
        at.service.stop()
        at.service.judge(4)


def a_moved_root_goes_on():
    with Place() as at:
        season(at.images, 2)
        ledger = at.root / "x.ledger"
        at.tool("run", "--ledger", ledger, at.images)
        at.images.rename(at.root / "elsewhere")
        at.tool("run", "--ledger", ledger, at.root / "elsewhere", code=USAGE)
        at.tool("run", "--ledger", ledger, "--moved", at.root / "elsewhere")
        at.tool("run", "--ledger", ledger, at.root / "elsewhere")
        at.service.stop()
        at.service.judge(2)


def a_dry_run_sends_nothing():
    with Place() as at:
        season(at.images, 4)
        (at.images / "copy.jpg").write_bytes(jpeg(0))
        (at.images / "cut.jpg").write_bytes(FOX[:-700])
        said = at.tool("run", "--dry-run", "--price", "1.75", "--rpm", "60", at.images).decode()
        assert [line.split()[:3] for line in said.splitlines()[1:6]] == [
            ["to", "send", "4"], ["copies", "1", "duplicates"], ["failed", "1", "will"], ["1", "broken:", "the"],
            ["time", "at", "least"]], said
        assert "cost      0.01" in said, said
        assert not (at.tool.home / ".local").exists()
        at.tool("run", at.images, code=SOME_FAILED)
        said = at.tool("run", "--dry-run", at.images).decode()
        assert re.match(r"to send +0  images, 0 bytes\nknown +6  done, not sent again\n", said), said
        assert at.counts()["jobs"] == 4


def options_come_from_a_file_and_are_checked():
    with Place() as at:
        season(at.images, 1)
        config = at.tool.config
        config.write_text("# the reserve\ncountry = Kenya\n threshold=0.4\nformat = csv\n")
        at.tool("run", at.images)
        at.tool("run", "--threshold", "0.5", at.images, code=USAGE)
        assert "threshold=0.4" in at.tool.said
        for bad in ("threshold = 2", "thresh = 0.2", "country", "rpm = x", "location = 100,0", "poll = never",
                    "threshold = 0,4", "operation = Detect!"):
            config.write_text(bad + "\n")
            at.tool("run", at.images, code=USAGE)
        config.write_text("")
        for bad in (["--threshold", "nan"], ["--rpm", "0"], ["--jobs", "1.5"], ["--bogus"], ["--country", ""], []):
            at.tool("run", *bad, *([at.images] if bad else []), code=USAGE)
        at.tool("walk", code=USAGE)
        at.tool(code=USAGE)
        assert at.counts()["jobs"] == 1


def references_are_made_from_the_template_and_names_from_the_bytes():
    with Place() as at:
        image = at.images / "S0" / os.fsdecode(b"caf\xe9.jpg")
        image.parent.mkdir()
        image.write_bytes(jpeg("x"))
        (at.images / "b.png").write_bytes((emulator.IMAGES / "egret.png").read_bytes())
        ledger = at.root / "x.ledger"
        at.tool("run", "--ledger", ledger, "--reference", "{folder}|{name}|{path}|{else}", at.images)
        assert ledger.stat().st_mode & 0o777 == 0o600
        with sqlite3.connect(ledger) as base:
            rows = dict(base.execute("SELECT filename, reference FROM work"))
        assert rows == {hashlib.sha256(image.read_bytes()).hexdigest() + ".jpg":
                        "bytes:S0|caf%E9.jpg|bytes:S0/caf%E9.jpg|{else}",
                        hashlib.sha256((at.images / "b.png").read_bytes()).hexdigest() + ".png": "|b.png|b.png|{else}"}
        at.service.stop()
        at.service.judge(2)


def the_progress_line_fits_the_terminal_and_is_safe():
    with Place("--processing", "fixed:1500") as at:
        for index in range(30):
            folder = at.images / f"\x1b[2J{'long' * 20}" / "\u202e\u4e2d\u6587\t"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / os.fsdecode(b"\xff\n%d.jpg" % index)).write_bytes(jpeg(index))
        code, text = at.tool.terminal(44, "run", at.images)
        assert code == 0, text
        text = text.replace("\x1b[K", "")
        assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\u202e]", text), text
        lines = [line for line in text.split("\n")[0].split("\r") if line]
        wide = "\u4e2d\u6587"
        assert any(re.match(r"\d+ of 30", line) for line in lines), lines
        lines = [line for line in lines if " done, " not in line]
        assert all(len(line) + sum(line.count(sign) for sign in wide) <= 43 for line in lines), lines


def two_thousand_images():
    with Place() as at:
        season(at.images, 2000)
        at.tool("run", at.images)
        assert at.tool.counts()["pending"] == 0
        counts = at.again()
        assert counts["jobs"] == counts["uploads"] == 2000, counts
        assert counts["api_requests"] <= 2000 * 4.6, counts
        at.tool("run", at.images)
        assert at.counts()["api_requests"] == 0
        if not is_sanitized(PROGRAM):
            largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            assert largest <= 64 * 1024, f"{largest} KiB"


TESTS = (every_file_is_in_its_column, problems_are_reported_and_the_rest_is_done,
         a_second_run_makes_no_request_and_reads_no_image, new_and_changed_images_are_sent_and_no_others,
         other_options_are_refused_until_they_are_meant, failures_come_again_as_their_scope_says,
         a_service_that_fails_is_asked_again_in_the_next_run, a_refused_key_keeps_every_image,
         no_network_leaves_images_pending, the_first_interrupt_finishes_what_is_uploaded,
         the_second_interrupt_stops_at_once_and_nothing_is_doubled, a_second_process_is_refused,
         a_full_disk_loses_nothing, a_card_that_is_taken_out_costs_nothing, lists_and_single_files,
         a_folder_below_goes_on_in_the_ledger_above, a_moved_root_goes_on, a_dry_run_sends_nothing,
         options_come_from_a_file_and_are_checked,
         references_are_made_from_the_template_and_names_from_the_bytes,
         the_progress_line_fits_the_terminal_and_is_safe, two_thousand_images)

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[3:]))
