// SPDX-License-Identifier: MIT
//! The service in memory, for tests of programs that use this crate (feature `mock`): a service, a network and a clock,
//! without a socket and without real time. An hour's outage passes at once.
//!
//! ```
//! # fn main() -> Result<(), animaldetect::Error> {
//! let service = animaldetect::mock::Mock::new()?;
//! service.add_fault("submit:reset-after:n=1")?; // the answer is lost after it had its effect
//! let client = service.client()?;
//! let outcome = client.job(animaldetect::DETECT)?.bytes(b"\xff\xd8\xff\xe0")?.run()?;
//! assert!(outcome.detections().len() > 0);
//! assert!(service.jobs().len() == 1 && service.violations().is_empty());
//! # Ok(())
//! # }
//! ```
use crate::client::lock;
use crate::error::{copied, millis, text, Error};
use crate::sys::mock as c;
use crate::values::Status;
use crate::{sys, Client};
use std::os::raw::c_char;
use std::sync::Mutex;
use std::time::Duration;

/// How a request fails below HTTP. `CONNECT`, `TLS` and `REFUSED`: it was certainly not sent; the others may have had their
/// effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// No connection.
    Connect = sys::ANIMALDETECT_FAILURE_CONNECT as isize,
    /// The connection broke.
    Broken = sys::ANIMALDETECT_FAILURE_BROKEN as isize,
    /// No response ever comes, and the client gives up after its own timeout.
    Timeout = sys::ANIMALDETECT_FAILURE_TIMEOUT as isize,
    /// Handshake or certificate rejected.
    Tls = sys::ANIMALDETECT_FAILURE_TLS as isize,
    /// The transport cannot send such a request.
    Refused = sys::ANIMALDETECT_FAILURE_REFUSED as isize,
}

/// A request that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// "create", "upload", "submit", "poll", "fetch" or "other".
    pub route: String,
    /// Such as "POST".
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// `Idempotency-Key`, of a create.
    pub idempotency_key: Option<String>,
    /// `None` for an image: images are not kept.
    pub body: Option<String>,
    /// In bytes, also of an image.
    pub body_size: u64,
    /// `None` while it is pending, and when it got no response.
    pub http_status: Option<u16>,
    /// When it was started, in virtual time.
    pub start: Duration,
    /// When it ended; `None` while it is pending.
    pub end: Option<Duration>,
}

/// A service in memory. Clients on it keep what they need of it: they may be dropped in any order.
pub struct Mock {
    handle: *mut c::Mock,
    /// Keeps the words of a refusal until they are read.
    words: Mutex<()>,
}

// The mock locks: "threads: any" holds for its functions.
unsafe impl Send for Mock {}
unsafe impl Sync for Mock {}

impl Drop for Mock {
    fn drop(&mut self) {
        unsafe { c::animaldetect_mock_free(self.handle) };
    }
}

impl std::fmt::Debug for Mock {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mock").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl Mock {
    /// A healthy service: every image is stored, processed and gets a result.
    pub fn new() -> Result<Mock, Error> {
        crate::check_version()?;
        let mut handle = std::ptr::null_mut();
        match unsafe { c::animaldetect_mock_new(&mut handle) } {
            0 => Ok(Mock { handle, words: Mutex::new(()) }),
            status => Err(Error::new(status, String::new())),
        }
    }

    /// A client with the mock's key. For a program that makes its own: `serve`.
    pub fn client(&self) -> Result<Client, Error> {
        let mut handle = std::ptr::null_mut();
        match unsafe { c::animaldetect_mock_new_client(self.handle, &mut handle) } {
            0 => Ok(Client::over(handle)),
            status => Err(Error::new(status, String::new())),
        }
    }

    /// Gives the client this mock in place of the network; before its first job. The key is "sk_test_mock".
    pub fn serve(&self, client: &Client) -> Result<(), Error> {
        let transport = unsafe { c::animaldetect_mock_transport(self.handle) };
        client.checked(unsafe { sys::animaldetect_client_set_transport(client.handle(), transport) }).map(|_| ())
    }

    fn set(&self, act: impl FnOnce(*mut c::Mock) -> i32) -> Result<&Mock, Error> {
        let _kept = lock(&self.words);
        match act(self.handle) {
            0 => Ok(self),
            status => {
                let words = unsafe { copied(c::animaldetect_mock_message(self.handle)) };
                Err(Error::new(status, words.unwrap_or_default()))
            }
        }
    }

    fn set_text(
        &self,
        setter: unsafe extern "C" fn(*mut c::Mock, *const c_char) -> i32,
        words: &str,
    ) -> Result<&Mock, Error> {
        let words = text(words)?;
        self.set(|mock| unsafe { setter(mock, words.as_ptr()) })
    }

    // ---- the service, before its first request ----

