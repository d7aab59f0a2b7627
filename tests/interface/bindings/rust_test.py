#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Rust crates in examples/rust: declarations and values compared with the C headers, their tests, the demo,
rust_promises.rs, and both crates in their published form, in a user's program.

    rust_test.py LIBRARY EMULATOR BUILD-FOLDER MOCK HEADER-FOLDER...

Cargo writes only to BUILD-FOLDER and uses no network. Each available toolchain (the one in PATH, and Debian's in
/usr/bin) builds the crate. Exit code 77, with a message, when cargo or rustc is not installed.
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True

import bindings_kit as kit  # noqa: E402

sys.path.insert(0, str(kit.ROOT / "lib" / "abi"))

import header  # noqa: E402
import rust_declarations  # noqa: E402

LIBRARY, EMULATOR, WORK = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
MOCK, HEADERS = pathlib.Path(sys.argv[4]), sys.argv[5:]
WORKSPACE = kit.ROOT / "examples" / "rust"
CRATE = WORKSPACE / "animaldetect"
HERE = pathlib.Path(__file__).resolve().parent
FOLDER = WORK / "lib" # the library and the mock in one folder, as when installed
# The declarations that the fragments in the README assume.
PROLOGUE = """#![allow(dead_code, unreachable_code)]
fn report(_: Result<animaldetect::Outcome, animaldetect::Error>) {}
fn later(_: Option<std::time::Duration>) {}
fn set_aside(_: animaldetect::Error) {}
fn call_somebody(_: animaldetect::Error) {}
"""


class Toolchain:
    def __init__(self, cargo, rustc, name):
        self.cargo, self.rustc, self.name = cargo, rustc, name

    def run(self, *arguments, folder=WORKSPACE, **more):
        environment = {**os.environ, "ANIMALDETECT_LIB_DIR": str(FOLDER), "RUSTC": self.rustc, "CARGO_NET_OFFLINE": "true",
                       "RUSTDOC": str(pathlib.Path(self.rustc).parent / "rustdoc"),
                       "CARGO_TARGET_DIR": str(WORK / self.name), "RUSTFLAGS": "-D warnings", "RUSTDOCFLAGS": "-D warnings",
                       "CARGO_HOME": str(WORK / "home"), "LD_LIBRARY_PATH": str(FOLDER), "CARGO_TERM_COLOR": "never",
                       **more}
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
    """Builds a separate program that uses the crate, without running it."""
    folder = WORK / "crates" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2021"\n\n'
                                       f'[[bin]]\nname = "{name}"\npath = "main.rs"\n\n'
                                       f'[dependencies]\nanimaldetect = {{ path = "{CRATE}", features = ["mock"] }}\n')
    (folder / "Cargo.lock").unlink(missing_ok=True)  # another toolchain may have written another version of the format
    (folder / "main.rs").write_text(text, encoding="utf-8")
    toolchain.run("build", folder=folder)
    return toolchain.program(name)


# ---- promises ----

