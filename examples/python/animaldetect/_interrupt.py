# SPDX-License-Identifier: MIT
"""Ctrl-C that comes while Python runs inside a callback of the library: in a reader, or in the log.

No exception can pass through C, and it is no matter of the image, so it is kept and raised by whoever called the library.
Signals reach Python code in the main thread only.
"""
from __future__ import annotations

_kept: list[BaseException] = []


def keep_interrupt(interrupt: BaseException) -> None:
    """KeyboardInterrupt, or another exception that is no Exception: SystemExit of a handler."""
    _kept[:] = [interrupt]


def raise_interrupt() -> None:
    """After a call of the library in which callbacks may have run."""
    if _kept:
        raise _kept.pop()
