/* SPDX-License-Identifier: MIT */
/*
 * What the files of the model share: its structs, and the functions that one file offers to the others. Not for front
 * ends or tests.
 */
#ifndef TESTING_SERVICE_INTERNAL_H
#define TESTING_SERVICE_INTERNAL_H

#include <jansson.h>
#include <sodium.h>

#include "base/rng.h"
#include "testing/service/service.h"
#include "testing/service/table.h"

#define SVC_DIGEST_SIZE 32
#define SVC_ID_SIZE 37
#define SVC_MAX_IMAGE_BYTES 10485760
#define SVC_MAX_BODY_BYTES 262144
#define SVC_WINDOW_MS 60000
#define SVC_KEPT_VIOLATIONS 1000
#define SVC_MAX_PATH 512

enum svc_operation { SVC_DETECT, SVC_DETECT_URBAN, SVC_FILTER, SVC_FILTER_URBAN, SVC_OPERATION_END };

enum svc_state { SVC_AWAITING, SVC_QUEUED, SVC_RUNNING, SVC_SUCCEEDED, SVC_FAILED, SVC_EXPIRED, SVC_STATE_END };

struct svc_job {
    char id[SVC_ID_SIZE];
    enum svc_operation operation;
    uint64_t serial;
    uint8_t payload[SVC_DIGEST_SIZE]; /* SHA-256 of the canonical payload */
    char *key;                        /* Idempotency-Key, or NULL */
    char *reference;                  /* client_reference_id, or NULL */
    char *content_type;               /* NULL for source_url jobs */
    char *options;                    /* canonical JSON, or NULL */
    int64_t expected_size;            /* -1: absent */
    bool has_checksum;
    uint8_t checksum[SVC_DIGEST_SIZE];
    int64_t created_ms;
    int64_t expires_ms;

    /* Expiry of the create's upload URL, for replays that return no fresh one. */
    int64_t upload_expires_ms;
    uint64_t generation;
    uint64_t min_generation; /* older upload URLs are expired */

    bool uploaded;
    uint8_t digest[SVC_DIGEST_SIZE]; /* of the image, or of the source URL */
    uint64_t size;

    int64_t queued_ms; /* -1 until submitted */
    int64_t running_ms;
    int64_t done_ms;
    enum svc_state forced_state;
    bool forced;
    bool fails;
    bool stuck;
    bool submit_lost; /* a submit succeeded without effect */
    char *error_code;
    char *error_message;
    char *word; /* shown instead of the final state; NULL: none */

    uint64_t end_told; /* the svc->life of the client that learned the final state; 0: none */
    bool word_error;   /* the shown state has an error object */
    bool result_told;  /* a result was returned */
    bool excused;      /* a client had a reason to run the same work again, see work.c */
    bool billed;
};

/* Requests accepted within one window, for one key. */
struct svc_window {
    int64_t limit;
    int64_t *times; /* ring of `limit` accepted requests */
    size_t next;
    size_t held;
    int64_t fixed_start;
    int64_t fixed_count;
};

struct svc_key {
    char *text;
    bool revoked;
    struct svc_window window;
};

/* The ring of svc_max_in_window; grows as needed. */
struct svc_peak {
    int64_t *times;
    size_t capacity;
    size_t head;
    size_t held;
    size_t max;
};

struct svc_processing {
    enum { SVC_FIXED, SVC_LOGNORMAL, SVC_BIMODAL, SVC_FIFO } kind;
    double first;
    double second;
    double share;
};

struct svc_fault;

