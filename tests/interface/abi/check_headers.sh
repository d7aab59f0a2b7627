#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles each public header alone, in every language version that a host may use: check_headers.sh INCLUDE-FOLDER...
#
# Promises: one line per compiler and language; it is a failure if a header causes a warning or needs another header
# included before it. A compiler that is not installed is reported as skipped, never as passed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
passed=0
headers=
for folder in "$@"; do
    headers="$headers $(find "$folder/animaldetect" -name '*.h' | sort)"
    set -- "$@" -I "$folder"
    shift
done

# compile COMPILER LANGUAGE STANDARD [OPTION...]; "$includes" has the -I options
compile() {
    compiler=$1 language=$2 standard=$3
    count=0
    : >"$work/faults"
    for header in $headers; do
        count=$((count + 1))
        printf '#include <animaldetect/%s>\n#include <animaldetect/%s>\nint animaldetect_use;\n' \
            "${header##*/}" "${header##*/}" >"$work/one"
        # shellcheck disable=SC2086
        "$compiler" $includes -x "$language" -std="$standard" -fsyntax-only -Wall -Wextra -pedantic -Wundef -Werror \
            "$work/one" >>"$work/faults" 2>&1 || echo "${header##*/}" >>"$work/faults"
    done
    if [ "$count" -gt 0 ] && [ ! -s "$work/faults" ]; then
        passed=$((passed + 1))
        echo "ok $compiler -std=$standard -pedantic -Werror: $count headers alone"
    else
        failed=$((failed + 1))
        echo "not ok $compiler -std=$standard -pedantic -Werror"
        head -n 20 "$work/faults" | sed 's/^/    /'
    fi
}

includes=$*
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null 2>&1 || { echo "skip $compiler: not installed"; continue; }
    for standard in c99 c11 c17; do
        compile "$compiler" c "$standard"
    done
done
for compiler in g++ clang++; do
    command -v "$compiler" >/dev/null 2>&1 || { echo "skip $compiler: not installed"; continue; }
    for standard in c++11 c++17 c++20; do
        compile "$compiler" c++ "$standard"
    done
done
echo "$passed ok, $failed not ok"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
