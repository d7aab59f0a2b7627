# SPDX-License-Identifier: MIT
"""A client on an asyncio event loop: the loop watches the client's one descriptor, no thread is involved.

The descriptor is watched only while calls are in flight, so a client may be used in one event loop after another, and
by threads at the same time. Each ended call is handed out once; the end of a call that a thread is blocked in may turn
up here, is not in the table, and reaches its thread all the same.

With many calls in flight the network has something every fraction of a millisecond, and a turn of the loop costs more than
what there is to do. Then the descriptor is looked at once in a millisecond, until there was nothing.
"""
from __future__ import annotations

import asyncio
import ctypes
import select

from typing import TYPE_CHECKING, Any

from ._handle import Use
from ._interrupt import expect_interrupt, raise_interrupt
from ._library import lib
from .errors import error
from .values import OK, Status

if TYPE_CHECKING:
    from .client import Client
    from .job import Job

# How often the descriptor is looked at under load, in seconds; and how many wakes in a row, each within that time of the one
# before, are load.
_INTERVAL = 0.001
_LOAD = 16
# How long this goes on before the loop watches the descriptor again, in seconds. Ctrl-C within the loop may lose a timer.
_PERIOD = 0.1
# Ended calls that one wake takes, so that other users of the loop get their turn. The descriptor stays readable.
_BATCH = 64


class _Completion(asyncio.Future[None]):
    """Cancels the call at once: a canceled task runs later, and what the loop does before that may go on with the call."""

    pointer = 0

    def cancel(self, *arguments: Any, **named: Any) -> bool:
        canceled = super().cancel(*arguments, **named)
        if canceled:
            lib.animaldetect_job_cancel(self.pointer)
        return canceled


class Driver:
    def __init__(self, client: Client) -> None:
        self._handle = client._handle
        self._pending: dict[int, tuple[Job, asyncio.Future[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fd = -1
        self._use: Use | None = None
        self._client = 0
        self._poll = select.poll()
        # Under load the reader is not registered, and these are: for the next look, and for the end of the period.
        self._timer: asyncio.TimerHandle | None = None
        self._end: asyncio.TimerHandle | None = None
        self._last_wake = 0.0
        self._wakes = 0
        # Where the library writes which job has completed.
        self._done = ctypes.c_void_p()
        self._done_address = ctypes.addressof(self._done)

    async def call(self, job: Job, goal: str) -> None:
        # The use of the handle lasts as long as the call: a job that is closed meanwhile is freed at its end.
        with job._handle.use() as pointer:
            future = self._start(job, goal, pointer)
            try:
                await future
            except BaseException:
                if not future.get_loop().is_closed():
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
        future = _Completion(loop=self._loop)
        future.pointer = pointer
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
        self._client = self._use.__enter__()
        try:
            self._fd = lib.animaldetect_client_fd(self._client)
            if self._fd < 0:
                raise error(self._fd)
            self._poll.register(self._fd, select.POLLIN)
            loop.add_reader(self._fd, self._wake)
        except BaseException:
            self._use.__exit__()
            raise
        self._loop = loop

    def _detach_if_idle(self) -> None:
        if self._pending or self._loop is None:
            return
        if self._timer is not None:
            self._stop_looking()
        elif not self._loop.is_closed():
            self._loop.remove_reader(self._fd)
        self._loop = None
        if self._use is not None:
            use, self._use = self._use, None
            use.__exit__()

    def _wake(self) -> None:
        """The descriptor is readable."""
        loop = self._loop
        assert loop is not None
        last, self._last_wake = self._last_wake, loop.time()
        self._wakes = self._wakes + 1 if self._last_wake - last < _INTERVAL else 0
        if self._wakes >= _LOAD:
            self._stop_looking()
            self._end = loop.call_later(_PERIOD, self._watch)
            self._timer = loop.call_later(_INTERVAL, self._look)
            loop.remove_reader(self._fd)
        self._take()

    def _watch(self) -> None:
        """No load, or the end of a period."""
        if self._loop is not None:
            self._loop.add_reader(self._fd, self._wake)
            self._stop_looking()
            self._wakes = 0

    def _stop_looking(self) -> None:
        for timer in (self._timer, self._end):
            if timer is not None:
                timer.cancel()
        self._timer = self._end = None

    def _look(self) -> None:
        """Under load: is the descriptor readable? What goes on without a pause, such as large images on a fast link, is not
        made to wait."""
        loop = self._loop
        if loop is None:
            return
        if not self._poll.poll(0):
            self._watch()
            return
        try:
            self._take()
        finally:
            if self._timer is not None:
                self._timer = loop.call_later(0 if self._poll.poll(0) else _INTERVAL, self._look)

    def _take(self) -> None:
        """One `process`, then what has ended."""
        if self._handle.closed:
            self._settle_all(Status.E_CANCELED)
            return
        taken = 0
        expect_interrupt()
        client = self._client
        status = lib.animaldetect_client_process(client)
        # With the last call of the loop its use of the client ends.
        while status == OK and taken < _BATCH and self._use is not None:
            if lib.animaldetect_client_next_done(client, self._done_address) != OK:
                break
            taken += 1
            job = self._done.value
            if job in self._pending:
                self._settle(job, lib.animaldetect_job_status(job))
        if status not in (OK, Status.E_REENTRANT):
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
