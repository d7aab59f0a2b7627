# SPDX-License-Identifier: MIT
"""How to test a program that uses this package: its own function gets the client from outside, and the test gives it one on
the service in memory. No socket, no waiting."""
from __future__ import annotations

import asyncio
import collections
import math

from animaldetect import Client, Error
from animaldetect.mock import Failure, Mock

# ---- the program: counts the animals of some images ----


class Report:
    def __init__(self) -> None:
        self.animals: collections.Counter[str] = collections.Counter()
        self.later: list[str] = []
        self.bad: list[str] = []


async def import_images(client: Client, images: dict[str, bytes]) -> Report:
    report = Report()

    async def one(name: str, image: bytes) -> None:
        try:
            result = await client.detect_async(image, filename=name)
        except Error as failure:
            (report.later if failure.is_retriable else report.bad).append(name)
        else:
            report.animals.update(seen.label or "unknown" for seen in result.detections)

    await asyncio.gather(*(one(name, image) for name, image in images.items()))
    return report

# ---- its tests ----

IMAGES = {"a.jpg": b"\xff\xd8\xff\xe0 the first", "b.jpg": b"\xff\xd8\xff\xe0 the second"}


def test_every_image_is_counted(animaldetect_mock: Mock) -> None:
    with animaldetect_mock.client() as client:
        report = asyncio.run(import_images(client, IMAGES))
    assert report.animals and not report.later and not report.bad
    assert len(animaldetect_mock.jobs) == 2 and animaldetect_mock.job_state(animaldetect_mock.jobs[0]) == "succeeded"


def test_an_hour_behind_a_portal_only_delays(animaldetect_mock: Mock) -> None:
    animaldetect_mock.add_fault("any:html:status=511:edge=1:end=3600000")
    begin = animaldetect_mock.now
    with animaldetect_mock.client(offline_patience=math.inf) as client:
        report = asyncio.run(import_images(client, IMAGES))
    assert not report.later and not report.bad and len(animaldetect_mock.jobs) == 2
    assert animaldetect_mock.now - begin >= 3600


def test_a_lost_answer_bills_nothing_twice(animaldetect_mock: Mock) -> None:
    animaldetect_mock.add_fault("create:reset-after:n=1")
    animaldetect_mock.fail("upload", 1, Failure.BROKEN)
    animaldetect_mock.delay("submit", 1, 60)
    with animaldetect_mock.client() as client:
        report = asyncio.run(import_images(client, IMAGES))
    assert not report.later and not report.bad and len(animaldetect_mock.jobs) == 2


def test_what_the_service_refuses_is_for_a_person(animaldetect_mock: Mock) -> None:
    animaldetect_mock.answer("create", 1, 400, '{"error":{"code":"bad_image","message":"not an image"}}', {"X-Request-Id": "r"})
    with animaldetect_mock.client() as client:
        report = asyncio.run(import_images(client, IMAGES))
    assert len(report.bad) == 1 and not report.later
    refused = animaldetect_mock.requests("create")[0]
    assert refused.http_status == 400 and refused.idempotency_key and "filename" in (refused.body or "")


def test_a_blocking_call_needs_no_loop(animaldetect_mock: Mock) -> None:
    with animaldetect_mock.client() as client:
        assert client.detect(IMAGES["a.jpg"]).detections
