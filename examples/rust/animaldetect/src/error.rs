// SPDX-License-Identifier: MIT
//! Why a call failed.
use crate::sys;
use crate::values::{Scope, Stage, Status, Step};
use std::ffi::{CStr, CString};
use std::os::raw::c_char;
use std::time::Duration;

/// `Display` is one line that lets a person act; no key is in it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    /// Why, as a number to decide by.
    pub status: Status,
    /// One line that lets a person act.
    pub message: String,
    /// In which step the call failed.
    pub step: Step,
    /// How far the job has come all the same.
    pub stage: Stage,
    /// Of the last response.
    pub http_status: Option<u16>,
    /// Requests that the call made, retries included.
    pub attempts: i32,
    /// The service's own code.
    pub service_code: Option<String>,
    /// The service's own words.
    pub service_message: Option<String>,
    /// Of the last request, for the service's support.
    pub request_id: Option<String>,
    /// The service's id of the job.
    pub job_id: Option<String>,
    /// What the service asked to wait.
    pub retry_after: Option<Duration>,
    /// What the host's own reader failed with.
    pub(crate) cause: Option<std::io::Error>,
}

impl Error {
    pub(crate) fn new(status: i32, message: String) -> Error {
        let message = if message.is_empty() {
            // Static text of the library.
            unsafe { copied(sys::animaldetect_status_text(status)) }.unwrap_or_default()
        } else {
            message
        };
        Error {
            status: Status(status),
            message,
            step: Step::NONE,
            stage: Stage::NEW,
            http_status: None,
            attempts: 0,
            service_code: None,
            service_message: None,
            request_id: None,
            job_id: None,
            retry_after: None,
            cause: None,
        }
    }

    /// Such as "ANIMALDETECT_E_CONFLICT".
    pub fn name(&self) -> &'static str {
        self.status.name()
    }

    /// Whether the same call, made again later, may succeed.
    pub fn is_retriable(&self) -> bool {
        self.status.is_retriable()
    }

    /// Whose matter it is: what a host may decide by.
    pub fn scope(&self) -> Scope {
        self.status.scope()
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

/// Text for C. One with a NUL inside would be cut, so it is refused.
pub(crate) fn text(words: &str) -> Result<CString, Error> {
    CString::new(words).map_err(|_| Error::new(Status::INVALID_ARGUMENT.0, "a text has a NUL inside".to_string()))
}

/// A copy of borrowed text; `None` for NULL.
///
/// # Safety
/// `words` is NULL or text that nobody changes meanwhile.
pub(crate) unsafe fn copied(words: *const c_char) -> Option<String> {
    if words.is_null() {
        None
    } else {
        Some(CStr::from_ptr(words).to_string_lossy().into_owned())
    }
}

/// Milliseconds, rounded up so that a short time does not become none.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from((time.as_nanos() + 999_999) / 1_000_000).unwrap_or(i64::MAX)
}
