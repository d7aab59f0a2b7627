#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool's exports: each is checked against the rules of its format and against known problems of Timelapse.

    test_export.py TOOL EMULATOR
"""
import csv
import datetime
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import urllib.request

from tool_kit import SOME_FAILED, USAGE, Place, exif, jpeg, run_all

from kit import emulator

CATEGORIES = {"1": "animal", "2": "person", "3": "vehicle"}


def whole_numbers(text):
    """Parses JSON and keeps numbers as text, so that a test can detect a bare integer."""
    return json.loads(text, parse_float=lambda word: ("real", word), parse_int=lambda word: ("whole", word))


def real(value, low=0.0, high=1.0):
    kind, word = value
    assert kind == "real" and re.fullmatch(r"\d+\.\d+", word), value
    assert low <= float(word) <= high, value
    return float(word)


def judge_md(text):
    """Checks MegaDetector's batch format 1.6, and the known problems of its readers."""
    data = whole_numbers(text)
    assert data["info"]["format_version"] == "1.6"
    for names, keys in (("detector_metadata", ("typical_detection_threshold", "conservative_detection_threshold")),
                        ("classifier_metadata", ("typical_classification_threshold",))):
        for key in keys:
            real(data["info"][names][key])
    assert data["detection_categories"] == CATEGORIES
    classes = data["classification_categories"]
    assert set(classes) == set(data["classification_category_descriptions"])
    assert all(key.isdigit() and name.strip() for key, name in classes.items())
    assert len({name.lower() for name in classes.values()}) == len(classes)
    assert not set(classes.values()) & set(CATEGORIES.values())
    assert all(text.count(";") == 6 for text in data["classification_category_descriptions"].values())
    files = [image["file"] for image in data["images"]]
    assert files == sorted(files) and len(files) == len(set(files))
    for image in data["images"]:
        if "failure" in image:
            assert image["failure"].strip() and image["detections"] is None, image
            continue
        for box in image["detections"]:
            assert box["category"] in CATEGORIES
            real(box["conf"])
            assert len(box["bbox"]) == 4 and all(real(part) is not None for part in box["bbox"])
            if "classifications" in box:
                scores = [real(score) for _, score in box["classifications"]]
                assert scores and scores == sorted(scores, reverse=True)
                assert all(name in classes for name, _ in box["classifications"])
    return json.loads(text)


SHAPES = {
    "person.jpg": [{"label": "human", "score": 1, "bbox": [0, 0, 1, 1]}],
    "edge.jpg": [{"label": "animal", "score": 0.5, "bbox": [-0.01, 0.2, 1.2, 0.00001]}],
    "two_names.jpg": [{"label": "bird", "score": 0.9, "bbox": [0.1, 0.1, 0.2, 0.2], "taxonomy": {"class": "aves"}},
                      {"label": "bird", "score": 0.8, "bbox": [0.5, 0.5, 0.2, 0.2], "taxonomy": {"class": "aves",
                                                                                             "order": "x"}}],
    "candidates.jpg": [{"label": "red fox", "score": 0.7, "bbox": [0.1, 0.1, 0.2, 0.2],
                        "taxonomy": {"class": "mammalia", "genus": "vulpes", "species": "vulpes vulpes"},
                        "top_candidates": [{"label": "red fox", "score": 0.7}, {"label": "gray wolf", "score": 0.1},
                                           {"label": "coyote", "score": 0.95}]}],
    "odd.jpg": [{"label": "\x1b[2J\"'\\,\n", "score": 0.4, "bbox": [0.1, 0.1, 0.2, 0.2]}],
}


def shaped(at):
    """Creates images whose results have these shapes; restarts the service with them."""
    answers = {"images": {}}
    for name, annotations in SHAPES.items():
        content = jpeg(name, when="2026:06:01 22:15:00", serial="H1234567")
        (at.images / name).write_bytes(content)
        answers["images"][name] = {"sha256": hashlib.sha256(content).hexdigest(),
                                   "animal_detect_like": {"annotations": annotations}}
    (at.root / "answers.json").write_text(json.dumps(answers))
    at.again("--answers", str(at.root / "answers.json"))


