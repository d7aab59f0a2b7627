#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C++ headers in examples/cpp: compile without a warning, their values compared with the C headers, demo, promises.

    cpp_test.py LIBRARY EMULATOR BUILD-FOLDER MOCK HEADER-FOLDER...

Exit code 77, with a message, when there is no C++ compiler.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import bindings_kit as kit  # noqa: E402
import cpp_documented  # noqa: E402

sys.path.insert(0, str(kit.ROOT / "lib" / "abi"))

import header  # noqa: E402

LIBRARY, EMULATOR, WORK = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
MOCK, HEADERS = pathlib.Path(sys.argv[4]), sys.argv[5:]
CPP = kit.ROOT / "examples" / "cpp"
INCLUDE = CPP / "include"
OURS = sorted((INCLUDE / "animaldetect").rglob("*.hpp"))
MOCK_HEADERS = kit.ROOT / "lib" / "testing" / "mock" / "include"
HERE = pathlib.Path(__file__).resolve().parent
WARNINGS = "-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Werror".split()
# With a library that was built for ThreadSanitizer the programs are too, and nothing but they is run.
THREADS = b"__tsan_init" in LIBRARY.read_bytes()
SANITIZE = [f"-fsanitize={'thread' if THREADS else 'address,undefined'}", "-fno-sanitize-recover=all", "-g", "-O1"]
COMPILER = shutil.which(os.environ.get("CXX", "c++"))

