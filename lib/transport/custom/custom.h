/* SPDX-License-Identifier: MIT */
/*
 * The transport over a host's own callbacks.  Three parts: the host's `animaldetect_transport` (callbacks, shared by
 * any number of clients), a link (what one client's engine sees of it), and an exchange (one transfer on its way, with
 * copies of all that the host reads, so that it outlives the transfer).
 *
 * Two locks: the client's covers the engine's side (`transfer`, timers); the transport's `lock` is a leaf that covers
 * what other threads touch (references, the queue of completed exchanges).  No callback of the host runs under the
 * leaf. An exchange is freed when the host has completed it, however long after the cancel that is; links and
 * transport wait for it.
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
    uint64_t references; /* the host's, one per client that was given it, one per link */
    struct ad_list links;
    bool used; /* a client was given it: the callbacks are fixed */
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
    /* The client's lock for reading a body: ANIMALDETECT_OK, ANIMALDETECT_AGAIN when this thread holds it, E_FORKED. */
    int32_t (*enter)(void *context);
    void (*leave)(void *context);
    void (*release)(void *context); /* the link is gone; called with the client's lock or without */
};

struct ad_custom {
    struct ad_transport base;
    struct ad_list_node node; /* in the transport's links while open */
    animaldetect_transport *transport;
    struct ad_custom_owner owner;
    char *user_agent;
    struct ad_heap timeouts;
    /* Under the leaf: */
    struct ad_list ended; /* exchanges that the host has ended, to be taken by the engine */
    uint64_t references;  /* the engine's, and one per exchange */
    int64_t due_ms;
    bool driving; /* what ends now is taken before the iteration is over: nobody needs to be woken */
    bool open;
};

struct ad_exchange_header {
    const char *name;
    const char *value;
};

struct animaldetect_exchange {
    struct ad_custom *link;
    /* The request: copies in one block, which holds the key and is wiped. */
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
    /* Under the client's lock: */
    struct ad_transfer *transfer; /* NULL when nobody waits any more */
    struct ad_heap_node timeout;
    int64_t request_ms; /* when the request must be over, AD_TIME_NEVER */
    int64_t answer_ms;  /* when the answer must be complete, AD_TIME_NEVER while it has not begun */
    int64_t moved_ms;   /* when something was seen to have moved */
    unsigned moves_seen;
    uint64_t given; /* body bytes read */
    bool rewound;
    int32_t body_status; /* of the image's source, when it failed */
    /* The host's thread: */
    int32_t http_status;
    struct ad_buf header_text; /* name NUL value NUL ... */
    struct ad_buf answer;
    enum ad_net fault; /* of taking the answer */
    enum ad_net net;
    char words[192];
    atomic_bool refused;   /* the answer is no success */
    atomic_bool answering; /* the answer has begun */
    atomic_uint moves; /* counts whatever moved, for the stall timeout */
    /* Under the leaf: */
    struct ad_list_node node; /* in `ended` */
    uint32_t holds;
    bool ended;
    bool canceled;
};

/* `user_agent` is copied.  ANIMALDETECT_OK, E_NO_MEMORY, E_SYSTEM; the owner is not released on failure. */
AD_CHECKED int32_t ad_custom_new(animaldetect_transport *transport, const char *user_agent,
                                 const struct ad_custom_owner *owner, struct ad_transport **out);

/* exchange.c.  A copy of what is to be sent, with one hold; NULL when memory runs out. */
animaldetect_exchange *ad_custom_exchange_new(struct ad_custom *link, struct ad_transfer *transfer);
/* Gives a hold back, and with the last one the exchange. */
void ad_custom_exchange_drop(animaldetect_exchange *exchange);
/* The host has ended it. */
void ad_custom_exchange_end(animaldetect_exchange *exchange);

/* times.c.  When the exchange must be checked next; whether its time is over, in words in its error_text then. */
int64_t ad_custom_due_ms(const animaldetect_exchange *exchange, int64_t now_ms);
bool ad_custom_is_over(animaldetect_exchange *exchange, int64_t now_ms);

/* link.c.  Gives a reference back, and with the last one the link. */
void ad_custom_link_release(struct ad_custom *link);
/* Under the leaf: makes the link's client iterate. */
void ad_custom_signal(struct ad_custom *link);

void ad_custom_transport_hold(animaldetect_transport *transport);
/* Gives a reference back, and with the last one the transport. */
void ad_custom_transport_release(animaldetect_transport *transport);

#endif
