# SPDX-License-Identifier: MIT
# Sourced by run.sh: the same program through CMake and meson.
# inside PROGRAM: succeeds if the program exists and does not need the shared library
inside() {
    readelf -d "$work/$1" >"$work/dynamic" && ! grep libanimaldetect "$work/dynamic"
}

echo "# CMake"
# with_cmake NAME KIND VERSION ROOT [SOURCE]
with_cmake() {
    cmake -G Ninja -S "$here/cmake" -B "$work/$1" -DCMAKE_PREFIX_PATH="$4" -DSOURCE="$here/${5:-consumer.c}" -DKIND="$2" \
        -DWANTED="$3" && cmake --build "$work/$1" && env LD_LIBRARY_PATH="$4/lib" "$work/$1/consumer"
}
release=$(pkg-config --modversion animaldetect) # only the minor release matters
release=${release%.*}
older=${release%.*}.$((${release#*.} - 1)) newer=${release%.*}.$((${release#*.} + 1))
if command -v cmake >/dev/null; then
    check "find_package(animaldetect $release): builds and runs" with_cmake cmake-shared shared "$release" "$prefix"
    check "find_package(animaldetect COMPONENTS static): builds and runs" with_cmake cmake-static static "" "$prefix"
    check "the static target has the library inside" inside cmake-static/consumer
    check "find_package(animaldetect-mock): builds and runs" with_cmake cmake-mock mock "$release" "$prefix" consumer_mock.c
    mkdir "$work/archives" && cp -a "$prefix/." "$work/archives" && rm "$work/archives"/lib/*.so*
    check "find_package(animaldetect-mock) with archives alone: builds and runs" \
        with_cmake cmake-mock-static mock "" "$work/archives" consumer_mock.c
    refuses "find_package(animaldetect-mock $newer) is refused" with_cmake cmake-mock-minor mock "$newer" "$prefix" consumer_mock.c
    refuses "find_package(animaldetect $older) is refused" with_cmake cmake-older shared "$older" "$prefix"
    refuses "find_package(animaldetect $newer) is refused" with_cmake cmake-minor shared "$newer" "$prefix"
    refuses "find_package(animaldetect 9) is refused" with_cmake cmake-major shared 9 "$prefix"
    for range in "$older...$release" "0.0.1...$release" "$release...$newer" "$older...<$newer" "0...9"; do
        check "find_package(animaldetect $range): builds and runs" with_cmake "cmake-$range" shared "$range" "$prefix"
    done
    for range in "$older...<$release" "0.0.1...$older" "$newer...9"; do
        refuses "find_package(animaldetect $range) is refused" with_cmake "cmake-$range" shared "$range" "$prefix"
    done
    cp -a "$prefix" "$work/moved"
    mv "$prefix" "$prefix.away"
    check "a tree that was moved is found: builds and runs" with_cmake cmake-moved shared "$release" "$work/moved"
    mv "$prefix.away" "$prefix"
else
    skip "find_package(animaldetect)" "cmake is not installed"
fi

echo "# meson"
# with_meson NAME OPTION...
with_meson() {
    local name=$1
    shift
    mkdir -p "$work/$name" && cp "$here/meson/meson.build" "$here/consumer.c" "$work/$name" || return 1
    if [ -n "${subproject:-}" ]; then
        mkdir "$work/$name/subprojects" && ln -s "$source" "$work/$name/subprojects/libanimaldetect" || return 1
    fi
    meson setup "$work/$name/build" "$work/$name" "$@" && meson test -C "$work/$name/build" consumer
}
check "dependency('animaldetect'): builds and runs" with_meson meson-installed
check "dependency('animaldetect', static: true): builds and runs" with_meson meson-static -Ddefault_library=static
check "dependency('animaldetect', static: true): the program has the library inside" inside meson-static/build/consumer
unset PKG_CONFIG_PATH
export subproject=yes
check "subproject: builds and runs" with_meson meson-subproject
check "subproject was used" test -e "$work/meson-subproject/build/subprojects/libanimaldetect/lib/libanimaldetect.so"
check "subproject with default_library=static: builds and runs" with_meson meson-substatic -Ddefault_library=static
check "subproject with default_library=static: the program has the library inside" inside meson-substatic/build/consumer
