# SPDX-License-Identifier: MIT
# Sourced by run.sh: the packages for Go, Rust and Node.js that contain the installed library, and then run without the
# installation. (tests/interface/bindings tests the packages with the shared library.)
echo "# packages that carry the library"
export GOFLAGS=-modcacherw GOENV=off GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local GOPATH=$work/gopath GOCACHE=$work/gocache
export CARGO_NET_OFFLINE=true CARGO_HOME=$work/cargo CARGO_TARGET_DIR=$work/target

# needs FILE: prints the shared libraries that it links
needs() {
    readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'
}
has_it_inside() {
    needs "$1" >"$log"
    grep -q libcurl "$log" && ! grep -q libanimaldetect "$log"
}
in_folder() {
    (cd "$1" && shift && env -u LD_LIBRARY_PATH "$@")
}

if command -v go >/dev/null; then
    check "Go: the demo builds with the archive" \
        in_folder "$source/examples/go" go build -tags animaldetect_static -o "$work/go_demo" ./demo
    check "Go: it needs libcurl, and no library of ours" has_it_inside "$work/go_demo"
    check "Go: the tests pass with the archives" in_folder "$source/examples/go" go test -tags animaldetect_static ./mock
else
    skip "Go with the archive" "go is not installed"
fi

if command -v cargo >/dev/null; then
    cp -r "$source/examples/rust" "$work/rust"
    check "Rust: the tests pass with the archives" in_folder "$work/rust" cargo test --offline --features mock,static --test mock
    check "Rust: the demo needs no library of ours" in_folder "$work/rust" cargo build --offline --features static --example demo
    check "Rust: it needs libcurl, and no library of ours" has_it_inside "$work/target/debug/examples/demo"
else
    skip "Rust with the archive" "cargo is not installed"
fi

node_headers=$(command -v node >/dev/null && node -p 'require("path").resolve(require("fs").realpathSync(process.execPath), "../..")')
[ -f "$node_headers/include/node/node_api.h" ] || node_headers=/usr
if command -v npm >/dev/null && [ -f "$node_headers/include/node/node_api.h" ]; then
    mkdir -p "$work/node" && cp -r "$source/examples/node" "$work/node/package"
    rm -rf "$work/node/package/build"
    echo '{"name": "stranger", "private": true}' >"$work/node/package.json"
    : >"$work/node/npmrc"
    npm_installs() {
        in_folder "$work/node" env HOME="$work/node" ANIMALDETECT_STATIC=1 npm_config_nodedir="$node_headers" \
            npm_config_userconfig="$work/node/npmrc" npm install --offline --no-audit --no-fund --install-links ./package
    }
    addon=$work/node/node_modules/animaldetect/build/Release/animaldetect.node
    exports_nothing_of_ours() {
        nm -D --defined-only "$addon" >"$log" && grep -q napi_register "$log" && ! grep -q animaldetect_ "$log"
    }
    check "Node.js: npm installs it with the archive" npm_installs
    check "Node.js: it needs libcurl, and no library of ours" has_it_inside "$addon"
    check "Node.js: nothing of the archive is for others to see" exports_nothing_of_ours
    check "Node.js: it loads" in_folder "$work/node" node -e 'require("animaldetect").libraryVersion'

    # Prebuilt packages of a publisher, installed without the library, a compiler or headers.
    prebuilt=$work/node_prebuilt
    with_npm() {
        env HOME="$work/node" npm_config_userconfig="$work/node/npmrc" npm_config_update_notifier=false "$@"
    }
    npm_packs_a_prebuilt_addon() (
        mkdir -p "$prebuilt/scripts" "$prebuilt/none" && cp -r "$source/examples/node" "$prebuilt/package" &&
            rm -rf "$prebuilt/package/build" && cd "$prebuilt/package" &&
            with_npm npm_config_nodedir="$node_headers" npm run make-prebuild && with_npm npm pack --offline --pack-destination ..
    )
    # installs_prebuilt FOLDER [OPTION...]
    installs_prebuilt() (
        cd "$prebuilt/$1" && echo '{"name": "stranger", "private": true}' >package.json || return 1
        shift
        with_npm PKG_CONFIG=false CC=false npm install --offline --no-audit --no-fund "$@" ../animaldetect-*.tgz &&
            [ ! -e node_modules/animaldetect/build ] && cp "$source/examples/node/import.test.js" . &&
            env -u LD_LIBRARY_PATH node --test import.test.js
    )
    check "Node.js: npm packs a prebuilt addon" npm_packs_a_prebuilt_addon
    check "Node.js: it installs without scripts, and a user's test passes" installs_prebuilt none --ignore-scripts
    check "Node.js: it installs with scripts, and compiles nothing" installs_prebuilt scripts
    addon=$(echo "$prebuilt"/none/node_modules/animaldetect/prebuilds/*/animaldetect.napi.*.node)
    check "Node.js: it needs libcurl, and no library of ours" has_it_inside "$addon"
    check "Node.js: nothing of the archives is for others to see" exports_nothing_of_ours
else
    skip "Node.js with the archive" "npm or the headers of Node.js are not installed"
fi
