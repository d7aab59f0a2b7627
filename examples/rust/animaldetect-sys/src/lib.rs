// SPDX-License-Identifier: MIT
//! The C interface of libanimaldetect as it stands in its headers, made from them by
//! `tests/interface/bindings/rust_declarations.py`. The reference of the library says all of each function: ownership,
//! lifetimes, threads, statuses. Crate `animaldetect` is the safe interface.
#![deny(missing_docs)]
#![cfg_attr(rustfmt, rustfmt_skip)]

use std::os::raw::{c_char, c_void};

/// Configuration, connections, quota and engine. Free with `animaldetect_client_free`.
#[repr(C)]
pub struct Client {
    _private: [u8; 0],
}
/// One image and its processing by the service. Free with `animaldetect_job_free`.
#[repr(C)]
pub struct Job {
    _private: [u8; 0],
}
/// Parsed, immutable detections of one image. Free with `animaldetect_result_free`.
#[repr(C)]
pub struct Result {
    _private: [u8; 0],
}
/// One detection of a result: a view, borrowed from its result, never freed.
#[repr(C)]
pub struct Detection {
    _private: [u8; 0],
}
/// An alternative label for a detection: a view, borrowed from its result, never freed.
#[repr(C)]
pub struct Candidate {
    _private: [u8; 0],
}
/// One log record. Valid during the callback that receives it.
#[repr(C)]
pub struct LogRecord {
    _private: [u8; 0],
}
/// A set of callbacks that send requests. Free with `animaldetect_transport_free`.
#[repr(C)]
pub struct Transport {
    _private: [u8; 0],
}
/// One request and its response. Owned by the transport from the start callback until the transport ends it.
#[repr(C)]
pub struct Exchange {
    _private: [u8; 0],
}

/// Releases `user`, which the library no longer uses. A function that takes a `user` also takes a release function.
pub type ReleaseCallback = unsafe extern "C" fn(user: *mut c_void);
/// Reads the next bytes of an image, for `animaldetect_job_set_reader`.
pub type ReadCallback = unsafe extern "C" fn(user: *mut c_void, buffer: *mut u8, size: usize) -> i64;
/// Goes back to the first byte of an image, so that it can be read again (hash, then upload; retry).
pub type RewindCallback = unsafe extern "C" fn(user: *mut c_void) -> i32;
/// Receives one record of the log.
pub type LogCallback = unsafe extern "C" fn(user: *mut c_void, record: *const LogRecord);
/// Starts a request. The transport owns the exchange from here on and must end it exactly once, here or later.
pub type TransportStartCallback = unsafe extern "C" fn(user: *mut c_void, exchange: *mut Exchange) -> i32;
/// Notifies that an exchange was canceled. The transport must still end it, here or later, in either way. Another
/// thread of the transport may just have ended it: the handle stays valid until this callback returns, and only the
/// getters may then be called on it.
pub type TransportCancelCallback = unsafe extern "C" fn(user: *mut c_void, exchange: *mut Exchange);
/// Reads a clock. May be called from any thread, locked or not.
pub type TransportClockCallback = unsafe extern "C" fn(user: *mut c_void) -> i64;
/// Runs at the beginning of each iteration of a client: a transport without threads does the work that is ready.
pub type TransportPollCallback = unsafe extern "C" fn(user: *mut c_void);
/// Runs, with the client unlocked, when a thread is about to block because there is no work. Here a virtual clock
/// advances, or a transport without threads waits for its own sockets.
pub type TransportIdleCallback = unsafe extern "C" fn(user: *mut c_void, timeout_ms: i64) -> i64;

