# SPDX-License-Identifier: MIT
# Sourced by run.sh: links a program without shared libraries, by `pkg-config --static`. Debian lacks static archives of
# some libraries that its libcurl.a needs (for example Kerberos).  They are replaced by a stub archive whose functions
# return 0: the library calls none of them, and all else is linked as a user would.
echo "# fully static"
standins=$work/standins
mkdir "$standins"

link_fully() {
    # shellcheck disable=SC2046,SC2086
    LC_ALL=C $cc $flags -static "$here/consumer.c" $(pkg-config --static --cflags --libs animaldetect) -o "$work/full"
}

missing_archives() {
    link_fully 2>&1 | sed -n 's/.*cannot find -l\([^ :]*\).*/\1/p' | sort -u
}

# One archive for each name, all with the same object.
stand_in() {
    local library=
    $cc -c "$work/standin.c" -o "$work/standin.o" || return 1
    while read -r library; do
        rm -f "$standins/lib$library.a"
        ar rcs "$standins/lib$library.a" "$work/standin.o" || return 1
    done <"$work/missing"
}

nobody_of_ours_wants_one() {
    local archive=
    for archive in "$prefix/lib/libanimaldetect.a" "$($cc -print-file-name=libjansson.a)" "$($cc -print-file-name=libsodium.a)"; do
        [ -e "$archive" ] || return 1
        nm -u "$archive" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u | comm -12 - "$work/wanted" | grep . && return 1
    done
    return 0
}

needs_no_library() {
    [ -z "$(readelf -d "$work/full" | grep NEEDED)" ] && ! readelf -l "$work/full" | grep -q INTERP
}

missing_archives >"$work/missing"
if [ -s "$work/missing" ]; then
    echo "# stood in for: $(tr '\n' ' ' <"$work/missing")"
    export LIBRARY_PATH=$standins
    : >"$work/standin.c"
    stand_in
    link_fully 2>&1 | sed -n "s/.*undefined reference to \`\([^']*\)'.*/\1/p" | sort -u >"$work/wanted"
    sed 's/.*/long &(void);\nlong &(void)\n{\n    return 0;\n}/' "$work/wanted" >"$work/standin.c"
    stand_in
    check "no archive of ours wants a function that is stood in for" nobody_of_ours_wants_one
fi
check "the consumer builds" link_fully
check "the consumer runs" env -u LD_LIBRARY_PATH "$work/full"
check "the consumer needs no library and no loader" needs_no_library
