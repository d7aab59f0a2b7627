/* SPDX-License-Identifier: MIT */
/*
 * Single requests to the emulator, for its own tests: libcurl's result of each, and the unchanged response.
 */
#ifndef TESTS_LIVE_EMULATOR_ASK_H
#define TESTS_LIVE_EMULATOR_ASK_H

#include <curl/curl.h>

#include "kit/emulator.h"

#define PAYLOAD "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c.jpg\"}"

struct answer {
    CURLcode code;
    long status;
    char location[1024]; /* absolute; "": none */
    char headers[2048];  /* unchanged */
    size_t headers_size;
    char body[4096];
    size_t size;
};

/* POST of `body`, or GET without a body, with the API key and the idempotency key "k". `path` is below the base. */
struct answer ask(const struct emulator *emulator, const char *path, const char *body, long limit_ms);

/* The same to any URL; NULL: no idempotency key. */
struct answer ask_url(const char *url, const char *body, const char *idempotency_key, long limit_ms);

/* GET without the API key. */
struct answer get_url(const char *url, long limit_ms);

/* PUT of `bytes` as image/jpeg, without the API key. */
struct answer put_url(const char *url, const char *bytes, long limit_ms);

#endif
