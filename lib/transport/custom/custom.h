/* SPDX-License-Identifier: MIT */
/*
 * The transport over a host's callbacks.  Three parts: the host's `animaldetect_transport` (callbacks, shared by any
 * number of clients), a link (one client's connection to it), and an exchange (one transfer, with copies of everything
 * the host reads, so that it may outlive the transfer).
 *
 * Two locks: the client's protects the engine's side (`transfer`, timers).  The transport's `lock` is a leaf that
 * protects what other threads access (references, the queue of completed exchanges); no callback of the host runs under
 * it.  An exchange is freed when the host has completed it, however long after a cancel; links and transport wait for
 * it.
 */
#ifndef AD_TRANSPORT_CUSTOM_H
#define AD_TRANSPORT_CUSTOM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <animaldetect/exchange.h>
#include <animaldetect/transport.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/list.h"
#include "transport/reactor/reactor.h"
#include "transport/transport.h"

struct animaldetect_transport {
    pthread_mutex_t lock;
    uint64_t references; /* the host's, one per client that uses it, one per link */
    struct ad_list links;
    bool used; /* a client uses it: the callbacks are fixed */
    void *user;
    uint64_t seed;
    animaldetect_transport_start_callback start;
    animaldetect_transport_cancel_callback cancel;
    animaldetect_transport_clock_callback clock;
    animaldetect_transport_clock_callback wall_clock;
    animaldetect_transport_poll_callback poll;
    animaldetect_transport_idle_callback idle;
    animaldetect_release_callback release;
};

/* What a link knows of the client above it. */
struct ad_custom_owner {
    void *context;
    /*
     * Takes the client's lock for reading a body: ANIMALDETECT_OK, ANIMALDETECT_AGAIN if this thread holds it,
     * E_FORKED.
     */
    int32_t (*enter)(void *context);
    void (*leave)(void *context);
    void (*release)(void *context); /* the link is freed; called with or without the client's lock */
};

struct ad_custom {
    struct ad_transport base;
    struct ad_list_node node; /* in the transport's links while open */
    animaldetect_transport *transport;
    struct ad_custom_owner owner;
    char *user_agent;
    struct ad_heap timeouts;
    /* Protected by the leaf lock: */
    struct ad_list ended; /* exchanges completed by the host, to be taken by the engine */
    uint64_t references;  /* the engine's, and one per exchange */
    int64_t due_ms;
    bool driving; /* completions are taken before the iteration ends: no wakeup needed */
    bool open;
};

struct ad_exchange_header {
    const char *name;
    const char *value;
};

struct animaldetect_exchange {
    struct ad_custom *link;
    /* The request: copies in one block, which contains the key and is wiped. */
    char *text;
    size_t text_size;
    const char *method;
    const char *url;
    const uint8_t *body;
    uint64_t body_size;
    struct ad_exchange_header headers[AD_TRANSFER_MAX_HEADERS + 2];
    size_t header_count;
    int64_t connect_timeout_ms;
    bool once;
    void *user_data;
    /* Protected by the client's lock: */
    struct ad_transfer *transfer; /* NULL after a cancel */
    struct ad_heap_node timeout;
    int64_t request_ms; /* deadline of the request, AD_TIME_NEVER */
    int64_t answer_ms;  /* deadline of the response, AD_TIME_NEVER before it has begun */
    int64_t moved_ms;   /* when progress was last seen */
    unsigned moves_seen;
    uint64_t given; /* body bytes read */
    bool rewound;
    int32_t body_status; /* of the image's source, if it failed */
    /* Used by the host's thread: */
    int32_t http_status;
    struct ad_buf header_text; /* name NUL value NUL ... */
    struct ad_buf answer;
    enum ad_net fault; /* error while taking the response */
    enum ad_net net;
    char message[192];
    atomic_bool refused;   /* the response is not a success */
    atomic_bool answering; /* the response has begun */
    atomic_uint moves;     /* counts progress, for the stall timeout */
    /* Protected by the leaf lock: */
    struct ad_list_node node; /* in `ended` */
    uint32_t holds;
    bool ended;
    bool canceled;
};

/* `user_agent` is copied.  ANIMALDETECT_OK, E_NO_MEMORY, E_SYSTEM; on failure the owner is not released. */
AD_CHECKED int32_t ad_custom_new(animaldetect_transport *transport, const char *user_agent,
                                 const struct ad_custom_owner *owner, struct ad_transport **out);

/* exchange.c.  Copies the request, with one hold; NULL when out of memory. */
animaldetect_exchange *ad_custom_exchange_new(struct ad_custom *link, struct ad_transfer *transfer);
/* Drops a hold, and with the last one the exchange. */
void ad_custom_exchange_drop(animaldetect_exchange *exchange);
/* The host has completed it. */
void ad_custom_exchange_end(animaldetect_exchange *exchange);

/* times.c.  When to check the exchange next; whether a timeout has passed, which its error_text then explains. */
int64_t ad_custom_due_ms(const animaldetect_exchange *exchange, int64_t now_ms);
bool ad_custom_is_over(animaldetect_exchange *exchange, int64_t now_ms);

/* link.c.  Drops a reference, and with the last one the link. */
void ad_custom_link_release(struct ad_custom *link);
/* Makes the link's client iterate.  Called with the leaf lock. */
void ad_custom_signal(struct ad_custom *link);

void ad_custom_transport_hold(animaldetect_transport *transport);
/* Drops a reference, and with the last one the transport. */
void ad_custom_transport_release(animaldetect_transport *transport);

#endif
