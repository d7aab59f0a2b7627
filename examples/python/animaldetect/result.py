# SPDX-License-Identifier: MIT
"""What the service saw in one image, as plain immutable values.

A result is copied out of the library whole, so it has no handle and no end. A field that the service left out is None,
never zero. Fields that this version does not know are in `json`.
"""
from __future__ import annotations

import ctypes
import json as _json

from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple

from ._library import lib, sized, text, unchecked
from .errors import error
from .values import ABSENT, OK, Rank, ResultKind


class Box(NamedTuple):
    """Where a detection is, in fractions of the image, origin at the top left."""
    x_min: float
    y_min: float
    width: float
    height: float


class Taxonomy(NamedTuple):
    """Names by rank; "" where the service sent an empty name, None where it sent none. `class_` is the rank class."""
    id: str | None
    class_: str | None
    order: str | None
    family: str | None
    genus: str | None
    species: str | None


@dataclass(frozen=True)
class Candidate:
    """An alternative label for a detection."""
    label: str | None
    score: float | None
    taxonomy: Taxonomy


@dataclass(frozen=True)
class Detection:
    """One box of a result."""
    id: int | None
    label: str | None
    score: float | None
    box: Box | None
    category: str | None
    taxonomy: Taxonomy
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Result:
    """`annotations` of detect and `detections` of filter read the same way. Of another kind only `json` says more."""
    kind: ResultKind
    id: str | None
    expires_at: str | None
    detections: tuple[Detection, ...]
    image_width: int | None
    image_height: int | None
    file_size: int | None
    metadata: dict[str, Any] | None
    processing_time_ms: int | None
    model_version: str | None
    model_id: str | None
    country: str | None
    threshold: float | None
    #: what the service sent, byte for byte
    json: bytes = field(repr=False)


# Makes a named tuple without a call of Python.
_new = tuple.__new__
_RANKS = tuple(int(rank) for rank in Rank)
_result_at = unchecked("animaldetect_result_at")
_detection_taxonomy = unchecked("animaldetect_detection_taxonomy")
_detection_candidate = unchecked("animaldetect_detection_candidate")
_candidate_taxonomy = unchecked("animaldetect_candidate_taxonomy")


class _Numbers:
    """Reads numbers of one result; None where the service sent none. All come through the same few bytes."""

    def __init__(self) -> None:
        self._whole, self._real = (ctypes.c_int64 * 1)(), (ctypes.c_double * 4)()
        self._to_whole, self._to_real = ctypes.addressof(self._whole), ctypes.addressof(self._real)

    def whole(self, function: Callable[..., int], handle: int) -> int | None:
        status = function(handle, self._to_whole)
        value: int | None = self._whole[0] if status == OK else _absent(status)
        return value

    def real(self, function: Callable[..., int], handle: int) -> float | None:
        status = function(handle, self._to_real)
        value: float | None = self._real[0] if status == OK else _absent(status)
        return value

    def box(self, handle: int) -> Box | None:
        status = lib.animaldetect_detection_bbox(handle, self._to_real)
        value: Box | None = _new(Box, self._real[:]) if status == OK else _absent(status)
        return value


def _absent(status: int) -> Any:
    """None, if that is what the status says."""
    if status != ABSENT:
        raise error(status)
    return None


def _taxonomy(function: Callable[..., bytes | None], handle: int) -> Taxonomy:
    return _new(Taxonomy, [text(function(handle, rank)) for rank in _RANKS])


def _candidate(handle: int, numbers: _Numbers) -> Candidate:
    return Candidate(text(lib.animaldetect_candidate_label(handle)),
                     numbers.real(lib.animaldetect_candidate_score, handle), _taxonomy(_candidate_taxonomy, handle))


def _detection(handle: int, numbers: _Numbers) -> Detection:
    count = lib.animaldetect_detection_candidate_count(handle)
    return Detection(
        id=numbers.whole(lib.animaldetect_detection_id, handle), label=text(lib.animaldetect_detection_label(handle)),
        score=numbers.real(lib.animaldetect_detection_score, handle), box=numbers.box(handle),
        category=text(lib.animaldetect_detection_category(handle)),
        taxonomy=_taxonomy(_detection_taxonomy, handle),
        candidates=tuple([_candidate(_detection_candidate(handle, i), numbers) for i in range(count)]))


def size(handle: int) -> int:
    """Bytes of the JSON."""
    out = ctypes.c_size_t()
    lib.animaldetect_result_json(handle, ctypes.byref(out))
    return out.value


def take(handle: int) -> Result:
    """Copies a result and frees it."""
    try:
        numbers = _Numbers()
        metadata = sized(lib.animaldetect_result_metadata_json, handle)
        return Result(
            kind=ResultKind(lib.animaldetect_result_kind(handle)), id=text(lib.animaldetect_result_id(handle)),
            expires_at=text(lib.animaldetect_result_expires_at(handle)),
            detections=tuple([_detection(_result_at(handle, i), numbers)
                              for i in range(lib.animaldetect_result_count(handle))]),
            image_width=numbers.whole(lib.animaldetect_result_image_width, handle),
            image_height=numbers.whole(lib.animaldetect_result_image_height, handle),
            file_size=numbers.whole(lib.animaldetect_result_file_size, handle),
            metadata=None if metadata is None else _json.loads(metadata),
            processing_time_ms=numbers.whole(lib.animaldetect_result_processing_time_ms, handle),
            model_version=text(lib.animaldetect_result_model_version(handle)),
            model_id=text(lib.animaldetect_result_model_id(handle)),
            country=text(lib.animaldetect_result_country(handle)),
            threshold=numbers.real(lib.animaldetect_result_threshold, handle),
            json=sized(lib.animaldetect_result_json, handle) or b"")
    finally:
        lib.animaldetect_result_free(handle)


def parse_result(json: str | bytes) -> Result:
    """Reads a result from JSON that was kept, such as `Result.json`."""
    raw = json.encode() if isinstance(json, str) else json
    out = ctypes.c_void_p()
    status = lib.animaldetect_result_parse(raw, len(raw), ctypes.byref(out))
    if status != OK or out.value is None:
        raise error(status)
    return take(out.value)
