// SPDX-License-Identifier: MIT
//! The client: settings, the log, the descriptor, and who is woken when a call has ended.
use crate::error::{copied, millis, text, Error};
use crate::job::Job;
use crate::log::{lend, on_record, Hear, Record};
use crate::sys;
use crate::values::{Hold, LogLevel, Pause, PollMode, Stat, Status, Step};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::os::raw::c_char;
use std::os::unix::io::RawFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::{Duration, SystemTime};

pub(crate) struct Shared {
    handle: *mut sys::Client,
    /// By the address of the job's handle. Looked up under the lock, and an entry goes before its handle is freed, so a
    /// handle that `next_done` gave is never followed when another thread has freed it meanwhile.
    wakers: Mutex<HashMap<usize, Waker>>,
}

// The library locks: "threads: any" in its headers holds for all functions that are called here on the client, except for
// its free, which Drop of the last owner makes.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Drop for Shared {
    fn drop(&mut self) {
        // Inside a callback of this client the library would ignore it; there an owner is alive: the caller of the call.
        unsafe { sys::animaldetect_client_free(self.handle) };
    }
}

/// One of `Client::statistics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistic {
    /// Which one.
    pub which: Stat,
    /// Such as "requests_create".
    pub name: &'static str,
    /// It goes up and down; a counter only grows.
    pub is_gauge: bool,
    /// What it stands at.
    pub value: i64,
}

/// What `Client::held_until` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldUntil {
    /// The hold ends then, or the client asks by itself whether it does; exact to a second.
    Time(SystemTime),
    /// Only the host can end it, by `Client::api_key` or `Client::resume`.
    Host,
}

