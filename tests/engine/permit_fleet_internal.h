/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the run of permit_fleet.h share: its state, and the functions of one part that another one calls.
 */
#ifndef ENGINE_PERMIT_FLEET_INTERNAL_H
#define ENGINE_PERMIT_FLEET_INTERNAL_H

#include "engine/permit_fleet.h"
#include "engine/permit_host.h"
#include "engine/permit_source.h"
#include "kit/world/world.h"
#include "testing/service/service.h"

#define FLEET_KEY "sk_test_permit_fleet"
#define FLEET_SLOW_MS 1500 /* the longest way of a call to the source, or back */
#define FLEET_LETTERS 256
#define FLEET_SECONDS 3600 /* as long as a run can be */
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
    struct permit_host host; /* its `client` is NULL while it is dead */
    int64_t fed_ms;          /* when it gets its next image */
    int32_t images;          /* at work */
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
    int32_t numbers; /* of clients at the source, given out */
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
    int64_t foreign_ms; /* when the next request of somebody else comes */
    int32_t foreign;
    int32_t foreign_limited;
    /* By the second. */
    int32_t charge[FLEET_SECONDS];
    int64_t granted[FLEET_SECONDS];
    bool blind[FLEET_SECONDS]; /* the source has forgotten, and counts what may be */
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

/* permit_fleet_client.c: makes a client, gives it images, takes what is done, ends it in the middle of whatever it
 * does. */
void fleet_join(struct fleet_run *run, struct fleet_member *member);
void fleet_feed(struct fleet_run *run, struct fleet_member *member);
void fleet_process(struct fleet_run *run, struct fleet_member *member);
void fleet_die(struct fleet_run *run, struct fleet_member *member);

/* permit_fleet_trouble.c: what goes wrong by now. */
void fleet_trouble(struct fleet_run *run);

#endif
