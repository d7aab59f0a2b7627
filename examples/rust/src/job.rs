// SPDX-License-Identifier: MIT
//! One image on its way.
use crate::client::Client;
use crate::error::{copied, millis, text, Error};
use crate::future::Run;
use crate::reader::{on_read, on_rewind, Failure, Reader};
use crate::result::Outcome;
use crate::sys;
use crate::values::{Stage, State, Status, Step};
use std::cell::UnsafeCell;
use std::io::{Read, Seek};
use std::os::raw::{c_char, c_void};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Owned {
    handle: *mut sys::Job,
    client: Client,
    /// Touched by the library while a call is in flight, and by `Job` when none is.
    reader: UnsafeCell<Option<Box<Reader>>>,
    borrowed: UnsafeCell<Option<Arc<[u8]>>>,
    /// A future's call is in flight. Still set when nobody borrows the job: the future was leaked.
    pub(crate) running: AtomicBool,
}

// The handle may be used from any thread. The two cells are reached through `&mut Job` only, of which there is one, and by
// the library, which reads under the client's lock; the reader is Send, the bytes are never written.
unsafe impl Send for Owned {}
unsafe impl Sync for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        self.client.forget(self.handle);
        // Aborts a call in flight. The reader and the bytes go afterwards, with the fields, unless this runs inside a
        // callback, where the library frees the job later: then they may still be read, and are left alone.
        unsafe { sys::animaldetect_job_free(self.handle) };
        if self.client.in_flight().err().map(|error| error.status) == Some(Status::BUSY) {
            std::mem::forget(self.reader.get_mut().take());
            std::mem::forget(self.borrowed.get_mut().take());
        }
    }
}

/// Made by `Client::job`. Calls take `&mut self`, so one is in flight at most, and what a getter reads stands still.
pub struct Job {
    owned: Arc<Owned>,
}

/// Cancels a job's call from any thread, while the job itself is borrowed by that call.
#[derive(Clone)]
pub struct Canceler {
    owned: Arc<Owned>,
}

impl Canceler {
    /// Ends the call in flight with `Status::CANCELED`; without one it does nothing.
    pub fn cancel(&self) {
        // It can only be refused inside a callback of the client.
        let _ = unsafe { sys::animaldetect_job_cancel(self.owned.handle) };
    }
}

impl Job {
    pub(crate) fn over(handle: *mut sys::Job, client: Client) -> Job {
        Job {
            owned: Arc::new(Owned {
                handle,
                client,
                reader: UnsafeCell::new(None),
                borrowed: UnsafeCell::new(None),
                running: AtomicBool::new(false),
            }),
        }
    }

    pub(crate) fn handle(&self) -> *mut sys::Job {
        self.owned.handle
    }

    pub(crate) fn client(&self) -> &Client {
        &self.owned.client
    }

    fn set(&mut self, status: i32) -> Result<&mut Job, Error> {
        match status {
            0 => Ok(self),
            _ => Err(self.error(status)),
        }
    }

    // ---- the image: one of these ----

    pub fn file(&mut self, path: impl AsRef<Path>) -> Result<&mut Job, Error> {
        use std::os::unix::ffi::OsStrExt;
        let bytes = path.as_ref().as_os_str().as_bytes();
        let path = std::ffi::CString::new(bytes)
            .map_err(|_| Error::new(Status::INVALID_ARGUMENT.0, "a path has a NUL inside".to_string()))?;
        let status = unsafe { sys::animaldetect_job_set_file(self.handle(), path.as_ptr()) };
        self.set(status)
    }

    /// Copies the image.
    pub fn bytes(&mut self, image: &[u8]) -> Result<&mut Job, Error> {
        let start = image.as_ptr() as *const c_void;
        let status = unsafe { sys::animaldetect_job_set_bytes(self.handle(), start, image.len()) };
        self.set(status)
    }

    /// Shares the image instead of copying it.
    pub fn bytes_shared(&mut self, image: Arc<[u8]>) -> Result<&mut Job, Error> {
        let start = image.as_ptr() as *const c_void;
        let status = unsafe { sys::animaldetect_job_set_bytes_borrowed(self.handle(), start, image.len()) };
        if status == Status::OK.0 {
            unsafe { *self.owned.borrowed.get() = Some(image) };
        }
        self.set(status)
    }

