#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judges what the example programs printed, for examples.sh. Ends with an error that says what is wrong.

    answers LINES ANSWERS [FILE...]   the annotations of detect --json are those of the answers file
    verbatim LINES                    each result is what the service sends, byte for byte (needs the service)
    lines TEXT FILE...                one line per file in order, a blank line, a summary
    errors LINES FILE=CODE...         each file has that error and words of its own; no code: succeeded
    ledger FILE IMAGES                one job and one upload per image, no violation
    jobs FILE COUNT                   that many jobs were made, no violation
    waits TEXT WORDS                  one line, which names what is waited for and until when
    refused FILE COUNT                that many requests were refused for their key, and no job was made
"""
import json
import os
import re
import sys
import urllib.request


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def answers(lines, path, *files):
    with open(path, encoding="utf-8") as file:
        images = json.load(file)["images"]
    rows = read_lines(lines)
    assert sorted(row["file"] for row in rows) == sorted(files or images), "not a line for each image"
    for row in rows:
        wanted = images[row["file"]]["animal_detect_like"]["annotations"]
        # the fleet tool tells an image in which nothing is
        assert row["state"] in ("succeeded", "done" if wanted else "empty"), row
        got = row["result"]["annotations"]
        # Further guesses are an option of the service; detect does not ask for them.
        for one, other in zip(wanted, got):
            if "top_candidates" not in other:
                one.pop("top_candidates", None)
        assert got == wanted, f"{row['file']}: {got} is not {wanted}"


def verbatim(lines):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with open(lines, "rb") as file:
        for line in file:
            row = json.loads(line)
            request = urllib.request.Request(f"{os.environ['AD_API_BASE_URL']}/jobs/{row['job_id']}/result",
                                             headers={"Authorization": "Bearer " + os.environ["AD_API_KEY"]})
            raw = opener.open(request).read()
            assert line.rstrip(b"\n").endswith(b',"result":' + raw + b"}"), f"{row['file']}: {raw} is not in {line}"


def lines(path, *files):
    with open(path, encoding="utf-8") as file:
        rows = file.read().split("\n")
    for row, name in zip(rows, files):
        assert row.startswith(name + " "), f"{row!r} is not about {name}"
    assert rows[len(files)] == "" and rows[len(files) + 2:] == [""], rows
    assert rows[len(files) + 1].startswith(f"{len(files)} images in "), rows[-2]


def errors(path, *wanted):
    rows = read_lines(path)
    words = []
    assert len(rows) == len(wanted), f"{len(rows)} lines, not {len(wanted)}"
    for row, pair in zip(rows, wanted):
        name, _, code = pair.rpartition("=")
        assert row["file"] == name, f"{row} is not about {name!r}"
        assert ("error" in row) == bool(code), row
        if not code:
            assert row["state"] == "succeeded" and "result" in row, row
            continue
        error = row["error"]
        assert error["code"] == code and set(error) == {"code", "message", "stage", "http_status"}, row
        words.append(error["message"].replace(name, ""))
    assert len(set(words)) == len(words), f"two files have the same words: {words}"


def read_ledger(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def ledger(path, images):
    seen = read_ledger(path)
    counts = seen["counts"]
    assert seen["violation_count"] == 0, seen["violations"]
    assert counts["jobs"] == counts["uploads"] == int(images), counts


def jobs(path, count):
    seen = read_ledger(path)
    assert seen["violation_count"] == 0, seen["violations"]
    assert seen["counts"]["jobs"] == int(count), seen["counts"]


def waits(path, words):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert re.fullmatch(f"waiting: {words}.*; the next request is sent at \\d\\d:\\d\\d:\\d\\d\n", text), text


def refused(path, count):
    counts = read_ledger(path)["counts"]
    assert counts["unauthorized"] == int(count), counts
    assert counts["uploads"] == 0, counts


if __name__ == "__main__":
    {"answers": answers, "verbatim": verbatim, "lines": lines, "errors": errors, "ledger": ledger,
     "jobs": jobs, "waits": waits, "refused": refused}[sys.argv[1]](*sys.argv[2:])
