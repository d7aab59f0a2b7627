#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the Debian packages of doc/packaging, checks them with lintian, and uses their contents:
#     debian.sh [SOURCE-FOLDER]
# Installs nothing on this machine. Compiles without optimization, which takes half the time. Exits 77 (not checked)
# with a message if Debian's tools or the build dependencies are not installed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "${1:-$here/../../..}" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/lib.sh"
. "$here/shipped.sh"

for tool in dpkg-buildpackage dh lintian; do
    command -v "$tool" >/dev/null || { skip "Debian packages" "$tool is not installed"; exit 77; }
done
DEB_BUILD_PROFILES=nocheck dpkg-checkbuilddeps "$source/doc/packaging/debian/control" 2>"$work/missing" ||
    { skip "Debian packages" "$(sed 's/.*error: //' "$work/missing")"; exit 77; }
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)

build_packages() {
    DEB_BUILD_OPTIONS="nocheck noautodbgsym noopt parallel=$(nproc)" "$source/doc/packaging/build_deb.sh" "$source" "$work/out"
}

# Any other output of lintian is printed and is a failure: an override states its reason.
lintian_is_silent() {
    lintian --allow-root --pedantic --fail-on error,warning,pedantic "$work"/out/*.changes && [ ! -s "$log" ]
}

unpack() {
    local package=
    for package in "$work"/out/*.deb; do
        dpkg-deb -x "$package" "$stage" || return 1
    done
}

# If two packages contain the same file, one of them cannot be installed.
no_file_twice() {
    local package=
    for package in "$work"/out/*.deb; do
        dpkg-deb -c "$package" | awk '$1 !~ /^d/ { print $6 }'
    done | sort | uniq -d | grep . && return 1
    return 0
}

# depends PACKAGE NAME...
depends() {
    local package=$1 name=
    shift
    for name in "$@"; do
        dpkg-deb -f "$work"/out/"$package"_*.deb Depends | grep -qE "(^|, )$name \(" || { echo "$package: not $name"; return 1; }
    done
}

dependencies_are_found() {
    depends libanimaldetect0 libcurl4 libjansson4 libsodium23 &&
        depends libanimaldetect-mock0 libanimaldetect0 &&
        depends libanimaldetect-dev libanimaldetect0 libcurl4-openssl-dev &&
        depends animaldetect-tools libanimaldetect0 libsqlite3-0
}

programs_are_hardened() {
    local file=
    for file in "$installed"/bin/* "$installed/lib/$multiarch"/*.so.0; do
        readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.* NOW' || { echo "$file: symbols are bound late"; return 1; }
    done
    for file in "$installed"/bin/*; do
        readelf -hW "$file" | grep -q 'DYN (Position-Independent' || { echo "$file: is not PIE"; return 1; }
    done
}

# The tests that autopkgtest runs on an installed system, here with the unpacked packages.
packaged_test() {
    (cd "$source" && env AUTOPKGTEST_TMP="$work" INSTALLED_ROOT="$stage" \
        PKG_CONFIG="pkg-config --define-variable=prefix=$installed" PATH="$installed/bin:$PATH" \
        PKG_CONFIG_PATH="$installed/lib/$multiarch/pkgconfig" LD_LIBRARY_PATH="$installed/lib/$multiarch" \
        "doc/packaging/debian/tests/$1")
}

check "dpkg-buildpackage builds the packages" build_packages || { finish; exit; }
check "lintian finds nothing" lintian_is_silent
check "the packages are unpacked" unpack
check "no file is in two packages" no_file_twice
check "their dependencies are those of what is in them" dependencies_are_found
check "programs and libraries are hardened" programs_are_hardened
check "libraries, headers, man pages and the unit are installed" has "lib/$multiarch/libanimaldetect.so.0" \
    "lib/$multiarch/libanimaldetect.a" "lib/$multiarch/cmake/animaldetect/animaldetect-config.cmake" \
    include/animaldetect/animaldetect.h include/animaldetect/animaldetect.hpp include/animaldetect/mock.h \
    share/man/man3/animaldetect_client_new.3.gz share/man/man3/animaldetect_mock_new.3.gz \
    share/man/man1/animaldetect.1.gz lib/systemd/system/animaldetect-watch@.service \
    share/doc/libanimaldetect0/libanimaldetect.cdx.json
check "programs against the unpacked packages compile and run" packaged_test library
check "the packaged programs start" packaged_test tools
finish
