#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The package in examples/node: its addons compile without a warning, its values and types, its demo and node_test.js,
and the package that npm packs, in a user's project.

    node_test.py LIBRARY EMULATOR BUILD-FOLDER MOCK HEADER-FOLDER...

If the library was built with AddressSanitizer, so are the addons, and only the tests that run them are executed,
without leak detection: V8 frees nothing at exit. Exit code 77, with a message, when Node.js or its headers are not
installed.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import bindings_kit as kit  # noqa: E402
import node_documented  # noqa: E402

sys.path.insert(0, str(kit.ROOT / "lib" / "abi"))

import header  # noqa: E402

LIBRARY, EMULATOR, BUILD = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
MOCK, HEADERS = pathlib.Path(sys.argv[4]), sys.argv[5:]
NODE = kit.ROOT / "examples" / "node"
HERE = pathlib.Path(__file__).resolve().parent
ADDON = BUILD / "animaldetect.node"
ADDONS = {"ANIMALDETECT_ADDON": str(ADDON), "ANIMALDETECT_MOCK_ADDON": str(BUILD / "animaldetect_mock.node")}
CC = os.environ.get("CC", "cc")
SANITIZED = b"__asan_init" in LIBRARY.read_bytes()
SANITIZE = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer"] if SANITIZED else []
WARNINGS = "-Wall -Wextra -Wconversion -Wshadow -Werror".split()


def addons():
    """The environment of a program that loads the addons. The sanitizer's library must be preloaded into Node.js."""
    if not SANITIZED:
        return ADDONS
    runtime = kit.run([CC, "-print-file-name=libasan.so"]).strip()
    return {**ADDONS, "LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


def node_headers():
    """Node's own archive has uv.h next to node_api.h, Debian has it in another package. None when they are missing."""
    home = pathlib.Path(shutil.which("node")).resolve().parents[1]
    for folder in (home / "include" / "node", pathlib.Path("/usr/include/node")):
        if (folder / "node_api.h").exists() and ((folder / "uv.h").exists() or pathlib.Path("/usr/include/uv.h").exists()):
            return folder
    return None


def the_addons_compile_without_a_warning():
    kit.write_pkg_config(BUILD / "pkgconfig", HEADERS, LIBRARY, MOCK)
    for name, sources, libraries in (("animaldetect", "src", [LIBRARY]), ("animaldetect_mock", "src_mock", [MOCK, LIBRARY])):
        linked = [word for file in libraries for word in (file.resolve(), f"-Wl,-rpath,{file.resolve().parent}")]
        kit.run([CC, *SANITIZE, "-std=gnu11", "-O2", "-g", "-fPIC", "-shared", "-fvisibility=hidden", *WARNINGS,
                 "-isystem", node_headers(), *(f"-I{folder}" for folder in HEADERS),
                 f"-I{kit.ROOT / 'lib/testing/mock/include'}", *sorted((NODE / sources).glob("*.c")), *linked,
                 "-o", BUILD / f"{name}.node"])


def every_value_is_that_of_the_headers():
    words = kit.run(["node", "-e", f"console.log(JSON.stringify(require({json.dumps(str(NODE / 'constants.js'))})))"])
    prefixes = {"Status": "", "Operation": "OPERATION_", "State": "STATE_", "Stage": "STAGE_", "Step": "STEP_",
                "PollMode": "POLL_", "LogLevel": "LOG_", "Rank": "RANK_", "Statistic": "STAT_", "Scope": "SCOPE_",
                "Pause": "PAUSE_", "Hold": "HOLD_", "ResultKind": "RESULT_"}
    here = {f"ANIMALDETECT_{prefixes[group]}{name}": json.dumps(value)
            for group, names in json.loads(words).items() for name, value in names.items()}
    wanted = kit.bound_values(header.values(HEADERS))
    assert here == wanted, set(here.items()) ^ set(wanted.items())


def the_types_of_the_values_are_theirs():
    assert (NODE / "constants.d.ts").read_text() == kit.run(["node", HERE / "node_constants.js"])


def every_declaration_is_documented():
    for file in sorted(NODE.glob("*.d.ts")):
        missing = list(node_documented.undocumented(file.read_text(encoding="utf-8")))
        assert not missing, f"{file.name}: {missing}"


def a_misspelled_option_does_not_compile():
    if shutil.which("tsc") is None:
        print("# tsc is not installed: the types were not checked")
        return
    folder = BUILD / "types"
    (folder / "node_modules").mkdir(parents=True, exist_ok=True)
    link = folder / "node_modules" / "animaldetect"
    link.unlink(missing_ok=True)
    link.symlink_to(NODE)
    shutil.copy(HERE / "node_types.mts", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    options = {"strict": True, "noEmit": True, "preserveSymlinks": True, "module": "node16", "moduleResolution": "node16",
               "target": "es2022", "types": []}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["node_types.mts"]}))
    kit.run(["tsc", "-p", folder])


