# SPDX-License-Identifier: MIT
"""The service in memory, for tests of programs that use this package: a service, a network and a clock, without a socket.

Time is virtual: it advances whenever a call has nothing to do but wait, so that an hour's outage passes at once. It needs
libanimaldetect-mock, which is found as the library is; `ANIMALDETECT_MOCK_LIBRARY` names another file.
"""
from __future__ import annotations

import ctypes
import enum
import os

from dataclasses import dataclass
from typing import Any, Callable

from . import _library
from .client import Client
from .errors import error
from .values import OK

#: The key that the service accepts.
API_KEY = "sk_test_mock"
_SONAME = "libanimaldetect-mock.so.0"


class Failure(enum.IntEnum):
    """How a request fails below HTTP. CONNECT, TLS and REFUSED: it was certainly not sent."""
    CONNECT = 1
    BROKEN = 2
    TIMEOUT = 3
    TLS = 4
    REFUSED = 5


@dataclass(frozen=True)
class Request:
    """A request that was made. Times are seconds of virtual time."""
    route: str
    method: str
    url: str
    idempotency_key: str | None
    #: None for an image: images are not kept
    body: str | None
    body_size: int
    #: 0 while it is pending, and when it got no response
    http_status: int
    start: float
    #: None while it is pending
    end: float | None


_SIGNATURES = {
    "i32 handle*": "new",
    "void handle": "free",
    "handle handle": "transport",
    "text handle": "message",
    "i32 handle": "clear_faults expire_uploads",
    "i32 handle u64": "set_seed",
    "i32 handle text": "set_processing load_answers add_fault",
    "i32 handle i64": "set_latency_ms advance_ms",
    "i32 handle i32": "set_rate_limit set_auto_advance",
    "i32 handle text text": "set_job_state",
    "i32 handle text i32 i32 text text": "answer",
    "i32 handle text i32 i32": "fail",
    "i32 handle text i32 i64": "delay",
    "i64 handle": "now_ms request_start_ms request_end_ms",
    "handle handle text size": "request_at",
    "text handle text": "request_header job_state",
    "text handle size": "job_id violation",
    "i32 request": "request_http_status",
    "u64 handle": "request_body_size",
    "text request": "request_route request_method request_url request_body",
}


def _load() -> Any:
    named = os.environ.get("ANIMALDETECT_MOCK_LIBRARY")
    # The library is loaded by now, so that the mock's need for it is met wherever it lies.
    library = _library.open_first([named] if named else _library.places(_SONAME), "libanimaldetect-mock", "ANIMALDETECT_MOCK_LIBRARY")
    signatures = {signature.replace("request", "handle"): "" for signature in _SIGNATURES}
    for signature, names in _SIGNATURES.items():
        signatures[signature.replace("request", "handle")] += " " + names
    return _library.declare(library, signatures, "animaldetect_mock_")


