# SPDX-License-Identifier: MIT
# Sourced by run.sh: the host defines functions with the names of internal ones. Each aborts the program, so a call that
# resolves to the wrong one is always detected.
echo "# names"
names "$prefix/lib/libanimaldetect.a" tdbrTDBR ad_ >"$work/ad-names"
names "$prefix/lib/libanimaldetect.a" TDBRWV '' >"$work/global"
grep -v '^animaldetect_' "$work/global" >"$work/leaked"
names "$prefix/lib/libanimaldetect.so" U json_ -D >"$work/json-names"

many() {
    [ "$(wc -l <"$1")" -ge "$2" ]
}

check "archive: it has public functions" many "$work/global" 100
check "archive: they are its only global symbols" test ! -s "$work/leaked"
check "archive: it has inner functions to clash with" many "$work/ad-names" 100
define "$work/ad-names" '' >"$work/own_ad.c"
check "archive: a host may have all $(wc -l <"$work/ad-names") inner names as its own" \
    compile_static own_ad "$here/consumer.c" "$work/own_ad.c"
check "archive: such a host runs" "$work/own_ad"
check "shared: a host with the same names runs" sh -c "$cc -rdynamic '$here/consumer.c' '$work/own_ad.c' \
    $(pkg-config --cflags --libs animaldetect) -o '$work/own_ad_shared' && '$work/own_ad_shared'"

check "jansson: the library uses names that a host can have" many "$work/json-names" 10
check "jansson: every one of them is bound to jansson's version" \
    sh -c "! nm -D '$prefix/lib/libanimaldetect.so' | grep ' json_' | grep -v '@libjansson\.so'"
define "$work/json-names" '__attribute__((visibility("hidden")))' >"$work/own_json.c"
check "jansson: a host with hidden functions of these names builds" \
    compile own_json "$here/consumer.c" "$work/own_json.c"
check "jansson: such a host runs" "$work/own_json"
define "$work/json-names" '' >"$work/plugin.c"
check "jansson: a host whose plugin has these names runs" sh -c "
    $cc -shared -fPIC '$work/plugin.c' -o '$work/plugin.so' &&
    $cc '$here/call_plugin.c' $(pkg-config --cflags --libs animaldetect) -ldl -o '$work/call_plugin' &&
    '$work/call_plugin' '$work/plugin.so'"
if printf 'int main(void) { return 0; }\n' | $cc -x c - -l:libjson-c.so.5 -o "$work/json_c" 2>/dev/null; then
    for order in '-l:libjson-c.so.5 -lanimaldetect' '-lanimaldetect -l:libjson-c.so.5'; do
        # shellcheck disable=SC2086
        check "json-c: both in one process, linked as $order" sh -c "$cc '$here/call_json_c.c' -Wl,--no-as-needed \
            $(pkg-config --cflags --libs-only-L animaldetect) $order -o '$work/json_c' && '$work/json_c'"
    done
else
    skip "json-c in the same process" "libjson-c.so.5 is not installed"
fi