/* Odd fields in a job or a result, see odd.c. */
enum svc_odd {
    SVC_ODD_NONE,
    SVC_ODD_DRAWN,
    SVC_ODD_NUL,
    SVC_ODD_SURROGATE,
    SVC_ODD_NAN,
    SVC_ODD_NULL_LIST,
    SVC_ODD_SCORE_TEXT,
    SVC_ODD_WIDTH_TEXT,
    SVC_ODD_TAXONOMY_LIST,
    SVC_ODD_MODEL_NUMBER,
    SVC_ODD_NEGATIVE_TIME,
    SVC_ODD_NULL_BOX,
    SVC_ODD_ID_TEXT,
    SVC_ODD_TWICE,
    SVC_ODD_BOM,
    SVC_ODD_MEMBERS,
    SVC_ODD_NULL_EXPIRY,
    SVC_ODD_ERROR_TEXT,
    SVC_ODD_END
};

struct svc {
    struct svc_config config; /* owns every text */
    struct svc_processing processing;
    uint8_t signing_key[crypto_auth_hmacsha256_KEYBYTES];
    struct ad_rng fault_rng;

    struct svc_key *keys;
    size_t key_count;

    struct svc_job **jobs;
    size_t job_count;
    size_t job_capacity;
    struct svc_table by_id;
    struct svc_table by_key;
    struct svc_table works;
    struct svc_table bills;
    struct svc_table key_uses;
    struct svc_table images;
    int64_t worker_free_ms; /* fifo */
    uint64_t generation;
    uint64_t min_generation;
    uint64_t life;
    uint64_t request_serial;
    int64_t first_ms; /* of the first request */

    struct svc_fault *faults;
    size_t fault_count;
    struct svc_table answers; /* digest to json_t annotations */
    json_t *answers_root;

    uint64_t counts[SVC_COUNT_END];
    uint64_t routes[SVC_ROUTE_END][6];
    struct svc_peak peak;
    char **violations;
    size_t violations_kept;
    size_t violation_count;
    struct svc_table violation_codes; /* code to size_t count */

    FILE *journal;
};

/* One request being handled. */
struct svc_exchange {
    struct svc *svc;
    const struct svc_request *request;
    enum svc_place place;
    enum svc_route route;
    char path[SVC_MAX_PATH]; /* without the query; for the API, below the base */
    char id[SVC_ID_SIZE];    /* of the requested job, or "" */
    const char *query;       /* "" when there is none */
    const char *base;        /* "/v1" or "/api/v1" */
    const char *origin;      /* origin of the URLs in the response */
    int64_t now_ms;
    struct svc_response *response;
    struct svc_job *told_end;        /* the response says that this job has finished */
    struct svc_job *told_result;     /* the response is the result of this job */
    bool foreign_urls;               /* fault */
    enum svc_odd odd;                /* fault */
    char moved_origin[SVC_MAX_PATH]; /* of a redirect that led here */
};

/* The combined effects of the faults that fire. */
struct svc_effects {
    bool any;
    bool harms; /* the response may be unreadable, or not arrive */
    enum svc_delivery delivery;
    int status;     /* 0: none */
    bool edge;      /* the response comes from in front of the service */
    const char *to; /* of a redirect; NULL: foreign */
    enum svc_odd odd;
    bool after_effect;     /* of a status, an HTML page or a stall */
    int64_t retry_after_s; /* -1: none */
    int64_t retry_date_s;  /* -1: none */
    char *code;
    char *message;
    int html; /* status of an HTML page; 0: none */
    bool truncate, malformed, wrong_length, early, foreign_urls;
    size_t huge_size;
    int64_t delay_ms;
    int64_t bytes_per_second;
    struct svc_header headers[4]; /* owned by the faults */
    size_t header_count;
};

/* memory.c: aborts when out of memory. */
void *svc_alloc(size_t size); /* zeroed */
void *svc_grow(void *memory, size_t count, size_t size);
char *svc_copy(const char *text); /* NULL gives NULL */

