/* SPDX-License-Identifier: MIT */
/*
 * The world's birth and end, and its clock.  Time only moves in here, and only forwards.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock/internal.h"

_Noreturn void mock_die(const char *format, ...)
{
    va_list arguments;

    fputs("mock: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}

void *mock_alloc(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);

    if (memory == NULL)
        mock_die("out of memory");
    return memory;
}

char *mock_copy(const char *text)
{
    size_t size;
    char *copy;

    if (text == NULL)
        return NULL;
    size = strlen(text) + 1;
    copy = mock_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

void mock_config_default(struct mock_config *config)
{
    *config = (struct mock_config){
        .seed = 1,
        .start_ms = 1000000,
        .wall_ms = INT64_C(1781701200000), /* 2026-06-17T13:00:00Z, the day of the published example */
        .latency_ms = 40,
        .jitter_ms = 10,
        .storage_origin = "https://storage.googleapis.com",
        .bridged = getenv("AD_TEST_TRANSPORT") != NULL && strcmp(getenv("AD_TEST_TRANSPORT"), "public") == 0,
    };
}

struct mock *mock_new(struct svc *svc, const struct mock_config *config)
{
    struct mock *mock = mock_alloc(sizeof *mock);
    pthread_mutexattr_t recursive;

    mock->config = *config;
    mock->svc = svc;
    mock->now_ms = config->start_ms;
    ad_rng_seed(&mock->rng, config->seed);
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&mock->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    pthread_cond_init(&mock->changed, NULL);
    return mock;
}

void mock_free(struct mock *mock)
{
    if (mock == NULL)
        return;
    if (mock->transports != NULL)
        mock_die("the world ends while a transport is open: free its client first");
    mock_script_free(mock);
    mock_record_free(mock);
    pthread_mutex_destroy(&mock->lock);
    pthread_cond_destroy(&mock->changed);
    free(mock);
}

/* The lock of a world is no part of what a const reader sees. */
static pthread_mutex_t *lock_of(const struct mock *mock)
{
    return &((struct mock *)(uintptr_t)mock)->lock;
}

int64_t mock_now_ms(const struct mock *mock)
{
    int64_t now;

    pthread_mutex_lock(lock_of(mock));
    now = mock->now_ms;
    pthread_mutex_unlock(lock_of(mock));
    return now;
}

int64_t mock_wall_ms(const struct mock *mock)
{
    return mock->config.wall_ms + mock_now_ms(mock) - mock->config.start_ms;
}

static int64_t next_event(const struct mock *mock)
{
    int64_t next = AD_TIME_NEVER;

    for (const struct mock_transport *transport = mock->transports; transport != NULL; transport = transport->next) {
        int64_t due = transport->signaled ? mock->now_ms : mock_transport_due_ms(transport);

        next = due < next ? due : next;
    }
    return next;
}

int64_t mock_next_ms(struct mock *mock)
{
    int64_t next;

    pthread_mutex_lock(&mock->lock);
    next = next_event(mock);
    pthread_mutex_unlock(&mock->lock);
    return next;
}

static void go_to(struct mock *mock, int64_t when_ms)
{
    if (when_ms > mock->now_ms)
        mock->now_ms = when_ms;
    for (struct mock_transport *transport = mock->transports; transport != NULL; transport = transport->next)
        mock_transport_refresh(transport);
}

bool mock_advance(struct mock *mock)
{
    int64_t next;

    pthread_mutex_lock(&mock->lock);
    next = next_event(mock);
    if (next != AD_TIME_NEVER)
        go_to(mock, next);
    pthread_mutex_unlock(&mock->lock);
    return next != AD_TIME_NEVER;
}

void mock_skip(struct mock *mock, int64_t ms)
{
    pthread_mutex_lock(&mock->lock);
    go_to(mock, mock->now_ms + ms);
    pthread_mutex_unlock(&mock->lock);
}

int mock_active(const struct mock *mock)
{
    return mock->active;
}

int mock_peak_active(const struct mock *mock)
{
    return mock->peak_active;
}

int mock_peak_uploads(const struct mock *mock)
{
    return mock->peak_uploads;
}

int mock_violations(const struct mock *mock)
{
    return mock->violations;
}

const char *mock_violation(const struct mock *mock)
{
    return mock->violation;
}
