#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool's preview: its files, and the page in Chromium if installed. The console must be empty.

    test_preview.py TOOL EMULATOR [PICTURE...]

PICTURE is a folder in which to keep the screenshots for inspection.
"""
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile

import browser
from browser import Browser
from tool_kit import SOME_FAILED, USAGE, Place, jpeg, run_all


PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
BOX = {"label": "red fox", "score": 0.97, "bbox": [0.24, 0.51, 0.45, 0.33]}
PERSON = {"label": "human", "score": 0.8, "bbox": [0.1, 0.1, 0.2, 0.6]}
EVIL = {"label": "<img src=x onerror=alert(1)></script>", "score": 0.5, "bbox": [0.1, 0, 0.2, 0.2]}


def data_of(folder):
    text = (folder / "data.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.AD = ").rstrip().removesuffix(";"))


def tree(at):
    """Foxes by night and day, a person, an empty image, a broken one, file names that are hard to print."""
    answers = {"images": {}}

    def add(name, content, *boxes):
        path = at.images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        answers["images"][os.fsencode(name).hex()] = {"sha256": hashlib.sha256(content).hexdigest(),
                                                     "animal_detect_like": {"annotations": list(boxes)}}

    for index in range(12):
        add(f"north/R{index:04d}.JPG", jpeg(index, when=f"2026:06:{index + 1:02d} {index * 2:02d}:00:00"), BOX)
    add("south/person.jpg", jpeg("person"), PERSON, BOX)
    add("south/100% #1?.jpg", jpeg("hash"), EVIL)
    add("south/<b>&\"'.jpg", jpeg("html"), BOX)
    add(os.fsdecode(b"south/caf\xe9.jpg"), jpeg("latin"), BOX)
    add("empty.jpg", jpeg("empty"))
    (at.images / "cut.jpg").write_bytes(jpeg("cut")[:-200])
    (at.root / "answers.json").write_text(json.dumps(answers))
    at.again("--answers", str(at.root / "answers.json"))
    at.tool("run", at.images, code=SOME_FAILED)


def the_files_say_what_the_ledger_says():
    with Place() as at:
        tree(at)
        out = at.root / "pages" / "page"
        at.tool("preview", at.images, code=USAGE)
        at.tool("preview", "-o", out, at.images, code=SOME_FAILED)  # the parent of the output folder does not exist
        out.parent.mkdir()
        for _ in range(2):
            at.tool("preview", "-o", out, at.images)
        assert sorted(path.name for path in out.iterdir()) == ["data.js", "index.html"]
        assert [path.name for path in out.parent.iterdir()] == ["page"]
        data = data_of(out)
        assert data["base"] == "../../images/" and data["title"] == "images" and data["hidden"] == 0
        rows = {row[0]: row for row in data["images"]}
        assert len(rows) == 18 and rows["bytes:south/caf%E9.jpg"][1] == "south/caf%E9.jpg"
        assert rows["south/100% #1?.jpg"][1] == "south/100%25%20%231%3F.jpg"
        assert rows["cut.jpg"][2] == "failed" and rows["cut.jpg"][5].startswith("broken")
        assert rows["north/R0003.JPG"][3] == "2026-06-04T06:00:00"
        at.tool("preview", "--hide-people", "-o", out, at.images)
        hidden = data_of(out)
        assert hidden["hidden"] == 1 and "person" not in (out / "data.js").read_text()
        page = (out / "index.html").read_text()
        assert "http://" not in page.replace("http://www.w3.org/2000/svg", "") and "https://" not in page


def keep(session, name):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        session.picture(path)
        assert path.stat().st_size > 5000
        if PICTURES:
            shutil.copy(path, PICTURES / name)


def shown(session):
    return session.value("document.getElementById('summary').textContent")


def the_page_works_by_keyboard():
    with Place() as at, Browser(1300, 850) as session:
        tree(at)
        at.tool("preview", "-o", at.root / "page", at.images)
        session.open(at.root / "page" / "index.html")
        session.wait("document.querySelectorAll('.tile .box').length === 17")
        assert shown(session) == "18 images"
        keep(session, "page.png")
        session.press("ArrowDown")
        session.press("Home")
        session.press("ArrowRight")
        session.press("Enter")
        session.wait("document.getElementById('viewer').open")
        first = session.value("document.querySelector('#facts h2').textContent")
        session.press("ArrowRight")
        assert session.value("document.querySelector('#facts h2').textContent") != first
        keep(session, "viewer.png")
        session.press("Escape")
        session.wait("!document.getElementById('viewer').open")
        session.press("/")
        for letter in "person":
            session.press(letter)
        session.wait("document.getElementById('summary').textContent === '1 of 18 images'")
        session.press("Escape")
        session.value("document.getElementById('reset').click()")
        session.value("[...document.querySelectorAll('#species button')].find((one) => one.title === 'human').click()")
        assert shown(session) == "1 of 18 images"
        session.value("document.getElementById('reset').click()")
        session.value("[...document.querySelectorAll('#states button')].at(-1).click()")
        assert shown(session) == "1 of 18 images" and session.value("document.querySelector('.word').textContent"
                                                                  ).startswith("broken")
        assert session.value("document.querySelectorAll('img[onerror]').length") == 0
        session.value("document.getElementById('reset').click()")
        assert session.value("document.getElementById('reset').hidden")
        session.value("document.getElementById('days').focus()")
        session.press("ArrowRight")
        session.press("ArrowRight")
        assert shown(session) == "1 of 18 images" and session.value("document.getElementById('day-text').textContent"
                                                                  ) == "2026-06-02"
        session.press("Escape")
        assert shown(session) == "18 images"
        assert not session.complaints, session.complaints


def the_page_fits_a_phone():
    with Place() as at, Browser(390, 800) as session:
        tree(at)
        at.tool("preview", "-o", at.root / "page", at.images)
        session.open(at.root / "page" / "index.html")
        assert session.value("document.documentElement.scrollWidth") <= 390
        assert session.value("getComputedStyle(document.getElementById('side')).display") == "none"
        keep(session, "phone.png")
        session.value("document.getElementById('menu').click()")
        assert session.value("getComputedStyle(document.getElementById('side')).display") != "none"
        session.value("document.getElementById('main').click()")
        session.value("document.querySelector('.tile').click()")
        session.wait("document.getElementById('viewer').open")
        keep(session, "phone_viewer.png")
        assert not session.complaints, session.complaints


def twenty_thousand_images_are_no_more_in_the_document_than_a_few():
    with Place() as at, Browser(1300, 850) as session:
        (at.images / "a.jpg").write_bytes(jpeg("a"))
        at.tool("run", at.images)
        page = at.root / "page"
        at.tool("preview", "-o", page, at.images)
        data = data_of(page)
        data["images"] = [[f"f{index // 500}/{index:05d}.jpg", "a.jpg", "done" if index % 3 else "empty",
                           f"2026-{index % 12 + 1:02d}-{index % 28 + 1:02d}T{index % 24:02d}:00:00",
                           [[0.1, 0.1, 0.3, 0.3, index % 100 / 100, 1, f"species {index % 90}"]][:index % 3], ""]
                          for index in range(20000)]
        (page / "data.js").write_text("window.AD = " + json.dumps(data) + ";")
        session.open(page / "index.html")
        assert shown(session) == "20,000 images"
        assert session.value("document.querySelectorAll('.tile').length") < 150
        session.value("document.querySelector('.tile').focus()")
        session.press("End")
        session.wait("document.activeElement.getAttribute('aria-label')?.startsWith('19999.jpg')")
        assert session.value("document.querySelectorAll('.tile').length") < 150
        session.value("document.querySelector('#species button').click()")
        assert shown(session).endswith(" of 20,000 images")
        assert not session.complaints, session.complaints


TESTS = (the_files_say_what_the_ledger_says, the_page_works_by_keyboard, the_page_fits_a_phone,
         twenty_thousand_images_are_no_more_in_the_document_than_a_few)

if __name__ == "__main__":
    if browser.PROGRAM is None:
        print("skip the page in a browser: chromium is not installed")
        TESTS = TESTS[:1]
    sys.exit(run_all(TESTS, []))
