/* SPDX-License-Identifier: MIT */
/*
 * The containers of the quota bench: events ordered by time, lists of jobs, and the service's own count of requests in
 * a sliding minute, which is independent of the pacer.
 */
#ifndef AD_BENCH_QUOTA_EVENTS_H
#define AD_BENCH_QUOTA_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quota_call { QUOTA_CREATE, QUOTA_SUBMIT, QUOTA_STATUS, QUOTA_RESULT, QUOTA_CALLS };

enum quota_event_kind { QUOTA_ARRIVE, QUOTA_ANSWER, QUOTA_UPLOADED, QUOTA_NEW_IMAGE, QUOTA_TICK };

struct quota_event {
    int64_t at_ms;
    uint64_t order; /* equal times keep insertion order */
    enum quota_event_kind kind;
    enum quota_call call;
    size_t job;
};

struct quota_events {
    struct quota_event *heap;
    size_t count;
    size_t room;
    uint64_t pushed;
};

/* The functions that return bool return false when out of memory; pop and shift return false when empty. */
bool quota_events_push(struct quota_events *events, int64_t at_ms, enum quota_event_kind kind, enum quota_call call,
                       size_t job);
bool quota_events_pop(struct quota_events *events, int64_t upto_ms, struct quota_event *event);
int64_t quota_events_first_ms(const struct quota_events *events); /* INT64_MAX when empty */
void quota_events_free(struct quota_events *events);

struct quota_list {
    size_t *at;
    size_t first; /* number of shifted entries; the used part of `at` starts here */
    size_t count; /* end of the used part */
    size_t room;
};

bool quota_list_push(struct quota_list *list, size_t job);
bool quota_list_shift(struct quota_list *list, size_t *job);
void quota_list_remove(struct quota_list *list, size_t job); /* does not keep the order; do not combine with shift */
void quota_list_free(struct quota_list *list);

struct quota_window {
    int64_t *accepted; /* ring of the last `limit` accepted requests */
    int32_t limit;     /* 0: no limit */
    int32_t next;
    int32_t count;
};

bool quota_window_init(struct quota_window *window, int32_t limit);
bool quota_window_count(struct quota_window *window, int64_t now_ms); /* false: over the limit, 429 */
void quota_window_free(struct quota_window *window);

#endif
