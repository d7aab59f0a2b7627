#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and installs from a tree without tests/, which distributors and vendors remove:
#     stripped.sh [SOURCE-FOLDER]
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "${1:-$here/../../..}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/lib.sh"
. "$here/shipped.sh"
options= # the build needs no option when there are no tests

# Without what was built or downloaded in the tree.
copy_stripped() {
    mkdir "$work/tree" && tar -C "$source" --anchored --exclude='./build*' --exclude=./.git -cf - . |
        tar -C "$work/tree" -xf - && rm -r "$work/tree/tests"
}

check "a tree is copied, and its tests/ removed" copy_stripped && judge "$work/tree"
finish
