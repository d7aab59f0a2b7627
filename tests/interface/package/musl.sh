# SPDX-License-Identifier: MIT
# Sourced by run.sh. Debian has musl, but no libcurl, jansson or libsodium built with it, so a program cannot be linked
# here. The test shows that every source compiles with musl's headers.
echo "# musl"
# musl_reads_all FLAG...: compiles every source; FLAGs are the features that meson detects with musl
musl_reads_all() {
    local count=0
    for file in "$source"/lib/*/*.c "$source"/lib/testing/{service,mock}/*.c; do
        musl-gcc -fsyntax-only -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I "$source/lib" -I "$source/include" \
            -I "$source/lib/testing/mock/include" -I "$prefix/include" -isystem "$work/musl" "$@" "$file" || return 1
        count=$((count + 1))
    done
    echo "$count files" && [ "$count" -gt 60 ]
}
if command -v musl-gcc >/dev/null; then
    check "musl: the headers of what is linked are found" \
        headers_of "$work/musl" curl sodium sodium.h jansson.h jansson_config.h
    check "musl: every source compiles against its headers" musl_reads_all -DAD_HAS_EPOLL -DAD_HAS_PIPE2 \
        -DAD_HAS_COND_CLOCK -DAD_HAS_ST_MTIM
    check "musl: and with what every POSIX system has" musl_reads_all -DAD_PORTABLE
    skip "musl: a program that is linked" "Debian has no libcurl, jansson and libsodium for musl"
else
    skip "musl" "musl-gcc is not installed"
fi
