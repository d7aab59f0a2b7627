#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the example programs against the emulator like a user.  Prints a line per promise, "ok" or "not ok".
# The API keys are fake; one of the promises is that no program prints a key.
# Arguments: the root of the build, and optionally a library that makes reading a folder fail in the middle.  AD_SHARED
# (default: ../shared next to the source root) may contain photographs.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:?usage: examples.sh BUILD_ROOT [ODD_FOLDER]}
odd_folder=${2:-}
shared=${AD_SHARED:-$root/../shared}
tool=$build/examples/animaldetect/animaldetect
loops="loop_epoll loop_libuv"
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

# start_emulator LEDGER OPTION...: starts a new service; sets AD_API_BASE_URL
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

# check NAME COMMAND...: ok when the command succeeds
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

# exits CODE COMMAND...: succeeds on this exit code; keeps the output for the final search for keys
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

# all_images NAME FOLDER ANSWERS: processes them with the fleet tool, twice
all_images() {
    local name=$1 folder=$2 answers=$3 count
    if [ ! -x "$tool" ]; then
        echo "skip $name: SQLite, libexif or hiredis is not here"
        return
    fi
    count=$(find "$folder" -name '*.jpg' -o -name '*.png' | wc -l)
    start_emulator "$work/$name.service" --answers "$answers"
    check "$name: every image is processed" exits 0 "$tool" run --quiet --ledger "$work/$name.ledger" "$folder"
    check "$name: lines are written" exits 0 "$tool" export -f jsonl --ledger "$work/$name.ledger" \
        -o "$work/$name.first"
    check "$name: annotations equal the expected ones" judge answers "$work/$name.first" "$answers"
    check "$name: the result is the service's, byte for byte" judge verbatim "$work/$name.first"
    check "$name: a second ledger finds the same jobs" exits 0 "$tool" run --quiet --ledger "$work/$name.other" "$folder"
    check "$name: and their results" exits 0 "$tool" export -f jsonl --ledger "$work/$name.other"
    check "$name: which are the same" cmp "$work/$name.first" "$work/out"
    stop_emulator
    check "$name: one job and one upload per image, no violation" judge ledger "$work/$name.service" "$count"
}

# A typical memory card: the examples must report the files that they skip.
card() {
    mkdir -p "$work/card/DCIM/100RECNX" "$work/card/.Trashes"
    cp "$own/deer.png" "$work/card/DCIM/100RECNX/RCNX0001.PNG"
    cp "$own/fox_at_night.jpg" "$work/card/DCIM/RCNX0002.JPG"
    cp "$own/egret.png" "$work/card/.Trashes/RCNX0003.PNG"
    echo sidecar >"$work/card/DCIM/._RCNX0002.JPG"
    ln -s ../.. "$work/card/DCIM/100RECNX/loop"
}

bad_files() {
    local folder=$work/bad run=() program
    mkdir "$folder" "$folder/locked" && cd "$folder" || exit 1
    : >empty.jpg
    echo "not an image" >text.jpg
    { cat "$own/fox_at_night.jpg" && head -c 11534336 /dev/zero; } >large.jpg
    cp "$own/fox_at_night.jpg" unreadable.jpg
    cp "$own/fox_at_night.jpg" locked/behind.jpg
    cp "$own/fox_at_night.jpg" $'line\nend\e[2J.jpg'
    chmod 000 unreadable.jpg locked
    cp "$own/fox_at_night.jpg" good.jpg
    # Root may read every file unless it drops that capability.
    [ "$(id -u)" -ne 0 ] || run=(setpriv '--bounding-set=-dac_override,-dac_read_search')
    start_emulator "$work/bad.ledger" --answers "$own/answers.json"
    for program in $loops; do
        [ -x "$build/examples/$program" ] || continue
        check "$program, bad files: exit code 1" exits 1 "${run[@]}" "$build/examples/$program" . missing.jpg
        check "$program, bad files: each has its own words, the good ones a result" judge errors "$work/out" \
            "./empty.jpg=the file is empty" "./text.jpg=unknown image type" "./large.jpg=larger than the limit" \
            "./unreadable.jpg=Permission denied" "./line?end?[2J.jpg=" ./good.jpg=
        check "$program, bad files: says what could not be read" grep -qx "./locked: Permission denied" "$work/err"
        check "$program, bad files: says what is not there" grep -qx "missing.jpg: No such file.*" "$work/err"
        check "$program, bad files: counts them" grep -qx "2 succeeded, 4 failed, 2 unreadable" "$work/err"
    done
    check "quickstart, bad files: exit code 1" exits 1 "${run[@]}" "$build/examples/quickstart" . missing.jpg
    check "quickstart, bad files: says what could not be read" judge says "$work/err" empty.jpg text.jpg large.jpg \
        unreadable.jpg ./locked: missing.jpg:
    check "quickstart, bad files: goes on with the good one" grep -qx "./good.jpg: red fox 0.97" "$work/out"
    for program in quickstart $loops; do
        [ -x "$build/examples/$program" ] || continue
        check "$program, only a folder that cannot be read: exit code 1" exits 1 "${run[@]}" \
            "$build/examples/$program" locked
    done
    stop_emulator
    check "bad files: nothing was asked of the service for them" judge jobs "$work/bad.ledger" 2
    cd "$root" || exit 1
    [ -n "$odd_folder" ] || return
    start_emulator "$work/odd.ledger"
    for program in quickstart $loops; do
        [ -x "$build/examples/$program" ] || continue
        check "$program, a folder that fails in the middle: exit code 1" exits 1 \
            env LD_PRELOAD="$odd_folder" "$build/examples/$program" "$work/card/DCIM"
        check "$program, a folder that fails in the middle: says so" grep -q \
            "^$work/card/DCIM.*: Input/output error" "$work/err"
    done
    stop_emulator
}

