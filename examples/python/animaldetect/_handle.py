# SPDX-License-Identifier: MIT
"""A handle of the library that threads may share and close at any time.

C asks that no call begins on a freed handle and none is inside when it is freed. Python cannot promise that by
discipline, so it is counted: `with handle as pointer` is a call, and the last one that leaves a closed handle frees it.
"""
from __future__ import annotations

import os
import threading
import weakref

from typing import Callable

from .errors import error
from .values import Status


# Every lock of this package that another thread may hold at the moment of a fork: in the child nobody would release it.
_forked: weakref.WeakSet[Handle] = weakref.WeakSet()


def _after_fork() -> None:
    for handle in list(_forked):
        handle.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Handle:
    def __init__(self, pointer: int, free: Callable[[int], None], what: str, refusal: Status) -> None:
        self._pointer = pointer
        self._free = free
        self._what = what
        self._refusal = refusal
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False
        #: further locks that a child gets anew, each set by its owner
        self.renew: list[weakref.WeakMethod[Callable[[], None]]] = []
        _forked.add(self)

    def after_fork(self) -> None:
        """In a child: what the parent's other threads were in the middle of is nobody's here. The library refuses calls."""
        self._lock = threading.Lock()
        self._users = 0
        for renew in self.renew:
            method = renew()
            if method is not None:
                method()

    def __enter__(self) -> int:
        with self._lock:
            if self._closed:
                raise error(self._refusal, f"the {self._what} is closed")
            self._users += 1
        return self._pointer

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            last = self._closed and self._users == 0
        if last:
            self._free(self._pointer)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            last = self._users == 0
        if last:
            self._free(self._pointer)

    @property
    def closed(self) -> bool:
        return self._closed


class Inside:
    """The threads that are inside a callback of a client. There the library refuses calls on that client."""

    def __init__(self) -> None:
        self._threads: set[int] = set()

    def __enter__(self) -> None:
        self._threads.add(threading.get_ident())

    def __exit__(self, *_: object) -> None:
        self._threads.discard(threading.get_ident())

    def forget(self) -> None:
        """In a forked child no thread is inside any more."""
        self._threads.clear()

    def this_thread(self) -> bool:
        return threading.get_ident() in self._threads
