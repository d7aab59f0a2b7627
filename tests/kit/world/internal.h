/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the world share: a transport, a transfer in progress, scripts and the record. Private to
 * tests/kit/world; every function is called with the world's lock held.
 */
#ifndef TESTS_KIT_WORLD_INTERNAL_H
#define TESTS_KIT_WORLD_INTERNAL_H

#include <pthread.h>

#include "base/rng.h"
#include "kit/world/world.h"

enum world_phase {
    WORLD_CONNECT, /* until the connection is open */
    WORLD_SEND,    /* the body is being sent */
    WORLD_ANSWER,  /* until the first byte of the response */
    WORLD_BODY,    /* the response's body is being received */
    WORLD_END      /* `net` is decided and is delivered when due */
};

/* One transfer in progress; `slot` of the engine's struct points here. */
struct world_flow {
    struct world_flow *next;
    struct world_transport *transport;
    struct ad_transfer *transfer;
    struct svc_upload *upload; /* started and not yet finished */
    struct svc_response response;
    struct svc_header *headers; /* parsed headers of a script */
    size_t record;
    uint64_t serial;
    uint64_t read;       /* body bytes taken from the source */
    size_t received;     /* bytes of the response */
    int64_t due_ms;      /* when the phase continues */
    int64_t moved_ms;    /* when the last byte moved */
    int64_t started_ms;
    int64_t send_ms;     /* when the body started */
    int64_t all_ms;      /* when it was detected that all of it was acknowledged; 0: not yet */
    int64_t lag_ms;      /* half of the latency, drawn once */
    enum world_phase phase;
    enum ad_net net;
    bool answered; /* `response` is set */
    bool hooked;   /* the upload hook has run */
    bool completed;      /* not collected yet */
    uint64_t completion; /* its sequence number */
};

struct world_transport {
    struct ad_transport base;
    struct ad_reactor reactor;
    struct world_transport *next;
    struct world *world;
    struct world_flow *flows; /* in order of their start */
    uint64_t completions;
    int64_t armed_ms;
    int fd; /* eventfd, -1 for none */
    struct world_bridge *bridge; /* NULL unless the public transport interface is in front */
    bool readable;
    bool signaled;
    bool announced; /* only for the host's descriptor */
};

struct world_script {
    struct world_script *next;
    enum { WORLD_SCRIPT_ANSWER, WORLD_SCRIPT_NET, WORLD_SCRIPT_REWRITE, WORLD_SCRIPT_UPLOAD, WORLD_SCRIPT_EFFECT } kind;
    enum svc_route route; /* SVC_ROUTE_END: any */
    int nth;
    int status;
    enum ad_net net;
    char *headers;
    char *body; /* or the text to replace */
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
    int64_t link_free_us; /* when the shared link has carried everything queued so far */
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
struct world_request *world_record(struct world *world, size_t record); /* NULL if it was dropped */
void world_record_free(struct world *world);

/* script.c */
const struct world_script *world_script_find(const struct world *world, int kind, enum svc_route route, int nth);
void world_script_rewrite(const struct world_script *script, struct svc_response *response);
void world_script_answer(const struct world_script *script, struct world_flow *flow);
void world_script_free(struct world *world);

/* flow.c */
void world_flow_begin(struct world_flow *flow);
/* Processes what is due; true when the flow has finished. */
bool world_flow_step(struct world_flow *flow);
/* What a transport reports about an upload's connection. */
void world_flow_look(struct world_flow *flow, struct ad_transfer *transfer);
void world_flow_clear(struct world_flow *flow);
/* The earlier of the next progress and the next timeout. */
int64_t world_flow_due_ms(const struct world_flow *flow);

/* bridge.c: puts the public transport interface in front of the world's own transport. */
int32_t world_bridge_over(struct world_transport *inner, struct ad_transport **out);
int64_t world_bridge_due_ms(const struct world_bridge *bridge);
void world_bridge_wake(const struct world_bridge *bridge);

/* vtable.c */
int64_t world_transport_due_ms(const struct world_transport *transport);
void world_transport_refresh(struct world_transport *transport);

#endif
