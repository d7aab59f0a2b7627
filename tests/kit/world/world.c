/* SPDX-License-Identifier: MIT */
/*
 * Creates and frees the world, and holds its clock. Time only advances in here, and never goes back.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/world/internal.h"

_Noreturn void world_die(const char *format, ...)
{
    va_list arguments;

    fputs("world: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}

void *world_alloc(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);

    if (memory == NULL)
        world_die("out of memory");
    return memory;
}

char *world_copy(const char *text)
{
    size_t size;
    char *copy;

    if (text == NULL)
        return NULL;
    size = strlen(text) + 1;
    copy = world_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

void world_config_default(struct world_config *config)
{
    *config = (struct world_config){
        .seed = 1,
        .start_ms = 1000000,
        .wall_ms = INT64_C(1781701200000), /* 2026-06-17T13:00:00Z, the day of the published example */
        .latency_ms = 40,
        .jitter_ms = 10,
        .storage_origin = "https://storage.googleapis.com",
        .bridged = getenv("AD_TEST_TRANSPORT") != NULL && strcmp(getenv("AD_TEST_TRANSPORT"), "public") == 0,
    };
}

struct world *world_new(struct svc *svc, const struct world_config *config)
{
    struct world *world = world_alloc(sizeof *world);
    pthread_mutexattr_t recursive;

    world->config = *config;
    world->svc = svc;
    world->now_ms = config->start_ms;
    ad_rng_seed(&world->rng, config->seed);
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&world->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    pthread_cond_init(&world->changed, NULL);
    return world;
}

void world_free(struct world *world)
{
    if (world == NULL)
        return;
    if (world->transports != NULL)
        world_die("the world ends while a transport is open: free its client first");
    world_script_free(world);
    world_record_free(world);
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->changed);
    free(world);
}

/* The lock is not part of the state that a const reader sees. */
static pthread_mutex_t *lock_of(const struct world *world)
{
    return &((struct world *)(uintptr_t)world)->lock;
}

int64_t world_now_ms(const struct world *world)
{
    int64_t now;

    pthread_mutex_lock(lock_of(world));
    now = world->now_ms;
    pthread_mutex_unlock(lock_of(world));
    return now;
}

int64_t world_wall_ms(const struct world *world)
{
    return world->config.wall_ms + world_now_ms(world) - world->config.start_ms;
}

void world_set_link(struct world *world, int64_t bps)
{
    pthread_mutex_lock(&world->lock);
    world->config.link_bps = bps;
    pthread_mutex_unlock(&world->lock);
}

static int64_t next_event(const struct world *world)
{
    int64_t next = AD_TIME_NEVER;

    for (const struct world_transport *transport = world->transports; transport != NULL; transport = transport->next) {
        int64_t due = transport->signaled ? world->now_ms : world_transport_due_ms(transport);

        next = due < next ? due : next;
    }
    return next;
}

int64_t world_next_ms(struct world *world)
{
    int64_t next;

    pthread_mutex_lock(&world->lock);
    next = next_event(world);
    pthread_mutex_unlock(&world->lock);
    return next;
}

static void go_to(struct world *world, int64_t when_ms)
{
    if (when_ms > world->now_ms)
        world->now_ms = when_ms;
    for (struct world_transport *transport = world->transports; transport != NULL; transport = transport->next)
        world_transport_refresh(transport);
}

bool world_advance(struct world *world)
{
    int64_t next;

    pthread_mutex_lock(&world->lock);
    next = next_event(world);
    if (next != AD_TIME_NEVER)
        go_to(world, next);
    pthread_mutex_unlock(&world->lock);
    return next != AD_TIME_NEVER;
}

void world_skip(struct world *world, int64_t ms)
{
    pthread_mutex_lock(&world->lock);
    go_to(world, world->now_ms + ms);
    pthread_mutex_unlock(&world->lock);
}

int world_active(const struct world *world)
{
    return world->active;
}

int world_peak_active(const struct world *world)
{
    return world->peak_active;
}

int world_peak_uploads(const struct world *world)
{
    return world->peak_uploads;
}

int world_violations(const struct world *world)
{
    return world->violations;
}

const char *world_violation(const struct world *world)
{
    return world->violation;
}
