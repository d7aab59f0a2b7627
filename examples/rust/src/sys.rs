// SPDX-License-Identifier: MIT
//! The C interface as it stands in the headers. What each function does is said there; the rest of this crate uses these.
#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_void};

macro_rules! opaque {
    ($($name:ident),*) => {$(
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
        }
    )*};
}
opaque!(Client, Job, Result, Detection, Candidate, LogRecord);

pub type LogCallback = unsafe extern "C" fn(user: *mut c_void, record: *const LogRecord);
pub type ReleaseCallback = unsafe extern "C" fn(user: *mut c_void);
pub type ReadCallback = unsafe extern "C" fn(user: *mut c_void, buffer: *mut u8, size: usize) -> i64;
pub type RewindCallback = unsafe extern "C" fn(user: *mut c_void) -> i32;

extern "C" {
    pub fn animaldetect_version() -> *const c_char;
    pub fn animaldetect_version_number() -> i32;
    pub fn animaldetect_client_new(out: *mut *mut Client) -> i32;
    pub fn animaldetect_feature_name(index: usize) -> *const c_char;
    pub fn animaldetect_feature_text(name: *const c_char) -> *const c_char;
    pub fn animaldetect_client_configure_from_env(client: *mut Client) -> i32;
    pub fn animaldetect_client_free(client: *mut Client);
    pub fn animaldetect_client_copy_message(client: *mut Client, buffer: *mut c_char, size: usize) -> usize;
    pub fn animaldetect_client_set_api_key(client: *mut Client, key: *const c_char) -> i32;
    pub fn animaldetect_client_set_base_url(client: *mut Client, url: *const c_char) -> i32;
    pub fn animaldetect_client_add_trusted_origin(client: *mut Client, origin: *const c_char) -> i32;
    pub fn animaldetect_client_set_ca_file(client: *mut Client, path: *const c_char) -> i32;
    pub fn animaldetect_client_set_ca_pem(client: *mut Client, pem: *const c_char, size: usize) -> i32;
    pub fn animaldetect_client_set_proxy(client: *mut Client, url: *const c_char) -> i32;
    pub fn animaldetect_client_add_header(client: *mut Client, name: *const c_char, value: *const c_char) -> i32;
    pub fn animaldetect_client_set_user_agent(client: *mut Client, text: *const c_char) -> i32;
    pub fn animaldetect_client_set_connect_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    pub fn animaldetect_client_set_stall_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    pub fn animaldetect_client_set_request_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    pub fn animaldetect_client_set_offline_patience_ms(client: *mut Client, patience_ms: i64) -> i32;
    pub fn animaldetect_client_set_max_retry_after_ms(client: *mut Client, wait_ms: i64) -> i32;
    pub fn animaldetect_client_set_processing_timeout_ms(client: *mut Client, timeout_ms: i64) -> i32;
    pub fn animaldetect_client_set_max_requests(client: *mut Client, count: i32) -> i32;
    pub fn animaldetect_client_set_max_jobs(client: *mut Client, count: i64) -> i32;
    pub fn animaldetect_client_set_rate_limit(client: *mut Client, requests_per_minute: i32, burst: i32) -> i32;
    pub fn animaldetect_client_set_max_tries(client: *mut Client, tries: i32) -> i32;
    pub fn animaldetect_client_set_poll_mode(client: *mut Client, mode: i32) -> i32;
    pub fn animaldetect_client_set_poll_bounds_ms(client: *mut Client, min_ms: i64, max_ms: i64) -> i32;
    pub fn animaldetect_client_set_allow_insecure_http(client: *mut Client, allow: i32) -> i32;
    pub fn animaldetect_client_set_checksum_field(client: *mut Client, name: *const c_char) -> i32;
    pub fn animaldetect_client_set_max_image_bytes(client: *mut Client, bytes: u64) -> i32;
    pub fn animaldetect_client_set_max_answer_bytes(client: *mut Client, bytes: u64) -> i32;
    pub fn animaldetect_client_set_log(
        client: *mut Client,
        level: i32,
        callback: Option<LogCallback>,
        user: *mut c_void,
        release: Option<ReleaseCallback>,
    ) -> i32;
    pub fn animaldetect_log_level(record: *const LogRecord) -> i32;
    pub fn animaldetect_log_text(record: *const LogRecord) -> *const c_char;
    pub fn animaldetect_log_client(record: *const LogRecord) -> *mut Client;
    pub fn animaldetect_log_job(record: *const LogRecord) -> *const Job;
    pub fn animaldetect_log_step(record: *const LogRecord) -> i32;
    pub fn animaldetect_log_http_status(record: *const LogRecord) -> i32;
    pub fn animaldetect_log_request_id(record: *const LogRecord) -> *const c_char;
    pub fn animaldetect_log_duration_ms(record: *const LogRecord) -> i64;
    pub fn animaldetect_client_stop(client: *mut Client) -> i32;
    pub fn animaldetect_client_set_paused(client: *mut Client, what: i32) -> i32;
    pub fn animaldetect_client_network_changed(client: *mut Client) -> i32;
    pub fn animaldetect_client_hold_reason(client: *mut Client) -> i32;
    pub fn animaldetect_client_held_until_ms(client: *mut Client) -> i64;
    pub fn animaldetect_client_resume(client: *mut Client) -> i32;
    pub fn animaldetect_job_new(client: *mut Client, operation: *const c_char, out: *mut *mut Job) -> i32;
    pub fn animaldetect_job_restore(client: *mut Client, saved: *const c_char, size: usize, out: *mut *mut Job) -> i32;
    pub fn animaldetect_job_attach(client: *mut Client, job_id: *const c_char, out: *mut *mut Job) -> i32;
    pub fn animaldetect_job_free(job: *mut Job);
    pub fn animaldetect_job_rerun(job: *mut Job) -> i32;
    pub fn animaldetect_job_create(job: *mut Job) -> i32;
    pub fn animaldetect_job_create_async(job: *mut Job) -> i32;
    pub fn animaldetect_job_upload(job: *mut Job) -> i32;
    pub fn animaldetect_job_upload_async(job: *mut Job) -> i32;
    pub fn animaldetect_job_submit(job: *mut Job) -> i32;
    pub fn animaldetect_job_submit_async(job: *mut Job) -> i32;
    pub fn animaldetect_job_poll(job: *mut Job) -> i32;
    pub fn animaldetect_job_poll_async(job: *mut Job) -> i32;
    pub fn animaldetect_job_fetch(job: *mut Job) -> i32;
    pub fn animaldetect_job_fetch_async(job: *mut Job) -> i32;
    pub fn animaldetect_job_run(job: *mut Job) -> i32;
    pub fn animaldetect_job_run_async(job: *mut Job) -> i32;
    pub fn animaldetect_job_wait(job: *mut Job, timeout_ms: i64) -> i32;
    pub fn animaldetect_job_cancel(job: *mut Job) -> i32;
    pub fn animaldetect_job_save(job: *const Job, out: *mut *mut c_char, size: *mut usize) -> i32;
    pub fn animaldetect_job_client(job: *const Job) -> *mut Client;
    pub fn animaldetect_job_user_data(job: *const Job) -> *mut c_void;
    pub fn animaldetect_job_status(job: *const Job) -> i32;
    pub fn animaldetect_job_state(job: *const Job) -> i32;
    pub fn animaldetect_job_state_text(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_stage(job: *const Job) -> i32;
    pub fn animaldetect_job_message(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_http_status(job: *const Job) -> i32;
    pub fn animaldetect_job_service_code(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_service_message(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_request_id(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_failed_step(job: *const Job) -> i32;
    pub fn animaldetect_job_retry_after_ms(job: *const Job) -> i64;
    pub fn animaldetect_job_upload_sent(job: *const Job) -> u64;
    pub fn animaldetect_job_upload_total(job: *const Job) -> u64;
    pub fn animaldetect_job_attempts(job: *const Job) -> i32;
    pub fn animaldetect_job_polls(job: *const Job) -> i32;
    pub fn animaldetect_job_step_ms(job: *const Job, step: i32) -> i64;
    pub fn animaldetect_job_expires_at(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_upload_expires_at(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_id(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_operation(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_filename(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_path(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_source_url(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_client_reference_id(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_rerun_number(job: *const Job) -> i32;
    pub fn animaldetect_job_priority(job: *const Job) -> i32;
    pub fn animaldetect_job_note(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_idempotency_key(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_sha256(job: *const Job) -> *const c_char;
    pub fn animaldetect_job_result(job: *const Job, out: *mut *mut Result) -> i32;
    pub fn animaldetect_job_result_json(job: *const Job, size: *mut usize) -> *const c_char;
    pub fn animaldetect_job_set_file(job: *mut Job, path: *const c_char) -> i32;
    pub fn animaldetect_job_set_bytes(job: *mut Job, bytes: *const c_void, size: usize) -> i32;
    pub fn animaldetect_job_set_bytes_borrowed(
        job: *mut Job,
        bytes: *const c_void,
        size: usize,
        user: *mut c_void,
        release: Option<ReleaseCallback>,
    ) -> i32;
    pub fn animaldetect_job_set_reader(
        job: *mut Job,
        size: u64,
        read: Option<ReadCallback>,
        rewind: Option<RewindCallback>,
        user: *mut c_void,
        release: Option<ReleaseCallback>,
    ) -> i32;
    pub fn animaldetect_job_set_source_url(job: *mut Job, url: *const c_char) -> i32;
    pub fn animaldetect_job_set_filename(job: *mut Job, name: *const c_char) -> i32;
    pub fn animaldetect_job_set_content_type(job: *mut Job, kind: *const c_char) -> i32;
    pub fn animaldetect_job_set_sha256(job: *mut Job, hex: *const c_char) -> i32;
    pub fn animaldetect_job_set_client_reference_id(job: *mut Job, id: *const c_char) -> i32;
    pub fn animaldetect_job_set_idempotency_key(job: *mut Job, key: *const c_char) -> i32;
    pub fn animaldetect_job_set_rerun(job: *mut Job, number: i32) -> i32;
    pub fn animaldetect_job_set_call_timeout_ms(job: *mut Job, timeout_ms: i64) -> i32;
    pub fn animaldetect_job_set_priority(job: *mut Job, priority: i32) -> i32;
    pub fn animaldetect_job_set_note(job: *mut Job, note: *const c_char) -> i32;
    pub fn animaldetect_job_set_user_data(job: *mut Job, user: *mut c_void) -> i32;
    pub fn animaldetect_job_set_threshold(job: *mut Job, threshold: f64) -> i32;
    pub fn animaldetect_job_set_country(job: *mut Job, country: *const c_char) -> i32;
    pub fn animaldetect_job_set_classify(job: *mut Job, classify: i32) -> i32;
    pub fn animaldetect_job_set_metadata(job: *mut Job, metadata: i32) -> i32;
    pub fn animaldetect_job_set_smooth_herd(job: *mut Job, smooth: i32) -> i32;
    pub fn animaldetect_job_set_top_candidate(job: *mut Job, count: i32) -> i32;
    pub fn animaldetect_job_set_location(job: *mut Job, latitude: f64, longitude: f64) -> i32;
    pub fn animaldetect_job_set_option_json(job: *mut Job, name: *const c_char, json: *const c_char) -> i32;
    pub fn animaldetect_client_fd(client: *mut Client) -> i32;
    pub fn animaldetect_client_process(client: *mut Client) -> i32;
    pub fn animaldetect_client_next_done(client: *mut Client, out: *mut *mut Job) -> i32;
    pub fn animaldetect_client_timeout_ms(client: *mut Client) -> i64;
    pub fn animaldetect_client_wait(client: *mut Client, timeout_ms: i64) -> i32;
    pub fn animaldetect_client_wakeup(client: *mut Client) -> i32;
    pub fn animaldetect_client_in_flight(client: *mut Client) -> i64;
    pub fn animaldetect_result_parse(json: *const c_char, size: usize, out: *mut *mut Result) -> i32;
    pub fn animaldetect_result_free(result: *mut Result);
    pub fn animaldetect_result_json(result: *const Result, size: *mut usize) -> *const c_char;
    pub fn animaldetect_result_kind(result: *const Result) -> i32;
    pub fn animaldetect_result_count(result: *const Result) -> usize;
    pub fn animaldetect_result_at(result: *const Result, index: usize) -> *const Detection;
    pub fn animaldetect_result_id(result: *const Result) -> *const c_char;
    pub fn animaldetect_result_expires_at(result: *const Result) -> *const c_char;
    pub fn animaldetect_result_image_width(result: *const Result, out: *mut i64) -> i32;
    pub fn animaldetect_result_image_height(result: *const Result, out: *mut i64) -> i32;
    pub fn animaldetect_result_file_size(result: *const Result, out: *mut i64) -> i32;
    pub fn animaldetect_result_metadata_json(result: *const Result, size: *mut usize) -> *const c_char;
    pub fn animaldetect_result_processing_time_ms(result: *const Result, out: *mut i64) -> i32;
    pub fn animaldetect_result_model_version(result: *const Result) -> *const c_char;
    pub fn animaldetect_result_model_id(result: *const Result) -> *const c_char;
    pub fn animaldetect_result_country(result: *const Result) -> *const c_char;
    pub fn animaldetect_result_threshold(result: *const Result, out: *mut f64) -> i32;
    pub fn animaldetect_detection_id(detection: *const Detection, out: *mut i64) -> i32;
    pub fn animaldetect_detection_label(detection: *const Detection) -> *const c_char;
    pub fn animaldetect_detection_category(detection: *const Detection) -> *const c_char;
    pub fn animaldetect_detection_score(detection: *const Detection, out: *mut f64) -> i32;
    pub fn animaldetect_detection_bbox(detection: *const Detection, out: *mut f64) -> i32;
    pub fn animaldetect_detection_taxonomy(detection: *const Detection, rank: i32) -> *const c_char;
    pub fn animaldetect_detection_candidate_count(detection: *const Detection) -> usize;
    pub fn animaldetect_detection_candidate(detection: *const Detection, index: usize) -> *const Candidate;
    pub fn animaldetect_candidate_label(candidate: *const Candidate) -> *const c_char;
    pub fn animaldetect_candidate_score(candidate: *const Candidate, out: *mut f64) -> i32;
    pub fn animaldetect_candidate_taxonomy(candidate: *const Candidate, rank: i32) -> *const c_char;
    pub fn animaldetect_client_statistic(client: *mut Client, which: i32, out: *mut i64) -> i32;
    pub fn animaldetect_statistic_name(which: i32) -> *const c_char;
    pub fn animaldetect_statistic_is_gauge(which: i32) -> i32;
    pub fn animaldetect_client_latency_ms(client: *mut Client, step: i32, quantile: f64, out_ms: *mut i64) -> i32;
    pub fn animaldetect_status_name(status: i32) -> *const c_char;
    pub fn animaldetect_status_text(status: i32) -> *const c_char;
    pub fn animaldetect_status_is_retriable(status: i32) -> i32;
    pub fn animaldetect_status_scope(status: i32) -> i32;
    pub fn animaldetect_state_name(state: i32) -> *const c_char;
    pub fn animaldetect_stage_name(stage: i32) -> *const c_char;
    pub fn animaldetect_step_name(step: i32) -> *const c_char;
    pub fn animaldetect_text_free(text: *mut c_char);
}
