# SPDX-License-Identifier: MIT
# Sourced by run.sh: the static archive in a plugin. Unless the linker hides its public functions, the plugin exports
# them, and in a host with another version of the library the plugin's calls resolve to that version.
echo "# plugin"
# plugin NAME FLAG...
plugin() {
    local name=$1
    shift
    # shellcheck disable=SC2046,SC2086
    $cc $flags -shared -fPIC "$here/plugin.c" $(pkg-config --cflags --libs-only-L animaldetect) -Wl,--gc-sections \
        -l:libanimaldetect.a $(pkg-config --libs libcurl jansson libsodium) -pthread -lm "$@" -o "$work/$name.so"
}

exports_ours() {
    nm -D --defined-only "$work/$1.so" | grep ' T animaldetect_'
}

exports_its_own_alone() {
    nm -D --defined-only "$work/$1.so" | grep ' T plugin_version' && ! exports_ours "$1"
}

# runs_version NAME VERSION
runs_version() {
    "$work/plugin_host" "$work/$1.so" | tee /dev/stderr | grep -Fx "$2"
}

check "plugin: it builds" plugin plugin_open
check "plugin: its host with another version builds" \
    sh -c "$cc $flags -rdynamic '$here/plugin_host.c' -ldl -o '$work/plugin_host'"
check "plugin: without a flag it exports the library's functions" exports_ours plugin_open
check "plugin: and its host's version takes their place" runs_version plugin_open "the host's"
check "plugin: it builds with --exclude-libs" plugin plugin_closed -Wl,--exclude-libs,libanimaldetect.a
check "plugin: then it exports its own functions alone" exports_its_own_alone plugin_closed
check "plugin: and runs the version that it has inside" \
    runs_version plugin_closed "$(pkg-config --modversion animaldetect)"
