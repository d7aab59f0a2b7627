# SPDX-License-Identifier: MIT
"""Builds sdist and wheels of this folder (PEP 517 and 660) with the standard library alone: nothing is downloaded.

The wheel is for every platform, unless it is to carry the library: `--config-settings library=FILE`, or the environment
variable ANIMALDETECT_BUNDLE, names libanimaldetect.so.0 ("pkg-config": the one that is installed). The mock goes with it
when it lies beside it.
"""
from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import pathlib
import re
import subprocess
import sysconfig
import tarfile
import zipfile

from typing import Any, Iterator, cast

HERE = pathlib.Path(__file__).resolve().parents[1]
DATE = (2000, 1, 1, 0, 0, 0)  # the same files make the same archive
SECONDS = 946684800


def _project() -> dict[str, Any]:
    """[project] and [project.urls] of pyproject.toml, which has strings and lists of strings on one line only: Python has a
    reader of TOML from 3.11 on."""
    found: dict[str, Any] = {}
    table = ""
    for line in (HERE / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        name, _, value = (part.strip() for part in line.partition("="))
        if line.startswith("["):
            table = line.strip("[]")
        elif table in ("project", "project.urls") and value:
            words = re.findall(r'"([^"]*)"', value)
            found[name if table == "project" else f"{table}.{name}"] = words if value.startswith("[") else words[0]
    return found


PROJECT = _project()
NAME = f"{PROJECT['name']}-{PROJECT['version']}"
INFO = f"{NAME}.dist-info"


def _metadata() -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {PROJECT['name']}", f"Version: {PROJECT['version']}",
             f"Summary: {PROJECT['description']}", f"License: {PROJECT['license']}", "License-File: LICENSE",
             f"Requires-Python: {PROJECT['requires-python']}", f"Keywords: {','.join(PROJECT['keywords'])}",
             *(f"Classifier: {words}" for words in PROJECT["classifiers"]),
             f"Project-URL: Homepage, {PROJECT['project.urls.Homepage']}",
             "Description-Content-Type: text/markdown", "", (HERE / PROJECT["readme"]).read_text(encoding="utf-8")]
    return "\n".join(lines).encode()


def _sources() -> Iterator[pathlib.Path]:
    for path in sorted((HERE / "animaldetect").rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and "_lib" not in path.parts:
            yield path.relative_to(HERE)


def _carried(settings: dict[str, Any] | None) -> list[pathlib.Path]:
    named = (settings or {}).get("library") or os.environ.get("ANIMALDETECT_BUNDLE")
    if not named:
        return []
    if named == "pkg-config":
        said = subprocess.run(["pkg-config", "--variable=libdir", "animaldetect"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
        named = os.path.join(said, "libanimaldetect.so.0")
    library = pathlib.Path(named)
    mock = library.with_name("libanimaldetect-mock.so.0")
    return [library, mock] if mock.exists() else [library]


def _write_wheel(folder: str, tag: str, files: list[tuple[str, bytes, int]]) -> str:
    name = f"{NAME}-{tag}.whl"
    wheel = f"Wheel-Version: 1.0\nGenerator: animaldetect_build\nRoot-Is-Purelib: {str(tag.endswith('any')).lower()}\nTag: {tag}\n"
    files = [*files, (f"{INFO}/METADATA", _metadata(), 0o644), (f"{INFO}/WHEEL", wheel.encode(), 0o644),
             (f"{INFO}/LICENSE", (HERE / "LICENSE").read_bytes(), 0o644)]
    record = "".join(
        f"{place},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for place, data, _ in files) + f"{INFO}/RECORD,,\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w", zipfile.ZIP_DEFLATED) as archive:
        for place, data, mode in [*files, (f"{INFO}/RECORD", record.encode(), 0o644)]:
            entry = zipfile.ZipInfo(place, DATE)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return name


def build_wheel(wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None) -> str:
    """The package, with the library inside when it was named."""
    carried = _carried(config_settings)
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform()) if carried else "any"
    files = [(path.as_posix(), (HERE / path).read_bytes(), 0o644) for path in _sources()]
    files += [(f"animaldetect/_lib/{path.name}", path.read_bytes(), 0o755) for path in carried]
    return _write_wheel(wheel_directory, f"py3-none-{platform}", files)


def build_editable(wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None) -> str:
    """A wheel that points here."""
    return _write_wheel(wheel_directory, "py3-none-any", [("__editable__.animaldetect.pth", f"{HERE}\n".encode(), 0o644)])


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:
    """All that is needed to build the wheel again, and the tests."""
    files = [pathlib.Path(name) for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "demo.py",
                                             "build_backend/animaldetect_build.py")]
    files += [*_sources(), *sorted(path.relative_to(HERE) for path in (HERE / "tests").glob("*.py"))]
    contents = [("PKG-INFO", _metadata()), *((path.as_posix(), (HERE / path).read_bytes()) for path in files)]
    with open(os.path.join(sdist_directory, f"{NAME}.tar.gz"), "wb") as raw, \
            gzip.GzipFile("", "wb", mtime=SECONDS, fileobj=raw) as packed, \
            tarfile.open(fileobj=cast(Any, packed), mode="w", format=tarfile.PAX_FORMAT) as archive:
        for place, data in contents:
            entry = tarfile.TarInfo(f"{NAME}/{place}")
            entry.size, entry.mtime = len(data), SECONDS
            archive.addfile(entry, io.BytesIO(data))
    return f"{NAME}.tar.gz"