def megadetector_files_pass_the_formats_rules():
    with Place() as at:
        shaped(at)
        (at.images / "cut.jpg").write_bytes(jpeg("cut")[:-200])
        (at.images / os.fsdecode(b"caf\xe9\x01.jpg")).write_bytes(jpeg("latin"))
        out = at.root / "recognitionData.json"
        at.tool("run", "--top-candidates", "3", "-o", out, at.images, code=SOME_FAILED)
        data = judge_md(out.read_text(encoding="utf-8"))
        by_file = {image["file"]: image for image in data["images"]}
        assert set(by_file) == {*SHAPES, "cut.jpg", "bytes:caf%E9%01.jpg"}, set(by_file)
        assert by_file["cut.jpg"]["failure"].startswith("broken")
        assert by_file["person.jpg"]["detections"] == [{"category": "2", "conf": 1.0, "bbox": [0.0, 0.0, 1.0, 1.0]}]
        assert by_file["edge.jpg"]["detections"][0]["bbox"] == [0.0, 0.2, 1.0, 0.0]
        names = data["classification_categories"]
        fox = by_file["candidates.jpg"]["detections"][0]["classifications"]
        assert [names[key].split(" (")[0] for key, _ in fox] == ["red fox", "coyote", "gray wolf"], fox
        assert fox[1][1] == 0.7, fox
        assert {"\x1b[2J\"'\\,\n", "bird", "bird (2)"} <= set(names.values()), names
        assert at.tool("export", at.images) == out.read_bytes()


def the_numbers_of_species_stay():
    with Place() as at:
        (at.images / "m.png").write_bytes((emulator.IMAGES / "deer.png").read_bytes())
        at.tool("run", at.images)
        first = judge_md(at.tool("export", at.images).decode())
        (at.images / "a.png").write_bytes((emulator.IMAGES / "egret.png").read_bytes())
        at.tool("run", at.images)
        second = judge_md(at.tool("export", at.images).decode())
        assert first["classification_categories"].items() <= second["classification_categories"].items()
        assert second["classification_categories"] == {"0": "red deer", "1": "great egret"}


def pending_images_are_failures_for_now():
    with Place("--processing", "fixed:600000") as at:
        (at.images / "a.jpg").write_bytes(jpeg("a"))
        at.tool.environment["AD_API_BASE_URL"] = "http://127.0.0.1:1/v1"
        at.tool("run", "--patience", "0", at.images, code=4)
        image, = judge_md(at.tool("export", at.images).decode())["images"]
        assert image["failure"].startswith("pending: not processed yet"), image


def csv_has_a_row_for_each_detection():
    with Place() as at:
        shaped(at)
        at.tool("run", at.images)
        rows = list(csv.DictReader(io.StringIO(at.tool("export", "-f", "csv", at.images).decode(), newline="")))
        assert len(rows) == 6 and all(None not in row and None not in row.values() for row in rows), rows
        assert [row["label"] for row in rows if row["file"] == "odd.jpg"] == ["\x1b[2J\"'\\,\n"]
        assert all(row["taken"] == "2026-06-01T22:15:00" for row in rows)


def json_lines_contain_the_services_own_message():
    with Place() as at:
        shaped(at)
        at.tool("run", "--top-candidates", "3", at.images)
        lines = at.tool.lines(at.images)
        for name, annotations in SHAPES.items():
            assert lines[name]["result"]["annotations"] == annotations, name
            request = urllib.request.Request(f"{at.service.url}/jobs/{lines[name]['job_id']}/result",
                                             headers={"Authorization": f"Bearer {at.service.key}"})
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request) as answer:
                assert json.load(answer) == lines[name]["result"]


# ---- Camtrap DP ----

WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
REQUIRED = {"deployments": ("deploymentID", "latitude", "longitude", "deploymentStart", "deploymentEnd"),
            "media": ("mediaID", "deploymentID", "timestamp", "filePath", "filePublic", "fileMediatype"),
            "observations": ("observationID", "deploymentID", "eventStart", "eventEnd", "observationLevel",
                             "observationType")}


def judge_camtrap(folder):
    """Checks the rules of Camtrap DP 1.0.2 for the written files; returns the tables by name."""
    package = json.loads((folder / "datapackage.json").read_text())
    for key in ("resources", "profile", "created", "contributors", "project", "spatial", "temporal", "taxonomic"):
        assert package[key] or key == "taxonomic", key
    assert package["project"].keys() >= {"title", "samplingDesign", "captureMethod", "individualAnimals",
                                         "observationLevel"}
    assert all("/1.0.2/" in url for url in [package["profile"], *(part["schema"] for part in package["resources"])])
    tables = {}
    for part in package["resources"]:
        with open(folder / part["path"], newline="", encoding="utf-8") as file:
            tables[part["name"]] = list(csv.DictReader(file))
        for row in tables[part["name"]]:
            assert None not in row and None not in row.values(), row
            assert all(row[key] for key in REQUIRED[part["name"]]), row
    ids = {name: {row[f"{key}ID"] for row in tables[name]}
           for name, key in (("deployments", "deployment"), ("media", "media"), ("observations", "observation"))}
    assert all(len(ids[name]) == len(tables[name]) for name in ids)
    for row in tables["media"]:
        assert row["deploymentID"] in ids["deployments"] and WHEN.fullmatch(row["timestamp"])
        assert re.fullmatch(r"^(?=^[^./~])(^((?!\.{2}).)*$).*$", row["filePath"]) and row["filePublic"] == "false"
    names = set()
    for row in tables["observations"]:
        assert row["mediaID"] in ids["media"] and row["deploymentID"] in ids["deployments"]
        assert row["observationLevel"] == "media" and WHEN.fullmatch(row["eventStart"])
        assert row["observationType"] in ("animal", "human", "vehicle", "blank", "unclassified")
        assert row["count"] == ("1" if row["observationType"] in ("animal", "human", "vehicle") else "")
        for key in ("bboxX", "bboxY", "bboxWidth", "bboxHeight", "classificationProbability"):
            assert not row[key] or 0 <= float(row[key]) <= 1, row
        assert all(not row[key] or float(row[key]) > 0 for key in ("bboxWidth", "bboxHeight"))
        names |= {row["scientificName"]} - {""}
    assert names == {taxon["scientificName"] for taxon in package["taxonomic"]}
    for row in tables["deployments"]:
        assert WHEN.fullmatch(row["deploymentStart"]) and row["deploymentStart"] <= row["deploymentEnd"]
        datetime.datetime.fromisoformat(row["deploymentEnd"])
        assert -90 <= float(row["latitude"]) <= 90 and -180 <= float(row["longitude"]) <= 180
    return package, tables


