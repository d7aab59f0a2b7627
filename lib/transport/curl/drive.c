/* SPDX-License-Identifier: MIT */
/*
 * Moves bytes through libcurl and returns completed transfers.  Contains libcurl's timer and socket callbacks;
 * completed transfers wait in libcurl's queue or in ours until they are taken.  Must never wait, and never use
 * libcurl's own waiting (curl_multi_poll, _wait, _wakeup), which cannot be combined with the socket interface.
 */
#include "animaldetect/types.h"
#include "base/time.h"
#include "transport/curl/private.h"

#define MAX_SOCKETS 64 /* per `drive` */
#define MAX_ROUNDS 4   /* per `drive`: libcurl's timer is due at once when a transfer can continue at once */

static bool timer_due(const struct ad_curl *self, int64_t now_ms)
{
    return self->curl_ms != AD_TIME_NEVER && self->curl_ms <= now_ms;
}

/*
 * What libcurl wants at once, as for each new transfer, bypasses the timer: setting it costs more than all other system
 * calls of a request.  See `ad_curl_signal_due`.
 */
void ad_curl_rearm(struct ad_curl *self)
{
    struct ad_reactor *reactor = self->base.reactor;
    const struct ad_heap_node *first = ad_heap_first(&self->checks);
    int64_t now_ms = ad_time_now_ms();
    int64_t deadline_ms = timer_due(self, now_ms) || self->engine_ms < self->curl_ms ? self->engine_ms : self->curl_ms;

    if (first != NULL) {
        int64_t check_ms = now_ms + (first->key - ad_time_awake_ms());

        deadline_ms = check_ms < deadline_ms ? check_ms : deadline_ms;
    }
    reactor->ops->arm(reactor, deadline_ms);
    if (self->active.count == 0 && self->engine_ms == AD_TIME_NEVER)
        ad_curl_end_rests(self);
}

/* Also because a timer that has already expired makes no second edge. */
void ad_curl_signal_due(struct ad_curl *self)
{
    if (timer_due(self, ad_time_now_ms()))
        self->base.reactor->ops->signal(self->base.reactor);
}

/* libcurl's timer callback; -1 turns the timer off. */
int ad_curl_on_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct ad_curl *self = context;

    (void)multi;
    self->curl_ms = timeout_ms < 0 ? AD_TIME_NEVER : ad_time_now_ms() + timeout_ms;
    if (self->driving)
        return 0;
    ad_curl_rearm(self);
    ad_curl_signal_due(self);
    return 0;
}

static struct ad_slot *slot_of(CURL *easy)
{
    struct ad_slot *slot = NULL;

    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot) == CURLE_OK ? slot : NULL;
}

/*
 * When libcurl fails as a whole (out of memory, in practice) it does not say for which transfer, and that one may be
 * left without a timer and a watched socket: it would hang.  So all transfers in progress are failed.
 */
static void check(struct ad_curl *self, CURLMcode code)
{
    struct ad_list_node *node;

    if (code == CURLM_OK || code == CURLM_BAD_SOCKET)
        return;
    for (node = self->active.root.next; node != &self->active.root; node = node->next)
        ad_slot_fail(AD_OWNER(node, struct ad_slot, node),
                     code == CURLM_OUT_OF_MEMORY ? AD_NET_NO_MEMORY : AD_NET_INTERNAL);
}

/*
 * libcurl's socket callback.  An error returned here would fail every transfer, so we fail only the one whose socket
 * cannot be watched.
 */
int ad_curl_on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
    struct ad_curl *self = context;
    int events = ((what & CURL_POLL_IN) != 0 && what != CURL_POLL_REMOVE ? AD_READABLE : 0) |
                 ((what & CURL_POLL_OUT) != 0 && what != CURL_POLL_REMOVE ? AD_WRITABLE : 0);
    int32_t status = ad_curl_watch(self, fd, events);
    struct ad_slot *slot = slot_of(easy);

    (void)assigned;
    if (slot != NULL && slot->transfer != NULL) {
        if (events != 0 && slot->fd != fd)
            ad_slot_set_fd(slot, fd);
        else if (events == 0 && slot->fd == fd)
            ad_slot_lose_fd(slot);
    }
    if (status == ANIMALDETECT_OK)
        return 0;
    if (slot != NULL && slot->transfer != NULL)
        ad_slot_fail(slot, status == ANIMALDETECT_E_NO_MEMORY ? AD_NET_NO_MEMORY : AD_NET_INTERNAL);
    return 0;
}

