#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Go package in examples/go: vets it, compares its values with the C headers, runs its tests, its demo and
go_promises.go, and downloads it as a module from a file-based proxy.

    go_test.py LIBRARY EMULATOR BUILD-FOLDER MOCK HEADER-FOLDER...

The Go tools write only to BUILD-FOLDER and use no network. Exit code 77, with a message, when Go 1.19, its C compiler
or pkg-config is not installed.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

sys.dont_write_bytecode = True

import bindings_kit as kit  # noqa: E402

sys.path.insert(0, str(kit.ROOT / "lib" / "abi"))

import header  # noqa: E402

LIBRARY, EMULATOR, BUILD = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
MOCK, HEADERS = pathlib.Path(sys.argv[4]), sys.argv[5:]
PATH = "animaldetect.com/go/animaldetect"
VERSION = "v" + re.search(r"version: '([^']+)'", (kit.ROOT / "meson.build").read_text())[1]
GO = kit.ROOT / "examples" / "go"
WORK = BUILD.resolve()
WARNINGS = "-Wall -Wextra -Wshadow -Wconversion -Werror -Wno-unused-parameter"

# The declarations that the fragments in the README assume.
PROLOGUE = """package readme

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"animaldetect.com/go/animaldetect"
	"animaldetect.com/go/animaldetect/mock"
)

var (
	_      = fmt.Println
	_      = log.Fatal
	_      = errors.Is
	_      = mock.New
	client *animaldetect.Client
	ctx    context.Context
	err    error
	paths  []string
	report func(string, *animaldetect.Result, error)
	topUp  func()
	later  func(time.Duration)

	setAside, callSomebody func(error)

	slog struct { // that of Go 1.21
		Level func(int) int
		Log   func(context.Context, int, string, ...any)
	}
)

func must[T any](value T, _ error) T { return value }

func block() {
"""


def environment():
    pkg_config = WORK / "pkgconfig"
    kit.write_pkg_config(pkg_config, HEADERS, LIBRARY, MOCK)
    return {"GOFLAGS": "-mod=mod", "GOENV": "off", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local",
            "GO111MODULE": "on", "GOWORK": "off", "CGO_ENABLED": "1", "GOCACHE": str(WORK / "cache"),
            "GOPATH": str(WORK / "path"), "PKG_CONFIG_PATH": str(pkg_config)}


def go(*arguments, folder=GO, **more):
    done = subprocess.run(["go", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, **environment(), **more}, timeout=600, check=False)
    assert done.returncode == 0, f"go {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stdout}"
    return done.stdout


def module(name, **files):
    """Writes a separate module that imports the package; returns its folder."""
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go.mod").write_text(f"module {name}\n\ngo 1.19\n\nrequire {PATH} v0.0.0\n\n"
                                   f"replace {PATH} => {GO}\n")
    for file, text in files.items():
        (folder / f"{file}.go").write_text(text)
    return folder


def every_file():
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in GO.rglob("*") if path.is_file()}


# ---- promises ----