    /// Seeds all random numbers, those of the clients included.
    pub fn seed(&self, seed: u64) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_set_seed(mock, seed) })
    }

    /// How long the service processes an image: "fixed:MS", "lognormal:MEDIAN_MS:SIGMA", "bimodal:MS1:MS2:P" or
    /// "fifo:SERVICE_MS".
    pub fn processing(&self, how: &str) -> Result<&Mock, Error> {
        self.set_text(c::animaldetect_mock_set_processing, how)
    }

    /// The round-trip time of a request.
    pub fn latency(&self, time: Duration) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_set_latency_ms(mock, millis(time)) })
    }

    /// The quota of the key: API requests in any minute; 0 for none.
    pub fn rate_limit(&self, per_minute: i32) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_set_rate_limit(mock, per_minute) })
    }

    /// Reads the result for each image from a JSON file.
    pub fn load_answers(&self, path: &str) -> Result<&Mock, Error> {
        self.set_text(c::animaldetect_mock_load_answers, path)
    }

    // ---- what goes wrong: at any time ----

    /// A fault of the service's own, such as "submit:reset-after:n=1"; doc/mock.md of the library lists them.
    pub fn add_fault(&self, fault: &str) -> Result<&Mock, Error> {
        self.set_text(c::animaldetect_mock_add_fault, fault)
    }

    /// Removes all faults and scripts.
    pub fn clear_faults(&self) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_clear_faults(mock) })
    }

    /// A response in place of the service's to the nth request of a route, counted from 1; 0 for each. Headers are
    /// "Name: value" lines.
    pub fn answer(&self, route: &str, nth: i32, http_status: i32, headers: &str, body: &str) -> Result<&Mock, Error> {
        let (route, headers, body) = (text(route)?, text(headers)?, text(body)?);
        self.set(|mock| unsafe {
            c::animaldetect_mock_answer(mock, route.as_ptr(), nth, http_status, headers.as_ptr(), body.as_ptr())
        })
    }

    /// A failure of the network for the nth request of a route; 0 for each.
    pub fn fail(&self, route: &str, nth: i32, failure: Failure) -> Result<&Mock, Error> {
        let route = text(route)?;
        self.set(|mock| unsafe { c::animaldetect_mock_fail(mock, route.as_ptr(), nth, failure as i32) })
    }

    /// Delays the response to the nth request of a route; 0 for each.
    pub fn delay(&self, route: &str, nth: i32, time: Duration) -> Result<&Mock, Error> {
        let route = text(route)?;
        self.set(|mock| unsafe { c::animaldetect_mock_delay(mock, route.as_ptr(), nth, millis(time)) })
    }

    /// Puts a job of the service into a state, such as "failed" or "expired".
    pub fn set_job_state(&self, id: &str, state: &str) -> Result<&Mock, Error> {
        let (id, state) = (text(id)?, text(state)?);
        self.set(|mock| unsafe { c::animaldetect_mock_set_job_state(mock, id.as_ptr(), state.as_ptr()) })
    }

    /// Makes every upload URL that was issued so far expire now.
    pub fn expire_uploads(&self) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_expire_uploads(mock) })
    }

    // ---- time: virtual. It moves on by itself whenever a thread would block ----

    /// The virtual time since the mock's beginning of time.
    pub fn now(&self) -> Duration {
        Duration::from_millis(unsafe { c::animaldetect_mock_now_ms(self.handle) }.max(0) as u64)
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_advance_ms(mock, millis(time)) })
    }

    /// To the next event: by how much; `None` when none would ever come.
    pub fn step(&self) -> Result<Option<Duration>, Error> {
        match unsafe { c::animaldetect_mock_step(self.handle) } {
            -1 => Ok(None),
            time if time < 0 => Err(Error::new(Status(time as i32).0, String::new())),
            time => Ok(Some(Duration::from_millis(time as u64))),
        }
    }

    /// Lets time move on whenever a client is processed and nothing is due: for futures and other event loops.
    pub fn auto_advance(&self, wanted: bool) -> Result<&Mock, Error> {
        self.set(|mock| unsafe { c::animaldetect_mock_set_auto_advance(mock, wanted as i32) })
    }

    // ---- what to assert ----

    /// The requests of a route, or of "any", in the order in which they were started.
    pub fn requests(&self, route: &str) -> Vec<Request> {
        let route = match text(route) {
            Ok(route) => route,
            Err(_) => return Vec::new(),
        };
        let at = |index| unsafe { c::animaldetect_mock_request_at(self.handle, route.as_ptr(), index) };
        (0..).map(at).take_while(|view| !view.is_null()).map(|view| unsafe { request(view) }).collect()
    }

    /// The ids of the service's jobs: what would be billed.
    pub fn jobs(&self) -> Vec<String> {
        (0..).map_while(|index| unsafe { copied(c::animaldetect_mock_job_id(self.handle, index)) }).collect()
    }

    /// The service's word for the state of a job; `None` for an unknown one.
    pub fn job_state(&self, id: &str) -> Option<String> {
        let id = text(id).ok()?;
        unsafe { copied(c::animaldetect_mock_job_state(self.handle, id.as_ptr())) }
    }

    /// What a client did that the service's contract forbids; the library keeps this empty.
    pub fn violations(&self) -> Vec<String> {
        (0..).map_while(|index| unsafe { copied(c::animaldetect_mock_violation(self.handle, index)) }).collect()
    }
}

/// # Safety
/// `view` is a request of a mock that lives.
unsafe fn request(view: *const c::MockRequest) -> Request {
    let http_status = c::animaldetect_mock_request_http_status(view) as u16;
    let time = |number: i64| u64::try_from(number).ok().map(Duration::from_millis);
    let name = b"Idempotency-Key\0";
    Request {
        route: copied(c::animaldetect_mock_request_route(view)).unwrap_or_default(),
        method: copied(c::animaldetect_mock_request_method(view)).unwrap_or_default(),
        url: copied(c::animaldetect_mock_request_url(view)).unwrap_or_default(),
        idempotency_key: copied(c::animaldetect_mock_request_header(view, name.as_ptr() as *const c_char)),
        body: copied(c::animaldetect_mock_request_body(view)),
        body_size: c::animaldetect_mock_request_body_size(view),
        http_status: Some(http_status).filter(|&number| number != 0),
        start: time(c::animaldetect_mock_request_start_ms(view)).unwrap_or_default(),
        end: time(c::animaldetect_mock_request_end_ms(view)),
    }
}
