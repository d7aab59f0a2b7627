/* SPDX-License-Identifier: MIT */
/*
 * The timeouts of a transfer on a connection, in milliseconds: stalls, and the response to an upload.  They start when
 * the request is put on the connection, and do not run while the machine is suspended. libcurl's own measurement counts
 * in seconds, over averages, and counts bytes in the kernel's buffer as sent.
 *
 * Each slot on the wire has one time at which it is checked, in a heap.  A check costs a few reads, and a transfer that
 * completes before its first check costs only the heap node.  Progress is: bytes handed to the kernel, bytes of the
 * response, and for an upload the bytes that the peer has acknowledged, since a send buffer on a slow link drains for
 * minutes.  Must never fail a transfer that waits for us: a socket that is ready is not a stall of the peer.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "base/time.h"
#include "transport/curl/private.h"

#define CLOSED_WINDOW 10 /* stall timeouts for a peer whose window is closed but that acknowledges */

static struct ad_slot_mark mark_of(const struct ad_slot *slot)
{
    return (struct ad_slot_mark){.received = slot->answer.header_bytes + slot->answer.body_bytes,
                                 .sent = ad_slot_sent(slot),
                                 .waiting = slot->transfer->body.ops == NULL ? -1 : ad_slot_unacknowledged(slot)};
}

/* Whether we have to act: there are bytes to read, or room for bytes still to be sent. */
static bool waits_for_us(const struct ad_slot *slot)
{
    struct pollfd fd = {.fd = slot->fd, .events = POLLIN};
    bool sends = slot->transfer->body.ops != NULL && slot->body_given < slot->transfer->body.size;

    if (slot->fd < 0)
        return false;
    if (sends && slot->answer.header_bytes == 0)
        fd.events |= POLLOUT;
    return poll(&fd, 1, 0) > 0;
}

/* Whether the peer has the whole body and has not responded. */
static bool awaits_answer(const struct ad_slot *slot)
{
    const struct ad_transfer *transfer = slot->transfer;

    return transfer->body.ops != NULL && transfer->reply_timeout_ms > 0 && slot->answer.header_bytes == 0 &&
           slot->body_given == transfer->body.size && slot->mark.waiting <= 0;
}

/*
 * The stall timeout in this situation.  A storage that has the whole image may work for a while before it responds; a
 * peer that acknowledges but has closed its window is alive and slow.
 */
static int64_t patience_ms(const struct ad_slot *slot)
{
    const struct ad_transfer *transfer = slot->transfer;

    if (awaits_answer(slot))
        return transfer->reply_timeout_ms;
    if (slot->mark.waiting > 0 && ad_slot_is_acknowledging(slot) &&
        transfer->stall_timeout_ms < AD_TIME_NEVER / CLOSED_WINDOW)
        return transfer->stall_timeout_ms * CLOSED_WINDOW;
    return transfer->stall_timeout_ms;
}

static int64_t step_between_ms(const struct ad_slot *slot)
{
    int64_t step_ms = slot->transfer->stall_timeout_ms / AD_CHECKS_PER_TIMEOUT;

    return step_ms > 0 ? step_ms : 1;
}

static int64_t next_check(const struct ad_slot *slot, int64_t now_ms)
{
    int64_t stall_ms = patience_ms(slot);
    int64_t due_ms = AD_TIME_NEVER;

    if (stall_ms > 0 && stall_ms < AD_TIME_NEVER - slot->moved_ms) {
        due_ms = now_ms + step_between_ms(slot);
        if (slot->moved_ms + stall_ms > now_ms && slot->moved_ms + stall_ms < due_ms)
            due_ms = slot->moved_ms + stall_ms;
    }
    return due_ms < slot->answer_by_ms ? due_ms : slot->answer_by_ms;
}

static void check_at(struct ad_slot *slot, int64_t due_ms)
{
    struct ad_heap *checks = &slot->owner->checks;

    if (due_ms == AD_TIME_NEVER)
        ad_heap_remove(checks, &slot->check);
    else if (ad_heap_holds(&slot->check))
        ad_heap_update(checks, &slot->check, due_ms);
    else
        AD_IGNORE(ad_heap_push(checks, &slot->check, due_ms)); /* space was reserved at the start */
}

void ad_slot_watch(struct ad_slot *slot)
{
    int64_t now_ms = ad_time_awake_ms();

    slot->moved_ms = now_ms;
    slot->answer_by_ms = AD_TIME_NEVER;
    slot->mark = (struct ad_slot_mark){0};
    check_at(slot, next_check(slot, now_ms));
}

/* An early refusal stops the sending, so the body may never end: then the refusal's own timeout applies. */
void ad_slot_time_answer(struct ad_slot *slot)
{
    const struct ad_transfer *transfer = slot->transfer;
    int64_t now_ms;

    if (transfer->answer_timeout_ms <= 0 || slot->answer_by_ms != AD_TIME_NEVER || !ad_heap_holds(&slot->check))
        return;
    if (slot->answer.header_bytes == 0)
        return;
    if (slot->answer.status < 300 && transfer->body.ops != NULL && slot->body_given < transfer->body.size)
        return;
    now_ms = ad_time_awake_ms();
    if (transfer->answer_timeout_ms >= AD_TIME_NEVER - now_ms)
        return;
    slot->answer_by_ms = now_ms + transfer->answer_timeout_ms;
    if (slot->answer_by_ms < slot->check.key)
        check_at(slot, slot->answer_by_ms);
}

static bool has_moved(struct ad_slot *slot)
{
    struct ad_slot_mark mark = mark_of(slot);
    bool moved =
        mark.sent != slot->mark.sent || mark.received != slot->mark.received || mark.waiting != slot->mark.waiting;

    slot->mark = mark;
    return moved;
}

/* True when it has timed out; else schedules the next check. */
static bool stall_is_over(struct ad_slot *slot, int64_t now_ms)
{
    const struct ad_transfer *transfer = slot->transfer;

    if (slot->answer_by_ms <= now_ms) {
        (void)snprintf(slot->words, sizeof slot->words, "the response was not complete %" PRId64 " ms after it began",
                       transfer->answer_timeout_ms);
        return true;
    }
    if (has_moved(slot))
        slot->moved_ms = now_ms;
    if (now_ms - slot->moved_ms >= patience_ms(slot) && !waits_for_us(slot)) {
        (void)snprintf(slot->words, sizeof slot->words,
                       awaits_answer(slot) ? "no response within %" PRId64 " ms of the last byte"
                                           : "no byte moved for %" PRId64 " ms",
                       patience_ms(slot));
        return true;
    }
    check_at(slot, next_check(slot, now_ms));
    return false;
}

bool ad_curl_check_times(struct ad_curl *self)
{
    struct ad_heap_node *first = ad_heap_first(&self->checks);
    bool found = false;
    int64_t now_ms;

    if (first == NULL)
        return false;
    now_ms = ad_time_awake_ms();
    for (; first != NULL && first->key <= now_ms; first = ad_heap_first(&self->checks)) {
        struct ad_slot *slot = AD_OWNER(first, struct ad_slot, check);

        if (stall_is_over(slot, now_ms)) {
            ad_heap_remove(&self->checks, first);
            ad_slot_fail(slot, AD_NET_TIMEOUT);
            found = true;
        }
    }
    return found;
}
