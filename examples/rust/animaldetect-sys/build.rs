// SPDX-License-Identifier: MIT
//! Where the library is: ANIMALDETECT_LIB_DIR, or what pkg-config says; no other crate is needed for that. A crate that
//! depends on this one gets DEP_ANIMALDETECT_LIB_DIR, and by pkg-config DEP_ANIMALDETECT_INCLUDE and DEP_ANIMALDETECT_VERSION.
use std::env;
use std::process::Command;

fn pkg_config(arguments: &[&str]) -> Result<String, String> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    match Command::new(&program).args(arguments).output() {
        Err(error) => Err(format!("{} cannot be run: {}", program, error)),
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().to_string()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_string()),
    }
}

/// Of a version what decides whether two fit: before 1.0 the minor version too.
fn series(version: &str) -> String {
    let parts: Vec<&str> = version.split('.').take(2).collect();
    match parts[0] {
        "0" => parts.join("."),
        major => major.to_string(),
    }
}

/// The folder of the library, asked of pkg-config.
fn installed(package: &str) -> String {
    let version = pkg_config(&["--modversion", package]).unwrap_or_else(|said| {
        panic!("libanimaldetect is not installed: set ANIMALDETECT_LIB_DIR or PKG_CONFIG_PATH\n{}", said)
    });
    let wanted = series(env!("CARGO_PKG_VERSION"));
    assert!(series(&version) == wanted, "libanimaldetect {} is installed, this crate needs {}.x", version, wanted);
    println!("cargo:version={}", version);
    println!("cargo:include={}", pkg_config(&["--variable=includedir", package]).unwrap_or_default());
    pkg_config(&["--variable=libdir", package]).unwrap_or_default()
}

fn main() {
    for name in ["ANIMALDETECT_LIB_DIR", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"]
    {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    if env::var_os("DOCS_RS").is_some() {
        return; // documentation links nothing
    }
    let archive = env::var_os("CARGO_FEATURE_STATIC").is_some();
    let kind = if archive { "static" } else { "dylib" };
    let folder = env::var("ANIMALDETECT_LIB_DIR")
        .unwrap_or_else(|_| installed(if archive { "animaldetect-static" } else { "animaldetect" }));
    println!("cargo:rustc-link-search=native={}", folder);
    println!("cargo:lib_dir={}", folder);
    // The mock first: an archive is searched for what is missing so far.
    if env::var_os("CARGO_FEATURE_MOCK").is_some() {
        println!("cargo:rustc-link-lib={}=animaldetect-mock", kind);
    }
    println!("cargo:rustc-link-lib={}=animaldetect", kind);
    if archive {
        for needed in ["curl", "jansson", "sodium", "m"] {
            println!("cargo:rustc-link-lib=dylib={}", needed);
        }
    }
}
