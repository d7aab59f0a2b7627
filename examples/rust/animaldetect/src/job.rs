// SPDX-License-Identifier: MIT
//! One image on its way.
use crate::client::{lock, Client};
use crate::error::{copied, millis, text, Error};
use crate::future::Run;
use crate::log::lend;
use crate::reader::{on_read, on_rewind, Failure, Failures, Reader};
use crate::result::Outcome;
use crate::sys;
use crate::values::{Stage, State, Status, Step};
use std::ffi::{CStr, OsString};
use std::io::{Read, Seek};
use std::os::raw::{c_char, c_void};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

type StepCall = unsafe extern "C" fn(*mut sys::Job) -> i32;

pub(crate) struct Owned {
    handle: *mut sys::Job,
    client: Client,
    failures: Failures,
    /// A future's call is in flight. Still set when nobody borrows the job: the future was leaked.
    pub(crate) running: AtomicBool,
    /// The end of a future's call came before its cancel, which the library may keep for the next blocking call.
    stale_cancel: AtomicBool,
}

// The handle may be used from any thread. What it was lent is Send, and the library uses it under the client's lock.
unsafe impl Send for Owned {}
unsafe impl Sync for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        self.client.forget(self.handle);
        // Aborts a call in flight, and releases what the job was lent: later, when this runs inside a callback.
        unsafe { sys::animaldetect_job_free(self.handle) };
    }
}

/// Made by `Client::job`. Calls take `&mut self`, so one is in flight at most, and what a getter reads stands still.
pub struct Job {
    owned: Arc<Owned>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Only what can be read while a leaked future's call is in flight.
        out.debug_struct("Job").field("stage", &self.stage()).field("state", &self.state()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Canceler {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Canceler").finish_non_exhaustive()
    }
}

/// Cancels a job's call from any thread, while the job itself is borrowed by that call.
#[derive(Clone)]
pub struct Canceler {
    owned: Arc<Owned>,
}

impl Canceler {
    /// Ends the call in flight with `Status::CANCELED`. Without one it ends the next call that blocks: a thread that is just
    /// about to block does not miss it. A future forgets it when it begins.
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
                failures: Failures::default(),
                running: AtomicBool::new(false),
                stale_cancel: AtomicBool::new(false),
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

    /// Takes the image from a file, which is opened when it is its turn.
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

    /// Takes the image without copying it: an `Arc<[u8]>`, a `Vec<u8>`, a mapped file. It is dropped when the job is, or has
    /// another image.
    pub fn bytes_owned<T: AsRef<[u8]> + Send + 'static>(&mut self, image: T) -> Result<&mut Job, Error> {
        let status = lend(Box::new(image), |user, release| {
            // Where they are from now on: the bytes may be inside of what owns them.
            let bytes = unsafe { &*(user as *const T) }.as_ref();
            let start = bytes.as_ptr() as *const c_void;
            unsafe { sys::animaldetect_job_set_bytes_borrowed(self.handle(), start, bytes.len(), user, Some(release)) }
        });
        self.set(status)
    }

    /// Reads `size` bytes from where the source stands, whenever the library asks: to hash them, to upload them, and again
    /// for each retry. The source is dropped when the job is, or has another image.
    pub fn reader(&mut self, size: u64, source: impl Read + Seek + Send + 'static) -> Result<&mut Job, Error> {
        let reader = Reader::new(source, &self.owned.failures).map_err(|cause| {
            let mut error = Error::new(Status::READER.0, "the reader has no position".to_string());
            error.cause = Some(cause);
            error
        })?;
        let status = lend(reader, |user, release| unsafe {
            sys::animaldetect_job_set_reader(self.handle(), size, Some(on_read), Some(on_rewind), user, Some(release))
        });
        self.set(status)
    }

    /// Lets the service fetch a public image itself: nothing is uploaded.
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

