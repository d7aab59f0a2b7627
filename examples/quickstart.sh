#!/bin/sh
# SPDX-License-Identifier: MIT
# From a fresh machine to results: installs what is missing, builds, starts the bundled emulator of the service on
# loopback, sends images through the detect program, shows what was seen and what the service counted.
# Leaves nothing running.  Needs no account: the key is made up here, for this run, and never shown.
#
#   examples/quickstart.sh      BUILD_DIR says where to build (default ./build)
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build}
shared=${AD_SHARED:-$root/../shared}

"$root/examples/install_packages.sh" build emulator

mkdir -p "$build"
build=$(cd "$build" && pwd)
out=$build/quickstart
mkdir -p "$out"
rm -f "$out"/*

emulator=
stop_emulator() {
    if [ -n "$emulator" ]; then
        kill "$emulator" 2>/dev/null || true
        wait "$emulator" || true
        emulator=
    fi
}
trap 'stop_emulator; rm -f "$out/hello"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run_logged LOG COMMAND...: quiet when it works, the end of the log when it does not
run_logged() {
    log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        echo "failed: $*" >&2
        exit 1
    fi
}

echo "Building in $build"
[ -f "$build/build.ninja" ] || run_logged "$out/setup.log" meson setup "$build" "$root"
run_logged "$out/build.log" ninja -C "$build" examples/detect lib/testing/emulator/animaldetect-emulator

# Real photographs when they are at hand, else the project's own drawings.
if [ -f "$shared/data/expected.json" ]; then
    images=$shared/data/images
    answers=$shared/data/expected.json
else
    images=$root/examples/images
    answers=$images/answers.json
fi

AD_API_KEY=sk_test_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export AD_API_KEY
# Loopback must not go through a proxy that the environment names.
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

mkfifo "$out/hello"
"$build/lib/testing/emulator/animaldetect-emulator" --quiet --processing lognormal:600:0.4 --answers "$answers" \
    --ledger "$out/ledger.json" >"$out/hello" 2>"$out/emulator.log" &
emulator=$!
if ! { read -r line && read -r storage; } <"$out/hello"; then
    cat "$out/emulator.log" >&2
    echo "failed: the emulator did not start" >&2
    exit 1
fi
AD_API_BASE_URL=${line#listening on }
export AD_API_BASE_URL
echo "The emulated service is at $AD_API_BASE_URL, its ${storage}"

cd "$images"
set --
for name in *.jpg *.png; do
    [ -f "$name" ] && set -- "$@" "$name"
done

echo
echo "Sending $# images, one after the other: create, upload, submit, poll, fetch"
echo
status=0
"$build/examples/detect" "$@" || status=$?

# The same images again: the service knows them, so each is answered with the job it has.
"$build/examples/detect" --json "$@" >"$out/results.jsonl" || status=$?
stop_emulator

echo
python3 - "$out/ledger.json" $# <<'EOF' || status=1
import json
import sys

ledger = json.load(open(sys.argv[1]))
counts, images = ledger["counts"], int(sys.argv[2])
print(f"The service counted {counts['jobs']} jobs, {counts['uploads']} uploads, {counts['api_requests']} API requests, "
      f"{ledger['violation_count']} violations of its contract;")
print(f"{counts['replays']} images came a second time, for the JSON below, and made no new job.")
for violation in ledger["violations"]:
    print("violation:", violation)
sys.exit(0 if ledger["violation_count"] == 0 and counts["jobs"] == counts["uploads"] == images else 1)
EOF
cat <<EOF

Results as JSON, one image a line:  $out/results.jsonl
The program that did it:            $build/examples/detect --help
With the real service:              AD_API_KEY=... $build/examples/detect IMAGE...
EOF
exit "$status"
