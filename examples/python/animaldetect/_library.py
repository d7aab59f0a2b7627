# SPDX-License-Identifier: MIT
"""Finds libanimaldetect, loads it and declares its functions.

`ANIMALDETECT_LIBRARY` names the file to load; without it the system's loader looks for the soname. Every function that
the package calls stands in SIGNATURES, and tests/interface/bindings compares that table with the C headers. The functions release
the GIL while they run (`CDLL`, never `PyDLL`): a log callback that needs the GIL runs while the client is locked.
"""
from __future__ import annotations

import ctypes
import operator
import os
import types

from ctypes import c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any

SONAME = "libanimaldetect.so.0"

LogCallback = ctypes.CFUNCTYPE(None, c_int32, c_char_p, c_void_p)
ReadCallback = ctypes.CFUNCTYPE(c_int64, c_void_p, c_void_p, c_size_t)
RewindCallback = ctypes.CFUNCTYPE(c_int32, c_void_p)


class _Whole:
    """A parameter that takes whole numbers in its range only: ctypes would cut any other to its low bits."""

    def __init__(self, kind: type[Any], least: int, most: int) -> None:
        self._kind, self._least, self._most = kind, least, most

    def from_param(self, value: Any) -> Any:
        number = operator.index(value)
        if not self._least <= number <= self._most:
            raise OverflowError(f"{number} is not within {self._least} to {self._most}")
        return self._kind(number)


_WHOLE = {
    "i32": _Whole(c_int32, -2**31, 2**31 - 1), "i64": _Whole(c_int64, -2**63, 2**63 - 1),
    "u64": _Whole(c_uint64, 0, 2**64 - 1), "size": _Whole(c_size_t, 0, 2 ** (8 * ctypes.sizeof(c_size_t)) - 1),
}
_TYPES = {
    "void": None, "i32": c_int32, "i64": c_int64, "u64": c_uint64, "size": c_size_t, "f64": c_double, "text": c_char_p,
    "handle": c_void_p, "pointer": c_void_p, "handle*": ctypes.POINTER(c_void_p), "i64*": ctypes.POINTER(c_int64),
    "f64*": ctypes.POINTER(c_double), "size*": ctypes.POINTER(c_size_t),
    "log": LogCallback, "read": ReadCallback, "rewind": RewindCallback,
}

# Result and parameters, then the functions that have them, each without "animaldetect_". A handle is any of the opaque
# types; a pointer is text or bytes that are read with their length, since c_char_p would stop at the first NUL.
SIGNATURES = {
    "text": "version",
    "i32": "version_number",
    "text i32": "status_name status_text state_name stage_name step_name",
    "i32 i32": "status_is_retriable",
    "void pointer": "text_free",
    "i32 handle*": "client_new client_new_from_env",
    "void handle": "client_free job_free result_free",
    "text handle": "client_message job_state_text job_message job_service_code job_service_message job_request_id "
                   "job_expires_at job_upload_expires_at job_id job_operation job_idempotency_key job_sha256 "
                   "result_id result_expires_at result_model_version result_model_id result_country "
                   "detection_label detection_category candidate_label",
    "i32 handle text": "client_set_api_key client_set_base_url client_add_trusted_origin client_set_ca_file "
                       "client_set_proxy client_set_user_agent client_set_checksum_field job_set_file "
                       "job_set_source_url job_set_filename job_set_content_type job_set_sha256 "
                       "job_set_client_reference_id job_set_idempotency_key job_set_country",
    "i32 handle text text": "job_set_option_json",
    "i32 handle i64": "client_set_connect_timeout_ms client_set_stall_timeout_ms client_set_request_timeout_ms "
                      "job_set_deadline_ms job_wait",
    "i32 handle i32": "client_set_max_active client_set_retry_limit client_set_poll_mode "
                      "client_set_allow_insecure_http job_set_rerun job_set_classify job_set_metadata "
                      "job_set_smooth_herd job_set_top_candidate",
    "i32 handle u64": "client_set_max_image_bytes client_set_max_answer_bytes",
    "i32 handle i32 i32": "client_set_rate_limit",
    "i32 handle i64 i64": "client_set_poll_bounds_ms",
    "i32 handle text size": "client_set_ca_pem",
    "i32 handle log i32 pointer": "client_set_log",
    "i32 handle": "client_fd client_process job_create_async job_upload_async job_submit_async job_poll_async "
                  "job_fetch_result_async job_run_async job_cancel job_status job_state job_stage job_http_status "
                  "job_failed_step job_attempts job_polls",
    "i64 handle": "client_in_flight job_retry_after_ms",
    "u64 handle": "job_upload_sent job_upload_total",
    "i64 handle i32": "job_step_ms",
    "i32 handle handle*": "client_next_done job_result",
    "i32 handle i32 i64*": "client_statistic",
    "i32 handle i32 f64 i64*": "client_latency_ms",
    "i32 handle text handle*": "job_new job_attach",
    "i32 handle text size handle*": "job_restore",
    "i32 handle handle* size*": "job_save",
    "i32 handle pointer size": "job_set_bytes job_set_bytes_borrowed",
    "i32 handle read rewind pointer u64": "job_set_reader",
    "i32 handle f64": "job_set_threshold",
    "i32 handle f64 f64": "job_set_location",
    "i32 text size handle*": "result_parse",
    "pointer handle size*": "result_json result_metadata_json",
    "size handle": "result_count detection_candidate_count",
    "handle handle size": "result_at detection_candidate",
    "i32 handle i64*": "result_image_width result_image_height result_file_size result_processing_time_ms "
                       "detection_id",
    "i32 handle f64*": "result_threshold detection_score detection_bbox candidate_score",
    "text handle i32": "detection_taxonomy candidate_taxonomy",
}


def declare(library: ctypes.CDLL) -> types.SimpleNamespace:
    """Only what is declared: ctypes would call any other function too, and cut its pointers to 32 bits."""
    functions = {}
    for signature, names in SIGNATURES.items():
        result, *parameters = signature.split()
        for name in names.split():
            function = getattr(library, "animaldetect_" + name)
            function.restype = _TYPES[result]
            function.argtypes = [_WHOLE.get(word) or _TYPES[word] for word in parameters]
            functions["animaldetect_" + name] = function
    return types.SimpleNamespace(**functions)


def load() -> types.SimpleNamespace:
    name = os.environ.get("ANIMALDETECT_LIBRARY") or SONAME
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise ImportError(f"libanimaldetect cannot be loaded: {error}; install it, or name the file in "
                          "ANIMALDETECT_LIBRARY") from error
    return declare(library)


lib = load()


def text(value: bytes | None) -> str | None:
    """Text of the library. What is no UTF-8 (a path in a message) is shown, never an error."""
    return None if value is None else value.decode("utf-8", "backslashreplace")


def utf8(value: str | bytes | os.PathLike[str]) -> bytes:
    """Text for the library. C text ends at the first NUL, so one inside would be cut without a word."""
    encoded = os.fsencode(value) if isinstance(value, os.PathLike) else value
    if isinstance(encoded, str):
        encoded = encoded.encode("utf-8", "surrogateescape")
    if b"\0" in encoded:
        raise ValueError("text for libanimaldetect must not contain a NUL character")
    return encoded


def milliseconds(seconds: float | None) -> int:
    """Seconds as Python writes them; None is "no limit". A wait that is not zero does not become one."""
    if seconds is None:
        return -1
    if seconds < 0:
        raise ValueError("a duration must not be negative")
    return max(int(seconds * 1000), 1) if seconds > 0 else 0
