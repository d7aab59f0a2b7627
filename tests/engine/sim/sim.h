/* SPDX-License-Identifier: MIT */
/*
 * One simulated course: a seed says what the images, the service, the network and the host are like and when the host dies;
 * then hours of virtual time pass, and what must never happen is looked for all along.
 * The same seed gives the same course, to the byte.
 */
#ifndef ENGINE_SIM_SIM_H
#define ENGINE_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <animaldetect/animaldetect.h>

#include "base/rng.h"
#include "kit/world/world.h"
#include "testing/service/service.h"

#define SIM_KEY "sk_test_sim_0123456789abcdef"
#define SIM_IMAGES 24
#define SIM_LIVES 6
#define SIM_WORKERS 2
#define SIM_FAULTS 5
#define SIM_SPEC 96

enum sim_input { SIM_BYTES, SIM_BORROWED, SIM_FILE, SIM_READER, SIM_SOURCE_URL, SIM_INPUTS };
enum sim_drive { SIM_BLOCKING, SIM_WAIT, SIM_LEVEL, SIM_EDGE, SIM_TIMEOUT, SIM_DRIVES };

struct sim_image {
    enum sim_input input;
    const char *operation;
    size_t size;
    uint8_t *bytes;
    char *path;         /* of SIM_FILE */
    unsigned options;   /* bits: which options are set */
    int64_t deadline_ms; /* of one call; -1 none */
    /* what the host has written down; survives its death */
    char *saved;
    size_t saved_size;
    /* how it ended, once it has */
    bool ended;
    int32_t status;
    /* what must never change again once it was seen */
    char key[80];
    char job_id[136];
};

struct sim_plan {
    uint64_t seed;
    struct svc_config service;
    struct world_config net;
    char processing[64];
    char faults[SIM_FAULTS][SIM_SPEC];
    int fault_count;
    int image_count;
    int lives;                      /* how often the host starts; the last life has fair weather and is not killed */
    int64_t kill_ms[SIM_LIVES];     /* virtual time of a life until its end by force; -1 none */
    enum sim_drive drive[SIM_LIVES];
    int workers; /* clients that work on the same images at the same time */
    bool limit_known;
    bool has_429;
    bool has_effect; /* an error that had its effect */
    int32_t retry_limit;
    int32_t max_active;
    int32_t poll_mode;
    double save_chance;   /* after each turn, for one image */
    double cancel_chance; /* the same */
    double swap_chance;   /* save, free and restore a job in the middle of its call */
    double again_chance;  /* a failed call is made again at once, on the same job */
    double late_chance;   /* the host comes late */
};

struct sim {
    struct sim_plan plan;
    struct ad_rng rng; /* the host's choices */
    struct svc *svc;
    struct world *world;
    struct sim_image images[SIM_IMAGES];
    int life;
    uint64_t trace; /* a hash of every request, its answer and its time */
    size_t traced;
    bool show;      /* print the course */
    long turns;
};

/* Seed of what is going on, for the words of a failure; also where a signal handler finds it. */
extern uint64_t sim_seed;

/* Prints words and the command that plays the seed again, and ends the program. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define SIM_CHECK(condition, ...)                                                                                      \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            sim_fail(__VA_ARGS__);                                                                                     \
    } while (0)

void sim_say(const struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool sim_chance(struct ad_rng *rng, double p);
int64_t sim_between(struct ad_rng *rng, int64_t least, int64_t most);

/* plan.c */
void sim_plan_draw(struct sim_plan *plan, uint64_t seed);
void sim_images_make(struct sim *sim);
void sim_images_free(struct sim *sim);

/* life.c: one start of the host, until all its images have ended or it is killed */
void sim_live(struct sim *sim);

/* check.c */
void sim_trace(struct sim *sim); /* takes all requests into the trace, and prints them where the course is shown */
/* May an image end for good like this, in such a world? */
bool sim_is_lasting(const struct sim *sim, int32_t status);
void sim_check_image(struct sim *sim, struct sim_image *image, animaldetect_job *job);
void sim_check_identity(struct sim *sim, struct sim_image *image, animaldetect_job *job);
void sim_check_turn(struct sim *sim);
void sim_check_end(struct sim *sim);

/* sim.c: the whole course; its trace's hash */
uint64_t sim_run(uint64_t seed, bool show);

#endif
