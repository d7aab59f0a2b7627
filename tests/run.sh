#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs missing packages, builds, runs all tests in all configurations.  Last line: N passed, N failed[, N skipped].
#
#   tests/run.sh            everything
#   tests/run.sh gcc tsan   only these, of: gcc clang gnutls asan tsan valgrind cross fuzz analyze coverage
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
export AD_SHARED=${AD_SHARED:-$root/../shared}
build=${BUILD_ROOT:-$root/build-tests}
jobs=$(nproc)
tests_at_once=$((jobs * 2)) # many tests only wait for the network or a timer
results=$build/results
wanted=${*:-gcc clang gnutls asan tsan valgrind cross fuzz analyze coverage}

./examples/install_packages.sh build tests || { echo "0 passed, 1 failed"; exit 1; }
mkdir -p "$results"
rm -f "$results"/*

[ -d "$AD_SHARED/data" ] || echo "note: ../shared is not there; the tests that need its images are skipped"

wants() {
    case " $wanted " in *" $1 "*) part "$1" ;; *) return 1 ;; esac
}

# verdict NAME STATUS: prints a line that is counted as one test, for tests that meson does not run
verdict() {
    printf '%s %s\n' "$2" "$1" >>"$results/verdicts"
    printf '  %-8s %s\n' "$2" "$1"
}

# has NAME COMMAND: succeeds if the command is installed, else counts the configuration as skipped
has() {
    command -v "$2" >/dev/null && return
    echo "skip $1: $2 is not installed" | tee "$results/$1-absent.lines"
    return 1
}

# The budget of each configuration in seconds on two cores; the total is below 40 minutes.  An overrun prints a note.
declare -A budget=([gcc]=540 [clang]=90 [gnutls]=60 [asan]=360 [tsan]=90 [valgrind]=390 [cross]=330 [fuzz]=90 [analyze]=150 [coverage]=240)
begun=$SECONDS
part=

# part NAME: begins a configuration and prints the duration of the previous one
part() {
    if [ -n "$part" ]; then
        echo "== $part: $((SECONDS - begun)) s of ${budget[$part]} s"
        [ $((SECONDS - begun)) -le "${budget[$part]}" ] || echo "note: $part is over its budget"
    fi
    part=$1
    begun=$SECONDS
}

# configure NAME CC OPTION...: creates a build directory; checks that it compiles without a warning
configure() {
    local name=$1 cc=$2
    shift 2
    echo "== $name: build with $cc"
    if [ ! -d "$build/$name/meson-info" ]; then
        CC=$cc meson setup "$build/$name" "$root" --wipe "$@" >"$results/$name.setup" 2>&1 ||
            CC=$cc meson setup "$build/$name" "$root" "$@" >"$results/$name.setup" 2>&1 || {
            tail -n 20 "$results/$name.setup"
            verdict "$name: configure" failed
            return 1
        }
    fi
    if ! ninja -C "$build/$name" -j "$jobs" >"$results/$name.build" 2>&1; then
        tail -n 40 "$results/$name.build"
        verdict "$name: build" failed
        return 1
    fi
    if grep -q 'warning:' "$results/$name.build"; then
        grep -A4 'warning:' "$results/$name.build" | head -n 40
        verdict "$name: builds without a warning" failed
    else
        verdict "$name: builds without a warning" passed
    fi
}

# run NAME MESON-TEST-ARGUMENT...: runs tests and keeps their log for the summary
run() {
    local name=$1
    shift
    echo "== $name: test"
    meson test -C "$build/$name" --no-rebuild --num-processes "$tests_at_once" --print-errorlogs "$@" 2>&1 |
        grep -vE '^(ninja: |Full log|Ok:|Expected Fail:|Fail:|Unexpected Pass:|Skipped:|Timeout:|$)'
    cp "$build/$name/meson-logs/testlog.json" "$results/$name.json" 2>/dev/null || verdict "$name: tests ran" failed
}

if wants gcc && configure gcc gcc -Ddocs=true; then
    run gcc
fi
if wants clang && has clang clang && configure clang clang; then
    run clang --suite unit --suite engine --suite service --suite emulator
fi
if wants gnutls; then
    "$root/tests/gnutls.sh" "$build/gnutls" 2>&1 | tee "$results/gnutls.lines"
    [ "${PIPESTATUS[0]}" -eq 0 ] || grep -q '^not ok' "$results/gnutls.lines" || verdict "gnutls: ran to its end" failed
fi
if wants asan && configure asan gcc -Db_sanitize=address,undefined; then
    export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    run asan --suite unit --suite engine --suite mock --suite sim --suite live --suite torture --suite service \
        --suite emulator --suite tool --suite sanitized
    unset ASAN_OPTIONS UBSAN_OPTIONS
fi
if wants tsan && configure tsan gcc -Db_sanitize=thread -Dexamples=false; then
    TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 suppressions=$root/tests/tsan.supp" run tsan --suite threads \
        --suite service --suite emulator
fi
if wants valgrind && has valgrind valgrind; then
    if [ -d "$build/gcc/meson-info" ] || configure gcc gcc; then
        # The suite valgrind has the tests that can run under it. An emulator is another process, which valgrind does
        # not follow: only its client runs under valgrind. The test of the man page is a Python program and is excluded.
        echo "== valgrind"
        meson test -C "$build/gcc" --no-rebuild --num-processes "$jobs" --print-errorlogs --suite unit --suite valgrind \
            --timeout-multiplier 20 --logbase valgrind \
            --wrapper "valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --child-silent-after-fork=yes --suppressions=$root/tests/valgrind.supp" 2>&1 |
            grep -E '^ *[0-9]+/[0-9]+|FAIL|ERROR|==[0-9]+==' | head -n 200
        cp "$build/gcc/meson-logs/valgrind.json" "$results/valgrind.json" 2>/dev/null ||
            cp "$build/gcc/meson-logs/valgrind-valgrind.json" "$results/valgrind.json" 2>/dev/null || verdict "valgrind: tests ran" failed
    fi
fi
if wants cross; then
    for target in arm64 armhf i386 i386-portable; do
        "$root/tests/interface/package/cross.sh" "$target" "$build/cross" 2>&1 | tee "$results/cross-$target.lines"
        status=${PIPESTATUS[0]}
        [ "$status" -eq 0 ] || [ "$status" -eq 77 ] || grep -q '^not ok' "$results/cross-$target.lines" ||
            verdict "cross $target: ran to its end" failed
    done
fi
if wants fuzz && [ -x "$root/tests/fuzz/smoke" ]; then
    echo "== fuzz"
    "$root/tests/fuzz/smoke" "$build/fuzz" 2>&1 | tee "$results/fuzz.lines"
    [ "${PIPESTATUS[0]}" -eq 0 ] || verdict "fuzz: ran to its end" failed
fi

if wants analyze && { [ -d "$build/gcc/meson-info" ] || configure gcc gcc -Ddocs=true; }; then
    echo "== analyze"
    "$root/tests/analyze.py" "$build/gcc" >"$results/analyze.out" 2>&1
    grep -vE '^(ok|not ok|skip) ' "$results/analyze.out" | head -n 60
    grep -E '^(ok|not ok|skip) ' "$results/analyze.out" | tee "$results/analyze.lines"
    [ -s "$results/analyze.lines" ] || verdict "analyze: ran to its end" failed
fi
if wants coverage && has coverage gcovr; then
    echo "== coverage"
    "$root/tests/coverage.sh" "$build/coverage" 2>&1 | tee "$results/coverage.lines"
    [ "${PIPESTATUS[0]}" -eq 0 ] || grep -q '^not ok' "$results/coverage.lines" || verdict "coverage: ran to its end" failed
fi

part end

# Every key of the tests begins with sk_test_. No output of any program, ours or a tool's, may contain one.
if grep -rlE 'sk_(test|live)_[A-Za-z0-9_]{3,}' "$results" "$build"/*/meson-logs "$build"/cross/*/meson-logs 2>/dev/null; then
    verdict "no key stands in the output of any test" failed
else
    verdict "no key stands in the output of any test" passed
fi

exec python3 "$root/tests/summary.py" "$results"
