/* SPDX-License-Identifier: MIT */
/*
 * A job: input from the host, state from the service, and the call in flight.  A waiting job must stay small (1.5 KiB
 * with all its texts): what only an exchange needs is in the exchange.
 */
#ifndef AD_ENGINE_JOB_H
#define AD_ENGINE_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/types.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/heap.h"
#include "base/list.h"
#include "engine/failure.h"
#include "engine/planner.h"
#include "engine/source.h"
#include "engine/step_count.h"
#include "engine/target.h"
#include "protocol/hints.h"
#include "protocol/payload.h"
#include "protocol/request.h"

struct ad_engine;
struct ad_exchange;
struct ad_hop;
struct ad_waiter;

/* How far a call goes. */
enum ad_goal { AD_GOAL_CREATE, AD_GOAL_UPLOAD, AD_GOAL_SUBMIT, AD_GOAL_POLL, AD_GOAL_FETCH, AD_GOAL_RUN };

/* What the call in flight is doing. */
enum ad_activity {
    AD_ACTIVITY_IDLE,     /* no call */
    AD_ACTIVITY_HASHING,  /* in the hash queue */
    AD_ACTIVITY_WAITING,  /* in an admission queue */
    AD_ACTIVITY_WIRE,     /* has an exchange on the wire */
    AD_ACTIVITY_SLEEPING, /* until `wake_ms`: backoff, or the next poll */
    AD_ACTIVITY_DONE      /* completed, not collected */
};

/* What the host set; fixed once a call has started, except where noted. */
struct ad_input {
    struct ad_source source;  /* the image */
    json_t *options;          /* while setters may run; NULL afterwards */
    const char *options_text; /* canonical; NULL for none */
    const char *operation;
    const char *filename;
    const char *content_type;
    const char *client_reference_id;
    const char *key;         /* the key, unless it is derived: set by the host, or random */
    int64_t call_timeout_ms; /* per call, -1 none */
    int32_t rerun;
    int32_t priority; /* lower goes first; may change while a call is in flight */
    uint8_t sha256[AD_DIGEST_SIZE];
    bool has_sha256;
    bool host_sha256;   /* set by the host, not computed */
    bool verify_sha256; /* of a saved or restored job: the image must match the saved digest */
    bool prepared;      /* checked, hashed if needed; content type known */
    bool sniffed;       /* the content type was detected from the image */
    bool random_key;
    bool kept_key; /* a derived key, kept from the saved text */
    bool started;  /* a call was started: setters are refused */
    bool restored; /* from a saved text, or attached by id */
};

/* Processing of a submitted job at the service; written by progress.c only. */
struct ad_progress {
    int64_t submitted_s;  /* by the service's clock, seconds since 1970; 0 unknown; saved with the job */
    int64_t submitted_ms; /* by our clock; 0: not submitted by this process */
    int64_t expires_ms;   /* when the service drops the job, by our clock; 0 unknown */
    int64_t unknown_ms;   /* since when all responses had an unknown state; 0: the last had a known one */
    int64_t error_ms;     /* since when with the same error */
    int64_t result_checked_ms; /* when a result was last requested between polls; 0 never */
    uint8_t idle_polls;   /* responses since the submit that still say awaiting_upload, saturating at 255 */
    uint8_t unknown_polls; /* responses since unknown_ms, saturating at 255 */
    uint8_t resubmits;
    bool resubmit;  /* the service lost the submit: send it again */
    bool last_check;   /* the job is overdue: the call fails if there is no result */
    bool check_result; /* request the result although the state does not say that there is one */
};

/* What the service said. */
struct ad_remote {
    const char *id;         /* NULL before the create */
    const char *state_word; /* only for ANIMALDETECT_STATE_OTHER */
    const char *submit_url; /* these three: NULL when derived from base URL and id */
    const char *status_url;
    const char *result_url;
    const char *expires_at;
    const char *error_code; /* of a job that failed at the service */
    const char *error_message;
    struct ad_target *target;
    struct ad_target *retired_targets; /* the host held their texts; freed on completion */
    animaldetect_result *result;
    char *unread; /* the body received instead of a result, malloc; NULL for none */
    size_t unread_size;
    struct ad_poll_plan plan;
    uint64_t upload_sent; /* bytes of the last upload */
    int32_t polls;        /* responses to polls */
    struct ad_progress progress;
    int32_t http_status;  /* of the last response */
    uint8_t stage;        /* enum animaldetect_stage */
    uint8_t state;        /* enum animaldetect_state */
    bool ask_first;       /* poll before anything else: restored, attached, or the response to a submit was lost */
    bool need_target;     /* the upload URL is no longer valid: create again for a fresh one */
    uint8_t uploads;      /* uploads put on the wire, saturating at 255 */
    bool found;           /* by a create: an earlier process may have uploaded it */
    bool ended_before;    /* a create found it failed or expired: the outcome of an earlier run of this image */
    bool target_borrowed; /* the host holds its texts: keep it until a call completes */
    char request_id[AD_REQUEST_ID_SIZE]; /* of the last response that had one; "" */
};

