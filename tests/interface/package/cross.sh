#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cross builds for ARM 64 and runs the tests that need no second program under qemu:
#     cross.sh [FOLDER]    keeps the downloads and the build in FOLDER, for the next time
# Needs Debian or Ubuntu with gcc-aarch64-linux-gnu and qemu-user. The target's libraries are fetched with apt into a
# folder of their own, with lists of their own: nothing of the target is installed, no architecture is added.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../../.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
. "$here/lib.sh"
root=$work/sysroot
packages="libc6-dev libcurl4-openssl-dev libjansson-dev libsodium-dev libcmocka-dev libmicrohttpd-dev linux-libc-dev"

for tool in aarch64-linux-gnu-gcc qemu-aarch64 apt-get; do
    command -v "$tool" >/dev/null || { skip "cross build for ARM 64" "$tool is not installed"; exit 77; }
done

fetch() {
    local apt=$work/apt
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    cat >"$apt/conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
    # shellcheck disable=SC2086
    APT_CONFIG=$apt/conf apt-get -qq update && APT_CONFIG=$apt/conf apt-get -qq -y --no-install-recommends \
        --download-only -o Debug::NoLocking=1 install $packages
}

unpack() {
    mkdir -p "$root" || return 1
    # The target's / has lib inside usr, as Debian has it.
    mkdir -p "$root/usr/lib" && ln -sfn usr/lib "$root/lib" || return 1
    for file in "$work"/apt/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$file" | tar -x -C "$root" --keep-directory-symlink || return 1
    done
    # A link to /lib/... means the target's, not this machine's.
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -sfn "$root$(readlink "$link")" "$link"
    done
    printf "[constants]\nsysroot = '%s'\n" "$root" >"$work/sysroot.ini"
}

configure() {
    meson setup "$work/build" "$source" --wipe --cross-file "$here/aarch64.ini" --cross-file "$work/sysroot.ini" \
        -Dexamples=false || meson setup "$work/build" "$source" --cross-file "$here/aarch64.ini" \
        --cross-file "$work/sysroot.ini" -Dexamples=false
}

compile() {
    ninja -C "$work/build" -j "$(nproc)" >"$work/ninja.log" || { tail -n 20 "$work/ninja.log"; return 1; }
    ! grep 'warning:' "$work/ninja.log"
}

is_for_arm() {
    readelf -h "$work/build/lib/libanimaldetect.so" | grep AArch64
}

under_qemu() {
    meson test -C "$work/build" --no-rebuild --timeout-multiplier 4 --print-errorlogs --suite unit --suite mock \
        --suite service
}

if [ ! -e "$work/sysroot.ini" ] && ! fetch >"$log" 2>&1; then
    skip "cross build for ARM 64" "the target's packages cannot be fetched: $(tail -n 1 "$log")"
    exit 77
fi
[ -e "$work/sysroot.ini" ] || check "they are unpacked" unpack || { finish; exit 1; }
check "it is configured" configure || { finish; exit 1; }
check "it builds without a warning" compile || { finish; exit 1; }
check "the library is for ARM 64" is_for_arm
check "the unit, mock and service tests pass under qemu" under_qemu
grep -E '^(Ok|Fail|Skipped|Timeout):' "$log"
aarch64-linux-gnu-strip -o "$work/stripped.so" "$work/build/lib/libanimaldetect.so"
echo "libanimaldetect.so for ARM 64, stripped: $(stat -c %s "$work/stripped.so")"
finish
