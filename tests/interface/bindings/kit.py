# SPDX-License-Identifier: MIT
"""For tests of bindings: an emulated service with its ledger, and one line per promise for tests/summary.py.

Promises: an emulator is stopped by its own process, never by its name, and listens where the system found a free port;
`finish` answers 0 only when at least one check passed and none failed.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[3]
IMAGES = ROOT / "examples" / "images"
# An emulator ends with its test, also when that crashes.
TIED = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
KEY = "sk_test_bindings_made_up"


class Service:
    """What the emulator said at its start, and its ledger once it has ended."""

    def __init__(self, base_url):
        self.base_url = base_url
        self.ledger = None

    @property
    def counts(self):
        return self.ledger["counts"]

    def environment(self):
        return {"AD_API_KEY": KEY, "AD_API_BASE_URL": self.base_url, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}


@contextlib.contextmanager
def service(emulator, *options):
    """A fresh service on loopback with the project's own images and answers."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = os.path.join(folder, "ledger.json")
        command = [*TIED, emulator, "--quiet", "--answers", IMAGES / "answers.json", "--ledger", ledger,
                   "--processing", "fixed:100", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "AD_API_KEY": KEY})
        try:
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                raise RuntimeError(f"the emulator did not start: {line!r}")
            process.stdout.readline()
            running = Service(line.split()[-1])
            yield running
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
        with open(ledger, encoding="utf-8") as file:
            running.ledger = json.load(file)


def judge(running, jobs, forgiven=None):
    """One job per image, each uploaded, and nothing that the service's contract forbids."""
    violations = [text for text in running.ledger["violations"] if text.split(":")[0] != forgiven]
    assert not violations, violations
    assert forgiven or running.ledger["violation_count"] == 0, running.ledger
    assert len(running.ledger["violations"]) == running.ledger["violation_count"], "the ledger does not tell them all"
    assert running.counts["jobs"] == jobs, (running.counts, jobs)
    assert running.counts["uploads"] >= jobs, running.counts


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, act, *arguments):
        try:
            act(*arguments)
        except Exception:
            print(f"not ok {name}", flush=True)
            print("".join(f"    {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
            self.failed += 1
        else:
            print(f"ok {name}", flush=True)
            self.passed += 1

    def finish(self):
        return 1 if self.failed or not self.passed else 0


def run(command, running=None, timeout=120, **environment):
    """A program that must succeed; its words, for a failure and for what it expects of the ledger."""
    given = {**os.environ, **(running.environment() if running else {}), **environment}
    done = subprocess.run(command, env=given, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}"
    assert KEY not in done.stdout, "the key was printed"
    return done.stdout


def bound_values(values):
    """Of the headers' values those that a binding of the client names; the transport's are for other hosts."""
    groups = ("OPERATION_", "STATE_", "STAGE_", "STEP_", "POLL_", "LOG_", "RANK_", "STAT_", "E_")
    status = {"ANIMALDETECT_OK", "ANIMALDETECT_AGAIN", "ANIMALDETECT_ABSENT"}
    return {name: value for name, value in values.items()
            if name in status or name.removeprefix("ANIMALDETECT_").startswith(groups)}


def code_blocks(file, language):
    """The fenced blocks of a document; at least one, or there is nothing to promise."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", pathlib.Path(file).read_text(encoding="utf-8"), re.M | re.S)
    assert blocks, f"no {language} in {file}"
    return blocks


def expected_jobs(words):
    return int(words.rstrip().rsplit("\n", 1)[-1].removeprefix("expected jobs: "))
