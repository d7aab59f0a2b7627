#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the output of the example programs, for examples.sh. Exits with an error message on a fault.

    answers LINES ANSWERS       the annotations of an export as JSON lines are those of the answers file
    verbatim LINES              each result is what the service sends, byte for byte (needs the service)
    errors TEXT FILE=WORDS...   event loops: each file has one line with these words; without words: success
    says TEXT WORDS...          each of the words is in a line
    ledger FILE IMAGES          one job and one upload per image, no violation
    jobs FILE COUNT             that many jobs were created, no violation
    refused FILE COUNT          that many requests were rejected for their key, and no job was created
"""
import json
import os
import re
import sys
import urllib.request


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def answers(lines, path):
    with open(path, encoding="utf-8") as file:
        images = json.load(file)["images"]
    rows = read_lines(lines)
    assert sorted(row["file"] for row in rows) == sorted(images), "not a line for each image"
    for row in rows:
        wanted = images[row["file"]]["animal_detect_like"]["annotations"]
        assert row["state"] == ("done" if wanted else "empty"), row
        got = row["result"]["annotations"]
        # Further candidates are an option of the service that was not requested.
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


def errors(path, *wanted):
    with open(path, encoding="utf-8") as file:
        rows = dict(line.rstrip("\n").split("\t", 1) for line in file)
    assert set(rows) == {pair.rpartition("=")[0] for pair in wanted}, rows
    for name, _, words in (pair.rpartition("=") for pair in wanted):
        assert rows[name].startswith("failed: ") == bool(words) and words in rows[name], (name, rows[name])
        assert words or re.fullmatch(r".+\t[01]\.\d\d", rows[name]), rows[name]


def says(path, *words):
    with open(path, encoding="utf-8") as file:
        rows = file.read().splitlines()
    for word in words:
        assert any(word in row for row in rows), f"{word} is not in {rows}"


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


def refused(path, count):
    counts = read_ledger(path)["counts"]
    assert counts["unauthorized"] == int(count), counts
    assert counts["uploads"] == 0, counts


if __name__ == "__main__":
    {"answers": answers, "verbatim": verbatim, "errors": errors, "says": says, "ledger": ledger, "jobs": jobs,
     "refused": refused}[sys.argv[1]](*sys.argv[2:])
