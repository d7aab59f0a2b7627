# SPDX-License-Identifier: MIT
# Shared by run and smoke: builds the fuzzers, fuzzes one target, reads its log.  Sourced, not run.

fuzz_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fuzz_root=$(cd "$fuzz_here/../.." && pwd)
: "${CC:=clang}"

# fuzz_targets: prints the names of the targets, one per line
fuzz_targets() {
    (cd "$fuzz_here" && ls fuzz_*.c) | sed 's/^fuzz_\(.*\)\.c$/\1/'
}

# fuzz_dictionary TARGET: prints the option for its dictionary, or nothing
fuzz_dictionary() {
    case $1 in
    hints) echo "-dict=$fuzz_here/dict/headers.dict" ;;
    url) echo "-dict=$fuzz_here/dict/url.dict" ;;
    sniff | text) ;;
    *) echo "-dict=$fuzz_here/dict/json.dict" ;;
    esac
}

# fuzz_available: succeeds if the compiler has a fuzzer runtime
fuzz_available() {
    local probe status
    probe=$(mktemp -d) || return 1
    echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n ? 0 : 0; }' >"$probe/a.c"
    "$CC" -fsanitize=fuzzer,address,undefined "$probe/a.c" -o "$probe/a" >/dev/null 2>&1
    status=$?
    rm -rf "$probe"
    return $status
}

# fuzz_build DIRECTORY: builds the fuzzers with ASan, UBSan and coverage of the whole library
fuzz_build() {
    if [ ! -f "$1/build.ninja" ]; then
        CC=$CC meson setup "$1" "$fuzz_root" -Dexamples=false -Db_sanitize=address,undefined -Db_lundef=false \
            -Dc_args=-fsanitize=fuzzer-no-link >"$1.setup" 2>&1 || {
            tail -n 20 "$1.setup"
            return 1
        }
    fi
    ninja -C "$1" fuzzers >"$1.log" 2>&1 || {
        tail -n 40 "$1.log"
        return 1
    }
}

# fuzz_one TARGET SECONDS SCRATCH: fuzzes one target; log in SCRATCH/TARGET.log, findings in SCRATCH/findings/TARGET-*
fuzz_one() {
    mkdir -p "$3/corpus/$1" "$3/findings"
    ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        nice -n 10 "$3/build/tests/fuzz/fuzz_$1" -max_total_time="$2" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
        -use_value_profile=1 -print_final_stats=1 -artifact_prefix="$3/findings/$1-" $(fuzz_dictionary "$1") \
        "$3/corpus/$1" "$fuzz_here/corpus/$1" >"$3/$1.log" 2>&1
}

# fuzz_stat LOG NAME: prints one of libFuzzer's final statistics
fuzz_stat() {
    sed -n "s/^stat::$2: *//p" "$1" | tail -n 1
}

# fuzz_coverage LOG: prints the number of edges that were reached
fuzz_coverage() {
    sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$1" | tail -n 1
}

# fuzz_reason LOG LINES: prints the reason of the failure
fuzz_reason() {
    grep -m "$2" -E 'broken promise|ERROR: |runtime error' "$1"
}
