#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares a library with a baseline written by make-baseline:
#   check_abi.sh LIBRARY HEADER-FOLDER VALUES BASELINE [CHANGELOG]
#
# Passes when everything in the baseline exists unchanged; additions are allowed. Exits 77 (not checked) with a message
# when the baseline does not exist yet, abidiff is not installed, the baseline is for another machine, or there is no
# debug information: without it abidiff reports nothing, which would count as a pass.
set -eu
library=$1 headers=$2 values=$3 baseline=$4 changelog=${5:-}
failed=0
if [ ! -e "$baseline.values" ]; then
    release=$(basename "$baseline" | sed 's/^mock-//')
    if [ -n "$changelog" ] && grep -qF "## [$release] - " "$changelog"; then
        echo "not ok there is no baseline of $release, which the changelog says is released"
        exit 1
    fi
    echo "skip comparison with ${baseline##*/}: that release was not cut yet"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# verdict NAME STATUS [FILE]: prints one line, and FILE on failure
verdict() {
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
    else
        failed=1
        echo "not ok $1"
        sed 's/^/    /' "$3"
    fi
}

# A value of the release keeps its name, number and version. It may become deprecated.
lines() {
    grep -v '^#' "$1" | awk 'NF { print $1, $2, $3 }' | sort
}
lines "$baseline.values" >"$work/old"
lines "$values" >"$work/new"
comm -23 "$work/old" "$work/new" >"$work/gone"
[ ! -s "$work/gone" ] && status=0 || status=1
verdict "$(wc -l <"$work/old") named values of the baseline are unchanged" $status "$work/gone"

skip=
command -v abidiff >/dev/null 2>&1 || skip='abidiff is not installed'
machine=$(readelf -h "$library" | sed -n 's/ *Machine: *//p')
case $machine in
*X86-64*) grep -q "architecture='elf-amd-x86_64'" "$baseline.abi" || skip='the baseline is for another machine' ;;
*) skip="the baseline is not for $machine" ;;
esac
readelf -S "$library" | grep -q ' \.debug_info' || skip='the library has no debug information'
if [ -n "$skip" ]; then
    echo "skip comparison of functions and types: $skip"
    [ "$failed" -eq 0 ] && exit 77
    exit 1
fi

# --headers-dir on both sides: without it, a changed struct behind an opaque pointer is a false positive.
if abidiff --no-added-syms --drop-private-types --headers-dir2 "$headers" \
    "$baseline.abi" "$library" >"$work/report" 2>&1; then
    status=0
else
    status=$?
fi
verdict "$(grep -c '<function-decl ' "$baseline.abi") functions of the baseline are unchanged" $status "$work/report"
exit $failed
