/* SPDX-License-Identifier: MIT */
/*
 * A world for the library under test: the service model behind the transport vtable, a network model, and a virtual
 * clock. Nothing sleeps; the same seed and calls give the same run. One world serves any number of clients. It aborts
 * with a message when a contract of transport.h is violated, and when a blocking call could never return (a hang is a
 * failed test). It never reads a clock or opens a socket.
 *
 * It is not the mock of lib/testing, which is a product over the public transport interface: this one checks the engine
 * at the vtable, and sees requests that no host could see. Out of memory aborts, as in the model. Calls from several
 * threads are safe, except while the world is freed.
 */
#ifndef TESTS_KIT_WORLD_WORLD_H
#define TESTS_KIT_WORLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/config.h"
#include "testing/service/service.h"
#include "transport/transport.h"

#define WORLD_PIECE ((size_t)16 * 1024) /* size of the reads from a body source */

struct world;

/* Borrowed texts must live as long as the world.  Start from world_config_default. */
struct world_config {
    uint64_t seed;
    int64_t start_ms;         /* initial value of now_ms */
    int64_t wall_ms;          /* initial wall clock, milliseconds since 1970 */
    int64_t latency_ms;       /* half of it before the request arrives, half before the response's first byte */
    int64_t jitter_ms;        /* maximum additional latency, drawn from the seed */
    int64_t upload_bps;       /* bytes per second of one upload; 0: no limit */
    int64_t link_bps;         /* bytes per second of the link that all uploads share; 0: no limit */
    int64_t link_low_bps;     /* the same in every second minute; 0: constant bandwidth */
    uint64_t link_early;      /* bytes of a body that a relay acknowledges before the link has carried them */
    bool link_hides;          /* the transport cannot query its connections, and `link_early` is its own buffer */
    int64_t start_cost_ms;    /* how long a start takes, as on a slow machine */
    double connect_failure;   /* probability that a connection cannot be opened */
    const char *storage_origin;
    bool no_wall; /* wall_s returns 0 */
    bool no_fd;   /* fd returns E_UNSUPPORTED */
    bool bridged; /* puts the public transport interface in front; set when AD_TEST_TRANSPORT is "public" */
    bool threads; /* a block without a pending event waits for a signal of another thread */
};

void world_config_default(struct world_config *config);

/* `svc` is borrowed. */
struct world *world_new(struct svc *svc, const struct world_config *config);
/* After every client was freed; aborts when a transport is still open. */
void world_free(struct world *world);

/* An ad_transport_factory; the context is the world. */
int32_t world_factory(void *context, const struct ad_config *config, struct ad_transport **out);

/* ---- time ---- */
int64_t world_now_ms(const struct world *world);
int64_t world_wall_ms(const struct world *world);
/* When the next event of any transport is due; AD_TIME_NEVER: never. */
int64_t world_next_ms(struct world *world);
/* Advances to the next event. False, without advancing, when nothing would ever happen. */
bool world_advance(struct world *world);
/* Advances by `ms`, past everything that is due in between: a host that is late. */
void world_skip(struct world *world, int64_t ms);

/*
 * ---- scripts ----
 * `nth` counts the requests of a route from 1; 0 means every request. The first script that matches applies.
 */
/* A response in place of the model's. `headers`: "Name: value" lines separated by \n, or NULL; body may be NULL. */
void world_answer(struct world *world, const char *route, int nth, int status, const char *headers, const char *body);
/* A network error in place of the model's response; the model never sees the request. */
void world_net(struct world *world, const char *route, int nth, enum ad_net net);
/* Sets the shared link's bandwidth from now on, see world_config. */
void world_set_link(struct world *world, int64_t bps);
/* Within this time every connection fails with this error, whatever its route. */
void world_outage(struct world *world, int64_t from_ms, int64_t until_ms, enum ad_net net);
/* Replaces text in the body of the model's response; aborts when it does not contain `from`. */
void world_rewrite(struct world *world, const char *route, int nth, const char *from, const char *to);
/* Runs when the nth upload has sent `at` bytes or more, from inside `drive`. */
void world_on_upload(struct world *world, int nth, uint64_t at, void (*act)(void *user), void *user);
/* Runs when the nth request has had its effect and its response is on the wire, from inside `drive`. */
void world_on_effect(struct world *world, const char *route, int nth, void (*act)(void *user), void *user);

/* ---- the record: every request in order of its start ---- */
struct world_request {
    enum svc_route route;
    int nth; /* within its route, from 1 */
    char *method;
    char *url;
    char *headers; /* "Name: value\n" lines, as the transport got them */
    char *bearer;  /* NULL: none */
    char *body;    /* of a request from memory, NUL-terminated; NULL: none */
    size_t body_size;
    int64_t start_ms;
    int64_t arrived_ms; /* complete, at the service or a script in its place; -1: not yet, or never */
    int64_t end_ms; /* -1 while in progress */
    uint64_t sent;
    int32_t status; /* 0: none */
    enum ad_net net;
    bool aborted;
    bool once;  /* as passed to the transport */
    bool fresh; /* likewise */
};

bool world_is_bridged(const struct world *world);
size_t world_request_count(const struct world *world);
const struct world_request *world_request_at(const struct world *world, size_t index); /* NULL past the end */
/* The nth request of a route, from 1; -1: the last one; NULL when there is none. */
const struct world_request *world_request_of(const struct world *world, const char *route, int nth);
int world_count(const struct world *world, const char *route); /* "any": all routes */
/* Value of a request's header, written to `out`; false when it has none. Names are compared without case. */
bool world_request_header(const struct world_request *request, const char *name, char *out, size_t size);
/* Drops the records of completed requests, for long runs; the counts stay. */
void world_forget(struct world *world);

int world_active(const struct world *world);
int world_peak_active(const struct world *world);
int world_peak_uploads(const struct world *world);
/* What a strict host would report without aborting: a bearer token at the storage. Message of the last one. */
int world_violations(const struct world *world);
const char *world_violation(const struct world *world);

#endif
