/* SPDX-License-Identifier: MIT */
/*
 * The host program of a simulated run: its workers, and the state of their jobs. Shared by the files that simulate one
 * life.
 */
#ifndef ENGINE_SIM_HOST_H
#define ENGINE_SIM_HOST_H

#include "engine/sim/sim.h"
#include "kit/message.h"

struct slot {
    animaldetect_job *job;
    const struct sim_image *image;
    size_t read_at; /* position of a reader */
    int64_t begun_ms;
    int swaps;
    int64_t again_ms; /* when the host makes its next call; INT64_MAX: never */
    int agains;       /* repeated calls in this life */
    int refused;      /* rejections in a row with the same status */
    int32_t last;
    bool running;
    bool asks; /* its call was started during a hold of the account: it may probe */
};

/* A hold, as last seen. */
struct sim_hold {
    int32_t reason;
    int64_t until_ms;
    int64_t since_ms;
    int begun;   /* requests that it applies to, sent before it started */
    int running; /* calls */
    int asking;  /* of these, calls that may probe during a hold of the account */
    int hurries; /* calls of the host since then that let the library probe at once */
    long turns;
};

struct worker {
    animaldetect_client *client;
    int outer; /* epoll set of the edge- and level-triggered hosts; -1: none */
    struct slot slots[SIM_IMAGES];
    int running;
    int64_t resume_ms; /* when the host ends a hold of the account; INT64_MAX: never */
    struct sim_hold hold;
};

struct life {
    struct sim *sim;
    struct worker workers[SIM_WORKERS];
    int worker_count;
    enum sim_drive drive;
    int64_t begin_ms;
    int64_t kill_ms;
    bool fair;
};

#define MUST(call) SIM_CHECK((call) == ANIMALDETECT_OK, "%s: %s", #call, message_of(worker->client))

/* worker.c: a client and its jobs */
void sim_open_worker(struct life *life, struct worker *worker);
void sim_close_worker(struct life *life, struct worker *worker);
animaldetect_job *sim_restored_job(struct worker *worker, struct slot *slot);
/* Sets the image; a job that has it or no longer needs it rejects that. */
void sim_set_image(struct slot *slot);
void sim_write_down(struct sim_image *image, const animaldetect_job *job);
void sim_take_up(struct life *life, struct worker *worker, int number); /* creates the job of an image */
void sim_started(struct life *life, struct worker *worker, struct slot *slot);
void sim_start(struct life *life, struct worker *worker, int number);

/* follow.c: what the host does when a call has completed, and when postponed work is due */
void sim_ended(struct life *life, struct worker *worker, int number, int32_t status);
void sim_mind(struct life *life, struct worker *worker);
int64_t sim_minds_ms(const struct worker *worker); /* time of its next action; INT64_MAX: never */
int sim_put_off(const struct worker *worker);      /* calls that it has postponed */

/* dabble.c: what a host does after each iteration */
void sim_dabble(struct life *life, struct worker *worker);

/* holds.c: checks what the client reports about a hold */
void sim_check_hold(struct life *life, struct worker *worker);

#endif
