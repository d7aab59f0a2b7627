# SPDX-License-Identifier: MIT
"""Finds libanimaldetect, loads it and declares its functions.

`ANIMALDETECT_LIBRARY` names the file to load; without it `places` says where it is looked for. Every function that
the package calls stands in SIGNATURES, and tests/interface/bindings compares that table with the C headers. Whatever works
on a client or a job releases the GIL while it runs (`CDLL`): a callback that needs the GIL runs while the client is locked.
The getters of a result keep it (`PyDLL`): they only read memory that never changes, which takes less time than the GIL does.
"""
from __future__ import annotations

import ctypes
import math
import operator
import os
import subprocess
import types

from ctypes import c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any, Callable, Iterable, Iterator

SONAME = "libanimaldetect.so.0"
#: the oldest library that this package runs with, as animaldetect_version_number counts
NEEDED = 0x000200

LogCallback = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
ReadCallback = ctypes.CFUNCTYPE(c_int64, c_void_p, c_void_p, c_size_t)
RewindCallback = ctypes.CFUNCTYPE(c_int32, c_void_p)
ReleaseCallback = ctypes.CFUNCTYPE(None, c_void_p)


#: Whole numbers are checked before the call: ctypes would cut one that is out of range to its low bits. Not by a
#: `from_param` of our own: what Ctrl-C raises in there becomes an error of an argument.
_RANGES = {
    "i32": (-2**31, 2**31 - 1), "i64": (-2**63, 2**63 - 1), "u64": (0, 2**64 - 1),
    "size": (0, 2 ** (8 * ctypes.sizeof(c_size_t)) - 1),
}


def _checked(function: Callable[..., Any], parameters: list[str]) -> Callable[..., Any]:
    ranges = [(index, *_RANGES[word]) for index, word in enumerate(parameters) if word in _RANGES]
    if not ranges:
        return function

    def call(*arguments: Any) -> Any:
        whole = list(arguments)
        for index, least, most in ranges:
            try:
                whole[index] = operator.index(arguments[index])
            except TypeError as unfit:
                raise ctypes.ArgumentError(f"argument {index + 1}: {unfit}") from None
            if not least <= whole[index] <= most:
                raise ctypes.ArgumentError(f"argument {index + 1}: {whole[index]} is not within {least} to {most}")
        return function(*whole)

    call.unchecked = function  # type: ignore[attr-defined]
    return call


def unchecked(name: str) -> Callable[..., Any]:
    """A function whose numbers come from this package, not from the program."""
    function: Callable[..., Any] = getattr(lib, name)
    return getattr(function, "unchecked", function)


_TYPES = {
    "void": None, "i32": c_int32, "i64": c_int64, "u64": c_uint64, "size": c_size_t, "f64": c_double, "text": c_char_p,
    "handle": c_void_p, "pointer": c_void_p,
    # An address is handed over in half the time that ctypes takes to check what a typed pointer points to.
    "handle*": c_void_p, "i32*": c_void_p, "i64*": c_void_p, "f64*": c_void_p, "size*": c_void_p,
    "log": LogCallback, "read": ReadCallback, "rewind": RewindCallback, "release": ReleaseCallback,
}

