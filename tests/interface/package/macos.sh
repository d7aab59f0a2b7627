# SPDX-License-Identifier: MIT
# Sourced by run.sh. If SDKROOT names a macOS SDK, as on a Mac: every source compiles for macOS, and the library links
# with the symbols that the C library and the libcurl of macOS export. The SDK has no jansson and no libsodium, so their
# functions remain undefined. Nothing is run.
echo "# macOS"
# for_macos TARGET ARGUMENT...: runs clang as meson would on a Mac
for_macos() {
    local target=$1
    shift
    clang -target "$target" -isysroot "$SDKROOT" -std=gnu11 -D_GNU_SOURCE -DANIMALDETECT_BUILD -fvisibility=hidden \
        -Wall -Wextra -Werror -DAD_HAS_COND_RELATIVE -DAD_HAS_ST_MTIMESPEC -I "$source/lib" -I "$source/include" \
        -I "$source/lib/testing/mock/include" -I "$prefix/include" -isystem "$work/macos" "$@"
}

# macos_compiles TARGET FILE...: compiles into a folder for the target
macos_compiles() {
    local target=$1 count=0
    shift
    mkdir -p "$work/macos-$target" || return 1
    for file in "$@"; do
        for_macos "$target" -c "$file" -o "$work/macos-$target/${file//\//_}.o" || return 1
        count=$((count + 1))
    done
    echo "$count files" && [ "$count" -gt 20 ]
}

macos_links() {
    local target=$1 open
    open=$({ names "$($cc -print-file-name=libjansson.so)" T "" -D
        names "$($cc -print-file-name=libsodium.so)" T "" -D; } | sed 's/^/-Wl,-U,_/')
    # shellcheck disable=SC2086
    clang -target "$target" -isysroot "$SDKROOT" -fuse-ld=lld -dynamiclib -nodefaultlibs "$work/macos-$target"/*.o \
        $open -lcurl -lSystem -o "$work/macos-$target.dylib"
}

if [ -z "${SDKROOT:-}" ]; then
    skip "macOS" "SDKROOT names no macOS SDK"
elif ! command -v clang >/dev/null || [ ! -x "$(clang -print-prog-name=ld64.lld)" ]; then
    skip "macOS" "clang and lld are not installed"
else
    check "macOS: the headers of what is linked are found" headers_of "$work/macos" sodium sodium.h jansson.h jansson_config.h
    for target in arm64-apple-macos11 x86_64-apple-macos11; do
        check "macOS: every source compiles for $target" macos_compiles "$target" \
            "$source"/lib/{base,protocol,transport,engine,api}/*.c "$source"/lib/transport/{curl,custom,reactor}/*.c
        check "macOS: the library links for $target" macos_links "$target"
        check "macOS: the model and the mock compile for $target" macos_compiles "$target" \
            "$source"/lib/testing/{service,mock}/*.c
    done
fi
