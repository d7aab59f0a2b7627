# SPDX-License-Identifier: MIT
"""What the library uses until it calls its release function: bytes, readers, logs.

The library knows such a thing by a number, its `user`. So a callback of C is made once, not for each job, and whatever
the library may still call or read is in this table, and nowhere else.
"""
from __future__ import annotations

import itertools

from typing import Any

from ._interrupt import must_run
from ._library import ReleaseCallback

_lent: dict[int, Any] = {}
_numbers = itertools.count(1)


def lent(user: int | None) -> Any:
    return _lent[user or 0]


@must_run
def _release(user: int | None) -> None:
    """The library's last use of it. Runs without a lock of the library, on whichever thread ended the use."""
    _lent.pop(user or 0, None)


release = ReleaseCallback(_release)


def lend(thing: Any, owner: list[int]) -> int:
    """A number for `user` of a setter, which goes with `release`. A setter that is refused releases nothing: `take_back`.

    `owner` gets the number as well, for `forget`: after an interrupt nobody knows whether the setter was called.
    """
    user = next(_numbers)
    owner.append(user)
    _lent[user] = thing
    return user


def take_back(user: int) -> None:
    """The setter was refused."""
    _lent.pop(user, None)


def forget(owner: list[int]) -> None:
    """The handle of which these are was freed."""
    for user in owner:
        _lent.pop(user, None)
