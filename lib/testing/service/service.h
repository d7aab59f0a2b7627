/* SPDX-License-Identifier: MIT */
/*
 * A model of the Animal Detect service without I/O.  It takes a request and a time, and returns a response and a plan
 * for its delivery.  The mock transport and the emulator are its two front ends.  The same configuration, seed and
 * requests give the same responses, and the cost of a request does not depend on the number of jobs.  It never reads a
 * clock, uses a socket, or uses the library under test.  Out of memory aborts the process.  Not thread safe: a front
 * end with threads holds one lock around it.
 */
#ifndef TESTING_SERVICE_SERVICE_H
#define TESTING_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct svc;
struct svc_upload;

enum svc_place { SVC_API, SVC_STORAGE, SVC_OTHER };

enum svc_window_kind { SVC_WINDOW_SLIDING, SVC_WINDOW_FIXED };
enum svc_retry_after { SVC_RETRY_AFTER_SECONDS, SVC_RETRY_AFTER_DATE, SVC_RETRY_AFTER_NONE };
enum svc_error_form { SVC_ERROR_OBJECT, SVC_ERROR_TEXT, SVC_ERROR_MESSAGE, SVC_ERROR_NOT_JSON };
enum svc_submit_form { SVC_SUBMIT_202_JOB, SVC_SUBMIT_200_JOB, SVC_SUBMIT_202_EMPTY, SVC_SUBMIT_200_OTHER };
enum svc_replay_form { SVC_REPLAY_FRESH, SVC_REPLAY_STALE, SVC_REPLAY_NO_UPLOAD };
enum svc_rate_window {
    SVC_RATE_WINDOW_TRUE,
    SVC_RATE_WINDOW_NONE,     /* a limit without a window */
    SVC_RATE_WINDOW_SECOND,   /* claims that the limit is per second */
    SVC_RATE_WINDOW_DAY,      /* ... per day */
    SVC_RATE_WINDOW_EXHAUSTED /* claims that nothing remains, for days */
};
/* What a job with an unknown state has in addition. */
enum svc_unknown_form { SVC_UNKNOWN_DRAWN, SVC_UNKNOWN_BARE, SVC_UNKNOWN_ERROR, SVC_UNKNOWN_RESULT, SVC_UNKNOWN_BOTH };
enum svc_rate_headers { SVC_RATE_HEADERS_NONE, SVC_RATE_HEADERS_X, SVC_RATE_HEADERS_DRAFT };

/* Text is copied by svc_new.  Start from svc_config_default. */
struct svc_config {
    const char *api_key;        /* the first accepted key; more by svc_add_key */
    const char *api_origin;     /* without a slash at the end; base of the URLs in responses */
    const char *old_api_origin; /* the older host, also API. Responses to requests there contain URLs there */
    const char *answer_origin;  /* if set, all URLs in responses are on this origin */
    const char *storage_origin;
    const char *foreign_origin; /* where foreign-url and redirects point */
    uint64_t seed;

    const char *processing;  /* fixed:MS, lognormal:MEDIAN_MS:SIGMA, bimodal:MS1:MS2:P, fifo:SERVICE_MS */
    double queue_share;      /* part of the processing time in state "queued" */
    double fail_probability; /* probability that a job fails */
    const char *odd_status;  /* a state that the contract does not have, shown ... */
    int64_t odd_status_ms;   /* ... for this long after the submit */

    int64_t rpm; /* API requests in 60 s per key; 0: no limit */
    enum svc_window_kind window;
    enum svc_retry_after retry_after;
    enum svc_rate_headers rate_headers;
    int64_t clock_skew_ms; /* service clock minus the caller's: Date, expires_at, HTTP dates */
    int64_t poll_hint_s;   /* Retry-After of polls of unfinished jobs; 0: none */

    const char *upload_method;       /* "PUT" */
    const char *upload_header_name;  /* an additional header that an upload must have; NULL: none */
    const char *upload_header_value;
    const char *checksum_field; /* name of the field for the content's SHA-256; NULL: no such field */
    int64_t upload_ttl_ms;
    int64_t job_ttl_ms;
    bool expired_as_403;   /* an expired upload URL is rejected as by S3, not with 400 ExpiredToken */
    bool expired_as_azure; /* as by Azure: AuthenticationFailed, with the expiry only in the detail */
    enum svc_replay_form replay;

