/* SPDX-License-Identifier: MIT */
/*
 * What the engine needs from a transport: a clock, transfers, and something to wait on.  A transport never sees a job.
 *
 * A transfer is one request and its answer on their way.  The engine starts it, drives the transport, and takes what
 * has completed: a transport calls nobody back.  The two functions that a transfer brings along, for the bytes of its
 * body and for the headers of its answer, reach no further than that transfer's own memory and source.
 *
 * Every function is called with the client's lock held, from one thread at a time, except `block`.
 * A transfer is owned by the engine from before `start` until it was taken or aborted.
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

/* How long one part of an iteration may take before it leaves the rest to the next: the host's loop lends us a moment.
 */
#define AD_SLICE_MS 10
/* How often a transport checks for silence: it ends a transfer after 1 to 1 1/8 times the stall timeout. */
#define AD_CHECKS_PER_TIMEOUT 8

struct ad_transfer {
    /* Set by the engine before `start`; borrowed until the transfer is taken or aborted. */
    const char *method; /* "GET", "POST", "PUT" */
    const char *url;
    /* API key for an Authorization header, or NULL.  Only ever set for a trusted origin.  Borrowed for `start` alone. */
    const char *bearer;
    const struct ad_header *headers; /* at most AD_TRANSFER_MAX_HEADERS; clean, names are tokens */
    size_t header_count;
    const char *body_bytes; /* a body in memory ... */
    size_t body_size;
    struct ad_body body; /* ... or from a source (body.ops not NULL), or neither */
    /* One header of the final answer, without line end; names in any case.  Not for 1xx answers or trailers. */
    void (*on_header)(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size);
    uint64_t answer_limit; /* bytes */
    bool body_optional;    /* the status says all that is needed of the answer */
    int64_t connect_timeout_ms;
    int64_t stall_timeout_ms;   /* no byte moved either way for this long */
    int64_t request_timeout_ms; /* of the whole transfer; 0: none */
    int64_t reply_timeout_ms;   /* from the body's last byte at the peer to the answer's first; 0: the stall timeout */
    int64_t answer_timeout_ms;  /* from the answer's beginning and the body's end to the answer's end; 0: none */
    /*
     * The request must go out at most once in this transfer.  Without it a transport may send it again by itself when a
     * kept connection turns out to be dead; for a request that is not idempotent that would be a second effect.
     */
    bool once;
    bool fresh; /* not on a kept connection: the one before may have been lost with it */

    /* Set by the transport. */
    enum ad_net net;
    int32_t body_status; /* for AD_NET_BODY: what the source answered */
    int32_t http_status;
    bool multiplexed;     /* its connection carries other requests at the same time (HTTP/2) */
    uint64_t sent;        /* body bytes handed to the network in this try; may be read at any time */
    uint64_t acked;       /* of these, the peer has acknowledged; this and the next three as of the last `look` */
    int64_t acked_ms;     /* when it had acknowledged all; 0: not yet */
    int64_t rtt_us;       /* smoothed round trip of its connection; 0: unknown */
    int64_t min_rtt_us;   /* the smallest one; 0: unknown */
    struct ad_buf answer; /* initialized and freed by the engine */
    /*
     * The transport's words, no URL and no secret; "" when it has none.  With AD_NET_OK: why an answer whose status
     * counts comes without its body.
     */
    char error_text[192];

    void *slot; /* the transport's own */
};

/* A transport's first act in `start`: nothing has come of the transfer yet. */
void ad_transfer_begin(struct ad_transfer *transfer);

/* What may change while a transport is in use.  All texts are borrowed, and copied. */
struct ad_transport_settings {
    const char *proxy;   /* NULL: from the environment as libcurl does; "": none */
    const char *ca_file; /* NULL: the system's */
    const char *ca_pem;  /* NULL: none; wins over ca_file */
    size_t ca_pem_size;
    int32_t max_connections; /* = max_requests */
};

struct ad_transport_ops {
    /* Monotonic milliseconds, never going back; the zero is anywhere but not negative. */
    int64_t (*now_ms)(struct ad_transport *transport);
    /*
     * Seconds since 1970 by the host's wall clock, 0 when unknown.  Used only to read a Retry-After date without a
     * Date.
     */
    int64_t (*wall_s)(struct ad_transport *transport);

    /*
     * Begins a transfer.  ANIMALDETECT_OK, or then nothing was started: E_NO_MEMORY; E_UNSUPPORTED (the transport lacks
     * what this needs, in words in `error_text`), E_SYSTEM (likewise, where it can say why).  Part of an iteration, as
     * `drive` and `take` are: it ends with `arm`, and until then the reactor need not wake for them.
     */
    int32_t (*start)(struct ad_transport *transport, struct ad_transfer *transfer);
    /* Ends one early.  Legal until it was taken, also when it has completed. */
    void (*abort)(struct ad_transport *transport, struct ad_transfer *transfer);
    /* Moves bytes that are ready, a bounded amount; never blocks.  True when more is ready. */
    bool (*drive)(struct ad_transport *transport);
    /*
     * The next transfer that has completed, NULL when there is none: `net`, `http_status`, `answer` and `error_text`
     * are set.  One whose time is over completes here.
     */
    struct ad_transfer *(*take)(struct ad_transport *transport);

    /*
     * Brings what is known of an upload's connection up to date: `acked` to `min_rtt_us`.  Only of a transfer that was
     * started and not taken.  NULL: the transport cannot tell.
     */
    void (*look)(struct ad_transport *transport, struct ad_transfer *transfer);

    /* The engine wants to be driven at this time (now_ms scale; AD_TIME_NEVER for not at all): the reactor wakes then.
     */
    void (*arm)(struct ad_transport *transport, int64_t deadline_ms);
    /* In place of the reactor's own; NULL: that one will do. */
    int32_t (*block)(struct ad_transport *transport, int64_t timeout_ms);

    /* What the host has changed since the transport was made; for new transfers.  E_NO_MEMORY: nothing has changed.
     * NULL: the transport has no such settings. */
    int32_t (*configure)(struct ad_transport *transport, const struct ad_transport_settings *settings);
    /* Connections that are kept are of no use any more.  NULL: the transport keeps none. */
    void (*network_changed)(struct ad_transport *transport);

    /*
     * Frees everything; every transfer was aborted before.  `forked`: in a child of the process that made it; touches
     * no connection, only memory and this process's descriptors.  Transfers may then be in progress: they are dropped,
     * and must not be aborted (an abort would speak to the peer).
     */
    void (*close)(struct ad_transport *transport, bool forked);
};

/* The head of every transport's own struct. */
struct ad_transport {
    const struct ad_transport_ops *ops;
    struct ad_reactor *reactor; /* what it waits on: to signal, announce, prepare, block, and the descriptor */
};

static inline int32_t ad_transport_block(struct ad_transport *transport, int64_t timeout_ms)
{
    if (transport->ops->block != NULL)
        return transport->ops->block(transport, timeout_ms);
    return transport->reactor->ops->block(transport->reactor, timeout_ms);
}

#endif
