/* SPDX-License-Identifier: MIT */
/*
 * A model of the Animal Detect service without I/O.  A request and a time go in, an answer and a plan for its delivery
 * come out.  The mock transport and the emulator are its two fronts.  It promises: the same configuration, seed and
 * requests give the same answers, and no request costs time in the number of jobs.  It must never read a clock, touch
 * a socket, or use the library under test.  Running out of memory aborts the process.  Not thread safe: a front with
 * threads holds one lock around it.
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
    SVC_RATE_WINDOW_NONE,     /* a limit without its window */
    SVC_RATE_WINDOW_SECOND,   /* the limit is said to hold for a second */
    SVC_RATE_WINDOW_DAY,      /* ... for a day */
    SVC_RATE_WINDOW_EXHAUSTED /* nothing is said to be left, for days */
};
/* What a job whose end shows as an unknown word has besides. */
enum svc_unknown_form { SVC_UNKNOWN_DRAWN, SVC_UNKNOWN_BARE, SVC_UNKNOWN_ERROR, SVC_UNKNOWN_RESULT, SVC_UNKNOWN_BOTH };
enum svc_rate_headers { SVC_RATE_HEADERS_NONE, SVC_RATE_HEADERS_X, SVC_RATE_HEADERS_DRAFT };

/* Text is copied by svc_new.  Start from svc_config_default. */
struct svc_config {
    const char *api_key;        /* the first accepted key; more by svc_add_key */
    const char *api_origin;     /* without a slash at the end; URLs in answers are named here */
    const char *old_api_origin; /* the older host; also API.  URLs in answers to it are named there */
    const char *answer_origin;  /* when set, answers name their URLs here, whoever was asked */
    const char *storage_origin;
    const char *foreign_origin; /* what foreign-url and redirects point to */
    uint64_t seed;

    const char *processing;  /* fixed:MS, lognormal:MEDIAN_MS:SIGMA, bimodal:MS1:MS2:P, fifo:SERVICE_MS */
    double queue_share;      /* part of the processing time that shows as "queued" */
    double fail_probability; /* chance that a job fails */
    const char *odd_status;  /* a status word of tomorrow, shown ... */
    int64_t odd_status_ms;   /* ... for so long after the submit */

    int64_t rpm; /* API requests in 60 s per key; 0: no limit */
    enum svc_window_kind window;
    enum svc_retry_after retry_after;
    enum svc_rate_headers rate_headers;
    int64_t clock_skew_ms; /* the service's clock against the caller's: Date, expires_at, HTTP dates */
    int64_t poll_hint_s;   /* Retry-After on unfinished status answers; 0: none */

    const char *upload_method;       /* "PUT" */
    const char *upload_header_name;  /* one more header that an upload must carry; NULL: none */
    const char *upload_header_value;
    const char *checksum_field; /* name of the field for the content's SHA-256; NULL: no such field */
    int64_t upload_ttl_ms;
    int64_t job_ttl_ms;
    bool expired_as_403;   /* S3-style refusal of an expired upload URL in place of 400 ExpiredToken */
    bool expired_as_azure; /* Azure-style: AuthenticationFailed, and only its detail names the expiry */
    enum svc_replay_form replay;

    enum svc_submit_form submit;
    int result_early_status; /* answer to a result asked for too early: 409 or 404 */
    enum svc_error_form error_form;
    bool old_info;               /* results without info.model_id */
    bool extra_fields;           /* fields of tomorrow in every answer */
    bool lenient_create;         /* unknown fields of a create are accepted */
    bool shared_jobs;            /* several clients share jobs: a second upload or submit, or a late poll, is allowed */
    bool allow_equal_payloads;   /* reruns are intended: the same work under two keys is no violation */
    bool allow_missing_key;      /* a create without Idempotency-Key is no violation */

