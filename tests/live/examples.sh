#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The example programs against the emulator, as a person would use them.  Prints a line per promise, "ok" or "not ok".
# The API keys are made up; that none is ever printed is one of the promises.
# Arguments: the build's root.  AD_SHARED (default: ../shared beside the source root) may hold photographs.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:?usage: examples.sh BUILD_ROOT}
shared=${AD_SHARED:-$root/../shared}
detect=$build/examples/detect
emulator_exe=$build/lib/testing/emulator/animaldetect-emulator
own=$root/examples/images
work=$(mktemp -d)
emulator=
failures=0

export AD_API_KEY=sk_test_q7w9z_made_up no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
unset ANIMAL_DETECT_API_KEY

stop_emulator() {
    [ -n "$emulator" ] && kill "$emulator" 2>/dev/null && wait "$emulator"
    emulator=
}
trap 'stop_emulator; chmod -R u+rwx "$work"; rm -rf "$work"' EXIT

# start_emulator LEDGER OPTION...: a fresh service; its address goes to AD_API_BASE_URL
start_emulator() {
    local ledger=$1
    shift
    mkfifo "$work/hello"
    python3 -B "$root/tests/kit/emulator.py" "$emulator_exe" --processing fixed:200 --ledger "$ledger" "$@" \
        >"$work/hello" 2>>"$work/emulator.log" &
    emulator=$!
    read -r AD_API_BASE_URL <"$work/hello" || {
        echo "not ok the emulator starts"
        exit 1
    }
    rm "$work/hello"
    export AD_API_BASE_URL
}

# check NAME COMMAND...: the promise holds when the command succeeds
check() {
    local name=$1
    shift
    if "$@" >"$work/check" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/# /' "$work/check" | cut -c 1-600
        failures=$((failures + 1))
    fi
}

judge() {
    python3 -B "$root/tests/live/examples_judge.py" "$@"
}

# exits CODE COMMAND...: output is kept for the search for keys at the end
exits() {
    local wanted=$1 code=0
    shift
    "$@" >"$work/out" 2>"$work/err" || code=$?
    cat "$work/out" "$work/err" >>"$work/printed"
    [ "$code" -eq "$wanted" ] || {
        echo "exit code $code, not $wanted"
        cat "$work/out" "$work/err"
        return 1
    }
}

lacks() {
    ! grep -qr "$@"
}

to_full_disk() {
    "$@" >/dev/full
}

# all_images NAME FOLDER ANSWERS: through detect, twice
all_images() {
    local name=$1 folder=$2 answers=$3 images
    cd "$folder" || exit 1
    images=(*.jpg *.png)
    start_emulator "$work/$name.ledger" --answers "$answers"
    check "$name: detect --json succeeds" exits 0 "$detect" --json "${images[@]}"
    cp "$work/out" "$work/$name.first"
    check "$name: annotations equal the expected ones" judge answers "$work/$name.first" "$answers" "${images[@]}"
    check "$name: the result is the service's, byte for byte" judge verbatim "$work/$name.first"
    check "$name: a second run succeeds" exits 0 "$detect" --json "${images[@]}"
    check "$name: a second run finds the same jobs and results" cmp "$work/$name.first" "$work/out"
    check "$name: text names every image and sums up" exits 0 "$detect" "${images[@]}"
    check "$name: one line per image, a blank one, a summary" judge lines "$work/out" "${images[@]}"
    stop_emulator
    check "$name: one job and one upload per image, no violation" judge ledger "$work/$name.ledger" "${#images[@]}"
    cd "$root" || exit 1
}

bad_files() {
    local folder=$work/bad run=()
    mkdir "$folder" && cd "$folder" || exit 1
    : >empty.jpg
    echo "not an image" >text.jpg
    { cat "$own/fox_at_night.jpg" && head -c 11534336 /dev/zero; } >large.jpg
    cp "$own/fox_at_night.jpg" unreadable.jpg
    chmod 000 unreadable.jpg
    mkdir folder.jpg
    cp "$own/fox_at_night.jpg" good.jpg
    # Root may read everything, unless that right is put away.
    [ "$(id -u)" -ne 0 ] || run=(setpriv '--bounding-set=-dac_override,-dac_read_search')
    start_emulator "$work/bad.ledger" --answers "$own/answers.json"
    check "bad files: exit code 1" exits 1 "${run[@]}" "$detect" --json empty.jpg text.jpg large.jpg unreadable.jpg \
        folder.jpg missing.jpg "" good.jpg
    check "bad files: each has its own error, the good one its result" judge errors "$work/out" \
        empty.jpg=ANIMALDETECT_E_IMAGE_EMPTY text.jpg=ANIMALDETECT_E_IMAGE_TYPE \
        large.jpg=ANIMALDETECT_E_IMAGE_TOO_LARGE unreadable.jpg=ANIMALDETECT_E_FILE \
        folder.jpg=ANIMALDETECT_E_FILE missing.jpg=ANIMALDETECT_E_FILE =ANIMALDETECT_E_INVALID_ARGUMENT good.jpg=
    stop_emulator
    check "bad files: nothing was asked of the service for them" judge ledger "$work/bad.ledger" 1
    cd "$root" || exit 1
}