def it_is_formatted():
    if shutil.which("rustfmt"):
        files = [path for path in WORKSPACE.rglob("*.rs") if path != rust_declarations.FILE]
        done = subprocess.run(["rustfmt", "--check", "--edition", "2021", "--config-path", WORKSPACE, *files,
                               HERE / "rust_promises.rs"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, done.stdout
    else:
        print("# rustfmt is not installed: not looked at")


def every_declaration_is_that_of_the_headers():
    assert rust_declarations.main() == 0, "see above"


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


def its_own_tests_pass(toolchain):
    words = toolchain.run("test", "--locked", "--features", "mock")
    assert words.count("test result: ok") >= 3, words


def a_library_of_another_version_is_refused_when_it_is_loaded(toolchain):
    program = crate(toolchain, "version", """use animaldetect::{mock::Mock, Client, Error, Outcome, Status};
fn refused<T>(made: Result<T, Error>) -> usize {
    made.err().map_or(0, |error| (error.status == Status::UNSUPPORTED && error.message.contains("0.99.0")) as usize)
}
fn main() {
    let made = [refused(Client::new("sk_test_x")), refused(Client::from_env()), refused(Outcome::parse("{}"))];
    println!("{}", made.iter().sum::<usize>() + refused(Mock::new()));
}
""")
    given = {"AD_API_KEY": kit.KEY, "LD_LIBRARY_PATH": str(FOLDER)}
    assert kit.run([program], **given) == "0\n"
    assert kit.run([program], LD_PRELOAD=kit.library_of_another_version(WORK), **given) == "4\n"


def the_documentation_has_no_warning(toolchain):
    toolchain.run("doc", "--no-deps", "--features", "mock")


def directory_source(folder, crates):
    """Unpacks the archives as a directory source, which cargo reads without an index."""
    shutil.rmtree(folder, ignore_errors=True)
    for file in crates:
        with tarfile.open(file) as archive:
            archive.extractall(folder)
        root = folder / file.name.removesuffix(".crate")
        files = {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
                 for path in root.rglob("*") if path.is_file()}
        package = hashlib.sha256(file.read_bytes()).hexdigest()
        (root / ".cargo-checksum.json").write_text(json.dumps({"files": files, "package": package}))


def a_stranger_builds_what_would_be_published(toolchain):
    """Both archives are packaged and verified; a user's program depends on them, and its test with the mock passes."""
    version = re.search(r'^version = "(.*)"', (CRATE / "Cargo.toml").read_text(), re.M)[1]
    made = WORK / toolchain.name / "package"
    source = WORK / f"{toolchain.name}-source"
    tree = WORK / f"{toolchain.name}-tree" # a separate checkout: cargo rejects one with uncommitted changes
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(WORKSPACE, tree, ignore=shutil.ignore_patterns("target"))
    config = tree / ".cargo" / "config.toml"
    toolchain.run("package", "-p", "animaldetect-sys", folder=tree)
    directory_source(source, [made / f"animaldetect-sys-{version}.crate"])
    config.parent.mkdir()
    config.write_text(f'[source.crates-io]\nreplace-with = "here"\n\n[source.here]\ndirectory = "{source}"\n')
    toolchain.run("package", "-p", "animaldetect", folder=tree)
    directory_source(source, sorted(made.glob("*.crate")))
    consumer = tree / "consumer"
    (consumer / "src").mkdir(parents=True)
    (consumer / "tests").mkdir()
    (consumer / "Cargo.toml").write_text(
        '[package]\nname = "consumer"\nversion = "0.1.0"\nedition = "2021"\nrust-version = "1.63"\n\n[workspace]\n\n'
        f'[dependencies]\nanimaldetect = "{version}"\n\n'
        f'[dev-dependencies]\nanimaldetect = {{ version = "{version}", features = ["mock"] }}\n')
    first = kit.code_blocks(CRATE / "README.md", "rust")[0]
    (consumer / "src" / "main.rs").write_text(f"fn main() -> Result<(), animaldetect::Error> {{\n{first}Ok(())\n}}\n")
    shutil.copy(CRATE / "tests" / "mock.rs", consumer / "tests")
    toolchain.run("test", folder=consumer)
    toolchain.run("build", folder=consumer)
    shutil.copy(kit.IMAGES / "fox_at_night.jpg", consumer / "img_001.jpg")
    with kit.service(EMULATOR) as service:
        kit.run([toolchain.program("consumer")], service, cwd=consumer, LD_LIBRARY_PATH=str(FOLDER))
    service.judge(1)


def demo_shows_everything(toolchain):
    toolchain.run("build", "--locked", "--example", "demo")
    with kit.service(EMULATOR) as service:
        jobs = kit.expected_jobs(kit.run([toolchain.program("examples/demo"), kit.IMAGES], service, LD_LIBRARY_PATH=str(FOLDER)))
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
    """Runs the demo under valgrind, which reports what Drop does not free as definitely lost."""
    command = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
               toolchain.program("examples/demo"), kit.IMAGES]
    with kit.service(EMULATOR) as service:
        kit.run(command, service, timeout=240, LD_LIBRARY_PATH=str(FOLDER))


def every_file():
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in WORKSPACE.rglob("*") if path.is_file()}


def main():
    found = toolchains()
    if not found:
        print("skip: cargo and rustc are not installed")
        return 77
    before = every_file()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for library in (LIBRARY, MOCK):
        name = library.name.split(".so")[0] + ".so"
        for link in (name, name + ".0"):
            (FOLDER / link).unlink(missing_ok=True)
            (FOLDER / link).symlink_to(library.resolve())
    checks = kit.Checks()
    for act in (it_is_formatted, every_declaration_is_that_of_the_headers, every_value_is_that_of_the_headers):
        checks.check(act.__name__, act)
    for toolchain in found:
        checks.check("every_code_block_of_the_readme_compiles", every_code_block_of_the_readme_compiles, toolchain)
        checks.check("its_own_tests_pass", its_own_tests_pass, toolchain)
        checks.check("a_stranger_builds_what_would_be_published", a_stranger_builds_what_would_be_published, toolchain)
        checks.check("demo_shows_everything", demo_shows_everything, toolchain)
        checks.check("promises_hold", promises, toolchain, checks)
    checks.check("a_library_of_another_version_is_refused_when_it_is_loaded",
                 a_library_of_another_version_is_refused_when_it_is_loaded, found[0])
    checks.check("the_documentation_has_no_warning", the_documentation_has_no_warning, found[0])
    if shutil.which("valgrind"):
        checks.check("nothing_leaks", nothing_leaks, found[0])

    def nothing_was_written_into_the_source_tree():
        assert every_file() == before

    checks.check("nothing_was_written_into_the_source_tree", nothing_was_written_into_the_source_tree)
    return checks.finish()


sys.exit(main())
