# SPDX-License-Identifier: MIT
# Sourced by run.sh: an installation with Debian's library folder that is moved after it was installed.
echo "# moved pkg-config"
moved=$work/moved-tree
install_to_move() {
    meson setup "$work/build-to-move" "$source" --prefix="$work/to-move" --libdir=lib/some-linux-gnu \
        -Dpkgconfig.relocatable=true -Dtests=false -Dexamples=false && ninja -C "$work/build-to-move" &&
        meson install -C "$work/build-to-move" --no-rebuild && mv "$work/to-move" "$moved"
}

# from_moved PACKAGE SOURCE OPTION...: builds and runs with the pkg-config output of the moved tree
from_moved() {
    local package=$1 program=$2
    shift 2
    # shellcheck disable=SC2046,SC2086
    $cc $flags "$here/$program" \
        $(PKG_CONFIG_PATH=$moved/lib/some-linux-gnu/pkgconfig pkg-config "$@" --cflags --libs "$package") \
        -Wl,-rpath-link,"$moved/lib/some-linux-gnu" -o "$work/from-moved" &&
        LD_LIBRARY_PATH=$moved/lib/some-linux-gnu "$work/from-moved"
}

check "moved: it is installed and moved" install_to_move
for option in --dont-define-prefix --define-prefix; do
    check "moved: pkg-config $option finds it" from_moved animaldetect consumer.c "$option"
    check "moved: pkg-config $option finds the mock" from_moved animaldetect-mock consumer_mock.c "$option"
done