    /* Deviations from the contract.  Each share is of all jobs or keys, 0 to 1. */
    double stuck_share;               /* jobs that stay queued or running ... */
    int64_t stuck_ms;                 /* ... for so long after the submit; 0: until they expire */
    double unknown_share;             /* jobs whose end shows as a state word that is not the contract's ... */
    const char *unknown_state;        /* ... this one; NULL: canceled, completed or archived */
    enum svc_unknown_form unknown_form;
    double lost_submit_share;         /* jobs whose first submit is answered well and has no effect */
    double key_in_use_share;          /* keys whose creates are answered 409 idempotency_key_in_use, half of them before
                                         the job exists, half of them after ... */
    int64_t key_in_use_ms;            /* ... for so long */
    int64_t key_in_use_retry_after_s; /* 0: none */
    int64_t late_job_ms;              /* a job's routes answer 404 for so long after its create */
    int late_result_status;           /* 202, 204, 404 or 409 in place of a result ... */
    int64_t late_result_ms;           /* ... for so long after the success */
    enum svc_rate_window rate_window; /* what the rate headers say of the window */
};

struct svc_header {
    const char *name;
    const char *value;
};

/* Borrowed for the call.  Either `url` is whole, or it is NULL and `place` and `target` are set. */
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
    SVC_DELIVER,      /* send the answer */
    SVC_RESET_BEFORE, /* the request had no effect; the connection is reset */
    SVC_RESET_AFTER,  /* it had its effect, but the answer is lost: the connection is reset */
    SVC_STALL         /* no byte ever comes back */
};

#define SVC_MAX_HEADERS 24

struct svc_response {
    int status;
    struct svc_header headers[SVC_MAX_HEADERS]; /* without Content-Length, which is declared_size */
    size_t header_count;
    char *body; /* NUL-terminated beyond body_size; NULL when empty */
    size_t body_size;

    enum svc_delivery delivery;
    int64_t delay_ms;         /* wait before the first byte */
    size_t send_size;         /* body bytes to send, then close when it is not declared_size */
    size_t declared_size;     /* the Content-Length */
    int64_t bytes_per_second; /* 0: no limit */
    bool early;               /* an upload is answered before its body is read */

    char *memory; /* the model's own: what the headers point into */
};

void svc_config_default(struct svc_config *config);

/* NULL when the processing text is not understood. */
struct svc *svc_new(const struct svc_config *config);
void svc_free(struct svc *svc);

/* A second key with its own rate window (rpm 0: no limit); revoked keys answer 401. */
void svc_add_key(struct svc *svc, const char *key, int64_t rpm);
void svc_revoke_key(struct svc *svc, const char *key);
void svc_set_error_form(struct svc *svc, enum svc_error_form form);
void svc_set_clock_skew(struct svc *svc, int64_t skew_ms);

/*
 * One request.  now_ms: milliseconds since 1970, never going back from call to call.  The response is overwritten, and
 * freed with svc_response_clear.
 */
void svc_handle(struct svc *svc, const struct svc_request *request, int64_t now_ms, struct svc_response *response);
void svc_response_clear(struct svc_response *response);
const char *svc_response_header(const struct svc_response *response, const char *name); /* NULL when absent */

/*
 * An upload in pieces, for fronts that stream; `body` of the request is not looked at.  NULL when the request never
 * arrives or is answered early: then `response` says how.  `feed` needs no lock.  `end` and `abort` free the upload.
 */
struct svc_upload *svc_upload_begin(struct svc *svc, const struct svc_request *head, int64_t now_ms,
                                    struct svc_response *response);
void svc_upload_feed(struct svc_upload *upload, const void *bytes, size_t size);
void svc_upload_end(struct svc *svc, struct svc_upload *upload, int64_t now_ms, struct svc_response *response);
void svc_upload_abort(struct svc_upload *upload);

/*
 * A fault: "ROUTE:KIND[:key=value]...", see fault.c for the words.  False, with a reason in `error`, when it is not
 * understood.  Faults are tried in the order in which they were added.
 */
bool svc_add_fault(struct svc *svc, const char *spec, char *error, size_t error_size);
void svc_clear_faults(struct svc *svc);

