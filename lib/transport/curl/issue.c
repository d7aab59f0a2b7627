/* SPDX-License-Identifier: MIT */
/*
 * When a request is sent on a connection, and who may send it again.
 *
 * If nothing comes back on a kept connection, libcurl sends the request again by itself, whatever its method.  For a
 * request that must be sent at most once that is once too often.  From 7.80 on libcurl calls back before each sending
 * (CURLOPT_PREREQFUNCTION):
 *   - The first time, on a kept connection that the peer has already closed: nothing was sent. The transfer starts
 *     again on a new connection (`stale`), unnoticed. libcurl 8 does not check this itself: within a second of its
 *     last check it takes a kept connection to be alive.
 *   - A second time: the first may have taken effect. The transfer fails, and the engine polls the service.
 * Older versions do not call back.  There, such a request gets a new connection, on which libcurl never sends twice,
 * and the debug callback tells that it is on its connection, just after it was put there.
 */
#include <stdio.h>
#include <string.h>

#include "transport/curl/private.h"

static void issued(struct ad_slot *slot)
{
    slot->issued = true;
    ad_slot_watch(slot);
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* For a kept connection libcurl otherwise reports the descriptor only when it has to wait, if ever. */
static void find_fd(struct ad_slot *slot, int local_port, int peer_port)
{
    const struct ad_curl_socket *socket = ad_curl_socket_between(&slot->owner->sockets, local_port, peer_port);

    if (socket != NULL)
        ad_slot_set_fd(slot, socket->fd);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature is that of libcurl */
int ad_slot_on_issue(void *context, char *peer, char *local, int peer_port, int local_port)
{
    struct ad_slot *slot = context;

    (void)peer;
    (void)local;
    if (slot->fd < 0)
        find_fd(slot, local_port, peer_port);
    if (!slot->transfer->once) {
        issued(slot);
        return CURL_PREREQFUNC_OK;
    }
    if (slot->issued) {
        slot->fault = AD_NET_BROKEN;
        (void)snprintf(slot->words, sizeof slot->words, "the connection was lost before a response arrived");
        return CURL_PREREQFUNC_ABORT;
    }
    if (!slot->fd_opened && slot->fd >= 0 && ad_socket_peer_is_gone(slot->fd)) {
        slot->stale = true;
        return CURL_PREREQFUNC_ABORT;
    }
    issued(slot);
    return CURL_PREREQFUNC_OK;
}
#endif

int ad_slot_on_debug(CURL *easy, curl_infotype kind, char *bytes, size_t size, void *context)
{
    static const char tunnel[] = "CONNECT ";
    struct ad_slot *slot = context;

    (void)easy;
    if (kind != CURLINFO_HEADER_OUT || slot->transfer == NULL)
        return 0;
    if (size < sizeof tunnel - 1 || memcmp(bytes, tunnel, sizeof tunnel - 1) != 0)
        issued(slot);
    return 0;
}

bool ad_slot_start_again(struct ad_slot *slot)
{
    struct ad_curl *self = slot->owner;

    slot->stale = false;
    (void)curl_multi_remove_handle(self->multi, slot->easy);
    slot->error[0] = '\0';
    if (curl_easy_setopt(slot->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
        curl_multi_add_handle(self->multi, slot->easy) == CURLM_OK)
        return true;
    slot->fault = AD_NET_CONNECT;
    (void)snprintf(slot->words, sizeof slot->words,
                   "a kept-alive connection was closed, and no new one could be started");
    return false;
}
