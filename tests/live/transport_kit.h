/* SPDX-License-Identifier: MIT */
/*
 * Drives a libcurl transport as the engine would, in three ways: waiting in `block` over either reactor, and as a host
 * that watches the one descriptor edge-triggered and calls once per event.
 */
#ifndef TESTS_LIVE_TRANSPORT_KIT_H
#define TESTS_LIVE_TRANSPORT_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/curl/curl.h"

#define TEST_KEY "sk_test_0123456789"

/* A body source over memory that can simulate errors. */
struct source {
    const uint8_t *bytes;
    uint64_t position;
    uint64_t end;        /* returns no byte from here on */
    int32_t read_status; /* negative: `read` returns this at the end instead of 0 */
    int32_t rewind_status;
    size_t at_most; /* per read; 0: no limit */
    int rewinds;
};

struct exchange {
    struct ad_transfer transfer;
    struct ad_header request_headers[8];
    struct source source;
    char url[256];
    char headers[4096]; /* "name: value\n" of the received headers */
    int done;
    void (*then)(struct exchange *exchange); /* called when the exchange was collected */
    void *context;
};

struct kit {
    struct ad_transport *transport;
    int outer; /* a host's epoll set, -1: `block` is used */
    int32_t budget;
    int64_t deadline_ms; /* AD_TIME_NEVER: as of an idle engine */
};

/* cmocka setups, one for each way; the teardown closes the transport. */
int kit_setup_epoll(void **state);
int kit_setup_poll(void **state);
int kit_setup_edge(void **state);
int kit_teardown(void **state);

/* The same by hand, with another configuration; the caller owns `kit`. */
void kit_open(struct kit *kit, const struct ad_curl_config *config);
void kit_close(struct kit *kit);

/* A GET of http://127.0.0.1:`port``path` with generous limits. */
void exchange_init(struct exchange *exchange, const char *method, uint16_t port, const char *path);
void exchange_source(struct exchange *exchange, const uint8_t *bytes, size_t size);
void exchange_header(struct exchange *exchange, const char *name, const char *value);
void exchange_free(struct exchange *exchange);
const char *exchange_answer(const struct exchange *exchange);

void kit_start(struct kit *kit, struct exchange *exchange);
/* Moves bytes and collects at most `budget` exchanges. True when more may be ready. */
bool kit_drive(struct kit *kit, int32_t budget);
/* One wait and one iteration. */
void kit_turn(struct kit *kit);
/*
 * Iterates until it has completed. Checks that it was reported once and that none of its texts contains the key or the
 * URL.
 */
void kit_finish(struct kit *kit, struct exchange *exchange);
void kit_run(struct kit *kit, struct exchange *exchange);

#define IN_ALL_WAYS(name)                                                    \
    cmocka_unit_test_setup_teardown(name, kit_setup_epoll, kit_teardown),    \
        cmocka_unit_test_setup_teardown(name, kit_setup_poll, kit_teardown), \
        cmocka_unit_test_setup_teardown(name, kit_setup_edge, kit_teardown)

#endif