# Result and parameters, then the functions that have them, each without "animaldetect_". A handle is any of the opaque
# types; a pointer is text or bytes that are read with their length, since c_char_p would stop at the first NUL.
SIGNATURES = {
    "text": "version",
    "i32": "version_number",
    "text i32": "status_name status_text state_name stage_name step_name statistic_name",
    "text size": "feature_name",
    "text text": "feature_text",
    "i32 i32": "status_is_retriable status_scope statistic_is_gauge",
    "void pointer": "text_free",
    "i32 handle*": "client_new",
    "void handle": "client_free job_free result_free",
    "text handle": "job_state_text job_message job_service_code job_service_message job_request_id "
                   "job_expires_at job_upload_expires_at job_id job_operation job_idempotency_key job_sha256 "
                   "job_filename job_path job_source_url job_client_reference_id job_note log_text log_request_id "
                   "result_id result_expires_at result_model_version result_model_id result_country "
                   "detection_label detection_category candidate_label",
    "i32 handle text": "client_set_api_key client_set_base_url client_add_trusted_origin client_set_ca_file "
                       "client_set_proxy client_set_user_agent client_set_checksum_field job_set_file "
                       "job_set_source_url job_set_filename job_set_content_type job_set_sha256 "
                       "job_set_client_reference_id job_set_idempotency_key job_set_country job_set_note",
    "i32 handle text text": "client_add_header job_set_option_json",
    "i32 handle i64": "client_set_connect_timeout_ms client_set_stall_timeout_ms client_set_request_timeout_ms "
                      "client_set_offline_patience_ms client_set_max_retry_after_ms client_set_processing_timeout_ms "
                      "client_set_max_jobs client_set_permit_lag_ms client_hold_requests job_set_call_timeout_ms job_wait",
    "i32 handle i32": "client_set_max_requests client_set_max_tries client_set_poll_mode "
                      "client_set_allow_insecure_http client_set_paused client_set_permits job_set_rerun job_set_priority "
                      "job_set_classify job_set_metadata job_set_smooth_herd job_set_top_candidate",
    "i32 handle u64": "client_set_max_image_bytes client_set_max_answer_bytes",
    "i32 handle i32 i32": "client_set_rate_limit",
    "i32 handle i64 i64": "client_set_poll_bounds_ms",
    "i32 handle i32 i64": "client_set_permit_share client_grant_permits",
    "i32 handle i32*": "client_permits_wanted",
    "i32 handle i32 i32*": "client_return_permits",
    "i32 handle i64* i32 i32* i32*": "client_report_permits",
    "i32 handle i32* i64*": "client_take_rate_limits",
    "i32 handle text size": "client_set_ca_pem",
    "size handle pointer size": "client_copy_message",
    "i32 handle i32 log pointer release": "client_set_log",
    "i32 handle handle": "client_set_transport",
    "i32 handle": "client_configure_from_env client_stop client_network_changed client_resume client_hold_reason "
                  "client_fd client_process job_create_async job_upload_async job_submit_async job_poll_async "
                  "job_fetch_async job_run_async job_rerun job_cancel job_status job_state job_stage job_http_status "
                  "job_failed_step job_attempts job_polls job_rerun_number job_priority log_level log_step "
                  "log_http_status result_kind",
    "handle handle": "log_job",
    "i64 handle": "client_in_flight client_held_until_ms job_retry_after_ms log_duration_ms",
    "u64 handle": "job_upload_sent job_upload_total",
    "i64 handle i32": "job_step_ms",
    "i32 handle handle*": "client_next_done job_result",
    "i32 handle i32 i64*": "client_statistic",
    "i32 handle i32 f64 i64*": "client_latency_ms",
    "i32 handle text handle*": "job_new job_attach",
    "i32 handle text size handle*": "job_restore",
    "i32 handle handle* size*": "job_save",
    "i32 handle pointer size pointer release": "job_set_bytes_borrowed",
    "i32 handle u64 read rewind pointer release": "job_set_reader",
    "i32 handle f64": "job_set_threshold",
    "i32 handle f64 f64": "job_set_location",
    "i32 text size handle*": "result_parse",
    "pointer handle size*": "job_result_json result_json result_metadata_json",
    "size handle": "result_count detection_candidate_count",
    "handle handle size": "result_at detection_candidate",
    "i32 handle i64*": "result_image_width result_image_height result_file_size result_processing_time_ms "
                       "detection_id",
    "i32 handle f64*": "result_threshold detection_score detection_bbox candidate_score",
    "text handle i32": "detection_taxonomy candidate_taxonomy",
}


def _only_reads(name: str) -> bool:
    """Getters of a result and of what is in it."""
    return name.startswith(("result_", "detection_", "candidate_")) and name not in ("result_parse", "result_free")


