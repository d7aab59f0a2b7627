/* SPDX-License-Identifier: MIT */
/*
 * A job: what the host said, what the service said, and where its call in flight stands.  A job that waits must stay
 * small (1.5 KiB with all its texts): what only an exchange needs lives in the exchange.
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
struct ad_waiter;

/* How far a call is to go. */
enum ad_goal { AD_GOAL_CREATE, AD_GOAL_UPLOAD, AD_GOAL_SUBMIT, AD_GOAL_POLL, AD_GOAL_FETCH, AD_GOAL_RUN };

/* Where the call in flight stands. */
enum ad_activity {
    AD_ACTIVITY_IDLE,     /* no call */
    AD_ACTIVITY_HASHING,  /* in the hash queue */
    AD_ACTIVITY_WAITING,  /* in an admission queue */
    AD_ACTIVITY_WIRE,     /* has an exchange in progress */
    AD_ACTIVITY_SLEEPING, /* until `wake_ms`: backoff, or the next poll */
    AD_ACTIVITY_DONE      /* completed, not taken yet */
};

/* What the host said; fixed once a call was started. */
struct ad_input {
    struct ad_source source;  /* the image */
    json_t *options;          /* while setters run; NULL afterwards */
    const char *options_text; /* canonical; NULL for none */
    const char *operation;
    const char *filename;
    const char *content_type;
    const char *client_reference_id;
    const char *key;     /* the key in use when it is not derived: the host's, or a random one */
    int64_t deadline_ms; /* per call, -1 none */
    int32_t rerun;
    uint8_t sha256[AD_DIGEST_SIZE];
    bool has_sha256;
    bool host_sha256;   /* given by the host, not computed */
    bool verify_sha256; /* of a restored job: what is read must be what was saved */
    bool prepared;      /* checked, hashed or not to be hashed; content type known */
    bool sniffed;       /* the content type was read from the image */
    bool random_key;
    bool started;  /* a call was started: setters are over */
    bool restored; /* from a saved text, or attached to an id */
};

/* What the service said. */
struct ad_remote {
    const char *id;         /* NULL while there is none */
    const char *state_word; /* only for ANIMALDETECT_STATE_OTHER */
    const char *submit_url; /* these three: NULL when they follow from base URL and id */
    const char *status_url;
    const char *result_url;
    const char *expires_at;
    const char *error_code; /* of a job that the service failed */
    const char *error_message;
    struct ad_target *target;
    struct ad_target
        *retired_targets; /* borrowed by the host while they were replaced; freed when the call completes */
    animaldetect_result *result;
    struct ad_poll_plan plan;
    uint64_t upload_sent; /* bytes of the last upload */
    int32_t polls;        /* status answers */
    int32_t http_status;  /* of the last answer */
    uint8_t stage;        /* enum animaldetect_stage */
    uint8_t state;        /* enum animaldetect_state */
    bool ask_first;       /* status before anything else: restored, attached, or the answer of a submit was lost */
    bool need_target;     /* the upload URL is no good any more: ask create again */
    bool target_borrowed; /* the host holds its texts: keep it until the call completes */
    char request_id[AD_REQUEST_ID_SIZE]; /* of the last answer that had one; "" */
};

/* The call in flight, or how the last one completed. */
struct ad_call {
    struct ad_exchange *exchange; /* NULL while none is on the wire */
    struct ad_failure *failure;   /* how it failed; NULL for nothing */
    struct ad_failure *pending;   /* what was met on the way, in case the deadline comes; NULL for nothing */
    struct ad_heap_node timer;    /* min(wake, deadline) */
    struct ad_list_node queue;    /* hash queue, an admission queue, or the done queue */
    struct ad_list_node flight;   /* the engine's calls in flight */
    int64_t started_ms;
    int64_t step_entered_ms;
    int64_t deadline_at_ms; /* AD_TIME_NEVER for none */
    int64_t wake_ms;
    int32_t status;       /* AGAIN while in flight */
    int32_t attempts;     /* requests of this call */
    uint16_t failures[AD_STEP_COUNT]; /* in a row, by step */
    uint8_t goal;         /* enum ad_goal */
    uint8_t activity;     /* enum ad_activity */
    uint8_t step;         /* enum animaldetect_step it is in or waits for */
    uint8_t queue_class;  /* enum ad_class */
    bool asked;           /* it had a status answer */
    bool in_window;       /* counted among the engine's runs between create and completion */
};

struct animaldetect_job {
    struct ad_engine *engine; /* NULL once the client was freed */
    struct animaldetect_client *client;
    void *user_data;
    struct ad_input input;
    struct ad_remote remote;
    struct ad_call call;
    struct ad_arena texts;   /* of all three */
    uint32_t texts_waste;    /* bytes of texts that were replaced */
    int32_t step_ms[AD_STEP_COUNT];     /* by step, of all calls */
    const char *refusal;     /* why the last call on the job was refused, static text; NULL */
    const char *key_text;    /* made when asked for; likewise the next */
    const char *sha256_text;
    struct ad_waiter *waiter; /* the first thread that waits for this job */
    animaldetect_job *next_freed;
};

/* NULL when memory runs out. */
animaldetect_job *ad_job_new(const char *operation);
void ad_job_destroy(animaldetect_job *job); /* not in flight any more */

/*
 * Sets a text of the arena, unless it is equal already.  `text` NULL clears it.  ANIMALDETECT_OK or E_NO_MEMORY.
 * The room of the text before stays taken (a host may be reading it) until ad_job_tidy.
 */
AD_CHECKED int32_t ad_job_set_text(animaldetect_job *job, const char **field, const char *text);

/*
 * Packs the texts anew when the room of replaced ones has grown to AD_TEXTS_WASTE bytes, so that neither a host that
 * sets a text again and again nor a service that changes one with every answer makes a job grow without end.  It moves
 * all texts: only where a host may not hold any, in a setter and where a call ends.
 */
#define AD_TEXTS_WASTE 4096
void ad_job_tidy(animaldetect_job *job);

/* The URL as text, derived into the arena where the service did not name one.  NULL without an id or memory. */
const char *ad_job_url(animaldetect_job *job, enum ad_job_url which, const char *base_url);

/* Keeps a URL only when it does not follow from base URL and id. */
AD_CHECKED int32_t ad_job_set_url(animaldetect_job *job, enum ad_job_url which, const char *base_url, const char *url);

/* The upload target is not needed any more, or no good: freed, or kept while the host holds its texts. */
void ad_job_drop_target(animaldetect_job *job);
void ad_job_free_retired(animaldetect_job *job);

/* The payload of the create request; texts borrowed from the job. */
void ad_job_payload(const animaldetect_job *job, struct ad_payload *out);

/* The idempotency key: the host's, the random one, or derived.  E_NO_MEMORY, E_INVALID_ARGUMENT. */
#define AD_KEY_TEXT_SIZE 256
AD_CHECKED int32_t ad_job_key(const animaldetect_job *job, char out[AD_KEY_TEXT_SIZE]);

/* The index of an operation in the planner; AD_PLANNER_OTHER for those that came later. */
int ad_planner_operation(const char *operation);

#endif
