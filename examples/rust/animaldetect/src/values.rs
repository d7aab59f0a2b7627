// SPDX-License-Identifier: MIT
//! The named values. A number of a newer library is a value without a name, never an error: match with a `_` arm.
use crate::sys;
use std::ffi::CStr;
use std::os::raw::c_char;

macro_rules! values {
    ($(#[$words:meta])* $kind:ident { $($(#[$said:meta])* $name:ident = $number:literal),* $(,)? }) => {
        $(#[$words])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind(pub i32);

        impl $kind {
            $($(#[$said])* pub const $name: $kind = $kind($number);)*
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
        /// Success.
        OK = 0,
        /// No completion is available yet, or the wait timed out. Not an error.
        AGAIN = 100,
        /// An argument is NULL, out of range or malformed, or contains control characters.
        INVALID_ARGUMENT = -2,
        /// An allocation failed.
        NO_MEMORY = -3,
        /// The object is in the wrong state: a step out of order, a setter after the start, nothing to wait for.
        STATE = -4,
        /// A call is in flight on this job, or its completion has not been collected.
        BUSY = -5,
        /// The process forked after the client was created.
        FORKED = -6,
        /// Not available on this system, or libcurl lacks a feature that a request needs. The message names it.
        UNSUPPORTED = -7,
        /// The call was canceled: `animaldetect_job_cancel`, `animaldetect_client_stop`, or the client was freed.
        CANCELED = -8,
        /// The call timeout (`animaldetect_job_set_call_timeout_ms`) expired, or the next allowed retry would be
        /// after it.
        CALL_TIMEOUT = -9,
        /// No API key is set.
        NO_API_KEY = -10,
        /// The image file cannot be opened or read, or is not a regular file.
        FILE = -11,
        /// The image's bytes differ from those that were hashed, or from those of the saved job. A file whose inode
        /// or times changed is first compared by its digest.
        FILE_CHANGED = -12,
        /// The image has no bytes.
        IMAGE_EMPTY = -13,
        /// The image is larger than the limit (`animaldetect_client_set_max_image_bytes`).
        IMAGE_TOO_LARGE = -14,
        /// The image is not JPEG, PNG, WebP, HEIC or HEIF, and no content type was set.
        IMAGE_TYPE = -15,
        /// The host's reader returned a number from -1 to -999, or more or fewer bytes than announced, or cannot be
        /// rewound for a retry. A number of ANIMALDETECT_E_HOST or below becomes the status of the call itself.
        READER = -16,
        /// The server could not be reached, the connection broke, or a portal or proxy answered in its place.
        NETWORK = -17,
        /// A connect, stall or request timeout expired, or the response was 408.
        TIMEOUT = -18,
        /// The TLS handshake failed or the certificate was rejected: a portal, a proxy, a wrong clock, or a missing
        /// CA certificate.
        TLS = -19,
        /// The service returned, or a saved job contains, a URL outside the trusted origins. The message names the
        /// origin.
        UNTRUSTED_URL = -20,
        /// A plain http URL. It is allowed only on loopback while the base URL is also plain http on loopback, or
        /// after `animaldetect_client_set_allow_insecure_http`.
        INSECURE_URL = -21,
        /// 400 (or another 4xx without a status of its own): the service rejected the request.
        BAD_REQUEST = -22,
        /// 401: the API key is invalid, missing or revoked.
        UNAUTHORIZED = -23,
        /// 402: payment required, insufficient credit or plan.
        PAYMENT_REQUIRED = -24,
        /// 403: the API key lacks permission for this operation.
        FORBIDDEN = -25,
        /// 404: the service does not have the job. On create: there is no such API at the base URL.
        NOT_FOUND = -26,
        /// 409 on create: an earlier request with this key did not finish within 2 minutes, or the service reports
        /// that the key belongs to a different payload. With a key set by the host: any 409, unless it says "in
        /// progress".
        CONFLICT = -27,
        /// 429 from the storage, or from another origin that a result was redirected to, on every try. After a 429
        /// from the API the client waits instead.
        RATE_LIMITED = -28,
        /// 5xx or 425 on every try, or no result 5 minutes after the job succeeded.
        SERVICE = -29,
        /// A redirect that must not be followed, or a status that HTTP does not define. The message names the origin.
        HTTP = -30,
        /// The response violates the API contract: not JSON, a required field missing, a different job, an
        /// unrequested coding.
        PROTOCOL = -31,
        /// The response is larger than the limit (`animaldetect_client_set_max_answer_bytes`), or exceeds a fixed
        /// bound: the length of its headers or, if it is not a result, the number, size or depth of its JSON values.
        ANSWER_TOO_LARGE = -32,
        /// The upload URL expired and the service returned no fresh one.
        UPLOAD_EXPIRED = -33,
        /// The storage rejected the upload for a reason other than expiry.
        UPLOAD_REFUSED = -34,
        /// The service could not process the image.
        JOB_FAILED = -35,
        /// The service deleted the job: it did not finish in time, or the retention period of its result is over.
        JOB_EXPIRED = -36,
        /// The text given to `animaldetect_job_restore` is not a saved job, or was saved by a newer version.
        SAVED_JOB = -37,
        /// The image's bytes are required but not set (an attached or restored job without input).
        NO_INPUT = -38,
        /// The optional field is not in the result, or nothing was measured yet. Not an error.
        ABSENT = -39,
        /// A system call failed unexpectedly; also when no file descriptors are left for a new client.
        SYSTEM = -40,
        /// The function was called from within one of this client's callbacks: a bug in the host.
        REENTRANT = -41,
        /// The client of this job was freed, or is being freed while a thread waits on it.
        CLIENT_FREED = -42,
        /// The client has as many calls in flight as `animaldetect_client_set_max_jobs` allows.
        QUEUE_FULL = -43,
        /// The service had not finished the job when the processing timeout expired
        /// (`animaldetect_client_set_processing_timeout_ms`).
        OVERDUE = -44,
        /// For 5 minutes the service reported a state that this version does not know, together with an error. The
        /// message has the name of the state.
        STATE_UNKNOWN = -45,
        /// The process, or the system, has no file descriptor left for the image or for a connection.
        NO_DESCRIPTORS = -46,
        /// The medium that holds the image file failed or is gone: an input/output error, a card that was removed, a
        /// file system that was unmounted, a network share that does not respond.
        MEDIUM = -47,
        /// The image file changed while it was hashed: it is still being written.
        FILE_UNFINISHED = -48,
        /// The host's reader returned this number or one below it. The library itself never returns them.
        HOST = -1000,
    }
}

values! {
    /// Whose matter a failure is: what a host may decide by.
    Scope {
        /// no failure
        NONE = 0,
        /// the host, its machine or its own limits: keep the image, look at the program
        CALLER = 1,
        /// this image as it is: set it aside, the others are fine
        IMAGE = 2,
        /// this job at the service: `animaldetect_job_rerun` may help
        JOB = 3,
        /// key, permission or payment: keep all images, tell an operator
        ACCOUNT = 4,
        /// route, portal, proxy, TLS, clock: keep all images, ask again later
        NETWORK = 5,
        /// the service or its storage: keep all images, ask again later
        SERVICE = 6,
        /// a status that this version does not know: keep the image
        OTHER = 7,
    }
}

values! {
    /// The service's word for a job's state.
    State {
        /// the service has not reported a state yet
        NONE = 0,
        /// the job exists, its image or the submit is missing
        AWAITING_UPLOAD = 1,
        /// submitted, not started
        QUEUED = 2,
        /// being processed
        RUNNING = 3,
        /// the result can be fetched
        SUCCEEDED = 4,
        /// final: the service could not process the image
        FAILED = 5,
        /// final: the service dropped the job
        EXPIRED = 6,
        /// a state added later; means "not finished"
        OTHER = 7,
    }
}

values! {
    /// How far a job has come. A later version may insert a stage between two: compare with `<` and `>=`.
    Stage {
        /// no create request has succeeded
        NEW = 0,
        /// the service knows the job
        CREATED = 10,
        /// the image is in the storage
        UPLOADED = 20,
        /// the service was asked to start
        SUBMITTED = 30,
        /// succeeded, failed or expired
        FINISHED = 40,
        /// the result was fetched
        FETCHED = 50,
    }
}

values! {
    /// The step that a call was in.
    Step {
        /// no step
        NONE = 0,
        /// open, check and hash the image
        PREPARE = 1,
        /// ask the service for a job
        CREATE = 2,
        /// send the image to the storage
        UPLOAD = 3,
        /// tell the service that the image is uploaded
        SUBMIT = 4,
        /// ask for the state
        POLL = 5,
        /// fetch the result
        FETCH = 6,
    }
}

values! {
    /// What polls are spent on.
    PollMode {
        /// find a finished job soon; costs requests
        LATENCY = 0,
        /// soon while there is spare quota, fewer polls when jobs wait for it
        BALANCED = 1,
        /// the most images per minute; a result may be found late
        THROUGHPUT = 2,
    }
}

values! {
    /// How much is logged.
    LogLevel {
        /// nothing
        NONE = 0,
        /// calls that failed
        ERROR = 1,
        /// requests that failed and are retried
        WARNING = 2,
        /// calls that succeeded
        INFO = 3,
        /// the status and time of every response
        DEBUG = 4,
    }
}

values! {
    /// What a client does not begin for now.
    Pause {
        /// go on
        NONE = 0,
        /// no new job at the service; those that have one are finished: drain
        CREATES = 1,
        /// no upload; everything else goes on
        UPLOADS = 2,
        /// no request at all
        ALL = 3,
    }
}

values! {
    /// What keeps a client's requests back. A number without a name is a hold.
    Hold {
        /// nothing
        NONE = 0,
        /// no network: all calls wait, one request at a time probes
        NETWORK = 1,
        /// 429, or headers that say that nothing remains: API requests wait
        RATE_LIMIT = 2,
        /// 503 with a long `Retry-After`: API requests wait
        SERVICE = 3,
        /// 401 or 402: creates wait for the host, after several 401 all API requests. Blocking calls do not wait,
        /// they end with the same status. A call on a job that was refused asks again, for all; so does a blocking
        /// call on another job a minute after the last refusal.
        ACCOUNT = 4,
    }
}

values! {
    /// What a result is. Of `OTHER` only the JSON has something to say.
    ResultKind {
        /// something else: read its JSON
        OTHER = 0,
        /// detections: the getters of this header read it
        DETECTIONS = 1,
    }
}

values! {
    /// A taxonomic rank.
    Rank {
        /// the SpeciesNet class uuid
        ID = 0,
        /// such as "mammalia"
        CLASS = 1,
        /// such as "carnivora"
        ORDER = 2,
        /// such as "canidae"
        FAMILY = 3,
        /// such as "vulpes"
        GENUS = 4,
        /// the epithet ("vulpes") or the binomial ("vulpes vulpes"): the service sends both
        SPECIES = 5,
    }
}

values! {
    /// What `Client::statistic` can read.
    Stat {
        /// create requests that went on the wire, retries included
        REQUESTS_CREATE = 0,
        /// upload requests that went on the wire, retries included
        REQUESTS_UPLOAD = 1,
        /// submit requests that went on the wire, retries included
        REQUESTS_SUBMIT = 2,
        /// polls that went on the wire, retries included
        REQUESTS_POLL = 3,
        /// fetches that went on the wire, retries included
        REQUESTS_FETCH = 4,
        /// requests that were made again after a failure
        RETRIES = 5,
        /// responses with status 429
        RATE_LIMITED = 6,
        /// bytes of request bodies
        BYTES_SENT = 7,
        /// bytes of response bodies
        BYTES_RECEIVED = 8,
        /// calls that completed with ANIMALDETECT_OK
        CALLS_SUCCEEDED = 9,
        /// calls that completed with an error
        CALLS_FAILED = 10,
        /// calls that completed with ANIMALDETECT_E_CANCELED
        CALLS_CANCELED = 11,
        /// jobs that the service finished
        JOBS_SUCCEEDED = 12,
        /// jobs that the service failed
        JOBS_FAILED = 13,
        /// jobs that the service dropped
        JOBS_EXPIRED = 14,
        /// create requests for which the service returned an existing job
        REPLAYS = 15,
        /// gauge
        CALLS_IN_FLIGHT = 16,
        /// gauge: requests on the wire now
        REQUESTS_ACTIVE = 17,
        /// gauge: requests waiting for a slot or for quota
        REQUESTS_WAITING = 18,
        /// gauge: requests per minute that the pacer allows now; 0 for unpaced
        PACE_PER_MINUTE = 19,
        /// gauge: milliseconds until the hold after a 429 ends; 0 for none
        HOLD_MS = 20,
        /// iterations of the engine; constant on an idle client
        ITERATIONS = 21,
        /// of the bytes sent, those of uploads that broke off or were refused
        BYTES_SENT_IN_VAIN = 22,
        /// create requests for a fresh upload URL of a job that had one
        FRESH_URLS = 23,
        /// gauge: uploads on the wire now
        UPLOADS_ACTIVE = 24,
        /// gauge: bytes per second that uploads get through; 0 for unknown
        UPLINK_RATE = 25,
        /// gauge: milliseconds that the service's clock is ahead of this machine's; 0 also for unknown
        CLOCK_OFFSET_MS = 26,
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

    /// Whose matter it is: what a host may decide by.
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

/// Operation for [`Client::job`](crate::Client::job): detections with their species.
pub const DETECT: &str = "detect";
/// Operation for [`Client::job`](crate::Client::job): as detect, by the urban model.
pub const DETECT_URBAN: &str = "detect_urban";
/// Operation for [`Client::job`](crate::Client::job): screening for animal, human and vehicle.
pub const FILTER: &str = "filter";
/// Operation for [`Client::job`](crate::Client::job): as filter, by the urban model.
pub const FILTER_URBAN: &str = "filter_urban";
