/* SPDX-License-Identifier: MIT */
/*
 * The virtual clock.  Only this file advances it; it never goes back.
 */
#include "testing/mock/internal.h"

#define MAX_ADVANCE_MS INT64_C(31622400000)

int64_t mock_clock(void *user)
{
    return animaldetect_mock_now_ms(user);
}

int64_t mock_wall_clock(void *user)
{
    animaldetect_mock *mock = user;
    int64_t wall_ms;

    pthread_mutex_lock(&mock->lock);
    wall_ms = mock_wall_ms(mock);
    pthread_mutex_unlock(&mock->lock);
    return wall_ms;
}

int64_t animaldetect_mock_now_ms(const animaldetect_mock *mock)
{
    int64_t now_ms;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(mock_lock_of(mock));
    now_ms = mock->now_ms;
    pthread_mutex_unlock(mock_lock_of(mock));
    return now_ms;
}

static void go_to(animaldetect_mock *mock, int64_t when_ms)
{
    if (when_ms > mock->now_ms)
        mock->now_ms = when_ms;
    mock_deliver_due(mock);
}

/* The service has nothing to send, and the client has no timeout: only another thread can add work, in real time. */
int64_t mock_idle(void *user, int64_t timeout_ms)
{
    animaldetect_mock *mock = user;
    int64_t next_ms;
    bool moved;

    pthread_mutex_lock(&mock->lock);
    next_ms = mock_next_due_ms(mock);
    if (timeout_ms >= 0 && timeout_ms < MOCK_NEVER - mock->now_ms && mock->now_ms + timeout_ms < next_ms)
        next_ms = mock->now_ms + timeout_ms;
    /* A client that does not wait neither advances time nor is woken: it would never give the host control of time. */
    moved = next_ms != MOCK_NEVER && next_ms > mock->now_ms;
    if (next_ms != MOCK_NEVER)
        go_to(mock, next_ms);
    pthread_mutex_unlock(&mock->lock);
    if (moved)
        (void)animaldetect_transport_wake(mock->transport);
    return next_ms != MOCK_NEVER ? 0 : INT64_MAX;
}

/* Advances to the next event, unless a client has work now.  Returns by how much; -1 if there is no event. */
static int64_t step(animaldetect_mock *mock)
{
    int64_t due_ms = animaldetect_transport_due_ms(mock->transport);
    int64_t next_ms = mock_next_due_ms(mock);
    int64_t before_ms = mock->now_ms;

    if (due_ms >= 0 && due_ms <= before_ms)
        return 0;
    if (due_ms >= 0 && due_ms < next_ms)
        next_ms = due_ms;
    if (next_ms == MOCK_NEVER)
        return -1;
    go_to(mock, next_ms);
    return mock->now_ms - before_ms;
}

void mock_poll(void *user)
{
    animaldetect_mock *mock = user;
    int64_t moved = -1;

    pthread_mutex_lock(&mock->lock);
    if (mock->automatic)
        moved = step(mock);
    pthread_mutex_unlock(&mock->lock);
    if (moved >= 0)
        (void)animaldetect_transport_wake(mock->transport);
}

int64_t animaldetect_mock_step(animaldetect_mock *mock)
{
    int64_t moved;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(&mock->lock);
    moved = step(mock);
    pthread_mutex_unlock(&mock->lock);
    if (moved >= 0)
        (void)animaldetect_transport_wake(mock->transport);
    return moved;
}

int32_t animaldetect_mock_advance_ms(animaldetect_mock *mock, int64_t ms)
{
    int64_t until_ms;
    int64_t next_ms;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (ms < 0 || ms > MAX_ADVANCE_MS)
        return mock_refuse(mock, "the time must advance by 0 ms to 366 days");
    pthread_mutex_lock(&mock->lock);
    until_ms = mock->now_ms + ms;
    while ((next_ms = mock_next_due_ms(mock)) <= until_ms)
        go_to(mock, next_ms);
    go_to(mock, until_ms);
    pthread_mutex_unlock(&mock->lock);
    return animaldetect_transport_wake(mock->transport);
}

int32_t animaldetect_mock_set_auto_advance(animaldetect_mock *mock, int32_t on)
{
    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (on != 0 && on != 1)
        return mock_refuse(mock, "the value must be 0 or 1");
    pthread_mutex_lock(&mock->lock);
    mock->automatic = on == 1;
    pthread_mutex_unlock(&mock->lock);
    return animaldetect_transport_wake(mock->transport);
}
