#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles the addon: one call of the compiler, no package from anywhere.
#
#   build.sh [OUTPUT]      default: build/animaldetect.node beside this script
#
# Needs a C compiler, the headers of Node.js (beside node itself, or in NODE_INCLUDE) and libanimaldetect, which
# pkg-config finds; ANIMALDETECT_FLAGS takes the place of what it says.
# Exit code 77: the headers of Node.js are not here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=${1:-$here/build/animaldetect.node}

include=${NODE_INCLUDE:-$(node -p 'require("path").resolve(process.execPath, "../../include/node")')}
# Node's own archive has uv.h beside node_api.h, Debian has it in a package of its own.
for folder in "$include" /usr/include/node /usr/include/nodejs/src; do
    if [ -f "$folder/node_api.h" ] &&
        echo '#include <uv.h>' | ${CC:-cc} -isystem "$folder" -fsyntax-only -x c - 2>/dev/null; then
        found=$folder
        break
    fi
done
if [ -z "${found:-}" ]; then
    echo "the headers of Node.js (node_api.h, uv.h) are not here; Debian's are in libnode-dev and libuv1-dev" >&2
    exit 77
fi
mkdir -p "$(dirname "$output")"
# The flags are words to be split.
# shellcheck disable=SC2086
exec ${CC:-cc} -std=gnu11 -O2 -g -fPIC -shared -fvisibility=hidden -Wall -Wextra ${CFLAGS:-} -isystem "$found" \
    "$here"/src/*.c -o "$output" ${ANIMALDETECT_FLAGS:-$(pkg-config --cflags --libs animaldetect)}
