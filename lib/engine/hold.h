/* SPDX-License-Identifier: MIT */
/*
 * Why requests wait: no network, a refused account, a service that asks for a delay.  The state of each hold, and the
 * queries for admission and hosts; the quota's own hold is in the pacer.
 *
 *   network   all calls wait; one request at a time probes, 1 s to 60 s apart
 *   account   creates wait, after several refusals of the key every API request, until the host acts or retries
 *   service   API requests wait for the time that the service named; one probes in between
 */
#ifndef AD_ENGINE_HOLD_H
#define AD_ENGINE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "engine/config.h"

struct ad_network_hold {
    int32_t row;       /* consecutive failures without a response of the service */
    int32_t status;    /* of the last failure */
    uint32_t responses; /* responses of the service so far */
    uint32_t back;      /* the value of `responses` when the last hold ended */
    int64_t since_ms;  /* the first failure, or when a call came to wait after a time without any */
    int64_t failed_ms; /* the last failure */
    int64_t probe_ms; /* when the next probe may go */
    int64_t response_ms; /* the last response */
    uint8_t probes;   /* consecutive failed probes */
    uint8_t asked;    /* admission class of the last probe */
    bool on;
    bool idle;       /* no call was waiting when last checked */
    char message[256]; /* message of the last failure */
};

struct ad_account_hold {
    int32_t status;     /* E_UNAUTHORIZED, E_PAYMENT_REQUIRED; 0: not held */
    int32_t refusals;   /* consecutive refusals of the key */
    int64_t refused_ms; /* the last refusal */
    uint32_t key;       /* number of the current key, incremented with each new key */
    bool creates;       /* a create was refused */
    bool all;           /* everything is held, not only creates */
};

struct ad_service_hold {
    int64_t asked_ms; /* when the service last asked for the delay, or the last probe was sent */
    int64_t logged_ms; /* the end of the hold that was logged */
    bool busy;        /* because of a 5xx; otherwise because of quota */
};

struct ad_hold {
    struct ad_network_hold network;
    struct ad_account_hold account;
    struct ad_service_hold service;
    bool probing;       /* a probe is on the wire */
    uint64_t giving_up; /* waiting or hashing calls still to be failed for lack of a network */
};

void ad_hold_init(struct ad_hold *hold);

/* ---- network ---- */

/* A request that could not reach the network. */
struct ad_network_failure {
    int32_t status;
    const char *message; /* error message */
    int64_t sent_ms;
    bool probe; /* it was a probe */
};

/* True: the offline patience is used up, and waiting calls fail. */
bool ad_hold_network_failed(struct ad_network_hold *network, const struct ad_config *config,
                            const struct ad_network_failure *failure, int64_t now_ms, struct ad_rng *rng);
/* The service responded: ends the hold.  True if there was one. */
bool ad_hold_network_responded(struct ad_network_hold *network, int64_t now_ms);
/* The patience is used up: ends the hold although nothing responded. */
void ad_hold_network_end(struct ad_network_hold *network);
/* The host changed the patience: the last probe is sent when it ends; no hold without patience. */
void ad_hold_network_patience(struct ad_network_hold *network, const struct ad_config *config);
/* Reports whether any call waits: the patience only runs while one does. */
void ad_hold_network_seen(struct ad_network_hold *network, bool waiting, int64_t now_ms);
/* Allows the next probe at once. */
void ad_hold_network_probe_now(struct ad_network_hold *network, int64_t now_ms);

/* ---- account ---- */

/* The service refused the key or the account, which is final for this call. */
void ad_hold_refused(struct ad_account_hold *account, int32_t status, bool create, int64_t now_ms);
/* The API accepted the current key. */
void ad_hold_accepted(struct ad_account_hold *account, bool create);
void ad_hold_resume(struct ad_account_hold *account);
/* Whether to fail a call whose thread would block rather than let it wait for its own host. */
bool ad_hold_refuses(const struct ad_account_hold *account, bool create, int64_t now_ms);

#endif
