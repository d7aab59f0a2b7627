/* SPDX-License-Identifier: MIT */
/*
 * A peer that says exactly the bytes it was given, whatever it is asked: for answers that no proper server would give
 * (cut short, garbage, resets, silence).  It is no HTTP server; proper answers come from libmicrohttpd (echo.h).
 */
#ifndef TESTS_LIVE_PEER_H
#define TESTS_LIVE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_end {
    PEER_CLOSE, /* after the answer */
    PEER_RESET, /* likewise, by RST */
    PEER_HOLD,  /* stays open and silent until `peer_close` */
    PEER_DROP   /* stays open, takes the next request whole, then closes without an answer */
};

struct peer_script {
    const char *answer;
    size_t repeat; /* 0: once; else the answer's last `repeat_size` bytes come this often again */
    size_t repeat_size;
    bool answer_at_once; /* when the first bytes are here; else when the request's head is, "\r\n\r\n" */
    bool read_all;       /* when the whole request is, going by its Content-Length */
    enum peer_end end;
};

struct peer;

struct peer *peer_open(const struct peer_script *script);
void peer_close(struct peer *peer);

uint16_t peer_port(const struct peer *peer);
/* What the newest connection has sent before the answer, at most 16 KiB of it; waits until a request was answered. */
const char *peer_request(struct peer *peer);
int peer_connections(struct peer *peer);

/* A port of the loopback interface that nobody listens on. */
uint16_t peer_dead_port(void);

#endif
