#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Rust crate in examples/rust: its declarations and values against the C headers, its demo, and rust_promises.rs.

    rust_test.py LIBRARY EMULATOR BUILD-FOLDER HEADER-FOLDER...

All that cargo writes goes into BUILD-FOLDER, and nothing comes from the network. With several toolchains (the one in
PATH, and Debian's in /usr/bin) the crate is built by each. Exit code 77, with a word, when cargo or rustc are not here.
"""
import hashlib
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
WORK = WORK.resolve()
FOLDER = LIBRARY.resolve().parent
CRATE = kit.ROOT / "examples" / "rust"
HERE = pathlib.Path(__file__).resolve().parent
# A transport of the host's own is made in C; user data would be a pointer without an owner.
NOT_DECLARED = ("animaldetect_transport_", "animaldetect_exchange_", "animaldetect_client_set_transport")
TYPES = {"int32_t": "i32", "int64_t": "i64", "uint64_t": "u64", "size_t": "usize", "double": "f64", "void": "",
         "char": "c_char", "uint8_t": "u8", "animaldetect_log_callback": "Option<LogCallback>",
         "animaldetect_read_callback": "Option<ReadCallback>",
         "animaldetect_rewind_callback": "Option<RewindCallback>",
         "animaldetect_release_callback": "Option<ReleaseCallback>"}
OPAQUE = {f"animaldetect_{name.lower()}": name for name in ("Client", "Job", "Result", "Detection", "Candidate")}
OPAQUE["animaldetect_log_record"] = "LogRecord"

# What the blocks of the README take for granted.
PROLOGUE = """#![allow(dead_code, unreachable_code)]
fn report(_: Result<animaldetect::Outcome, animaldetect::Error>) {}
fn later(_: Option<std::time::Duration>) {}
fn set_aside(_: animaldetect::Error) {}
fn call_somebody(_: animaldetect::Error) {}
"""


class Toolchain:
    def __init__(self, cargo, rustc, name):
        self.cargo, self.rustc, self.name = cargo, rustc, name

    def run(self, *arguments, folder=CRATE):
        environment = {**os.environ, "ANIMALDETECT_LIB_DIR": str(FOLDER), "RUSTC": self.rustc, "CARGO_NET_OFFLINE": "true",
                       "CARGO_TARGET_DIR": str(WORK / self.name), "RUSTFLAGS": "-D warnings",
                       "CARGO_HOME": str(WORK / "home"), "LD_LIBRARY_PATH": str(FOLDER), "CARGO_TERM_COLOR": "never"}
        done = subprocess.run([self.cargo, *arguments, "--offline"], cwd=folder, env=environment, timeout=300, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, f"cargo {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def program(self, name):
        return WORK / self.name / "debug" / name


def toolchains():
    found = []
    for name, cargo, rustc in (("path", shutil.which("cargo"), shutil.which("rustc")),
                               ("system", "/usr/bin/cargo", "/usr/bin/rustc")):
        if cargo and rustc and os.access(cargo, os.X_OK) and os.access(rustc, os.X_OK):
            done = subprocess.run([rustc, "--version"], stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode == 0 and done.stdout not in [words for words, _ in found]:
                found.append((done.stdout, Toolchain(cargo, rustc, name)))
    for words, _ in found:
        print("# " + words.strip())
    return [toolchain for _, toolchain in found]


def crate(toolchain, name, text):
    """A program of its own that uses the crate; built, not run."""
    folder = WORK / "crates" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2021"\n\n'
                                       f'[[bin]]\nname = "{name}"\npath = "main.rs"\n\n'
                                       f'[dependencies]\nanimaldetect = {{ path = "{CRATE}" }}\n')
    (folder / "Cargo.lock").unlink(missing_ok=True)  # another toolchain may have written a form of its own
    (folder / "main.rs").write_text(text, encoding="utf-8")
    toolchain.run("build", folder=folder)
    return toolchain.program(name)


def rust_type(kind):
    stars = kind.count("*")
    base = kind.replace("const ", "").replace("*", "").strip()
    word = TYPES.get(base) or OPAQUE.get(base) or ("c_void" if stars else "")
    if kind == "void *" or kind == "const void *":
        word = "c_void"
    for level in range(stars):
        word = ("*const " if level == 0 and kind.startswith("const ") else "*mut ") + word
    return word


# ---- promises ----

def it_is_formatted():
    if shutil.which("rustfmt"):
        files = [*CRATE.rglob("*.rs"), HERE / "rust_promises.rs"]
        done = subprocess.run(["rustfmt", "--check", "--edition", "2021", "--config-path", CRATE, *files], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, done.stdout
    else:
        print("# rustfmt is not installed: not looked at")


def every_declaration_is_that_of_the_headers():
    text = (CRATE / "src" / "sys.rs").read_text(encoding="utf-8")
    declared = {}
    for name, parameters, returns in re.findall(r"pub fn (\w+)\(([^)]*)\)(?: -> ([^;]+))?;", text):
        kinds = [part.split(":", 1)[1].strip() for part in parameters.split(",") if part.strip()]
        declared[name] = kinds, returns
    wanted = {name: ([rust_type(kind) for kind, _ in function.parameters], rust_type(function.returns))
              for name, function in header.functions(HEADERS).items() if not name.startswith(NOT_DECLARED)}
    assert declared == wanted, sorted(name for name in declared.keys() | wanted.keys()
                                      if declared.get(name) != wanted.get(name))


def every_value_is_that_of_the_headers():
    text = (CRATE / "src" / "values.rs").read_text(encoding="utf-8")
    groups = {"Status": "", "State": "STATE_", "Stage": "STAGE_", "Step": "STEP_", "PollMode": "POLL_", "LogLevel": "LOG_",
              "Rank": "RANK_", "Stat": "STAT_", "Scope": "SCOPE_", "Pause": "PAUSE_", "Hold": "HOLD_",
              "ResultKind": "RESULT_"}
    here = {}
    for group, body in re.findall(r"values! \{\s*///[^\n]*\n\s*(\w+) \{(.*?)\}", text, re.S):
        for name, value in re.findall(r"(\w+) = (-?\d+),", body):
            plain = "ANIMALDETECT_" + groups[group] + name
            if group == "Status" and name not in ("OK", "AGAIN", "ABSENT"):
                plain = "ANIMALDETECT_E_" + name
            here[plain] = value
    here.update((f"ANIMALDETECT_OPERATION_{name}", value)
                for name, value in re.findall(r'pub const (\w+): &str = ("\w+");', text))
    wanted = kit.bound_values(header.values(HEADERS))
    assert here == wanted, set(here.items()) ^ set(wanted.items())


def every_code_block_of_the_readme_compiles(toolchain):
    blocks = "".join(f"fn block{number}(client: animaldetect::Client, paths: Vec<String>) -> Result<(), "
                     f"animaldetect::Error> {{\nlet _ = (&client, &paths);\n{code}Ok(())\n}}\n"
                     for number, code in enumerate(kit.code_blocks(CRATE / "README.md", "rust")))
    crate(toolchain, "readme", f"{PROLOGUE}{blocks}fn main() {{}}\n")


def demo_shows_everything(toolchain):
    toolchain.run("build", "--locked")
    with kit.service(EMULATOR) as service:
        jobs = kit.expected_jobs(kit.run([toolchain.program("demo"), kit.IMAGES], service, LD_LIBRARY_PATH=str(FOLDER)))
    service.judge(jobs, kit.RERUN)


def promises(toolchain, checks):
    program = crate(toolchain, "promises", (HERE / "rust_promises.rs").read_text(encoding="utf-8"))
    with kit.service(EMULATOR) as service, kit.service(EMULATOR, "--fail", "1") as failing, \
            kit.service(EMULATOR, "--fault", "create:429:retry_after=3600") as limited:
        words = kit.run([program], service, LD_LIBRARY_PATH=str(FOLDER), FAILING_URL=failing.url,
                        LIMITED_URL=limited.url)
    print(words, end="")
    assert words.count("ok ") >= 15 and "not ok" not in words, "see above"
    checks.passed += words.count("ok ")
    for one in (service, limited):
        one.assert_clean()
    failing.assert_clean(kit.RERUN)


def nothing_leaks(toolchain):
    """The demo once more, under valgrind: what Drop forgets would be definitely lost."""
    command = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
               toolchain.program("demo"), kit.IMAGES]
    with kit.service(EMULATOR) as service:
        kit.run(command, service, timeout=240, LD_LIBRARY_PATH=str(FOLDER))


def every_file():
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in CRATE.rglob("*") if path.is_file()}


def main():
    found = toolchains()
    if not found:
        print("skip: cargo and rustc are not installed")
        return 77
    before = every_file()
    WORK.mkdir(parents=True, exist_ok=True)
    checks = kit.Checks()
    for act in (it_is_formatted, every_declaration_is_that_of_the_headers, every_value_is_that_of_the_headers):
        checks.check(act.__name__, act)
    for toolchain in found:
        checks.check("every_code_block_of_the_readme_compiles", every_code_block_of_the_readme_compiles, toolchain)
        checks.check("demo_shows_everything", demo_shows_everything, toolchain)
        checks.check("promises_hold", promises, toolchain, checks)
    if shutil.which("valgrind"):
        checks.check("nothing_leaks", nothing_leaks, found[0])

    def nothing_was_written_into_the_source_tree():
        assert every_file() == before

    checks.check("nothing_was_written_into_the_source_tree", nothing_was_written_into_the_source_tree)
    return checks.finish()


sys.exit(main())
