/* SPDX-License-Identifier: MIT */
/*
 * One client with more images than its quota allows, at a service where a share of the jobs never finishes. The real
 * engine over the world of tests/kit, on virtual time: the same settings give the same figures. For a test that judges
 * them and a bench that prints them.
 */
#ifndef ENGINE_STUCK_FLEET_H
#define ENGINE_STUCK_FLEET_H

#include <stdbool.h>
#include <stdint.h>

struct stuck_fleet {
    int32_t per_minute;  /* the quota, which the client knows */
    double stuck_share;  /* jobs that never finish */
    int32_t mode;        /* ANIMALDETECT_POLL_... */
    int64_t measured_ms; /* duration, after STUCK_FLEET_WARM_MS */
    uint64_t seed;
};

#define STUCK_FLEET_WARM_MS 600000

struct stuck_figures {
    double images_per_minute; /* results in the measured time */
    double polls_per_image;   /* of these */
    double delay_mean_ms;     /* of these, from when the service finished the job to the completion */
    double stuck_share;       /* f, of the jobs that were created in that time */
    double ceiling;           /* R(1-f) / ((1-f)(3+p) + 2f), see doc/performance.md */
    int64_t images;           /* given to the client in total */
    int64_t unfinished;       /* of these, jobs that the service finishes but the client does not, a day later */
    int64_t stuck;
    double polls_per_stuck; /* when the last other job has completed, */
    int64_t last_ms;        /* and when that was */
    uint64_t throttled;     /* responses with 429 */
};

/* False when a library call failed or a job completed without a result. */
bool stuck_fleet_run(const struct stuck_fleet *fleet, struct stuck_figures *figures);

#endif