static bool slice_is_over(const struct ad_curl *self)
{
    return ad_time_now_ms() >= self->slice_end_ms;
}

static bool on_ready(void *context, int fd, int events)
{
    struct ad_curl *self = context;
    int mask =
        ((events & AD_READABLE) != 0 ? CURL_CSELECT_IN : 0) | ((events & AD_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
    int running = 0;

    if (ad_curl_end_rest(self, fd))
        return !slice_is_over(self);
    /* With an error alone libcurl would not read what the peer sent before it closed: let it read first. */
    if ((events & AD_TROUBLE) != 0)
        mask |= CURL_CSELECT_ERR | CURL_CSELECT_IN;
    check(self, curl_multi_socket_action(self->multi, fd, mask, &running));
    return !slice_is_over(self);
}

void ad_curl_detach(struct ad_curl *self, struct ad_slot *slot)
{
    slot->transfer->slot = NULL;
    if (slot->fd >= 0)
        ad_slot_lose_fd(slot);
    (void)curl_multi_remove_handle(self->multi, slot->easy);
    ad_slot_release(slot);
}

static void run_timer(struct ad_curl *self)
{
    int running = 0;

    /*
     * Once: libcurl sets its next time by itself, also if this call is too early for it, as after a suspend, during
     * which its clock stands still.
     */
    self->curl_ms = AD_TIME_NEVER;
    check(self, curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &running));
}

bool ad_curl_drive(struct ad_curl *self)
{
    struct ad_reactor *reactor = self->base.reactor;
    bool more = false;

    self->driving = true;
    self->slice_end_ms = ad_time_now_ms() + AD_SLICE_MS;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        if (timer_due(self, ad_time_now_ms()))
            run_timer(self);
        more = reactor->ops->collect(reactor, MAX_SOCKETS, on_ready, self);
        if (!timer_due(self, ad_time_now_ms()) || slice_is_over(self))
            break;
    }
    self->driving = false;
    return more || timer_due(self, ad_time_now_ms());
}

/* A slot whose transfer has completed, NULL for none. */
static struct ad_slot *next_completed(struct ad_curl *self, CURLcode *code)
{
    struct ad_list_node *node = ad_list_first(&self->doomed);
    CURLMsg *message;
    int queued;

    *code = CURLE_OUT_OF_MEMORY; /* the slot's own fault is more specific */
    if (node != NULL)
        return AD_OWNER(node, struct ad_slot, doomed_node);
    while ((message = curl_multi_info_read(self->multi, &queued)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        *code = message->data.result;
        return slot_of(message->easy_handle);
    }
    /* Only now: a completed transfer has not stalled. */
    if (!ad_curl_check_times(self))
        return NULL;
    return AD_OWNER(ad_list_first(&self->doomed), struct ad_slot, doomed_node);
}

/* The same, but a stale transfer that has sent nothing is restarted instead. */
static struct ad_slot *next_ended(struct ad_curl *self, CURLcode *code)
{
    struct ad_slot *slot = next_completed(self, code);

    while (slot != NULL && slot->stale && slot->fault == AD_NET_OK && ad_slot_start_again(slot))
        slot = next_completed(self, code);
    return slot;
}

struct ad_transfer *ad_curl_take(struct ad_curl *self)
{
    struct ad_transfer *transfer = NULL;
    struct ad_slot *slot;
    CURLcode code;

    self->driving = true;
    slot = next_ended(self, &code);
    if (slot != NULL) {
        transfer = slot->transfer;
        ad_slot_conclude(slot, code);
        ad_curl_detach(self, slot);
    }
    self->driving = false;
    return transfer;
}
