# SPDX-License-Identifier: MIT
"""The named numbers of the C headers. tests/interface/bindings compares each of them with the headers.

A newer library may use numbers that are not here yet. They become members too, named like `OTHER_41`: as the library
asks, an unknown value is "other" and never an error.
"""
from __future__ import annotations

import enum


class _Value(enum.IntEnum):
    @classmethod
    def _missing_(cls, value: object) -> _Value | None:
        if not isinstance(value, int):
            return None
        other = int.__new__(cls, value)
        other._name_ = f"OTHER_{value}"
        other._value_ = value
        return other


class Status(_Value):
    """How a call ended (ANIMALDETECT_..., errors with their E_)."""
    OK = 0
    AGAIN = 100
    E_INVALID_ARGUMENT = -2
    E_NO_MEMORY = -3
    E_STATE = -4
    E_BUSY = -5
    E_FORKED = -6
    E_UNSUPPORTED = -7
    E_CANCELED = -8
    E_CALL_TIMEOUT = -9
    E_NO_API_KEY = -10
    E_FILE = -11
    E_FILE_CHANGED = -12
    E_IMAGE_EMPTY = -13
    E_IMAGE_TOO_LARGE = -14
    E_IMAGE_TYPE = -15
    E_READER = -16
    E_NETWORK = -17
    E_TIMEOUT = -18
    E_TLS = -19
    E_UNTRUSTED_URL = -20
    E_INSECURE_URL = -21
    E_BAD_REQUEST = -22
    E_UNAUTHORIZED = -23
    E_PAYMENT_REQUIRED = -24
    E_FORBIDDEN = -25
    E_NOT_FOUND = -26
    E_CONFLICT = -27
    E_RATE_LIMITED = -28
    E_SERVICE = -29
    E_HTTP = -30
    E_PROTOCOL = -31
    E_ANSWER_TOO_LARGE = -32
    E_UPLOAD_EXPIRED = -33
    E_UPLOAD_REFUSED = -34
    E_JOB_FAILED = -35
    E_JOB_EXPIRED = -36
    E_SAVED_JOB = -37
    E_NO_INPUT = -38
    ABSENT = -39
    E_SYSTEM = -40
    E_REENTRANT = -41
    E_CLIENT_FREED = -42
    E_QUEUE_FULL = -43
    E_OVERDUE = -44
    E_STATE_UNKNOWN = -45
    E_NO_DESCRIPTORS = -46
    E_MEDIUM = -47
    E_FILE_UNFINISHED = -48
    #: this number and all below it are the host's own: what its reader returned
    E_HOST = -1000


# As plain numbers, which every call is compared with: to read a member of an enumeration takes longer than some calls.
OK, AGAIN, ABSENT = int(Status.OK), int(Status.AGAIN), int(Status.ABSENT)


class Scope(_Value):
    """Whose matter a status is (ANIMALDETECT_SCOPE_...): what a program may decide by."""
    NONE = 0
    CALLER = 1
    IMAGE = 2
    JOB = 3
    ACCOUNT = 4
    NETWORK = 5
    SERVICE = 6
    OTHER = 7


class State(_Value):
    """The service's word for a job's state (ANIMALDETECT_STATE_...)."""
    NONE = 0
    AWAITING_UPLOAD = 1
    QUEUED = 2
    RUNNING = 3
    SUCCEEDED = 4
    FAILED = 5
    EXPIRED = 6
    OTHER = 7


class Stage(_Value):
    """The stage that a job has reached (ANIMALDETECT_STAGE_...). Later ones may stand between: compare with <."""
    NEW = 0
    CREATED = 10
    UPLOADED = 20
    SUBMITTED = 30
    FINISHED = 40
    FETCHED = 50


class Step(_Value):
    """The step that a call was in (ANIMALDETECT_STEP_...)."""
    NONE = 0
    PREPARE = 1
    CREATE = 2
    UPLOAD = 3
    SUBMIT = 4
    POLL = 5
    FETCH = 6


class PollMode(_Value):
    """What polling optimizes for (ANIMALDETECT_POLL_...)."""
    LATENCY = 0
    BALANCED = 1
    THROUGHPUT = 2


class Pause(_Value):
    """What a client does not begin for now (ANIMALDETECT_PAUSE_...)."""
    NONE = 0
    CREATES = 1
    UPLOADS = 2
    ALL = 3


class Hold(_Value):
    """What keeps a client's requests back (ANIMALDETECT_HOLD_...). An unknown number is a hold."""
    NONE = 0
    NETWORK = 1
    RATE_LIMIT = 2
    SERVICE = 3
    ACCOUNT = 4


class ResultKind(_Value):
    """What a result is (ANIMALDETECT_RESULT_...)."""
    OTHER = 0
    DETECTIONS = 1


class LogLevel(_Value):
    """ANIMALDETECT_LOG_..."""
    NONE = 0
    ERROR = 1
    WARNING = 2
    INFO = 3
    DEBUG = 4


class Rank(_Value):
    """Taxonomic ranks (ANIMALDETECT_RANK_...)."""
    ID = 0
    CLASS = 1
    ORDER = 2
    FAMILY = 3
    GENUS = 4
    SPECIES = 5


class Statistic(_Value):
    """Counters and gauges of a client (ANIMALDETECT_STAT_...)."""
    REQUESTS_CREATE = 0
    REQUESTS_UPLOAD = 1
    REQUESTS_SUBMIT = 2
    REQUESTS_POLL = 3
    REQUESTS_FETCH = 4
    RETRIES = 5
    RATE_LIMITED = 6
    BYTES_SENT = 7
    BYTES_RECEIVED = 8
    CALLS_SUCCEEDED = 9
    CALLS_FAILED = 10
    CALLS_CANCELED = 11
    JOBS_SUCCEEDED = 12
    JOBS_FAILED = 13
    JOBS_EXPIRED = 14
    REPLAYS = 15
    CALLS_IN_FLIGHT = 16
    REQUESTS_ACTIVE = 17
    REQUESTS_WAITING = 18
    PACE_PER_MINUTE = 19
    HOLD_MS = 20
    ITERATIONS = 21
    BYTES_SENT_IN_VAIN = 22
    FRESH_URLS = 23
    UPLOADS_ACTIVE = 24
    UPLINK_RATE = 25
    CLOCK_OFFSET_MS = 26


DETECT = "detect"
DETECT_URBAN = "detect_urban"
FILTER = "filter"
FILTER_URBAN = "filter_urban"
