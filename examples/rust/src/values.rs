// SPDX-License-Identifier: MIT
//! The named values. A number of a newer library is a value without a name, never an error: match with a `_` arm.
use crate::sys;
use std::ffi::CStr;
use std::os::raw::c_char;

macro_rules! values {
    ($(#[$words:meta])* $kind:ident { $($name:ident = $number:literal),* $(,)? }) => {
        $(#[$words])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind(pub i32);

        impl $kind {
            $(pub const $name: $kind = $kind($number);)*
        }

        impl std::fmt::Debug for $kind {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.0 {
                    $($number => out.write_str(stringify!($name)),)*
                    other => write!(out, "OTHER({})", other),
                }
            }
        }
    };
}

values! {
    /// How a call ended. `HOST` and all below it are the host's own: a reader may fail with one of them.
    Status {
        OK = 0,
        AGAIN = 100,
        INVALID_ARGUMENT = -2,
        NO_MEMORY = -3,
        STATE = -4,
        BUSY = -5,
        FORKED = -6,
        UNSUPPORTED = -7,
        CANCELED = -8,
        CALL_TIMEOUT = -9,
        NO_API_KEY = -10,
        FILE = -11,
        FILE_CHANGED = -12,
        IMAGE_EMPTY = -13,
        IMAGE_TOO_LARGE = -14,
        IMAGE_TYPE = -15,
        READER = -16,
        NETWORK = -17,
        TIMEOUT = -18,
        TLS = -19,
        UNTRUSTED_URL = -20,
        INSECURE_URL = -21,
        BAD_REQUEST = -22,
        UNAUTHORIZED = -23,
        PAYMENT_REQUIRED = -24,
        FORBIDDEN = -25,
        NOT_FOUND = -26,
        CONFLICT = -27,
        RATE_LIMITED = -28,
        SERVICE = -29,
        HTTP = -30,
        PROTOCOL = -31,
        ANSWER_TOO_LARGE = -32,
        UPLOAD_EXPIRED = -33,
        UPLOAD_REFUSED = -34,
        JOB_FAILED = -35,
        JOB_EXPIRED = -36,
        SAVED_JOB = -37,
        NO_INPUT = -38,
        ABSENT = -39,
        SYSTEM = -40,
        REENTRANT = -41,
        CLIENT_FREED = -42,
        QUEUE_FULL = -43,
        OVERDUE = -44,
        STATE_UNKNOWN = -45,
        NO_DESCRIPTORS = -46,
        MEDIUM = -47,
        FILE_UNFINISHED = -48,
        HOST = -1000,
    }
}

values! {
    /// Whose matter a failure is: what a host may decide by.
    Scope {
        NONE = 0,
        CALLER = 1,
        IMAGE = 2,
        JOB = 3,
        ACCOUNT = 4,
        NETWORK = 5,
        SERVICE = 6,
        OTHER = 7,
    }
}

values! {
    /// The service's word for a job's state.
    State {
        NONE = 0,
        AWAITING_UPLOAD = 1,
        QUEUED = 2,
        RUNNING = 3,
        SUCCEEDED = 4,
        FAILED = 5,
        EXPIRED = 6,
        OTHER = 7,
    }
}

values! {
    /// How far a job has come. A later version may insert a stage between two: compare with `<` and `>=`.
    Stage {
        NEW = 0,
        CREATED = 10,
        UPLOADED = 20,
        SUBMITTED = 30,
        FINISHED = 40,
        FETCHED = 50,
    }
}

values! {
    /// The step that a call was in.
    Step {
        NONE = 0,
        PREPARE = 1,
        CREATE = 2,
        UPLOAD = 3,
        SUBMIT = 4,
        POLL = 5,
        FETCH = 6,
    }
}

values! {
    /// What polls are spent on.
    PollMode {
        LATENCY = 0,
        BALANCED = 1,
        THROUGHPUT = 2,
    }
}

values! {
    /// How much is logged.
    LogLevel {
        NONE = 0,
        ERROR = 1,
        WARNING = 2,
        INFO = 3,
        DEBUG = 4,
    }
}

values! {
    /// What a client does not begin for now.
    Pause {
        NONE = 0,
        CREATES = 1,
        UPLOADS = 2,
        ALL = 3,
    }
}

values! {
    /// What keeps a client's requests back. A number without a name is a hold.
    Hold {
        NONE = 0,
        NETWORK = 1,
        RATE_LIMIT = 2,
        SERVICE = 3,
        ACCOUNT = 4,
    }
}

values! {
    /// What a result is. Of `OTHER` only the JSON has something to say.
    ResultKind {
        OTHER = 0,
        DETECTIONS = 1,
    }
}

values! {
    /// A taxonomic rank.
    Rank {
        ID = 0,
        CLASS = 1,
        ORDER = 2,
        FAMILY = 3,
        GENUS = 4,
        SPECIES = 5,
    }
}

values! {
    /// What `Client::statistic` can read.
    Stat {
        REQUESTS_CREATE = 0,
        REQUESTS_UPLOAD = 1,
        REQUESTS_SUBMIT = 2,
        REQUESTS_POLL = 3,
        REQUESTS_FETCH = 4,
        RETRIES = 5,
        RATE_LIMITED = 6,
        BYTES_SENT = 7,
        BYTES_RECEIVED = 8,
        CALLS_SUCCEEDED = 9,
        CALLS_FAILED = 10,
        CALLS_CANCELED = 11,
        JOBS_SUCCEEDED = 12,
        JOBS_FAILED = 13,
        JOBS_EXPIRED = 14,
        REPLAYS = 15,
        CALLS_IN_FLIGHT = 16,
        REQUESTS_ACTIVE = 17,
        REQUESTS_WAITING = 18,
        PACE_PER_MINUTE = 19,
        HOLD_MS = 20,
        ITERATIONS = 21,
        BYTES_SENT_IN_VAIN = 22,
        FRESH_URLS = 23,
        UPLOADS_ACTIVE = 24,
        UPLINK_RATE = 25,
    }
}

impl Status {
    /// Such as "ANIMALDETECT_E_CONFLICT".
    pub fn name(self) -> &'static str {
        unsafe { spoken(sys::animaldetect_status_name(self.0)) }.unwrap_or("")
    }

    /// Whether the same call, made again later, may succeed.
    pub fn is_retriable(self) -> bool {
        unsafe { sys::animaldetect_status_is_retriable(self.0) != 0 }
    }

    pub fn scope(self) -> Scope {
        Scope(unsafe { sys::animaldetect_status_scope(self.0) })
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(unsafe { spoken(sys::animaldetect_status_text(self.0)) }.unwrap_or(""))
    }
}

/// So that a reader can fail with a number of its own: `io::Error::new(ErrorKind::Other, Status(Status::HOST.0 - 7))`.
impl std::error::Error for Status {}

impl Stat {
    /// Such as "requests_create"; `None` past the last one.
    pub fn name(self) -> Option<&'static str> {
        unsafe { spoken(sys::animaldetect_statistic_name(self.0)) }
    }

    /// Whether it goes up and down; a counter only grows.
    pub fn is_gauge(self) -> bool {
        unsafe { sys::animaldetect_statistic_is_gauge(self.0) != 0 }
    }
}

/// # Safety
/// `words` is NULL or static text of the library, which is ASCII.
pub(crate) unsafe fn spoken(words: *const c_char) -> Option<&'static str> {
    if words.is_null() {
        None
    } else {
        CStr::from_ptr(words).to_str().ok()
    }
}

pub const DETECT: &str = "detect";
pub const DETECT_URBAN: &str = "detect_urban";
pub const FILTER: &str = "filter";
pub const FILTER_URBAN: &str = "filter_urban";
