// SPDX-License-Identifier: MIT
//! The named values. A number of a newer library is a value without a name, never an error: match with a `_` arm.

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
    /// How a call ended.
    Status {
        OK = 0,
        AGAIN = -1,
        INVALID_ARGUMENT = -2,
        NO_MEMORY = -3,
        STATE = -4,
        BUSY = -5,
        FORKED = -6,
        UNSUPPORTED = -7,
        CANCELED = -8,
        DEADLINE = -9,
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
    /// How far a job has come.
    Stage {
        NEW = 0,
        CREATED = 1,
        UPLOADED = 2,
        SUBMITTED = 3,
        FINISHED = 4,
        FETCHED = 5,
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
        REQUESTS_RESULT = 4,
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
        FROZEN_MS = 20,
        TURNS = 21,
    }
}

pub const DETECT: &str = "detect";
pub const DETECT_URBAN: &str = "detect_urban";
pub const FILTER: &str = "filter";
pub const FILTER_URBAN: &str = "filter_urban";
