#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the tarball of a release with meson dist, then builds and installs from it:
#     dist.sh [SOURCE-FOLDER]
# The tarball contains the last commit, so the test covers only what is committed. Exits 77 (not checked) with a message
# if the source is not the root of a git checkout.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "${1:-$here/../../..}" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/lib.sh"
. "$here/shipped.sh"

command -v git >/dev/null || { skip "meson dist" "git is not installed"; exit 77; }
[ "$(git -C "$source" rev-parse --show-toplevel 2>/dev/null)" = "$source" ] ||
    { skip "meson dist" "the source is not a git checkout of its own"; exit 77; }
[ -z "$(git -C "$source" status --porcelain)" ] || echo "# there are changes that are not committed; they are not judged"

make_tarball() {
    meson setup "$work/dist" "$source" -Dtests=false -Dexamples=false &&
        meson dist -C "$work/dist" --no-tests --allow-dirty --formats gztar &&
        mkdir "$work/tree" && tar -C "$work/tree" --strip-components=1 -xzf "$work"/dist/meson-dist/*.tar.gz
}

holds_every_file() {
    git -C "$source" ls-tree -r --name-only HEAD | sort >"$work/expected"
    (cd "$work/tree" && find . ! -type d | sed 's,^\./,,' | sort) | diff "$work/expected" -
}

check "meson dist makes a tarball" make_tarball && check "it holds every committed file and no other" holds_every_file &&
    judge "$work/tree"
finish
