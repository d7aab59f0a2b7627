# SPDX-License-Identifier: MIT
"""The library's log: into a logger of Python, or to a function of the program.

A record is made while the client is locked, on whichever thread drives it; what it holds is copied.
"""
from __future__ import annotations

import logging
import threading
import weakref

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Mapping, Union

from ._handle import Inside
from ._interrupt import callback, keep_interrupt
from ._lend import lent
from ._library import LogCallback, lib, text
from .values import LogLevel, Step

if TYPE_CHECKING:
    from .job import Job

#: Where a client logs unless it is told otherwise: `logging.getLogger("animaldetect")`.
LOGGER = logging.getLogger("animaldetect")
LOGGER.addHandler(logging.NullHandler())

_OF_PYTHON = {LogLevel.ERROR: logging.ERROR, LogLevel.WARNING: logging.WARNING, LogLevel.INFO: logging.INFO}


@dataclass(frozen=True)
class LogRecord:
    """One thing that happened. No secret in any of its words."""
    level: LogLevel
    text: str
    #: the job that it is about; None when it is about the whole client, or the job was dropped
    job: Job | None
    job_id: str | None
    step: Step
    #: 0 when there was no response
    http_status: int
    request_id: str | None
    #: seconds; None when it is about nothing that takes time
    duration: float | None


#: A logger, or a function that takes a LogRecord.
Log = Union[logging.Logger, Callable[[LogRecord], Any]]


def level_of(log: Log) -> LogLevel:
    """The level for a log of which none was said: what the logger is enabled for now."""
    if not isinstance(log, logging.Logger):
        return LogLevel.WARNING
    enabled = (level for level in (LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING, LogLevel.ERROR)
               if log.isEnabledFor(_OF_PYTHON.get(level, logging.DEBUG)))
    return next(enabled, LogLevel.NONE)


def _has_handler(logger: logging.Logger) -> bool:
    """False if all handlers that a record would reach ignore it: then no record is made."""
    ignored = False
    place: logging.Logger | None = logger
    while place is not None:
        for handler in place.handlers:
            if not isinstance(handler, logging.NullHandler):
                return True
            ignored = True
        place = place.parent if place.propagate else None
    return not ignored


class Listener:
    """What the callback of C finds by its `user`."""

    def __init__(self, log: Log, inside: Inside, jobs: Mapping[int, weakref.ref[Job]]) -> None:
        self._log = log
        self._inside = inside
        self._jobs = jobs

    def hear(self, handle: int) -> None:
        thread = threading.get_ident()
        try:
            self._inside.threads.add(thread)
            if not isinstance(self._log, logging.Logger):
                self._log(self._read(handle))
            elif _has_handler(self._log):
                self._write(self._log, self._read(handle))
        finally:
            self._inside.threads.discard(thread)

    def _read(self, handle: int) -> LogRecord:
        job = lib.animaldetect_log_job(handle)
        duration_ms = lib.animaldetect_log_duration_ms(handle)
        return LogRecord(
            LogLevel(lib.animaldetect_log_level(handle)), text(lib.animaldetect_log_text(handle)) or "",
            self._job(job), text(lib.animaldetect_job_id(job)),
            Step(lib.animaldetect_log_step(handle)), lib.animaldetect_log_http_status(handle),
            text(lib.animaldetect_log_request_id(handle)), None if duration_ms < 0 else duration_ms / 1000)

    def _job(self, pointer: int | None) -> Job | None:
        reference = None if pointer is None else self._jobs.get(pointer)
        return None if reference is None else reference()

    @staticmethod
    def _write(logger: logging.Logger, record: LogRecord) -> None:
        # The names are long because a logger refuses one that another part of the program has given its records.
        extra = {"animaldetect_job_id": record.job_id, "animaldetect_step": record.step.name.lower(),
                 "animaldetect_http_status": record.http_status, "animaldetect_request_id": record.request_id,
                 "animaldetect_duration": record.duration}
        logger.log(_OF_PYTHON.get(record.level, logging.DEBUG), "%s", record.text, extra=extra)


@callback
def _hear(user: int | None, record: int) -> None:
    try:
        lent(user).hear(record)
    except Exception:  # pylint: disable=broad-except
        raise  # a record is not worth a job: ctypes reports it and goes on
    except BaseException as interrupt:  # pylint: disable=broad-except
        keep_interrupt(interrupt)


hear = LogCallback(_hear)