/* text.c */
const char *svc_state_name(enum svc_state state);
bool svc_equal_nocase(const char *a, const char *b);
const char *svc_request_header(const struct svc_request *request, const char *name); /* NULL when absent */
bool svc_query_value(const char *query, const char *name, char *out, size_t out_size);
void svc_format_iso(int64_t ms, char out[32]);
void svc_format_http_date(int64_t ms, char out[40]);
bool svc_parse_hex(const char *hex, uint8_t out[SVC_DIGEST_SIZE]); /* exactly 64 digits */
bool svc_parse_int(const char *text, int64_t *out);
bool svc_parse_double(const char *text, double *out);
void svc_make_uuid(struct ad_rng *rng, char out[SVC_ID_SIZE]);
int64_t svc_server_ms(const struct svc_exchange *exchange); /* now, by the service's clock */

/* answer.c: fills exchange->response. */
void svc_answer_header(struct svc_response *response, const char *name, const char *value);
void svc_answer_text(struct svc_exchange *exchange, int status, const char *type, const char *body, size_t size);
void svc_answer_json(struct svc_exchange *exchange, int status, json_t *body); /* takes ownership of the reference */
void svc_answer_error(struct svc_exchange *exchange, int status, const char *code, const char *message);
/* `detail` is Azure's, or NULL. */
void svc_answer_xml(struct svc_exchange *exchange, int status, const char *code, const char *message,
                    const char *detail);
void svc_answer_retry_after(struct svc_exchange *exchange, int64_t seconds);
void svc_answer_begin(struct svc_exchange *exchange);  /* empties the response */
void svc_answer_finish(struct svc_exchange *exchange); /* Date, request id, sizes */

/* route.c */
void svc_route_find(struct svc_exchange *exchange);
bool svc_url_has_origin(const char *url, const char *origin);

/* move.c */
const char *svc_move_check(const struct svc *svc, const char *place); /* NULL, or the error message */
/* True if the request is at the place already; URLs in the response are then on its origin. */
bool svc_move_is_there(struct svc_exchange *exchange, const char *place);
void svc_move_answer(struct svc_exchange *exchange, const char *place); /* Location */

/* odd.c */
enum svc_odd svc_odd_from(const char *name); /* SVC_ODD_NONE when not known */
/* A job or a result, with the exchange's odd field; takes ownership of the reference. */
void svc_odd_answer(struct svc_exchange *exchange, int status, json_t *body, bool is_result);

/* handover.c */
void svc_handover(struct svc_exchange *exchange, const struct svc_effects *effects);

/* window.c */
struct svc_key *svc_key_find(const struct svc *svc, const char *bearer);
void svc_key_add(struct svc *svc, const char *text, int64_t rpm);
bool svc_window_accept(struct svc_window *window, enum svc_window_kind kind, int64_t now_ms, int64_t *retry_s);
void svc_window_headers(struct svc_exchange *exchange, const struct svc_window *window);
void svc_window_free(struct svc_window *window);
void svc_peak_add(struct svc_peak *peak, int64_t now_ms);

/* payload.c: NULL, or the error message. */
const char *svc_payload_check(const struct svc_config *config, json_t *payload);
void svc_payload_digest(const json_t *payload, uint8_t out[SVC_DIGEST_SIZE]);
const char *svc_operation_name(enum svc_operation operation);
enum svc_operation svc_operation_from(const char *name); /* SVC_OPERATION_END when not known */

/* exchange.c: the part of every request before and after its route. */
void svc_exchange_begin(struct svc_exchange *exchange, struct svc *svc, const struct svc_request *request,
                        int64_t now_ms, struct svc_response *response);
void svc_exchange_end(struct svc_exchange *exchange);

/* head.c: violations in the head of a request. */
void svc_head_check_api(const struct svc_exchange *exchange);
void svc_head_check_storage(const struct svc_exchange *exchange);
void svc_head_check_elsewhere(const struct svc_exchange *exchange);

