# SPDX-License-Identifier: MIT
"""What a call that failed raises: one class, with a few kinds of it for `except` clauses.

`str(error)` is the library's one line that lets a person act; the fields are for programs. No secret in either.
"""
from __future__ import annotations

from typing import Any

from ._library import lib, text
from .values import Stage, Status, Step


class Error(Exception):
    """A call on libanimaldetect that did not succeed."""

    def __init__(self, code: int, message: str | None = None, *, step: Step = Step.NONE, stage: Stage = Stage.NEW,
                 http_status: int = 0, service_code: str | None = None, service_message: str | None = None,
                 request_id: str | None = None, job_id: str | None = None, retry_after: float | None = None,
                 attempts: int = 0) -> None:
        self.code = Status(code)
        #: one line that says what happened
        self.message = message or text(lib.animaldetect_status_text(code)) or ""
        #: the step in which the call failed
        self.step = step
        #: how far the job has come all the same
        self.stage = stage
        #: HTTP status of the last answer, 0 for none
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

    @property
    def name(self) -> str:
        """The code as the C headers name it, such as "ANIMALDETECT_E_CONFLICT"."""
        return text(lib.animaldetect_status_name(self.code)) or ""

    @property
    def is_retriable(self) -> bool:
        """Has the same call a chance later, unchanged?"""
        return lib.animaldetect_status_is_retriable(self.code) == 1

    def __str__(self) -> str:
        return f"{self.message} ({self.name})"


class InvalidArgument(Error, ValueError):
    """A value that the library refused; nothing was changed."""


class Canceled(Error):
    """The call was canceled, or its client closed."""


class DeadlineExceeded(Error, TimeoutError):
    """The job's deadline passed, or the next permitted try lies behind it."""


class ImageError(Error):
    """The image cannot be read or is not fit to be sent; the service was not asked."""


class ServiceRefused(Error):
    """The service answered, and said no: a wrong key, no money, no such job, a broken contract."""


class Unavailable(Error):
    """The service could not be reached or could not answer, on every try. Worth another try later."""


class JobFailed(Error):
    """The service processed the image and failed, or dropped the job."""


_KINDS: dict[type[Error], str] = {
    InvalidArgument: "E_INVALID_ARGUMENT E_INSECURE_URL E_SAVED_JOB",
    Canceled: "E_CANCELED",
    DeadlineExceeded: "E_DEADLINE",
    ImageError: "E_FILE E_FILE_CHANGED E_IMAGE_EMPTY E_IMAGE_TOO_LARGE E_IMAGE_TYPE E_READER E_NO_INPUT",
    ServiceRefused: "E_BAD_REQUEST E_UNAUTHORIZED E_PAYMENT_REQUIRED E_FORBIDDEN E_NOT_FOUND E_CONFLICT "
                    "E_UPLOAD_EXPIRED E_UPLOAD_REFUSED E_UNTRUSTED_URL E_HTTP E_PROTOCOL E_ANSWER_TOO_LARGE",
    Unavailable: "E_NETWORK E_TIMEOUT E_TLS E_RATE_LIMITED E_SERVICE",
    JobFailed: "E_JOB_FAILED E_JOB_EXPIRED",
}
_BY_CODE = {Status[name]: kind for kind, names in _KINDS.items() for name in names.split()}


def error(code: int, message: str | None = None, **facts: Any) -> Error:
    """The error of the kind that the code belongs to; a code of a newer library is a plain Error."""
    return _BY_CODE.get(Status(code), Error)(code, message, **facts)
