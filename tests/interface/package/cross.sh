#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cross builds for another machine and runs the tests that need no second program, under qemu or natively:
#     cross.sh TARGET [FOLDER]    TARGET: arm64, armhf, i386, or i386-portable
#                                 keeps the downloads and the build in FOLDER for the next run
# The i386 target has a 64-bit time_t. The portable one has 32 bits, the default there, and uses no system-specific
# functions (meson's option portable).
# Needs Debian or Ubuntu with a cross compiler and qemu-user. Downloads the target's libraries with apt into a separate
# folder, with separate package lists: it installs nothing for the target and adds no architecture.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../../.." && pwd)
target=${1:-arm64}
if [ $# -gt 1 ]; then
    mkdir -p "$2"
    work=$(cd "$2" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
. "$here/lib.sh"
case $target in
arm64) arch=arm64 triplet=aarch64-linux-gnu qemu=qemu-aarch64 ini=aarch64.ini machine=AArch64 options= ;;
armhf) arch=armhf triplet=arm-linux-gnueabihf qemu=qemu-arm ini=armhf.ini machine=ARM options= ;;
i386) arch=i386 triplet=i686-linux-gnu qemu=qemu-i386 ini=i386.ini machine='Intel 80386' options=-Dc_args=-D_TIME_BITS=64 ;;
i386-portable) arch=i386 triplet=i686-linux-gnu qemu=qemu-i386 ini=i386.ini machine='Intel 80386' options=-Dportable=true ;;
*) echo "no target $target" >&2; exit 2 ;;
esac
root=$work/sysroot-$arch
build=$work/$target
packages="libc6-dev libcurl4-openssl-dev libjansson-dev libsodium-dev libcmocka-dev libmicrohttpd-dev linux-libc-dev"

for tool in $triplet-gcc $qemu apt-get; do
    command -v "$tool" >/dev/null || { skip "$target: cross build" "$tool is not installed"; exit 77; }
done

fetch() {
    local apt=$work/apt-$arch
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    cat >"$apt/conf" <<CONF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
    # A list may be missing while a mirror is being updated: the others have all that is needed.
    APT_CONFIG=$apt/conf apt-get -qq update
    # shellcheck disable=SC2086
    APT_CONFIG=$apt/conf apt-get -qq -y --no-install-recommends --download-only -o Debug::NoLocking=1 install $packages
}

unpack() {
    mkdir -p "$root" || return 1
    # As in Debian, /lib of the target is a link to usr/lib.
    mkdir -p "$root/usr/lib" && ln -sfn usr/lib "$root/lib" || return 1
    for file in "$work/apt-$arch"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$file" | tar -x -C "$root" --keep-directory-symlink || return 1
    done
    # A link to /lib/... refers to the target's root, not to this machine's.
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -sfn "$root$(readlink "$link")" "$link"
    done
    printf "[constants]\nsysroot = '%s'\n" "$root" >"$work/$arch.ini"
    # This machine may be able to run i386 programs natively.
    local loader=$root/lib/i386-linux-gnu/ld-linux.so.2
    if [ "$arch" = i386 ] && "$loader" --version; then
        printf "[binaries]\nexe_wrapper = ['%s', '--library-path', '%s']\n" "$loader" "$root/usr/lib/i386-linux-gnu" \
            >>"$work/$arch.ini"
    fi
}

configure() {
    [ -e "$build/build.ninja" ] && return
    rm -rf "$build"
    # shellcheck disable=SC2086
    meson setup "$build" "$source" --cross-file "$here/$ini" --cross-file "$work/$arch.ini" -Dexamples=false \
        -Doptimization=1 -Ddebug=false $options
}

compile() {
    ninja -C "$build" -j "$(nproc)" >"$work/ninja.log" || { tail -n 20 "$work/ninja.log"; return 1; }
    ! grep 'warning:' "$work/ninja.log"
}

is_for_target() {
    readelf -h "$build/lib/libanimaldetect.so" | grep "Machine: *$machine"
}

# The suite valgrind has the tests of engine, mock and service that are fast enough for a slow machine.
run_tests() {
    meson test -C "$build" --no-rebuild --num-processes "$(nproc)" --timeout-multiplier 4 --print-errorlogs \
        --suite unit --suite valgrind --no-suite emulator --no-suite slow
}

if [ ! -e "$work/$arch.ini" ] && ! fetch >"$log" 2>&1; then
    skip "$target: cross build" "the target's packages cannot be fetched: $(tail -n 1 "$log")"
    exit 77
fi
[ -e "$work/$arch.ini" ] || check "$target: the target's packages are unpacked" unpack || { finish; exit 1; }
check "$target: it is configured" configure || { finish; exit 1; }
check "$target: it builds without a warning" compile || { finish; exit 1; }
check "$target: the library is for this machine" is_for_target
check "$target: the unit, engine, mock and service tests pass" run_tests
grep -E '^(Ok|Fail|Skipped|Timeout):' "$log"
$triplet-strip -o "$work/stripped.so" "$build/lib/libanimaldetect.so"
echo "libanimaldetect.so for $target, stripped: $(stat -c %s "$work/stripped.so")"
finish
