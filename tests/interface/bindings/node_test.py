#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The addon in examples/node: builds it, compares its values with the C headers, runs its demo and node_test.js.

    node_test.py LIBRARY EMULATOR BUILD-FOLDER HEADER-FOLDER...

Exit code 77, with a word, when Node.js or its headers are not here.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import bindings_kit as kit  # noqa: E402

sys.path.insert(0, str(kit.ROOT / "lib" / "abi"))

import header  # noqa: E402

LIBRARY, EMULATOR, BUILD, HEADERS = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4:]
NODE = kit.ROOT / "examples" / "node"
ADDON = BUILD.resolve() / "animaldetect.node"


def build():
    """Answers 77 when a part of the toolchain is missing."""
    flags = [*(f"-I{folder}" for folder in HEADERS), str(LIBRARY.resolve()), f"-Wl,-rpath,{LIBRARY.resolve().parent}"]
    environment = {**os.environ, "ANIMALDETECT_FLAGS": " ".join(flags), "CFLAGS": "-Wconversion -Wshadow -Werror"}
    done = subprocess.run([NODE / "build.sh", ADDON], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=environment, check=False)
    print(done.stdout, end="", flush=True)
    return done.returncode


def every_value_is_that_of_the_headers():
    words = kit.run(["node", "-e", f"console.log(JSON.stringify(require({json.dumps(str(NODE / 'constants.js'))})))"])
    prefixes = {"Status": "", "Operation": "OPERATION_", "State": "STATE_", "Stage": "STAGE_", "Step": "STEP_",
                "PollMode": "POLL_", "LogLevel": "LOG_", "Rank": "RANK_", "Statistic": "STAT_", "Scope": "SCOPE_",
                "Pause": "PAUSE_", "Hold": "HOLD_", "ResultKind": "RESULT_"}
    here = {f"ANIMALDETECT_{prefixes[group]}{name}": json.dumps(value)
            for group, names in json.loads(words).items() for name, value in names.items()}
    wanted = kit.bound_values(header.values(HEADERS))
    assert here == wanted, set(here.items()) ^ set(wanted.items())


def every_code_block_of_the_readme_is_javascript():
    for number, block in enumerate(kit.code_blocks(NODE / "README.md", "js")):
        file = BUILD / f"readme{number}.mjs"
        file.write_text(block)
        kit.run(["node", "--check", file])


def demo_shows_everything():
    with kit.service(EMULATOR) as running:
        words = kit.run(["node", NODE / "demo.js"], running, ANIMALDETECT_ADDON=ADDON)
    running.judge(kit.expected_jobs(words), kit.RERUN)


def promises_hold():
    """node_test.js prints a line for each."""
    with kit.service(EMULATOR) as running, kit.service(EMULATOR, "--fail", "1") as failing, \
            kit.service(EMULATOR, "--fault", "create:429:retry_after=3600") as limited:
        done = subprocess.run(["node", "--expose-gc", kit.ROOT / "tests" / "interface" / "bindings" / "node_test.js"], timeout=120,
                              env={**os.environ, **running.environment(), "ANIMALDETECT_ADDON": str(ADDON),
                                   "FAILING_URL": failing.url, "LIMITED_URL": limited.url}, check=False)
        assert done.returncode == 0, f"exit code {done.returncode}"
    for one in (running, limited):
        one.assert_clean()
    failing.assert_clean(kit.RERUN)


def main():
    if shutil.which("node") is None:
        print("skip the addon for Node.js: node is not here")
        return 77
    code = build()
    if code == 77:
        print("skip the addon for Node.js: its headers are not here (Debian: libnode-dev, libuv1-dev)")
        return 77
    checks = kit.Checks()
    print(f"# Node.js {kit.run(['node', '--version']).strip()}", flush=True)
    if code != 0:
        print("not ok the addon compiles without a warning")
        return 1
    print("ok the addon compiles without a warning", flush=True)
    for act in (every_value_is_that_of_the_headers, every_code_block_of_the_readme_is_javascript, demo_shows_everything,
                promises_hold):
        checks.check(act.__name__, act)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