    enum svc_submit_form submit;
    int result_early_status; /* response to a fetch that is too early: 409 or 404 */
    enum svc_error_form error_form;
    bool old_info;               /* results without info.model_id */
    bool extra_fields;           /* unknown fields in every response */
    bool lenient_create;         /* unknown fields of a create are accepted */
    bool shared_jobs;            /* several clients share jobs: a second upload or submit, or a late poll, is allowed */
    bool allow_equal_payloads;   /* reruns are intended: equal payloads under two keys are no violation */
    bool allow_missing_key;      /* a create without Idempotency-Key is no violation */

    /* Deviations from the contract.  Each share is of all jobs or keys, 0 to 1. */
    double stuck_share;               /* jobs that stay queued or running ... */
    int64_t stuck_ms;                 /* ... for this long after the submit; 0: until they expire */
    double unknown_share;             /* jobs that finish with a state outside of the contract ... */
    const char *unknown_state;        /* ... this one; NULL: canceled, completed or archived */
    enum svc_unknown_form unknown_form;
    double lost_submit_share; /* jobs whose first submit succeeds without effect */
    double key_in_use_share;  /* keys whose creates get 409 idempotency_key_in_use, half of them before the job exists,
                                 half of them after ... */
    int64_t key_in_use_ms;    /* ... for this long */
    int64_t key_in_use_retry_after_s; /* 0: none */
    int64_t late_job_ms;              /* a job's routes return 404 for this long after its create */
    int late_result_status;           /* 202, 204, 404 or 409 instead of a result ... */
    int64_t late_result_ms;           /* ... for this long after the success */
    enum svc_rate_window rate_window; /* what the rate headers claim about the window */
};

struct svc_header {
    const char *name;
    const char *value;
};

/* Borrowed during the call.  Either `url` is set, or it is NULL and `place` and `target` are set. */
struct svc_request {
    const char *method;
    const char *url;
    enum svc_place place;
    const char *target; /* path with query */
    const struct svc_header *headers;
    size_t header_count;
    const void *body;
    size_t body_size;
};

enum svc_delivery {
    SVC_DELIVER,      /* send the response */
    SVC_RESET_BEFORE, /* the request had no effect; the connection is reset */
    SVC_RESET_AFTER,  /* it took effect, but the response is lost: the connection is reset */
    SVC_STALL         /* no byte is ever sent back */
};

#define SVC_MAX_HEADERS 24

struct svc_response {
    int status;
    struct svc_header headers[SVC_MAX_HEADERS]; /* without Content-Length, which is declared_size */
    size_t header_count;
    char *body; /* NUL-terminated beyond body_size; NULL when empty */
    size_t body_size;

    enum svc_delivery delivery;
    int64_t delay_ms;         /* delay before the first byte */
    size_t send_size;         /* body bytes to send; if fewer than declared_size, then close */
    size_t declared_size;     /* the Content-Length */
    int64_t bytes_per_second; /* 0: no limit */
    bool early;               /* an upload gets its response before its body is read */

    char *memory; /* private: the headers point into it */
};

void svc_config_default(struct svc_config *config);

/* NULL if the processing text is invalid. */
struct svc *svc_new(const struct svc_config *config);
void svc_free(struct svc *svc);

/* Adds a key with its own rate window (rpm 0: no limit); revoked keys get 401. */
void svc_add_key(struct svc *svc, const char *key, int64_t rpm);
void svc_revoke_key(struct svc *svc, const char *key);
void svc_set_error_form(struct svc *svc, enum svc_error_form form);
void svc_set_clock_skew(struct svc *svc, int64_t skew_ms);

/*
 * Handles one request. now_ms: milliseconds since 1970, never decreasing between calls.  Overwrites the response; free
 * it with svc_response_clear.
 */
void svc_handle(struct svc *svc, const struct svc_request *request, int64_t now_ms, struct svc_response *response);
void svc_response_clear(struct svc_response *response);
const char *svc_response_header(const struct svc_response *response, const char *name); /* NULL when absent */

/*
 * An upload in pieces, for front ends that stream; ignores `body` of the request.  NULL if the request never arrives or
 * is answered early, as `response` then says.  `feed` needs no lock.  `end` and `abort` free the upload.
 */
struct svc_upload *svc_upload_begin(struct svc *svc, const struct svc_request *head, int64_t now_ms,
                                    struct svc_response *response);
void svc_upload_feed(struct svc_upload *upload, const void *bytes, size_t size);
void svc_upload_end(struct svc *svc, struct svc_upload *upload, int64_t now_ms, struct svc_response *response);
void svc_upload_abort(struct svc_upload *upload);

/*
 * Adds a fault: "ROUTE:KIND[:key=value]...", see fault.c for the syntax.  False, with a reason in `error`, if it is
 * invalid. Faults are checked in the order in which they were added.
 */
