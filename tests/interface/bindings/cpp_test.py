#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C++ header in examples/cpp: compiled without a warning, its values against the C headers, its demo and promises.

    cpp_test.py LIBRARY EMULATOR BUILD-FOLDER HEADER-FOLDER...

Exit code 77, with a word, when there is no C++ compiler.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import bindings_kit as kit  # noqa: E402

sys.path.insert(0, str(kit.ROOT / "lib" / "abi"))

import header  # noqa: E402

LIBRARY, EMULATOR, WORK, HEADERS = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4:]
CPP = kit.ROOT / "examples" / "cpp"
HERE = pathlib.Path(__file__).resolve().parent
WARNINGS = "-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Werror".split()
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"]
COMPILER = shutil.which(os.environ.get("CXX", "c++"))

# What a block of the README that is not a whole program takes for granted.
PROLOGUE = """#include "animaldetect.hpp"
#include <poll.h>
#include <iostream>
#include <list>
void set_aside(const animaldetect::Error &error);
void report(const animaldetect::Result &result);
void later(std::chrono::milliseconds time);
void block(animaldetect::Client &client, const std::vector<std::string> &paths);
void block(animaldetect::Client &client, const std::vector<std::string> &paths)
{
    static_cast<void>(client);
    static_cast<void>(paths);
"""


def compile_to(output, sources, *options, compiler=COMPILER):
    folder = LIBRARY.resolve().parent
    command = [compiler, "-std=c++17", *WARNINGS, *(f"-I{path}" for path in [CPP, *HEADERS]), *options, *sources]
    if "-fsyntax-only" not in options:
        command += [f"-L{folder}", "-lanimaldetect", f"-Wl,-rpath,{folder}", "-pthread", "-o", output]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0 and not done.stdout, done.stdout
    return output


def it_compiles_without_a_warning_for_each_compiler_and_standard():
    compilers = [COMPILER, *filter(None, [shutil.which("clang++")])]
    for compiler in compilers:
        for standard in ("-std=c++17", "-std=c++20"):
            compile_to(None, [CPP / "demo.cpp"], standard, "-fsyntax-only", compiler=compiler)
    print("# " + ", ".join(compilers))


def every_value_is_that_of_the_headers():
    """The compiler gives the numbers. Here: all are there, each under its own name."""
    text = (CPP / "animaldetect.hpp").read_text(encoding="utf-8")
    pairs = []
    for group, body in re.findall(r"enum class (\w+) : std::int32_t \{(.*?)\};", text, re.S):
        prefix = {"Status": "", "ResultKind": "RESULT_"}.get(group, group.upper() + "_")
        for name, value in re.findall(r"(\w+) = (\w+),", body):
            plain = value.removeprefix("ANIMALDETECT_").removeprefix("E_").removeprefix(prefix)
            assert name.rstrip("_").upper() == plain, f"{group}::{name} is {value}"
            pairs.append(value)
    pairs += re.findall(r"inline constexpr const char \*\w+ = (ANIMALDETECT_OPERATION_\w+);", text)
    wanted = set(kit.bound_values(header.values(HEADERS)))
    assert len(pairs) == len(set(pairs)) and set(pairs) == wanted, set(pairs) ^ wanted


def every_setter_and_getter_is_bound():
    """All that a host may call; a transport of the host's own is made in C."""
    text = (CPP / "animaldetect.hpp").read_text(encoding="utf-8")
    other = ("animaldetect_transport_", "animaldetect_exchange_", "animaldetect_version")
    left_out = {"animaldetect_client_set_transport",
                # an object's place is not its host's business; its own is kept there
                "animaldetect_job_client",
                # the numbers have names of their own
                "animaldetect_state_name", "animaldetect_stage_name", "animaldetect_step_name"}
    missing = [name for name in header.functions(HEADERS) if not name.startswith(other) and name not in left_out
               and not re.search(rf"\b{name}\b", text)]
    assert not missing, missing


def every_code_block_of_the_readme_compiles():
    for number, code in enumerate(kit.code_blocks(CPP / "README.md", "cpp")):
        file = WORK / f"readme{number}.cpp"
        file.write_text(code if "#include" in code else f"{PROLOGUE}{code}}}\n", encoding="utf-8")
        compile_to(None, [file], "-fsyntax-only", "-Wno-unused-variable")


def _demo(service, *options, **environment):
    words = kit.run([compile_to(WORK / "demo", [CPP / "demo.cpp"], *options), kit.IMAGES], service, **environment)
    return kit.expected_jobs(words)


def _promises(service, failing, limited, checks):
    program = compile_to(WORK / "promises", [HERE / "cpp_promises.cpp"], *SANITIZE)
    words = kit.run([program], service, ASAN_OPTIONS="detect_leaks=1", FAILING_URL=failing.url,
                    LIMITED_URL=limited.url)
    print(words, end="")
    assert words.count("ok ") >= 10 and "not ok" not in words, "see above"
    checks.passed += words.count("ok ")


def main():
    if COMPILER is None:
        print("skip: there is no C++ compiler")
        return 77
    WORK.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([COMPILER, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    print("# " + version.splitlines()[0])
    checks = kit.Checks()
    for act in (it_compiles_without_a_warning_for_each_compiler_and_standard, every_value_is_that_of_the_headers,
                every_setter_and_getter_is_bound, every_code_block_of_the_readme_compiles):
        checks.check(act.__name__, act)
    seen = {}

    def demo_shows_everything(options=(), **environment):
        with kit.service(EMULATOR) as service:
            seen["jobs"] = _demo(service, *options, **environment)
        service.judge(seen["jobs"], kit.RERUN)

    def promises_are_kept_and_nothing_leaks():
        with kit.service(EMULATOR) as service, kit.service(EMULATOR, "--fail", "1") as failing, \
                kit.service(EMULATOR, "--fault", "create:429:retry_after=3600") as limited:
            _promises(service, failing, limited, checks)
        for one in (service, limited):
            one.assert_clean()
        failing.assert_clean(kit.RERUN)

    checks.check("demo_shows_everything", demo_shows_everything)
    checks.check("demo_leaks_nothing", demo_shows_everything, SANITIZE)
    checks.check("promises_are_kept_and_nothing_leaks", promises_are_kept_and_nothing_leaks)
    return checks.finish()


sys.exit(main())
