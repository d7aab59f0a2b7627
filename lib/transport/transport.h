/* SPDX-License-Identifier: MIT */
/*
 * What the engine needs from a transport: a clock, transfers, and something to wait on.  A transport never sees a job.
 *
 * A transfer is one request and its response.  The engine starts it, drives the transport, and takes completed
 * transfers: a transport calls nothing back.  The exceptions are two functions of the transfer itself, for the bytes of
 * its body and the headers of its response; they access only that transfer's own memory and source.
 *
 * Every function except `block` is called with the client's lock held, from one thread at a time.  A transfer is owned
 * by the engine from before `start` until it was taken or aborted.
 */
#ifndef AD_TRANSPORT_TRANSPORT_H
#define AD_TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/net.h"
#include "base/time.h"
#include "transport/body.h"
#include "transport/reactor/reactor.h"

struct ad_transport;
struct ad_transfer;

#define AD_TRANSFER_MAX_HEADERS 40

/* How long one part of an iteration may run before it leaves the rest to the next: the host's event loop is waiting. */
#define AD_SLICE_MS 10
/* How often a transport checks for a stall: it fails a transfer after 1 to 1 1/8 times the stall timeout. */
#define AD_CHECKS_PER_TIMEOUT 8

struct ad_transfer {
    /* Set by the engine before `start`; borrowed until the transfer is taken or aborted. */
    const char *method; /* "GET", "POST", "PUT" */
    const char *url;
    /* API key for the Authorization header, or NULL.  Only set for a trusted origin.  Borrowed during `start` only. */
    const char *bearer;
    const struct ad_header *headers; /* at most AD_TRANSFER_MAX_HEADERS; clean, names are tokens */
    size_t header_count;
    const char *body_bytes; /* a body in memory, */
    size_t body_size;
    struct ad_body body; /* or from a source (body.ops not NULL), or neither */
    /*
     * One header of the final response, without line end; name in any case.  Not called for 1xx responses or trailers.
     */
    void (*on_header)(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size);
    uint64_t answer_limit; /* bytes */
    bool body_optional;    /* the status is sufficient, the body of the response is not needed */
    int64_t connect_timeout_ms;
    int64_t stall_timeout_ms;   /* no byte moved either way for this long */
    int64_t request_timeout_ms; /* of the whole transfer; 0: none */
    int64_t reply_timeout_ms;   /* from the acknowledged body to the response's first byte; 0: the stall timeout */
    int64_t answer_timeout_ms;  /* of the response, once it has begun and the body is sent; 0: none */
    /*
     * The request must be sent at most once.  Otherwise a transport may resend it by itself when a kept connection
     * turns out to be dead, which for a request that is not idempotent could take effect twice.
     */
    bool once;
    bool fresh; /* use a new connection: the previous request may have been lost with a kept one */

    /* Set by the transport. */
    enum ad_net net;
    int32_t body_status; /* for AD_NET_BODY: what the source returned */
    int32_t http_status;
    bool multiplexed;     /* its connection carries other requests concurrently (HTTP/2) */
    uint64_t sent;        /* body bytes handed to the network in this attempt; may be read at any time */
    uint64_t acked;       /* of these, acknowledged by the peer; this and the next three as of the last `look` */
    int64_t acked_ms;     /* when all were acknowledged; 0: not yet */
    int64_t rtt_us;       /* smoothed round trip of its connection; 0: unknown */
    int64_t min_rtt_us;   /* smallest round trip; 0: unknown */
    struct ad_buf answer; /* initialized and freed by the engine */
    /*
     * The transport's error message, without URLs and secrets; "" if there is none.  With AD_NET_OK: why a usable
     * response has no body.
     */
    char error_text[192];

    void *slot; /* private to the transport */
};

/* Resets the outputs; a transport calls it first in `start`. */
void ad_transfer_begin(struct ad_transfer *transfer);

/* Settings that may change while a transport is in use.  All texts are borrowed, and copied. */
struct ad_transport_settings {
    const char *proxy;   /* NULL: from the environment as libcurl does; "": none */
    const char *ca_file; /* NULL: the system's */
    const char *ca_pem;  /* NULL: none; overrides ca_file */
    size_t ca_pem_size;
    int32_t max_connections; /* = max_requests */
};

struct ad_transport_ops {
    /* Monotonic milliseconds, never decreasing, never negative; the origin is arbitrary. */
    int64_t (*now_ms)(struct ad_transport *transport);
    /*
     * Seconds since 1970 by the host's wall clock, 0 when unknown.  Used only for a Retry-After date in a response
     * without Date.
     */
    int64_t (*wall_s)(struct ad_transport *transport);

    /*
     * Starts a transfer.  ANIMALDETECT_OK; otherwise nothing was started: E_NO_MEMORY; E_UNSUPPORTED (the transport
     * lacks something, named in `error_text`); E_SYSTEM (likewise, if known).  Like `drive` and `take` it is called
     * within an iteration, which ends with `arm`; until then the reactor need not wake up for it.
     */
    int32_t (*start)(struct ad_transport *transport, struct ad_transfer *transfer);
    /* Aborts a transfer.  Allowed until it is taken, even if it has completed. */
    void (*abort)(struct ad_transport *transport, struct ad_transfer *transfer);
    /* Moves a bounded amount of ready bytes; never blocks.  True when more are ready. */
    bool (*drive)(struct ad_transport *transport);
    /*
     * The next completed transfer, NULL when there is none: `net`, `http_status`, `answer` and `error_text` are set.  A
     * transfer whose timeout has passed completes here.
     */
    struct ad_transfer *(*take)(struct ad_transport *transport);

    /*
     * Updates the measurements of an upload's connection: `acked` to `min_rtt_us`.  Only for a transfer that was
     * started and not taken.  NULL: the transport cannot measure them.
     */
    void (*look)(struct ad_transport *transport, struct ad_transfer *transfer);

    /*
     * Sets when the engine wants to be driven next (now_ms scale; AD_TIME_NEVER: not at all): the reactor wakes then.
     */
    void (*arm)(struct ad_transport *transport, int64_t deadline_ms);
    /* Replaces the reactor's own `block`; NULL: use that. */
    int32_t (*block)(struct ad_transport *transport, int64_t timeout_ms);

    /*
     * Applies changed settings to new transfers.  E_NO_MEMORY: nothing has changed.  NULL: the transport has no such
     * settings.
     */
    int32_t (*configure)(struct ad_transport *transport, const struct ad_transport_settings *settings);
    /* Kept connections are useless now.  NULL: the transport keeps none. */
    void (*network_changed)(struct ad_transport *transport);

    /*
     * Frees everything; all transfers were aborted before.  `forked`: in a child of the process that made it, only
     * memory and descriptors of this process are touched.  Transfers may then be in progress: they are dropped, and
     * must not be aborted (an abort would send data to the peer).
     */
    void (*close)(struct ad_transport *transport, bool forked);
};

/* The first member of every transport's own struct. */
struct ad_transport {
    const struct ad_transport_ops *ops;
    struct ad_reactor *reactor; /* to signal, announce, prepare, block, and for the descriptor */
};

static inline int32_t ad_transport_block(struct ad_transport *transport, int64_t timeout_ms)
{
    if (transport->ops->block != NULL)
        return transport->ops->block(transport, timeout_ms);
    return transport->reactor->ops->block(transport->reactor, timeout_ms);
}

#endif
