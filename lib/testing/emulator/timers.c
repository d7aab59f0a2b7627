/* SPDX-License-Identifier: MIT */
/*
 * A heap of suspended connections and the thread that resumes them.  Connections suspended without a time are checked
 * twice a second, since a suspended connection does not notice that its peer has gone.  Resumes without its own lock:
 * the server takes locks.
 */
#include "testing/emulator/timers.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 500

struct parked {
    int64_t due_ms;  /* when to check */
    int64_t goal_ms; /* when to wake */
    struct MHD_Connection *connection;
};

struct emu_timers {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    struct parked *heap;
    size_t count;
    size_t capacity;
    bool closing;
    void (*wake)(void *context);
    void *context;
};

int64_t emu_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void swap(struct parked *a, struct parked *b)
{
    struct parked kept = *a;

    *a = *b;
    *b = kept;
}

static void push(struct emu_timers *timers, struct parked parked)
{
    size_t at = timers->count;

    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity ? timers->capacity * 2 : 64;
        timers->heap = reallocarray(timers->heap, timers->capacity, sizeof(*timers->heap));
        if (!timers->heap)
            abort();
    }
    timers->heap[timers->count++] = parked;
    while (at > 0 && timers->heap[at].due_ms < timers->heap[(at - 1) / 2].due_ms) {
        swap(&timers->heap[at], &timers->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static struct parked pop(struct emu_timers *timers)
{
    struct parked first = timers->heap[0];
    size_t at = 0;

    timers->heap[0] = timers->heap[--timers->count];
    for (;;) {
        size_t least = at;

        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < timers->count; child++) {
            if (timers->heap[child].due_ms < timers->heap[least].due_ms)
                least = child;
        }
        if (least == at)
            return first;
        swap(&timers->heap[at], &timers->heap[least]);
        at = least;
    }
}

static bool peer_has_gone(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd watched = {.fd = info->connect_fd, .events = POLLRDHUP};

    return poll(&watched, 1, 0) > 0 && (watched.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static void wait_for_change(struct emu_timers *timers)
{
    struct timespec until;
    int64_t due_ms;

    if (timers->count == 0) {
        pthread_cond_wait(&timers->changed, &timers->lock);
        return;
    }
    due_ms = timers->heap[0].due_ms;
    until = (struct timespec){.tv_sec = (time_t)(due_ms / 1000), .tv_nsec = (long)(due_ms % 1000) * 1000000};
    pthread_cond_timedwait(&timers->changed, &timers->lock, &until);
}

static void *run(void *context)
{
    struct emu_timers *timers = context;

    pthread_mutex_lock(&timers->lock);
    while (!timers->closing) {
        int64_t now_ms = emu_clock_ms();
        struct parked parked;

        if (timers->count == 0 || timers->heap[0].due_ms > now_ms) {
            wait_for_change(timers);
            continue;
        }
        parked = pop(timers);
        if (parked.goal_ms > now_ms && !peer_has_gone(parked.connection)) {
            parked.due_ms = now_ms + LOOK_MS < parked.goal_ms ? now_ms + LOOK_MS : parked.goal_ms;
            push(timers, parked);
            continue;
        }
        pthread_mutex_unlock(&timers->lock);
        MHD_resume_connection(parked.connection);
        timers->wake(timers->context);
        pthread_mutex_lock(&timers->lock);
    }
    pthread_mutex_unlock(&timers->lock);
    return NULL;
}

struct emu_timers *emu_timers_new(void (*wake)(void *context), void *context)
{
    struct emu_timers *timers = calloc(1, sizeof(*timers));
    pthread_condattr_t attributes;

    if (!timers)
        return NULL;
    timers->wake = wake;
    timers->context = context;
    pthread_mutex_init(&timers->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&timers->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&timers->thread, NULL, run, timers) != 0) {
        free(timers);
        return NULL;
    }
    return timers;
}

bool emu_timers_park(struct emu_timers *timers, struct MHD_Connection *connection, int64_t due_ms)
{
    int64_t look_ms = emu_clock_ms() + LOOK_MS;
    bool open;

    pthread_mutex_lock(&timers->lock);
    open = !timers->closing;
    if (open) {
        MHD_suspend_connection(connection);
        push(timers, (struct parked){
                         .due_ms = due_ms < look_ms ? due_ms : look_ms, .goal_ms = due_ms, .connection = connection});
        pthread_cond_signal(&timers->changed);
    }
    pthread_mutex_unlock(&timers->lock);
    return open;
}

void emu_timers_close(struct emu_timers *timers)
{
    pthread_mutex_lock(&timers->lock);
    timers->closing = true;
    pthread_cond_signal(&timers->changed);
    pthread_mutex_unlock(&timers->lock);
    pthread_join(timers->thread, NULL);
    /* Nothing is suspended any more, so no other thread uses the heap. */
    for (size_t i = 0; i < timers->count; i++)
        MHD_resume_connection(timers->heap[i].connection);
    timers->count = 0;
}

void emu_timers_free(struct emu_timers *timers)
{
    if (!timers)
        return;
    pthread_mutex_destroy(&timers->lock);
    pthread_cond_destroy(&timers->changed);
    free(timers->heap);
    free(timers);
}
