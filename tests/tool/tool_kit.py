# SPDX-License-Identifier: MIT
"""A test kit for the fleet tool: drawn images, the program with its own home folder, and its parsed exports.

Promises: the files of the user who runs the tests (state, configuration, key) are neither read nor written; a key in
any output is a failure.
"""
import concurrent.futures
import fcntl
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import emulator  # noqa: E402
from kit.checks import Checks  # noqa: E402

DONE, SOME_FAILED, USAGE, KEY, GO_ON = range(5)
SECONDS = 240
AT_ONCE = 4


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(when=None, serial=None, latitude=None, longitude=None, make=b"RECONYX   "):
    """A big-endian TIFF block like that of a camera."""
    ifd0, sub, gps, heap = [], [], [], b""
    base = 8

    def text(value):
        return 2, len(value) + 1, value + b"\0"

    def angle(value):
        degrees, rest = divmod(abs(value) * 3600, 3600)
        minutes, seconds = divmod(rest, 60)
        return 5, 3, struct.pack(">6I", int(degrees), 1, int(minutes), 1, round(seconds * 1000), 1000)

    ifd0.append((0x010F, *text(make)))
    if when:
        sub.append((0x9003, *text(when.encode())))
    if serial:
        sub.append((0xA431, *text(serial.encode())))
    if latitude is not None:
        gps += [(1, *text(b"N" if latitude >= 0 else b"S")), (2, *angle(latitude))]
    if longitude is not None:
        gps += [(3, *text(b"E" if longitude >= 0 else b"W")), (4, *angle(longitude))]
    sizes = [2 + 12 * (len(ifd0) + 2) + 4, 2 + 12 * len(sub) + 4, 2 + 12 * len(gps) + 4]
    places = [base, base + sizes[0], base + sizes[0] + sizes[1]]
    heap_at = base + sum(sizes)
    ifd0 += [(0x8769, 4, 1, struct.pack(">I", places[1])), (0x8825, 4, 1, struct.pack(">I", places[2]))]
    out = b"MM\0*" + struct.pack(">I", base)
    for entries in (ifd0, sub, gps):
        out += struct.pack(">H", len(entries))
        for tag, kind, count, value in entries:
            out += struct.pack(">HHI", tag, kind, count)
            if len(value) <= 4:
                out += value.ljust(4, b"\0")
            else:
                out += struct.pack(">I", heap_at + len(heap))
                heap += value
        out += struct.pack(">I", 0)
    return segment(0xE1, b"Exif\0\0" + out + heap)


FOX = (emulator.IMAGES / "fox_at_night.jpg").read_bytes()


def jpeg(text, **taken):
    """A complete JPEG, unique for this text: the drawn fox with a comment, and optionally EXIF data."""
    return FOX[:2] + (exif(**taken) if taken else b"") + segment(0xFE, str(text).encode()) + FOX[2:]


def season(folder, count, per_folder=100):
    """Creates images like those of several cards: the same names in every folder."""
    for index in range(count):
        place = folder / f"S{index // per_folder:02d}" / "DCIM" / "100RECNX"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"RCNX{index % per_folder:04d}.JPG").write_bytes(jpeg(index))


def is_sanitized(program):
    """True if the program was built with ASan, which does not work with a preloaded library."""
    return b"__asan_init" in pathlib.Path(program).read_bytes()


def counts_in(said):
    line = next(line for line in said.splitlines() if " done, " in line)
    counts = {word: int(number) for number, word in (part.split()[:2] for part in line.split(";")[0].split(", "))}
    return {"processed": counts.pop("done") + counts.pop("empty"), **counts}


class Tool:
    def __init__(self, program, home, service=None):
        self.program = program
        self.home = pathlib.Path(home)
        self.home.mkdir(exist_ok=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TZ": "UTC"}
        for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.config = self.home / ".config" / "animaldetect" / "config"
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text("poll = latency\n")  # tests do not wait in order to save quota
        if service:
            self.use(service)

    def use(self, service):
        self.environment |= service.environment()

    def start(self, *arguments, **options):
        return subprocess.Popen([self.program, *map(os.fspath, arguments)], env=self.environment,
                                stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **options)

    def end(self, process, given=None):
        out, err = process.communicate(given, timeout=SECONDS)
        assert emulator.KEY.encode() not in out + err, "the key was printed"
        return process.returncode, out, err.decode()

    def __call__(self, *arguments, code=DONE, given=None, **options):
        """Runs the tool until it exits; returns its standard output. `said` has its standard error."""
        if given is not None:
            options["stdin"] = subprocess.PIPE
        seen, out, self.said = self.end(self.start(*arguments, **options), given)
        assert seen == code, f"exit code {seen}, not {code}\n{self.said}{out[-2000:]}"
        return out

    def terminal(self, columns, *arguments):
        """(exit code, what it printed to a terminal of that width)"""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([self.program, *arguments], env=self.environment, stdout=theirs, stderr=theirs)
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:
            pass  # the program closed the terminal
        os.close(ours)
        assert emulator.KEY.encode() not in said, "the key was printed"
        return process.wait(), said.decode()

    def lines(self, *arguments):
        """The rows of the JSON lines export, by file."""
        rows = [json.loads(line) for line in self("export", "-f", "jsonl", *arguments).splitlines()]
        by_file = {row["file"]: row for row in rows}
        assert len(by_file) == len(rows), "a file stands there twice"
        return by_file

    def states(self, *arguments):
        """The state of each file; "processed" for images with and without detections."""
        states = {"done": "processed", "empty": "processed"}
        return {file: states.get(row["state"], row["state"]) for file, row in self.lines(*arguments).items()}

    def counts(self):
        """The summary line of the last run. `processed` counts results with and without detections."""
        return counts_in(self.said)


class Place:
    """A new service, an empty folder `images`, and the tool with an empty home."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.images = self.root / "images"
        self.images.mkdir()
        self.service = self.fresh(*self.options)
        self.tool = Tool(sys.argv[1], self.root / "home", self.service)
        return self

    def fresh(self, *options):
        return emulator.Emulator(sys.argv[2], "--processing", "fixed:50", "--answers", emulator.IMAGES / "answers.json",
                                 *options, ledger=self.root / "ledger.json")

    def again(self, *options):
        """Replaces the service by a new one; returns the counts of the previous one."""
        self.service.stop()
        counts = self.service.ledger["counts"]
        self.service = self.fresh(*options)
        self.tool.use(self.service)
        return counts

    def counts(self):
        self.service.stop()
        return self.service.ledger["counts"]

    def __exit__(self, *_):
        if self.service.process.poll() is None:
            self.service.kill()
        self.folder.cleanup()


def wait_for(condition, process):
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def works(ledger, where="1"):
    """The number of works in a ledger, which the program may be writing."""
    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10) as base:
            return base.execute(f"SELECT count(*) FROM work WHERE {where}").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def run_all(tests, names, at_once=AT_ONCE):
    """Runs the tests concurrently, since they mostly wait. `names` selects tests; empty means all."""
    checks = Checks()
    wanted = [test for test in tests if not names or test.__name__ in names]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(checks.check, test.__name__, test) for test in wanted]:
            done.result()
    return checks.finish()
