#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that every function of the library is reachable from a public one: code that only tests call proves nothing.

usage: check_alive.py SOURCE_ROOT VERSION_SCRIPT INCLUDE COMPILER...

Compiles lib/ (without lib/testing) with one section per function and without inlining, links it like the shared
library, and lets the linker list what no public function reaches. A function that only tests call is dead; the
exceptions, for other systems or for inspection by tests, are listed below with their reasons. `--also FILE` compiles
one more file, to show that the check can fail.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ALLOWED_FILES = ("transport/reactor/poll.c", "transport/reactor/ready.h")  # the reactor of systems without epoll
ALLOWED = {
    "said_posix": "the strerror_r of other C libraries",
    "ad_rng_unit": "the service model draws with it",
}
LIBRARYS_OWN = "_curl_"  # inline functions of libcurl's header
REMOVED = re.compile(r"removing unused section '\.text\.([A-Za-z0-9_]+)' in file")
PACKAGES = ("libcurl", "jansson", "libsodium")


def packages(what):
    return subprocess.run(["pkg-config", what, *PACKAGES], capture_output=True, text=True, check=True).stdout.split()


def unreachable(root, version_script, include, compiler, more):
    sources = [path for path in sorted((root / "lib").rglob("*.c")) if "testing" not in path.relative_to(root).parts]
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        flags = ["-O0", "-std=gnu11", "-D_GNU_SOURCE", "-DANIMALDETECT_BUILD", "-DAD_HAS_EPOLL", "-fPIC", "-fvisibility=hidden",
                 "-ffunction-sections", f"-I{root / 'lib'}", f"-I{root / 'include'}", f"-I{include}", *packages("--cflags")]
        running = []
        for number, source in enumerate([*sources, *more]):
            objects.append(f"{folder}/{number}.o")
            running.append(subprocess.Popen([*compiler, *flags, "-w", "-c", str(source), "-o", objects[-1]]))
            if len(running) >= 2:
                assert running.pop(0).wait() == 0
        assert all(one.wait() == 0 for one in running)
        done = subprocess.run([*compiler, "-shared", "-Wl,--gc-sections", "-Wl,--print-gc-sections",
                               f"-Wl,--version-script={version_script}", "-o", f"{folder}/all.so", *objects,
                               *packages("--libs"), "-pthread", "-lm"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return len(sources), sorted(set(REMOVED.findall(done.stderr + done.stdout)))


def tests_of(root, function):
    return [path.name for path in sorted((root / "tests").rglob("*.c"))
            if re.search(rf"\b{function}\b", path.read_text(encoding="utf-8"))]


def main():
    arguments = sys.argv[1:]
    more = []
    while "--also" in arguments:
        at = arguments.index("--also")
        more.append(arguments[at + 1])
        del arguments[at:at + 2]
    root = pathlib.Path(arguments[0])
    files, dead = unreachable(root, arguments[1], arguments[2], arguments[3:], more)
    elsewhere = "".join((root / "lib" / name).read_text(encoding="utf-8") for name in ALLOWED_FILES)
    wrong = [name for name in dead if not name.startswith(LIBRARYS_OWN) and name not in ALLOWED
             and not re.search(rf"^(?:\w[\w *]*\b)?{name}\(", elsewhere, re.M)]
    for name in wrong:
        print(f"not ok {name} is reached by no public function; named in {', '.join(tests_of(root, name)) or 'no test'}")
    if not wrong:
        print(f"ok all functions of {files} files are reached by a public one, but for what is listed with its reason")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