def the_package_is_formatted_and_vetted():
    files = [*GO.rglob("*.go"), kit.ROOT / "tests" / "interface" / "bindings" / "go_promises.go"]
    done = subprocess.run(["gofmt", "-l", *files], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    assert done.returncode == 0 and done.stdout == "", done.stdout
    go("vet", "./...")


def the_package_compiles_without_a_warning_of_the_c_compiler():
    said = go("build", "-o", WORK / "demo", "./demo", CGO_CFLAGS=f"-g -O2 {WARNINGS}")
    assert said == "", said


def it_needs_no_module_from_elsewhere():
    assert go("list", "-m", "all").split() == [PATH]


def every_value_is_that_of_the_headers():
    """values.go takes the numbers from C. This checks that all values exist, under the right name."""
    pairs = re.findall(r"^\t(\w+) +(?:\w+ +)?= C\.(ANIMALDETECT_\w+)", (GO / "values.go").read_text(), re.M)
    for name, value in pairs:
        wanted = re.sub(r"^E_", "ERR_", value.removeprefix("ANIMALDETECT_")).replace("_", "")
        assert name.upper() == wanted, f"{name} is not {value}"
    lines = "".join(f'\tfmt.Printf("{value}=%v\\n", text(ad.{name}))\n' for name, value in pairs)
    folder = module("values", main=f"""package main

import (
	"fmt"
	"reflect"

	ad "animaldetect.com/go/animaldetect"
)

func text(value any) string {{
	if number := reflect.ValueOf(value); number.CanInt() {{
		return fmt.Sprint(number.Int())
	}}
	return fmt.Sprintf("%q", value)
}}

func main() {{
{lines}}}
""")
    go("build", "-o", WORK / "print_values", ".", folder=folder)
    here = dict(line.split("=") for line in kit.run([WORK / "print_values"]).splitlines())
    wanted = kit.bound_values(header.values(HEADERS))
    assert here == wanted, set(here.items()) ^ set(wanted.items())


def every_exported_name_is_documented():
    bare = []
    for path in (path for path in GO.rglob("*.go") if not path.name.endswith("_test.go") and path.parent.name != "demo"):
        lines = path.read_text().splitlines()
        bare += [f"{path.name}: {line}" for before, line in zip(lines, lines[1:])
                 if re.match(r"(func (\(\w+ \*?[A-Z]\w*\) )?|type |const |var )[A-Z]", line)
                 and not before.startswith("//") and not re.search(r"\) (String|Error)\(\) string", line)]
    assert not bare, "\n".join(bare)


def its_own_tests_pass_with_the_race_detector():
    try:
        go("test", "-race", "./...")
    except AssertionError as failure:
        if "-race" not in str(failure).splitlines()[-1]:
            raise
        print(f"# without the race detector: {str(failure).splitlines()[-1]}", flush=True)
        go("test", "./...")


def proxy():
    """The package in the layout of a file-based proxy."""
    folder = WORK / "proxy"
    at = folder / PATH / "@v"
    at.mkdir(parents=True, exist_ok=True)
    (at / "list").write_text(f"{VERSION}\n")
    (at / f"{VERSION}.info").write_text(f'{{"Version": "{VERSION}", "Time": "2000-01-01T00:00:00Z"}}')
    shutil.copy(GO / "go.mod", at / f"{VERSION}.mod")
    with zipfile.ZipFile(at / f"{VERSION}.zip", "w") as archive:
        for path in sorted(path for path in GO.rglob("*") if path.is_file()):
            archive.write(path, f"{PATH}@{VERSION}/{path.relative_to(GO)}")
    return folder


def go_get_takes_it_from_a_proxy():
    """In a user's module: the README's first program builds, and a test with the mock passes."""
    folder = WORK / "stranger"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(WORK / "get", ignore_errors=True)
    folder.mkdir()
    first = kit.code_blocks(GO / "README.md", "go")[0]
    (folder / "go.mod").write_text("module stranger\n\ngo 1.19\n")
    (folder / "main.go").write_text(
        f'package main\n\nimport (\n\t"context"\n\t"fmt"\n\t"log"\n\n\t"{PATH}"\n)\n\nfunc main() {{\n'
        f"\tctx := context.Background()\n{first}}}\n")
    shutil.copy(GO / "mock" / "mock_test.go", folder / "main_test.go")
    (folder / "main_test.go").write_text(
        (folder / "main_test.go").read_text().replace("package mock_test", "package main"))
    given = {"GOPROXY": f"file://{proxy()}", "GONOSUMDB": PATH.split("/", maxsplit=1)[0], "GOPATH": str(WORK / "get"),
             "GOFLAGS": "-modcacherw"}
    go("get", f"{PATH}@{VERSION}", folder=folder, **given)
    assert f"require {PATH} {VERSION}" in (folder / "go.mod").read_text()
    go("mod", "tidy", folder=folder, **given)
    go("mod", "verify", folder=folder, **given)
    go("vet", ".", folder=folder, **given)
    go("test", ".", folder=folder, **given)
    go("build", "-o", WORK / "stranger_program", ".", folder=folder, **given)
    shutil.copy(kit.IMAGES / "fox_at_night.jpg", folder / "img_001.jpg")
    with kit.service(EMULATOR) as running:
        kit.run([WORK / "stranger_program"], running, cwd=folder)
    running.judge(1)


def without_cgo_the_error_says_what_is_missing():
    try:
        go("build", ".", CGO_ENABLED="0")
    except AssertionError as failure:
        assert "this_package_needs_CGO_ENABLED_1_and_a_C_compiler" in str(failure), failure
    else:
        raise AssertionError("it builds")


def a_library_of_another_version_is_refused_when_it_is_loaded():
    folder = module("version", main=f"""package main

import (
	"errors"
	"fmt"
	"strings"

	"{PATH}"
)

func main() {{
	refused := 0
	for _, act := range []func() error{{
		func() error {{ _, err := animaldetect.New(); return err }},
		func() error {{ _, err := animaldetect.FromEnv(); return err }},
		func() error {{ _, err := animaldetect.ParseResult([]byte("{{}}")); return err }},
	}} {{
		if err := act(); errors.Is(err, animaldetect.ErrUnsupported) && strings.Contains(err.Error(), "0.99.0") {{
			refused++
		}}
	}}
	fmt.Println(refused)
}}
""")
    go("build", "-o", WORK / "run_version", ".", folder=folder)
    assert kit.run([WORK / "run_version"], AD_API_KEY=kit.KEY) == "0\n"
    assert kit.run([WORK / "run_version"], AD_API_KEY=kit.KEY, LD_PRELOAD=kit.library_of_another_version(WORK)) == "3\n"


def every_code_block_of_the_readme_compiles():
    for number, block in enumerate(kit.code_blocks(GO / "README.md", "go")):
        names = {name for line in re.findall(r"^(\w+(?:, \w+)*) :=", block, re.M) for name in line.split(", ")}
        used = "".join(f"\t_ = {name}\n" for name in sorted(names))
        folder = module(f"readme{number}", block=f"{PROLOGUE}{block}{used}}}\n")
        go("build", ".", folder=folder)


def demo_shows_everything():
    with kit.service(EMULATOR) as running:
        words = kit.run([WORK / "demo", kit.IMAGES], running, GODEBUG="cgocheck=2")
    running.judge(kit.expected_jobs(words), kit.RERUN)


def the_promises_compile():
    """With the race detector if this Go has one."""
    source = (kit.ROOT / "tests" / "interface" / "bindings" / "go_promises.go").read_text()
    folder = module("promises", main=source)
    try:
        go("build", "-race", "-o", WORK / "run_promises", ".", folder=folder)
    except AssertionError as failure:
        print(f"# without the race detector: {str(failure).splitlines()[-1]}", flush=True)
        go("build", "-o", WORK / "run_promises", ".", folder=folder)


def promises_hold():
    """go_promises.go prints a line for each promise."""
    with kit.service(EMULATOR) as running, kit.service(EMULATOR, "--fail", "1") as failing, \
            kit.service(EMULATOR, "--fault", "create:429:retry_after=3600") as limited:
        done = subprocess.run([WORK / "run_promises"], timeout=120, check=False,
                              env={**os.environ, **running.environment(), "GODEBUG": "cgocheck=2",
                                   "IMAGES": str(kit.IMAGES), "FAILING_URL": failing.url,
                                   "LIMITED_URL": limited.url})
        assert done.returncode == 0, f"exit code {done.returncode}"
    for one in (running, limited):
        one.assert_clean()
    failing.assert_clean(kit.RERUN)


def missing():
    """The first missing tool; "" when all are installed."""
    for tool in ("go", "gofmt", "pkg-config"):
        if shutil.which(tool) is None:
            return tool
    version = re.match(r"go(\d+)\.(\d+)", subprocess.run(["go", "env", "GOVERSION"], stdout=subprocess.PIPE, text=True,
                                                         env={**os.environ, **environment()}, check=False).stdout)
    if version is None or (int(version[1]), int(version[2])) < (1, 19):
        return "Go 1.19"
    compiler = go("env", "CC").split()[0]
    return "" if shutil.which(compiler) else compiler


def main():
    word = missing()
    if word:
        print(f"skip the package for Go: {word} is not here")
        return 77
    print(f"# {go('version').strip()}", flush=True)
    before = every_file()
    checks = kit.Checks()
    for act in (the_package_is_formatted_and_vetted, the_package_compiles_without_a_warning_of_the_c_compiler,
                it_needs_no_module_from_elsewhere, every_value_is_that_of_the_headers,
                every_exported_name_is_documented, its_own_tests_pass_with_the_race_detector,
                go_get_takes_it_from_a_proxy, without_cgo_the_error_says_what_is_missing,
                a_library_of_another_version_is_refused_when_it_is_loaded,
                every_code_block_of_the_readme_compiles, demo_shows_everything, the_promises_compile,
                promises_hold):
        checks.check(act.__name__, act)

    def nothing_was_written_into_the_source_tree():
        assert every_file() == before, set(every_file().items()) ^ set(before.items())

    checks.check("nothing_was_written_into_the_source_tree", nothing_was_written_into_the_source_tree)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
