/* SPDX-License-Identifier: MIT */
/*
 * A peer that sends exactly the bytes it was given, whatever the request: for responses that no proper server would
 * send (truncated, garbage, resets, silence). It is no HTTP server; proper responses come from libmicrohttpd (echo.h).
 */
#ifndef TESTS_LIVE_PEER_H
#define TESTS_LIVE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_end {
    PEER_CLOSE, /* closes after the response */
    PEER_RESET, /* the same, by RST */
    PEER_HOLD,  /* stays open and silent until `peer_close` */
    PEER_DROP   /* stays open, reads the whole next request, then closes without a response */
};

struct peer_script {
    const char *answer;
    size_t repeat; /* 0: once; else repeats the last `repeat_size` bytes of the response this often */
    size_t repeat_size;
    bool answer_at_once; /* once the first bytes arrive; else once the request's head is complete, "\r\n\r\n" */
    bool read_all;       /* once the whole request has arrived, according to its Content-Length */
    enum peer_end end;
};

struct peer;

struct peer *peer_open(const struct peer_script *script);
void peer_close(struct peer *peer);

uint16_t peer_port(const struct peer *peer);
/*
 * The bytes that the newest connection sent before the response, at most 16 KiB; waits until a request got its
 * response.
 */
const char *peer_request(struct peer *peer);
int peer_connections(struct peer *peer);

/* A port of the loopback interface on which nobody listens. */
uint16_t peer_dead_port(void);

#endif
