#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Searches the memory of a process that has freed its client for the API key, as in a core file.

    key.py CLIENT EMULATOR

Two promises. No memory of this library keeps a key: tested with a custom transport, so that no other library ever has
one. With an allocator that overwrites freed memory (glibc's, by a tunable), no copy remains after requests through
libcurl either, whose freed buffers the library cannot overwrite.
"""
import os
import pathlib
import secrets
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from kit import emulator  # noqa: E402
from kit.checks import Checks  # noqa: E402

CLIENT, EMULATOR = sys.argv[1:3]
IMAGE = emulator.IMAGES / "deer.png"
# Without the per-thread cache, which does not overwrite small blocks.
OVERWRITE = {"GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"}
# The searched length: the allocator reuses the first bytes of a freed block, and "Bearer " may precede the key.
TAIL = 16


def copies(process, key):
    """The number of occurrences of the key's last bytes in the writable memory of the process."""
    found = 0
    with open(f"/proc/{process.pid}/maps", encoding="ascii") as maps, open(f"/proc/{process.pid}/mem", "rb") as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "w" not in rights or line.rstrip().endswith("[vvar]"):
                continue
            begin, end = (int(part, 16) for part in span.split("-"))
            memory.seek(begin)
            found += memory.read(end - begin).count(key.encode()[-TAIL:])
    return found


class Host:
    """The client program, which waits at each of its stops."""

    def __init__(self, transport, base_url, **environment):
        plain = {name: value for name, value in os.environ.items() if "API_KEY" not in name}
        self.process = subprocess.Popen([CLIENT, transport, IMAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        bufsize=0, preexec_fn=emulator.end_with_parent,
                                        env={**plain, "AD_API_BASE_URL": base_url, "no_proxy": "127.0.0.1", **environment})
        self.expect("ready")

    def expect(self, word):
        line = self.process.stdout.readline().decode().strip()
        assert line == word, f"{line!r} in place of {word!r}, exit code {self.process.poll()}"

    def go(self, word, given=""):
        """Continues to the next stop; a key is passed in a separate write."""
        self.process.stdin.write(b"\n")
        if given:
            self.process.stdin.write(given.encode() + b"\n")
        self.expect(word)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


def lives(transport, base_url, key, **environment):
    """Runs the client from start to exit; returns the number of copies of two keys at each stop."""
    other = key[:-TAIL] + secrets.token_hex(TAIL // 2)
    host = Host(transport, base_url, **environment)
    try:
        seen = {}
        for word, given in (("has a key", key), ("used", ""), ("has another key", other), ("freed", "")):
            host.go(word, given)
            seen[word] = copies(host.process, key), copies(host.process, other)
        return seen
    finally:
        host.end()


def nothing_of_the_librarys_keeps_a_key():
    seen = lives("own", "https://127.0.0.1:1/v1", "sk_test_" + secrets.token_hex(20))
    assert seen["has a key"][0] >= 1, f"the search does not find the key while it is in use: {seen}"
    assert seen["used"][0] == seen["has a key"][0], f"a request left a copy: {seen}"
    # one copy remains, which masks the old key in messages
    assert seen["has another key"] == (1, seen["has a key"][0]), f"copies of an exchanged key: {seen}"
    assert seen["freed"] == (0, 0), f"a freed client left a copy: {seen}"


def no_key_is_left_when_the_allocator_overwrites_what_is_freed(service):
    seen = lives("libcurl", service.url, emulator.KEY, **OVERWRITE)
    assert seen["used"][0] >= 1, seen
    assert seen["has another key"][1] >= 1, seen
    assert seen["freed"] == (0, 0), f"a freed client left a copy: {seen}"


def main():
    checks = Checks()
    checks.check("nothing_of_the_librarys_keeps_a_key", nothing_of_the_librarys_keeps_a_key)
    with emulator.service(EMULATOR) as service:
        checks.check("no_key_is_left_when_the_allocator_overwrites_what_is_freed",
                     no_key_is_left_when_the_allocator_overwrites_what_is_freed, service)
        left = lives("libcurl", service.url, emulator.KEY)
    print(f"without that: {left['freed'][0]} copies in libcurl's freed buffers")
    return checks.finish()


sys.exit(main())
