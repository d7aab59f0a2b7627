#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the library into a clean folder and builds a user's program against it in every documented way:
#     run.sh [SOURCE-FOLDER]
# By pkg-config, shared and static; by CMake; by meson, installed and as a subproject; with functions whose names the
# library or jansson also use. Writes only to a temporary folder. Reports a tool that is not installed as skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "${1:-$here/../../..}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/lib.sh"

cc=${CC:-cc}
prefix=$work/prefix
flags="-std=c11 -Wall -Wextra -Werror"
export LC_ALL=C

install_library() {
    meson setup "$work/build" "$source" --prefix="$prefix" --libdir=lib -Dtests=false -Dexamples=false &&
        ninja -C "$work/build" && meson install -C "$work/build" --no-rebuild
}

same_headers() {
    {
        (cd "$source/include" && find . -name '*.h')
        (cd "$source/lib/testing/mock/include" && find . -name '*.h')
        (cd "$source/examples/cpp/include" && find . -name '*.hpp')
        echo ./animaldetect/version.h
    } | sort >"$work/expected"
    (cd "$prefix/include" && find . -type f) | sort | diff "$work/expected" -
}

nothing_of_the_build() {
    ! grep -rIl -e "$source" -e "$work/build" "$prefix"
}

check "meson install into an empty folder" install_library || { finish; exit 1; }
check "every public header is installed, and no other file" same_headers
check "no installed text names the folders it was built in" nothing_of_the_build
check "libanimaldetect.so.0 is the soname" \
    sh -c "readelf -d '$prefix/lib/libanimaldetect.so' | grep -q 'soname: \[libanimaldetect.so.0\]'"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

# compile OUTPUT SOURCE... with the flags that pkg-config prints for the shared library
compile() {
    local output=$1
    shift
    # shellcheck disable=SC2046,SC2086
    $cc $flags "$@" $(pkg-config --cflags --libs animaldetect) -o "$work/$output"
}

# The archive, jansson and libsodium inside the program; libcurl and libc shared.
compile_static() {
    local output=$1
    shift
    # shellcheck disable=SC2046,SC2086
    $cc $flags "$@" $(pkg-config --cflags --libs-only-L animaldetect) -Wl,--gc-sections \
        -l:libanimaldetect.a -l:libjansson.a -l:libsodium.a $(pkg-config --libs libcurl) -pthread -lm -o "$work/$output"
}

needs_only_the_library() {
    readelf -d "$work/$1" | grep NEEDED >"$log"
    grep -q 'libanimaldetect\.so\.0' "$log" && ! grep -qE 'libcurl|libjansson|libsodium' "$log"
}

needs_no_library_of_ours() {
    readelf -d "$work/$1" | grep NEEDED >"$log"
    ! grep -qE 'libanimaldetect|libjansson|libsodium' "$log"
}

# headers_of FOLDER PATH...: copies headers of the linked libraries, for use with another C library
headers_of() {
    local to=$1
    shift
    mkdir -p "$to" || return 1
    for path in "$@"; do
        for folder in $(pkg-config --variable=includedir libcurl jansson libsodium) /usr/include \
            "/usr/include/$($cc -print-multiarch)"; do
            [ -e "$to/$path" ] || [ ! -e "$folder/$path" ] || cp -r "$folder/$path" "$to" || return 1
        done
        [ -e "$to/$path" ] || return 1
    done
}

echo "# pkg-config"
check "shared: the consumer builds" compile shared "$here/consumer.c"
check "shared: the consumer runs" "$work/shared"
check "shared: the consumer links the library alone" needs_only_the_library shared
check "static: the consumer builds" compile_static static "$here/consumer.c"
check "static: the consumer runs" env -u LD_LIBRARY_PATH "$work/static"
check "static: library, jansson and libsodium are inside" needs_no_library_of_ours static
# The package for programs that embed the library: the archive, with libcurl, jansson and libsodium shared.
compile_carried() {
    # shellcheck disable=SC2046,SC2086
    $cc $flags "$2" $(pkg-config --cflags --libs "$3") -o "$work/$1"
}
carries_the_library() {
    readelf -d "$work/$1" | grep NEEDED >"$log"
    ! grep -q libanimaldetect "$log" && ! grep -qE 'libldap|liblber|libzstd' "$log"
}
for kind in "" -mock; do
    check "animaldetect$kind-static: the consumer builds" \
        compile_carried "carried$kind" "$here/consumer${kind:+_mock}.c" "animaldetect$kind-static"
    check "animaldetect$kind-static: it runs" env -u LD_LIBRARY_PATH "$work/carried$kind"
    check "animaldetect$kind-static: it needs what the library needs, and no more" carries_the_library "carried$kind"
done
says_libm() {
    pkg-config --libs --static "$1" >"$log" && grep -qw -- -lm "$log"
}
for package in animaldetect animaldetect-mock; do
    check "pkg-config --libs --static $package names libm" says_libm "$package"
done

. "$here/full_static.sh"
. "$here/readme.sh"
. "$here/clash.sh"
. "$here/plugin.sh"
. "$here/relocate.sh"
. "$here/mock.sh"
. "$here/cpp.sh"
. "$here/carried.sh"
. "$here/systems.sh"
. "$here/musl.sh"
. "$here/macos.sh"

echo "# sizes in bytes"
strip -o "$work/stripped.so" "$prefix/lib/libanimaldetect.so"
strip -o "$work/stripped" "$work/static"
strip -o "$work/stripped-mock.so" "$prefix/lib/libanimaldetect-mock.so"
echo "libanimaldetect.so stripped: $(stat -c %s "$work/stripped.so")"
echo "consumer with libanimaldetect.a, jansson and libsodium inside, stripped: $(stat -c %s "$work/stripped")"
strip -o "$work/stripped-full" "$work/full"
echo "consumer with everything inside, OpenSSL and libc too, stripped: $(stat -c %s "$work/stripped-full")"
echo "libanimaldetect-mock.so stripped: $(stat -c %s "$work/stripped-mock.so")"
finish
