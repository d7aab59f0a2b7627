#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the library with the release options and runs the benchmarks.  They print figures and check none of them; a
# benchmark fails only when it cannot run.  doc/performance.md says what each one measures.
#
#     ./tests/bench.sh [--json] [--quick] [NAME...]       NAME: throughput network waiting upload quota uplink
#                                                   stuck pace callgrind fleet bindings
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_ROOT:-$root/build-tests}/bench
json= quick= names=

for word in "$@"; do
    case $word in
    --json) json=--json ;;
    --quick) quick=--quick ;;
    throughput | network | waiting | upload | quota | uplink | stuck | pace | callgrind | fleet | bindings) names="$names $word" ;;
    *)
        echo "usage: $0 [--json] [--quick] [throughput|network|waiting|upload|quota|uplink|stuck|pace|callgrind|fleet|bindings]..." >&2
        exit 2
        ;;
    esac
done
names=${names:-throughput network waiting upload quota uplink stuck pace callgrind fleet bindings}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ ! -d "$build/meson-info" ]; then
    meson setup "$build" "$root" --buildtype=release -Ddebug=true >"$log" 2>&1 || {
        cat "$log" >&2
        exit 1
    }
fi
case "$names" in *fleet*) meson configure "$build" -Dexamples=true >"$log" 2>&1 ;; esac # older builds lack it
ninja -C "$build" >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    exit 1
}

export BENCH_BUILD=$build PYTHONDONTWRITEBYTECODE=1
failed=0
separator='{'
for name in $names; do
    if [ -n "$json" ]; then
        printf '%s"%s":' "$separator" "$name"
        separator=,
    else
        echo "== $name"
    fi
    if [ "$name" = fleet ]; then # the shared quota of the fleet tool, on a redis-server
        python3 "$root/tests/tool/bench_quota.py" "$build/examples/animaldetect/animaldetect" \
            "$build/lib/testing/emulator/animaldetect-emulator" --compare $quick $json
    elif [ -x "$build/tests/bench/$name" ]; then
        "$build/tests/bench/$name" $quick $json
    else
        python3 "$root/tests/bench/$name.py" $quick $json
    fi || {
        [ -z "$json" ] || echo null
        failed=1
    }
done
[ -z "$json" ] || echo '}'
exit $failed