/* create.c, job.c, job_route.c, upload.c, result.c */
void svc_create(struct svc_exchange *exchange);
void svc_submit(struct svc_exchange *exchange);
void svc_status(struct svc_exchange *exchange);
void svc_result(struct svc_exchange *exchange);
void svc_answer_result(struct svc_exchange *exchange, struct svc_job *job); /* of a job that succeeded */
/* A fetch of a job without a result: no violation if the job has expired since, or shows an unknown state. */
void svc_judge_early_fetch(struct svc_exchange *exchange, const struct svc_job *job, enum svc_state state);
struct svc_job *svc_job_find(const struct svc *svc, const char *id);
struct svc_job *svc_job_add(struct svc *svc, struct svc_job *job); /* takes ownership */
void svc_job_free(struct svc_job *job);
enum svc_state svc_job_state_at(const struct svc_job *job, int64_t now_ms);
/* The state as shown in a response, which may be outside of the contract. */
const char *svc_job_shown_state(const struct svc_exchange *exchange, const struct svc_job *job, enum svc_state state);
enum svc_state svc_state_from(const char *name); /* SVC_STATE_END when not known */
void svc_job_store_image(struct svc *svc, struct svc_job *job, const uint8_t digest[SVC_DIGEST_SIZE], uint64_t size);
json_t *svc_job_json(struct svc_exchange *exchange, const struct svc_job *job);
json_t *svc_upload_json(struct svc_exchange *exchange, struct svc_job *job, bool fresh);
json_t *svc_result_json(const struct svc *svc, const struct svc_job *job);

/* work.c: `submitted` checks whether the job may repeat another one, `restore` does not. */
void svc_work_submitted(struct svc *svc, struct svc_job *job, int64_t now_ms);
void svc_work_restore(struct svc *svc, struct svc_job *job);
void svc_work_bill(struct svc *svc, struct svc_job *job);   /* after a change of the job's outcome */
void svc_work_excuse(struct svc *svc, struct svc_job *job); /* NULL: none */
void svc_work_free(struct svc *svc);

/* deviation.c */
void svc_deviation_start(struct svc *svc, struct svc_job *job); /* the job was queued: may change its outcome */
bool svc_deviation_loses_submit(const struct svc *svc, const struct svc_job *job);
/* `job` is the key's, or NULL. */
bool svc_deviation_key_in_use(struct svc *svc, const char *key, const struct svc_job *job, int64_t now_ms);
void svc_deviation_free(struct svc *svc);

/* processing.c */
bool svc_processing_parse(const char *text, struct svc_processing *out);
void svc_processing_start(struct svc *svc, struct svc_job *job, int64_t now_ms);

/* fault.c, effect.c */
void svc_fault_effects(struct svc_exchange *exchange, struct svc_effects *effects);
bool svc_effect_before(struct svc_exchange *exchange, const struct svc_effects *effects); /* true: request complete */
void svc_effect_after(struct svc_exchange *exchange, const struct svc_effects *effects);
void svc_faults_free(struct svc *svc);

/* ledger.c */
void svc_violate(struct svc *svc, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void svc_violation_restore(struct svc *svc, const char *text);
void svc_count_answer(struct svc_exchange *exchange);
void svc_ledger_free(struct svc *svc);

/* journal.c: one line per effect. */
void svc_journal_create(struct svc *svc, const struct svc_job *job);
void svc_journal_upload(struct svc *svc, const struct svc_job *job);
void svc_journal_submit(struct svc *svc, const struct svc_job *job);
void svc_journal_lost_submit(struct svc *svc, const struct svc_job *job);
void svc_journal_force(struct svc *svc, const struct svc_job *job);
void svc_journal_expire(struct svc *svc, const struct svc_job *job); /* NULL: all uploads */
void svc_journal_excuse(struct svc *svc, const struct svc_job *job);
void svc_journal_violation(struct svc *svc, const char *text);

/* signature.c */
void svc_signed_url(const struct svc *svc, const char *path, int64_t expires_ms, uint64_t generation, char *out,
                    size_t out_size);
/* True if the query's signature is ours; returns its expiry and generation. */
bool svc_signature_holds(const struct svc_exchange *exchange, int64_t *expires_ms, int64_t *generation);

#endif
