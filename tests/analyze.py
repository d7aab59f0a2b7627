#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Static analysis of lib/: clang-tidy, cppcheck and gcc -fanalyzer.

    tests/analyze.py BUILD_DIRECTORY [clang-tidy|cppcheck|gcc-fanalyzer]...

BUILD_DIRECTORY is a configured build, which has the compile command of each file. Findings are printed unchanged;
accepted ones are suppressed in .clang-tidy, cppcheck.supp and fanalyzer.supp, each with its reason. Prints a line per
analyzer, "ok" or "not ok", or "skip" for one that is not installed. Exit code 1 when one has a finding.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# The flags that doc/threat-model.md recommends; the analyzer checks the code that they produce.
HARDENED = ["-O2", "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong", "-fPIC"]


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stdout


def units(build):
    """(file, its compile command, the command's folder) of each file of the library, once."""
    seen = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if (ROOT / "lib") in file.parents:
            seen.setdefault(file, (shlex.split(entry["command"]), entry["directory"]))
    return [(file, *how) for file, how in sorted(seen.items())]


def in_parallel(act, things):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [found for found in pool.map(act, things) if found]


def clang_tidy(build):
    def look(unit):
        file, command, folder = unit
        flags = [word for word in command[1:] if word.startswith(("-I", "-D", "-std", "-isystem"))]
        code, words = run(["clang-tidy", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", str(file), "--", *flags],
                          folder)
        # A process that fails without output has not analyzed the file.
        return words or f"{file}: exit code {code}" if code != 0 else ""

    return in_parallel(look, units(build))


def cppcheck(build):
    includes = [f"-I{folder}" for folder in (ROOT / "include", ROOT / "lib", ROOT / "lib" / "testing" / "mock" / "include",
                                              build / "include")]
    code, words = run(["cppcheck", "--quiet", "--enable=warning,style,performance,portability", "--std=c11",
                       "--inline-suppr", f"--suppressions-list={HERE / 'cppcheck.supp'}", "--error-exitcode=1",
                       f"-j{os.cpu_count()}", *includes, str(ROOT / "lib")], ROOT)
    return [words or f"exit code {code}"] if code != 0 else []


def waived():
    lines = (HERE / "fanalyzer.supp").read_text().splitlines()
    return {tuple(line.split()) for line in lines if line and not line.startswith("#")}


def gcc_fanalyzer(build):
    known = waived()
    dropped = re.compile(r"^(-O\d|-o|-c|-M.*|.*\.[co]|.*\.d|-Werror.*|-flto.*|-D_FORTIFY_SOURCE.*)$")

    def look(unit):
        file, command, folder = unit
        kept = [word for word in command[1:] if not dropped.match(word)]
        code, words = run(["gcc", *HARDENED, *kept, "-fanalyzer", "-fdiagnostics-plain-output", "-c", "-o", os.devnull,
                           str(file)], folder)
        function, found = "", [] if code == 0 else [words]
        for line in words.splitlines():
            begins = re.search(r"In function '(\w+)'", line)
            function = begins.group(1) if begins else function
            warning = re.search(r"warning: .*\[(?:CWE-\d+\] \[)?(-W[\w-]+)", line)
            if warning and (str(file.relative_to(ROOT)), function, warning.group(1)) not in known:
                found.append(line)
        return "\n".join(found)

    return in_parallel(look, units(build))


ANALYZERS = {"clang-tidy": clang_tidy, "cppcheck": cppcheck, "gcc-fanalyzer": gcc_fanalyzer}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    status = 0
    if not units(build):
        sys.exit(f"{build} compiles nothing of lib/")
    for name in sys.argv[2:] or ANALYZERS:
        if not shutil.which(name.partition("-f")[0]):
            print(f"skip {name}: it is not installed")
            continue
        found = ANALYZERS[name](build)
        print("\n".join(found), end="\n" if found else "")
        print(f"{'not ok' if found else 'ok'} {name} finds nothing in lib/", flush=True)
        status |= bool(found)
    return status


sys.exit(main())
