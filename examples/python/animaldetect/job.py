# SPDX-License-Identifier: MIT
"""The job: one image on its way, with blocking steps for threads and awaitable ones for an event loop.

The library lends its text until the next call ends, which may be on another thread. So a job's words are copied when
they are set and when its call ends (`Job.info`, the fields of an error); what may be read live is numbers only.
"""
from __future__ import annotations

import asyncio
import contextlib
import ctypes
import io
import json
import os
import sys
import threading

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Mapping

from . import result as _result
from ._handle import Handle, Inside
from ._interrupt import callback, expect_interrupt, keep_interrupt, must_run, raise_interrupt
from ._lend import lend, lent, release, take_back
from ._library import ReadCallback, RewindCallback, lib, milliseconds, sized, text, unchecked, utf8
from .errors import Error, error
from .values import AGAIN, OK, Stage, State, Status, Step

if TYPE_CHECKING:
    from .client import Client, Image

# How long the main thread sleeps in the library before it looks for Ctrl-C.
_SLICE_MS = 100
# A result of more bytes is not read on the thread of an event loop.
_LARGE = 200_000


@dataclass(frozen=True)
class JobInfo:
    """A job's words as they were when its last call ended, or when they were set after it."""
    id: str | None
    operation: str | None
    state_text: str | None
    filename: str | None
    path: str | None
    source_url: str | None
    client_reference_id: str | None
    expires_at: str | None
    upload_expires_at: str | None
    idempotency_key: str | None
    sha256: str | None
    request_id: str | None


_set_bytes = unchecked("animaldetect_job_set_bytes_borrowed")
_WORDS = [(name, getattr(lib, "animaldetect_job_" + name)) for name in JobInfo.__dataclass_fields__ if name != "path"]


