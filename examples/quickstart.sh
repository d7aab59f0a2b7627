#!/bin/sh
# SPDX-License-Identifier: MIT
# From a fresh machine to results: installs missing packages, builds, starts the bundled emulator of the service on
# loopback, sends a folder of images with animaldetect, shows the results and the emulator's counts, and writes a results
# file and an HTML page.
# Leaves no process running. Needs no account: the key is random, for this run only, and never shown.
#
#   examples/quickstart.sh      BUILD_DIR says where to build (default ./build)
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build}
shared=${AD_SHARED:-$root/../shared}

"$root/examples/install_packages.sh" build emulator tool

mkdir -p "$build"
build=$(cd "$build" && pwd)
out=$build/quickstart
mkdir -p "$out"
rm -rf "${out:?}"/*

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

# run_logged LOG COMMAND...: prints nothing on success, the last lines of the log on failure
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
run_logged "$out/build.log" ninja -C "$build" examples/animaldetect/animaldetect lib/testing/emulator/animaldetect-emulator

# Photographs if there are any, else the project's own drawings.
if [ -f "$shared/data/expected.json" ]; then
    images=$shared/data/images
    answers=$shared/data/expected.json
else
    images=$root/examples/images
    answers=$images/answers.json
fi

AD_API_KEY=sk_test_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export AD_API_KEY
# The user's own settings for the real service are ignored.
unset ANIMAL_DETECT_API_KEY XDG_CONFIG_HOME
export HOME="$out"
# Requests to loopback must not go through a proxy from the environment.
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

tool=$build/examples/animaldetect/animaldetect
ledger=$out/images.ledger

echo
echo "Sending the images of $images"
status=0
"$tool" run --ledger "$ledger" --output "$out/recognitionData.json" "$images" || status=$?

# The same command again: every image is done, so no request is sent and no image is read.
"$tool" run --quiet --ledger "$ledger" "$images" 2>"$out/again.log" || status=$?
"$tool" export --ledger "$ledger" --format jsonl --output "$out/results.jsonl" || status=$?
"$tool" preview --ledger "$ledger" --output "$out/page" 2>"$out/preview.log" || status=$?
stop_emulator

echo
"$tool" status --ledger "$ledger"
echo
python3 - "$out/ledger.json" "$out/results.jsonl" <<'EOF' || status=1
import json
import sys

ledger = json.load(open(sys.argv[1]))
images = sum(json.loads(line)["state"] in ("done", "empty") for line in open(sys.argv[2]))
counts = ledger["counts"]
print(f"The service counted {counts['jobs']} jobs, {counts['uploads']} uploads, {counts['api_requests']} API requests, "
      f"{ledger['violation_count']} violations of its contract.")
print("A second run made none of them.")
for violation in ledger["violations"]:
    print("violation:", violation)
sys.exit(0 if ledger["violation_count"] == 0 and counts["jobs"] == counts["uploads"] == images > 0 else 1)
EOF
cat <<EOF

Results for Timelapse:      $out/recognitionData.json
As JSON, one image a line:  $out/results.jsonl
A page to look at:          $out/page/index.html
The program that did it:    $tool --help
With the real service:      AD_API_KEY=... $tool run FOLDER
EOF
exit "$status"