# The declarations that the fragments in the README assume.
PROLOGUE = """#include <animaldetect/await.hpp>
#include <animaldetect/mock.hpp>
#include <poll.h>
#include <cassert>
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
COROUTINE = PROLOGUE.split("void block")[0] + """
struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
Task block(animaldetect::Client &client, std::vector<std::string> paths, std::stop_token stop);
Task block(animaldetect::Client &client, std::vector<std::string> paths, std::stop_token stop)
{
"""


def compile_to(output, sources, *options, compiler=COMPILER, warnings=WARNINGS):
    command = [compiler, "-std=c++17", *warnings, *(f"-I{path}" for path in [INCLUDE, MOCK_HEADERS, *HEADERS]), *options,
               *sources]
    if "-fsyntax-only" not in options:
        for library in (MOCK, LIBRARY):
            command += [library, f"-Wl,-rpath,{library.resolve().parent}"]
        command += ["-pthread", "-o", output]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0 and not done.stdout, done.stdout
    return output


def it_compiles_without_a_warning_for_each_compiler_and_standard():
    compilers = [COMPILER, *filter(None, [shutil.which("clang++")])]
    for compiler in compilers:
        for standard in ("-std=c++17", "-std=c++20"):
            compile_to(None, [CPP / "demo.cpp"], standard, "-fsyntax-only", compiler=compiler)
        compile_to(None, [HERE / "cpp_await.cpp"], "-std=c++20", "-fsyntax-only", compiler=compiler)
    print("# " + ", ".join(compilers))


def each_header_compiles_alone():
    for path in OURS:
        file = WORK / "alone.cpp"
        file.write_text(f"#include <{path.relative_to(INCLUDE)}>\n", encoding="utf-8")
        compile_to(None, [file], "-std=c++20" if path.name == "await.hpp" else "-std=c++17", "-fsyntax-only")


def every_public_function_is_documented():
    missing = [name for path in OURS for name in cpp_documented.undocumented(path.read_text(encoding="utf-8"))]
    assert not missing, missing


# Code that would leave a dangling reference or discard a result, and the compiler's message. Each is the body of a
# function that has a client.
REFUSED = {
    "std::string_view json = client.job().run().json();": "deleted",
    "auto label = client.job().run().detections()[0].label();": "deleted",
    "auto first = client.job().run().detections().begin();": "deleted",
    "auto &job = client.job().file(\"a.jpg\");": "cannot bind",
    "client.job().file(\"a.jpg\");": "nodiscard",
    "client.hold_reason();": "nodiscard",
    "ad::Job job = client.job(); ad::Job second = job;": "deleted",
    "client.job().treshold(0.3);": "has no member",
    "client.poll_mode(2);": "no matching",
}
# The correct code, which must compile.
ACCEPTED = [
    "auto job = client.job().file(\"a.jpg\").country(\"USA\"); job.run();",
    "ad::Job job = client.job(); job.file(\"a.jpg\").run();",
    "for (const auto &seen : client.job().file(\"a.jpg\").run().detections()) static_cast<void>(seen.label());",
    "ad::Result result = client.job().run(); std::string_view json = result.json(); static_cast<void>(json);",
    "auto other = ad::Client(\"key\").rate_limit(300).max_requests(8); other.wait();",
]


def what_would_dangle_or_be_lost_does_not_compile():
    file = WORK / "refused.cpp"
    head = "#include <animaldetect/animaldetect.hpp>\nnamespace ad = animaldetect;\n"

    def compiles(body):
        file.write_text(f"{head}void act(ad::Client &client);\nvoid act(ad::Client &client)\n{{\n"
                        f"    static_cast<void>(client);\n    {body}\n}}\n", encoding="utf-8")
        compile_to(None, [file], "-fsyntax-only")

    for body in ACCEPTED:
        compiles(body)
    for body, words in REFUSED.items():
        try:
            compiles(body)
        except AssertionError as refused:
            assert words in str(refused), f"{body}: {refused}"
        else:
            raise AssertionError(f"it compiles: {body}")


def a_library_that_does_not_fit_is_refused():
    file = WORK / "fits.cpp"
    file.write_text("""#include <animaldetect/animaldetect.hpp>
using animaldetect::detail::fits;
static_assert(fits(0x000200, 0x000200) && fits(0x000201, 0x000200) && fits(0x010300, 0x010200), "the same or later");
static_assert(!fits(0x000300, 0x000200) && !fits(0x000200, 0x000201) && !fits(0x020000, 0x010200), "older, or broken");
""", encoding="utf-8")
    compile_to(None, [file], "-fsyntax-only")


def a_library_of_another_version_is_refused_when_it_is_loaded():
    """By every constructor that needs no other object; with the real library none rejects it."""
    file = WORK / "version.cpp"
    file.write_text("""#include <animaldetect/animaldetect.hpp>
#include <animaldetect/mock.hpp>
#include <cstring>
#include <iostream>
namespace ad = animaldetect;
int main()
{
    int refused = 0;
    void (*acts[])() = {[] { ad::Client("sk_test_x").stop(); }, [] { ad::Client::from_env().stop(); },
                        [] { static_cast<void>(ad::Result::parse("{}")); }, [] { ad::Mock mock; }};
    for (auto act : acts) {
        try {
            act();
        } catch (const ad::Error &error) {
            refused += error.status == ad::Status::unsupported && std::strstr(error.what(), "0.99.0") != nullptr;
        }
    }
    std::cout << refused << "\\n";
}
""", encoding="utf-8")
    program = compile_to(WORK / "version", [file])
    assert kit.run([program], AD_API_KEY=kit.KEY) == "0\n"
    assert kit.run([program], AD_API_KEY=kit.KEY, LD_PRELOAD=kit.library_of_another_version(WORK)) == "4\n"


def every_value_is_that_of_the_headers():
    """The compiler takes the numbers from C. This checks that all exist, each under its own name."""
    text = (INCLUDE / "animaldetect" / "cpp" / "values.hpp").read_text(encoding="utf-8")
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
    """All that a host may call; a custom transport is written in C."""
    text = "".join(path.read_text(encoding="utf-8") for path in OURS)
    other = ("animaldetect_transport_", "animaldetect_exchange_", "animaldetect_version")
    left_out = {"animaldetect_client_set_transport",
                # the binding does not expose the client of a job
                "animaldetect_job_client",
                # the enumerators already have names
                "animaldetect_state_name", "animaldetect_stage_name", "animaldetect_step_name"}
    missing = [name for name in header.functions(HEADERS) if not name.startswith(other) and name not in left_out
               and not re.search(rf"\b{name}\b", text)]
    assert not missing, missing


def every_code_block_of_the_readme_compiles():
    for number, code in enumerate(kit.code_blocks(CPP / "README.md", "cpp")):
        file = WORK / f"readme{number}.cpp"
        prologue = COROUTINE if "co_await" in code else PROLOGUE
        file.write_text(code if "#include" in code else f"{prologue}{code}}}\n", encoding="utf-8")
        compile_to(None, [file], "-std=c++20", "-fsyntax-only", "-Wno-unused-variable")


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


def a_test_of_a_users_own_program_passes():
    kit.run([compile_to(WORK / "import_test", [CPP / "import_test.cpp"])])


def _await(checks):
    words = kit.run([compile_to(WORK / "await", [HERE / "cpp_await.cpp"], "-std=c++20", *SANITIZE)],
                    ASAN_OPTIONS="detect_leaks=1")
    assert words.count("ok ") >= 7 and "not ok" not in words, words
    checks.passed += words.count("ok ")


def main():
    if COMPILER is None:
        print("skip: there is no C++ compiler")
        return 77
    WORK.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([COMPILER, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    print("# " + version.splitlines()[0])
    checks = kit.Checks()

    def promises_are_kept_and_nothing_leaks():
        with kit.service(EMULATOR) as service, kit.service(EMULATOR, "--fail", "1") as failing, \
                kit.service(EMULATOR, "--fault", "create:429:retry_after=3600") as limited:
            _promises(service, failing, limited, checks)
        for one in (service, limited):
            one.assert_clean()
        failing.assert_clean(kit.RERUN)

    if THREADS:
        checks.check("coroutines_and_stop_tokens", _await, checks)
        checks.check("promises_are_kept", promises_are_kept_and_nothing_leaks)
        return checks.finish()
    for act in (it_compiles_without_a_warning_for_each_compiler_and_standard, each_header_compiles_alone,
                every_public_function_is_documented, what_would_dangle_or_be_lost_does_not_compile,
                a_library_that_does_not_fit_is_refused,
                a_library_of_another_version_is_refused_when_it_is_loaded,
                every_value_is_that_of_the_headers, every_setter_and_getter_is_bound,
                every_code_block_of_the_readme_compiles, a_test_of_a_users_own_program_passes):
        checks.check(act.__name__, act)
    checks.check("coroutines_and_stop_tokens", _await, checks)
    seen = {}

    def demo_shows_everything(options=(), **environment):
        with kit.service(EMULATOR) as service:
            seen["jobs"] = _demo(service, *options, **environment)
        service.judge(seen["jobs"], kit.RERUN)

    checks.check("demo_shows_everything", demo_shows_everything)
    checks.check("demo_leaks_nothing", demo_shows_everything, SANITIZE)
    checks.check("promises_are_kept_and_nothing_leaks", promises_are_kept_and_nothing_leaks)
    return checks.finish()


sys.exit(main())
