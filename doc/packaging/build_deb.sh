#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Debian packages outside the source tree: build_deb.sh [SOURCE-FOLDER [OUTPUT-FOLDER]]
#
# Of a git checkout the last commit is packaged, otherwise the folder as it is. The packages are in OUTPUT-FOLDER, by
# default build-deb in the current folder. Needs what doc/packaging/debian/control lists as Build-Depends.
# DEB_BUILD_OPTIONS is "nocheck noautodbgsym" with all processors unless it is set.
set -eu
source=$(cd "${1:-$(dirname "$0")/../..}" && pwd -P)
mkdir -p "${2:-build-deb}"
output=$(cd "${2:-build-deb}" && pwd -P)
version=$(sed -n "s/^ *version: '\([0-9.]*\)'.*/\1/p" "$source/meson.build" | head -n 1)
tree=$output/libanimaldetect-$version
export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-nocheck noautodbgsym parallel=$(nproc)}"
case " $DEB_BUILD_OPTIONS " in *' nocheck '*) export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:-nocheck}" ;; esac

rm -rf "$tree"
mkdir "$tree"
if [ "$(git -C "$source" rev-parse --show-toplevel 2>/dev/null)" = "$source" ]; then
    git -C "$source" archive HEAD | tar -C "$tree" -xf -
else
    tar -C "$source" --anchored --exclude='./build*' -cf - . | tar -C "$tree" -xf -
fi
tar -C "$output" -czf "$output/libanimaldetect_$version.orig.tar.gz" "libanimaldetect-$version"
cp -R "$tree/doc/packaging/debian" "$tree/debian"
cd "$tree"
dpkg-buildpackage -us -uc
cd "$output"
rm -rf "$tree"
