// SPDX-License-Identifier: MIT
//! Animal Detect from Rust: a safe interface to libanimaldetect, without other crates.
//!
//! ```no_run
//! # fn main() -> Result<(), animaldetect::Error> {
//! let client = animaldetect::Client::from_env()?; // AD_API_KEY, AD_API_BASE_URL
//! let mut job = client.job(animaldetect::DETECT)?;
//! job.file("img_001.jpg")?.country("USA")?;
//! for seen in job.run()?.detections() {
//!     println!("{} {:?}", seen.label().unwrap_or("?"), seen.score());
//! }
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]

mod client;
mod error;
pub mod executor;
mod future;
mod job;
mod log;
#[cfg(feature = "mock")]
pub mod mock;
mod reader;
mod result;
mod values;

pub use animaldetect_sys as sys;
pub use client::{Client, HeldUntil, Statistic};
pub use error::Error;
pub use future::Run;
pub use job::{Canceler, Job};
pub use log::{JobView, Record};
pub use result::{BoundingBox, Candidate, Candidates, Detection, Detections, Outcome};
pub use values::*;

/// Version of the library that is loaded.
pub fn version() -> &'static str {
    unsafe { spoken(sys::animaldetect_version()) }.unwrap_or("")
}

/// Whether what was compiled with one version runs with another version of the library: a later one of the same major
/// version, before 1.0 of the same minor one.
fn fits(loaded: i32, compiled: i32) -> bool {
    loaded >= compiled && loaded >> 16 == compiled >> 16 && (compiled >> 16 > 0 || loaded >> 8 == compiled >> 8)
}

/// The version of this crate, as `animaldetect_version_number` counts.
fn compiled() -> i32 {
    let parts = [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    parts.iter().fold(0, |number, part| number << 8 | part.parse::<i32>().unwrap_or(0))
}

/// Refuses a library that does not fit this crate.
fn check_version() -> Result<(), Error> {
    let loaded = unsafe { sys::animaldetect_version_number() };
    if fits(loaded, compiled()) {
        return Ok(());
    }
    let words = format!("libanimaldetect {} is loaded, this crate is {}", version(), env!("CARGO_PKG_VERSION"));
    Err(Error::new(Status::UNSUPPORTED.0, words))
}

/// The features of this build of the library and of the libraries that it runs on, such as "libcurl" or "http2", and what
/// each of them is here.
pub fn features() -> impl Iterator<Item = (&'static str, &'static str)> {
    (0..).map_while(|index| unsafe {
        let name = sys::animaldetect_feature_name(index);
        Some((spoken(name)?, spoken(sys::animaldetect_feature_text(name)).unwrap_or("")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_of_another_minor_version_does_not_fit() {
        assert!(fits(0x000200, 0x000200) && fits(0x000201, 0x000200) && fits(0x010300, 0x010200));
        assert!(!fits(0x000300, 0x000200) && !fits(0x000200, 0x000201) && !fits(0x020000, 0x010200));
        check_version().unwrap();
    }
}
