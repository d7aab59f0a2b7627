# SPDX-License-Identifier: MIT
"""A handle of the library that threads may share and close at any time.

C asks that no call begins on a freed handle and none is inside when it is freed. Python cannot promise that by
discipline, so it is counted: `with handle.use() as pointer` is a call, and the last one that leaves a closed handle frees it.
"""
from __future__ import annotations

import os
import threading
import weakref

from typing import Callable, Protocol

from ._interrupt import expect_interrupt
from ._lend import forget
from .errors import Error, error
from .values import Status


class Owner(Protocol):
    """An object with locks that another thread may hold at a fork: in the child nobody would release them."""

    def renew_locks(self) -> None:
        """Makes them anew."""


_owners: weakref.WeakSet[Owner] = weakref.WeakSet()


def renew_after_fork(owner: Owner) -> None:
    """Calls `renew_locks` in every forked child, as long as the owner exists."""
    _owners.add(owner)


def _after_fork() -> None:
    for owner in list(_owners):
        owner.renew_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Use:
    """One use of a handle. The count of uses is that of views of its cell, which ends with this object at the latest: an
    exception that a signal handler raises anywhere, also in here, leaves none behind.
    """
    __slots__ = ("_handle", "_view")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._view = memoryview(handle.cell)

    def __enter__(self) -> int:
        if self._handle.closed:
            self._view.release()
            raise self._handle.refusal()
        return self._handle.pointer

    def __exit__(self, *_: object) -> None:
        self._view.release()
        if self._handle.closed:
            self._handle.free_unused()


class Handle:
    def __init__(self, pointer: int, free: Callable[[int], None], what: str, refusal: Status, lent: list[int]) -> None:
        """`free` is the library's function. What was lent for this handle is forgotten afterwards."""
        self.pointer = pointer
        #: cannot be resized while a view of it exists
        self.cell = bytearray(1)
        self.closed = False
        # One step of this iterator frees it, and there is only one. An interrupt comes before it or after it.
        self._free = map(free, iter((pointer,)))
        self._lent = lent
        self._what = what
        self._refusal = refusal

    def forget_uses(self) -> None:
        """In a forked child the parent's other threads do not exist, so no call is inside. The library refuses calls."""
        self.cell = bytearray(1)

    def use(self) -> Use:
        """`with handle.use() as pointer`: a call of the library."""
        return Use(self)

    def refusal(self) -> Error:
        """What a use of the closed handle raises."""
        return error(self._refusal, f"the {self._what} is closed")

    @property
    def in_use(self) -> bool:
        """Whether a call is inside."""
        try:
            self.cell.append(0)
        except BufferError:
            return True
        return False

    def close(self) -> None:
        """Frees it, or lets the last use do so."""
        self.closed = True
        self.free_unused()

    def free_unused(self) -> None:
        """Of a closed handle. A use counts before it looks whether the handle is closed, so none begins after this."""
        if self.in_use:
            return
        expect_interrupt()
        next(self._free, None)
        forget(self._lent)


class Inside:
    """The threads that are inside a callback of a client. There the library refuses calls on that client.

    A callback adds its thread in a `try` and discards it in the `finally`, where no interrupt can come in between; in a
    function of its own, such as `__exit__`, one could.
    """

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def this_thread(self) -> bool:
        return threading.get_ident() in self.threads