/// Success.
pub const ANIMALDETECT_OK: i32 = 0;
/// No completion is available yet, or the wait timed out. Not an error. Next: Call again.
pub const ANIMALDETECT_AGAIN: i32 = 100;
/// An argument is NULL, out of range or malformed, or contains control characters. Next: Correct the argument;
/// `animaldetect_client_copy_message` or `animaldetect_job_message` gives the reason.
pub const ANIMALDETECT_E_INVALID_ARGUMENT: i32 = -2;
/// An allocation failed. Next: Free memory and call again; a job continues from the stage it has reached.
pub const ANIMALDETECT_E_NO_MEMORY: i32 = -3;
/// The object is in the wrong state: a step out of order, a setter after the start, nothing to wait for. Next:
/// Correct the order of the calls; the message says what is wrong.
pub const ANIMALDETECT_E_STATE: i32 = -4;
/// A call is in flight on this job, or its completion has not been collected. Next: Collect its completion
/// (`animaldetect_job_wait`, `animaldetect_client_next_done`), then call again.
pub const ANIMALDETECT_E_BUSY: i32 = -5;
/// The process forked after the client was created. Next: Create a client in the child with
/// `animaldetect_client_new`.
pub const ANIMALDETECT_E_FORKED: i32 = -6;
/// Not available on this system, or libcurl lacks a feature that a request needs. The message names it. Next: Do
/// without it; `animaldetect_feature_text` lists what is available.
pub const ANIMALDETECT_E_UNSUPPORTED: i32 = -7;
/// The call was canceled: `animaldetect_job_cancel`, `animaldetect_client_stop`, or the client was freed. Next: To
/// continue, run the job again; after a stop, save it and restore it with a new client.
pub const ANIMALDETECT_E_CANCELED: i32 = -8;
/// The call timeout (`animaldetect_job_set_call_timeout_ms`) expired, or the next allowed retry would be after it.
/// Next: Run the job again, with a longer timeout if needed; it continues from the stage it has reached.
pub const ANIMALDETECT_E_CALL_TIMEOUT: i32 = -9;
/// No API key is set. Next: Call `animaldetect_client_set_api_key`, then run the job.
pub const ANIMALDETECT_E_NO_API_KEY: i32 = -10;
/// The image file cannot be opened or read, or is not a regular file. Next: Skip the image. If the path or the
/// permissions were wrong, correct them and run the job again.
pub const ANIMALDETECT_E_FILE: i32 = -11;
/// The image's bytes differ from those that were hashed, or from those of the saved job. A file whose inode or times
/// changed is first compared by its digest. Next: Call `animaldetect_job_rerun` and run the job: it starts from the
/// new bytes. If the old bytes are restored, run the job again.
pub const ANIMALDETECT_E_FILE_CHANGED: i32 = -12;
/// The image has no bytes. Next: Skip the image.
pub const ANIMALDETECT_E_IMAGE_EMPTY: i32 = -13;
/// The image is larger than the limit (`animaldetect_client_set_max_image_bytes`). Next: Skip the image, or make it
/// smaller.
pub const ANIMALDETECT_E_IMAGE_TOO_LARGE: i32 = -14;
/// The image is not JPEG, PNG, WebP, HEIC or HEIF, and no content type was set. Next: Skip the image, or create a new
/// job and call `animaldetect_job_set_content_type`.
pub const ANIMALDETECT_E_IMAGE_TYPE: i32 = -15;
/// The host's reader returned a number from -1 to -999, or more or fewer bytes than announced, or cannot be rewound
/// for a retry. A number of ANIMALDETECT_E_HOST or below becomes the status of the call itself. Next: Skip the image,
/// or correct the reader and run the job again. A reader without a rewind callback needs a new job.
pub const ANIMALDETECT_E_READER: i32 = -16;
/// The server could not be reached, the connection broke, or a portal or proxy answered in its place. Next: Keep the
/// image and run the job again later; it continues from the stage it has reached.
pub const ANIMALDETECT_E_NETWORK: i32 = -17;
/// A connect, stall or request timeout expired, or the response was 408. Next: Keep the image and run the job again
/// later; it continues from the stage it has reached.
pub const ANIMALDETECT_E_TIMEOUT: i32 = -18;
/// The TLS handshake failed or the certificate was rejected: a portal, a proxy, a wrong clock, or a missing CA
/// certificate. Next: Keep the image and run the job again later; if it recurs, check the clock, the proxy and
/// `animaldetect_client_set_ca_file`.
pub const ANIMALDETECT_E_TLS: i32 = -19;
/// The service returned, or a saved job contains, a URL outside the trusted origins. The message names the origin.
/// Next: Keep the image and alert an operator. If the origin should be trusted, create a new client and call
/// `animaldetect_client_add_trusted_origin`.
pub const ANIMALDETECT_E_UNTRUSTED_URL: i32 = -20;
/// A plain http URL. It is allowed only on loopback while the base URL is also plain http on loopback, or after
/// `animaldetect_client_set_allow_insecure_http`. Next: Use https, or allow plain http before the first use of the
/// client.
pub const ANIMALDETECT_E_INSECURE_URL: i32 = -21;
/// 400 (or another 4xx without a status of its own): the service rejected the request. Next: Skip the image; if every
/// image gets this status, correct the options of the jobs.
pub const ANIMALDETECT_E_BAD_REQUEST: i32 = -22;
/// 401: the API key is invalid, missing or revoked. Next: Keep all images. Call `animaldetect_client_set_api_key` or
/// `animaldetect_client_resume`, which end the hold, then run the jobs again.
pub const ANIMALDETECT_E_UNAUTHORIZED: i32 = -23;
/// 402: payment required, insufficient credit or plan. Next: Keep all images. When the account has credit again, call
/// `animaldetect_client_resume` (or, for another account, `animaldetect_client_set_api_key`), which ends the hold,
/// then run the jobs again.
pub const ANIMALDETECT_E_PAYMENT_REQUIRED: i32 = -24;
/// 403: the API key lacks permission for this operation. Next: Keep the image and alert an operator; run the job
/// again when the key has the permission or was replaced (`animaldetect_client_set_api_key`).
pub const ANIMALDETECT_E_FORBIDDEN: i32 = -25;
/// 404: the service does not have the job. On create: there is no such API at the base URL. Next: Call
/// `animaldetect_job_rerun` for a new job, which is billed separately. After a create, correct the base URL.
pub const ANIMALDETECT_E_NOT_FOUND: i32 = -26;
/// 409 on create: an earlier request with this key did not finish within 2 minutes, or the service reports that the
/// key belongs to a different payload. With a key set by the host: any 409, unless it says "in progress". Next: Call
/// `animaldetect_job_rerun` for a new job, which is billed separately. With a key set by the host, create a new job
/// with another key.
pub const ANIMALDETECT_E_CONFLICT: i32 = -27;
/// 429 from the storage, or from another origin that a result was redirected to, on every try. After a 429 from the
/// API the client waits instead. Next: Keep the image and run the job again after `animaldetect_job_retry_after_ms`;
/// if it recurs, set the quota with `animaldetect_client_set_rate_limit`.
pub const ANIMALDETECT_E_RATE_LIMITED: i32 = -28;
/// 5xx or 425 on every try, or no result 5 minutes after the job succeeded. Next: Keep the image and run the job
/// again later; it continues from the stage it has reached.
pub const ANIMALDETECT_E_SERVICE: i32 = -29;
/// A redirect that must not be followed, or a status that HTTP does not define. The message names the origin. Next:
/// Keep the image and alert an operator; correct the base URL, or add the origin of the redirect to a new client
/// (`animaldetect_client_add_trusted_origin`).
pub const ANIMALDETECT_E_HTTP: i32 = -30;
/// The response violates the API contract: not JSON, a required field missing, a different job, an unrequested
/// coding. Next: Keep the image and run the job again later. `animaldetect_job_result_json` has the bytes that were
/// received in place of a result.
pub const ANIMALDETECT_E_PROTOCOL: i32 = -31;
/// The response is larger than the limit (`animaldetect_client_set_max_answer_bytes`), or exceeds a fixed bound: the
/// length of its headers or, if it is not a result, the number, size or depth of its JSON values. Next: Keep the
/// image, raise the limit and run the job again; if that does not help, report it to the service.
pub const ANIMALDETECT_E_ANSWER_TOO_LARGE: i32 = -32;
/// The upload URL expired and the service returned no fresh one. Next: Run the job again; if that does not help, call
/// `animaldetect_job_rerun` for a new job, which is billed separately.
pub const ANIMALDETECT_E_UPLOAD_EXPIRED: i32 = -33;
/// The storage rejected the upload for a reason other than expiry. Next: Keep the image and report the message to the
/// service; run the job again when the problem is solved.
pub const ANIMALDETECT_E_UPLOAD_REFUSED: i32 = -34;
/// The service could not process the image. Next: Call `animaldetect_job_rerun` for a new job, which is billed
/// separately; if that fails too, skip the image.
pub const ANIMALDETECT_E_JOB_FAILED: i32 = -35;
/// The service deleted the job: it did not finish in time, or the retention period of its result is over. Next: Call
/// `animaldetect_job_rerun` for a new job, which is billed separately.
pub const ANIMALDETECT_E_JOB_EXPIRED: i32 = -36;
/// The text given to `animaldetect_job_restore` is not a saved job, or was saved by a newer version. Next: Create a
/// new job with the same image and options: the derived key finds the existing job at the service.
pub const ANIMALDETECT_E_SAVED_JOB: i32 = -37;
/// The image's bytes are required but not set (an attached or restored job without input). Next: Set the image
/// (`animaldetect_job_set_file` or another input) and run the job again; an attached job takes none.
pub const ANIMALDETECT_E_NO_INPUT: i32 = -38;
/// The optional field is not in the result, or nothing was measured yet. Not an error. Next: Treat the value as
/// absent, not as 0.
pub const ANIMALDETECT_ABSENT: i32 = -39;
/// A system call failed unexpectedly; also when no file descriptors are left for a new client. Next: Correct what the
/// message names, often a limit of the process, and call again.
pub const ANIMALDETECT_E_SYSTEM: i32 = -40;
/// The function was called from within one of this client's callbacks: a bug in the host. Next: Correct the program:
/// make the call after the callback has returned.
pub const ANIMALDETECT_E_REENTRANT: i32 = -41;
/// The client of this job was freed, or is being freed while a thread waits on it. Next: Free the job, or save it and
/// restore it with a new client (`animaldetect_job_restore`).
pub const ANIMALDETECT_E_CLIENT_FREED: i32 = -42;
/// The client has as many calls in flight as `animaldetect_client_set_max_jobs` allows. Next: Collect a completion
/// (`animaldetect_client_next_done`), then start the call again.
pub const ANIMALDETECT_E_QUEUE_FULL: i32 = -43;
/// The service had not finished the job when the processing timeout expired
/// (`animaldetect_client_set_processing_timeout_ms`). Next: Run the same job again later to poll it again, or call
/// `animaldetect_job_rerun` for a new job, which is billed even if the old one finishes after all.
pub const ANIMALDETECT_E_OVERDUE: i32 = -44;
/// For 5 minutes the service reported a state that this version does not know, together with an error. The message
/// has the name of the state. Next: Run the job again later, or call `animaldetect_job_rerun` for a new job, which is
/// billed even if the old one finishes after all.
pub const ANIMALDETECT_E_STATE_UNKNOWN: i32 = -45;
/// The process, or the system, has no file descriptor left for the image or for a connection. Next: Raise the limit
/// (`ulimit -n`) or lower `animaldetect_client_set_max_requests`, then run the job again; it continues from the stage
/// it has reached.
pub const ANIMALDETECT_E_NO_DESCRIPTORS: i32 = -46;
/// The medium that holds the image file failed or is gone: an input/output error, a card that was removed, a file
/// system that was unmounted, a network share that does not respond. Next: Keep the image. When the medium is back,
/// run the job again; it continues from the stage it has reached. If only this image gets this status, skip it.
pub const ANIMALDETECT_E_MEDIUM: i32 = -47;
/// The image file changed while it was hashed: it is still being written. Next: Keep the image and run the job again
/// when the file is complete; it starts from the bytes that are there then.
pub const ANIMALDETECT_E_FILE_UNFINISHED: i32 = -48;
/// The host's reader returned this number or one below it. The library itself never returns them. Next: Handle it as
/// the host defines it.
pub const ANIMALDETECT_E_HOST: i32 = -1000;
/// no failure
pub const ANIMALDETECT_SCOPE_NONE: i32 = 0;
/// the host, its machine or its own limits: keep the image, look at the program
pub const ANIMALDETECT_SCOPE_CALLER: i32 = 1;
/// this image as it is: set it aside, the others are fine
pub const ANIMALDETECT_SCOPE_IMAGE: i32 = 2;
/// this job at the service: `animaldetect_job_rerun` may help
pub const ANIMALDETECT_SCOPE_JOB: i32 = 3;
/// key, permission or payment: keep all images, alert an operator
pub const ANIMALDETECT_SCOPE_ACCOUNT: i32 = 4;
/// route, portal, proxy, TLS, clock: keep all images, retry later
pub const ANIMALDETECT_SCOPE_NETWORK: i32 = 5;
/// the service or its storage: keep all images, retry later
pub const ANIMALDETECT_SCOPE_SERVICE: i32 = 6;
/// a status that this version does not know: keep the image
pub const ANIMALDETECT_SCOPE_OTHER: i32 = 7;
/// Operation for `animaldetect_job_new`: detections with their species.
pub const ANIMALDETECT_OPERATION_DETECT: &str = "detect";
/// Operation for `animaldetect_job_new`: as detect, by the urban model.
pub const ANIMALDETECT_OPERATION_DETECT_URBAN: &str = "detect_urban";
/// Operation for `animaldetect_job_new`: screening for animal, human and vehicle.
pub const ANIMALDETECT_OPERATION_FILTER: &str = "filter";
/// Operation for `animaldetect_job_new`: as filter, by the urban model.
pub const ANIMALDETECT_OPERATION_FILTER_URBAN: &str = "filter_urban";
/// the service has not reported a state yet
pub const ANIMALDETECT_STATE_NONE: i32 = 0;
/// the job exists, its image or the submit is missing
pub const ANIMALDETECT_STATE_AWAITING_UPLOAD: i32 = 1;
/// submitted, not started
pub const ANIMALDETECT_STATE_QUEUED: i32 = 2;
/// being processed
pub const ANIMALDETECT_STATE_RUNNING: i32 = 3;
/// the result can be fetched
pub const ANIMALDETECT_STATE_SUCCEEDED: i32 = 4;
/// final: the service could not process the image
pub const ANIMALDETECT_STATE_FAILED: i32 = 5;
/// final: the service dropped the job
pub const ANIMALDETECT_STATE_EXPIRED: i32 = 6;
/// a state that this version does not know: not finished
pub const ANIMALDETECT_STATE_OTHER: i32 = 7;
/// no create request has succeeded
pub const ANIMALDETECT_STAGE_NEW: i32 = 0;
/// the service knows the job
pub const ANIMALDETECT_STAGE_CREATED: i32 = 10;
/// the image is in the storage
pub const ANIMALDETECT_STAGE_UPLOADED: i32 = 20;
/// the service was asked to start
pub const ANIMALDETECT_STAGE_SUBMITTED: i32 = 30;
/// succeeded, failed or expired
pub const ANIMALDETECT_STAGE_FINISHED: i32 = 40;
/// the result was fetched
pub const ANIMALDETECT_STAGE_FETCHED: i32 = 50;
/// no step
pub const ANIMALDETECT_STEP_NONE: i32 = 0;
/// open, check and hash the image
pub const ANIMALDETECT_STEP_PREPARE: i32 = 1;
/// create the job at the service
pub const ANIMALDETECT_STEP_CREATE: i32 = 2;
/// send the image to the storage
pub const ANIMALDETECT_STEP_UPLOAD: i32 = 3;
/// ask the service to process the uploaded image
pub const ANIMALDETECT_STEP_SUBMIT: i32 = 4;
/// ask for the state
pub const ANIMALDETECT_STEP_POLL: i32 = 5;
/// fetch the result
pub const ANIMALDETECT_STEP_FETCH: i32 = 6;
/// find a finished job quickly; costs more requests
pub const ANIMALDETECT_POLL_LATENCY: i32 = 0;
/// poll often while quota is free, less often while jobs wait for quota
pub const ANIMALDETECT_POLL_BALANCED: i32 = 1;
/// most images per minute; a result may be found late
pub const ANIMALDETECT_POLL_THROUGHPUT: i32 = 2;
/// the SpeciesNet class uuid
pub const ANIMALDETECT_RANK_ID: i32 = 0;
/// such as "mammalia"
pub const ANIMALDETECT_RANK_CLASS: i32 = 1;
/// such as "carnivora"
pub const ANIMALDETECT_RANK_ORDER: i32 = 2;
/// such as "canidae"
pub const ANIMALDETECT_RANK_FAMILY: i32 = 3;
/// such as "vulpes"
pub const ANIMALDETECT_RANK_GENUS: i32 = 4;
/// the epithet ("vulpes") or the binomial ("vulpes vulpes"); both occur
pub const ANIMALDETECT_RANK_SPECIES: i32 = 5;
/// nothing is paused
pub const ANIMALDETECT_PAUSE_NONE: i32 = 0;
/// create no new jobs, finish existing ones: drain
pub const ANIMALDETECT_PAUSE_CREATES: i32 = 1;
/// start no uploads; everything else continues
pub const ANIMALDETECT_PAUSE_UPLOADS: i32 = 2;
/// start no requests
pub const ANIMALDETECT_PAUSE_ALL: i32 = 3;
/// nothing
pub const ANIMALDETECT_HOLD_NONE: i32 = 0;
/// no network: all calls wait, one request at a time probes
pub const ANIMALDETECT_HOLD_NETWORK: i32 = 1;
/// 429, or rate headers without a remaining request: API requests wait
pub const ANIMALDETECT_HOLD_RATE_LIMIT: i32 = 2;
/// 503 with a long `Retry-After`: API requests wait
pub const ANIMALDETECT_HOLD_SERVICE: i32 = 3;
/// 401 or 402: creates wait until the host acts, after several 401 all API requests. Blocking calls do not wait, they
/// fail with the same status. A new call on a job that was refused probes for all jobs; so does a blocking call on
/// another job a minute after the last refusal.
pub const ANIMALDETECT_HOLD_ACCOUNT: i32 = 4;
/// something else: read its JSON
pub const ANIMALDETECT_RESULT_OTHER: i32 = 0;
/// detections: the getters of this header read it
pub const ANIMALDETECT_RESULT_DETECTIONS: i32 = 1;
/// nothing
pub const ANIMALDETECT_LOG_NONE: i32 = 0;
/// calls that failed
pub const ANIMALDETECT_LOG_ERROR: i32 = 1;
/// requests that failed and are retried
pub const ANIMALDETECT_LOG_WARNING: i32 = 2;
/// calls that succeeded
pub const ANIMALDETECT_LOG_INFO: i32 = 3;
/// the status and time of every response
pub const ANIMALDETECT_LOG_DEBUG: i32 = 4;
/// create requests that went on the wire, retries included
pub const ANIMALDETECT_STAT_REQUESTS_CREATE: i32 = 0;
/// upload requests that went on the wire, retries included
pub const ANIMALDETECT_STAT_REQUESTS_UPLOAD: i32 = 1;
/// submit requests that went on the wire, retries included
pub const ANIMALDETECT_STAT_REQUESTS_SUBMIT: i32 = 2;
/// polls that went on the wire, retries included
pub const ANIMALDETECT_STAT_REQUESTS_POLL: i32 = 3;
/// fetches that went on the wire, retries included
pub const ANIMALDETECT_STAT_REQUESTS_FETCH: i32 = 4;
/// requests that were repeated after a failure
pub const ANIMALDETECT_STAT_RETRIES: i32 = 5;
/// responses with status 429
pub const ANIMALDETECT_STAT_RATE_LIMITED: i32 = 6;
/// bytes of request bodies
pub const ANIMALDETECT_STAT_BYTES_SENT: i32 = 7;
/// bytes of response bodies
pub const ANIMALDETECT_STAT_BYTES_RECEIVED: i32 = 8;
/// calls that completed with ANIMALDETECT_OK
pub const ANIMALDETECT_STAT_CALLS_SUCCEEDED: i32 = 9;
/// calls that completed with an error
pub const ANIMALDETECT_STAT_CALLS_FAILED: i32 = 10;
/// calls that completed with ANIMALDETECT_E_CANCELED
pub const ANIMALDETECT_STAT_CALLS_CANCELED: i32 = 11;
/// jobs that the service finished
pub const ANIMALDETECT_STAT_JOBS_SUCCEEDED: i32 = 12;
/// jobs that the service failed
pub const ANIMALDETECT_STAT_JOBS_FAILED: i32 = 13;
/// jobs that the service dropped
pub const ANIMALDETECT_STAT_JOBS_EXPIRED: i32 = 14;
/// create requests for which the service returned an existing job
pub const ANIMALDETECT_STAT_REPLAYS: i32 = 15;
/// gauge
pub const ANIMALDETECT_STAT_CALLS_IN_FLIGHT: i32 = 16;
/// gauge: requests on the wire now
pub const ANIMALDETECT_STAT_REQUESTS_ACTIVE: i32 = 17;
/// gauge: requests waiting for a slot or for quota
pub const ANIMALDETECT_STAT_REQUESTS_WAITING: i32 = 18;
/// gauge: requests per minute that the pacer allows now; 0 for unpaced
pub const ANIMALDETECT_STAT_PACE_PER_MINUTE: i32 = 19;
/// gauge: milliseconds until the hold after a 429 ends; 0 for none
pub const ANIMALDETECT_STAT_HOLD_MS: i32 = 20;
/// iterations of the engine; constant on an idle client
pub const ANIMALDETECT_STAT_ITERATIONS: i32 = 21;
/// bytes sent for uploads that failed
pub const ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN: i32 = 22;
/// create requests for a fresh upload URL of a job that had one
pub const ANIMALDETECT_STAT_FRESH_URLS: i32 = 23;
/// gauge: uploads on the wire now
pub const ANIMALDETECT_STAT_UPLOADS_ACTIVE: i32 = 24;
/// gauge: bytes per second that uploads get through; 0 for unknown
pub const ANIMALDETECT_STAT_UPLINK_RATE: i32 = 25;
/// gauge: milliseconds that the service's clock is ahead of this machine's, by the `Date` of the API's last response,
/// exact to a second or two; negative when it is behind, 0 also for unknown
pub const ANIMALDETECT_STAT_CLOCK_OFFSET_MS: i32 = 26;
/// no connection: the request was certainly not sent
pub const ANIMALDETECT_FAILURE_CONNECT: i32 = 1;
/// the connection broke: the request may have had its effect
pub const ANIMALDETECT_FAILURE_BROKEN: i32 = 2;
/// the peer was too slow: the request may have had its effect
pub const ANIMALDETECT_FAILURE_TIMEOUT: i32 = 3;
/// handshake or certificate rejected: not sent, not retried
pub const ANIMALDETECT_FAILURE_TLS: i32 = 4;
/// the transport cannot send such a request: not retried
pub const ANIMALDETECT_FAILURE_REFUSED: i32 = 5;