class Job:
    """Made by `Client.job`, `Client.restore` or `Client.attach`. One call at a time; any thread may cancel it."""

    def __init__(self, client: Client, pointer: int) -> None:
        self._client = client
        self._lent: list[int] = []
        self._handle = Handle(pointer, lib.animaldetect_job_free, "job", Status.E_STATE, self._lent)
        # Held while a call is in flight.
        self._calling = threading.Lock()
        # Held while a call begins, and while it is canceled or what only an idle job permits is done.
        self._beginning = threading.Lock()
        self._cancel_next = False
        #: set by `detect`: nobody can read its words during its call
        self.unseen = False
        # What a reader raised, for the error that the call ends with.
        self._raised: list[BaseException] = []
        # Read when it is asked for, and before a call begins: during a call the words may change.
        self._info: JobInfo | None = None
        self._note: str | None = None

    def renew_locks(self) -> None:
        """For this package, in a forked child."""
        self._handle.forget_uses()
        self._calling, self._beginning = threading.Lock(), threading.Lock()

    # ---- what it is about ----

    def set_image(self, image: Image) -> None:
        """A path, the encoded image, or an open binary file that can seek."""
        if isinstance(image, (bytes, bytearray, memoryview)):
            # Bytes never change, so the library needs no copy of them. They are kept until it releases them.
            raw = bytes(image)
            self._give(raw, _set_bytes, raw, len(raw))
        elif isinstance(image, (str, os.PathLike)):
            self._checked("set_file", utf8(image))
        elif not all(hasattr(image, name) for name in ("read", "seek", "tell")):
            raise TypeError(f"an image is a path, its bytes, or a binary file that can seek, not {type(image).__name__}")
        else:
            reader = _Reader(image, self._client._inside, self._raised)
            self._give(reader, lib.animaldetect_job_set_reader, reader.size, _read, _rewind)
        self._refresh()

    def configure(self, *, source_url: str | None = None, filename: str | None = None, content_type: str | None = None,
                  sha256: str | None = None, client_reference_id: str | None = None,
                  idempotency_key: str | None = None, rerun: int | None = None, call_timeout: float | None = None,
                  threshold: float | None = None, country: str | None = None, classify: bool | None = None,
                  metadata: bool | None = None, smooth_herd: bool | None = None, top_candidate: int | None = None,
                  location: tuple[float, float] | None = None, options: Mapping[str, Any] | None = None,
                  priority: int | None = None, note: str | None = None) -> None:
        """What goes with the image, and the options of the service; `options` are those that it adds later.

        `call_timeout`, `priority` (smaller goes first) and `note` (a text of your own, saved with the job, never sent)
        may be set at any time; "" takes the note away.
        """
        texts = {"source_url": source_url, "filename": filename, "content_type": content_type, "sha256": sha256,
                 "client_reference_id": client_reference_id, "idempotency_key": idempotency_key, "country": country}
        numbers = {"rerun": rerun, "priority": priority, "threshold": threshold, "classify": classify,
                   "metadata": metadata, "smooth_herd": smooth_herd, "top_candidate": top_candidate}
        for name, words in texts.items():
            if words is not None:
                self._checked("set_" + name, utf8(words))
        for name, number in numbers.items():
            if number is not None:
                self._checked("set_" + name, number)
        if call_timeout is not None:
            self._checked("set_call_timeout_ms", milliseconds(call_timeout))
        if location is not None:
            latitude, longitude = location
            self._checked("set_location", latitude, longitude)
        for name, value in (options or {}).items():
            self._checked("set_option_json", utf8(name), utf8(json.dumps(value)))
        if note is not None:
            self._checked("set_note", utf8(note))
            self._note = note or None
        self._refresh()

    # ---- the steps ----

    def run(self) -> _result.Result:
        """All that is left, from wherever the job stands. Safe to repeat after a failure."""
        self._block("run")
        return self.result()

    def create(self) -> None:
        """Asks the service for a job."""
        self._block("create")

    def upload(self) -> None:
        """Sends the image to where the service said."""
        self._block("upload")

    def submit(self) -> None:
        """Tells the service that the image is there."""
        self._block("submit")

    def poll(self) -> State:
        """Asks for the state once."""
        self._block("poll")
        return self.state

    def fetch(self) -> _result.Result:
        """Fetches the result of a job that succeeded."""
        self._block("fetch")
        return self.result()

    async def run_async(self) -> _result.Result:
        """`run` on the running event loop. Canceling the task cancels the job."""
        await self._client._driver.call(self, "run")
        return await self._result_async()

    async def create_async(self) -> None:
        """`create` on the running event loop."""
        await self._client._driver.call(self, "create")

    async def upload_async(self) -> None:
        """`upload` on the running event loop."""
        await self._client._driver.call(self, "upload")

    async def submit_async(self) -> None:
        """`submit` on the running event loop."""
        await self._client._driver.call(self, "submit")

    async def poll_async(self) -> State:
        """`poll` on the running event loop."""
        await self._client._driver.call(self, "poll")
        return self.state

    async def fetch_async(self) -> _result.Result:
        """`fetch` on the running event loop."""
        await self._client._driver.call(self, "fetch")
        return await self._result_async()

    def cancel(self) -> None:
        """Ends the call in flight with `Canceled`; any thread. The service may still process the image.

        Without a call in flight it is the next blocking one that ends so: a thread that is about to block does not miss
        it. An awaitable one forgets it.
        """
        self._client._refuse_inside()
        with self._beginning:
            if self._calling.locked():
                self._checked("cancel")
            else:
                self._cancel_next = True

    def rerun(self) -> None:
        """Begins a new run of the image: another job at the service, which is billed.

        The job goes back to `Stage.NEW` with the next rerun number; what the service said of it is forgotten. The next
        call creates the new job; save before it if that must survive a power cut.
        """
        self._client._refuse_inside()
        with self._handle.use() as job, self._beginning:
            if self._calling.locked():
                raise error(Status.E_BUSY, "a call is in flight on this job")
            self._info = None
            self._client._checked(lib.animaldetect_job_rerun, handle=job)

    def save(self) -> str:
        """A small JSON text without the API key, for `Client.restore`; also while a call is in flight."""
        out, size = ctypes.c_void_p(), ctypes.c_size_t()
        try:
            self._checked("save", ctypes.byref(out), ctypes.byref(size))
            return ctypes.string_at(out.value or 0, size.value).decode()
        finally:
            lib.animaldetect_text_free(out)

    # ---- reading it ----

    def result(self) -> _result.Result:
        """What was seen, once it was fetched."""
        return _result.take(self._open_result())

    async def _result_async(self) -> _result.Result:
        """One of thousands of detections takes long to read: not on the loop's thread."""
        opened = self._open_result()
        if _result.size(opened) < _LARGE:
            return _result.take(opened)
        lib.animaldetect_result_free(opened)
        return await asyncio.to_thread(self.result)

    def _open_result(self) -> int:
        """A handle of the library, to be freed."""
        out = ctypes.c_void_p()
        with self._handle.use() as job:
            status = lib.animaldetect_job_result(job, ctypes.byref(out))
        if status != OK or out.value is None:
            raise error(status, "the result was not fetched yet" if status == Status.E_STATE else None)
        return out.value

    @property
    def result_json(self) -> bytes | None:
        """The result as the service sent it, whatever its shape; None when it was not fetched."""
        self._client._refuse_inside()
        with self._handle.use() as job, self._beginning:
            if self._calling.locked():
                raise error(Status.E_BUSY, "a call is in flight on this job")
            return sized(lib.animaldetect_job_result_json, job)

    @property
    def client(self) -> Client:
        """The client that made it."""
        return self._client

    @property
    def note(self) -> str | None:
        """The program's own text, see `configure`; a restored job has that of the saved one."""
        return self._note

    @property
    def priority(self) -> int:
        """As it was set by `configure`; 0 unless it was."""
        with self._handle.use() as job:
            return int(lib.animaldetect_job_priority(job))

    @property
    def rerun_number(self) -> int:
        """The number of this run of the payload; 0 for the first."""
        with self._handle.use() as job:
            return int(lib.animaldetect_job_rerun_number(job))

    @property
    def info(self) -> JobInfo:
        """Its words, as they were when its last call ended."""
        known = self._info
        return self._keep_info() if known is None else known

    @property
    def id(self) -> str | None:
        """The service's id of the job."""
        return self.info.id

    @property
    def state(self) -> State:
        """Where the service says that the job is."""
        with self._handle.use() as job:
            return State(lib.animaldetect_job_state(job))

    @property
    def stage(self) -> Stage:
        """How far the job has come."""
        with self._handle.use() as job:
            return Stage(lib.animaldetect_job_stage(job))

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes of the image sent and its size, also while it is uploaded."""
        with self._handle.use() as job:
            return lib.animaldetect_job_upload_sent(job), lib.animaldetect_job_upload_total(job)

    @property
    def attempts(self) -> int:
        """Requests made by the current or last call, retries included."""
        with self._handle.use() as job:
            return int(lib.animaldetect_job_attempts(job))

    @property
    def polls(self) -> int:
        """Status requests that got a response."""
        with self._handle.use() as job:
            return int(lib.animaldetect_job_polls(job))

    def seconds(self, step: Step) -> float:
        """How long a step took in total, waiting and retries included."""
        with self._handle.use() as job:
            return float(lib.animaldetect_job_step_ms(job, step) / 1000)

    def close(self) -> None:
        """Aborts a call in flight and frees the job. The service may still process the image."""
        with contextlib.suppress(Error):
            self._keep_info()
        self.drop()

    def drop(self) -> None:
        """For this package: `close` for a job that nobody reads any more."""
        if self._calling.locked():
            with contextlib.suppress(Error):
                self.cancel()
        self._client.forget_job(self, self._handle.pointer)
        self._handle.close()
        raise_interrupt()

    def __enter__(self) -> Job:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @must_run
    def __del__(self, finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if not finalizing() and getattr(self, "_handle", None) is not None:  # later the modules are gone, `sys` as well
            self._client.forget_job(None, self._handle.pointer)
            self._handle.close()

    # ---- one call, for this module and the driver ----

    def begin(self, goal: str, job: int, *, blocking: bool = False) -> None:
        """Starts a call that a cancel has not forestalled."""
        self._client._refuse_inside()
        with self._beginning:
            if self._calling.locked():
                raise error(Status.E_BUSY, "a call is in flight on this job")
            canceled, self._cancel_next = self._cancel_next, False
            if canceled and blocking:
                raise error(Status.E_CANCELED, "the call was canceled before it began")
            if blocking:
                self._client._refuse_held(self._know(job).id is None)
            self._raised.clear()
            if not self.unseen:
                self._know(job)
            self._calling.acquire()
            try:
                self._client._call(getattr(lib, f"animaldetect_job_{goal}_async"), handle=job)
            except Error:
                self._calling.release()
                raise
            except BaseException:
                self._abort(job)
                raise

    def _abort(self, job: int) -> None:
        """After an interrupt: the call has begun or not, and is to end."""
        lib.animaldetect_job_cancel(job)
        lib.animaldetect_job_wait(job, -1)
        self._info = None
        self._calling.release()

    def end(self, job: int, status: int, *, told: bool = True) -> BaseException | None:
        """Copies what the call left behind and lets the next one begin."""
        self._client._note_refusal(status)
        try:
            self._info = self._read_info(job) if self._handle.closed else None
            return None if status == OK or not told else self._read_error(job, status)
        finally:
            self._calling.release()

    def _block(self, goal: str) -> None:
        with self._handle.use() as job:
            self.begin(goal, job, blocking=True)
            try:
                status = _wait(job)
            except BaseException:
                self._abort(job)
                raise
            # A client that is closed meanwhile answers E_CLIENT_FREED to the wait; the call itself ends as canceled.
            failure = self.end(job, Status.E_CANCELED if status == Status.E_CLIENT_FREED else status)
        raise_interrupt()
        try:
            if failure is not None:
                raise failure
        finally:
            del failure  # no cycle with this frame, which keeps the job

    def _give(self, thing: Any, function: Callable[..., int], *arguments: Any) -> None:
        user = lend(thing, self._lent)
        try:
            with self._handle.use() as job:
                self._client._checked(function, *arguments, user, release, handle=job)
        except Error:
            take_back(user)
            raise

    def _checked(self, name: str, *arguments: Any) -> None:
        with self._handle.use() as job:
            self._client._checked(getattr(lib, "animaldetect_job_" + name), *arguments, handle=job)

    def _refresh(self) -> None:
        """After a setter. While a call is in flight only what is not in the info can have been set."""
        with self._beginning:
            if not self._calling.locked():
                self._info = None

    def read_note(self) -> None:
        """For this package: the note of a restored job."""
        with self._handle.use() as job:
            self._note = text(lib.animaldetect_job_note(job))

    def _know(self, job: int) -> JobInfo:
        """No call begins or ends meanwhile. Before a call begins its words are read, so it is not read while one is in flight."""
        if self._info is None:
            self._info = self._read_info(job)
        return self._info

    def _keep_info(self) -> JobInfo:
        with self._handle.use() as job:
            if self._client._inside.this_thread():
                return self._know(job)  # the client is locked: no call begins or ends, and a thread may wait with `_beginning`
            with self._beginning:
                return self._know(job)

    @staticmethod
    def _read_info(job: int) -> JobInfo:
        words = {name: text(function(job)) for name, function in _WORDS}
        # A path is whatever bytes the file system holds; this one opens the same file again.
        path = lib.animaldetect_job_path(job)
        return JobInfo(path=None if path is None else os.fsdecode(path), **words)

    def _read_error(self, job: int, status: int) -> BaseException:
        wait_ms = lib.animaldetect_job_retry_after_ms(job)
        failure = error(
            status, text(lib.animaldetect_job_message(job)), step=Step(lib.animaldetect_job_failed_step(job)),
            stage=Stage(lib.animaldetect_job_stage(job)), http_status=lib.animaldetect_job_http_status(job),
            service_code=text(lib.animaldetect_job_service_code(job)),
            service_message=text(lib.animaldetect_job_service_message(job)),
            request_id=text(lib.animaldetect_job_request_id(job)), job_id=text(lib.animaldetect_job_id(job)), retry_after=None if wait_ms < 0 else wait_ms / 1000,
            attempts=lib.animaldetect_job_attempts(job))
        if status <= Status.E_HOST and self._raised:
            failure.__cause__ = self._raised.pop()
        return failure


def _wait(job: int) -> int:
    """Signals reach Python code in the main thread only, and only between two calls of the library."""
    expect_interrupt()
    if threading.current_thread() is not threading.main_thread():
        return int(lib.animaldetect_job_wait(job, -1))
    while True:
        expect_interrupt()
        status: int = lib.animaldetect_job_wait(job, _SLICE_MS)
        raise_interrupt()
        if status != AGAIN:
            return status


class _Reader:
    """An open file behind the library's reader callbacks."""

    def __init__(self, source: BinaryIO, inside: Inside, raised: list[BaseException]) -> None:
        self._source = source
        self._inside = inside
        self._raised = raised
        self._start = source.tell()
        self.size = source.seek(0, io.SEEK_END) - self._start
        source.seek(self._start)

    def read(self, buffer: int, size: int) -> int:
        thread = threading.get_ident()
        try:
            self._inside.threads.add(thread)
            chunk = memoryview(self._source.read(size) or b"").cast("B")
            if len(chunk) > size:
                raise ValueError(f"the image's file gave {len(chunk)} bytes where {size} were asked for")
            ctypes.memmove(buffer, bytes(chunk), len(chunk))
            return len(chunk)
        except BaseException as failure:  # pylint: disable=broad-except
            return self._fail(failure)
        finally:
            self._inside.threads.discard(thread)

    def rewind(self) -> int:
        thread = threading.get_ident()
        try:
            self._inside.threads.add(thread)
            self._source.seek(self._start)
            return 0
        except BaseException as failure:  # pylint: disable=broad-except
            return self._fail(failure)
        finally:
            self._inside.threads.discard(thread)

    def _fail(self, failure: BaseException) -> int:
        """No exception can pass through C: it waits for the call to end with this number of our own."""
        if isinstance(failure, Exception):
            self._raised[:] = [failure]
        else:
            keep_interrupt(failure)  # Ctrl-C is no matter of the image
        return Status.E_HOST


@callback
def _on_read(user: int | None, buffer: int, size: int) -> int:
    return int(lent(user).read(buffer, size))


@callback
def _on_rewind(user: int | None) -> int:
    return int(lent(user).rewind())


_read = ReadCallback(_on_read)
_rewind = RewindCallback(_on_rewind)
