# SPDX-License-Identifier: MIT
"""Many images: those of a folder, and a bounded number of them on their way at once."""
from __future__ import annotations

import asyncio
import concurrent.futures
import os

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Generic, Iterable, Iterator, TypeVar

from .result import Result

if TYPE_CHECKING:
    from .client import Client

Picture = TypeVar("Picture")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")


@dataclass(frozen=True)
class Detected(Generic[Picture]):
    """One image of `detect_all`: it has either a result or an error."""
    image: Picture
    result: Result | None
    error: Exception | None


def images_in(folder: str | os.PathLike[str]) -> Iterator[str]:
    """The paths of the images in a folder and below it, in no order; hidden ones are left out. A folder that cannot be read
    is an OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from images_in(entry.path)
            elif entry.is_file() and entry.name.lower().endswith(_ENDINGS):
                yield entry.path


def detect_all(client: Client, images: Iterable[Picture], concurrency: int = 16, **settings: Any) -> Iterator[Detected[Picture]]:
    """By threads: each image's result or error as it ends. At most `concurrency` are on their way at once, and none before it
    is asked for, so that a folder of any size needs little memory. Leaving the loop cancels the rest.

    The settings are those of `Job.configure`, and `operation`.
    """
    jobs: dict[concurrent.futures.Future[Detected[Picture]], Callable[[], None]] = {}
    pictures = iter(images)

    def start(pool: concurrent.futures.ThreadPoolExecutor) -> None:
        for image in pictures:
            try:
                job = client.job(image, **settings)  # type: ignore[arg-type]
            except Exception as failure:  # pylint: disable=broad-except
                future: concurrent.futures.Future[Detected[Picture]] = concurrent.futures.Future()
                future.set_result(Detected(image, None, failure))
                jobs[future] = lambda: None
            else:
                jobs[pool.submit(_one, image, job)] = job.cancel
            if len(jobs) >= concurrency:
                return

    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        try:
            start(pool)
            while jobs:
                done, _ = concurrent.futures.wait(jobs, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    del jobs[future]
                    yield future.result()
                    start(pool)
        finally:
            for cancel in jobs.values():
                cancel()


def _one(image: Picture, job: Any) -> Detected[Picture]:
    with job:
        try:
            return Detected(image, job.run(), None)
        except Exception as failure:  # pylint: disable=broad-except
            return Detected(image, None, failure)


async def detect_all_async(client: Client, images: Iterable[Picture] | AsyncIterator[Picture], concurrency: int = 64,
                           **settings: Any) -> AsyncIterator[Detected[Picture]]:
    """The same on the running event loop, also of an asynchronous iterator."""
    running: set[asyncio.Task[Detected[Picture]]] = set()
    source = images if isinstance(images, AsyncIterator) else _asynchronous(images)
    more = True

    async def one(image: Picture) -> Detected[Picture]:
        try:
            return Detected(image, await client.detect_async(image, **settings), None)  # type: ignore[arg-type]
        except Exception as failure:  # pylint: disable=broad-except
            return Detected(image, None, failure)

    try:
        while more or running:
            while more and len(running) < concurrency:
                try:
                    running.add(asyncio.ensure_future(one(await source.__anext__())))
                except StopAsyncIteration:
                    more = False
            if not running:
                break
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            while done:
                yield done.pop().result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _asynchronous(images: Iterable[Picture]) -> AsyncIterator[Picture]:
    for image in images:
        yield image