extern "C" {
    /// Name of a status code as in this header, such as "ANIMALDETECT_E_CONFLICT".
    pub fn animaldetect_status_name(status: i32) -> *const c_char;
    /// A short English text for a status code, without detail.
    pub fn animaldetect_status_text(status: i32) -> *const c_char;
    /// Whether the same call, made again later, may succeed (network, timeout, TLS, rate limit, 5xx, not finished
    /// yet, call timeout, memory). `animaldetect_status_scope` says what to do with the image: a rejected key is not
    /// retriable, but the image is not the cause.
    pub fn animaldetect_status_is_retriable(status: i32) -> i32;
    /// What a status concerns. It alone tells a host whether to keep an image, set it aside, retry later or alert an
    /// operator.
    pub fn animaldetect_status_scope(status: i32) -> i32;
    /// Name of a state as the service writes it, or "none", "other".
    pub fn animaldetect_state_name(state: i32) -> *const c_char;
    /// Name of a stage, such as "uploaded".
    pub fn animaldetect_stage_name(stage: i32) -> *const c_char;
    /// Name of a step, such as "upload".
    pub fn animaldetect_step_name(step: i32) -> *const c_char;
    /// Frees text that the library returned through an `out` parameter.
    pub fn animaldetect_text_free(text: *mut c_char);
    /// Makes a client with the default configuration and no API key.
    pub fn animaldetect_client_new(out: *mut *mut Client) -> i32;
    /// Configures a client from the environment: the key from `AD_API_KEY`, or else `ANIMAL_DETECT_API_KEY`, and the
    /// base URL from `AD_API_BASE_URL` when it is set and not empty. Spaces and line ends around a value are ignored.
    /// If a value is rejected, nothing changes and the message names the variable.
    pub fn animaldetect_client_configure_from_env(client: *mut Client) -> i32;
    /// Frees a client: aborts what is in flight, closes its connections, wipes the key.
    pub fn animaldetect_client_free(client: *mut Client);
    /// Copies the last error message of this client, such as that of a setter. If several threads use the client, it
    /// is the message of whichever call failed last. The message of a job is in `animaldetect_job_message`.
    pub fn animaldetect_client_copy_message(client: *mut Client, buffer: *mut c_char, size: usize) -> usize;
    /// Sets the API key. It is sent only to trusted origins and never logged. May be called while jobs run: the next
    /// request carries the new key. A key that was replaced is no longer sent. It is kept until the client is freed,
    /// so that it can be masked in text from the service, and is then wiped. Keys shorter than 8 bytes are not
    /// masked.
    pub fn animaldetect_client_set_api_key(client: *mut Client, key: *const c_char) -> i32;
    /// Sets the base URL of the service. Its origin becomes trusted: the API key is sent there. Default
    /// "<https://api.animaldetect.com/v1>". While the base URL is one of the two official origins, the other one is
    /// trusted as well. After a permanent redirect to a trusted origin, the client sends its requests there until it
    /// is freed, and logs a warning.
    pub fn animaldetect_client_set_base_url(client: *mut Client, url: *const c_char) -> i32;
    /// Adds an origin to which the API key may be sent when the service returns a URL there or redirects to it.
    pub fn animaldetect_client_add_trusted_origin(client: *mut Client, origin: *const c_char) -> i32;
    /// Sets a PEM file with the CA certificates to trust, instead of the system's. May be changed at any time, such
    /// as after a renewal; requests on the wire are not affected.
    pub fn animaldetect_client_set_ca_file(client: *mut Client, path: *const c_char) -> i32;
    /// Sets the CA certificates to trust, as PEM text in memory. Takes precedence over
    /// `animaldetect_client_set_ca_file`.
    pub fn animaldetect_client_set_ca_pem(client: *mut Client, pem: *const c_char, size: usize) -> i32;
    /// Sets a proxy for all requests. Without it libcurl's environment variables (`https_proxy` and so on) apply, as
    /// they were when the client was made. May be changed at any time: new requests then use new connections.
    pub fn animaldetect_client_set_proxy(client: *mut Client, url: *const c_char) -> i32;
    /// Adds a header to every request that goes to a trusted origin: such as one for tracing, or one that a gateway
    /// requires. An upload does not get it, since it goes to the storage. A second value for a name replaces the
    /// first. The value is not treated as a secret: it may be logged if the service repeats it.
    pub fn animaldetect_client_add_header(client: *mut Client, name: *const c_char, value: *const c_char) -> i32;
    /// Adds text to the User-Agent header, after the library's own name and version.
    pub fn animaldetect_client_set_user_agent(client: *mut Client, text: *const c_char) -> i32;
    /// Sets how long establishing a connection may take, TLS included. Default 15,000 ms.
    pub fn animaldetect_client_set_connect_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    /// Sets how long a request may go without a byte moving in either direction, once it is on a connection. Default
    /// 30,000 ms; it expires after 1 to 1.15 times this. On Linux, bytes of an upload that the peer acknowledges
    /// count as well, and a peer that accepts no bytes but still acknowledges packets gets ten times as long.
    pub fn animaldetect_client_set_stall_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    /// Sets how long one API request may take in total. Default 60,000 ms. An upload gets this time plus the time
    /// that its bytes take at 64 bytes per second, because 10 MB can take long on a slow link. Its response must
    /// begin within this time after the last byte of the image, and must be complete within this time after its own
    /// first byte.
    pub fn animaldetect_client_set_request_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    /// Sets how long calls wait for a network. After several consecutive failures (name resolution, connection, TLS,
    /// captive portal) all calls of the client wait, and one request at a time probes the network, 1 s to 60 s apart.
    /// When a probe succeeds, all calls continue. When the patience expires, the waiting calls fail (scope
    /// ANIMALDETECT_SCOPE_NETWORK, retriable). The wait uses up no tries; call timeouts continue to run. May be
    /// changed at any time. Default 120,000 ms.
    pub fn animaldetect_client_set_offline_patience_ms(client: *mut Client, patience_ms: i64) -> i32;
    /// Sets how long a wait that the service requested (429, or 503 with a `Retry-After` of more than 30 s) is
    /// observed before one request probes whether it still applies. The service may request hours, at most a day; a
    /// probe is sent after each such time, and a good response ends the wait early. May be changed at any time.
    /// Default 600,000 ms.
    pub fn animaldetect_client_set_max_retry_after_ms(client: *mut Client, wait_ms: i64) -> i32;
    /// Sets how long the service may take for a job, from its submit. A poll that finds the job unfinished after this
    /// time fails the call with ANIMALDETECT_E_OVERDUE. The job is kept: start the same call again later to poll it
    /// again. The time of the submit, on the service's clock, is saved with the job. May be changed at any time.
    /// Default 86,400,000 ms (a day).
    pub fn animaldetect_client_set_processing_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    /// Sets how many requests may be on the wire at once. Default 64. Further requests wait and cost only memory. At
    /// most three quarters of the requests (at least one) are uploads, so that a slow link does not delay results.
    /// While images are uploaded, the same bound holds for API requests over HTTP/1.1, where each request needs its
    /// own connection.
    pub fn animaldetect_client_set_max_requests(client: *mut Client, count: i32) -> i32;
    /// Sets how many calls may be in flight, including completed ones that were not collected. Beyond this a start
    /// returns ANIMALDETECT_E_QUEUE_FULL: back-pressure for a host with many images. `animaldetect_client_in_flight`
    /// returns the current number. Default no limit.
    pub fn animaldetect_client_set_max_jobs(client: *mut Client, count: i64) -> i32;
    /// Sets the quota, so that it is never exceeded. Without it the client runs unpaced until the first 429, then
    /// adapts. Uploads go to the storage and do not count.
    pub fn animaldetect_client_set_rate_limit(client: *mut Client, requests_per_minute: i32, burst: i32) -> i32;
    /// Sets how often one request is tried in total before its call fails: 1 means no retry. Default 6. A failed poll
    /// does not fail the call: the call fails at its timeout, or after this many consecutive failures.
    pub fn animaldetect_client_set_max_tries(client: *mut Client, tries: i32) -> i32;
    /// Sets what polling optimizes for. Default ANIMALDETECT_POLL_BALANCED.
    pub fn animaldetect_client_set_poll_mode(client: *mut Client, mode: i32) -> i32;
    /// Sets the shortest and the longest time from the submit of a job to its first poll, and between two polls.
    /// Without this call polls are 250 ms to 30,000 ms apart, and the first is sent when the job is expected to be
    /// finished, however late that is. If a job takes much longer than others, the interval grows to a quarter of its
    /// age. A hint from the service takes precedence while no bounds are set, for up to an hour. With equal bounds
    /// the interval is fixed.
    pub fn animaldetect_client_set_poll_bounds_ms(client: *mut Client, min_ms: i64, max_ms: i64) -> i32;
    /// Permits plain http to hosts other than loopback. Anyone on the network path can then read the key.
    pub fn animaldetect_client_set_allow_insecure_http(client: *mut Client, allow: i32) -> i32;
    /// Sets the name of the create request's optional checksum field (64 hex digits of SHA-256). The published
    /// contract does not specify the name, so none is sent by default. The field is part of the default idempotency
    /// key: to set or to rename it makes every image a new one to the service. Only with the name "sha256" is the key
    /// the same as without a field.
    pub fn animaldetect_client_set_checksum_field(client: *mut Client, name: *const c_char) -> i32;
    /// Sets the size above which an image is rejected before anything is sent. Default 10,485,760 bytes (10 MiB).
    pub fn animaldetect_client_set_max_image_bytes(client: *mut Client, bytes: u64) -> i32;
    /// Sets the size above which a response of the service is rejected. Default 8,388,608 bytes (8 MiB).
    pub fn animaldetect_client_set_max_answer_bytes(client: *mut Client, bytes: u64) -> i32;
    /// Stops the client permanently. Every call in flight completes with ANIMALDETECT_E_CANCELED and is handed out as
    /// usual. A call that is started later returns ANIMALDETECT_E_CANCELED and sends nothing. Blocked threads return;
    /// once all completions were collected, `animaldetect_client_wait` returns ANIMALDETECT_E_CANCELED. Getters,
    /// `animaldetect_job_save` and `animaldetect_client_next_done` work as before. Free the client after every thread
    /// has stopped using it.
    pub fn animaldetect_client_stop(client: *mut Client) -> i32;
    /// Sets which requests the client does not start. Requests on the wire, including uploads, are finished. Calls
    /// wait meanwhile, and their timeouts run. May be called at any time.
    pub fn animaldetect_client_set_paused(client: *mut Client, what: i32) -> i32;
    /// Notifies the client that the machine has another network, such as cellular in place of Wi-Fi. Idle connections
    /// are not used again, names are resolved again, and requests that wait after a network failure are retried at
    /// once. Requests on the wire continue; those on the old network fail at their stall timeout. A custom transport
    /// is not notified.
    pub fn animaldetect_client_network_changed(client: *mut Client) -> i32;
    /// Why requests are held now. If several holds apply, the one that holds the most requests.
    pub fn animaldetect_client_hold_reason(client: *mut Client) -> i32;
    /// When the hold of `animaldetect_client_hold_reason` ends, or when the client next probes whether it still
    /// applies, whichever comes first. Exact to a second.
    pub fn animaldetect_client_held_until_ms(client: *mut Client) -> i64;
    /// Ends a hold of ANIMALDETECT_HOLD_ACCOUNT, after the account or the key was corrected. During
    /// ANIMALDETECT_HOLD_NETWORK the next probe is sent at once. A wait that the service requested continues.
    pub fn animaldetect_client_resume(client: *mut Client) -> i32;
    /// Sets whether API requests need permits. With permits the rate limit of `animaldetect_client_set_rate_limit`
    /// and rate headers are not used. A 429 still holds requests, but the source must reduce the pace of all clients.
    /// May be called at any time. What is outstanding when permits are turned off is still settled and reported.
    /// Requests that are on the wire when permits are turned on are outstanding from then on, without a grant. Those
    /// that were answered before are in no report: a host that turns permits on in mid-run tells its source of them,
    /// or waits a minute.
    pub fn animaldetect_client_set_permits(client: *mut Client, on: i32) -> i32;
    /// Sets what the client may use while nothing is granted because the source of permits is unavailable. By default
    /// it waits. When nothing was granted and no permit used for `after_ms`, it sends at its share of the quota until
    /// the next grant. These requests are outstanding and settled like all others. The quota holds if the shares of
    /// all clients together are at most the quota.
    pub fn animaldetect_client_set_permit_share(client: *mut Client, requests_per_minute: i32, after_ms: i64) -> i32;
    /// Sets how long after it was sent a request may still arrive at the service. A request that failed without a
    /// response is settled after this time, and with permits no connection may take longer to establish. Default
    /// 10,000 ms.
    pub fn animaldetect_client_set_permit_lag_ms(client: *mut Client, lag_ms: i64) -> i32;
    /// How many more permits the client could use now or within a second.
    pub fn animaldetect_client_permits_wanted(client: *mut Client, out: *mut i32) -> i32;
    /// Grants permits. A permit that is unused at the end of its lifetime expires.
    pub fn animaldetect_client_grant_permits(client: *mut Client, count: i32, life_ms: i64) -> i32;
    /// Takes back unused permits, those with the longest lifetime first.
    pub fn animaldetect_client_return_permits(client: *mut Client, count: i32, out: *mut i32) -> i32;
    /// Reports the permits that were settled since the last report, and how many are outstanding, both at the same
    /// moment: read separately, a request that is answered in between would be in neither. Keep the ages until the
    /// source has received them. Permits that do not fit are outstanding until the next report. A permit that was
    /// settled more than two minutes ago is no longer reported.
    pub fn animaldetect_client_report_permits(
        client: *mut Client,
        ages_ms: *mut i64,
        capacity: i32,
        out_settled: *mut i32,
        out_outstanding: *mut i32,
    ) -> i32;
    /// Reports the 429 responses since the last call, to share them with the other clients. A response to a request
    /// that was already on the wire when the previous 429 arrived is not counted.
    pub fn animaldetect_client_take_rate_limits(client: *mut Client, out_count: *mut i32, out_wait_ms: *mut i64) -> i32;
    /// Holds all API requests as after a 429, for a 429 that another client received. A longer hold stays.
    pub fn animaldetect_client_hold_requests(client: *mut Client, wait_ms: i64) -> i32;
    /// Creates a job. Nothing is sent.
    pub fn animaldetect_job_new(client: *mut Client, operation: *const c_char, out: *mut *mut Job) -> i32;
    /// Creates a job from the text of `animaldetect_job_save`, in any process. The job keeps the idempotency key of
    /// the text. The next call continues from the saved stage. If it cannot know the state at the service, it polls
    /// first, so nothing is uploaded or billed twice. An image that was set as bytes or by a reader and is not
    /// uploaded yet must be set again (same bytes). A file is read only if it has the digest that was saved; when the
    /// text has none (a job that 0.1.0 saved before it was hashed) the file must be set again.
    pub fn animaldetect_job_restore(client: *mut Client, saved: *const c_char, size: usize, out: *mut *mut Job) -> i32;
    /// Creates a job of which only the service's id is known. `animaldetect_job_run` polls it and fetches the result;
    /// for a job that still awaits its upload it returns ANIMALDETECT_E_NO_INPUT: use `animaldetect_job_save` for
    /// such jobs.
    pub fn animaldetect_job_attach(client: *mut Client, job_id: *const c_char, out: *mut *mut Job) -> i32;
    /// Frees a job. A call in flight is aborted and is not handed out any more; the service may still process the
    /// image, and a new job with the same payload (see `animaldetect_job_idempotency_key`) finds it again. A thread
    /// that is blocked in `animaldetect_job_wait` or a blocking step on this job must have returned before. May be
    /// called from inside a callback of the client: the handle is invalid at once, and the job is destroyed when the
    /// call that invoked the callback returns.
    pub fn animaldetect_job_free(job: *mut Job);
    /// Starts a new run of the image: the job returns to ANIMALDETECT_STAGE_NEW with the next rerun number, and the
    /// next call creates another job at the service, which is billed. For a job that failed, expired, is overdue or
    /// is in conflict, for an image that changed, and for an intentional second run; also for restored jobs.
    /// Everything that the service reported about the previous run is dropped, including its result;
    /// `animaldetect_job_status` and the message stay until the next call. The image is read again and may have other
    /// bytes. An image that was restored without its bytes, or that comes from a reader that cannot rewind, must be
    /// set again. "-rerun-" and the number are appended to a key that the host has set. Save the job before the next
    /// call if it must survive a power loss: with the same number no second job is created.
    pub fn animaldetect_job_rerun(job: *mut Job) -> i32;
    /// Creates the job at the service: hashes the image, derives the idempotency key, sends the create request.
    pub fn animaldetect_job_create(job: *mut Job) -> i32;
    /// Starts `animaldetect_job_create`. Returns at once. The completion is handed out once, by
    /// `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
    pub fn animaldetect_job_create_async(job: *mut Job) -> i32;
    /// Uploads the image to the URL that the service returned. Does nothing and succeeds for a `source_url` job.
    pub fn animaldetect_job_upload(job: *mut Job) -> i32;
    /// Starts `animaldetect_job_upload`. Returns at once. The completion is handed out once, by
    /// `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
    pub fn animaldetect_job_upload_async(job: *mut Job) -> i32;
    /// Asks the service to process the uploaded image. Does nothing and succeeds for a `source_url` job.
    pub fn animaldetect_job_submit(job: *mut Job) -> i32;
    /// Starts `animaldetect_job_submit`. Returns at once. The completion is handed out once, by
    /// `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
    pub fn animaldetect_job_submit_async(job: *mut Job) -> i32;
    /// Polls the state of the job once (retries of a failed request not counted).
    pub fn animaldetect_job_poll(job: *mut Job) -> i32;
    /// Starts `animaldetect_job_poll`. Returns at once. The completion is handed out once, by
    /// `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
    pub fn animaldetect_job_poll_async(job: *mut Job) -> i32;
    /// Fetches the result of a job that succeeded.
    pub fn animaldetect_job_fetch(job: *mut Job) -> i32;
    /// Starts `animaldetect_job_fetch`. Returns at once. The completion is handed out once, by
    /// `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
    pub fn animaldetect_job_fetch_async(job: *mut Job) -> i32;
    /// Does all the remaining steps, whatever stage the job has reached, until the result is fetched. Calling it
    /// again after a failure is safe.
    pub fn animaldetect_job_run(job: *mut Job) -> i32;
    /// Starts `animaldetect_job_run`. Returns at once. The completion is handed out once, by
    /// `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
    pub fn animaldetect_job_run_async(job: *mut Job) -> i32;
    /// Blocks until the call in flight has completed, and drives the client meanwhile. It collects the completion:
    /// `animaldetect_client_next_done` no longer hands it out. Without a call in flight it returns the status of the
    /// last one.
    pub fn animaldetect_job_wait(job: *mut Job, timeout_ms: i64) -> i32;
    /// Completes the call in flight with ANIMALDETECT_E_CANCELED; this completion is handed out like any other. The
    /// service may still process the image. The job may be run again afterwards. If the job has no call in flight,
    /// the next call is canceled if it is of the blocking form, so that a thread that is about to block does not miss
    /// it. A call of the `_async` form discards such a cancel. A call that has already completed is not changed.
    pub fn animaldetect_job_cancel(job: *mut Job) -> i32;
    /// Writes the job as a small JSON text, without the API key, for `animaldetect_job_restore`. May be called at any
    /// time, also while a call is in flight. The text has the note (`animaldetect_job_set_note`) and the priority,
    /// not the call timeout and the user data; a relative path stays relative. The text contains the upload URL,
    /// whose signature lets anyone upload this image until it expires. Whatever the setters accept can be saved, and
    /// whatever was saved can be restored. A save fixes the bytes of a file, in this process too: with other bytes a
    /// call fails with ANIMALDETECT_E_FILE_CHANGED, and `animaldetect_job_rerun` continues with them.
    pub fn animaldetect_job_save(job: *const Job, out: *mut *mut c_char, size: *mut usize) -> i32;
    /// Takes the image from a file. The file is opened later: once to hash it, at the earliest about a minute before
    /// its create is sent, and again to upload it. Its bytes must be the same both times
    /// (ANIMALDETECT_E_FILE_CHANGED); its inode and times may change. The file name is the last part of the path
    /// unless `animaldetect_job_set_filename` sets another. It is part of the default idempotency key: a renamed copy
    /// is another image and is billed separately.
    pub fn animaldetect_job_set_file(job: *mut Job, path: *const c_char) -> i32;
    /// Takes a copy of the image.
    pub fn animaldetect_job_set_bytes(job: *mut Job, bytes: *const c_void, size: usize) -> i32;
    /// Takes the image without copying it.
    pub fn animaldetect_job_set_bytes_borrowed(
        job: *mut Job,
        bytes: *const c_void,
        size: usize,
        user: *mut c_void,
        release: Option<ReleaseCallback>,
    ) -> i32;
    /// Takes the image from the host's own reader. With `rewind` the image is read twice (hash, upload) and again for
    /// each retry, and must have the same bytes each time (ANIMALDETECT_E_FILE_CHANGED). Without `rewind` it is read
    /// once: the idempotency key is then random (keep it with `animaldetect_job_save`), the content type and the file
    /// name must be set, and a broken upload cannot be retried.
    pub fn animaldetect_job_set_reader(
        job: *mut Job,
        size: u64,
        read: Option<ReadCallback>,
        rewind: Option<RewindCallback>,
        user: *mut c_void,
        release: Option<ReleaseCallback>,
    ) -> i32;
    /// Lets the service fetch a public image itself: nothing is uploaded.
    pub fn animaldetect_job_set_source_url(job: *mut Job, url: *const c_char) -> i32;
    /// Sets the file name that the service sees. To the service it is metadata only, but it is part of the payload,
    /// and so of the default idempotency key: the same bytes under another name are another job, billed separately. A
    /// host that renames or copies images should set a stable name. Default: the last part of the path; without a
    /// path, "image" and the extension of the type.
    pub fn animaldetect_job_set_filename(job: *mut Job, name: *const c_char) -> i32;
    /// Sets the content type instead of reading it from the first bytes of the image. It is part of the default
    /// idempotency key.
    pub fn animaldetect_job_set_content_type(job: *mut Job, type_: *const c_char) -> i32;
    /// Sets the SHA-256 of the image if the host knows it, so that it is not computed again. A wrong one makes the
    /// job's idempotency key wrong; with `animaldetect_client_set_checksum_field` the service detects it. It is only
    /// compared with a file whose inode or times have changed.
    pub fn animaldetect_job_set_sha256(job: *mut Job, hex: *const c_char) -> i32;
    /// Sets an id from the host's own system. It is part of the payload, and so of the default idempotency key.
    pub fn animaldetect_job_set_client_reference_id(job: *mut Job, id: *const c_char) -> i32;
    /// Sets the idempotency key instead of deriving it from the payload (see `animaldetect_job_idempotency_key`). The
    /// service refuses a used key with another payload (ANIMALDETECT_E_CONFLICT).
    pub fn animaldetect_job_set_idempotency_key(job: *mut Job, key: *const c_char) -> i32;
    /// Asks for a new, separately billed run of a payload that ran before. Run 0 is the first; the same number finds
    /// the same job. For a job that was already started use `animaldetect_job_rerun`.
    pub fn animaldetect_job_set_rerun(job: *mut Job, number: i32) -> i32;
    /// Sets how long each call on this job may take, from its start. Default none.
    pub fn animaldetect_job_set_call_timeout_ms(job: *mut Job, timeout_ms: i64) -> i32;
    /// Sets the priority of the job. Of requests of the same kind that wait for quota or for a slot, the one with the
    /// smaller number is sent first, and of equal ones the one that has waited longer. Images are hashed in the same
    /// order. Default 0; saved with the job; may be changed at any time.
    pub fn animaldetect_job_set_priority(job: *mut Job, priority: i32) -> i32;
    /// Attaches a text of the host, such as the database row that the job belongs to. It is never sent; it is saved
    /// and restored with the job. May be changed at any time.
    pub fn animaldetect_job_set_note(job: *mut Job, note: *const c_char) -> i32;
    /// Stores a pointer for the host; may be changed at any time.
    pub fn animaldetect_job_set_user_data(job: *mut Job, user: *mut c_void) -> i32;
    /// Option: detections with a lower score are dropped. The service's default is 0.2.
    pub fn animaldetect_job_set_threshold(job: *mut Job, threshold: f64) -> i32;
    /// Option: the country whose species are expected. Blanks at its ends are dropped, and a code is sent in capital
    /// letters, so "us " and "US" are one payload and one key; "US" and "USA" are two.
    pub fn animaldetect_job_set_country(job: *mut Job, country: *const c_char) -> i32;
    /// Option: identify species (1, the service's default) or only animal, human, vehicle (0).
    pub fn animaldetect_job_set_classify(job: *mut Job, classify: i32) -> i32;
    /// Option: return the metadata found in the image.
    pub fn animaldetect_job_set_metadata(job: *mut Job, metadata: i32) -> i32;
    /// Option: give similar animals of one image a common label.
    pub fn animaldetect_job_set_smooth_herd(job: *mut Job, smooth: i32) -> i32;
    /// Option: how many candidates to return for each detection.
    pub fn animaldetect_job_set_top_candidate(job: *mut Job, count: i32) -> i32;
    /// Option: where the image was taken; has effect only together with a country. -0.0 is sent as 0.0.
    pub fn animaldetect_job_set_location(job: *mut Job, latitude: f64, longitude: f64) -> i32;
    /// Sets an option that the service adds later, or any option as JSON. The last value set under a name applies.
    /// -0.0 is sent as 0.0 at any depth, and the text of "country" as `animaldetect_job_set_country` sends it.
    pub fn animaldetect_job_set_option_json(job: *mut Job, name: *const c_char, json: *const c_char) -> i32;
    /// The client that the job was made with.
    pub fn animaldetect_job_client(job: *const Job) -> *mut Client;
    /// The pointer given to `animaldetect_job_set_user_data`.
    pub fn animaldetect_job_user_data(job: *const Job) -> *mut c_void;
    /// The status of the last call.
    pub fn animaldetect_job_status(job: *const Job) -> i32;
    /// The last state that the service reported.
    pub fn animaldetect_job_state(job: *const Job) -> i32;
    /// The service's own name of the state, useful when `animaldetect_job_state` is ANIMALDETECT_STATE_OTHER.
    pub fn animaldetect_job_state_text(job: *const Job) -> *const c_char;
    /// The stage that the job has reached.
    pub fn animaldetect_job_stage(job: *const Job) -> i32;
    /// One line for a person that says what failed and what was seen, such as `upload: storage answered 403
    /// (signature expired at 13:15:00Z) after 3 attempts \[job 5fd3825f-...]`. It never contains a secret. After a
    /// setter or a start that failed it says why.
    pub fn animaldetect_job_message(job: *const Job) -> *const c_char;
    /// HTTP status of the last response that the last call received.
    pub fn animaldetect_job_http_status(job: *const Job) -> i32;
    /// The service's own error code.
    pub fn animaldetect_job_service_code(job: *const Job) -> *const c_char;
    /// The service's own message for an error.
    pub fn animaldetect_job_service_message(job: *const Job) -> *const c_char;
    /// The service's id of the last request, for its support.
    pub fn animaldetect_job_request_id(job: *const Job) -> *const c_char;
    /// The step in which the last call failed.
    pub fn animaldetect_job_failed_step(job: *const Job) -> i32;
    /// The wait that the service requested at the last failure.
    pub fn animaldetect_job_retry_after_ms(job: *const Job) -> i64;
    /// Bytes of the image sent in the current or last upload; may be read while a call is in flight.
    pub fn animaldetect_job_upload_sent(job: *const Job) -> u64;
    /// Size of the image.
    pub fn animaldetect_job_upload_total(job: *const Job) -> u64;
    /// Requests made by the current or last call, retries included.
    pub fn animaldetect_job_attempts(job: *const Job) -> i32;
    /// Status requests that received a response, over the life of the handle.
    pub fn animaldetect_job_polls(job: *const Job) -> i32;
    /// How long a step took in total, waiting and retries included, over the life of the handle.
    pub fn animaldetect_job_step_ms(job: *const Job, step: i32) -> i64;
    /// When the service will delete the job, as the service writes it (ISO 8601).
    pub fn animaldetect_job_expires_at(job: *const Job) -> *const c_char;
    /// When the upload URL expires, as the service writes it (ISO 8601).
    pub fn animaldetect_job_upload_expires_at(job: *const Job) -> *const c_char;
    /// The service's id of the job.
    pub fn animaldetect_job_id(job: *const Job) -> *const c_char;
    /// The operation.
    pub fn animaldetect_job_operation(job: *const Job) -> *const c_char;
    /// The file name that the service sees: the one that was set, or the last part of the path, in clean UTF-8.
    pub fn animaldetect_job_filename(job: *const Job) -> *const c_char;
    /// The path of the image's file, as it was set.
    pub fn animaldetect_job_path(job: *const Job) -> *const c_char;
    /// The URL from which the service fetches the image itself.
    pub fn animaldetect_job_source_url(job: *const Job) -> *const c_char;
    /// The id from the host's own system, as it was set.
    pub fn animaldetect_job_client_reference_id(job: *const Job) -> *const c_char;
    /// The number of this run of the payload, see `animaldetect_job_set_rerun`.
    pub fn animaldetect_job_rerun_number(job: *const Job) -> i32;
    /// The priority, see `animaldetect_job_set_priority`.
    pub fn animaldetect_job_priority(job: *const Job) -> i32;
    /// The host's own text, see `animaldetect_job_set_note`.
    pub fn animaldetect_job_note(job: *const Job) -> *const c_char;
    /// The idempotency key that was or will be sent. It decides what is billed: jobs with the same key are one job.
    /// Unless the host sets it, it follows from the payload: operation, file name, content type, size, SHA-256,
    /// source URL, client reference, options, the client's checksum field, and the rerun number. The file name
    /// counts: a renamed copy is another image. A reader without `rewind` has a random key; a restored job has the
    /// one that was saved.
    pub fn animaldetect_job_idempotency_key(job: *const Job) -> *const c_char;
    /// SHA-256 of the image in 64 hex digits.
    pub fn animaldetect_job_sha256(job: *const Job) -> *const c_char;
    /// The result, once it was fetched.
    pub fn animaldetect_job_result(job: *const Job, out: *mut *mut Result) -> i32;
    /// The bytes of the result as the service sent them, once it was fetched, in any form. After a fetch that failed
    /// with ANIMALDETECT_E_PROTOCOL, the bytes that were received in its place.
    pub fn animaldetect_job_result_json(job: *const Job, size: *mut usize) -> *const c_char;
    /// The one descriptor to watch for reading. It never changes; do not read, write or close it.
    pub fn animaldetect_client_fd(client: *mut Client) -> i32;
    /// Does a bounded amount of the work that is ready, and returns. Callbacks run inside this call.
    pub fn animaldetect_client_process(client: *mut Client) -> i32;
    /// Collects the next job whose call has completed, canceled calls included. Each completion is handed out exactly
    /// once, here or by `animaldetect_job_wait`, in the order in which the calls completed.
    pub fn animaldetect_client_next_done(client: *mut Client, out: *mut *mut Job) -> i32;
    /// How long a host that cannot watch the descriptor may sleep before it calls `animaldetect_client_process`
    /// again.
    pub fn animaldetect_client_timeout_ms(client: *mut Client) -> i64;
    /// Blocks until a finished job can be collected with `animaldetect_client_next_done`, and drives the client
    /// meanwhile. While a finished job is uncollected it does not block, but still processes the other jobs.
    pub fn animaldetect_client_wait(client: *mut Client, timeout_ms: i64) -> i32;
    /// Makes every `animaldetect_client_wait` that is blocked now return ANIMALDETECT_AGAIN. When none is blocked,
    /// the next one returns at once. Not needed for adding work from another thread.
    pub fn animaldetect_client_wakeup(client: *mut Client) -> i32;
    /// Number of jobs with a call in flight, plus completed calls that were not collected yet.
    pub fn animaldetect_client_in_flight(client: *mut Client) -> i64;
    /// Parses a result from stored JSON, such as an earlier text of `animaldetect_result_json`. Any complete JSON is
    /// a result. JSON that is not a list of detections, has more than 50,000 values, 1.25 MiB or 256 KiB in one
    /// string, or is nested deeper than 64 levels, is of kind ANIMALDETECT_RESULT_OTHER.
    pub fn animaldetect_result_parse(json: *const c_char, size: usize, out: *mut *mut Result) -> i32;
    /// Frees a result. Views and text borrowed from it become invalid.
    pub fn animaldetect_result_free(result: *mut Result);
    /// The service's JSON, byte for byte.
    pub fn animaldetect_result_json(result: *const Result, size: *mut usize) -> *const c_char;
    /// What the result is.
    pub fn animaldetect_result_kind(result: *const Result) -> i32;
    /// Number of detections; 0 for an empty image.
    pub fn animaldetect_result_count(result: *const Result) -> usize;
    /// One detection, in the service's order.
    pub fn animaldetect_result_at(result: *const Result, index: usize) -> *const Detection;
    /// The service's id of the result.
    pub fn animaldetect_result_id(result: *const Result) -> *const c_char;
    /// When the service will delete the result, as the service writes it (ISO 8601, UTC).
    pub fn animaldetect_result_expires_at(result: *const Result) -> *const c_char;
    /// Width of the image in pixels (`metadata.image_width`).
    pub fn animaldetect_result_image_width(result: *const Result, out: *mut i64) -> i32;
    /// Height of the image in pixels (`metadata.image_height`).
    pub fn animaldetect_result_image_height(result: *const Result, out: *mut i64) -> i32;
    /// Size of the image in bytes (`metadata.file_size`).
    pub fn animaldetect_result_file_size(result: *const Result, out: *mut i64) -> i32;
    /// All image metadata as a JSON object, including fields this version does not know.
    pub fn animaldetect_result_metadata_json(result: *const Result, size: *mut usize) -> *const c_char;
    /// How long the service processed the image (`info.processing_time_ms`).
    pub fn animaldetect_result_processing_time_ms(result: *const Result, out: *mut i64) -> i32;
    /// Version of the model that processed the image (`info.model_version`).
    pub fn animaldetect_result_model_version(result: *const Result) -> *const c_char;
    /// Id of the model that processed the image (`info.model_id`); older services do not send it.
    pub fn animaldetect_result_model_id(result: *const Result) -> *const c_char;
    /// Country whose species were considered (`info.country_processed`).
    pub fn animaldetect_result_country(result: *const Result) -> *const c_char;
    /// Score below which the service dropped detections (`info.threshold_applied`).
    pub fn animaldetect_result_threshold(result: *const Result, out: *mut f64) -> i32;
    /// The service's number of a detection.
    pub fn animaldetect_detection_id(detection: *const Detection, out: *mut i64) -> i32;
    /// What was detected, such as "red fox", "animal", "human", "vehicle".
    pub fn animaldetect_detection_label(detection: *const Detection) -> *const c_char;
    /// The coarse class (`category`) that filter operations send.
    pub fn animaldetect_detection_category(detection: *const Detection) -> *const c_char;
    /// The score of the detection: how confident the service is.
    pub fn animaldetect_detection_score(detection: *const Detection, out: *mut f64) -> i32;
    /// The bounding box: x_min, y_min, width, height as fractions of the image, origin at the top left.
    pub fn animaldetect_detection_bbox(detection: *const Detection, out: *mut f64) -> i32;
    /// One rank of the taxonomy.
    pub fn animaldetect_detection_taxonomy(detection: *const Detection, rank: i32) -> *const c_char;
    /// Number of candidates (`top_candidates`): alternative labels for the detection.
    pub fn animaldetect_detection_candidate_count(detection: *const Detection) -> usize;
    /// One candidate, in the service's order.
    pub fn animaldetect_detection_candidate(detection: *const Detection, index: usize) -> *const Candidate;
    /// Label of a candidate.
    pub fn animaldetect_candidate_label(candidate: *const Candidate) -> *const c_char;
    /// The score of a candidate: how confident the service is.
    pub fn animaldetect_candidate_score(candidate: *const Candidate, out: *mut f64) -> i32;
    /// One rank of a candidate's taxonomy.
    pub fn animaldetect_candidate_taxonomy(candidate: *const Candidate, rank: i32) -> *const c_char;
    /// Sets the log callback, in place of the one before. By default nothing is logged. May be called at any time.
    pub fn animaldetect_client_set_log(
        client: *mut Client,
        level: i32,
        callback: Option<LogCallback>,
        user: *mut c_void,
        release: Option<ReleaseCallback>,
    ) -> i32;
    /// The level of a record.
    pub fn animaldetect_log_level(record: *const LogRecord) -> i32;
    /// The whole record as one line for a person, such as "upload: storage answered 503 after 2 attempts \[job
    /// 5fd3825f]".
    pub fn animaldetect_log_text(record: *const LogRecord) -> *const c_char;
    /// The client that logs.
    pub fn animaldetect_log_client(record: *const LogRecord) -> *mut Client;
    /// The job that the record is about. Its getters, such as `animaldetect_job_user_data`, may be called.
    pub fn animaldetect_log_job(record: *const LogRecord) -> *const Job;
    /// The step that the record is about.
    pub fn animaldetect_log_step(record: *const LogRecord) -> i32;
    /// The HTTP status of the response that the record is about.
    pub fn animaldetect_log_http_status(record: *const LogRecord) -> i32;
    /// The service's id of the request that the record is about.
    pub fn animaldetect_log_request_id(record: *const LogRecord) -> *const c_char;
    /// How long it took: a request from its start to its response or failure, a call from its start to its
    /// completion.
    pub fn animaldetect_log_duration_ms(record: *const LogRecord) -> i64;
    /// Reads one statistic.
    pub fn animaldetect_client_statistic(client: *mut Client, which: i32, out: *mut i64) -> i32;
    /// Name of a statistic, such as "requests_create": for a host that exports all of them, also those of later
    /// versions.
    pub fn animaldetect_statistic_name(which: i32) -> *const c_char;
    /// Whether a statistic is a gauge, which goes up and down, and not a counter.
    pub fn animaldetect_statistic_is_gauge(which: i32) -> i32;
    /// A quantile of the recent latencies of one step's requests, from sending the request to receiving the response.
    pub fn animaldetect_client_latency_ms(client: *mut Client, step: i32, quantile: f64, out_ms: *mut i64) -> i32;
    /// Makes a transport without callbacks. It needs at least `animaldetect_transport_set_start`.
    pub fn animaldetect_transport_new(
        user: *mut c_void,
        release: Option<ReleaseCallback>,
        out: *mut *mut Transport,
    ) -> i32;
    /// Releases the caller's handle. Clients that use the transport keep it alive, and so do exchanges that have not
    /// ended.
    pub fn animaldetect_transport_free(transport: *mut Transport);
    /// Sets the callback that starts a request. Required.
    pub fn animaldetect_transport_set_start(transport: *mut Transport, callback: Option<TransportStartCallback>) -> i32;
    /// Sets the callback that is notified of canceled and timed out requests. Without it such requests continue, and
    /// their responses are dropped.
    pub fn animaldetect_transport_set_cancel(
        transport: *mut Transport,
        callback: Option<TransportCancelCallback>,
    ) -> i32;
    /// Sets the clock for all timeouts, pauses and polls, in place of the system's. A transport with a clock of its
    /// own needs `animaldetect_transport_set_idle` as well, which advances that clock. A host that watches the
    /// descriptor is then notified that time has passed only by `animaldetect_transport_wake`.
    pub fn animaldetect_transport_set_clock(transport: *mut Transport, callback: Option<TransportClockCallback>) -> i32;
    /// Sets the wall clock, in milliseconds since 1970, in place of the system's. It is used only to interpret the
    /// date in a Retry-After header of a response without a Date header.
    pub fn animaldetect_transport_set_wall_clock(
        transport: *mut Transport,
        callback: Option<TransportClockCallback>,
    ) -> i32;
    /// Sets the callback that runs at the beginning of each iteration.
    pub fn animaldetect_transport_set_poll(transport: *mut Transport, callback: Option<TransportPollCallback>) -> i32;
    /// Sets the callback that runs before a thread blocks.
    pub fn animaldetect_transport_set_idle(transport: *mut Transport, callback: Option<TransportIdleCallback>) -> i32;
    /// Seeds the random generator of the clients on this transport (the jitter of retries and polls), so that a run
    /// on a virtual clock is reproducible. Keys that must be unguessable stay random.
    pub fn animaldetect_transport_set_seed(transport: *mut Transport, seed: u64) -> i32;
    /// Makes a client send its requests through this transport in place of libcurl. Only before its first use. One
    /// transport may serve any number of clients.
    pub fn animaldetect_client_set_transport(client: *mut Client, transport: *mut Transport) -> i32;
    /// Makes every client on this transport check for work: blocked waits resume, descriptors become readable. For a
    /// clock of its own that has advanced, and for a transport whose poll callback has work.
    pub fn animaldetect_transport_wake(transport: *mut Transport) -> i32;
    /// When the first of the clients on this transport needs to be processed, on the transport's clock.
    pub fn animaldetect_transport_due_ms(transport: *const Transport) -> i64;
    /// The request's method.
    pub fn animaldetect_exchange_method(exchange: *const Exchange) -> *const c_char;
    /// The request's URL. Its query may be a secret: an upload URL is signed.
    pub fn animaldetect_exchange_url(exchange: *const Exchange) -> *const c_char;
    /// How many headers the request has. Content-Length and Host are not among them: they follow from body and URL.
    pub fn animaldetect_exchange_header_count(exchange: *const Exchange) -> usize;
    /// Name of a header of the request.
    pub fn animaldetect_exchange_header_name(exchange: *const Exchange, index: usize) -> *const c_char;
    /// Value of a header of the request. That of Authorization holds the API key.
    pub fn animaldetect_exchange_header_value(exchange: *const Exchange, index: usize) -> *const c_char;
    /// Value of a header of the request by its name.
    pub fn animaldetect_exchange_header(exchange: *const Exchange, name: *const c_char) -> *const c_char;
    /// The request's body when it is in memory. An image is not: read it with `animaldetect_exchange_read_body`.
    pub fn animaldetect_exchange_body(exchange: *const Exchange) -> *const u8;
    /// Size of the request's body.
    pub fn animaldetect_exchange_body_size(exchange: *const Exchange) -> u64;
    /// Reads the next bytes of the request's body, wherever it is kept. A file or a reader of the host is read inside
    /// this call, so that memory stays constant. After a failure end the exchange without completing the request; the
    /// error is reported to the caller of the step, whatever the exchange is ended with.
    pub fn animaldetect_exchange_read_body(exchange: *mut Exchange, buffer: *mut u8, size: usize) -> i64;
    /// Goes back to the first byte of the request's body, to send it again on another connection.
    pub fn animaldetect_exchange_rewind_body(exchange: *mut Exchange) -> i32;
    /// Whether the transport may send the request again by itself, when a reused connection turned out to be dead. If
    /// not, it must be sent at most once: a second one could have a second effect. The library itself retries what
    /// can be retried.
    pub fn animaldetect_exchange_may_resend(exchange: *const Exchange) -> i32;
    /// How long establishing a connection may take. The transport enforces this timeout itself and ends the exchange
    /// with ANIMALDETECT_FAILURE_TIMEOUT; the library enforces the other timeouts.
    pub fn animaldetect_exchange_connect_timeout_ms(exchange: *const Exchange) -> i64;
    /// Whether the request was canceled or has timed out. The value may change at any time.
    pub fn animaldetect_exchange_is_canceled(exchange: *const Exchange) -> i32;
    /// Stores a pointer of the transport with the exchange.
    pub fn animaldetect_exchange_set_user_data(exchange: *mut Exchange, data: *mut c_void) -> i32;
    /// The pointer that was stored with the exchange.
    pub fn animaldetect_exchange_user_data(exchange: *const Exchange) -> *mut c_void;
    /// Sets the status of the final response. Interim responses (1xx) are handled by the transport.
    pub fn animaldetect_exchange_set_status(exchange: *mut Exchange, http_status: i32) -> i32;
    /// Adds a header of the final response. All may be given; the library reads Retry-After, Date, the rate headers,
    /// the request id and the content type.
    pub fn animaldetect_exchange_add_header(exchange: *mut Exchange, name: *const c_char, value: *const c_char) -> i32;
    /// Adds bytes to the body of the response.
    pub fn animaldetect_exchange_add_body(exchange: *mut Exchange, bytes: *const c_void, size: usize) -> i32;
    /// Ends the exchange: the response is complete. When its body was cut short, end the exchange with
    /// ANIMALDETECT_FAILURE_BROKEN instead. The handle becomes invalid.
    pub fn animaldetect_exchange_complete(exchange: *mut Exchange) -> i32;
    /// Ends the exchange: there is no response. The handle becomes invalid.
    pub fn animaldetect_exchange_fail(exchange: *mut Exchange, failure: i32, words: *const c_char) -> i32;
    /// Version of the library that is loaded, such as "0.2.0".
    pub fn animaldetect_version() -> *const c_char;
    /// Version of the library that is loaded, as 0xMMmmpp; compare with ANIMALDETECT_VERSION_NUMBER.
    pub fn animaldetect_version_number() -> i32;
    /// Name of a feature of this build and of the libraries that it runs on, to list them all:
    pub fn animaldetect_feature_name(index: usize) -> *const c_char;
    /// What a feature is here.
    pub fn animaldetect_feature_text(name: *const c_char) -> *const c_char;
}

