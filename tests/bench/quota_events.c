/* SPDX-License-Identifier: MIT */
/*
 * The containers of quota_events.h: a binary heap, a growing list and a ring. No clock, no randomness.
 */
#include "quota_events.h"

#include <stdlib.h>

#define MINUTE_MS 60000

static bool before(const struct quota_event *a, const struct quota_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

bool quota_events_push(struct quota_events *events, int64_t at_ms, enum quota_event_kind kind, enum quota_call call,
                       size_t job)
{
    struct quota_event event = {at_ms, events->pushed++, kind, call, job};
    size_t i = events->count;

    if (events->count == events->room) {
        size_t room = events->room * 2 + 64;
        struct quota_event *grown = realloc(events->heap, room * sizeof(*grown));

        if (grown == NULL)
            return false;
        events->heap = grown;
        events->room = room;
    }
    events->count++;
    for (; i > 0 && before(&event, &events->heap[(i - 1) / 2]); i = (i - 1) / 2)
        events->heap[i] = events->heap[(i - 1) / 2];
    events->heap[i] = event;
    return true;
}

bool quota_events_pop(struct quota_events *events, int64_t upto_ms, struct quota_event *event)
{
    struct quota_event last;
    size_t i = 0;

    if (events->count == 0 || events->heap[0].at_ms > upto_ms)
        return false;
    *event = events->heap[0];
    last = events->heap[--events->count];
    for (size_t child = 1; child < events->count; child = 2 * i + 1) {
        if (child + 1 < events->count && before(&events->heap[child + 1], &events->heap[child]))
            child++;
        if (!before(&events->heap[child], &last))
            break;
        events->heap[i] = events->heap[child];
        i = child;
    }
    events->heap[i] = last;
    return true;
}

int64_t quota_events_first_ms(const struct quota_events *events)
{
    return events->count > 0 ? events->heap[0].at_ms : INT64_MAX;
}

void quota_events_free(struct quota_events *events)
{
    free(events->heap);
    events->heap = NULL;
}

bool quota_list_push(struct quota_list *list, size_t job)
{
    if (list->count == list->room) {
        size_t room = list->room * 2 + 64;
        size_t *grown = realloc(list->at, room * sizeof(*grown));

        if (grown == NULL)
            return false;
        list->at = grown;
        list->room = room;
    }
    list->at[list->count++] = job;
    return true;
}

bool quota_list_shift(struct quota_list *list, size_t *job)
{
    if (list->first == list->count) {
        list->first = 0;
        list->count = 0;
        return false;
    }
    *job = list->at[list->first++];
    return true;
}

void quota_list_remove(struct quota_list *list, size_t job)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i] != job)
            continue;
        list->at[i] = list->at[--list->count];
        return;
    }
}

void quota_list_free(struct quota_list *list)
{
    free(list->at);
    list->at = NULL;
}

bool quota_window_init(struct quota_window *window, int32_t limit)
{
    window->limit = limit;
    window->next = 0;
    window->count = 0;
    window->accepted = limit > 0 ? calloc((size_t)limit, sizeof(*window->accepted)) : NULL;
    return limit <= 0 || window->accepted != NULL;
}

bool quota_window_count(struct quota_window *window, int64_t now_ms)
{
    if (window->limit <= 0)
        return true;
    /* A minute includes both its endpoints: the strictest interpretation. */
    if (window->count == window->limit && now_ms - window->accepted[window->next] <= MINUTE_MS)
        return false;
    window->accepted[window->next] = now_ms;
    window->next = (window->next + 1) % window->limit;
    if (window->count < window->limit)
        window->count++;
    return true;
}

void quota_window_free(struct quota_window *window)
{
    free(window->accepted);
    window->accepted = NULL;
}
