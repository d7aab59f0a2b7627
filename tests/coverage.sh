#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Line coverage of lib/ by the tests: builds with coverage, runs the suites, prints the table of gcovr and its total.
#
#   tests/coverage.sh BUILD_DIRECTORY      created when missing
#
# No line is excluded.  An exclusion marker in the sources is a failure: the list of accepted reasons is empty
# (doc/testing.md).  Prints "ok" or "not ok" for each promise; exit code 1 when one is broken.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:?usage: coverage.sh BUILD_DIRECTORY}
least=90
status=0

# promise NAME COMMAND...
promise() {
    local name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        echo "not ok $name"
        status=1
    fi
}

lacks_markers() {
    ! grep -rnE 'GCOVR?_EXCL|LCOV_EXCL' "$root/lib" "$root/include"
}

suites_pass() {
    meson test -C "$build" --no-rebuild --num-processes "$(($(nproc) * 2))" --print-errorlogs --suite unit --suite engine \
        --suite mock --suite torture --suite threads --suite live --suite service --suite emulator >"$build/tests.log" 2>&1 ||
        { tail -n 60 "$build/tests.log"; return 1; }
}

covered() {
    gcovr --root "$root" --filter "$root/lib/" --object-directory "$build" --sort-uncovered --fail-under-line "$least" \
        "$build"
}

if [ ! -d "$build/meson-info" ]; then
    meson setup "$build" "$root" -Db_coverage=true -Dexamples=false >"$build.setup" 2>&1 ||
        { tail -n 20 "$build.setup"; echo "not ok coverage: configure"; exit 1; }
fi
ninja -C "$build" >"$build.log" 2>&1 || { tail -n 40 "$build.log"; echo "not ok coverage: build"; exit 1; }
find "$build" -name '*.gcda' -delete
promise "no line is left out of the count" lacks_markers
promise "the suites pass while they are counted" suites_pass
promise "at least $least % of the lines of lib/ are run" covered
exit $status
