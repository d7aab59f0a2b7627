/* SPDX-License-Identifier: MIT */
/*
 * The timeouts of a transfer on a custom transport: the whole request, the response to an upload, stalls.  The rules
 * are those of curl/stall.c; progress is what the host reports.  Pure: the time is passed in.
 */
#include <inttypes.h>
#include <stdio.h>

#include "transport/custom/custom.h"

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ad_custom_due_ms(const animaldetect_exchange *exchange, int64_t now_ms)
{
    int64_t stall_ms = exchange->transfer->stall_timeout_ms;
    int64_t due_ms = earlier(exchange->request_ms, exchange->answer_ms);
    int64_t step_ms = stall_ms / AD_CHECKS_PER_TIMEOUT > 0 ? stall_ms / AD_CHECKS_PER_TIMEOUT : 1;

    if (stall_ms > 0 && stall_ms < AD_TIME_NEVER - now_ms)
        due_ms = earlier(due_ms, earlier(now_ms + step_ms, exchange->moved_ms + stall_ms));
    return due_ms;
}

/* The response to an upload has its own timeout, from its start or the end of the body. */
static void time_answer(animaldetect_exchange *exchange, int64_t now_ms)
{
    const struct ad_transfer *transfer = exchange->transfer;

    if (transfer->answer_timeout_ms <= 0 || exchange->answer_ms != AD_TIME_NEVER || !atomic_load(&exchange->answering))
        return;
    if (!atomic_load(&exchange->refused) && transfer->body.ops != NULL && exchange->given < exchange->body_size)
        return;
    if (transfer->answer_timeout_ms < AD_TIME_NEVER - now_ms)
        exchange->answer_ms = now_ms + transfer->answer_timeout_ms;
}

static void note_movement(animaldetect_exchange *exchange, int64_t now_ms)
{
    unsigned moves = atomic_load(&exchange->moves);

    if (moves != exchange->moves_seen)
        exchange->moved_ms = now_ms;
    exchange->moves_seen = moves;
}

bool ad_custom_is_over(animaldetect_exchange *exchange, int64_t now_ms)
{
    struct ad_transfer *transfer = exchange->transfer;
    int64_t stall_ms = transfer->stall_timeout_ms;
    char *message = transfer->error_text;
    size_t size = sizeof transfer->error_text;

    time_answer(exchange, now_ms);
    note_movement(exchange, now_ms);
    if (exchange->request_ms <= now_ms)
        (void)snprintf(message, size, "no response within %" PRId64 " ms", transfer->request_timeout_ms);
    else if (exchange->answer_ms <= now_ms)
        (void)snprintf(message, size, "the response was not complete %" PRId64 " ms after it began",
                       transfer->answer_timeout_ms);
    else if (stall_ms > 0 && now_ms - exchange->moved_ms >= stall_ms)
        (void)snprintf(message, size, "no byte moved for %" PRId64 " ms", stall_ms);
    else
        return false;
    return true;
}
