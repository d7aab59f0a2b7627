# SPDX-License-Identifier: MIT
"""Ctrl-C that arrives where no exception can go on: in a reader, a log, a release function or a finalizer of this package.

No exception can pass through C, and an interrupt says nothing about the image. So it is kept, and raised by whoever called
the library on that thread. Python runs signal handlers between two instructions, also before the first one of a callback,
where no `try` of its own can catch what they raise. ctypes reports such an exception to `sys.unraisablehook` and goes on;
the hook that is put in front here keeps it.
"""
from __future__ import annotations

import sys
import threading

from types import CodeType
from typing import Any, Callable, TypeVar

_kept: dict[int, BaseException] = {}
_callbacks: dict[CodeType, Callable[..., Any] | None] = {}
_Callback = TypeVar("_Callback", bound=Callable[..., Any])


def callback(function: _Callback) -> _Callback:
    """Marks a function that C calls."""
    _callbacks[function.__code__] = None
    return function


def must_run(function: _Callback) -> _Callback:
    """Marks a function that C or the interpreter calls, and that runs all the same if a signal handler raised in it."""
    _callbacks[function.__code__] = function
    return function


class _Hook:
    def __init__(self, previous: Callable[[Any], Any]) -> None:
        self._previous = previous

    def __call__(self, unraisable: Any) -> None:
        trace, failure = unraisable.exc_traceback, unraisable.exc_value
        code = trace.tb_frame.f_code if trace is not None else None
        if code not in _callbacks or failure is None:
            self._previous(unraisable)
            return
        before = trace.tb_lineno == code.co_firstlineno
        if isinstance(failure, Exception) and not before:
            self._previous(unraisable)  # of the callback itself
            return
        keep_interrupt(failure)
        again = _callbacks[code]
        if again is not None:
            again(**trace.tb_frame.f_locals)


def expect_interrupt() -> None:
    """Before a call of the library in which callbacks may run: the program may have set another hook meanwhile."""
    if not isinstance(sys.unraisablehook, _Hook):
        sys.unraisablehook = _Hook(sys.unraisablehook)


def keep_interrupt(interrupt: BaseException) -> None:
    """KeyboardInterrupt, or what else a signal handler raised."""
    _kept[threading.get_ident()] = interrupt


def raise_interrupt() -> None:
    """After a call of the library in which callbacks may have run; raises what was kept on this thread."""
    if _kept:
        interrupt = _kept.pop(threading.get_ident(), None)
        try:
            if interrupt is not None:
                raise interrupt
        finally:
            del interrupt  # or it and this frame would keep each other, and the caller's job, until the next collection
