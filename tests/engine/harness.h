/* SPDX-License-Identifier: MIT */
/*
 * A host program for the tests: client, world and service model, driven in one of four ways.
 * A scenario is written once and runs in all of them with the same assertions. The end of every scenario checks that
 * the service saw no violation, that no log line and no message contains the API key or a signature, that each
 * completed call was reported once, and that no descriptor was left open.
 */
#ifndef ENGINE_HARNESS_H
#define ENGINE_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <animaldetect/animaldetect.h>

#include "api/client.h"
#include "kit/world/world.h"
#include "testing/service/service.h"

#define HOST_KEY "sk_test_engine_0123456789abcdef"
#define HOST_JOBS 1100

enum host_drive {
    HOST_BLOCKING, /* the blocking calls */
    HOST_WAIT,     /* client_wait and next_done */
    HOST_LEVEL,    /* an outer epoll set, level-triggered, all completed jobs per wakeup */
    HOST_EDGE,     /* an outer epoll set, edge-triggered, one completed job per wakeup */
    HOST_DRIVES
};

enum host_call { HOST_CREATE, HOST_UPLOAD, HOST_SUBMIT, HOST_POLL, HOST_FETCH, HOST_RUN, HOST_CALLS };

struct host_slot {
    animaldetect_job *job; /* NULL once freed */
    int started;
    int taken;
};

struct host {
    enum host_drive drive;
    struct svc_config service; /* changed before host_open */
    struct world_config net;
    bool violations_expected;
    bool no_log;
    int32_t log_level;

    struct svc *svc;
    struct world *world;
    animaldetect_client *client;
    int outer; /* epoll set, -1 if there is none */
    int descriptors;
    int log_lines;
    char leak[512]; /* the first line that contains a secret */
    struct host_slot slots[HOST_JOBS];
    int slot_count;
    void (*in_log)(struct host *host); /* runs inside the log callback */
};

struct host_scenario {
    const char *name;
    void (*run)(struct host *host);
};

#define SCENARIO(function) {#function, function}
#define HOST_MAIN(list) host_main(list, sizeof(list) / sizeof((list)[0]))
#define HOST_MAIN_ONCE(list) host_main_once(list, sizeof(list) / sizeof((list)[0]))

/* Runs every scenario in every drive mode; host_main_once only in blocking mode. */
int host_main(const struct host_scenario *list, size_t count);
int host_main_once(const struct host_scenario *list, size_t count);

/* Creates the world after `service` and `net` were changed; host_more is a second client in the same world. */
void host_open(struct host *host);
/* Creates only a client, configured only with key and log. */
void host_open_client(struct host *host);
/* Frees the client, like a program that exits or dies; the world continues. */
void host_restart(struct host *host);
void host_close(struct host *host);
/* Closes the world, with all checks, and creates another one. */
void host_again(struct host *host);
void host_fault(struct host *host, const char *spec);

/* Jobs are freed by host_close, or earlier by host_free. */
animaldetect_job *host_job(struct host *host, const char *operation);
animaldetect_job *host_image_job(struct host *host);       /* detect, with its own small JPEG set as bytes */
void host_adopt(struct host *host, animaldetect_job *job); /* a job made by restore or attach */
animaldetect_job *host_save_and_restore(struct host *host, animaldetect_job *job); /* another job, adopted */
void host_free(struct host *host, animaldetect_job *job);

/* Starts without waiting, in any mode. */
int32_t host_start(struct host *host, animaldetect_job *job, enum host_call call);
/* Until the call in flight has completed and was collected. */
int32_t host_finish(struct host *host, animaldetect_job *job);
/* Start and finish; in blocking mode by the blocking function. */
int32_t host_do(struct host *host, animaldetect_job *job, enum host_call call);
/* One iteration, or one step of time when there is nothing to do. Fails the test when nothing would ever happen. */
void host_step(struct host *host);
#define HOST_UNTIL(host, condition)                                                                                    \
    while (!(condition))                                                                                               \
    host_step(host)

void host_expect(struct host *host, animaldetect_job *job, int32_t status, const char *words);
int64_t host_stat(struct host *host, int32_t which);
/* Image number `number`: `size` bytes that start like a JPEG. From malloc. */
uint8_t *host_image(size_t size, unsigned number);
/* Writes it to a new file in its own directory; host_remove_file removes both. */
char *host_file(const char *name, const void *bytes, size_t size);
void host_remove_file(char *path);

#endif