def camtrap_packages_pass_the_formats_rules():
    with Place() as at:
        shaped(at)
        folder = at.images / "north" / "DCIM" / "100RECNX"
        folder.mkdir(parents=True)
        egret = (emulator.IMAGES / "nothing_at_night.jpg").read_bytes()
        for hour in (3, 1):
            (folder / f"RCNX{hour}.JPG").write_bytes(
                egret[:2] + exif(when=f"2026:05:0{hour} 0{hour}:00:00", latitude=-2.5, longitude=34.833) + egret[2:])
        (folder / "no_time.jpg").write_bytes(jpeg("no time"))
        (folder / "half.jpg").write_bytes(jpeg("half", when="0000:00:00 00:00:00", latitude=1.0))
        at.tool("run", at.images)
        at.tool("export", "-f", "camtrap-dp", at.images, code=USAGE)
        out = at.root / "package"
        at.tool("export", "-f", "camtrap-dp", "-o", out, at.images, code=USAGE)
        at.tool("export", "-f", "camtrap-dp", "-o", out, "--timezone", "+03:00", at.images, code=SOME_FAILED)
        assert "--location" in at.tool.said and not out.exists()
        for _ in range(2):  # the second export replaces the first
            at.tool("export", "-f", "camtrap-dp", "-o", out, "--timezone", "+03:00", "--location", "-1.5,35", at.images)
        assert "2 images are left out" in at.tool.said, at.tool.said
        assert sorted(path.name for path in at.root.iterdir()) == ["answers.json", "home", "images", "ledger.json",
                                                                   "package"]
        package, tables = judge_camtrap(out)
        north = next(row for row in tables["deployments"] if row["deploymentID"] == "north")
        assert north["deploymentStart"] == "2026-05-01T01:00:00+03:00" and north["latitude"] == "-2.500000", north
        assert next(row["cameraID"] for row in tables["deployments"] if row["deploymentID"] == "root") == "H1234567"
        assert package["temporal"] == {"start": "2026-05-01", "end": "2026-06-01"}
        assert {"scientificName": "Vulpes vulpes", "taxonRank": "species"} in package["taxonomic"], package["taxonomic"]


# ---- files ----

def an_export_is_there_whole_or_not_at_all():
    with Place() as at:
        (at.images / "a.jpg").write_bytes(jpeg("a"))
        at.tool("run", at.images)
        out = at.root / "out.json"
        out.write_text("as it was")
        at.tool("export", "-o", at.root / "no" / "such" / "folder.json", at.images, code=SOME_FAILED)
        with open("/dev/full", "wb") as full:
            ended = subprocess.run([at.tool.program, "export", at.images], env=at.tool.environment, stdout=full,
                                   stderr=subprocess.PIPE, check=False)
        assert ended.returncode == SOME_FAILED and b"No space left" in ended.stderr, ended
        assert out.read_text() == "as it was"
        at.tool("export", "-o", out, at.images)
        judge_md(out.read_text())
        assert not [path for path in at.root.iterdir() if path.name.startswith("out.json.")]
        at.tool("export", at.root, code=USAGE)
        assert "has no ledger yet" in at.tool.said


TESTS = (megadetector_files_pass_the_formats_rules, the_numbers_of_species_stay, pending_images_are_failures_for_now,
         csv_has_a_row_for_each_detection, json_lines_contain_the_services_own_message,
         camtrap_packages_pass_the_formats_rules, an_export_is_there_whole_or_not_at_all)

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[3:]))
