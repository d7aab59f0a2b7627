# SPDX-License-Identifier: MIT
"""Animal Detect from Python, over libanimaldetect and ctypes; nothing to compile.

    with animaldetect.Client.from_env() as client:
        for seen in client.detect("img_001.jpg").detections:
            print(seen.label, seen.score)
"""
from ._library import lib as _lib
from ._library import text as _text
from .about import features, gauges
from .client import Client, Image
from .errors import (AccountError, CallerError, CallTimeout, Canceled, Error, ImageError, InvalidArgument, JobError,
                     JobFailed, NetworkError, QueueFull, ReaderFailed, ServiceError)
from .job import Job, JobInfo
from .log import LOGGER, LogRecord
from .many import Detected, detect_all, detect_all_async, images_in
from .result import Box, Candidate, Detection, Result, Taxonomy, parse_result
from .values import (DETECT, DETECT_URBAN, FILTER, FILTER_URBAN, Hold, LogLevel, Pause, PollMode, Rank, ResultKind,
                     Scope, Stage, State, Statistic, Status, Step)

#: Version of this package.
__version__ = "0.2.0"

#: Version of the library that is loaded.
library_version = _text(_lib.animaldetect_version())

__all__ = ["AccountError", "Box", "CallTimeout", "CallerError", "Canceled", "Candidate", "Client", "DETECT",
           "DETECT_URBAN", "Detected", "Detection", "Error", "FILTER", "FILTER_URBAN", "Hold", "Image", "ImageError",
           "InvalidArgument", "Job", "JobError", "JobFailed", "JobInfo", "LOGGER", "LogLevel", "LogRecord",
           "NetworkError", "Pause", "PollMode", "QueueFull", "Rank", "ReaderFailed", "Result", "ResultKind", "Scope",
           "ServiceError", "Stage", "State", "Statistic", "Status", "Step", "Taxonomy", "detect_all", "detect_all_async", "features", "gauges", "images_in",
           "library_version", "parse_result"]