refusals() {
    cd "$own" || exit 1
    start_emulator "$work/refused.ledger"
    check "a refused key: exit code 3" exits 3 env AD_API_KEY=sk_test_wrong_q7w9z "$detect" --json deer.png egret.png
    check "a refused key: every image has its line" judge errors "$work/out" \
        deer.png=ANIMALDETECT_E_UNAUTHORIZED egret.png=ANIMALDETECT_E_UNAUTHORIZED
    check "no key: exit code 3" exits 3 env -u AD_API_KEY "$detect" deer.png
    check "no image: exit code 2" exits 2 "$detect"
    check "unknown option: exit code 2" exits 2 "$detect" --bogus deer.png
    check "threshold out of range: exit code 2" exits 2 "$detect" --threshold 2 deer.png
    check "threshold that is no number: exit code 2" exits 2 "$detect" --threshold nan deer.png
    for bad in "--rerun 0" "--rerun 10" "--rerun x" "--timeout 0" "--timeout nan" "--timeout 1h"; do
        # shellcheck disable=SC2086 # two words
        check "$bad: exit code 2" exits 2 "$detect" $bad deer.png
        check "$bad: says why" grep -q "^detect: \"${bad#* }\" is not a " "$work/err"
    done
    check "plain http to a host that is not loopback: exit code 2" exits 2 \
        env AD_API_BASE_URL=http://192.0.2.1/v1 "$detect" deer.png
    check "--help: exit code 0" exits 0 "$detect" --help
    check "--version: exit code 0" exits 0 "$detect" --version
    check "results that cannot be written: exit code 1" exits 1 to_full_disk "$detect" \
        --source-url https://example.com/a.jpg
    stop_emulator
    check "a refused key: the service is asked once" judge refused "$work/refused.ledger" 1
    start_emulator "$work/refused_loop.ledger"
    check "a refused key in a loop: exit code 3" exits 3 env AD_API_KEY=sk_test_wrong_q7w9z \
        "$build/examples/loop_epoll" --json --window 1 deer.png egret.png
    check "a refused key in a loop: every image says so" judge errors "$work/out" \
        deer.png=ANIMALDETECT_E_UNAUTHORIZED egret.png=ANIMALDETECT_E_UNAUTHORIZED
    stop_emulator
    check "a refused key in a loop: the service is asked once" judge refused "$work/refused_loop.ledger" 1
    start_emulator "$work/payment.ledger" --fault create:402
    check "an account that cannot pay: exit code 3" exits 3 "$detect" --json deer.png egret.png
    check "an account that cannot pay: every image has its line" judge errors "$work/out" \
        deer.png=ANIMALDETECT_E_PAYMENT_REQUIRED egret.png=ANIMALDETECT_E_PAYMENT_REQUIRED
    stop_emulator
    cd "$root" || exit 1
}

# An image that failed stays failed until somebody asks for another run, which costs once.
reruns() {
    cd "$own" || exit 1
    start_emulator "$work/failing.ledger" --state "$work/failing.state" --fail 1
    check "a job that fails: exit code 1" exits 1 "$detect" deer.png
    check "a job that fails: names the way on" grep -q "another run, which is billed: .* --rerun 1$" "$work/out"
    check "reruns that fail: exit code 1" exits 1 "$detect" --rerun 2 deer.png
    check "reruns that fail: name the next run" grep -q -- "--rerun 3$" "$work/out"
    stop_emulator
    check "reruns that fail: no more than were asked for" judge jobs "$work/failing.ledger" 3
    start_emulator "$work/rerun.ledger" --state "$work/failing.state"
    check "the next day: exit code 1" exits 1 "$detect" deer.png
    check "the next day: says that it was an earlier run" grep -q "that was an earlier run" "$work/out"
    check "a rerun that succeeds: exit code 0" exits 0 "$detect" --json --rerun 3 deer.png
    cp "$work/out" "$work/rerun.first"
    check "a rerun that succeeds: once more" exits 0 "$detect" --json --rerun 3 deer.png
    check "a rerun that succeeds: the same job again" cmp "$work/rerun.first" "$work/out"
    stop_emulator
    check "a rerun that succeeds: one job was made for it" judge jobs "$work/rerun.ledger" 4
    cd "$root" || exit 1
}