refusals() {
    local program base=http://192.0.2.1/v1
    cd "$own" || exit 1
    start_emulator "$work/written.ledger" --answers "$own/answers.json"
    check "hello: exit code 1 without a key" exits 1 env -u AD_API_KEY "$build/examples/hello" deer.png
    check "hello: exit code 1 for a missing file" exits 1 "$build/examples/hello" missing.jpg
    check "hello: names the missing file" grep -q "^missing.jpg: " "$work/err"
    check "quickstart: exit code 1 without an argument" exits 1 "$build/examples/quickstart"
    check "quickstart: exit code 1 without a key" exits 1 env -u AD_API_KEY "$build/examples/quickstart" deer.png
    check "quickstart: exit code 1 when the disk is full" exits 1 to_full_disk "$build/examples/quickstart" deer.png
    for program in $loops; do
        [ -x "$build/examples/$program" ] || continue
        check "$program: exit code 2 without an argument" exits 2 "$build/examples/$program"
        check "$program: exit code 2 for an option that there is not" exits 2 "$build/examples/$program" --bogus deer.png
        check "$program: exit code 2 for a window of nothing" exits 2 "$build/examples/$program" --window 0 deer.png
        check "$program: exit code 2 for plain http to another host" exits 2 env AD_API_BASE_URL=$base \
            "$build/examples/$program" deer.png
        check "$program: exit code 3 without a key" exits 3 env -u AD_API_KEY "$build/examples/$program" deer.png
        check "$program: exit code 1 when the disk is full" exits 1 to_full_disk "$build/examples/$program" deer.png
    done
    stop_emulator
    for program in $loops; do
        [ -x "$build/examples/$program" ] || continue
        start_emulator "$work/refused.ledger"
        check "$program, a refused key: exit code 3" exits 3 env AD_API_KEY=sk_test_wrong_q7w9z \
            "$build/examples/$program" --window 1 deer.png egret.png
        check "$program, a refused key: every image says so" judge errors "$work/out" \
            "deer.png=service answered 401" "egret.png=the API key or the account was rejected"
        stop_emulator
        check "$program, a refused key: the service is asked once" judge refused "$work/refused.ledger" 1
        start_emulator "$work/payment.ledger" --fault create:402
        check "$program, an account that cannot pay: exit code 3" exits 3 "$build/examples/$program" deer.png egret.png
        stop_emulator
        start_emulator "$work/failing.ledger" --fail 1
        check "$program, a job that fails: exit code 1" exits 1 "$build/examples/$program" deer.png
        stop_emulator
        start_emulator "$work/held.ledger" --fault create:429:n=1:retry_after=3
        check "$program, held by the service: goes on" exits 0 "$build/examples/$program" deer.png
        check "$program, held by the service: says so once" test "$(grep -c "^waiting: .* 3000 ms" "$work/err")" -eq 1
        stop_emulator
    done
    cd "$root" || exit 1
}

programs() {
    local program window
    start_emulator "$work/programs.ledger" --answers "$own/answers.json"
    check "hello: exit code 0" exits 0 "$build/examples/hello" "$own/fox_at_night.jpg"
    check "hello: names what is in the image" grep -q ": red fox 0.97$" "$work/out"
    check "calls: exit code 0" exits 0 "$build/examples/calls" "$own/fox_at_night.jpg"
    check "calls: reports both runs that it drives itself" test "$(cat "$work/out")" = "driven.jpg: success
awaited.jpg: success"
    check "quickstart: exit code 0" exits 0 "$build/examples/quickstart" "$own/fox_at_night.jpg"
    check "quickstart: names what is in the image" grep -q ": red fox 0.97$" "$work/out"
    check "quickstart: a link inside a folder that is no image is said" exits 1 "$build/examples/quickstart" "$work/card"
    check "quickstart: takes folders" grep -qx "$work/card/DCIM/RCNX0002.JPG: red fox 0.97" "$work/out"
    for program in $loops; do
        if [ ! -x "$build/examples/$program" ]; then
            echo "skip $program: libuv is not here"
            continue
        fi
        for window in 1000 1; do
            # The folder also contains two files that are not images.
            check "$program --window $window: every file of a folder ends" exits 1 "$build/examples/$program" \
                --window "$window" "$own"
            check "$program --window $window: five images, two others" grep -qx \
                "5 succeeded, 2 failed, 0 unreadable" "$work/err"
            check "$program --window $window: a line for each" test "$(wc -l <"$work/out")" -eq 7
        done
        check "$program: files named one by one" exits 0 "$build/examples/$program" "$own/deer.png" "$own/egret.png"
        check "$program: folders below, hidden ones left out, a link to a folder refused" exits 1 \
            "$build/examples/$program" "$work/card/"
        check "$program: finds all of the card" judge errors "$work/out" "$work/card/DCIM/100RECNX/RCNX0001.PNG=" \
            "$work/card/DCIM/RCNX0002.JPG=" "$work/card/DCIM/100RECNX/loop=is a directory"
        rm "$work/card/DCIM/100RECNX/loop"
        check "$program: a whole card, exit code 0" exits 0 "$build/examples/$program" "$work/card"
        ln -s ../.. "$work/card/DCIM/100RECNX/loop"
    done
    stop_emulator
    check "programs: one job per image and name, no violation" judge ledger "$work/programs.ledger" 10
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

# A fresh machine: only the programs that the script itself runs, and an apt-get that records its arguments.
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
card
bad_files
refusals
programs
[ ! -x "$tool" ] || quickstart
installer
check "no key was printed anywhere" lacks q7w9z "$work"
[ "$failures" -eq 0 ]
