# SPDX-License-Identifier: MIT
"""A client on an asyncio event loop: the loop watches the client's one descriptor, no thread is involved.

The descriptor is watched only while calls are in flight, so a client may be used in one event loop after another, and
by threads at the same time. Each ended call is handed out once; the end of a call that a thread is blocked in may turn
up here, is not in the table, and reaches its thread all the same.
"""
from __future__ import annotations

import asyncio
import ctypes

from typing import TYPE_CHECKING, Any

from ._handle import Use
from ._interrupt import expect_interrupt, raise_interrupt
from ._library import lib
from .errors import error
from .values import Status

if TYPE_CHECKING:
    from .client import Client
    from .job import Job

# Ended calls that one wake takes, so that other users of the loop get their turn. The descriptor stays readable.
_BATCH = 64


class _Completion(asyncio.Future[None]):
    """Cancels the call at once: a canceled task runs later, and what the loop does before that may go on with the call."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pointer: int) -> None:
        super().__init__(loop=loop)
        self._pointer = pointer

    def cancel(self, *arguments: Any, **named: Any) -> bool:
        canceled = super().cancel(*arguments, **named)
        if canceled:
            lib.animaldetect_job_cancel(self._pointer)
        return canceled


class Driver:
    def __init__(self, client: Client) -> None:
        self._handle = client._handle
        self._pending: dict[int, tuple[Job, asyncio.Future[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fd = -1
        self._use: Use | None = None

    async def call(self, job: Job, goal: str) -> None:
        # The use of the handle lasts as long as the call: a job that is closed meanwhile is freed at its end.
        with job._handle.use() as pointer:
            future = self._start(job, goal, pointer)
            try:
                await future
            except BaseException:
                future.cancel()
                self._abandon(pointer)
                raise

    def _start(self, job: Job, goal: str, pointer: int) -> asyncio.Future[None]:
        self._attach(asyncio.get_running_loop())
        try:
            job.begin(goal, pointer)
        except BaseException:
            self._detach_if_idle()
            raise
        assert self._loop is not None
        future = _Completion(self._loop, pointer)
        self._pending[pointer] = (job, future)
        return future

    def _attach(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is loop:
            return
        if self._loop is not None and not self._loop.is_closed():
            raise RuntimeError("the client has calls in flight on another event loop")
        if self._loop is not None:
            self._settle_all(Status.E_CANCELED)
        # As long as the loop watches the descriptor the client is in use: it must not be closed under the loop's feet.
        self._use = self._handle.use()
        client = self._use.__enter__()
        try:
            self._fd = lib.animaldetect_client_fd(client)
            if self._fd < 0:
                raise error(self._fd)
            loop.add_reader(self._fd, self._take)
        except BaseException:
            self._use.__exit__()
            raise
        self._loop = loop

    def _detach_if_idle(self) -> None:
        if self._pending or self._loop is None:
            return
        if not self._loop.is_closed():
            self._loop.remove_reader(self._fd)
        self._loop = None
        if self._use is not None:
            self._use.__exit__()

    def _take(self) -> None:
        """The descriptor is readable: one `process`, then what has ended."""
        if self._handle.closed:
            self._settle_all(Status.E_CANCELED)
            return
        out = ctypes.c_void_p()
        taken = 0
        expect_interrupt()
        with self._handle.use() as client:
            status = lib.animaldetect_client_process(client)
            while status == Status.OK and taken < _BATCH:
                if lib.animaldetect_client_next_done(client, ctypes.byref(out)) != Status.OK:
                    break
                taken += 1
                if out.value in self._pending:
                    self._settle(out.value, lib.animaldetect_job_status(out))
        if status not in (Status.OK, Status.E_REENTRANT):
            self._settle_all(status)
        raise_interrupt()

    def _abandon(self, pointer: int) -> None:
        """Nobody waits for this call any more. Its end is taken here, so that the job can be used again.

        Only its own: to process the client would begin what comes next, which may be canceled in a moment too.
        """
        expect_interrupt()
        lib.animaldetect_job_cancel(pointer)
        lib.animaldetect_job_wait(pointer, 0)
        if pointer in self._pending:
            self._settle(pointer, Status.E_CANCELED)

    def _settle(self, pointer: int, status: int) -> None:
        job, future = self._pending.pop(pointer)
        failure = job.end(pointer, status, told=not future.done())
        self._detach_if_idle()
        if future.done() or future.get_loop().is_closed():
            return
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)

    def _settle_all(self, status: int) -> None:
        for pointer in list(self._pending):
            self._settle(pointer, status)

    def close(self) -> None:
        """The handle was closed; whoever awaits a call learns it on the loop, and then the client goes."""
        if self._loop is None:
            return
        if self._loop.is_closed() or not self._loop.is_running():
            self._settle_all(Status.E_CANCELED)
        else:
            self._loop.call_soon_threadsafe(self._settle_all, Status.E_CANCELED)
