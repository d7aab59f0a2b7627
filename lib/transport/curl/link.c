/* SPDX-License-Identifier: MIT */
/*
 * What the kernel knows of a connection: acknowledged bytes and round trips.  Bytes that libcurl counts as sent may be
 * in the kernel's buffer for minutes on a slow link.  Where the system does not provide this, sent bytes count as
 * acknowledged and the round trip is unknown.
 */
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
/* The kernel's definition of the struct; the C library's is older, or the only one. */
#if defined(__linux__) && __has_include(<linux/tcp.h>)
#include <linux/tcp.h>
#define HAS_TCP_INFO
#endif

#include "base/time.h"
#include "transport/curl/private.h"

uint64_t ad_slot_sent(const struct ad_slot *slot)
{
    curl_off_t sent = 0;

    return curl_easy_getinfo(slot->easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK ? (uint64_t)sent : 0;
}

int ad_slot_unacknowledged(const struct ad_slot *slot)
{
    int bytes = -1;

#ifdef __linux__ /* tcp(7): SIOCOUTQ, which has the same value */
    if (slot->fd >= 0 && ioctl(slot->fd, TIOCOUTQ, &bytes) != 0)
        bytes = -1;
#else
    (void)slot;
#endif
    return bytes;
}

#ifdef HAS_TCP_INFO
/* False: not a TCP connection, or the kernel is too old. */
static bool read_info(const struct ad_slot *slot, struct tcp_info *info)
{
    socklen_t size = sizeof *info;

    *info = (struct tcp_info){0};
    return slot->fd >= 0 && getsockopt(slot->fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0 &&
           size >= offsetof(struct tcp_info, tcpi_min_rtt) + sizeof info->tcpi_min_rtt;
}
#endif

bool ad_slot_is_acknowledging(const struct ad_slot *slot)
{
#ifdef HAS_TCP_INFO
    struct tcp_info info;

    return read_info(slot, &info) && info.tcpi_last_ack_recv < slot->transfer->stall_timeout_ms / 2;
#else
    (void)slot;
    return false;
#endif
}

static void look_at_round_trips(const struct ad_slot *slot)
{
#ifdef HAS_TCP_INFO
    struct tcp_info info;

    if (!read_info(slot, &info))
        return;
    slot->transfer->rtt_us = info.tcpi_rtt;
    /* All ones before the first measurement. */
    slot->transfer->min_rtt_us = info.tcpi_min_rtt == UINT32_MAX ? 0 : info.tcpi_min_rtt;
#else
    (void)slot;
#endif
}

void ad_slot_look(struct ad_slot *slot)
{
    struct ad_transfer *transfer = slot->transfer;
    uint64_t sent = ad_slot_sent(slot);
    int waiting = ad_slot_unacknowledged(slot);

    if (!slot->issued || transfer->body.ops == NULL)
        return;
    /*
     * The queue also contains the headers and TLS overhead, so the upload may be further along than this says, never
     * less.
     */
    if (waiting > 0)
        sent = sent > (uint64_t)waiting ? sent - (uint64_t)waiting : 0;
    if (sent > transfer->body.size)
        sent = transfer->body.size;
    if (sent > transfer->acked)
        transfer->acked = sent;
    if (transfer->acked_ms == 0 && transfer->acked == transfer->body.size)
        transfer->acked_ms = ad_time_now_ms();
    look_at_round_trips(slot);
}