# Whoever watches must learn what is waited for, and be able to give up.
waits() {
    cd "$own" || exit 1
    for program in detect loop_epoll; do
        start_emulator "$work/held.ledger" --fault create:429:n=1:retry_after=3
        check "$program, held by the service: goes on" exits 0 "$build/examples/$program" deer.png
        check "$program, held by the service: says so once" judge waits "$work/err" "the service limits the requests"
        stop_emulator
    done
    start_emulator "$work/held.ledger" --fault create:429:retry_after=3600
    check "a wait of an hour with --timeout: exit code 1" exits 1 "$detect" --json --timeout 5 deer.png
    check "a wait of an hour with --timeout: says so" judge errors "$work/out" deer.png=ANIMALDETECT_E_CALL_TIMEOUT
    stop_emulator
    # Nobody listens on port 1.
    check "no network: exit code 1" exits 1 env AD_API_BASE_URL=http://127.0.0.1:1/v1 \
        "$detect" --json --timeout 3 deer.png egret.png road.png fox_at_night.jpg
    check "no network: says so" grep -q "^waiting: the service cannot be reached; the next request" "$work/err"
    check "no network: after two images no more are tried" test "$(grep -c 'not tried: the service' "$work/out")" -eq 2
    cd "$root" || exit 1
}

programs() {
    start_emulator "$work/programs.ledger" --answers "$own/answers.json"
    check "quickstart: exit code 0" exits 0 "$build/examples/quickstart" "$own/fox_at_night.jpg"
    check "quickstart: names what is in the image" grep -qx "red fox 0.97" "$work/out"
    check "quickstart: exit code 1 without an image" exits 1 "$build/examples/quickstart" "$work/missing.jpg"
    check "detect --operation filter: coarse classes" exits 0 "$detect" --operation filter --threshold 0.9 \
        "$own/road.png"
    check "detect --threshold: the person at 0.89 is left out" grep -q "vehicle .* 0 animals" "$work/out"
    for loop in loop_epoll loop_libuv; do
        if [ ! -x "$build/examples/$loop" ]; then
            echo "skip $loop: libuv is not here"
            continue
        fi
        for window in 1000 1; do
            # The folder also holds two files that are no images.
            check "$loop --window $window: every file of a folder ends" exits 1 "$build/examples/$loop" \
                --window "$window" "$own"
            check "$loop --window $window: five images, two others" grep -qx "5 succeeded, 2 failed" "$work/out"
        done
    done
    mkdir "$work/card" && cp "$own/deer.png" "$work/card" && echo sidecar >"$work/card/._deer.png"
    check "loop_epoll: hidden files of a card are left out" exits 0 "$build/examples/loop_epoll" "$work/card"
    check "loop_epoll: files named one by one" exits 0 "$build/examples/loop_epoll" "$own/deer.png" "$own/egret.png"
    stop_emulator
    check "programs: one job per image and operation, no violation" judge ledger "$work/programs.ledger" 6
}

quickstart() {
    check "quickstart.sh: exit code 0" exits 0 env AD_SHARED=/nonexistent BUILD_DIR="$build" AD_INSTALL=no \
        "$root/examples/quickstart.sh"
    check "quickstart.sh: shows what was seen" grep -qE "^red fox +1 +0.97$" "$work/out"
    check "quickstart.sh: shows the service's count" grep -q "5 jobs, 5 uploads, .* 0 violations" "$work/out"
    check "quickstart.sh: leaves the JSON" judge answers "$build/quickstart/results.jsonl" "$own/answers.json"
    check "quickstart.sh: leaves a file for Timelapse" grep -q '"format_version": "1.6"' \
        "$build/quickstart/recognitionData.json"
    check "quickstart.sh: leaves a page" test -s "$build/quickstart/page/index.html"
    check "quickstart.sh: shows no key" lacks sk_test_ "$work/out" "$work/err" "$build/quickstart"
}

# A machine with nothing on it: only what the script itself runs, and an apt-get that writes down what it is asked.
installer() {
    local bin=$work/bin
    mkdir "$bin"
    ln -s "$(command -v sh)" "$(command -v env)" "$bin"
    printf '#!/bin/sh\necho "$*" >>"%s"\n' "$work/apt" >"$bin/apt-get"
    printf '#!/bin/sh\necho 0\n' >"$bin/id"
    chmod +x "$bin/apt-get" "$bin/id"
    check "installer: silent with everything there" exits 0 env PATH="$PATH" AD_INSTALL=no \
        "$root/examples/install_packages.sh" build emulator
    check "installer: and says nothing" test ! -s "$work/out"
    check "installer: a bare machine without rights is told what is missing" exits 1 env PATH="$bin" AD_INSTALL=no \
        "$root/examples/install_packages.sh" build
    check "installer: by the packages' names" grep -q "meson ninja-build .*libcurl4-openssl-dev" "$work/err"
    check "installer: on a bare machine installs" exits 0 env PATH="$bin" AD_INSTALL=yes \
        "$root/examples/install_packages.sh" build
    check "installer: the needs of the group" grep -q "install .*meson.*libsodium-dev" "$work/apt"
    check "installer: and of no other" lacks -E 'cmocka|valgrind' "$work/apt"
}

all_images drawings "$own" "$own/answers.json"
if [ -f "$shared/data/expected.json" ]; then
    shared=$(cd "$shared" && pwd)
    all_images photographs "$shared/data/images" "$shared/data/expected.json"
else
    echo "skip photographs: $shared/data is not here"
fi
bad_files
refusals
reruns
waits
programs
quickstart
installer
check "no key was printed anywhere" lacks q7w9z "$work"
[ "$failures" -eq 0 ]
