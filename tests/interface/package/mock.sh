# SPDX-License-Identifier: MIT
# Sourced by run.sh: the mock as a separate package.
echo "# animaldetect-mock"
# Loading only the mock, as a package for another language does, also loads the library next to it.
check "the mock finds the library beside it" \
    sh -c "readelf -d '$prefix/lib/libanimaldetect-mock.so' | grep -E 'R(UN)?PATH.*ORIGIN'"
mock_static() {
    local output=$1
    shift
    # shellcheck disable=SC2046,SC2086
    $cc $flags "$@" $(pkg-config --cflags --libs-only-L animaldetect-mock) -Wl,--gc-sections -l:libanimaldetect-mock.a \
        -l:libanimaldetect.a -l:libjansson.a -l:libsodium.a $(pkg-config --libs libcurl) -pthread -lm -o "$work/$output"
}

# shellcheck disable=SC2046,SC2086
check "shared: a test against the mock builds" $cc $flags "$here/consumer_mock.c" \
    $(pkg-config --cflags --libs animaldetect-mock) -o "$work/mock"
check "shared: it runs" "$work/mock"
check "static: it builds" mock_static mock_static "$here/consumer_mock.c"
check "static: it runs" env -u LD_LIBRARY_PATH "$work/mock_static"
check "static: no library of ours is asked for" needs_no_library_of_ours mock_static
names "$prefix/lib/libanimaldetect-mock.a" TDBRWV '' >"$work/mock-global"
grep -v '^animaldetect_mock_' "$work/mock-global" >"$work/mock-leaked"
check "archive: it has public functions" many "$work/mock-global" 30
check "archive: they are its only global symbols" test ! -s "$work/mock-leaked"
names "$prefix/lib/libanimaldetect-mock.a" tdbr svc_ >"$work/svc-names"
names "$prefix/lib/libanimaldetect-mock.a" tdbr ad_ >>"$work/svc-names"
check "archive: it has inner functions to clash with" many "$work/svc-names" 30
define "$work/svc-names" '' >"$work/own_svc.c"
check "archive: a host may have all $(wc -l <"$work/svc-names") inner names as its own" \
    mock_static own_svc "$here/consumer_mock.c" "$work/own_svc.c"
check "archive: such a host runs" "$work/own_svc"
undefined_are_public() {
    names "$prefix/lib/libanimaldetect-mock.so" U '' -D | grep -E '^(animaldetect|ad|svc)_' >"$work/mock-needs"
    grep -q . "$work/mock-needs" && ! grep -vxFf "$work/global" "$work/mock-needs"
}
check "shared: it needs nothing of the library but public functions" undefined_are_public
