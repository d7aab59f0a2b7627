# SPDX-License-Identifier: MIT
"""Shared by the tests of the bindings: an emulated service, programs that must succeed, code blocks of documents."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from kit.checks import Checks, Skip  # noqa: E402, F401
from kit.emulator import IMAGES, KEY, ROOT, service  # noqa: E402, F401

# A library or an addon that the shell names must not take the place of the one that is tested.
for _name in [name for name in os.environ if name.startswith("ANIMALDETECT_")]:
    del os.environ[_name]


def run(command, running=None, timeout=120, cwd=None, **environment):
    """Runs a program that must succeed; returns its output."""
    given = {**os.environ, **(running.environment() if running else {}), **environment}
    done = subprocess.run(command, env=given, timeout=timeout, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}"
    assert KEY not in done.stdout, "the key was printed"
    return done.stdout


def write_pkg_config(folder, headers, library, mock):
    """Writes pkg-config files for the library and its mock to `folder`, as if they were installed."""
    folder.mkdir(parents=True, exist_ok=True)
    cflags = " ".join(f"-I{pathlib.Path(path).resolve()}" for path in [*headers, ROOT / "lib/testing/mock/include"])
    for package, files in {"animaldetect": [library], "animaldetect-mock": [mock, library]}.items():
        files = [pathlib.Path(file).resolve() for file in files]
        libs = " ".join(f"-L{file.parent} -l:{file.name} -Wl,-rpath,{file.parent}" for file in files)
        (folder / f"{package}.pc").write_text(f"libdir={files[0].parent}\nName: {package}\nDescription: not installed\n"
                                              f"Version: 0\nCflags: {cflags}\nLibs: {libs}\n")


def library_of_another_version(folder):
    """For LD_PRELOAD: makes the library report a later minor version, which a binding must reject before 1.0."""
    source, made = folder / "another_version.c", folder / "another_version.so"
    source.write_text("""#include <stdint.h>
int32_t animaldetect_version_number(void);
const char *animaldetect_version(void);
int32_t animaldetect_version_number(void)
{
    return 0x006300;
}
const char *animaldetect_version(void)
{
    return "0.99.0";
}
""")
    run([os.environ.get("CC", "cc"), "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o", made])
    return str(made)


def bound_values(values):
    """The header values that a binding of the client must have; those of custom transports are left out."""
    groups = ("OPERATION_", "STATE_", "STAGE_", "STEP_", "POLL_", "LOG_", "RANK_", "STAT_",
              "SCOPE_", "PAUSE_", "HOLD_", "RESULT_", "E_")
    status = {"ANIMALDETECT_OK", "ANIMALDETECT_AGAIN", "ANIMALDETECT_ABSENT"}
    return {name: value for name, value in values.items()
            if name in status or name.removeprefix("ANIMALDETECT_").startswith(groups)}


# The emulator's name for the second run of an image, which a rerun causes.
RERUN = "duplicate_payload"


def code_blocks(file, language):
    """The fenced code blocks of a document; there must be at least one."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", pathlib.Path(file).read_text(encoding="utf-8"), re.M | re.S)
    assert blocks, f"no {language} in {file}"
    return blocks


def expected_jobs(words):
    return int(words.rstrip().rsplit("\n", 1)[-1].removeprefix("expected jobs: "))