/* The call in flight, or how the last one completed. */
struct ad_call {
    struct ad_exchange *exchange; /* NULL while none is on the wire */
    struct ad_hop *hop;           /* next URL after a redirect, malloc; NULL: the URL of the step */
    struct ad_failure *failure;   /* NULL when there is none */
    struct ad_failure *previous;  /* of the previous call: the host may hold its texts until this one completes */
    struct ad_failure *pending;   /* the last error, reported on timeout; NULL for none */
    struct ad_heap_node timer;    /* min(wake, timeout) */
    struct ad_list_node queue;    /* hash queue, an admission queue, or the done queue */
    struct ad_heap_node rank;     /* replaces `queue` where the priority is not 0, except in the done queue */
    struct ad_list_node flight;   /* in the engine's list of calls in flight */
    struct ad_list_node straggler; /* in the list of calls whose jobs are late */
    int64_t started_ms;
    int64_t step_entered_ms;
    int64_t timeout_at_ms; /* AD_TIME_NEVER for none */
    int64_t wake_ms;
    int64_t none_ms;      /* since when it cannot reach the network, see found_none */
    int32_t status;       /* AGAIN while in flight */
    int32_t attempts;     /* requests of this call */
    struct ad_lateness {
        int64_t since_ms;             /* the first of consecutive responses with the verdict "later" */
        uint16_t answers;             /* their number */
    } late[2];                        /* [0] of other steps, [1] of a fetch, between whose attempts there are polls */
    uint16_t failures[AD_STEP_COUNT]; /* consecutive, by step */
    uint32_t responses;               /* ad_network_hold.responses when it last failed to reach the network */
    uint8_t goal;         /* enum ad_goal */
    uint8_t activity;     /* enum ad_activity */
    uint8_t step;         /* enum animaldetect_step it is in or waits for */
    uint8_t queue_class;  /* enum ad_class */
    uint8_t refreshes;    /* requests for fresh upload URLs */
    uint8_t rereads;      /* times that its file had to be hashed again before the upload */
    uint8_t denials;      /* how clearly the service has denied a result while the state is unknown */
    bool asked;           /* it has had the response to a poll */
    bool blocks;          /* a thread of the host is blocked in the call */
    bool found_none;      /* it has not reached the network since its last good response */
    bool past_hold;       /* sent although the account is held: a retry by the host, on behalf of all */
    bool ahead;           /* first in its queue: sent despite the hold, or failed because its thread blocks */
    bool in_window;       /* counted in the window: between create and completion */
};

struct animaldetect_job {
    struct ad_engine *engine; /* NULL once the client is freed */
    struct animaldetect_client *client;
    void *user_data;
    char *note; /* the host's own text, malloc; NULL for none */
    struct ad_input input;
    struct ad_remote remote;
    struct ad_call call;
    struct ad_arena texts;          /* of the three structs above */
    uint32_t texts_waste;           /* bytes of replaced texts in the arena */
    int32_t step_ms[AD_STEP_COUNT]; /* by step, over all calls */
    bool cancel_next;               /* canceled without a call in flight: the next blocking call is not started */
    const char *refusal;     /* why the last call on the job was refused, static text; NULL */
    const char *key_text;    /* computed on request; also the next */
    const char *sha256_text;
    struct ad_waiter *waiter; /* the first thread waiting for this job */
    animaldetect_job *next_freed;
};

/* NULL when out of memory. */
animaldetect_job *ad_job_new(const char *operation);
void ad_job_destroy(animaldetect_job *job); /* not in flight; without the lock: may call the host's release */

/*
 * Sets a text in the arena, unless it is equal already.  `text` NULL clears it.  ANIMALDETECT_OK or E_NO_MEMORY. The
 * old text keeps its memory until ad_job_tidy, since the host may be reading it.
 */
AD_CHECKED int32_t ad_job_set_text(animaldetect_job *job, const char **field, const char *text);

/* Clears a text; its memory counts as waste, as that of a replaced one. */
void ad_job_drop_text(animaldetect_job *job, const char **field);

/*
 * Repacks the texts once replaced ones waste AD_TEXTS_WASTE bytes, so that a job does not grow without bound, neither
 * by a host that sets a text repeatedly nor by a service that changes one in every response.  It moves all texts: call
 * it only where the host may not hold any, in a setter and on completion.
 */
#define AD_TEXTS_WASTE 4096
void ad_job_tidy(animaldetect_job *job);

/* Failed attempts of this step in the call in flight, plus one per fresh upload URL. */
int32_t ad_job_attempts(const animaldetect_job *job, int32_t step);

/* Stores a URL only if it cannot be derived from base URL and id. */
AD_CHECKED int32_t ad_job_set_url(animaldetect_job *job, enum ad_job_url which, const char *base_url, const char *url);

/* Keeps the body received instead of a result, if memory allows; the host sees it only if the call fails. */
void ad_job_keep_unread(animaldetect_job *job, const char *bytes, size_t size);

/*
 * Frees the upload target, or retires it while the host holds its texts.  It is no longer needed, or no longer valid.
 */
void ad_job_drop_target(animaldetect_job *job);
void ad_job_free_retired(animaldetect_job *job);

/* The payload of the create request; texts are borrowed.  `checksum_field` is the client's (struct ad_config). */
void ad_job_payload(const animaldetect_job *job, const char *checksum_field, struct ad_payload *out);

/* The idempotency key: set by the host, random, saved, or derived.  E_NO_MEMORY, E_INVALID_ARGUMENT. */
#define AD_KEY_TEXT_SIZE 256
AD_CHECKED int32_t ad_job_key(const animaldetect_job *job, const char *checksum_field, char out[AD_KEY_TEXT_SIZE]);

/* The planner's index of an operation; AD_PLANNER_OTHER for one that this version does not know. */
int ad_planner_operation(const char *operation);

#endif