/// The service in memory, libanimaldetect-mock: for tests of programs that use the library.
#[cfg(feature = "mock")]
pub mod mock {
    use crate::*;

    /// A service, a network and a clock. Free with `animaldetect_mock_free`.
    #[repr(C)]
    pub struct Mock {
        _private: [u8; 0],
    }
    /// One request that was made: a view, borrowed from its mock, never freed.
    #[repr(C)]
    pub struct MockRequest {
        _private: [u8; 0],
    }

    extern "C" {
        /// Makes a mock with the default configuration.
        pub fn animaldetect_mock_new(out: *mut *mut Mock) -> i32;
        /// Releases the mock. Clients that use it keep it alive until they are freed; pointers borrowed from it
        /// become invalid.
        pub fn animaldetect_mock_free(mock: *mut Mock);
        /// The transport to give to the clients of the program under test, with `animaldetect_client_set_transport`.
        /// Any number of clients may use it: they then share one service and one clock.
        pub fn animaldetect_mock_transport(mock: *mut Mock) -> *mut Transport;
        /// Makes a client that has the mock's API key and its transport.
        pub fn animaldetect_mock_new_client(mock: *mut Mock, out: *mut *mut Client) -> i32;
        /// The message for the last argument that was rejected.
        pub fn animaldetect_mock_message(mock: *const Mock) -> *const c_char;
        /// Sets the API key that the service accepts. Default "sk_test_mock".
        pub fn animaldetect_mock_set_api_key(mock: *mut Mock, key: *const c_char) -> i32;
        /// Seeds all random numbers, those of the clients included: the same seed and the same calls give the same
        /// run. Default 1.
        pub fn animaldetect_mock_set_seed(mock: *mut Mock, seed: u64) -> i32;
        /// Sets how long the service processes an image. Default "fixed:1000".
        pub fn animaldetect_mock_set_processing(mock: *mut Mock, processing: *const c_char) -> i32;
        /// Sets the round-trip time of a request. Default 40 ms.
        pub fn animaldetect_mock_set_latency_ms(mock: *mut Mock, latency_ms: i64) -> i32;
        /// Sets the quota of the key: API requests in any 60 seconds. Requests beyond it get 429 and Retry-After.
        pub fn animaldetect_mock_set_rate_limit(mock: *mut Mock, requests_per_minute: i32) -> i32;
        /// Reads the result for each image. Other images get a result derived from their bytes.
        pub fn animaldetect_mock_load_answers(mock: *mut Mock, path: *const c_char) -> i32;
        /// Adds a fault to the service. It applies from now on; faults are tried in the order in which they were
        /// added. If the fault is rejected, `animaldetect_mock_message` has the reason.
        pub fn animaldetect_mock_add_fault(mock: *mut Mock, fault: *const c_char) -> i32;
        /// Removes all faults and scripts.
        pub fn animaldetect_mock_clear_faults(mock: *mut Mock) -> i32;
        /// Scripts a response in place of the service's: the service does not see the request. Of two scripts that
        /// match a request the one that was added first applies.
        pub fn animaldetect_mock_answer(
            mock: *mut Mock,
            route: *const c_char,
            nth: i32,
            http_status: i32,
            headers: *const c_char,
            body: *const c_char,
        ) -> i32;
        /// Scripts a failure of the network: the service does not see the request. A request that is lost after its
        /// effect is the fault "ROUTE:reset-after".
        pub fn animaldetect_mock_fail(mock: *mut Mock, route: *const c_char, nth: i32, failure: i32) -> i32;
        /// Scripts a delay of a response, whichever it is.
        pub fn animaldetect_mock_delay(mock: *mut Mock, route: *const c_char, nth: i32, delay_ms: i64) -> i32;
        /// Puts a job of the service into a state, such as "failed" or "expired".
        pub fn animaldetect_mock_set_job_state(mock: *mut Mock, job_id: *const c_char, state: *const c_char) -> i32;
        /// Makes every upload URL that was issued so far expire now.
        pub fn animaldetect_mock_expire_uploads(mock: *mut Mock) -> i32;
        /// The virtual time. It begins at 1,000,000 ms, and with it the service's wall clock at 2026-06-17T13:00:00Z.
        pub fn animaldetect_mock_now_ms(mock: *const Mock) -> i64;
        /// Advances time and delivers the responses that are due. The descriptors of clients that have work then
        /// become readable; the clients are not processed inside this call, so work that was due in between is
        /// delayed: use `animaldetect_mock_step` to advance event by event.
        pub fn animaldetect_mock_advance_ms(mock: *mut Mock, ms: i64) -> i32;
        /// Advances time to the next event: a response, or the time that a client waits for. For hosts with their own
        /// loop: step, process, collect completions, repeat.
        pub fn animaldetect_mock_step(mock: *mut Mock) -> i64;
        /// Lets time advance whenever a client is processed and nothing is due, and keeps its descriptor readable
        /// while anything is pending: a program with an event loop then runs unchanged. A wait with a timeout may
        /// then return late by the virtual clock. A blocking call or wait does not need this: time always advances
        /// when a thread would block.
        pub fn animaldetect_mock_set_auto_advance(mock: *mut Mock, on: i32) -> i32;
        /// How many requests were started.
        pub fn animaldetect_mock_request_count(mock: *const Mock, route: *const c_char) -> usize;
        /// A request that was started.
        pub fn animaldetect_mock_request_at(
            mock: *const Mock,
            route: *const c_char,
            index: usize,
        ) -> *const MockRequest;
        /// The request's route.
        pub fn animaldetect_mock_request_route(request: *const MockRequest) -> *const c_char;
        /// The request's method.
        pub fn animaldetect_mock_request_method(request: *const MockRequest) -> *const c_char;
        /// The request's URL.
        pub fn animaldetect_mock_request_url(request: *const MockRequest) -> *const c_char;
        /// Value of a header of the request.
        pub fn animaldetect_mock_request_header(request: *const MockRequest, name: *const c_char) -> *const c_char;
        /// The request's body, unless it is an image: images are not kept.
        pub fn animaldetect_mock_request_body(request: *const MockRequest) -> *const c_char;
        /// Size of the request's body, also of an image.
        pub fn animaldetect_mock_request_body_size(request: *const MockRequest) -> u64;
        /// The HTTP status of the response.
        pub fn animaldetect_mock_request_http_status(request: *const MockRequest) -> i32;
        /// When the request was started.
        pub fn animaldetect_mock_request_start_ms(request: *const MockRequest) -> i64;
        /// When the request ended.
        pub fn animaldetect_mock_request_end_ms(request: *const MockRequest) -> i64;
        /// How many jobs the service has: what would be billed.
        pub fn animaldetect_mock_job_count(mock: *const Mock) -> usize;
        /// Identifier of a job of the service.
        pub fn animaldetect_mock_job_id(mock: *const Mock, index: usize) -> *const c_char;
        /// State of a job of the service at this time.
        pub fn animaldetect_mock_job_state(mock: *mut Mock, job_id: *const c_char) -> *const c_char;
        /// How often a client violated the service's contract: the key sent to the storage, a poll after the job was
        /// finished, a result requested too early, and so on. The library keeps it at 0. Images that were sent twice
        /// show in `animaldetect_mock_job_count`.
        pub fn animaldetect_mock_violation_count(mock: *const Mock) -> usize;
        /// The message for a violation.
        pub fn animaldetect_mock_violation(mock: *const Mock, index: usize) -> *const c_char;
    }
}
