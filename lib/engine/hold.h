/* SPDX-License-Identifier: MIT */
/*
 * What keeps requests back: no network, a refused account, a service that asks for a wait.  The state of each, and the
 * questions that admission and hosts ask; the quota's own hold is in the pacer.
 *
 *   network   all calls wait; one request at a time probes, 1 s to 60 s apart
 *   account   creates wait, after several refusals of the key every API request, until the host acts or asks again
 *   service   API requests wait for the time that the service named; one probes in between
 */
#ifndef AD_ENGINE_HOLD_H
#define AD_ENGINE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "engine/config.h"

struct ad_network_hold {
    int32_t row;      /* failures without an answer of the service in between */
    int32_t status;   /* of the last one */
    uint32_t heard;   /* answers of the service so far */
    uint32_t back;    /* the one that ended the last hold */
    int64_t since_ms; /* the first, or when a call came to wait after a time without any */
    int64_t failed_ms; /* the last of them */
    int64_t probe_ms; /* when the next probe may go */
    int64_t heard_ms; /* when the last of them came */
    uint8_t probes;   /* in a row that failed */
    uint8_t asked;    /* admission class of the last one */
    bool on;
    bool idle;       /* no call was waiting when last looked */
    char words[256]; /* of the last failure */
};

struct ad_account_hold {
    int32_t status;     /* E_UNAUTHORIZED, E_PAYMENT_REQUIRED; 0: not held */
    int32_t refusals;   /* of the key, in a row */
    int64_t refused_ms; /* the last one */
    uint32_t key;       /* number of the key that is set: it goes up with each */
    bool creates;       /* a create was refused */
    bool all;           /* not only creates */
};

struct ad_service_hold {
    int64_t asked_ms; /* when the service last asked for the wait, or a probe asked the service */
    int64_t told_ms;  /* the end of the wait that the log was told of */
    bool busy;        /* it said 5xx; otherwise it was about quota */
};

struct ad_hold {
    struct ad_network_hold network;
    struct ad_account_hold account;
    struct ad_service_hold service;
    bool probing;       /* a probe is on the wire */
    uint64_t giving_up; /* calls that wait, also for their hash, and are still to be failed, since there is no network */
};

void ad_hold_init(struct ad_hold *hold);

/* ---- network ---- */

/* A request that found no network. */
struct ad_network_failure {
    int32_t status;
    const char *words; /* what it met */
    int64_t sent_ms;
    bool probe; /* it was the one that was let through */
};

/* True: the patience is used up, calls that wait fail. */
bool ad_hold_network_failed(struct ad_network_hold *network, const struct ad_config *config,
                            const struct ad_network_failure *failure, int64_t now_ms, struct ad_rng *rng);
/* The service was heard: no hold.  True if there was one. */
bool ad_hold_network_heard(struct ad_network_hold *network, int64_t now_ms);
/* The patience is used up: no hold either, though nothing was heard. */
void ad_hold_network_end(struct ad_network_hold *network);
/* The host has changed the patience: the last probe comes when it ends, and nothing is held without any. */
void ad_hold_network_patience(struct ad_network_hold *network, const struct ad_config *config);
/* Something waits, or nothing does: the patience runs only while a call is held. */
void ad_hold_network_seen(struct ad_network_hold *network, bool waiting, int64_t now_ms);
/* The next probe may go at once. */
void ad_hold_network_hurry(struct ad_network_hold *network, int64_t now_ms);

/* ---- account ---- */

/* The service refused the key or the account: final for this call. */
void ad_hold_refused(struct ad_account_hold *account, int32_t status, bool create, int64_t now_ms);
/* The API answered well with the key that is set now. */
void ad_hold_accepted(struct ad_account_hold *account, bool create);
void ad_hold_resume(struct ad_account_hold *account);
/* Is it better to tell a thread that would block than to let it wait for its own host? */
bool ad_hold_refuses(const struct ad_account_hold *account, bool create, int64_t now_ms);

#endif
