/* SPDX-License-Identifier: MIT */
/*
 * One simulated run: a seed determines the images, the service, the network and the host, and when the host dies; then
 * hours of virtual time pass, and the invariants are checked throughout. The same seed gives the same run, byte for
 * byte.
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
#define SIM_LARGEST 200000 /* bytes of an image */
#define SIM_LIVES 6
#define SIM_WORKERS 2
#define SIM_FAULTS 5
#define SIM_LASTING 4
#define SIM_RERUNS 3 /* that a host makes of one image, and one more when its file has changed */
#define SIM_RUNS (SIM_RERUNS + 2)
#define SIM_SPEC 128

enum sim_input { SIM_BYTES, SIM_BORROWED, SIM_FILE, SIM_READER, SIM_SOURCE_URL, SIM_INPUTS };
enum sim_drive { SIM_BLOCKING, SIM_WAIT, SIM_LEVEL, SIM_EDGE, SIM_TIMEOUT, SIM_DRIVES };

/* The names of a key and its job; for one run and one content of an image they never change. */
struct sim_identity {
    char key[80];
    char job_id[136];
};

struct sim_image {
    enum sim_input input;
    const char *operation;
    size_t size;
    uint8_t *bytes;
    char *path;         /* for SIM_FILE */
    int64_t written;    /* how often it was written, which is the time of the file */
    unsigned options;   /* bits: which options are set */
    int64_t call_timeout_ms; /* of one call; -1: none */
    /* the host's saved state; survives its death */
    char *saved;
    size_t saved_size;
    int32_t rerun;      /* of the last job that was saved */
    int64_t overdue_ms; /* when its job was first found overdue; -1: not yet */
    /* the final status, once finished */
    bool ended;
    int32_t status;
    struct sim_identity seen[SIM_RUNS][2]; /* by rerun number; the second entry is for a changed file */
    int32_t most_rerun;
    bool changed; /* its file has other bytes than initially */
    int doubtful; /* it was run again although the previous job may succeed, or has succeeded */
};

/* Deviations from an ordinary service, network or host; half of the seeds have none. */
struct sim_deviations {
    bool any;
    char lasting[SIM_LASTING][SIM_SPEC]; /* faults that the last life has too: they end, or are harmless */
    int lasting_count;
    int64_t outage_from_ms; /* of the network, since the start; -1: none */
    int64_t outage_until_ms;
    enum ad_net outage;
    unsigned kinds; /* bits SIM_HAS_* */
    int32_t reruns; /* maximum number per image */
    int64_t patience_ms;
    int64_t processing_timeout_ms;
    int64_t max_retry_after_ms;
    int64_t off_ms[SIM_LIVES]; /* the host is switched off for this long before the life */
    double change_chance;      /* after each iteration, for one image's file */
};

enum {
    SIM_HAS_PORTAL = 1, /* pages in place of responses */
    SIM_HAS_BREAKS = 2, /* connections that break for a while */
    SIM_HAS_BUSY = 4,   /* 503 for a while */
    SIM_HAS_401 = 8,
    SIM_HAS_402 = 16,
    SIM_HAS_MOVES = 32,   /* redirects that may be followed */
    SIM_HAS_FOREIGN = 64, /* redirects that must not be followed */
    SIM_HAS_ODD = 128,    /* odd fields */
    SIM_HAS_REFUSED = 256 /* uploads that are rejected */
};

struct sim_plan {
    uint64_t seed;
    struct svc_config service;
    struct world_config net;
    char processing[64];
    char faults[SIM_FAULTS][SIM_SPEC];
    int fault_count;
    int image_count;
    int lives;                  /* starts of the host; the last life has no endless fault and is not killed */
    int64_t kill_ms[SIM_LIVES]; /* virtual time until the life is killed; -1: not killed */
    enum sim_drive drive[SIM_LIVES];
    int workers; /* clients that work on the same images at the same time */
    bool limit_known;
    bool has_429;
    bool has_effect; /* an error whose request had its effect */
    int32_t max_tries;
    int32_t max_requests;
    int32_t poll_mode;
    double save_chance;   /* after each iteration, for one image */
    double cancel_chance; /* the same */
    double swap_chance;   /* save, free and restore a job in the middle of its call */
    double again_chance;  /* a failed call is made again at once, on the same job */
    double late_chance;   /* the host is late */
    double shift_chance;  /* after each iteration: one image's file is replaced by another one with the same bytes */
    double control_chance; /* it pauses, changes a priority, or changes the network */
    bool calm_link;      /* see uplink.c */
    struct sim_deviations odd;
};

struct sim {
    struct sim_plan plan;
    struct ad_rng rng; /* the host's choices */
    struct ad_rng control; /* choices that were added later: existing runs stay unchanged */
    struct ad_rng follow;  /* choices of the next step */
    struct ad_rng files;   /* choices of replaced files */
    struct svc *svc;
    struct world *world;
    struct sim_image images[SIM_IMAGES];
    int life;
    uint64_t trace; /* a hash of every request, its response and its time */
    size_t traced;
    bool show; /* print the run */
    long turns;
};

/* The running seed, for failure messages; also where a signal handler finds it. */
extern uint64_t sim_seed;

/* Prints the message and the command that reproduces the seed, and exits. */
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

/* deviate.c */
void sim_deviations_draw(struct sim_plan *plan);
/* Whether the plan contains a reason for a call to complete with this status. `fair`: in the last life. */
bool sim_has_reason(const struct sim_plan *plan, int32_t status, bool fair);

/* uplink.c; drawn last */
void sim_uplink_draw(struct sim_plan *plan);
void sim_uplink_check_end(const struct sim *sim);

/* image.c */
void sim_images_make(struct sim *sim);
void sim_images_free(struct sim *sim);
void sim_image_change(struct sim *sim, struct sim_image *image); /* writes other bytes to its file */
/* Replaces its file by another one with the same bytes, written `later` or, as on exFAT, with the same times. */
void sim_image_shift(struct sim_image *image, bool later);

/* life.c: one start of the host, until all its images are finished or it is killed */
void sim_live(struct sim *sim);

/* check.c */
void sim_trace(struct sim *sim); /* adds all requests to the trace, and prints them where the run is shown */
/* Whether an image may finish with this status in such a world. */
bool sim_is_lasting(const struct sim *sim, int32_t status);
void sim_check_image(struct sim *sim, struct sim_image *image, animaldetect_job *job, int32_t status);
void sim_check_identity(struct sim *sim, struct sim_image *image, animaldetect_job *job);
void sim_check_turn(struct sim *sim);
void sim_check_end(struct sim *sim);

/* sim.c: the whole run; returns the hash of its trace */
uint64_t sim_run(uint64_t seed, bool show);

#endif
