# SPDX-License-Identifier: MIT
# Sourced by stripped.sh and dist.sh: builds a tree like a distributor, with everything that ships, installs it with
# DESTDIR, and uses it from there.  Includes the reference if doxygen is installed.
cc=${CC:-cc}
export LC_ALL=C
stage=$work/stage
installed=$stage/usr
options=-Dtests=false
docs=
command -v doxygen >/dev/null && docs=-Ddocs=true

# build TREE
build() {
    # shellcheck disable=SC2086
    meson setup "$work/build" "$1" --prefix=/usr --libdir=lib $options -Dtools=enabled $docs &&
        ninja -C "$work/build" && DESTDIR=$stage meson install -C "$work/build" --no-rebuild
}

# has PATH...: succeeds if each was installed
has() {
    local path=
    for path in "$@"; do
        [ -e "$installed/$path" ] || { echo "$path was not installed"; return 1; }
    done
}

# runs PACKAGE SOURCE: builds and runs a user's program with the installed library
runs() {
    # shellcheck disable=SC2046
    $cc -std=c11 -Wall -Wextra -Werror "$here/$2" \
        $(PKG_CONFIG_PATH=$installed/lib/pkgconfig pkg-config --define-variable=prefix="$installed" --cflags --libs "$1") \
        -Wl,-rpath-link,"$installed/lib" -o "$work/$1" && LD_LIBRARY_PATH=$installed/lib "$work/$1"
}

emulator_starts_and_ends() {
    python3 -B - "$here/../.." "$installed/bin/animaldetect-emulator" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
from kit.emulator import Emulator
with Emulator(sys.argv[2]) as running:
    pass
assert running.counts["jobs"] == 0, running.ledger
PYTHON
}

names_no_folder_of_the_build() {
    ! grep -rIl -e "$work" "$stage"
}

# judge TREE
judge() {
    check "it builds and installs" build "$1" || return
    check "the library, the mock and the emulator are installed" has lib/libanimaldetect.so lib/libanimaldetect.a \
        lib/libanimaldetect-mock.so lib/libanimaldetect-mock.a bin/animaldetect-emulator \
        include/animaldetect/animaldetect.h include/animaldetect/mock.h share/man/man1/animaldetect-emulator.1
    if [ -n "$docs" ]; then
        check "so is the reference" has share/man/man3/animaldetect_client_new.3 \
            share/man/man3/animaldetect_mock_new.3 share/doc/libanimaldetect/html/index.html
    else
        skip "the reference" "doxygen is not installed"
    fi
    check "so is the bill of materials" has share/doc/libanimaldetect/libanimaldetect.cdx.json
    check "no installed text names the folders it was built in" names_no_folder_of_the_build
    check "a program against the library builds and runs" runs animaldetect consumer.c
    check "a program against the mock builds and runs" runs animaldetect-mock consumer_mock.c
    check "the emulator starts, and ends with its ledger" emulator_starts_and_ends
}
