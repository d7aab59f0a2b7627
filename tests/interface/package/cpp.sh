# SPDX-License-Identifier: MIT
# Sourced by run.sh: uses the installed C++ headers by pkg-config, CMake and meson.
echo "# animaldetect-cpp"
cxx=${CXX:-c++}

# cpp_program NAME PACKAGE SOURCE [OPTION...]
cpp_program() {
    local name=$1 package=$2 program=$3
    shift 3
    # shellcheck disable=SC2046
    $cxx -std=c++17 -Wall -Wextra -Wpedantic -Werror "$@" "$program" $(pkg-config --cflags --libs $package) -o "$work/$name"
}

# The first program of examples/cpp/README.md
first_program() {
    awk '/^```cpp$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$source/examples/cpp/README.md" >"$work/first.cpp"
    cpp_program first animaldetect-cpp "$work/first.cpp"
}

# cpp_with_cmake NAME COMPONENTS [PREFIX]
cpp_with_cmake() {
    cmake -G Ninja -S "$here/cmake_cpp" -B "$work/$1" -DCMAKE_PREFIX_PATH="${3:-$prefix}" -DCOMPONENTS="$2" \
        -DSOURCE="$source/examples/cpp/import_test.cpp" && cmake --build "$work/$1" &&
        env LD_LIBRARY_PATH="${3:-$prefix}/lib" "$work/$1/import_test"
}

# CMake builds the library during configuration; it downloads nothing and finds no installed library.
cpp_with_fetch() {
    env -u PKG_CONFIG_PATH cmake -G Ninja -S "$here/cmake_fetch" -B "$work/cmake-fetch" -DCMAKE_BUILD_TYPE=Debug \
        -DFETCHCONTENT_FULLY_DISCONNECTED=ON -DFETCHCONTENT_SOURCE_DIR_ANIMALDETECT="$source" \
        -DSOURCE="$source/examples/cpp/import_test.cpp" && cmake --build "$work/cmake-fetch" &&
        env -u LD_LIBRARY_PATH "$work/cmake-fetch/import_test"
}

cpp_with_meson() {
    mkdir -p "$work/cpp-meson/subprojects" && ln -s "$source" "$work/cpp-meson/subprojects/libanimaldetect" &&
        cp "$source/examples/cpp/import_test.cpp" "$work/cpp-meson" && cat >"$work/cpp-meson/meson.build" <<'MESON' &&
project('consumer', 'cpp', 'c', default_options: ['cpp_std=c++17'])
options = ['tests=false', 'examples=false', 'warning_level=0']
cpp = dependency('animaldetect-cpp', fallback: 'libanimaldetect', default_options: options)
mock = dependency('animaldetect-mock', fallback: 'libanimaldetect', default_options: options)
test('import', executable('import_test', 'import_test.cpp', dependencies: [cpp, mock]))
MESON
        env -u PKG_CONFIG_PATH meson setup "$work/cpp-meson/build" "$work/cpp-meson" && meson test -C "$work/cpp-meson/build"
}

if command -v "$cxx" >/dev/null; then
    check "the README's program builds by pkg-config" first_program
    check "a user's test of his own program builds" \
        cpp_program import_test "animaldetect-cpp animaldetect-mock" "$source/examples/cpp/import_test.cpp"
    check "it runs" "$work/import_test"
    if command -v cmake >/dev/null; then
        check "find_package(animaldetect COMPONENTS cpp): builds and runs" cpp_with_cmake cmake-cpp cpp
        check "find_package(animaldetect COMPONENTS cpp static): builds and runs" cpp_with_cmake cmake-cpp-static "cpp;static" "$prefix"
        check "FetchContent: builds and runs without an installed library" cpp_with_fetch
    else
        skip "find_package(animaldetect COMPONENTS cpp)" "cmake is not installed"
    fi
    check "subproject: builds and runs" cpp_with_meson
else
    skip "the headers for C++" "there is no C++ compiler"
fi
