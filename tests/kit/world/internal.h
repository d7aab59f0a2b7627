/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the world share: a transport, a transfer on its way, scripts and the record.
 * Private to tests/kit/world; everything is called with the world's lock held.
 */
#ifndef TESTS_KIT_WORLD_INTERNAL_H
#define TESTS_KIT_WORLD_INTERNAL_H

#include <pthread.h>

#include "base/rng.h"
#include "kit/world/world.h"

enum world_phase {
    WORLD_CONNECT, /* until the connection is made */
    WORLD_SEND,    /* the body is on its way */
    WORLD_ANSWER,  /* until the first byte of the answer */
    WORLD_BODY,    /* the answer's body comes in */
    WORLD_END      /* `net` is decided and is delivered when due */
};

/* One transfer on its way; `slot` of the engine's struct points here. */
struct world_flow {
    struct world_flow *next;
    struct world_transport *transport;
    struct ad_transfer *transfer;
    struct svc_upload *upload; /* begun and not ended yet */
    struct svc_response response;
    struct svc_header *headers; /* scripted ones, split */
    size_t record;
    uint64_t serial;
    uint64_t read;       /* body bytes taken from the source */
    size_t received;     /* answer bytes */
    int64_t due_ms;      /* when the phase goes on */
    int64_t moved_ms;    /* when a byte moved last */
    int64_t started_ms;
    int64_t send_ms;     /* when the body began */
    int64_t all_ms;      /* when all of it was found acknowledged; 0: not yet */
    int64_t lag_ms;      /* half of the latency, drawn once */
    enum world_phase phase;
    enum ad_net net;
    bool answered; /* `response` is set */
    bool hooked;   /* the upload hook has run */
    bool completed; /* not taken yet */
    uint64_t completion; /* which one it was */
};

struct world_transport {
    struct ad_transport base;
    struct ad_reactor reactor;
    struct world_transport *next;
    struct world *world;
    struct world_flow *flows; /* in the order of their start */
    uint64_t completions;
    int64_t armed_ms;
    int fd; /* eventfd, -1 for none */
    struct world_bridge *bridge; /* NULL unless the public transport interface stands in front */
    bool readable;
    bool signaled;
    bool announced; /* for the host's descriptor only */
};

struct world_script {
    struct world_script *next;
    enum { WORLD_SCRIPT_ANSWER, WORLD_SCRIPT_NET, WORLD_SCRIPT_REWRITE, WORLD_SCRIPT_UPLOAD, WORLD_SCRIPT_EFFECT } kind;
    enum svc_route route; /* SVC_ROUTE_END: any */
    int nth;
    int status;
    enum ad_net net;
    char *headers;
    char *body; /* or what is replaced */
    char *to;
    uint64_t at;
    void (*act)(void *user);
    void *user;
};

struct world {
    struct world_config config;
    struct svc *svc;
    pthread_mutex_t lock; /* recursive: a script may call the engine */
    pthread_cond_t changed;
    struct ad_rng rng;
    int64_t now_ms;
    int64_t link_free_us; /* when the shared link has carried all that was given to it */
    int64_t outage_from_ms;
    int64_t outage_until_ms;
    enum ad_net outage;
    struct world_transport *transports;
    struct world_script *scripts;
    struct world_request *requests;
    size_t request_count;
    size_t request_room;
    size_t forgotten;
    int counts[SVC_ROUTE_END];
    uint64_t serial;
    int active;
    int uploads;
    int peak_active;
    int peak_uploads;
    int violations;
    char violation[256];
};

_Noreturn void world_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *world_alloc(size_t size);
char *world_copy(const char *text);

/* record.c */
enum svc_route world_route_named(const char *name); /* SVC_ROUTE_END for "any" */
enum svc_route world_route_of(const struct ad_transfer *transfer);
size_t world_record_start(struct world *world, const struct ad_transfer *transfer);
struct world_request *world_record(struct world *world, size_t record); /* NULL when it was forgotten */
void world_record_free(struct world *world);

/* script.c */
const struct world_script *world_script_find(const struct world *world, int kind, enum svc_route route, int nth);
void world_script_rewrite(const struct world_script *script, struct svc_response *response);
void world_script_answer(const struct world_script *script, struct world_flow *flow);
void world_script_free(struct world *world);

/* flow.c */
void world_flow_begin(struct world_flow *flow);
/* What is due; true when the flow has come to its end. */
bool world_flow_step(struct world_flow *flow);
/* What a transport sees of an upload's connection. */
void world_flow_look(struct world_flow *flow, struct ad_transfer *transfer);
void world_flow_clear(struct world_flow *flow);
/* The earlier of what goes on and what times out. */
int64_t world_flow_due_ms(const struct world_flow *flow);

/* bridge.c: puts the public transport interface in front of a transport of the world's own. */
int32_t world_bridge_over(struct world_transport *inner, struct ad_transport **out);
int64_t world_bridge_due_ms(const struct world_bridge *bridge);
void world_bridge_wake(const struct world_bridge *bridge);

/* vtable.c */
int64_t world_transport_due_ms(const struct world_transport *transport);
void world_transport_refresh(struct world_transport *transport);

#endif
