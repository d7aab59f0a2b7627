/* SPDX-License-Identifier: MIT */
/*
 * What the parts of permit_fleet.h's run share: its state, and the functions that one part calls in another.
 */
#ifndef ENGINE_PERMIT_FLEET_INTERNAL_H
#define ENGINE_PERMIT_FLEET_INTERNAL_H

#include "engine/permit_fleet.h"
#include "engine/permit_host.h"
#include "engine/permit_source.h"
#include "kit/world/world.h"
#include "testing/service/service.h"

#define FLEET_KEY "sk_test_permit_fleet"
#define FLEET_SLOW_MS 1500 /* the longest transit time of a call to the source, or of its reply */
#define FLEET_LETTERS 256
#define FLEET_SECONDS 3600 /* the maximum duration of a run */
#define SECOND_MS 1000

struct fleet_letter {
    bool used;
    bool reply;
    int64_t due_ms;
    int32_t client;
    struct permit_ask ask;
    struct permit_reply answer;
};

struct fleet_member {
    struct permit_host host; /* its `client` is NULL while the program is dead */
    int64_t fed_ms;          /* time of its next image */
    int32_t images;          /* in progress */
    int64_t warm;            /* requests before the measured time */
};

struct fleet_run {
    const struct permit_fleet *fleet;
    struct permit_figures *figures;
    struct svc *svc;
    struct world *world;
    struct permit_source *source;
    struct permit_source_rule rule;
    struct ad_rng rng;
    struct fleet_member members[PERMIT_FLEET_CLIENTS];
    struct fleet_letter letters[FLEET_LETTERS];
    int32_t numbers; /* client numbers at the source given out so far */
    int64_t files;
    int outer; /* epoll set */
    int64_t begin_ms;
    int64_t ends_ms;
    bool feeding;
    /* What is wrong with the source, and when that changes. */
    bool stopped;
    bool slow;
    bool forgets;
    int64_t trouble_ms;
    int64_t lost_ms;
    int64_t death_ms;
    int64_t outage_ms;
    int64_t foreign_ms; /* time of the next request by another user of the key */
    int32_t foreign;
    int32_t foreign_limited;
    /* One entry per second. */
    int32_t charge[FLEET_SECONDS];
    int64_t granted[FLEET_SECONDS];
    bool blind[FLEET_SECONDS]; /* the source has lost its state, and assumes permits from before */
    int32_t seconds;
    bool good;
};

static inline int64_t fleet_now(const struct fleet_run *run)
{
    return world_now_ms(run->world);
}

static inline int64_t fleet_between(struct fleet_run *run, int64_t least, int64_t most)
{
    return least + ad_rng_upto(&run->rng, most - least);
}

/* permit_fleet_client.c: creates a client, gives it images, collects completions, and kills it at any point. */
void fleet_join(struct fleet_run *run, struct fleet_member *member);
void fleet_feed(struct fleet_run *run, struct fleet_member *member);
void fleet_process(struct fleet_run *run, struct fleet_member *member);
void fleet_die(struct fleet_run *run, struct fleet_member *member);

/* permit_fleet_trouble.c: injects the faults that are due. */
void fleet_trouble(struct fleet_run *run);

#endif
