#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet tool and a memory card that is removed in the middle of a run and put back.

    test_card.py TOOL EMULATOR
"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit.card import ExfatCard, enter  # noqa: E402

enter()  # first of all, because it restarts the program

from tool_kit import GO_ON, Place, run_all, season, wait_for, works  # noqa: E402

IMAGES = 60
SOME = 8  # images that are done before the card is removed


def taken_out(how):
    """Checks the messages and the exit code of the run; a second run with the card back completes it."""
    with Place("--processing", "fixed:300") as at:
        card = ExfatCard(at.root / "card", at.images)
        ledger = at.root / "x.ledger"
        with card.mounted() as driver:
            season(at.images, IMAGES)
            process = at.tool.start("run", "--ledger", ledger, "--jobs", "4", at.images)
            wait_for(lambda: works(ledger, "state IN (1, 2)") >= SOME, process)
            how(card, driver)
            code, _, at.tool.said = at.tool.end(process)
        said, counts = at.tool.said, at.tool.counts()
        assert code == GO_ON and " is gone" in said and "run the same command again" in said, (code, said)
        assert sum(counts.values()) == IMAGES and counts["processed"] >= SOME, counts
        assert counts["pending"] > 0 and counts["failed"] == counts["skipped"] == 0, said
        at.tool("run", "--ledger", ledger, at.images, code=GO_ON)  # a mount point without its card
        assert at.tool.counts() == counts and "is empty, as if the card was removed" in at.tool.said, (at.tool.said, counts)
        with card.mounted():
            at.tool("run", "--ledger", ledger, at.images)
            assert at.tool.counts() == {"processed": IMAGES, "failed": 0, "skipped": 0, "pending": 0}, at.tool.said
        at.service.stop()
        at.service.judge(IMAGES)


def a_card_that_is_pulled_out_leaves_images_pending():
    taken_out(lambda card, driver: (driver.kill(), driver.wait()))


def a_card_that_is_unmounted_leaves_images_pending():
    taken_out(lambda card, driver: card.unmount())


TESTS = (a_card_that_is_pulled_out_leaves_images_pending, a_card_that_is_unmounted_leaves_images_pending)

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[3:]))
