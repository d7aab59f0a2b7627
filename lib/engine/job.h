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
struct ad_hop;
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

/* What the host said; fixed once a call was started, where nothing else is said. */
struct ad_input {
    struct ad_source source;  /* the image */
    json_t *options;          /* while setters run; NULL afterwards */
    const char *options_text; /* canonical; NULL for none */
    const char *operation;
    const char *filename;
    const char *content_type;
    const char *client_reference_id;
    const char *key;     /* the key in use when it is not derived: the host's, or a random one */
    int64_t call_timeout_ms; /* per call, -1 none */
    int32_t rerun;
    int32_t priority; /* smaller goes first; may change while a call is in flight */
    uint8_t sha256[AD_DIGEST_SIZE];
    bool has_sha256;
    bool host_sha256;   /* given by the host, not computed */
    bool verify_sha256; /* of a job that was saved or restored: what is read must be what was saved */
    bool prepared;      /* checked, hashed or not to be hashed; content type known */
    bool sniffed;       /* the content type was read from the image */
    bool random_key;
    bool kept_key;  /* derived by whoever saved the job, and kept as it was */
    bool started;  /* a call was started: setters are over */
    bool restored; /* from a saved text, or attached to an id */
};

/* How the service gets on with a job that was submitted; course.c alone writes it. */
struct ad_course {
    int64_t submitted_s;  /* by the service's own clock, seconds since 1970; 0 not known; saved with the job */
    int64_t submitted_ms; /* by ours; 0: not in this process */
    int64_t expires_ms;   /* when the service drops the job, by our clock; 0 not known */
    int64_t odd_ms;       /* since when each answer had a state that this version does not know; 0: the last had not */
    int64_t error_ms;     /* since when with the same error */
    int64_t peeked_ms;    /* when a result was last asked for beside the polls; 0 never */
    uint8_t idle_polls;   /* answers since the submit that still say awaiting_upload, up to 255 */
    uint8_t odd_polls;    /* answers since odd_ms, up to 255 */
    uint8_t resubmits;
    bool resubmit; /* the service has lost the submit: make it again */
    bool last_peek; /* and the call ends when there is none: it is overdue */
    bool peek;     /* ask for a result although the state does not say that there is one */
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
    char *unread; /* what came in place of it, malloc; NULL for nothing */
    size_t unread_size;
    struct ad_poll_plan plan;
    uint64_t upload_sent; /* bytes of the last upload */
    int32_t polls;        /* status answers */
    struct ad_course course;
    int32_t http_status;  /* of the last answer */
    uint8_t stage;        /* enum animaldetect_stage */
    uint8_t state;        /* enum animaldetect_state */
    bool ask_first;       /* status before anything else: restored, attached, or the answer of a submit was lost */
    bool need_target;     /* the upload URL is no good any more: ask create again */
    uint8_t uploads;      /* that went on the wire, up to 255 */
    bool found;           /* by a create: an earlier process may have had it */
    bool ended_before;    /* a create found it failed or expired: the end of an earlier run of this image */
    bool target_borrowed; /* the host has read its texts: keep it until a call completes */
    char request_id[AD_REQUEST_ID_SIZE]; /* of the last answer that had one; "" */
};

/* The call in flight, or how the last one completed. */
struct ad_call {
    struct ad_exchange *exchange; /* NULL while none is on the wire */
    struct ad_hop *hop;           /* where its next request goes, of a redirect, malloc; NULL: where its step says */
    struct ad_failure *failure;   /* how it failed; NULL for nothing */
    struct ad_failure *previous;  /* of the call before: the host may hold its texts until this one completes */
    struct ad_failure *pending;   /* what was met on the way, in case the timeout comes; NULL for nothing */
    struct ad_heap_node timer;    /* min(wake, timeout) */
    struct ad_list_node queue;    /* hash queue, an admission queue, or the done queue */
    struct ad_heap_node rank;     /* in place of `queue` where the priority is not 0, but for the done queue */
    struct ad_list_node flight;   /* the engine's calls in flight */
    struct ad_list_node straggler; /* those whose jobs take longer than nearly all others */
    int64_t started_ms;
    int64_t step_entered_ms;
    int64_t timeout_at_ms; /* AD_TIME_NEVER for none */
    int64_t wake_ms;
    int64_t none_ms;      /* since when it has found no network, see found_none */
    int32_t status;       /* AGAIN while in flight */
    int32_t attempts;     /* requests of this call */
    struct ad_lateness {
        int64_t since_ms; /* the first of a row of answers that say "later" */
        uint16_t answers; /* 0: there is none */
    } late[2];            /* of a fetch, and of the other steps: a fetch polls in between */
    uint16_t failures[AD_STEP_COUNT]; /* in a row, by step */
    uint32_t heard;       /* ad_network_hold.heard when it last found no network */
    uint8_t goal;         /* enum ad_goal */
    uint8_t activity;     /* enum ad_activity */
    uint8_t step;         /* enum animaldetect_step it is in or waits for */
    uint8_t queue_class;  /* enum ad_class */
    uint8_t refreshes;    /* fresh upload URLs that were asked for */
    uint8_t rereads;      /* times that its file had to be hashed anew before the upload */
    uint8_t denials;      /* how clearly the service has said that there is no result behind an unknown state */
    bool asked;           /* it had a status answer */
    bool blocks;          /* a thread of the host waits for it in the call itself */
    bool found_none;      /* it has found no network since its last good answer */
    bool past_hold;       /* goes although the account is held: the host asks again, for all */
    bool ahead;           /* stands before all others in its queue: past the hold, or its thread is to be told of it */
    bool in_window;       /* counted among the engine's runs between create and completion */
};