/* Answers by SHA-256 of the image: {"images": {NAME: {"sha256", "animal_detect_like"}}}.  False with a reason. */
bool svc_load_answers(struct svc *svc, const char *path, char *error, size_t error_size);

/* Direct control.  False when the job is not known.  State is one of the six words of the service. */
bool svc_job_force_state(struct svc *svc, const char *id, const char *state, const char *code, const char *message);
bool svc_expire_upload(struct svc *svc, const char *id);
void svc_expire_all_uploads(struct svc *svc);
/* The client died and is back: what it was told before no longer counts as known to it. */
void svc_client_restarted(struct svc *svc);
/* The same for one job: a front calls it when its client gave up on an exchange before the answer was there. */
void svc_answer_lost(struct svc *svc, const char *id);

/* What the model knows, for tests. */
size_t svc_job_total(const struct svc *svc);
const char *svc_job_id(const struct svc *svc, size_t index); /* in order of creation; NULL past the end */
const char *svc_job_state(const struct svc *svc, const char *id, int64_t now_ms); /* NULL when not known */
/* SHA-256 of the image that it has, 32 bytes; NULL when it has none or is not known. */
const uint8_t *svc_job_digest(const struct svc *svc, const char *id);
int64_t svc_job_done_ms(const struct svc *svc, const char *id); /* when it ends; INT64_MAX: never; -1: not submitted */

/*
 * The journal: one line of JSON per effect, flushed at once, so that it survives a kill.  Load first, then attach.
 * Loading ignores lines that are not whole; false when a line is foreign.
 */
bool svc_load_state(struct svc *svc, FILE *file, char *error, size_t error_size);
void svc_set_journal(struct svc *svc, FILE *file); /* borrowed; NULL: none */

/* The ledger. */
enum svc_count {
    SVC_COUNT_JOBS,            /* jobs created */
    SVC_COUNT_REPLAYS,         /* creates answered 200 */
    SVC_COUNT_CONFLICTS,       /* creates answered 409 */
    SVC_COUNT_IMAGES,          /* distinct images stored, by SHA-256 */
    SVC_COUNT_UPLOADS,         /* uploads stored */
    SVC_COUNT_UPLOADS_REFUSED, /* answered by storage with an error of its own */
    SVC_COUNT_UPLOADS_EXPIRED, /* of these, for an expired URL */
    SVC_COUNT_SUBMITS,         /* jobs that were queued by a submit */
    SVC_COUNT_POLLS,           /* status requests that were processed */
    SVC_COUNT_RESULTS,         /* results handed out */
    SVC_COUNT_BILLED_TWICE,    /* images (content, operation) for which two jobs or more were submitted and succeed */
    SVC_COUNT_API_REQUESTS,    /* API requests that arrived, refused and faulted ones included */
    SVC_COUNT_UNAUTHORIZED,    /* 401 */
    SVC_COUNT_LIMITED,         /* 429, by the window or by a fault */
    SVC_COUNT_FAULTS,          /* requests that a fault touched */
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
 * The API's route of a URL, whatever its origin and base: for a record of requests that never reach the service. An
 * upload cannot be told by its URL.
 */
enum svc_route svc_route_of_url(const char *url);
/* Requests on a route; answer_class 2 to 5 for 2xx to 5xx, 0 for those without an answer (reset, stall), -1 for all. */
uint64_t svc_route_count(const struct svc *svc, enum svc_route route, int answer_class);
uint64_t svc_max_in_window(const struct svc *svc); /* most API requests that arrived within any 60 s */

/* Violations are "code: words".  All are counted, the first 1,000 are kept. */
size_t svc_violation_count(const struct svc *svc);
size_t svc_violation_count_of(const struct svc *svc, const char *code);
const char *svc_violation(const struct svc *svc, size_t index); /* NULL past what is kept */

char *svc_ledger_json(const struct svc *svc); /* from malloc */

#endif
