/* SPDX-License-Identifier: MIT */
/*
 * What the files of the mock share.  One lock protects everything.  It is not held while a body is read (that takes the
 * client's lock) nor while the host's code runs; under it only functions of transport.h and exchange.h that never wait
 * are called.
 */
#ifndef TESTING_MOCK_INTERNAL_H
#define TESTING_MOCK_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include <animaldetect/animaldetect.h>
#include <animaldetect/mock.h>

#include "testing/service/service.h"

#define MOCK_NEVER INT64_MAX
#define MOCK_START_MS 1000000
#define MOCK_START_WALL_MS INT64_C(1781701200000) /* 2026-06-17T13:00:00Z */
#define MOCK_STORAGE "https://storage.mock.test"

enum mock_phase {
    MOCK_ARRIVING,  /* on its way to the service */
    MOCK_ANSWERING, /* the service has responded, nothing has arrived yet */
    MOCK_SENDING    /* the response's body is arriving */
};

/* One request in flight; the exchange's user data points here. */
struct mock_flow {
    struct mock_flow *next;
    animaldetect_exchange *exchange;
    animaldetect_mock_request *request;
    struct svc_upload *upload; /* started and not complete */
    struct svc_response response;
    bool answered; /* `response` is set */
    bool scripted; /* by the test: the service is not asked */
    enum mock_phase phase;
    int32_t failure; /* replaces the response; 0: none */
    size_t received;
    int64_t delay_ms;
    int64_t lag_ms;
    int64_t due_ms;
};

struct animaldetect_mock_request {
    enum svc_route route;
    char *method;
    char *url;
    char **headers; /* name, value, name, value, ... */
    size_t header_count;
    char *body; /* NULL: none, or an image */
    uint64_t body_size;
    int64_t start_ms;
    int64_t end_ms;
    int32_t http_status;
};

enum mock_script_kind { MOCK_SCRIPT_ANSWER, MOCK_SCRIPT_FAIL, MOCK_SCRIPT_DELAY };

struct mock_script {
    struct mock_script *next;
    enum mock_script_kind kind;
    enum svc_route route; /* SVC_ROUTE_END: any */
    int32_t nth;
    int32_t http_status;
    int32_t failure;
    int64_t delay_ms;
    char *headers;
    char *body;
};

struct mock_requests {
    animaldetect_mock_request **at;
    size_t count;
    size_t room;
};

struct animaldetect_mock {
    pthread_mutex_t lock;
    animaldetect_transport *transport;
    struct svc *svc; /* created with the first request, or on demand */
    struct svc_config config;
    char *api_key;
    char *processing;
    char message[256];
    int64_t now_ms;
    int64_t latency_ms;
    bool automatic;
    struct mock_flow *flows; /* in order of their start */
    struct mock_script *scripts;
    struct mock_requests routes[SVC_ROUTE_END + 1]; /* the last one: all routes */
};

/* memory.c: abort when out of memory, as the service model does. */
void *mock_alloc(size_t size);
char *mock_copy(const char *text); /* NULL for NULL */
char *mock_copy_n(const void *bytes, size_t size);

/* service.c */
struct svc *mock_service(animaldetect_mock *mock);
int64_t mock_wall_ms(const animaldetect_mock *mock);

/* lock.c */
int32_t mock_refuse(animaldetect_mock *mock, const char *format, ...) __attribute__((format(printf, 2, 3)));
pthread_mutex_t *mock_lock_of(const animaldetect_mock *mock);

/* carry.c: the transport's callbacks, and the next event. */
int32_t mock_start(void *user, animaldetect_exchange *exchange);
void mock_cancel(void *user, animaldetect_exchange *exchange);
int64_t mock_next_due_ms(const animaldetect_mock *mock); /* MOCK_NEVER: none */
void mock_deliver_due(animaldetect_mock *mock);

/* time.c: the transport's callbacks. */
int64_t mock_clock(void *user);
int64_t mock_wall_clock(void *user);
int64_t mock_idle(void *user, int64_t timeout_ms);
void mock_poll(void *user);

/* record.c */
bool mock_route_named(const char *name, enum svc_route *out); /* SVC_ROUTE_END for "any" */
animaldetect_mock_request *mock_record(animaldetect_mock *mock, const animaldetect_exchange *exchange);
void mock_record_free(animaldetect_mock *mock);

/* script.c */
const struct mock_script *mock_script_find(const animaldetect_mock *mock, enum mock_script_kind kind,
                                           enum svc_route route);
void mock_script_answer(const struct mock_script *script, struct svc_response *response);
void mock_script_free(animaldetect_mock *mock);

#endif
