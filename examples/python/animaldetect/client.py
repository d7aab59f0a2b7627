# SPDX-License-Identifier: MIT
"""The client: configuration, connections, quota and engine, shared by any number of threads or by one event loop."""
from __future__ import annotations

import ctypes
import logging
import math
import operator
import os
import sys
import threading
import time
import weakref

from typing import Any, BinaryIO, Callable, Iterable, Mapping, Union

from . import job as _job
from ._handle import Handle, Inside, renew_after_fork
from ._interrupt import expect_interrupt, must_run, raise_interrupt
from ._lend import lend, release, take_back
from ._library import LogCallback, ReleaseCallback, lib, milliseconds, text, utf8
from .about import statistic_names
from .aio import Driver
from .errors import Error, error
from .log import LOGGER, Listener, Log, hear, level_of
from .result import Result
from .values import ABSENT, DETECT, OK, Hold, LogLevel, Pause, PollMode, Statistic, Status, Step

#: A path, the encoded image itself, or an open binary file that can seek.
Image = Union[str, os.PathLike[str], bytes, bytearray, memoryview, BinaryIO]

# What these statuses mean stands in the status alone; the client's words would be an older failure's.
_WITHOUT_WORDS = frozenset({Status.E_NO_MEMORY, Status.E_FORKED, Status.E_SYSTEM, Status.E_REENTRANT,
                            Status.E_CLIENT_FREED})


# After these the account is held; how long a thread that blocks is refused at once, as by the blocking calls of C.
_REFUSALS = frozenset({Status.E_UNAUTHORIZED, Status.E_PAYMENT_REQUIRED})
_REFUSED_SECONDS = 60


_NO_SETTINGS = frozenset({"self", "cls", "image", "operation", "api_key"})


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """Of the arguments of a function those that are settings, and given."""
    return {name: value for name, value in given.items() if value is not None and name not in _NO_SETTINGS}


