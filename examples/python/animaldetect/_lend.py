# SPDX-License-Identifier: MIT
"""What the library uses until it calls its release function: bytes, readers, logs.

The library knows such a thing by a number, its `user`. So a callback of C is made once, not for each job, and whatever
the library may still call or read is in this table, and nowhere else.
"""
from __future__ import annotations

import contextlib
import itertools

from typing import Any, Iterator

from ._library import ReleaseCallback
from .errors import Error

_lent: dict[int, Any] = {}
_numbers = itertools.count(1)


def lent(user: int | None) -> Any:
    return _lent[user or 0]


def _release(user: int | None) -> None:
    """The library's last use of it. Runs without a lock of the library, on whichever thread ended the use."""
    _lent.pop(user or 0, None)


release = ReleaseCallback(_release)


@contextlib.contextmanager
def lend(thing: Any) -> Iterator[int]:
    """`with lend(thing) as user`: gives `user` and `release` to a setter. A setter that fails releases nothing."""
    user = next(_numbers)
    _lent[user] = thing
    try:
        yield user
    except Error:
        del _lent[user]  # refused. After any other exception, such as Ctrl-C, the library may have it
        raise
