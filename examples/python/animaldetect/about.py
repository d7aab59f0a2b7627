# SPDX-License-Identifier: MIT
"""What the loaded library is and can do."""
from __future__ import annotations

import itertools

from typing import Callable, Iterator

from ._library import lib, text


def _names(function: Callable[[int], bytes | None]) -> Iterator[str]:
    """The library names them by number, without a gap; there is none past the last one."""
    for number in itertools.count():
        name = text(function(number))
        if name is None:
            return
        yield name


def features() -> dict[str, str]:
    """What this build, and the libraries that it runs on, are and can do: {"tls": "OpenSSL/3.0.15", "http2": "yes"}."""
    return {name: text(lib.animaldetect_feature_text(name.encode())) or ""
            for name in _names(lib.animaldetect_feature_name)}


def statistic_names() -> list[str]:
    """The name of each statistic, at its number; also of those that a newer library has added."""
    return list(_names(lib.animaldetect_statistic_name))


def gauges() -> frozenset[str]:
    """The names of the statistics that go up and down; all others are counters."""
    return frozenset(name for which, name in enumerate(statistic_names())
                     if lib.animaldetect_statistic_is_gauge(which))