    /// Reads `size` bytes from where the source stands, whenever the library asks: to hash them, to upload them, and again
    /// for each retry.
    pub fn reader(&mut self, size: u64, source: impl Read + Seek + Send + 'static) -> Result<&mut Job, Error> {
        let mut reader = Reader::new(source).map_err(|cause| {
            let mut error = Error::new(Status::READER.0, "the reader has no position".to_string());
            error.cause = Some(cause);
            error
        })?;
        let user = &mut *reader as *mut Reader as *mut c_void;
        let status =
            unsafe { sys::animaldetect_job_set_reader(self.handle(), Some(on_read), Some(on_rewind), user, size) };
        if status == Status::OK.0 {
            unsafe { *self.owned.reader.get() = Some(reader) };
        }
        self.set(status)
    }

    pub fn source_url(&mut self, url: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_source_url, url)
    }

    // ---- what goes with it ----

    fn set_text(
        &mut self,
        setter: unsafe extern "C" fn(*mut sys::Job, *const c_char) -> i32,
        words: &str,
    ) -> Result<&mut Job, Error> {
        let words = text(words)?;
        let status = unsafe { setter(self.handle(), words.as_ptr()) };
        self.set(status)
    }

    fn set_number(
        &mut self,
        setter: unsafe extern "C" fn(*mut sys::Job, i32) -> i32,
        number: i32,
    ) -> Result<&mut Job, Error> {
        let status = unsafe { setter(self.handle(), number) };
        self.set(status)
    }

    pub fn filename(&mut self, name: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_filename, name)
    }

    pub fn content_type(&mut self, kind: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_content_type, kind)
    }

    pub fn sha256(&mut self, hex: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_sha256, hex)
    }

    pub fn client_reference_id(&mut self, id: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_client_reference_id, id)
    }

    pub fn idempotency_key(&mut self, key: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_idempotency_key, key)
    }

    pub fn country(&mut self, country: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_country, country)
    }

    pub fn rerun(&mut self, number: i32) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_rerun, number)
    }

    pub fn classify(&mut self, wanted: bool) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_classify, wanted as i32)
    }

    pub fn metadata(&mut self, wanted: bool) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_metadata, wanted as i32)
    }

    pub fn smooth_herd(&mut self, wanted: bool) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_smooth_herd, wanted as i32)
    }

    pub fn top_candidate(&mut self, count: i32) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_top_candidate, count)
    }

    pub fn threshold(&mut self, threshold: f64) -> Result<&mut Job, Error> {
        let status = unsafe { sys::animaldetect_job_set_threshold(self.handle(), threshold) };
        self.set(status)
    }

    pub fn location(&mut self, latitude: f64, longitude: f64) -> Result<&mut Job, Error> {
        let status = unsafe { sys::animaldetect_job_set_location(self.handle(), latitude, longitude) };
        self.set(status)
    }

    pub fn option_json(&mut self, name: &str, json: &str) -> Result<&mut Job, Error> {
        let (name, json) = (text(name)?, text(json)?);
        let status = unsafe { sys::animaldetect_job_set_option_json(self.handle(), name.as_ptr(), json.as_ptr()) };
        self.set(status)
    }

    /// Bounds each call; may be changed between calls.
    pub fn deadline(&mut self, limit: Option<Duration>) -> Result<&mut Job, Error> {
        let limit = limit.map_or(-1, millis);
        let status = unsafe { sys::animaldetect_job_set_deadline_ms(self.handle(), limit) };
        self.set(status)
    }

    // ---- calls that block ----

    pub fn create(&mut self) -> Result<(), Error> {
        let status = unsafe { sys::animaldetect_job_create(self.handle()) };
        self.finish(status)
    }

    pub fn upload(&mut self) -> Result<(), Error> {
        let status = unsafe { sys::animaldetect_job_upload(self.handle()) };
        self.finish(status)
    }

    pub fn submit(&mut self) -> Result<(), Error> {
        let status = unsafe { sys::animaldetect_job_submit(self.handle()) };
        self.finish(status)
    }

    pub fn poll(&mut self) -> Result<State, Error> {
        let status = unsafe { sys::animaldetect_job_poll(self.handle()) };
        self.finish(status)?;
        Ok(self.state())
    }

    pub fn fetch_result(&mut self) -> Result<Outcome, Error> {
        let status = unsafe { sys::animaldetect_job_fetch_result(self.handle()) };
        self.finish(status)?;
        self.result()
    }

    /// All that is left, from wherever the job stands. Safe to repeat.
    pub fn run(&mut self) -> Result<Outcome, Error> {
        let status = unsafe { sys::animaldetect_job_run(self.handle()) };
        self.finish(status)?;
        self.result()
    }

    // ---- without blocking ----

    /// The same as a future. It needs somebody who calls `Client::process` when the client's descriptor is readable.
    /// Dropped before its end it cancels the call; the job may be run again.
    pub fn run_async(&mut self) -> Run<'_> {
        Run::new(self)
    }

    pub fn canceler(&self) -> Canceler {
        Canceler { owned: self.owned.clone() }
    }

    // ---- reading ----

    pub fn result(&self) -> Result<Outcome, Error> {
        let mut handle = std::ptr::null_mut();
        match unsafe { sys::animaldetect_job_result(self.handle(), &mut handle) } {
            0 => Ok(Outcome::over(handle)),
            status => Err(Error::new(status, "the job has no result yet".to_string())),
        }
    }

    /// JSON without the key, for `Client::restore`.
    pub fn save(&self) -> Result<String, Error> {
        let mut saved = std::ptr::null_mut();
        let status = unsafe { sys::animaldetect_job_save(self.handle(), &mut saved, std::ptr::null_mut()) };
        let words = unsafe { copied(saved) };
        unsafe { sys::animaldetect_text_free(saved) };
        words.ok_or_else(|| Error::new(status, String::new()))
    }

    pub fn state(&self) -> State {
        State(unsafe { sys::animaldetect_job_state(self.handle()) })
    }

    pub fn stage(&self) -> Stage {
        Stage(unsafe { sys::animaldetect_job_stage(self.handle()) })
    }

    pub fn status(&self) -> Status {
        Status(unsafe { sys::animaldetect_job_status(self.handle()) })
    }

    pub fn id(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_id)
    }

    pub fn idempotency_key_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_idempotency_key)
    }

    pub fn expires_at(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_expires_at)
    }

    pub fn upload_sent(&self) -> u64 {
        unsafe { sys::animaldetect_job_upload_sent(self.handle()) }
    }

    pub fn step_time(&self, step: Step) -> Duration {
        Duration::from_millis(unsafe { sys::animaldetect_job_step_ms(self.handle(), step.0) }.max(0) as u64)
    }

    /// Ends the call of a future that was leaked; others have none in flight while the job is not borrowed.
    fn quiet(&self) {
        if self.owned.running.swap(false, Ordering::AcqRel) {
            self.end_call();
        }
    }

    pub(crate) fn set_running(&self, running: bool) {
        self.owned.running.store(running, Ordering::Release);
    }

    pub(crate) fn end_call(&self) {
        self.client().forget(self.handle());
        unsafe {
            sys::animaldetect_job_cancel(self.handle());
            // Takes the end, so that the job can be run again.
            sys::animaldetect_job_wait(self.handle(), 0);
        }
    }

    // Borrowed text stands still: no call can be started or be in flight while `&self` is held.
    fn copy(&self, getter: unsafe extern "C" fn(*const sys::Job) -> *const c_char) -> Option<String> {
        self.quiet();
        unsafe { copied(getter(self.handle())) }
    }

    pub(crate) fn error(&self, status: i32) -> Error {
        let mut error = Error::new(status, self.copy(sys::animaldetect_job_message).unwrap_or_default());
        let handle = self.handle();
        unsafe {
            error.step = Step(sys::animaldetect_job_failed_step(handle));
            error.http_status = Some(sys::animaldetect_job_http_status(handle) as u16).filter(|&number| number != 0);
            error.attempts = sys::animaldetect_job_attempts(handle);
            error.retry_after =
                u64::try_from(sys::animaldetect_job_retry_after_ms(handle)).ok().map(Duration::from_millis);
        }
        error.stage = self.stage();
        error.service_code = self.copy(sys::animaldetect_job_service_code);
        error.service_message = self.copy(sys::animaldetect_job_service_message);
        error.request_id = self.copy(sys::animaldetect_job_request_id);
        error.job_id = self.id();
        error
    }

    pub(crate) fn finish(&mut self, status: i32) -> Result<(), Error> {
        // No call is in flight, so the library does not read.
        let reader = unsafe { &mut *self.owned.reader.get() };
        let failure = reader.as_mut().and_then(|reader| reader.take_failure());
        if status == Status::OK.0 {
            return Ok(());
        }
        let mut error = self.error(status);
        match failure {
            Some(Failure::Panic(panic)) => resume_unwind(panic),
            Some(Failure::Io(cause)) if error.status == Status::READER => error.cause = Some(cause),
            _ => {}
        }
        Err(error)
    }
}
