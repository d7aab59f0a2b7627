# SPDX-License-Identifier: MIT
"""Animal Detect from Python, over libanimaldetect and ctypes; nothing to compile.

    with animaldetect.Client.from_env() as client:
        for seen in client.detect("img_001.jpg").detections:
            print(seen.label, seen.score)
"""
from ._library import lib as _lib
from ._library import text as _text
from .client import Client, Image
from .errors import (Canceled, DeadlineExceeded, Error, ImageError, InvalidArgument, JobFailed, ServiceRefused,
                     Unavailable)
from .job import Job, JobInfo
from .result import Box, Candidate, Detection, Result, Taxonomy, parse_result
from .values import (DETECT, DETECT_URBAN, FILTER, FILTER_URBAN, LogLevel, PollMode, Rank, Stage, State, Statistic,
                     Status, Step)

#: Version of the library that is loaded.
library_version = _text(_lib.animaldetect_version())

__all__ = ["Box", "Canceled", "Candidate", "Client", "DETECT", "DETECT_URBAN", "DeadlineExceeded", "Detection", "Error",
           "FILTER", "FILTER_URBAN", "Image", "ImageError", "InvalidArgument", "Job", "JobFailed", "JobInfo",
           "LogLevel", "PollMode", "Rank", "Result", "ServiceRefused", "Stage", "State", "Statistic", "Status", "Step",
           "Taxonomy", "Unavailable", "library_version", "parse_result"]
