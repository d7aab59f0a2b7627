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
mod client;
mod error;
pub mod executor;
mod future;
mod job;
mod log;
mod reader;
mod result;
pub mod sys;
mod values;

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

/// The features of this build of the library and of the libraries that it runs on, such as "libcurl" or "http2", and what
/// each of them is here.
pub fn features() -> impl Iterator<Item = (&'static str, &'static str)> {
    (0..).map_while(|index| unsafe {
        let name = sys::animaldetect_feature_name(index);
        Some((spoken(name)?, spoken(sys::animaldetect_feature_text(name)).unwrap_or("")))
    })
}
