# SPDX-License-Identifier: MIT
# Sourced by the package tests: prints one line per check, and an exit status that reflects all of them.
passed=0
failed=0
log=$work/log

# check NAME COMMAND...: ok when the command succeeds; otherwise prints its output
check() {
    local name=$1
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        echo "not ok $name"
        tail -n 15 "$log" | sed 's/^/    /'
        return 1
    fi
}

# refuses NAME COMMAND...: ok when the command fails
refuses() {
    local name=$1
    shift
    if "$@" >"$log" 2>&1; then
        failed=$((failed + 1))
        echo "not ok $name"
        return 1
    fi
    passed=$((passed + 1))
    echo "ok $name"
}

skip() {
    echo "skip $1: $2"
}

finish() {
    echo "$passed ok, $failed not ok"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# names FILE TYPES PREFIX [nm OPTION]: the symbols of a file of these types with this prefix, without those that the
# compiler adds, such as "name.cold"
names() {
    nm ${4:+"$4"} "$1" | awk -v types="$2" -v prefix="$3" \
        'NF > 1 && index(types, $(NF - 1)) && index($NF, prefix) == 1 { sub(/@.*/, "", $NF); print $NF }' |
        grep -v '\.' | sort -u
}

# define NAMES-FILE ATTRIBUTE: a C file that defines each name as a function that aborts the program
define() {
    echo 'void abort(void);'
    while read -r name; do
        printf '%s void %s(void);\nvoid %s(void)\n{\n    abort();\n}\n' "$2" "$name" "$name"
    done <"$1"
}