bool svc_add_fault(struct svc *svc, const char *spec, char *error, size_t error_size);
void svc_clear_faults(struct svc *svc);

/* Loads results by SHA-256 of the image: {"images": {NAME: {"sha256", "animal_detect_like"}}}. False with a reason. */
bool svc_load_answers(struct svc *svc, const char *path, char *error, size_t error_size);

/* Direct control.  False if the job is unknown.  State is one of the six of the contract. */
bool svc_job_force_state(struct svc *svc, const char *id, const char *state, const char *code, const char *message);
bool svc_expire_upload(struct svc *svc, const char *id);
void svc_expire_all_uploads(struct svc *svc);
/* The client process was restarted: it may have forgotten what it learned before. */
void svc_client_restarted(struct svc *svc);
/* The same for one job: a front end calls it when its client gave up on an exchange before the response arrived. */
void svc_answer_lost(struct svc *svc, const char *id);

/* State of the model, for tests. */
size_t svc_job_total(const struct svc *svc);
const char *svc_job_id(const struct svc *svc, size_t index); /* in order of creation; NULL past the end */
const char *svc_job_state(const struct svc *svc, const char *id, int64_t now_ms); /* NULL if unknown */
/* SHA-256 of the stored image, 32 bytes; NULL if there is none or the job is unknown. */
const uint8_t *svc_job_digest(const struct svc *svc, const char *id);
int64_t svc_job_done_ms(const struct svc *svc, const char *id); /* its end; INT64_MAX: never; -1: not submitted */

/*
 * The journal: one line of JSON per effect, flushed at once, so that it survives a kill.  Load first, then attach.
 * Loading ignores incomplete lines; false if a line is not the model's.
 */
bool svc_load_state(struct svc *svc, FILE *file, char *error, size_t error_size);
void svc_set_journal(struct svc *svc, FILE *file); /* borrowed; NULL: none */

/* The ledger. */
enum svc_count {
    SVC_COUNT_JOBS,            /* jobs created */
    SVC_COUNT_REPLAYS,         /* creates that returned 200 */
    SVC_COUNT_CONFLICTS,       /* creates that returned 409 */
    SVC_COUNT_IMAGES,          /* distinct images stored, by SHA-256 */
    SVC_COUNT_UPLOADS,         /* uploads stored */
    SVC_COUNT_UPLOADS_REFUSED, /* rejected by the storage */
    SVC_COUNT_UPLOADS_EXPIRED, /* of these, because of an expired URL */
    SVC_COUNT_SUBMITS,         /* jobs that were queued by a submit */
    SVC_COUNT_POLLS,           /* polls that were processed */
    SVC_COUNT_RESULTS,         /* results returned */
    SVC_COUNT_BILLED_TWICE,    /* images (content, operation) for which two or more jobs were submitted and succeed */
    SVC_COUNT_API_REQUESTS,    /* API requests received, including rejected and faulted ones */
    SVC_COUNT_UNAUTHORIZED,    /* 401 */
    SVC_COUNT_LIMITED,         /* 429, from the window or a fault */
    SVC_COUNT_FAULTS,          /* requests affected by a fault */
    SVC_COUNT_FOREIGN,         /* requests to neither API nor storage */
    SVC_COUNT_END
};

enum svc_route {
    SVC_ROUTE_CREATE,
    SVC_ROUTE_UPLOAD,
    SVC_ROUTE_SUBMIT,
    SVC_ROUTE_POLL,
    SVC_ROUTE_FETCH,
    SVC_ROUTE_OTHER,
    SVC_ROUTE_END
};

uint64_t svc_count(const struct svc *svc, enum svc_count count);
/*
 * The API's route of a URL, whatever its origin and base: for a record of requests that never reach the service.  An
 * upload cannot be recognized by its URL.
 */
enum svc_route svc_route_of_url(const char *url);
/*
 * Requests on a route; answer_class 2 to 5 for 2xx to 5xx, 0 for those without a response (reset, stall), -1 for all.
 */
uint64_t svc_route_count(const struct svc *svc, enum svc_route route, int answer_class);
uint64_t svc_max_in_window(const struct svc *svc); /* maximum of API requests received within any 60 s */

/* Violations are "code: message".  All are counted, the first 1,000 are kept. */
size_t svc_violation_count(const struct svc *svc);
size_t svc_violation_count_of(const struct svc *svc, const char *code);
const char *svc_violation(const struct svc *svc, size_t index); /* NULL past those kept */

char *svc_ledger_json(const struct svc *svc); /* from malloc */

#endif
