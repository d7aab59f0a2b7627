// SPDX-License-Identifier: MIT
//! The client: settings, the log, the descriptor, and who is woken when a call has ended.
use crate::error::{copied, millis, text, Error};
use crate::job::Job;
use crate::sys;
use crate::values::{LogLevel, PollMode, Stat, Status, Step};
use std::collections::HashMap;
use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::os::unix::io::RawFd;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Duration;

type LogLine = Box<dyn Fn(LogLevel, &str) + Send + Sync>;

pub(crate) struct Shared {
    handle: *mut sys::Client,
    /// Boxed twice: the inner one is fat, and its address must not change.
    log: Mutex<Option<Box<LogLine>>>,
    /// By the address of the job's handle. Looked up under the lock, and an entry goes before its handle is freed, so a
    /// handle that `next_done` gave is never followed when another thread has freed it meanwhile.
    wakers: Mutex<HashMap<usize, Waker>>,
}

// The library locks: "threads: any" in its headers holds for all functions that are called here on the client, except for
// its free, which Drop of the last owner makes, and for its borrowed message, which is copied under its lock instead.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Drop for Shared {
    fn drop(&mut self) {
        // Inside a callback of this client the library would ignore it; there an owner is alive: the caller of the call.
        unsafe { sys::animaldetect_client_free(self.handle) };
        // Only now may the log's function go.
    }
}