def declare(library: ctypes.CDLL, signatures: dict[str, str], prefix: str) -> types.SimpleNamespace:
    """Only what is declared: ctypes would call any other function too, and cut its pointers to 32 bits."""
    functions = {}
    with_gil = ctypes.PyDLL(library._name, handle=library._handle)
    for signature, names in signatures.items():
        result, *parameters = signature.split()
        for name in names.split():
            function = getattr(with_gil if _only_reads(name) else library, prefix + name)
            function.restype = _TYPES[result]
            function.argtypes = [_TYPES[word] for word in parameters]
            functions[prefix + name] = _checked(function, parameters)
    return types.SimpleNamespace(**functions)


def places(soname: str) -> Iterator[str]:
    """Where a library may be: in the package, where the system's loader looks, and where pkg-config says."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", soname)
    if os.path.exists(beside):
        yield beside
    yield soname
    try:
        said = subprocess.run(["pkg-config", "--variable=libdir", "animaldetect"], text=True, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return
    if said:
        yield os.path.join(said, soname)


def open_first(names: Iterable[str], what: str, variable: str) -> ctypes.CDLL:
    """The first that can be loaded; an ImportError names every try."""
    failures = []
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            failures.append(f"{name}: {error}")
    raise ImportError(f"{what} cannot be loaded; install it, or name the file in {variable}. Tried:\n  "
                      + "\n  ".join(failures))


def fits(loaded: int, needed: int) -> bool:
    """Does a library of this version fit? A later one of the same major version does, before 1.0 of the same minor one."""
    return loaded >= needed and loaded >> 16 == needed >> 16 and (needed >> 16 > 0 or loaded >> 8 == needed >> 8)


def load() -> types.SimpleNamespace:
    named = os.environ.get("ANIMALDETECT_LIBRARY")
    library = open_first([named] if named else places(SONAME), "libanimaldetect", "ANIMALDETECT_LIBRARY")
    about = declare(library, {"i32": "version_number", "text": "version"}, "animaldetect_")
    if not fits(about.animaldetect_version_number(), NEEDED):
        raise ImportError(f"libanimaldetect {about.animaldetect_version().decode()} is loaded, and this package needs "
                          f"{NEEDED >> 16}.{NEEDED >> 8 & 255}.x, {NEEDED & 255} or later")
    try:
        return declare(library, SIGNATURES, "animaldetect_")
    except AttributeError as error:
        raise ImportError(f"this libanimaldetect lacks what the package needs: {error}") from error


lib = load()


def text(value: bytes | None) -> str | None:
    """Text of the library. What is no UTF-8 (a path in a message) is shown, never an error."""
    return None if value is None else value.decode("utf-8", "backslashreplace")


def sized(function: Callable[..., int | None], handle: int) -> bytes | None:
    """Text with its length; None where there is none."""
    size = c_size_t()
    pointer = function(handle, ctypes.byref(size))
    return None if pointer is None else ctypes.string_at(pointer, size.value)


def utf8(value: str | bytes | os.PathLike[str]) -> bytes:
    """Text for the library. C text ends at the first NUL, so one inside would be cut without a word."""
    encoded = os.fsencode(value) if not isinstance(value, (str, bytes)) and isinstance(value, os.PathLike) else value
    if isinstance(encoded, str):
        encoded = encoded.encode("utf-8", "surrogateescape")
    if not isinstance(encoded, bytes):
        raise TypeError(f"text is expected, not {type(encoded).__name__}")
    if b"\0" in encoded:
        raise ValueError("text for libanimaldetect must not contain a NUL character")
    return encoded


def milliseconds(seconds: float | None) -> int:
    """Seconds as Python writes them; None and math.inf are "no limit". A wait that is not zero does not become one."""
    if seconds is None or seconds == math.inf:
        return -1
    if seconds < 0:
        raise ValueError("a duration must not be negative")
    return max(int(seconds * 1000), 1) if seconds > 0 else 0