class Client:
    """Make one per API key and process. Durations are seconds. Close it, or use it in a `with` statement."""

    _handle: Handle
    _inside: Inside
    _driver: Driver

    def __init__(self, api_key: str | None = None, *, base_url: str | None = None,
                 trusted_origins: Iterable[str] = (), user_agent: str | None = None,
                 allow_insecure_http: bool = False, checksum_field: str | None = None, log: Log | None = LOGGER,
                 log_level: LogLevel | None = None, ca_file: str | os.PathLike[str] | None = None,
                 ca_pem: bytes | None = None, proxy: str | None = None, headers: Mapping[str, str] | None = None,
                 connect_timeout: float | None = None, stall_timeout: float | None = None,
                 request_timeout: float | None = None, offline_patience: float | None = None,
                 max_retry_after: float | None = None, processing_timeout: float | None = None,
                 max_requests: int | None = None, max_jobs: int | None = None,
                 rate_limit: int | tuple[int, int] | None = None, max_tries: int | None = None,
                 poll_mode: PollMode | None = None, poll_bounds: tuple[float, float] | None = None,
                 max_image_bytes: int | None = None, max_answer_bytes: int | None = None,
                 _from_env: bool = False) -> None:
        """From `ca_file` on the settings are those of `configure`; the others, but for the key and the log, are fixed with the
        first job."""
        settings = {name: value for name, value in _settings(locals()).items() if name in _RUNNING}
        out = ctypes.c_void_p()
        status = lib.animaldetect_client_new(ctypes.byref(out))
        if status != OK or out.value is None:
            raise error(status)
        # Threads that are inside a callback of this client: they may not call it.
        self._inside = Inside()
        # A refusal's words are the client's, so the call that fails and the reading of its words are one step.
        self._words = threading.Lock()
        # How the service last refused the key or the account, and when.
        self._refusal: tuple[int, float] | None = None
        self._lent: list[int] = []
        self._handle = Handle(out.value, lib.animaldetect_client_free, "client", Status.E_CLIENT_FREED, self._lent)
        # Whether a function of the program gets log records, and with them jobs.
        self._shows_jobs = False
        # What a log record finds its job by.
        self._jobs: dict[int, weakref.ref[_job.Job]] = {}
        self._driver = Driver(self)
        renew_after_fork(self)
        try:
            if log is not None:
                self.set_log(log, log_level)
            if _from_env:
                self._checked(lib.animaldetect_client_configure_from_env)
            self._set("api_key", api_key, utf8)
            self._set("base_url", base_url, utf8)
            for origin in trusted_origins:
                self._checked(lib.animaldetect_client_add_trusted_origin, utf8(origin))
            self._set("user_agent", user_agent, utf8)
            self._set("allow_insecure_http", allow_insecure_http or None, operator.index)
            self._set("checksum_field", checksum_field, utf8)
            self.configure(**settings)
        except BaseException:
            self.close()
            raise

    def renew_locks(self) -> None:
        """For this package, in a forked child."""
        self._handle.forget_uses()
        self._words = threading.Lock()
        self._inside.threads.clear()
        for reference in list(self._jobs.values()):
            made = reference()
            if made is not None:
                made.renew_locks()

    @classmethod
    def from_env(cls, *, base_url: str | None = None, trusted_origins: Iterable[str] = (),
                 user_agent: str | None = None, allow_insecure_http: bool = False, checksum_field: str | None = None,
                 log: Log | None = LOGGER, log_level: LogLevel | None = None,
                 ca_file: str | os.PathLike[str] | None = None, ca_pem: bytes | None = None, proxy: str | None = None,
                 headers: Mapping[str, str] | None = None, connect_timeout: float | None = None,
                 stall_timeout: float | None = None, request_timeout: float | None = None,
                 offline_patience: float | None = None, max_retry_after: float | None = None,
                 processing_timeout: float | None = None, max_requests: int | None = None,
                 max_jobs: int | None = None, rate_limit: int | tuple[int, int] | None = None,
                 max_tries: int | None = None, poll_mode: PollMode | None = None,
                 poll_bounds: tuple[float, float] | None = None, max_image_bytes: int | None = None,
                 max_answer_bytes: int | None = None) -> Client:
        """Key and base URL from AD_API_KEY or ANIMAL_DETECT_API_KEY, and AD_API_BASE_URL."""
        settings: dict[str, Any] = {**_settings(locals()), "log": log}
        return cls(_from_env=True, **settings)

    def configure(self, *, ca_file: str | os.PathLike[str] | None = None, ca_pem: bytes | None = None,
                  proxy: str | None = None, headers: Mapping[str, str] | None = None,
                  connect_timeout: float | None = None, stall_timeout: float | None = None,
                  request_timeout: float | None = None, offline_patience: float | None = None,
                  max_retry_after: float | None = None, processing_timeout: float | None = None,
                  max_requests: int | None = None, max_jobs: int | None = None,
                  rate_limit: int | tuple[int, int] | None = None, max_tries: int | None = None,
                  poll_mode: PollMode | None = None, poll_bounds: tuple[float, float] | None = None,
                  max_image_bytes: int | None = None, max_answer_bytes: int | None = None) -> None:
        """May be called while jobs run: what it sets counts for what is sent next. None leaves a setting as it is.

        `offline_patience` is how long calls wait for a network: math.inf for no end, 0 not to wait.
        `max_retry_after` is how long a wait that the service asked for is kept without asking again.
        `processing_timeout` is how long the service may take for a job: math.inf for no limit.
        """
        self._set("ca_file", ca_file, utf8)
        if ca_pem is not None:
            self._checked(lib.animaldetect_client_set_ca_pem, ca_pem, len(ca_pem))
        self._set("proxy", proxy, utf8)
        for name, value in (headers or {}).items():
            self.add_header(name, value)
        self._set("connect_timeout_ms", connect_timeout, milliseconds)
        self._set("stall_timeout_ms", stall_timeout, milliseconds)
        self._set("request_timeout_ms", request_timeout, milliseconds)
        self._set("offline_patience_ms", offline_patience, milliseconds)
        self._set("max_retry_after_ms", max_retry_after, milliseconds)
        self._set("processing_timeout_ms", processing_timeout, milliseconds)
        self._set("max_requests", max_requests, operator.index)
        self._set("max_jobs", max_jobs, operator.index)
        if rate_limit is not None:
            limit, burst = (rate_limit, 0) if isinstance(rate_limit, int) else rate_limit
            self._checked(lib.animaldetect_client_set_rate_limit, limit, burst)
        self._set("max_tries", max_tries, operator.index)
        self._set("poll_mode", poll_mode, operator.index)
        if poll_bounds is not None:
            self._checked(lib.animaldetect_client_set_poll_bounds_ms, *map(milliseconds, poll_bounds))
        self._set("max_image_bytes", max_image_bytes, operator.index)
        self._set("max_answer_bytes", max_answer_bytes, operator.index)

    # ---- images ----

    def job(self, image: Image | None = None, operation: str = DETECT, *, source_url: str | None = None,
            filename: str | None = None, content_type: str | None = None, sha256: str | None = None,
            client_reference_id: str | None = None, idempotency_key: str | None = None, rerun: int | None = None,
            call_timeout: float | None = None, threshold: float | None = None, country: str | None = None,
            classify: bool | None = None, metadata: bool | None = None, smooth_herd: bool | None = None,
            top_candidate: int | None = None, location: tuple[float, float] | None = None,
            options: Mapping[str, Any] | None = None, priority: int | None = None,
            note: str | None = None) -> _job.Job:
        """Makes a job; nothing is sent. The settings are those of `Job.configure`."""
        return self._make(image, operation, _settings(locals()))

    def detect(self, image: Image | None = None, operation: str = DETECT, *, source_url: str | None = None,
               filename: str | None = None, content_type: str | None = None, sha256: str | None = None,
               client_reference_id: str | None = None, idempotency_key: str | None = None, rerun: int | None = None,
               call_timeout: float | None = None, threshold: float | None = None, country: str | None = None,
               classify: bool | None = None, metadata: bool | None = None, smooth_herd: bool | None = None,
               top_candidate: int | None = None, location: tuple[float, float] | None = None,
               options: Mapping[str, Any] | None = None, priority: int | None = None,
               note: str | None = None) -> Result:
        """One image, from its bytes to what is in it. Blocks this thread; others use the client meanwhile."""
        made = self._make(image, operation, _settings(locals()))
        made.unseen = not self._shows_jobs
        try:
            return made.run()
        finally:
            self._drop(made)

    async def detect_async(self, image: Image | None = None, operation: str = DETECT, *,
                           source_url: str | None = None, filename: str | None = None,
                           content_type: str | None = None, sha256: str | None = None,
                           client_reference_id: str | None = None, idempotency_key: str | None = None,
                           rerun: int | None = None, call_timeout: float | None = None,
                           threshold: float | None = None, country: str | None = None, classify: bool | None = None,
                           metadata: bool | None = None, smooth_herd: bool | None = None,
                           top_candidate: int | None = None, location: tuple[float, float] | None = None,
                           options: Mapping[str, Any] | None = None, priority: int | None = None,
                           note: str | None = None) -> Result:
        """The same on the running event loop. Canceling the task cancels the job."""
        made = self._make(image, operation, _settings(locals()))
        made.unseen = not self._shows_jobs
        try:
            return await made.run_async()
        finally:
            self._drop(made)

    def restore(self, saved: str | bytes) -> _job.Job:
        """Makes a job from what `Job.save` gave, in any process, under the same key: nothing is uploaded or billed twice."""
        raw = saved.encode() if isinstance(saved, str) else saved
        job = self._adopt(lib.animaldetect_job_restore, raw, len(raw))
        job.read_note()
        return job

    def attach(self, job_id: str) -> _job.Job:
        """Makes a job of which only the service's id is known."""
        return self._adopt(lib.animaldetect_job_attach, utf8(job_id))

    # ---- the client itself ----

    def set_api_key(self, key: str) -> None:
        """May be called while jobs run: the next request carries the new key."""
        self._checked(lib.animaldetect_client_set_api_key, utf8(key))

    def add_header(self, name: str, value: str) -> None:
        """A header for every request to the service, but not to its storage. "" takes it away. No secret."""
        self._checked(lib.animaldetect_client_add_header, utf8(name), utf8(value))

    def set_log(self, log: Log | None, level: LogLevel | None = None) -> None:
        """A logger, or a function that takes a `LogRecord`; it runs on whichever thread drives the client.

        It must not call the client, but may read jobs. Without a level: what the logger is enabled for now, and
        LogLevel.WARNING for a function.
        """
        if log is None:
            self._checked(lib.animaldetect_client_set_log, LogLevel.NONE, LogCallback(0), None, ReleaseCallback(0))
            return
        chosen = level_of(log) if level is None else level
        self._shows_jobs = self._shows_jobs or not isinstance(log, logging.Logger)
        user = lend(Listener(log, self._inside, self._jobs), self._lent)
        try:
            self._checked(lib.animaldetect_client_set_log, chosen, hear, user, release)
        except Error:
            take_back(user)
            raise

    def stop(self) -> None:
        """Ends the client for good, but keeps it: calls in flight, and each later one, end as `Canceled`."""
        self._checked(lib.animaldetect_client_stop)

    def set_paused(self, what: Pause) -> None:
        """What is not begun for now. Requests on the wire are finished, and the timeouts of calls go on."""
        self._checked(lib.animaldetect_client_set_paused, what)

    def network_changed(self) -> None:
        """The machine has another network: connections are not used again, and what waits is tried at once."""
        self._checked(lib.animaldetect_client_network_changed)

    def resume(self) -> None:
        """Ends `Hold.ACCOUNT`: the account can pay again, or the key has its rights back.

        A network that is not there is probed at once. A wait that the service asked for goes on.
        """
        self._checked(lib.animaldetect_client_resume)

    @property
    def hold_reason(self) -> Hold:
        """What keeps requests back now; of several holds the one that holds the most."""
        with self._handle.use() as client:
            return Hold(lib.animaldetect_client_hold_reason(client))

    @property
    def held_until(self) -> float | None:
        """When the hold ends, or the client next asks by itself whether it does; seconds like those of time.time().

        None without a hold; math.inf when only the program can end it, by `set_api_key` or `resume`.
        """
        with self._handle.use() as client:
            until_ms: int = lib.animaldetect_client_held_until_ms(client)
        if until_ms == 0:
            return None
        return math.inf if until_ms < 0 else until_ms / 1000

    # ---- permits: several clients share the quota of one key, see permits.h and doc/guide.md of the library ----

    def set_permits(self, needed: bool) -> None:
        """Whether API requests need permits."""
        self._checked(lib.animaldetect_client_set_permits, int(needed))

    def set_permit_share(self, requests_per_minute: int, after: float) -> None:
        """What the client may send while nothing is granted for so many seconds; 0 to wait."""
        self._checked(lib.animaldetect_client_set_permit_share, requests_per_minute, milliseconds(after))

    def set_permit_lag(self, lag: float) -> None:
        """How many seconds later than it was sent a request may still arrive at the service."""
        self._checked(lib.animaldetect_client_set_permit_lag_ms, milliseconds(lag))

    def permits_wanted(self) -> int:
        """How many permits the client could use now or within a second, beyond those that it has."""
        count = ctypes.c_int32()
        self._checked(lib.animaldetect_client_permits_wanted, ctypes.byref(count))
        return count.value

    def grant_permits(self, count: int, life: float) -> None:
        """Grants permits for so many seconds; those that are unused then are gone."""
        self._checked(lib.animaldetect_client_grant_permits, count, milliseconds(life))

    def return_permits(self, count: int) -> int:
        """Takes back unused permits, at most so many, and answers how many there were."""
        returned = ctypes.c_int32()
        self._checked(lib.animaldetect_client_return_permits, count, ctypes.byref(returned))
        return returned.value

    def report_permits(self, most: int = 10_000) -> tuple[list[float], int]:
        """How many seconds ago each permit was settled since the last report, and how many are outstanding, both at once."""
        ages = (ctypes.c_int64 * most)()
        settled, outstanding = ctypes.c_int32(), ctypes.c_int32()
        self._checked(lib.animaldetect_client_report_permits, ages, most, ctypes.byref(settled), ctypes.byref(outstanding))
        return [age / 1000 for age in ages[:settled.value]], outstanding.value

    def take_rate_limits(self) -> tuple[int, float]:
        """How many responses 429 there were since the last call, and for how many more seconds requests are held."""
        count, wait_ms = ctypes.c_int32(), ctypes.c_int64()
        self._checked(lib.animaldetect_client_take_rate_limits, ctypes.byref(count), ctypes.byref(wait_ms))
        return count.value, wait_ms.value / 1000

    def hold_requests(self, wait: float) -> None:
        """Holds all API requests for so many seconds, as after a response 429 that another client has met."""
        self._checked(lib.animaldetect_client_hold_requests, milliseconds(wait))

    def statistic(self, which: Statistic | int) -> int:
        """One counter or gauge, by its number."""
        out = ctypes.c_int64()
        self._checked(lib.animaldetect_client_statistic, which, ctypes.byref(out))
        return out.value

    def statistics(self) -> dict[str, int]:
        """Every counter and gauge by its name, also those of a newer library; `gauges` says which are gauges."""
        return {name: self.statistic(which) for which, name in enumerate(statistic_names())}

    def latency(self, quantile: float, step: Step = Step.NONE) -> float | None:
        """Seconds that requests of a step took, or whole jobs; None while nothing was measured."""
        out = ctypes.c_int64()
        with self._handle.use() as client:
            status = lib.animaldetect_client_latency_ms(client, step, quantile, ctypes.byref(out))
        if status == ABSENT:
            return None
        if status != OK:
            raise error(status)
        return out.value / 1000

    @property
    def in_flight(self) -> int:
        """Jobs with a call in flight."""
        with self._handle.use() as client:
            count: int = lib.animaldetect_client_in_flight(client)
        if count < 0:
            raise error(count)
        return count

    def close(self) -> None:
        """Aborts what is in flight: blocked threads and awaiting tasks get an error. Jobs and results stay readable."""
        if self._inside.this_thread():
            raise error(Status.E_REENTRANT, "a client cannot be closed from inside its own callback")
        self._close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @must_run
    def __del__(self, finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if not finalizing() and getattr(self, "_driver", None) is not None:  # later the modules are gone, `sys` as well
            self._close()

    # ---- for the modules of this package ----

    def _close(self) -> None:
        if not self._handle.closed:
            self._handle.close()
            self._driver.close()
            raise_interrupt()

    def _refuse_inside(self) -> None:
        """Before a lock is taken: the library would refuse, but this thread may hold the lock already."""
        if self._inside.this_thread():
            raise error(Status.E_REENTRANT, "the client cannot be called from inside its own callback")

    def _note_refusal(self, status: int) -> None:
        if status in _REFUSALS:
            self._refusal = status, time.monotonic()

    def _refuse_held(self, creates: bool) -> None:
        """Before a thread blocks: it may be the one that would have to end the hold, so it is told and does not wait.

        After a while it asks again for all. A refused key is no better for a job that exists; an account that cannot
        pay may finish those.
        """
        refusal = self._refusal
        if refusal is None or self.hold_reason != Hold.ACCOUNT:
            return
        status, since = refusal
        if time.monotonic() - since >= _REFUSED_SECONDS:
            self.resume()
        elif creates or status == Status.E_UNAUTHORIZED:
            raise error(status, "the service rejected the API key or the account a moment ago; nothing was sent")

    def _checked(self, function: Callable[..., int], *arguments: Any, handle: int | None = None) -> None:
        """A call that does not block; raises with the library's words when it is refused."""
        self._call(function, *arguments, handle=handle)
        raise_interrupt()

    def _call(self, function: Callable[..., int], *arguments: Any, handle: int | None = None) -> None:
        """The same without an interrupt: for a caller that has something to do first once the call was made."""
        self._refuse_inside()
        expect_interrupt()
        with self._handle.use() as client, self._words:
            try:
                status = function(client if handle is None else handle, *arguments)
            except ctypes.ArgumentError as unfit:
                raise error(Status.E_INVALID_ARGUMENT, str(unfit)) from None
            if status == OK:
                return
            words = None if status in _WITHOUT_WORDS else self._message(client)
        raise error(status, words)

    @staticmethod
    def _message(client: int) -> str:
        line = ctypes.create_string_buffer(256)
        lib.animaldetect_client_copy_message(client, line, len(line))
        return text(line.value) or ""

    def forget_job(self, job: _job.Job | None, pointer: int) -> None:
        """For this package, before a job is freed; None for one that is being finalized."""
        reference = self._jobs.get(pointer)
        if reference is not None and reference() is job:
            self._jobs.pop(pointer, None)

    def _drop(self, made: _job.Job) -> None:
        """A job of `detect`: only a function that logs may have kept it."""
        if self._shows_jobs:
            made.close()
        else:
            made.drop()

    def _set(self, name: str, value: Any, convert: Callable[[Any], Any]) -> None:
        if value is not None:
            self._checked(getattr(lib, "animaldetect_client_set_" + name), convert(value))

    def _make(self, image: Image | None, operation: str, settings: dict[str, Any]) -> _job.Job:
        made = self._adopt(lib.animaldetect_job_new, utf8(operation))
        try:
            if image is not None:
                made.set_image(image)
            if settings:
                made.configure(**settings)
        except BaseException:
            made.close()
            raise
        return made

    def _adopt(self, function: Callable[..., int], *arguments: Any) -> _job.Job:
        out = ctypes.c_void_p()
        self._call(function, *arguments, ctypes.byref(out))
        assert out.value is not None
        job = _job.Job(self, out.value)
        self._jobs[out.value] = weakref.ref(job)
        raise_interrupt()
        return job


_RUNNING = frozenset(Client.configure.__annotations__) - {"return"}
