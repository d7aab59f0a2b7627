#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Benchmark: the cost of a run, a status and an export when a million images are already done.

    bench_million.py TOOL [--images N] [--folder FOLDER]

Creates N small files and a ledger with a result for each. Prints the seconds and the peak memory of each command.
"""
import argparse
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

PER_FOLDER = 1000


def make(tool, images, count, ledger, environment):
    (images / "000000").mkdir(parents=True)
    subprocess.run([tool, "run", "--ledger", ledger, images], env=environment, stderr=subprocess.DEVNULL, check=True)
    result = json.dumps({"annotations": [{"id": 0, "bbox": [0.1, 0.2, 0.3, 0.4], "score": 0.87, "label": "red deer",
                                          "taxonomy": {"id": "x", "class": "mammalia", "order": "cetartiodactyla",
                                                       "family": "cervidae", "genus": "cervus", "species": "elaphus"}}],
                         "info": {"model_version": "bench"}})
    with sqlite3.connect(ledger) as base:
        base.execute("PRAGMA synchronous = OFF")
        for index in range(count):
            name = f"{index // PER_FOLDER:06d}/RCNX{index % PER_FOLDER:04d}.JPG"
            path = images / name
            if index % PER_FOLDER == 0:
                path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
            base.execute("INSERT INTO work(id, digest, settings, state, label, score, boxes, animals, filename)"
                         " VALUES (?, ?, 1, 1, 'red deer', 0.87, 1, 1, 'x')",
                         (index + 1, hashlib.sha256(name.encode()).digest()))
            base.execute("INSERT INTO result VALUES (?, ?)", (index + 1, result))
            base.execute("INSERT INTO image(path, size, mtime_ns, work, state, reason) VALUES (?, 1, ?, ?, 0, 0)",
                         (name.encode(), path.stat().st_mtime_ns, index + 1))


def measure(name, command, environment):
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    print(f"{name:12} {time.monotonic() - begun:6.1f} s  {usage.ru_maxrss / 1024:6.1f} MiB  exit {status >> 8}  "
          f"{said.splitlines()[0] if said else ''}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--images", type=int, default=1000000)
    parser.add_argument("--folder")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder) as name:
        root = pathlib.Path(name)
        ledger, images = root / "bench.ledger", root / "images"
        environment = {**os.environ, "HOME": name, "AD_API_KEY": "sk_test_of_the_bench_made_up",
                       "AD_API_BASE_URL": "http://127.0.0.1:1/v1"}
        make(wanted.tool, images, wanted.images, ledger, environment)
        print(f"{wanted.images} images, ledger {ledger.stat().st_size / 1e6:.0f} MB")
        measure("run", [wanted.tool, "run", "--ledger", ledger, images], environment)
        measure("status", [wanted.tool, "status", "--ledger", ledger], environment)
        for form in ("md", "jsonl", "csv"):
            measure(f"export {form}", [wanted.tool, "export", "--ledger", ledger, "-f", form, "-o", root / form],
                    environment)
        measure("preview", [wanted.tool, "preview", "--ledger", ledger, "-o", root / "page"], environment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
