/* SPDX-License-Identifier: MIT */
/*
 * A small event simulation of one client under a requests-per-minute quota, on virtual time: the real pacer and the
 * real planner (or a competitor's polling rule) against a service that counts every request in its own sliding minute.
 * It only measures: it never reads a clock, and the same seed gives the same figures.
 */
#ifndef AD_BENCH_QUOTA_SIM_H
#define AD_BENCH_QUOTA_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "engine/planner.h"

enum quota_service {
    QUOTA_CONSTANT, /* 10 s */
    QUOTA_FAST,     /* lognormal, median 1.5 s, sigma 0.6; the next two likewise, with medians of 8 s and 60 s */
    QUOTA_MIDDLE,
    QUOTA_SLOW,
    QUOTA_BIMODAL, /* 90 % lognormal 4 s, 0.4; 10 % lognormal 30 s, 0.3 */
    QUOTA_FIFO,    /* one worker, in order of submit, 2 % slower than images arrive: the queue grows */
    QUOTA_SERVICES
};

enum quota_policy {
    QUOTA_PLANNER,    /* this library, in the planner's mode */
    QUOTA_PRICED,     /* this library's planner at a fixed price, for the quota-free curve */
    QUOTA_FIXED,      /* every interval_ms */
    QUOTA_EXPONENTIAL /* 1 s, doubled up to 20 s, each drawn from the upper half */
};

struct quota_run {
    enum quota_service service;
    enum quota_policy policy;
    enum ad_planner_mode mode;
    double price_ms;        /* QUOTA_PRICED */
    int64_t interval_ms;    /* QUOTA_FIXED */
    int32_t per_minute;     /* the quota; 0: none */
    int64_t every_ms;       /* interval between new images; 0: images are always waiting */
    int64_t warm_ms;        /* images done before this are not measured */
    int64_t end_ms;
    uint64_t seed;
};

struct quota_figures {
    double images_per_minute;
    double polls_per_job;
    double delay_mean_ms; /* from done at the service to known to the client */
    double delay_p95_ms;
    uint64_t throttled; /* requests that the service counted above the limit */
    uint64_t images;
};

const char *quota_service_name(enum quota_service service);

/*
 * When a job that is submitted now will be done. `worker_free_ms` is the state of the single worker, kept by the
 * caller, initially 0.
 */
int64_t quota_finish_ms(const struct quota_run *run, int64_t now_ms, int64_t *worker_free_ms, struct ad_rng *rng);

/* False: out of memory. */
bool quota_simulate(const struct quota_run *run, struct quota_figures *figures);

#endif
