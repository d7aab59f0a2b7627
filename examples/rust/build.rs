// SPDX-License-Identifier: MIT
//! Where the library is: ANIMALDETECT_LIB_DIR, or what pkg-config says.
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=ANIMALDETECT_LIB_DIR");
    println!("cargo:rustc-link-lib=animaldetect");
    if let Ok(folder) = std::env::var("ANIMALDETECT_LIB_DIR") {
        println!("cargo:rustc-link-search=native={}", folder);
        return;
    }
    let said = Command::new("pkg-config").args(["--libs-only-L", "animaldetect"]).output();
    let flags = match said {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        _ => panic!("libanimaldetect is not installed: set ANIMALDETECT_LIB_DIR or PKG_CONFIG_PATH"),
    };
    for folder in flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-L")) {
        println!("cargo:rustc-link-search=native={}", folder);
    }
}