    /// The name that the service sees. It is part of the payload, and so of the idempotency key.
    pub fn filename(&mut self, name: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_filename, name)
    }

    /// The content type; read from the first bytes of the image unless it is set.
    pub fn content_type(&mut self, kind: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_content_type, kind)
    }

    /// The SHA-256 of the image in hex, where it is known already.
    pub fn sha256(&mut self, hex: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_sha256, hex)
    }

    /// An id of the host's own system; part of the payload.
    pub fn client_reference_id(&mut self, id: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_client_reference_id, id)
    }

    /// Takes the place of the key that is derived from the payload.
    pub fn idempotency_key(&mut self, key: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_idempotency_key, key)
    }

    /// Where the image was taken, for which species are to be expected.
    pub fn country(&mut self, country: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_country, country)
    }

    /// Of a job that was not started yet; afterwards `begin_rerun` is the next run.
    pub fn rerun(&mut self, number: i32) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_rerun, number)
    }

    /// Names species, or only animal, human and vehicle.
    pub fn classify(&mut self, wanted: bool) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_classify, wanted as i32)
    }

    /// Returns the metadata found in the image.
    pub fn metadata(&mut self, wanted: bool) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_metadata, wanted as i32)
    }

    /// Gives the animals of one image a common name where they look alike.
    pub fn smooth_herd(&mut self, wanted: bool) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_smooth_herd, wanted as i32)
    }

    /// How many further guesses to return for each detection.
    pub fn top_candidate(&mut self, count: i32) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_top_candidate, count)
    }

    /// Drops detections with a lower score.
    pub fn threshold(&mut self, threshold: f64) -> Result<&mut Job, Error> {
        let status = unsafe { sys::animaldetect_job_set_threshold(self.handle(), threshold) };
        self.set(status)
    }

    /// Where the image was taken, in degrees.
    pub fn location(&mut self, latitude: f64, longitude: f64) -> Result<&mut Job, Error> {
        let status = unsafe { sys::animaldetect_job_set_location(self.handle(), latitude, longitude) };
        self.set(status)
    }

    /// An option that the service adds later, as JSON.
    pub fn option_json(&mut self, name: &str, json: &str) -> Result<&mut Job, Error> {
        let (name, json) = (text(name)?, text(json)?);
        let status = unsafe { sys::animaldetect_job_set_option_json(self.handle(), name.as_ptr(), json.as_ptr()) };
        self.set(status)
    }

    /// Bounds each call; may be changed between calls.
    pub fn call_timeout(&mut self, limit: Option<Duration>) -> Result<&mut Job, Error> {
        let limit = limit.map_or(-1, millis);
        let status = unsafe { sys::animaldetect_job_set_call_timeout_ms(self.handle(), limit) };
        self.set(status)
    }

    /// Which jobs go first: of requests of the same kind that wait, those of the smaller number.
    pub fn priority(&mut self, number: i32) -> Result<&mut Job, Error> {
        self.set_number(sys::animaldetect_job_set_priority, number)
    }

    /// A text of the host's own, such as the row of a database; empty for none. It is never sent; it is saved with the job.
    pub fn note(&mut self, note: &str) -> Result<&mut Job, Error> {
        self.set_text(sys::animaldetect_job_set_note, note)
    }

    /// Begins a new run of the image: the job goes back to `Stage::NEW` with the next rerun number, what the service said of
    /// it is forgotten, and the next call creates another job, which is billed. Save before it if that must survive a power
    /// cut.
    pub fn begin_rerun(&mut self) -> Result<&mut Job, Error> {
        self.quiet();
        let status = unsafe { sys::animaldetect_job_rerun(self.handle()) };
        self.set(status)
    }

    // ---- calls that block ----

    /// Asks the service for a job.
    pub fn create(&mut self) -> Result<(), Error> {
        self.block(sys::animaldetect_job_create, sys::animaldetect_job_create_async)
    }

    /// Sends the image to where the service said.
    pub fn upload(&mut self) -> Result<(), Error> {
        self.block(sys::animaldetect_job_upload, sys::animaldetect_job_upload_async)
    }

    /// Tells the service that the image is there.
    pub fn submit(&mut self) -> Result<(), Error> {
        self.block(sys::animaldetect_job_submit, sys::animaldetect_job_submit_async)
    }

    /// Asks for the state once.
    pub fn poll(&mut self) -> Result<State, Error> {
        self.block(sys::animaldetect_job_poll, sys::animaldetect_job_poll_async)?;
        Ok(self.state())
    }

    /// Fetches the result of a job that succeeded.
    pub fn fetch(&mut self) -> Result<Outcome, Error> {
        self.block(sys::animaldetect_job_fetch, sys::animaldetect_job_fetch_async)?;
        self.result()
    }

    /// All that is left, from wherever the job stands. Safe to repeat.
    pub fn run(&mut self) -> Result<Outcome, Error> {
        self.block(sys::animaldetect_job_run, sys::animaldetect_job_run_async)?;
        self.result()
    }

    fn block(&mut self, step: StepCall, step_async: StepCall) -> Result<(), Error> {
        self.quiet();
        let handle = self.handle();
        let status = if self.owned.stale_cancel.swap(false, Ordering::AcqRel) {
            match unsafe { step_async(handle) } {
                0 => unsafe { sys::animaldetect_job_wait(handle, -1) },
                status => status,
            }
        } else {
            unsafe { step(handle) }
        };
        self.finish(status)
    }

    // ---- without blocking ----

    /// The same as a future. It needs somebody who calls `Client::process` when the client's descriptor is readable.
    /// Dropped before its end it cancels the call; the job may be run again.
    pub fn run_async(&mut self) -> Run<'_> {
        Run::new(self)
    }

    /// What cancels this job from another thread.
    pub fn canceler(&self) -> Canceler {
        Canceler { owned: self.owned.clone() }
    }

    // ---- reading ----

    /// The result, once it was fetched.
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

    /// Where the service says that the job is.
    pub fn state(&self) -> State {
        State(unsafe { sys::animaldetect_job_state(self.handle()) })
    }

    /// How far the job has come.
    pub fn stage(&self) -> Stage {
        Stage(unsafe { sys::animaldetect_job_stage(self.handle()) })
    }

    /// How the last call ended.
    pub fn status(&self) -> Status {
        Status(unsafe { sys::animaldetect_job_status(self.handle()) })
    }

    /// The service's id of the job.
    pub fn id(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_id)
    }

    /// The key under which the job is, or will be, created.
    pub fn idempotency_key_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_idempotency_key)
    }

    /// When the job's result goes away, as the service wrote it.
    pub fn expires_at(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_expires_at)
    }

    /// When the upload URL expires, as the service wrote it.
    pub fn upload_expires_at(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_upload_expires_at)
    }

    /// The service's own word for the state.
    pub fn state_text(&self) -> String {
        self.copy(sys::animaldetect_job_state_text).unwrap_or_default()
    }

    /// What the job was made for.
    pub fn operation(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_operation)
    }

    /// The file name that the service sees.
    pub fn filename_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_filename)
    }

    /// As it was set by `file`.
    pub fn path(&self) -> Option<PathBuf> {
        use std::os::unix::ffi::OsStringExt;
        self.quiet();
        let path = unsafe { sys::animaldetect_job_path(self.handle()) };
        if path.is_null() {
            return None;
        }
        let bytes = unsafe { CStr::from_ptr(path) }.to_bytes().to_vec();
        Some(PathBuf::from(OsString::from_vec(bytes)))
    }

    /// As it was set by `source_url`.
    pub fn source_url_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_source_url)
    }

    /// As it was set by `client_reference_id`.
    pub fn client_reference_id_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_client_reference_id)
    }

    /// The SHA-256 of the image in hex, once it is known.
    pub fn sha256_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_sha256)
    }

    /// As it was set by `note`.
    pub fn note_in_use(&self) -> Option<String> {
        self.copy(sys::animaldetect_job_note)
    }

    /// Which run of the image this is; 0 for the first.
    pub fn rerun_number(&self) -> i32 {
        unsafe { sys::animaldetect_job_rerun_number(self.handle()) }
    }

    /// As it was set by `priority`.
    pub fn priority_in_use(&self) -> i32 {
        unsafe { sys::animaldetect_job_priority(self.handle()) }
    }

    /// The service's result byte for byte, whatever its shape, once it was fetched.
    pub fn result_json(&self) -> Option<Vec<u8>> {
        self.quiet();
        let mut size = 0;
        let json = unsafe { sys::animaldetect_job_result_json(self.handle(), &mut size) };
        if json.is_null() {
            return None;
        }
        Some(unsafe { std::slice::from_raw_parts(json as *const u8, size) }.to_vec())
    }

    /// Requests of the last call, retries included.
    pub fn attempts(&self) -> i32 {
        unsafe { sys::animaldetect_job_attempts(self.handle()) }
    }

    /// Status requests that got a response.
    pub fn polls(&self) -> i32 {
        unsafe { sys::animaldetect_job_polls(self.handle()) }
    }

    /// The size of the image in bytes; 0 while it is not known.
    pub fn upload_total(&self) -> u64 {
        unsafe { sys::animaldetect_job_upload_total(self.handle()) }
    }

    /// Bytes of the image that were sent, also while it is uploaded.
    pub fn upload_sent(&self) -> u64 {
        unsafe { sys::animaldetect_job_upload_sent(self.handle()) }
    }

    /// How long a step took in all, waiting and retries included.
    pub fn step_time(&self, step: Step) -> Duration {
        Duration::from_millis(unsafe { sys::animaldetect_job_step_ms(self.handle(), step.0) }.max(0) as u64)
    }

    /// Ends the call of a future that was leaked; others have none in flight while the job is not borrowed.
    pub(crate) fn quiet(&self) {
        if self.owned.running.swap(false, Ordering::AcqRel) {
            self.end_call();
        }
    }

    pub(crate) fn set_running(&self, running: bool) {
        self.owned.running.store(running, Ordering::Release);
    }

    /// Cancels the call in flight and collects its completion, so that the job can be run again. It must not wait while the
    /// call is in flight: that runs an iteration of the client, which sends requests for other jobs.
    pub(crate) fn end_call(&self) {
        let handle = self.handle();
        self.client().forget(handle);
        // A cancel of a job without a call in flight would be kept for its next blocking call.
        let in_flight = unsafe { sys::animaldetect_job_status(handle) } == Status::AGAIN.0;
        if in_flight {
            unsafe { sys::animaldetect_job_cancel(handle) };
        }
        let end = unsafe { sys::animaldetect_job_wait(handle, 0) };
        // Another thread may have completed the call between the two.
        self.owned.stale_cancel.store(in_flight && end != Status::CANCELED.0, Ordering::Release);
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
        let failure = lock(&self.owned.failures).take();
        if status == Status::OK.0 {
            return Ok(());
        }
        let mut error = self.error(status);
        match failure {
            Some(Failure::Panic(panic)) => resume_unwind(panic),
            Some(Failure::Io(cause)) if error.status == Status::READER || error.status <= Status::HOST => {
                error.cause = Some(cause)
            }
            _ => {}
        }
        Err(error)
    }
}
