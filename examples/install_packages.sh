#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the missing packages of the groups named as arguments, with apt-get, and nothing else.
# If none is missing, it prints nothing and needs neither network nor root. Never removes or upgrades anything.
#
#   install_packages.sh build             compiler, meson and the libraries: for the library itself
#   install_packages.sh build emulator    and what the bundled emulator needs
#   install_packages.sh build tool        and what the fleet tool needs
#   install_packages.sh build tests       and what tests/run.sh needs
#
# A missing required package (need) is an error.  A missing optional one (wish) is a note: the tests that use it are
# skipped.  AD_INSTALL=no only reports what is missing.
set -eu

groups=" $* "
needs=
wishes=

have() {
    case $1 in
    command:*) command -v "${1#command:}" >/dev/null 2>&1 ;;
    library:*) pkg-config --exists "${1#library:}" 2>/dev/null ;;
    file:*) any_file "${1#file:}" ;;
    esac
}

# any_file PATTERN: succeeds if a file matches
any_file() {
    for path in $1; do
        if [ -e "$path" ]; then
            return 0
        fi
    done
    return 1
}

in_groups() {
    case $groups in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

# need GROUP CHECK PACKAGE...: required; wish GROUP CHECK PACKAGE...: optional
need() {
    if in_groups "$1" && ! have "$2"; then
        shift 2
        case "$needs " in *" $1 "*) ;; *) needs="$needs $*" ;; esac
    fi
}
wish() {
    if in_groups "$1" && ! have "$2"; then
        shift 2
        wishes="$wishes $*"
    fi
}

need build command:cc gcc libc6-dev
need build command:meson meson
need build command:ninja ninja-build
need build command:pkg-config pkg-config
need build command:python3 python3
need build library:libcurl libcurl4-openssl-dev
need build library:jansson libjansson-dev
need build library:libsodium libsodium-dev
for group in emulator tests; do
    need "$group" library:libmicrohttpd libmicrohttpd-dev
    need "$group" library:cmocka libcmocka-dev
done
# For the fleet tool; everything else is built without them.
for group in tool tests; do
    need "$group" library:sqlite3 libsqlite3-dev
    need "$group" library:libexif libexif-dev
    need "$group" library:hiredis libhiredis-dev
done
need tests command:gcc gcc
wish tests file:/etc/ssl/certs/ca-certificates.crt ca-certificates
wish tests library:libuv libuv1-dev
wish tests command:redis-server redis-server
wish tests command:node nodejs
wish tests file:/usr/include/node/node_api.h libnode-dev
wish tests command:npm npm
wish tests command:mypy mypy
wish tests command:py.test-3 python3-pytest
wish tests command:pip3 python3-pip
wish tests file:/usr/lib/python3*/ensurepip/__init__.py python3-venv
wish tests command:tsc node-typescript
wish tests command:go golang-go
wish tests command:rustc rustc
wish tests command:cargo cargo
wish tests command:rustfmt rustfmt
wish tests command:c++ g++
wish tests command:clang clang
wish tests 'file:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*' libclang-rt-dev
wish tests command:clang-tidy clang-tidy
wish tests command:cppcheck cppcheck
wish tests command:clang-format clang-format
wish tests command:valgrind valgrind
wish tests command:gcovr gcovr
wish tests command:abidiff abigail-tools
wish tests command:cmake cmake
wish tests command:doxygen doxygen
wish tests command:nginx nginx-light
wish tests command:tinyproxy tinyproxy-bin
wish tests command:openssl openssl
wish tests file:/usr/share/i18n/locales/de_DE locales
wish tests command:ip iproute2
wish tests command:mount.exfat-fuse exfat-fuse
wish tests command:mkfs.exfat exfatprogs
wish tests command:groff groff-base
wish tests command:lexgrog man-db
wish tests 'file:/usr/lib/*/libjson-c.so.5' libjson-c5
wish tests command:aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
wish tests command:arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf
wish tests command:i686-linux-gnu-gcc gcc-i686-linux-gnu
wish tests command:qemu-aarch64 qemu-user
wish tests command:musl-gcc musl-tools
wish tests command:chromium chromium
wish tests command:dpkg-buildpackage dpkg-dev
wish tests file:/usr/share/build-essential/essential-packages-list build-essential
wish tests command:dh debhelper
wish tests command:lintian lintian

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

can_install() {
    [ "${AD_INSTALL:-yes}" != no ] && command -v apt-get >/dev/null 2>&1 &&
        { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null 2>&1; }
}

install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=1 -o Acquire::http::Timeout=30 \
        install --no-install-recommends "$@" >/dev/null
}

if [ -z "$needs$wishes" ]; then
    exit 0
fi
if can_install; then
    echo "installing with apt-get:$needs$wishes"
    # A stale package list may be enough, so a failed update is not fatal.
    as_root apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=30 update || true
    # The lists are split into words on purpose.
    # shellcheck disable=SC2086
    if [ -z "$needs" ] || install $needs; then
        needs=
    fi
    missing=
    # shellcheck disable=SC2086
    if [ -n "$wishes" ] && ! install $wishes 2>/dev/null; then
        # One by one: a package that this system lacks must not prevent the installation of the others.
        for package in $wishes; do
            install "$package" 2>/dev/null || missing="$missing $package"
        done
    fi
    wishes=$missing
fi
if [ -n "$wishes" ]; then
    echo "note: not installed, what uses them is skipped:$wishes"
fi
if [ -n "$needs" ]; then
    echo "missing; on Debian or Ubuntu, as root: apt-get install$needs" >&2
    exit 1
fi
