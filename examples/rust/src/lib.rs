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
mod reader;
mod result;
pub mod sys;
mod values;

pub use client::Client;
pub use error::Error;
pub use future::Run;
pub use job::{Canceler, Job};
pub use result::{BoundingBox, Candidate, Candidates, Detection, Detections, Outcome};
pub use values::*;

use std::ffi::CStr;

/// Version of the library that is loaded.
pub fn version() -> &'static str {
    // Static text of the library, ASCII.
    unsafe { CStr::from_ptr(sys::animaldetect_version()) }.to_str().unwrap_or("")
}
