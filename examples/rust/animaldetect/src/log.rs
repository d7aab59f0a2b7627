// SPDX-License-Identifier: MIT
//! The log: what a record says, and the host's function that hears it.
use crate::result::viewed;
use crate::sys;
use crate::values::{LogLevel, Stage, State, Step};
use std::ffi::CStr;
use std::marker::PhantomData;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

/// One thing that happened. It and its texts last for the call of the function that hears it. No secret is in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// How bad it is.
    pub level: LogLevel,
    /// The whole record as one line for a person.
    pub text: &'a str,
    /// `None` when it is about the client as a whole.
    pub job: Option<JobView<'a>>,
    /// `Step::NONE` when it is about none, or about a whole call.
    pub step: Step,
    /// Of the response; `None` without one.
    pub http_status: Option<u16>,
    /// The service's, for its support.
    pub request_id: Option<&'a str>,
    /// Of a request or of a call.
    pub duration: Option<Duration>,
}

/// The job of a record, to be read.
#[derive(Clone, Copy)]
pub struct JobView<'a> {
    handle: *const sys::Job,
    life: PhantomData<&'a ()>,
}

impl<'a> JobView<'a> {
    // The client is locked while a record is heard: no text goes away meanwhile.
    fn text(&self, getter: unsafe extern "C" fn(*const sys::Job) -> *const c_char) -> Option<&'a str> {
        unsafe { viewed(getter(self.handle)) }
    }

    /// The service's id of the job.
    pub fn id(&self) -> Option<&'a str> {
        self.text(sys::animaldetect_job_id)
    }

    /// What the job was made for.
    pub fn operation(&self) -> Option<&'a str> {
        self.text(sys::animaldetect_job_operation)
    }

    /// The name that the service sees.
    pub fn filename(&self) -> Option<&'a str> {
        self.text(sys::animaldetect_job_filename)
    }

    /// The host's own id.
    pub fn client_reference_id(&self) -> Option<&'a str> {
        self.text(sys::animaldetect_job_client_reference_id)
    }

    /// The host's own text.
    pub fn note(&self) -> Option<&'a str> {
        self.text(sys::animaldetect_job_note)
    }

    /// Where the service says that the job is.
    pub fn state(&self) -> State {
        State(unsafe { sys::animaldetect_job_state(self.handle) })
    }

    /// How far the job has come.
    pub fn stage(&self) -> Stage {
        Stage(unsafe { sys::animaldetect_job_stage(self.handle) })
    }

    /// Requests of the current call, retries included.
    pub fn attempts(&self) -> i32 {
        unsafe { sys::animaldetect_job_attempts(self.handle) }
    }
}

impl std::fmt::Debug for JobView<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("JobView").field("id", &self.id()).field("stage", &self.stage()).finish()
    }
}

pub(crate) type Hear = Box<dyn Fn(&Record<'_>) + Send + Sync>;

pub(crate) unsafe extern "C" fn on_record(user: *mut c_void, record: *const sys::LogRecord) {
    let hear = &*(user as *const Hear);
    let text = CStr::from_ptr(sys::animaldetect_log_text(record)).to_string_lossy();
    let job = sys::animaldetect_log_job(record);
    let record = Record {
        level: LogLevel(sys::animaldetect_log_level(record)),
        text: &text,
        job: if job.is_null() { None } else { Some(JobView { handle: job, life: PhantomData }) },
        step: Step(sys::animaldetect_log_step(record)),
        http_status: Some(sys::animaldetect_log_http_status(record) as u16).filter(|&number| number != 0),
        request_id: viewed(sys::animaldetect_log_request_id(record)),
        duration: u64::try_from(sys::animaldetect_log_duration_ms(record)).ok().map(Duration::from_millis),
    };
    // Nothing may unwind through the library. What the panic hook had to say was said.
    let _ = catch_unwind(AssertUnwindSafe(|| hear(&record)));
}

/// The library does not use `user`, a `Box<T>`, any more.
pub(crate) unsafe extern "C" fn release<T>(user: *mut c_void) {
    let boxed = Box::from_raw(user as *mut T);
    let _ = catch_unwind(AssertUnwindSafe(move || drop(boxed)));
}

/// Gives `kept` to the library, which releases it, and takes it back when the library refused it.
pub(crate) fn lend<T>(kept: Box<T>, set: impl FnOnce(*mut c_void, sys::ReleaseCallback) -> i32) -> i32 {
    let user = Box::into_raw(kept) as *mut c_void;
    let status = set(user, release::<T>);
    if status != 0 {
        unsafe { release::<T>(user) };
    }
    status
}
