/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the mock share: the world, a transport, a transfer on its way, scripts and the record.
 * Private to tests/mock; everything is called with the world's lock held.
 */
#ifndef MOCK_INTERNAL_H
#define MOCK_INTERNAL_H

#include <pthread.h>

#include "base/rng.h"
#include "mock/mock.h"

enum mock_phase {
    MOCK_CONNECT, /* until the connection is made */
    MOCK_SEND,    /* the body is on its way */
    MOCK_ANSWER,  /* until the first byte of the answer */
    MOCK_BODY,    /* the answer's body comes in */
    MOCK_END      /* `net` is decided and is delivered when due */
};

/* One transfer on its way; `slot` of the engine's struct points here. */
struct mock_flow {
    struct mock_flow *next;
    struct mock_transport *transport;
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
    int64_t lag_ms;      /* half of the latency, drawn once */
    enum mock_phase phase;
    enum ad_net net;
    bool answered; /* `response` is set */
    bool hooked;   /* the upload hook has run */
    bool completed; /* not taken yet */
    uint64_t completion; /* which one it was */
};

struct mock_transport {
    struct ad_transport base;
    struct ad_reactor reactor;
    struct mock_transport *next;
    struct mock *mock;
    struct mock_flow *flows; /* in the order of their start */
    uint64_t completions;
    int64_t armed_ms;
    int fd; /* eventfd, -1 for none */
    struct mock_bridge *bridge; /* NULL unless the public transport interface stands in front */
    bool readable;
    bool signaled;
    bool announced; /* for the host's descriptor only */
};

struct mock_script {
    struct mock_script *next;
    enum { MOCK_SCRIPT_ANSWER, MOCK_SCRIPT_NET, MOCK_SCRIPT_REWRITE, MOCK_SCRIPT_UPLOAD, MOCK_SCRIPT_EFFECT } kind;
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

struct mock {
    struct mock_config config;
    struct svc *svc;
    pthread_mutex_t lock; /* recursive: a script may call the engine */
    pthread_cond_t changed;
    struct ad_rng rng;
    int64_t now_ms;
    struct mock_transport *transports;
    struct mock_script *scripts;
    struct mock_request *requests;
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

_Noreturn void mock_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *mock_alloc(size_t size);
char *mock_copy(const char *text);

/* record.c */
enum svc_route mock_route_named(const char *name); /* SVC_ROUTE_END for "any" */
enum svc_route mock_route_of(const struct ad_transfer *transfer);
size_t mock_record_start(struct mock *mock, const struct ad_transfer *transfer);
struct mock_request *mock_record(struct mock *mock, size_t record); /* NULL when it was forgotten */
void mock_record_free(struct mock *mock);

/* script.c */
const struct mock_script *mock_script_find(const struct mock *mock, int kind, enum svc_route route, int nth);
void mock_script_rewrite(const struct mock_script *script, struct svc_response *response);
void mock_script_answer(const struct mock_script *script, struct mock_flow *flow);
void mock_script_free(struct mock *mock);

/* flow.c */
void mock_flow_begin(struct mock_flow *flow);
/* What is due; true when the flow has come to its end. */
bool mock_flow_step(struct mock_flow *flow);
void mock_flow_clear(struct mock_flow *flow);
/* The earlier of what goes on and what times out. */
int64_t mock_flow_due_ms(const struct mock_flow *flow);

/* bridge.c: puts the public transport interface in front of a transport of the mock's own. */
int32_t mock_bridge_over(struct mock_transport *inner, struct ad_transport **out);
int64_t mock_bridge_due_ms(const struct mock_bridge *bridge);
void mock_bridge_wake(const struct mock_bridge *bridge);

/* vtable.c */
int64_t mock_transport_due_ms(const struct mock_transport *transport);
void mock_transport_refresh(struct mock_transport *transport);

#endif
