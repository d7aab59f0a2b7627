#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Debian packages outside the source tree: build_deb.sh [SOURCE-FOLDER [OUTPUT-FOLDER]]
#
# Packages the last commit of a git checkout, or the folder itself when it is not a checkout. Writes the packages to
# OUTPUT-FOLDER, by default build-deb in the current folder. Needs the Build-Depends of doc/packaging/debian/control.
# DEB_BUILD_OPTIONS defaults to "nocheck noautodbgsym" and all processors.
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
