#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the live tests with Debian's libcurl for GnuTLS, whose development package conflicts with the one for OpenSSL.
#
#   tests/gnutls.sh BUILD_DIRECTORY      created when missing
#
# Unpacks its packages into the build directory and links a separate build with them: the two flavors differ in soname
# and symbol versions, so a program linked with one does not start with the other.  Prints "ok" or "not ok" for each
# program, or one "skip" with the reason; exit code 1 when one failed.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:?usage: gnutls.sh BUILD_DIRECTORY}
packages=(libcurl3-gnutls libcurl4-gnutls-dev)
programs=(transport transport_tls transport_libcurls libcurls flow)
status=0

skip() {
    echo "skip gnutls: $1"
    exit 0
}

# unpack: unpacks the packages into $build/flavor, with a libcurl.pc that points there
unpack() {
    [ -f "$build/flavor.pc/libcurl.pc" ] && return
    mkdir -p "$build/debs" "$build/flavor.pc"
    (cd "$build/debs" && apt-get download "${packages[@]}") >"$build/download.log" 2>&1 || return
    for package in "$build"/debs/*.deb; do
        dpkg -x "$package" "$build/flavor" || return
    done
    sed "s#/usr#$build/flavor/usr#g" "$(find "$build/flavor" -name libcurl.pc)" >"$build/flavor.pc/libcurl.pc"
}

command -v apt-get >/dev/null && command -v dpkg >/dev/null || skip "no Debian system"
mkdir -p "$build"
build=$(cd "$build" && pwd)
unpack || skip "the packages of Debian's libcurl with GnuTLS cannot be downloaded"
library=$(find "$build/flavor" -name 'libcurl-gnutls.so.4')
ldd "$library" | grep -q 'not found' && skip "$(ldd "$library" | grep 'not found' | head -n 1)"
export LD_LIBRARY_PATH=${library%/*}

targets=("${programs[@]/#/tests/live/test_}" lib/testing/emulator/animaldetect-emulator)
if [ ! -d "$build/build/meson-info" ]; then
    PKG_CONFIG_PATH=$build/flavor.pc meson setup "$build/build" "$root" -Dexamples=false >"$build/setup.log" 2>&1 ||
        { tail -n 20 "$build/setup.log"; echo "not ok gnutls: configure"; exit 1; }
fi
ninja -C "$build/build" "${targets[@]}" >"$build/build.log" 2>&1 ||
    { tail -n 40 "$build/build.log"; echo "not ok gnutls: build"; exit 1; }

export AD_EMULATOR=$build/build/lib/testing/emulator/animaldetect-emulator
for program in "${programs[@]}"; do
    arguments=()
    [ "$program" = libcurls ] && arguments=("$root/lib/transport/curl/symbols-in-versions")
    if timeout 120 "$build/build/tests/live/test_$program" "${arguments[@]}" >"$build/$program.log" 2>&1; then
        echo "ok gnutls: $program"
    else
        grep -E 'ERROR|FAILED' "$build/$program.log" | head -n 20 | sed 's/^/    /'
        echo "not ok gnutls: $program"
        status=1
    fi
done
exit $status