/// Configuration, connections and quota. Make one per API key and process; clones share it. Threads may use it at once.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Client").field("in_flight", &self.in_flight().ok()).finish_non_exhaustive()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Client {
    /// From `AD_API_KEY` (or `ANIMAL_DETECT_API_KEY`) and `AD_API_BASE_URL`.
    pub fn from_env() -> Result<Client, Error> {
        let client = Client::without_key()?;
        client.configure_from_env()?;
        Ok(client)
    }

    /// With an API key; everything else has its default.
    pub fn new(api_key: &str) -> Result<Client, Error> {
        let client = Client::without_key()?;
        client.api_key(api_key)?;
        Ok(client)
    }

    /// A client on a handle of the caller's own, which is freed with it.
    #[cfg(feature = "mock")]
    pub(crate) fn over(handle: *mut sys::Client) -> Client {
        Client { shared: Arc::new(Shared { handle, wakers: Mutex::new(HashMap::new()) }) }
    }

    fn without_key() -> Result<Client, Error> {
        crate::check_version()?;
        let mut handle = std::ptr::null_mut();
        match unsafe { sys::animaldetect_client_new(&mut handle) } {
            0 => Ok(Client { shared: Arc::new(Shared { handle, wakers: Mutex::new(HashMap::new()) }) }),
            status => Err(Error::new(status, String::new())),
        }
    }

    pub(crate) fn handle(&self) -> *mut sys::Client {
        self.shared.handle
    }

    pub(crate) fn checked(&self, status: i32) -> Result<&Client, Error> {
        if status == Status::OK.0 {
            return Ok(self);
        }
        let mut words = [0 as c_char; 256];
        unsafe { sys::animaldetect_client_copy_message(self.handle(), words.as_mut_ptr(), words.len()) };
        Err(Error::new(status, unsafe { copied(words.as_ptr()) }.unwrap_or_default()))
    }

    // ---- settings, at any time: they count for what is sent next. The base URL, trusted origins, the user agent, plain http
    // and the checksum field are fixed with the first use (`Status::STATE`) ----

    /// The key and the base URL once more from the environment.
    pub fn configure_from_env(&self) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_configure_from_env(self.handle()) })
    }

    /// Sets the API key. It is sent only to trusted origins and never logged; the next request carries it.
    pub fn api_key(&self, key: &str) -> Result<&Client, Error> {
        let key = text(key)?;
        self.checked(unsafe { sys::animaldetect_client_set_api_key(self.handle(), key.as_ptr()) })
    }

    /// Sets the base URL of the service. Its origin becomes trusted with the key.
    pub fn base_url(&self, url: &str) -> Result<&Client, Error> {
        let url = text(url)?;
        self.checked(unsafe { sys::animaldetect_client_set_base_url(self.handle(), url.as_ptr()) })
    }

    /// Adds an origin to which the API key may be sent when the service names a URL there.
    pub fn add_trusted_origin(&self, origin: &str) -> Result<&Client, Error> {
        let origin = text(origin)?;
        self.checked(unsafe { sys::animaldetect_client_add_trusted_origin(self.handle(), origin.as_ptr()) })
    }

    /// Sets a file with the certificates of the authorities to trust (PEM), instead of the system's.
    pub fn ca_file(&self, path: &Path) -> Result<&Client, Error> {
        let path = text(&path.to_string_lossy())?;
        self.checked(unsafe { sys::animaldetect_client_set_ca_file(self.handle(), path.as_ptr()) })
    }

    /// The same as text in memory; it takes precedence over a file.
    pub fn ca_pem(&self, pem: &[u8]) -> Result<&Client, Error> {
        self.checked(unsafe {
            sys::animaldetect_client_set_ca_pem(self.handle(), pem.as_ptr() as *const c_char, pem.len())
        })
    }

    /// Sets a proxy for all requests, as `[scheme://][user[:password]@]host[:port]`; empty for no proxy at all.
    pub fn proxy(&self, url: &str) -> Result<&Client, Error> {
        let url = text(url)?;
        self.checked(unsafe { sys::animaldetect_client_set_proxy(self.handle(), url.as_ptr()) })
    }

    /// A header of every request to a trusted origin; an empty value takes it away.
    pub fn add_header(&self, name: &str, value: &str) -> Result<&Client, Error> {
        let (name, value) = (text(name)?, text(value)?);
        self.checked(unsafe { sys::animaldetect_client_add_header(self.handle(), name.as_ptr(), value.as_ptr()) })
    }

    /// Adds text to the User-Agent header, after the library's own name and version.
    pub fn user_agent(&self, words: &str) -> Result<&Client, Error> {
        let words = text(words)?;
        self.checked(unsafe { sys::animaldetect_client_set_user_agent(self.handle(), words.as_ptr()) })
    }

    /// How long establishing a connection may take, TLS included.
    pub fn connect_timeout(&self, time: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_connect_timeout_ms(self.handle(), millis(time)) })
    }

    /// How long a request may go without a byte moving.
    pub fn stall_timeout(&self, time: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_stall_timeout_ms(self.handle(), millis(time)) })
    }

    /// How long one API request may take in total. An upload gets more, by its size.
    pub fn request_timeout(&self, time: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_request_timeout_ms(self.handle(), millis(time)) })
    }

    /// How long calls wait for a network: `None` for no end, `Duration::ZERO` not to wait.
    pub fn offline_patience(&self, patience: Option<Duration>) -> Result<&Client, Error> {
        let patience = patience.map_or(-1, millis);
        self.checked(unsafe { sys::animaldetect_client_set_offline_patience_ms(self.handle(), patience) })
    }

    /// How long a wait that the service asked for is kept without asking again.
    pub fn max_retry_after(&self, wait: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_retry_after_ms(self.handle(), millis(wait)) })
    }

    /// How long the service may take for a job, from its submit: then `Status::OVERDUE`. `None` for no limit.
    pub fn processing_timeout(&self, time: Option<Duration>) -> Result<&Client, Error> {
        let time = time.map_or(-1, millis);
        self.checked(unsafe { sys::animaldetect_client_set_processing_timeout_ms(self.handle(), time) })
    }

    /// How many requests may be on the wire at once.
    pub fn max_requests(&self, count: i32) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_requests(self.handle(), count) })
    }

    /// How many calls may be in flight; one more is `Status::QUEUE_FULL`. `None` for no limit.
    pub fn max_jobs(&self, count: Option<NonZeroU32>) -> Result<&Client, Error> {
        let count = count.map_or(0, |count| i64::from(count.get()));
        self.checked(unsafe { sys::animaldetect_client_set_max_jobs(self.handle(), count) })
    }

    /// The quota of the key, in requests per minute, and how many may go at once; 0 where it is not known.
    pub fn rate_limit(&self, per_minute: i32, burst: i32) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_rate_limit(self.handle(), per_minute, burst) })
    }

    /// How often one request is tried in all.
    pub fn max_tries(&self, tries: i32) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_tries(self.handle(), tries) })
    }

    /// What polls are spent on: quick results, or few requests.
    pub fn poll_mode(&self, mode: PollMode) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_poll_mode(self.handle(), mode.0) })
    }

    /// The shortest and the longest time between two polls of a job.
    pub fn poll_bounds(&self, least: Duration, most: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_poll_bounds_ms(self.handle(), millis(least), millis(most)) })
    }

    /// Permits plain http to hosts other than loopback. Anyone on the network path can then read the key.
    pub fn allow_insecure_http(&self, allowed: bool) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_allow_insecure_http(self.handle(), allowed as i32) })
    }

    /// The name of the create request's optional checksum field; none is sent by default.
    pub fn checksum_field(&self, name: &str) -> Result<&Client, Error> {
        let name = text(name)?;
        self.checked(unsafe { sys::animaldetect_client_set_checksum_field(self.handle(), name.as_ptr()) })
    }

    /// The size above which an image is refused before anything is sent.
    pub fn max_image_bytes(&self, bytes: u64) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_image_bytes(self.handle(), bytes) })
    }

    /// The size above which a response is refused.
    pub fn max_answer_bytes(&self, bytes: u64) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_max_answer_bytes(self.handle(), bytes) })
    }

    /// Sends the log to `hear`, which runs inside a call on the client and must not call the client or own it. It is dropped
    /// when another has taken its place or the client is freed. A panic in it ends there: a record is not worth a job.
    pub fn log(&self, level: LogLevel, hear: impl Fn(&Record<'_>) + Send + Sync + 'static) -> Result<&Client, Error> {
        // Boxed twice: the inner one is fat.
        let hear: Box<Hear> = Box::new(Box::new(hear));
        self.checked(lend(hear, |user, release| unsafe {
            sys::animaldetect_client_set_log(self.handle(), level.0, Some(on_record), user, Some(release))
        }))
    }

    /// Ends the log.
    pub fn no_log(&self) -> Result<&Client, Error> {
        let none = std::ptr::null_mut();
        self.checked(unsafe { sys::animaldetect_client_set_log(self.handle(), LogLevel::NONE.0, None, none, None) })
    }

    // ---- control ----

    /// Ends the client for good: calls in flight end with `Status::CANCELED`, and so does each that is begun later. Jobs can
    /// still be read and saved.
    pub fn stop(&self) -> Result<(), Error> {
        self.checked(unsafe { sys::animaldetect_client_stop(self.handle()) }).map(|_| ())
    }

    /// What not to begin for now; `Pause::NONE` goes on. Requests on the wire are finished; calls wait, and their timeouts
    /// run.
    pub fn pause(&self, what: Pause) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_paused(self.handle(), what.0) })
    }

    /// The machine has another network: makes new connections, and tries at once what waits after a failure of the network.
    pub fn network_changed(&self) -> Result<(), Error> {
        self.checked(unsafe { sys::animaldetect_client_network_changed(self.handle()) }).map(|_| ())
    }

    /// What keeps requests back now; of several holds the one that holds the most.
    pub fn hold_reason(&self) -> Hold {
        Hold(unsafe { sys::animaldetect_client_hold_reason(self.handle()) })
    }

    /// How long the hold of `hold_reason` lasts; `None` without a hold.
    pub fn held_until(&self) -> Option<HeldUntil> {
        match unsafe { sys::animaldetect_client_held_until_ms(self.handle()) } {
            0 => None,
            until => Some(u64::try_from(until).map_or(HeldUntil::Host, |until| {
                HeldUntil::Time(SystemTime::UNIX_EPOCH + Duration::from_millis(until))
            })),
        }
    }

    /// Ends `Hold::ACCOUNT`: the account can pay again, or the key has its rights back. A network that is not there is probed
    /// at once; a wait that the service asked for goes on.
    pub fn resume(&self) -> Result<(), Error> {
        self.checked(unsafe { sys::animaldetect_client_resume(self.handle()) }).map(|_| ())
    }

    // ---- permits: several clients share the quota of one key, see permits.h and doc/guide.md of the library ----

    /// Whether API requests need permits.
    pub fn permits(&self, needed: bool) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_permits(self.handle(), needed as i32) })
    }

    /// What the client may send in a minute while nothing is granted for so long; 0 to wait.
    pub fn permit_share(&self, per_minute: i32, after: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_permit_share(self.handle(), per_minute, millis(after)) })
    }

    /// How much later than it was sent a request may still arrive at the service.
    pub fn permit_lag(&self, lag: Duration) -> Result<&Client, Error> {
        self.checked(unsafe { sys::animaldetect_client_set_permit_lag_ms(self.handle(), millis(lag)) })
    }

    /// How many permits the client could use now or within a second, beyond those that it has.
    pub fn permits_wanted(&self) -> Result<i32, Error> {
        let mut count = 0;
        self.checked(unsafe { sys::animaldetect_client_permits_wanted(self.handle(), &mut count) })?;
        Ok(count)
    }

    /// Grants permits; those that are unused when their life ends are gone.
    pub fn grant_permits(&self, count: i32, life: Duration) -> Result<(), Error> {
        self.checked(unsafe { sys::animaldetect_client_grant_permits(self.handle(), count, millis(life)) }).map(|_| ())
    }

    /// Takes back unused permits, at most so many: how many there were.
    pub fn return_permits(&self, count: i32) -> Result<i32, Error> {
        let mut returned = 0;
        self.checked(unsafe { sys::animaldetect_client_return_permits(self.handle(), count, &mut returned) })?;
        Ok(returned)
    }

    /// The permits that were settled since the last report, at most so many: how long ago each, the oldest first; and how
    /// many are outstanding at the same moment.
    pub fn report_permits(&self, most: u16) -> Result<(Vec<Duration>, i32), Error> {
        let mut ages = vec![0i64; most.into()];
        let (mut settled, mut outstanding) = (0, 0);
        self.checked(unsafe {
            sys::animaldetect_client_report_permits(
                self.handle(),
                ages.as_mut_ptr(),
                most.into(),
                &mut settled,
                &mut outstanding,
            )
        })?;
        let settled = ages.iter().take(settled as usize).map(|&age| Duration::from_millis(age as u64)).collect();
        Ok((settled, outstanding))
    }

    /// How many responses 429 there were since the last call, and how much longer requests are held for that.
    pub fn take_rate_limits(&self) -> Result<(i32, Duration), Error> {
        let (mut count, mut wait) = (0, 0);
        self.checked(unsafe { sys::animaldetect_client_take_rate_limits(self.handle(), &mut count, &mut wait) })?;
        Ok((count, Duration::from_millis(wait as u64)))
    }

    /// Holds all API requests, as after a response 429 that another client has met.
    pub fn hold_requests(&self, wait: Duration) -> Result<(), Error> {
        self.checked(unsafe { sys::animaldetect_client_hold_requests(self.handle(), millis(wait)) }).map(|_| ())
    }

    // ---- jobs ----

    /// A new job; nothing is sent. The operation is one of the constants, such as [`DETECT`](crate::DETECT).
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

    /// A job of which only the service's id is known.
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

    /// Calls in flight, with those whose end was not taken yet.
    pub fn in_flight(&self) -> Result<u64, Error> {
        let count = unsafe { sys::animaldetect_client_in_flight(self.handle()) };
        self.checked(count.min(0) as i32)?;
        Ok(count as u64)
    }

    /// Reads one counter or gauge.
    pub fn statistic(&self, which: Stat) -> Result<i64, Error> {
        let mut value = 0;
        self.checked(unsafe { sys::animaldetect_client_statistic(self.handle(), which.0, &mut value) })?;
        Ok(value)
    }

    /// All that the library has, also those that have no name here.
    pub fn statistics(&self) -> Result<Vec<Statistic>, Error> {
        let named = (0..).map(Stat).map_while(|which| which.name().map(|name| (which, name)));
        named
            .map(|(which, name)| {
                Ok(Statistic { which, name, is_gauge: which.is_gauge(), value: self.statistic(which)? })
            })
            .collect()
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