struct animaldetect_job {
    struct ad_engine *engine; /* NULL once the client was freed */
    struct animaldetect_client *client;
    void *user_data;
    char *note; /* the host's own text, malloc; NULL for none */
    struct ad_input input;
    struct ad_remote remote;
    struct ad_call call;
    struct ad_arena texts;   /* of all three */
    uint32_t texts_waste;    /* bytes of texts that were replaced */
    int32_t step_ms[AD_STEP_COUNT];     /* by step, of all calls */
    bool cancel_next;        /* canceled while no call was in flight: the next blocking one is not made */
    const char *refusal;     /* why the last call on the job was refused, static text; NULL */
    const char *key_text;    /* made when asked for; likewise the next */
    const char *sha256_text;
    struct ad_waiter *waiter; /* the first thread that waits for this job */
    animaldetect_job *next_freed;
};

/* NULL when memory runs out. */
animaldetect_job *ad_job_new(const char *operation);
void ad_job_destroy(animaldetect_job *job); /* not in flight any more; without a lock: the host's release may run */

/*
 * Sets a text of the arena, unless it is equal already.  `text` NULL clears it.  ANIMALDETECT_OK or E_NO_MEMORY.
 * The room of the text before stays taken (a host may be reading it) until ad_job_tidy.
 */
AD_CHECKED int32_t ad_job_set_text(animaldetect_job *job, const char **field, const char *text);

/* Clears a text; its room is counted as that of a replaced one. */
void ad_job_drop_text(animaldetect_job *job, const char **field);

/*
 * Packs the texts anew when the room of replaced ones has grown to AD_TEXTS_WASTE bytes, so that neither a host that
 * sets a text again and again nor a service that changes one with every answer makes a job grow without end.  It moves
 * all texts: only where a host may not hold any, in a setter and where a call ends.
 */
#define AD_TEXTS_WASTE 4096
void ad_job_tidy(animaldetect_job *job);

/* Tries of this step that failed in the call in flight, and for each fresh upload URL one more. */
int32_t ad_job_attempts(const animaldetect_job *job, int32_t step);

/* Keeps a URL only when it does not follow from base URL and id. */
AD_CHECKED int32_t ad_job_set_url(animaldetect_job *job, enum ad_job_url which, const char *base_url, const char *url);

/* Keeps what came in place of a result, if there is memory; a host sees it only when the call then fails. */
void ad_job_keep_unread(animaldetect_job *job, const char *bytes, size_t size);

/* The upload target is not needed any more, or no good: freed, or kept while the host holds its texts. */
void ad_job_drop_target(animaldetect_job *job);
void ad_job_free_retired(animaldetect_job *job);

/* The payload of the create request; texts borrowed.  `checksum_field` is the client's (struct ad_config). */
void ad_job_payload(const animaldetect_job *job, const char *checksum_field, struct ad_payload *out);

/* The idempotency key: the host's, the random one, one that was saved, or derived.  E_NO_MEMORY, E_INVALID_ARGUMENT. */
#define AD_KEY_TEXT_SIZE 256
AD_CHECKED int32_t ad_job_key(const animaldetect_job *job, const char *checksum_field, char out[AD_KEY_TEXT_SIZE]);

/* The index of an operation in the planner; AD_PLANNER_OTHER for those that came later. */
int ad_planner_operation(const char *operation);

#endif
