#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images on a real exFAT card: unchanged ones are sent although their inode numbers change, changed ones are not.

    card.py BUILD_ROOT

Skips if exFAT through FUSE is not installed or cannot be mounted. Each function is a promise; its name is printed.
"""
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit.card import ExfatCard, enter  # noqa: E402

enter()  # first of all, because it restarts the program

import front_kit as kit  # noqa: E402

CLIENT = kit.BUILD / "tests" / "live" / "card_client"
COUNT = 5
SECONDS = 10


class Card(ExfatCard):
    def __init__(self):
        super().__init__(kit.words(), kit.words())

    def fill(self):
        folder = self.folder / "DCIM" / "100RECNX"
        folder.mkdir(parents=True)
        paths = [folder / f"RCNX{number:04}.JPG" for number in range(COUNT)]
        for path, image in zip(paths, kit.images(COUNT, 150000)):
            path.write_bytes(image.read_bytes())
        os.sync()
        return paths


def _forget_inodes(paths):
    """Empties the inode cache, as memory pressure would."""
    before = [path.stat().st_ino for path in paths]
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("2", encoding="ascii")
    except OSError as error:
        raise kit.Skip(f"the inode cache cannot be emptied: {error}") from error
    after = [path.stat().st_ino for path in paths]
    assert before != after, f"the inode numbers have lasted, so this shows nothing: {before}"


class Client:
    """The client program with these files, after it has created their jobs."""

    def __init__(self, running, paths):
        self.process = subprocess.Popen([CLIENT, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**kit.ENVIRONMENT, "AD_API_KEY": kit.KEY, "AD_API_BASE_URL": running.url},
                                        preexec_fn=kit.emulator.end_with_parent)
        self.created = self._ends()

    def _ends(self):
        lines = []
        while (line := self.process.stdout.readline().rstrip("\n")):
            lines.append(tuple(line.split("\t")))
        return lines

    def __call__(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self._ends()

    def __enter__(self):
        assert self.created == [("ANIMALDETECT_OK", "")] * COUNT, self.created
        return self

    def __exit__(self, failure, *_):
        if failure:
            self.process.kill()
        self.process.communicate("stop\n" if not failure else None, SECONDS)
        assert failure or self.process.returncode == 0, self.process.returncode


def _statuses(ends):
    return [status.removeprefix("ANIMALDETECT_") for status, _ in ends]


def unchanged_images_on_an_exfat_card_are_all_sent():
    card = Card()
    with kit.service() as running, card.mounted():
        paths = card.fill()
        with Client(running, paths) as client:
            _forget_inodes(paths)
            ends = client("run")
            assert _statuses(ends) == ["OK"] * COUNT, ends
    running.judge(COUNT)


def an_image_that_was_overwritten_on_the_card_is_not_submitted():
    card = Card()
    with kit.service() as running, card.mounted():
        paths = card.fill()
        with Client(running, paths) as client:
            changed = bytearray(paths[2].read_bytes())
            changed[-1] ^= 1
            paths[2].write_bytes(changed)
            _forget_inodes(paths)
            ends = client("run")
            assert _statuses(ends) == ["OK", "OK", "E_FILE_CHANGED", "OK", "OK"], ends
            ends = client("rerun")
            assert _statuses(ends) == ["OK"] * COUNT, ends
    running.judge(COUNT + 1, submits=COUNT)


def a_card_that_is_pulled_out_and_put_back_loses_nothing():
    card = Card()
    with kit.service() as running:
        with card.mounted():
            paths = card.fill()
            client = Client(running, paths)
        with client:
            ends = client("run")
            assert _statuses(ends) == ["E_MEDIUM"] * COUNT, ends
            assert all(re.search("medium of the file is gone", words) for _, words in ends), ends
            with card.mounted():
                ends = client("run")
                assert _statuses(ends) == ["OK"] * COUNT, ends
    running.judge(COUNT)


def a_card_whose_driver_dies_is_a_medium_that_failed():
    card = Card()
    with kit.service() as running:
        with card.mounted() as driver:
            paths = card.fill()
            with Client(running, paths) as client:
                driver.kill()
                driver.wait(SECONDS)
                ends = client("run")
                assert _statuses(ends) == ["E_MEDIUM"] * COUNT, ends
    running.judge(COUNT, submits=0)


if __name__ == "__main__":
    sys.exit(kit.keep_promises(globals()))
