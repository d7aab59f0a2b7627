# SPDX-License-Identifier: MIT
"""The client: configuration, connections, quota and engine, shared by any number of threads or by one event loop."""
from __future__ import annotations

import ctypes
import operator
import os
import sys
import threading

from typing import Any, BinaryIO, Callable, Iterable, Union

from . import job as _job
from ._handle import Handle, Inside
from ._library import LogCallback, lib, milliseconds, text, utf8
from .aio import Driver
from .errors import error
from .result import Result
from .values import DETECT, LogLevel, PollMode, Statistic, Status, Step

#: A path, the encoded image itself, or an open binary file that can seek.
Image = Union[str, os.PathLike[str], bytes, bytearray, memoryview, BinaryIO]

# What these statuses mean stands in the status alone; the client's words would be an older failure's.
_WITHOUT_WORDS = frozenset({Status.E_NO_MEMORY, Status.E_FORKED, Status.E_SYSTEM})


class Client:
    """Make one per API key and process. Durations are seconds. Close it, or use it in a `with` statement."""

    def __init__(self, api_key: str | None = None, *, base_url: str | None = None, trusted_origins: Iterable[str] = (),
                 ca_file: str | os.PathLike[str] | None = None, ca_pem: bytes | None = None, proxy: str | None = None,
                 user_agent: str | None = None, connect_timeout: float | None = None,
                 stall_timeout: float | None = None, request_timeout: float | None = None,
                 max_active: int | None = None, rate_limit: int | tuple[int, int] | None = None,
                 retry_limit: int | None = None, poll_mode: PollMode | None = None,
                 poll_bounds: tuple[float, float] | None = None, allow_insecure_http: bool = False,
                 checksum_field: str | None = None, max_image_bytes: int | None = None,
                 max_answer_bytes: int | None = None, log: Callable[[LogLevel, str], Any] | None = None,
                 log_level: LogLevel = LogLevel.WARNING, _from_env: bool = False) -> None:
        out = ctypes.c_void_p()
        new = lib.animaldetect_client_new_from_env if _from_env else lib.animaldetect_client_new
        status = new(ctypes.byref(out))
        if status != Status.OK or out.value is None:
            raise error(status)
        # Threads that are inside a callback of this client: they may not call it.
        self._inside = Inside()
        # A refusal's words are the client's, so the call that fails and the reading of its words are one step.
        self._words = threading.Lock()
        self._handle = Handle(out.value, lib.animaldetect_client_free, "client")
        self._driver = Driver(self)
        self._log_callback: Any = None
        try:
            if log is not None:
                self.set_log(log, log_level)
            self._set("api_key", api_key, utf8)
            self._set("base_url", base_url, utf8)
            for origin in trusted_origins:
                self._checked(lib.animaldetect_client_add_trusted_origin, utf8(origin))
            self._set("ca_file", ca_file, utf8)
            if ca_pem is not None:
                self._checked(lib.animaldetect_client_set_ca_pem, ca_pem, len(ca_pem))
            self._set("proxy", proxy, utf8)
            self._set("user_agent", user_agent, utf8)
            self._set("connect_timeout_ms", connect_timeout, milliseconds)
            self._set("stall_timeout_ms", stall_timeout, milliseconds)
            self._set("request_timeout_ms", request_timeout, milliseconds)
            self._set("max_active", max_active, operator.index)
            if rate_limit is not None:
                limit, burst = (rate_limit, 0) if isinstance(rate_limit, int) else rate_limit
                self._checked(lib.animaldetect_client_set_rate_limit, limit, burst)
            self._set("retry_limit", retry_limit, operator.index)
            self._set("poll_mode", poll_mode, operator.index)
            if poll_bounds is not None:
                self._checked(lib.animaldetect_client_set_poll_bounds_ms, *map(milliseconds, poll_bounds))
            self._set("allow_insecure_http", allow_insecure_http or None, operator.index)
            self._set("checksum_field", checksum_field, utf8)
            self._set("max_image_bytes", max_image_bytes, operator.index)
            self._set("max_answer_bytes", max_answer_bytes, operator.index)
        except BaseException:
            self.close()
            raise

    @classmethod
    def from_env(cls, **settings: Any) -> Client:
        """Key and base URL from AD_API_KEY or ANIMAL_DETECT_API_KEY, and AD_API_BASE_URL."""
        return cls(_from_env=True, **settings)

    # ---- images ----

    def job(self, image: Image | None = None, operation: str = DETECT, **settings: Any) -> _job.Job:
        """Makes a job; nothing is sent. The settings are those of `Job.configure`."""
        made = self._adopt(lib.animaldetect_job_new, utf8(operation))
        try:
            if image is not None:
                made.set_image(image)
            made.configure(**settings)
        except BaseException:
            made.close()
            raise
        return made

    def detect(self, image: Image | None = None, operation: str = DETECT, **settings: Any) -> Result:
        """One image, from its bytes to what is in it. Blocks this thread; others use the client meanwhile."""
        with self.job(image, operation, **settings) as made:
            return made.run()

    async def detect_async(self, image: Image | None = None, operation: str = DETECT, **settings: Any) -> Result:
        """The same on the running event loop. Canceling the task cancels the job."""
        with self.job(image, operation, **settings) as made:
            return await made.run_async()

    def restore(self, saved: str | bytes) -> _job.Job:
        """Makes a job from what `Job.save` gave, in any process. Nothing is uploaded or billed twice."""
        raw = saved.encode() if isinstance(saved, str) else saved
        return self._adopt(lib.animaldetect_job_restore, raw, len(raw))

    def attach(self, job_id: str) -> _job.Job:
        """Makes a job of which only the service's id is known."""
        return self._adopt(lib.animaldetect_job_attach, utf8(job_id))

    # ---- the client itself ----

    def set_api_key(self, key: str) -> None:
        """May be called while jobs run: the next request carries the new key."""
        self._checked(lib.animaldetect_client_set_api_key, utf8(key))

    def set_log(self, log: Callable[[LogLevel, str], Any] | None, level: LogLevel = LogLevel.WARNING) -> None:
        """`log` runs on whichever thread drives the client and must not call the client."""
        def line(number: int, message: bytes | None, _user: int | None) -> None:
            with inside:
                chosen(LogLevel(number), text(message) or "")

        inside, chosen = self._inside, log or (lambda *_: None)
        callback = LogCallback(line) if log is not None else LogCallback(0)
        self._checked(lib.animaldetect_client_set_log, callback, level, None)
        self._log_callback = callback

    def statistic(self, which: Statistic) -> int:
        out = ctypes.c_int64()
        self._checked(lib.animaldetect_client_statistic, which, ctypes.byref(out))
        return out.value

    def statistics(self) -> dict[str, int]:
        """Every counter and gauge by its name in small letters."""
        return {which.name.lower(): self.statistic(which) for which in Statistic}

    def latency(self, quantile: float, step: Step = Step.NONE) -> float | None:
        """Seconds that requests of a step took, or whole jobs; None while nothing was measured."""
        out = ctypes.c_int64()
        with self._handle as client:
            status = lib.animaldetect_client_latency_ms(client, step, quantile, ctypes.byref(out))
        if status == Status.ABSENT:
            return None
        if status != Status.OK:
            raise error(status)
        return out.value / 1000

    @property
    def in_flight(self) -> int:
        """Jobs with a call in flight."""
        with self._handle as client:
            return lib.animaldetect_client_in_flight(client)

    def close(self) -> None:
        """Aborts what is in flight: blocked threads and awaiting tasks get an error. Jobs and results stay readable."""
        if self._inside.this_thread():
            raise error(Status.E_BUSY, "a client cannot be closed from inside its own callback")
        if not self._handle.closed:
            self._handle.close()
            self._driver.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_driver", None) is not None and not sys.is_finalizing():
            self.close()

    # ---- for the modules of this package ----

    def _checked(self, function: Callable[..., int], *arguments: Any, handle: int | None = None) -> None:
        """A call that does not block; raises with the library's words when it is refused."""
        if self._inside.this_thread():
            raise error(Status.E_BUSY, "the client cannot be called from inside its own callback")
        with self._handle as client, self._words:
            try:
                status = function(client if handle is None else handle, *arguments)
            except ctypes.ArgumentError as unfit:
                raise error(Status.E_INVALID_ARGUMENT, str(unfit)) from None
            words = text(lib.animaldetect_client_message(client)) if status not in _WITHOUT_WORDS else None
        if status != Status.OK:
            raise error(status, words)

    def _set(self, name: str, value: Any, convert: Callable[[Any], Any]) -> None:
        if value is not None:
            self._checked(getattr(lib, "animaldetect_client_set_" + name), convert(value))

    def _adopt(self, function: Callable[..., int], *arguments: Any) -> _job.Job:
        out = ctypes.c_void_p()
        self._checked(function, *arguments, ctypes.byref(out))
        assert out.value is not None
        return _job.Job(self, out.value)