/// Configuration, connections and quota. Make one per API key and process; clones share it. Threads may use it at once.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Client {
    /// From `AD_API_KEY` (or `ANIMAL_DETECT_API_KEY`) and `AD_API_BASE_URL`.
    pub fn from_env() -> Result<Client, Error> {
        Client::made(|out| unsafe { sys::animaldetect_client_new_from_env(out) })
    }

    pub fn new(api_key: &str) -> Result<Client, Error> {
        let client = Client::made(|out| unsafe { sys::animaldetect_client_new(out) })?;
        client.api_key(api_key)?;
        Ok(client)
    }

    fn made(make: impl FnOnce(*mut *mut sys::Client) -> i32) -> Result<Client, Error> {
        let mut handle = std::ptr::null_mut();
        match make(&mut handle) {
            0 => Ok(Client {
                shared: Arc::new(Shared { handle, log: Mutex::new(None), wakers: Mutex::new(HashMap::new()) }),
            }),
            status => Err(Error::new(status, String::new())),
        }
    }

    pub(crate) fn handle(&self) -> *mut sys::Client {
        self.shared.handle
    }

    fn checked(&self, status: i32) -> Result<&Client, Error> {
        if status == Status::OK.0 {
            return Ok(self);
        }
        let mut words = [0 as c_char; 256];
        unsafe { sys::animaldetect_client_copy_message(self.handle(), words.as_mut_ptr(), words.len()) };
        Err(Error::new(status, unsafe { copied(words.as_ptr()) }.unwrap_or_default()))
    }

    // ---- settings: before the first call, or at any time where client.h says so ----

    pub fn api_key(&self, key: &str) -> Result<&Client, Error> {
        let key = text(key)?;
        self.checked(unsafe { sys::animaldetect_client_set_api_key(self.handle(), key.as_ptr()) })
    }

    pub fn base_url(&self, url: &str) -> Result<&Client, Error> {
        let url = text(url)?;
        self.checked(unsafe { sys::animaldetect_client_set_base_url(self.handle(), url.as_ptr()) })
    }

    pub fn add_trusted_origin(&self, origin: &str) -> Result<&Client, Error> {
        let origin = text(origin)?;
        self.checked(unsafe { sys::animaldetect_client_add_trusted_origin(self.handle(), origin.as_ptr()) })
    }

    pub fn ca_file(&self, path: &Path) -> Result<&Client, Error> {
        let path = text(&path.to_string_lossy())?;
        self.checked(unsafe { sys::animaldetect_client_set_ca_file(self.handle(), path.as_ptr()) })
    }

    pub fn ca_pem(&self, pem: &[u8]) -> Result<&Client, Error> {
        self.checked(unsafe {
            sys::animaldetect_client_set_ca_pem(self.handle(), pem.as_ptr() as *const c_char, pem.len())
        })
    }

    pub fn proxy(&self, url: &str) -> Result<&Client, Error> {
        let url = text(url)?;
        self.checked(unsafe { sys::animaldetect_client_set_proxy(self.handle(), url.as_ptr()) })
    }

    pub fn user_agent(&self, words: &str) -> Result<&Client, Error> {
        let words = text(words)?;
        self.checked(unsafe { sys::animaldetect_client_set_user_agent(self.handle(), words.as_ptr()) })
    }

    pub fn connect_timeout(&self, time: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_connect_timeout_ms(self.handle(), millis(time)) })
    }

    pub fn stall_timeout(&self, time: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_stall_timeout_ms(self.handle(), millis(time)) })
    }

    pub fn request_timeout(&self, time: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_request_timeout_ms(self.handle(), millis(time)) })
    }

    pub fn max_active(&self, count: i32) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_active(self.handle(), count) })
    }

    pub fn rate_limit(&self, per_minute: i32, burst: i32) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_rate_limit(self.handle(), per_minute, burst) })
    }

    pub fn retry_limit(&self, tries: i32) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_retry_limit(self.handle(), tries) })
    }

    pub fn poll_mode(&self, mode: PollMode) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_poll_mode(self.handle(), mode.0) })
    }

    pub fn poll_bounds(&self, least: Duration, most: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_poll_bounds_ms(self.handle(), millis(least), millis(most)) })
    }

    pub fn allow_insecure_http(&self, allowed: bool) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_allow_insecure_http(self.handle(), allowed as i32) })
    }

    pub fn checksum_field(&self, name: &str) -> Result<&Client, Error> {
        let name = text(name)?;
        self.checked(unsafe { sys::animaldetect_client_set_checksum_field(self.handle(), name.as_ptr()) })
    }

    pub fn max_image_bytes(&self, bytes: u64) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_image_bytes(self.handle(), bytes) })
    }

    pub fn max_answer_bytes(&self, bytes: u64) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_answer_bytes(self.handle(), bytes) })
    }

    /// Sends the log to `line`, which runs inside a call on the client and must not call the client or own it. A panic in
    /// it ends there: a log line is not worth a job.
    pub fn log(
        &self,
        level: LogLevel,
        line: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Result<&Client, Error> {
        let kept: Box<LogLine> = Box::new(Box::new(line));
        let user = &*kept as *const LogLine as *mut c_void;
        let mut log = lock(&self.shared.log);
        self.checked(unsafe { sys::animaldetect_client_set_log(self.handle(), Some(on_log), level.0, user) })?;
        *log = Some(kept); // the one before is no longer called
        Ok(self)
    }

    // ---- jobs ----

    pub fn job(&self, operation: &str) -> Result<Job, Error> {
        let operation = text(operation)?;
        self.made_job(|out| unsafe { sys::animaldetect_job_new(self.handle(), operation.as_ptr(), out) })
    }

    /// From what `Job::save` gave, in any process.
    pub fn restore(&self, saved: &str) -> Result<Job, Error> {
        self.made_job(|out| unsafe {
            sys::animaldetect_job_restore(self.handle(), saved.as_ptr() as *const c_char, saved.len(), out)
        })
    }

    pub fn attach(&self, job_id: &str) -> Result<Job, Error> {
        let job_id = text(job_id)?;
        self.made_job(|out| unsafe { sys::animaldetect_job_attach(self.handle(), job_id.as_ptr(), out) })
    }

    fn made_job(&self, make: impl FnOnce(*mut *mut sys::Job) -> i32) -> Result<Job, Error> {
        let mut handle = std::ptr::null_mut();
        self.checked(make(&mut handle))?;
        Ok(Job::over(handle, self.clone()))
    }

    // ---- event loop ----

    /// The one descriptor to watch for reading, by any runtime. When it is readable call `process` once.
    pub fn fd(&self) -> Result<RawFd, Error> {
        let fd = unsafe { sys::animaldetect_client_fd(self.handle()) };
        self.checked(fd.min(0))?;
        Ok(fd)
    }

    /// Does what is ready and wakes the futures whose calls have ended.
    pub fn process(&self) -> Result<(), Error> {
        self.checked(unsafe { sys::animaldetect_client_process(self.handle()) })?;
        loop {
            let mut handle = std::ptr::null_mut();
            match Status(unsafe { sys::animaldetect_client_next_done(self.handle(), &mut handle) }) {
                Status::OK => {
                    let waker = lock(&self.shared.wakers).remove(&(handle as usize));
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                }
                Status::AGAIN => return Ok(()),
                other => return self.checked(other.0).map(|_| ()),
            }
        }
    }

    pub(crate) fn expect(&self, handle: *mut sys::Job, waker: &Waker) {
        lock(&self.shared.wakers).insert(handle as usize, waker.clone());
    }

    pub(crate) fn forget(&self, handle: *mut sys::Job) {
        lock(&self.shared.wakers).remove(&(handle as usize));
    }

    // ---- what happens ----

    pub fn in_flight(&self) -> Result<u64, Error> {
        let count = unsafe { sys::animaldetect_client_in_flight(self.handle()) };
        self.checked(count.min(0) as i32)?;
        Ok(count as u64)
    }

    pub fn statistic(&self, which: Stat) -> Result<i64, Error> {
        let mut value = 0;
        self.checked(unsafe { sys::animaldetect_client_statistic(self.handle(), which.0, &mut value) })?;
        Ok(value)
    }

    /// A quantile of how long a step took, `Step::NONE` for whole jobs; `None` before the first.
    pub fn latency(&self, step: Step, quantile: f64) -> Result<Option<Duration>, Error> {
        let mut value = 0;
        match Status(unsafe { sys::animaldetect_client_latency_ms(self.handle(), step.0, quantile, &mut value) }) {
            Status::ABSENT => Ok(None),
            status => self.checked(status.0).map(|_| Some(Duration::from_millis(value as u64))),
        }
    }
}

unsafe extern "C" fn on_log(level: i32, message: *const c_char, user: *mut c_void) {
    let line = &*(user as *const LogLine);
    let words = CStr::from_ptr(message).to_string_lossy();
    // Nothing may unwind through the library. What the panic hook had to say was said.
    let _ = catch_unwind(AssertUnwindSafe(|| line(LogLevel(level), &words)));
}