class Mock:
    """A service in memory. Clients on it keep what they need of it; close it, or use it in a `with` statement."""

    def __init__(self) -> None:
        self._lib = _load()
        self._pointer = ctypes.c_void_p()
        self._checked(self._lib.animaldetect_mock_new(ctypes.byref(self._pointer)))
        # An event loop never blocks inside the library, so time passes whenever there is nothing else to do.
        self._set("set_auto_advance", 1)

    def client(self, **settings: Any) -> Client:
        """A client with the mock's key; the settings are those of `Client`. For one that the program makes: `use`."""
        made = Client(API_KEY, **settings)
        self.use(made)
        return made

    def use(self, client: Client) -> None:
        """Gives the client this mock in place of the network; before its first job."""
        transport = self._lib.animaldetect_mock_transport(self._pointer)
        client._checked(_library.lib.animaldetect_client_set_transport, transport)  # pylint: disable=protected-access

    # ---- the service, before its first request ----

    def set_seed(self, seed: int) -> None:
        """Seeds all random numbers, those of the clients included."""
        self._set("set_seed", seed)

    def set_processing(self, how: str) -> None:
        """How long an image is processed: "fixed:MS", "lognormal:MEDIAN_MS:SIGMA", "bimodal:MS1:MS2:P", "fifo:SERVICE_MS"."""
        self._set("set_processing", _library.utf8(how))

    def set_latency(self, latency: float) -> None:
        """The round-trip time of a request, in seconds."""
        self._set("set_latency_ms", _library.milliseconds(latency))

    def set_rate_limit(self, per_minute: int) -> None:
        """The quota of the key: API requests in any minute; 0 for none."""
        self._set("set_rate_limit", per_minute)

    def load_answers(self, path: str | os.PathLike[str]) -> None:
        """Reads the result for each image from a JSON file."""
        self._set("load_answers", _library.utf8(path))

    # ---- what goes wrong: at any time. A route is "create", "upload", "submit", "poll", "fetch" or "any" ----

    def add_fault(self, fault: str) -> None:
        """A fault of the service's own, such as "submit:reset-after:n=1"; doc/mock.md of the library lists them."""
        self._set("add_fault", _library.utf8(fault))

    def clear_faults(self) -> None:
        """Removes all faults and scripts."""
        self._set("clear_faults")

    def answer(self, route: str, nth: int, http_status: int, body: str = "", headers: dict[str, str] | None = None) -> None:
        """A response in place of the service's to the nth request of a route, counted from 1; 0 for each."""
        lines = "\n".join(f"{name}: {value}" for name, value in (headers or {}).items())
        self._set("answer", _library.utf8(route), nth, http_status, _library.utf8(lines) or None, _library.utf8(body) or None)

    def fail(self, route: str, nth: int, failure: Failure) -> None:
        """A failure of the network for the nth request of a route; 0 for each."""
        self._set("fail", _library.utf8(route), nth, failure)

    def delay(self, route: str, nth: int, delay: float) -> None:
        """Delays the response to the nth request of a route by so many seconds; 0 for each."""
        self._set("delay", _library.utf8(route), nth, _library.milliseconds(delay))

    def set_job_state(self, job_id: str, state: str) -> None:
        """Puts a job of the service into a state, such as "failed" or "expired"."""
        self._set("set_job_state", _library.utf8(job_id), _library.utf8(state))

    def expire_uploads(self) -> None:
        """Makes every upload URL that was issued so far expire now."""
        self._set("expire_uploads")

    # ---- time: virtual ----

    @property
    def now(self) -> float:
        """Seconds since the mock's beginning of time."""
        return float(self._lib.animaldetect_mock_now_ms(self._pointer) / 1000)

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self._set("advance_ms", _library.milliseconds(seconds))

    # ---- what to assert ----

    def requests(self, route: str = "any") -> list[Request]:
        """The requests of a route, in the order in which they were started."""
        made: list[Request] = []
        while request := self._lib.animaldetect_mock_request_at(self._pointer, _library.utf8(route), len(made)):
            made.append(self._request(request))
        return made

    def _request(self, request: int) -> Request:
        def words(name: str) -> str | None:
            return _library.text(getattr(self._lib, f"animaldetect_mock_request_{name}")(request))

        end_ms = self._lib.animaldetect_mock_request_end_ms(request)
        key = self._lib.animaldetect_mock_request_header(request, b"Idempotency-Key")
        return Request(words("route") or "", words("method") or "", words("url") or "", _library.text(key), words("body"),
                       self._lib.animaldetect_mock_request_body_size(request),
                       self._lib.animaldetect_mock_request_http_status(request),
                       self._lib.animaldetect_mock_request_start_ms(request) / 1000, None if end_ms < 0 else end_ms / 1000)

    @property
    def jobs(self) -> list[str]:
        """The ids of the service's jobs: what would be billed."""
        return self._list(self._lib.animaldetect_mock_job_id)

    def job_state(self, job_id: str) -> str | None:
        """The service's word for the state of a job; None for an unknown one."""
        return _library.text(self._lib.animaldetect_mock_job_state(self._pointer, _library.utf8(job_id)))

    @property
    def violations(self) -> list[str]:
        """What a client did that the service's contract forbids; the library keeps this empty."""
        return self._list(self._lib.animaldetect_mock_violation)

    def _list(self, at: Callable[[ctypes.c_void_p, int], bytes | None]) -> list[str]:
        found: list[str] = []
        while (words := _library.text(at(self._pointer, len(found)))) is not None:
            found.append(words)
        return found

    def close(self) -> None:
        """Frees it; clients on it keep what they need."""
        pointer, self._pointer = self._pointer, ctypes.c_void_p()
        self._lib.animaldetect_mock_free(pointer)

    def __enter__(self) -> Mock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set(self, name: str, *arguments: Any) -> None:
        self._checked(getattr(self._lib, "animaldetect_mock_" + name)(self._pointer, *arguments))

    def _checked(self, status: int) -> None:
        if status != OK:
            raise error(status, _library.text(self._lib.animaldetect_mock_message(self._pointer)) or None)
