# SPDX-License-Identifier: MIT
"""What a call that failed raises: one class, with one kind of it for each scope, and a few for single statuses.

`str(error)` is the library's one line that lets a person act; the fields are for programs. No secret in either.
"""
from __future__ import annotations

from typing import Any

from ._library import lib, text
from .values import Scope, Stage, Status, Step


class Error(Exception):
    """A call on libanimaldetect that did not succeed. Of this very class: a status that this version does not know."""

    def __init__(self, code: int, message: str | None = None, *, step: Step = Step.NONE, stage: Stage = Stage.NEW,
                 http_status: int = 0, service_code: str | None = None, service_message: str | None = None,
                 request_id: str | None = None, job_id: str | None = None, retry_after: float | None = None,
                 attempts: int = 0) -> None:
        self.code = Status(code)
        #: one line that says what happened
        self.message = message or text(lib.animaldetect_status_text(code)) or ""
        #: the step in which the call failed
        self.step = step
        #: the stage that the job has reached all the same
        self.stage = stage
        #: HTTP status of the last response, 0 for none
        self.http_status = http_status
        #: the service's own error code and words
        self.service_code = service_code
        self.service_message = service_message
        #: the service's id of the last request, for its support
        self.request_id = request_id
        self.job_id = job_id
        #: seconds that the service asked to wait
        self.retry_after = retry_after
        #: requests that the call made, retries included
        self.attempts = attempts
        super().__init__(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle: a process pool hands errors from one process to another."""
        return _restored, (type(self), self.message, self.__dict__.copy())

    @property
    def name(self) -> str:
        """The code as the C headers name it, such as "ANIMALDETECT_E_CONFLICT"."""
        return text(lib.animaldetect_status_name(self.code)) or ""

    @property
    def scope(self) -> Scope:
        """Whose matter it is: keep the image, set it aside, ask again later, or call a person."""
        return Scope(lib.animaldetect_status_scope(self.code))

    @property
    def is_retriable(self) -> bool:
        """May the same call succeed later, unchanged?"""
        return bool(lib.animaldetect_status_is_retriable(self.code) == 1)

    def __str__(self) -> str:
        return f"{self.message} ({self.name})"


def _restored(kind: type[Error], message: str, fields: dict[str, Any]) -> Error:
    failure: Error = Exception.__new__(kind)
    Exception.__init__(failure, message)
    failure.__dict__.update(fields)
    return failure


# ---- one for each scope ----

class CallerError(Error):
    """The program, its machine or its own limits. Keep the image."""


class ImageError(Error):
    """This image as it is cannot be processed. Set it aside; the others are fine."""


class JobError(Error):
    """This job at the service. Another run may help: see `Job.rerun`."""


class AccountError(Error):
    """The key, its permission or the payment. Keep all images, call a person."""


class NetworkError(Error):
    """The way to the service: route, portal, proxy, TLS, clock. Keep all images, ask again later."""


class ServiceError(Error):
    """The service or its storage. Keep all images, ask again later."""


# ---- statuses that programs tell apart ----

class InvalidArgument(CallerError, ValueError):
    """A value that the library refused; nothing was changed."""


class Canceled(CallerError):
    """The call was canceled, or its client stopped or closed."""


class CallTimeout(CallerError, TimeoutError):
    """The call timeout expired, or the next allowed retry would be after it."""


class QueueFull(CallerError):
    """The client has `max_jobs` calls in flight; nothing was started. Wait until one has ended."""


class ReaderFailed(CallerError):
    """The image's file object raised an exception: it is the `__cause__`."""


class JobFailed(JobError):
    """The service processed the image and failed, or dropped the job."""


_BY_SCOPE: dict[Scope, type[Error]] = {
    Scope.CALLER: CallerError, Scope.IMAGE: ImageError, Scope.JOB: JobError, Scope.ACCOUNT: AccountError,
    Scope.NETWORK: NetworkError, Scope.SERVICE: ServiceError,
}
_BY_CODE: dict[Status, type[Error]] = {
    Status.E_INVALID_ARGUMENT: InvalidArgument, Status.E_INSECURE_URL: InvalidArgument,
    Status.E_SAVED_JOB: InvalidArgument, Status.E_CANCELED: Canceled, Status.E_CALL_TIMEOUT: CallTimeout,
    Status.E_QUEUE_FULL: QueueFull, Status.E_HOST: ReaderFailed, Status.E_JOB_FAILED: JobFailed,
    Status.E_JOB_EXPIRED: JobFailed,
}


def error(code: int, message: str | None = None, **facts: Any) -> Error:
    """The error of the kind that the code belongs to; a code of a newer library is a plain Error."""
    by_scope = _BY_SCOPE.get(Scope(lib.animaldetect_status_scope(code)), Error)
    return _BY_CODE.get(Status(code), by_scope)(code, message, **facts)
