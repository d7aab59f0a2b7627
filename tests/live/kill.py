#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills a client with SIGKILL at random moments and restarts it, until every image has its result.

    kill.py CLIENT EMULATOR [--rounds N] [--seed S]

A round is one killed client. The service sometimes loses responses and rejects requests. Two kinds of host alternate:
one that saved each job (`animaldetect_job_save`), and one that has only its images. At the end there is one job per
image, one result per image, and no violation of the service's contract.

One entry of the ledger is not a fault here: `poll_after_end`. A client that is killed after the response with a final
state, but before its host has stored the result, must poll again when it is restarted.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import emulator  # noqa: E402
from kit.checks import Checks  # noqa: E402

IMAGES_AT_ONCE = 12
LIVES = 60  # most starts of the client for one set of images
FAULTS = ["--fault", "create:reset-after:p=0.05", "--fault", "submit:reset-after:p=0.05",
          "--fault", "upload:reset-after:p=0.05", "--fault", "poll:503:p=0.05"]


def draw(folder, number):
    """A new set of images, distinct from all others: the project's own with a number appended."""
    originals = sorted(emulator.IMAGES.glob("*.png")) + sorted(emulator.IMAGES.glob("*.jpg"))
    paths = []
    for index in range(IMAGES_AT_ONCE):
        original = originals[index % len(originals)]
        path = folder / f"img_{number:04d}_{index:02d}{original.suffix}"
        path.write_bytes(original.read_bytes() + f"{number}.{index}".encode())
        paths.append(path)
    return paths


def live(command, environment, seconds):
    """Runs the client once; None when it was killed, else its exit code."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        words, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    assert emulator.KEY not in words, "the key was printed"
    assert process.returncode == 0, f"exit code {process.returncode}\n{words}"
    return process.returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("client")
    parser.add_argument("emulator")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    checks = Checks()
    counts = {"killed": 0, "images": 0, "results": 0}
    ids = set()

    def rounds(service, folder):
        environment = {**os.environ, **service.environment()}
        sets = 0
        while counts["killed"] < wanted.rounds:
            images = draw(folder, sets)
            counts["images"] += len(images)
            command = [wanted.client, ("saved", "nothing")[sets % 2], folder, *images]
            for life in range(LIVES):
                # The last run is not killed.
                may_die = counts["killed"] < wanted.rounds and life < LIVES - 1
                if live(command, environment, chance.uniform(0, 0.5) if may_die else 60) is not None:
                    break
                counts["killed"] += 1
            for image in images:
                assert (folder / f"{image.name}.result").stat().st_size > 2, image.name
                counts["results"] += 1
                identity = folder / f"{image.name}.id"
                if identity.exists():  # a client may be killed after it stored the result but before the identity
                    assert identity.read_text() not in ids, f"{image.name} has the job of another image"
                    ids.add(identity.read_text())
            sets += 1

    def judge(service):
        service.judge(counts["images"], forgiven="poll_after_end")
        assert counts["results"] == counts["images"], counts

    with tempfile.TemporaryDirectory() as folder:
        with emulator.service(wanted.emulator, "--processing", "lognormal:150:0.5", *FAULTS) as service:
            checks.check("a_client_killed_at_any_moment_ends_with_a_result_for_every_image", rounds, service,
                         pathlib.Path(folder))
    checks.check("one_job_per_image_and_no_violation_whenever_the_client_dies", judge, service)
    print(f"{counts['killed']} clients killed, {counts['images']} images, {service.counts['jobs']} jobs, "
          f"{counts['results']} results, {service.ledger['violation_count']} violations")
    return checks.finish()


sys.exit(main())