def both_forms_of_import_give_the_same():
    file = BUILD / "same.mjs"
    file.write_text(f"""import {{ createRequire }} from 'node:module';
import * as named from '{NODE}/index.mjs';
import * as mock from '{NODE}/mock.mjs';
const require = createRequire(import.meta.url);
const sorted = (names) => names.filter((name) => name !== 'default').sort().join();
for (const [here, there] of [[named, require('{NODE}/index.js')], [mock, require('{NODE}/mock.js')]]) {{
  if (sorted(Object.keys(here)) !== sorted(Object.keys(there))) throw new Error(sorted(Object.keys(here)));
  for (const name of Object.keys(there)) if (here[name] !== there[name]) throw new Error(name);
}}
""")
    kit.run(["node", file], **ADDONS)


def npm_installs_what_it_packs():
    """In a user's project: node-gyp compiles, the README's first program runs, a test with the mock passes."""
    npm = shutil.which("npm")
    if npm is None:
        print("# npm is not installed: the package was not packed")
        return
    folder = BUILD / "stranger"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "npmrc").write_text("")
    # The headers are in include/node below this folder.
    given = {"npm_config_nodedir": str(node_headers().parents[1]), "npm_config_userconfig": str(folder / "npmrc"),
             "npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false",
             "PKG_CONFIG_PATH": str(BUILD / "pkgconfig"), "HOME": str(folder)}
    copy = folder / "package" # npm writes to the folder that it packs
    shutil.copytree(NODE, copy, ignore=shutil.ignore_patterns("build", "node_modules"))
    words = kit.run([npm, "pack", "--offline", "--pack-destination", folder], cwd=copy, **given)
    archive = folder / words.split()[-1]
    (folder / "project").mkdir()
    (folder / "project" / "package.json").write_text('{"name": "stranger", "version": "1.0.0", "private": true}')
    kit.run([npm, "install", "--offline", "--no-audit", "--no-fund", archive], timeout=200, cwd=folder / "project", **given)
    first = kit.code_blocks(NODE / "README.md", "js")[0]
    (folder / "project" / "first.mjs").write_text(first)
    shutil.copy(NODE / "import.test.js", folder / "project")
    shutil.copy(kit.IMAGES / "fox_at_night.jpg", folder / "project" / "img_001.jpg")
    with kit.service(EMULATOR) as running:
        kit.run(["node", "first.mjs"], running, cwd=folder / "project")
    running.judge(1)
    kit.run(["node", "--test", "import.test.js"], cwd=folder / "project")


def a_library_of_another_version_is_refused_when_it_is_loaded():
    for file in ("index.js", "mock.js"):
        script = (f"try {{ require({json.dumps(str(NODE / file))}); console.log('loaded'); }} "
                  "catch (error) { console.log(error.message); }")
        assert kit.run(["node", "-e", script], **ADDONS) == "loaded\n"
        words = kit.run(["node", "-e", script], LD_PRELOAD=kit.library_of_another_version(BUILD), **ADDONS)
        assert "libanimaldetect 0.99.0 is loaded" in words, words


def every_code_block_of_the_readme_is_javascript():
    for number, block in enumerate(kit.code_blocks(NODE / "README.md", "js")):
        file = BUILD / f"readme{number}.mjs"
        file.write_text(block)
        kit.run(["node", "--check", file])


def demo_shows_everything():
    with kit.service(EMULATOR) as running:
        words = kit.run(["node", NODE / "demo.js"], running, **addons())
    running.judge(kit.expected_jobs(words), kit.RERUN)


def a_test_of_a_users_own_program_passes():
    kit.run(["node", "--test", NODE / "import.test.js"], cwd=NODE, **addons())


def promises_hold():
    """node_test.js prints a line for each promise."""
    with kit.service(EMULATOR) as running, kit.service(EMULATOR, "--fail", "1") as failing, \
            kit.service(EMULATOR, "--fault", "create:429:retry_after=3600") as limited:
        done = subprocess.run(["node", "--expose-gc", kit.ROOT / "tests" / "interface" / "bindings" / "node_test.js"], timeout=120,
                              env={**os.environ, **running.environment(), **addons(),
                                   "FAILING_URL": failing.url, "LIMITED_URL": limited.url}, check=False)
        assert done.returncode == 0, f"exit code {done.returncode}"
    for one in (running, limited):
        one.assert_clean()
    failing.assert_clean(kit.RERUN)


def main():
    if shutil.which("node") is None:
        print("skip the addon for Node.js: node is not here")
        return 77
    if node_headers() is None:
        print("skip the addon for Node.js: its headers are not here (Debian: libnode-dev, libuv1-dev)")
        return 77
    BUILD.mkdir(parents=True, exist_ok=True)
    checks = kit.Checks()
    print(f"# Node.js {kit.run(['node', '--version']).strip()}", flush=True)
    checks.check("the_addons_compile_without_a_warning", the_addons_compile_without_a_warning)
    if checks.failed:
        return 1
    running = (demo_shows_everything, a_test_of_a_users_own_program_passes, promises_hold)
    if SANITIZED:
        for act in running:
            checks.check(act.__name__, act)
        return checks.finish()
    for act in (every_value_is_that_of_the_headers, the_types_of_the_values_are_theirs,
                every_declaration_is_documented, a_misspelled_option_does_not_compile,
                both_forms_of_import_give_the_same, every_code_block_of_the_readme_is_javascript,
                a_library_of_another_version_is_refused_when_it_is_loaded, npm_installs_what_it_packs, *running):
        checks.check(act.__name__, act)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
