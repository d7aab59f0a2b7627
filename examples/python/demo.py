#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything that the Python package does, against the emulator or the service; it judges its own results.

    AD_API_KEY=... AD_API_BASE_URL=... ./demo.py [FOLDER]

FOLDER holds images (default: examples/images), and may hold answers.json with what is to be seen in them. Prints a line
per part and one with the number of jobs that the service should have counted. The exit code is 0 when all is well.
"""
from __future__ import annotations

import asyncio
import concurrent.futures
import json
import logging
import math
import os
import pathlib
import sys
import threading
import time

from typing import Any, Callable

import animaldetect
from animaldetect import CallTimeout, Canceled, Client, Hold, ImageError, Pause, QueueFull, Scope, Stage, State

SETTINGS: dict[str, Any] = {"poll_mode": animaldetect.PollMode.LATENCY, "poll_bounds": (0.02, 0.2)}
MANY = 200


class Demo:
    def __init__(self, folder: pathlib.Path) -> None:
        self.images = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
        answers = folder / "answers.json"
        self.answers = json.loads(answers.read_text())["images"] if answers.exists() else {}
        self.log: list[animaldetect.LogRecord] = []
        self.jobs: set[str] = set()

    def remember(self, *jobs: animaldetect.Job) -> None:
        self.jobs.update(job.id for job in jobs if job.id is not None)

    def expect(self, image: pathlib.Path, result: animaldetect.Result) -> None:
        """What was seen is what the answers say, when there are answers."""
        if image.name not in self.answers:
            return
        wanted = self.answers[image.name]["animal_detect_like"]["annotations"]
        seen = [(found.label, found.score, list(found.box or ())) for found in result.detections]
        assert seen == [(one["label"], one["score"], one["bbox"]) for one in wanted], (image.name, seen)

    # ---- the parts ----

    def one_image(self) -> str:
        with Client.from_env(log=self.log.append, log_level=animaldetect.LogLevel.INFO, **SETTINGS) as client:
            with client.job(self.images[0], metadata=True) as job:
                result = job.run()
                assert self.log[-1].job is job and self.log[-1].job_id == job.id, self.log
                assert job.state == State.SUCCEEDED and job.stage == Stage.FETCHED
                self.remember(job)
                self.expect(self.images[0], result)
            assert animaldetect.parse_result(result.json) == result
            best = max(result.detections, key=lambda found: found.score or 0)
            return f"{self.images[0].name}: {best.label} {best.score}"

    def threads(self) -> str:
        with Client.from_env(max_requests=16, **SETTINGS) as client:
            def one(image: pathlib.Path) -> None:
                with client.job(image.read_bytes(), filename=image.name, client_reference_id="threads") as job:
                    self.expect(image, job.run())
                    self.remember(job)

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(one, self.images))
            assert client.in_flight == 0
            return f"{len(self.images)} images by 8 threads on one client"

    async def event_loop(self) -> str:
        image = self.images[0]
        with Client.from_env(**SETTINGS) as client, open(image, "rb") as opened:
            async def one(number: int) -> None:
                # A file object is read on this thread, whenever the library asks for the next bytes.
                source: animaldetect.Image = opened if number == 0 else image
                with client.job(source, filename=image.name, client_reference_id=f"loop {number}") as job:
                    self.expect(image, await job.run_async())
                    self.remember(job)

            await asyncio.gather(*map(one, range(MANY)))
            waited = client.latency(0.5)
            assert waited is not None
            return f"{MANY} jobs at once on one thread; the middle one took {waited:.2f} s"

    def filter(self) -> str:
        with Client.from_env(**SETTINGS) as client:
            with client.job(self.images[0], animaldetect.FILTER, threshold=0.1) as job:
                result = job.run()
                self.remember(job)
        labels = sorted({found.category or "" for found in result.detections})
        assert set(labels) <= {"animal", "human", "vehicle"}, labels
        return ", ".join(labels) or "nothing"

    def errors(self) -> str:
        with Client.from_env(**SETTINGS) as client, Client("sk_test_wrong", base_url=os.environ.get("AD_API_BASE_URL"),
                                                            **SETTINGS) as stranger:
            refused = failure_of(animaldetect.AccountError, lambda: stranger.detect(self.images[0]))
            assert refused.code == animaldetect.Status.E_UNAUTHORIZED and refused.http_status == 401, refused
            assert refused.scope == Scope.ACCOUNT, refused
            assert refused.step == animaldetect.Step.CREATE and refused.stage == Stage.NEW, refused
            assert refused.service_message and not refused.is_retriable, refused
            assert stranger.hold_reason == Hold.ACCOUNT and client.hold_reason == Hold.NONE, stranger.hold_reason
            assert stranger.held_until == math.inf and client.held_until is None, stranger.held_until
            stranger.resume()  # or `set_api_key`: jobs may be created again
            assert stranger.hold_reason == Hold.NONE, stranger.hold_reason
            missing = failure_of(ImageError, lambda: client.detect("no such file.jpg"))
            assert "no such file.jpg" in missing.message, missing
            failure_of(ImageError, lambda: client.detect(b"neither JPEG nor PNG"))
            unfit = failure_of(ValueError, lambda: client.job(self.images[0], threshold=7))
            assert unfit.code == animaldetect.Status.E_INVALID_ARGUMENT and "threshold" in unfit.message, unfit
            return str(refused)

    def control(self) -> str:
        """A client that is paused holds two jobs, has no room for a third, goes on, and is stopped."""
        async def main() -> str:
            with Client.from_env(max_jobs=2, **SETTINGS) as client:
                client.set_paused(Pause.CREATES)
                urgent = client.job(self.images[0], client_reference_id="urgent", priority=-1, note="row 7")
                plain = client.job(self.images[0], client_reference_id="plain")
                third = client.job(self.images[0], client_reference_id="third")
                calls = [asyncio.ensure_future(job.run_async()) for job in (plain, urgent)]
                await asyncio.sleep(0)
                try:
                    await third.run_async()
                except QueueFull:
                    pass
                else:
                    raise AssertionError("a third job has found room")
                client.set_paused(Pause.NONE)
                await asyncio.gather(*calls)
                self.remember(plain, urgent)
                assert client.restore(urgent.save()).note == "row 7"
                client.network_changed()
                await third.run_async()
                self.remember(third)
                client.stop()
                try:
                    await plain.poll_async()
                except Canceled:
                    return f"two of {client.statistics()['jobs_succeeded']} jobs waited while creates were paused"
                raise AssertionError("a stopped client has begun a call")

        return asyncio.run(main())

    def rerun(self) -> str:
        with Client.from_env(**SETTINGS) as client, client.job(self.images[0], client_reference_id="rerun") as job:
            job.run()
            self.remember(job)
            job.rerun()
            assert job.stage == Stage.NEW and job.id is None and job.rerun_number == 1, job.info
            self.expect(self.images[0], job.run())
            self.remember(job)
            return f"another job for the same image, with number {job.rerun_number}"

    def cancel_from_a_thread(self) -> str:
        with Client.from_env(**SETTINGS) as client, client.job(self.images[0], client_reference_id="stopped") as job:
            def stop() -> None:
                while job.stage < Stage.CREATED:
                    time.sleep(0.001)
                job.cancel()

            timer = threading.Thread(target=stop)
            timer.start()
            stopped = failure_of(Canceled, job.run)
            timer.join()
            job.run()  # the service goes on meanwhile; running it again finds the same job
            self.remember(job)
            return f"stopped at stage {stopped.stage.name.lower()}, then run to its end"

    async def cancel_a_task(self) -> str:
        with Client.from_env(**SETTINGS) as client, client.job(self.images[0], client_reference_id="task") as job:
            try:
                await asyncio.wait_for(job.run_async(), 0.01)
            except asyncio.TimeoutError:
                pass
            else:
                raise AssertionError("10 ms were enough")
            assert client.in_flight == 0
            await job.run_async()
            self.remember(job)
        with Client.from_env(**SETTINGS) as client, client.job(self.images[0], client_reference_id="late") as job:
            job.configure(call_timeout=0.005)
            late = failure_of(CallTimeout, job.run)
            job.configure(call_timeout=60)
            job.run()
            self.remember(job)
        return f"a task by its timeout, a call by its own ({late.name})"

    def save_and_restore(self) -> str:
        with Client.from_env(**SETTINGS) as client:
            with client.job(self.images[0], client_reference_id="saved") as job:
                job.create()
                job.upload()
                kept = job.save()
                self.remember(job)
            with client.job(self.images[0], client_reference_id="attached") as job:
                job.create()
                job.upload()
                job.submit()
                job_id = job.id
                self.remember(job)
        assert os.environ["AD_API_KEY"] not in kept and job_id is not None
        with Client.from_env(**SETTINGS) as client, client.restore(kept) as saved, client.attach(job_id) as attached:
            self.expect(self.images[0], saved.run())
            self.expect(self.images[0], attached.run())
            assert saved.id in self.jobs and attached.id in self.jobs
        return f"{len(kept)} bytes of JSON, taken after the upload, finished by another client"


def failure_of(kind: type[Exception], act: Callable[[], Any]) -> Any:
    try:
        act()
    except kind as failure:
        return failure
    raise AssertionError(f"no {kind.__name__}")


def main() -> int:
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "images"
    demo = Demo(folder)
    logging.basicConfig(level=logging.ERROR + 1)  # the library's records go to the logger "animaldetect"
    tls = animaldetect.features()["tls"]
    print(f"libanimaldetect {animaldetect.library_version}, Python {sys.version.split()[0]}, {tls}")
    for part in (demo.one_image, demo.threads, demo.event_loop, demo.filter, demo.errors, demo.control, demo.rerun,
                 demo.cancel_from_a_thread, demo.cancel_a_task, demo.save_and_restore):
        done = part()
        print(f"{part.__name__.replace('_', ' ')}: {asyncio.run(done) if asyncio.iscoroutine(done) else done}")
    assert any("call succeeded" in record.text for record in demo.log), demo.log
    print(f"expected jobs: {len(demo.jobs)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
