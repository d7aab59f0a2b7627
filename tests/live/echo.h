/* SPDX-License-Identifier: MIT */
/*
 * A proper HTTP server (libmicrohttpd) on the loopback interface that echoes the request: method, target, size and
 * digest of the body. GET /bytes/N responds with N bytes instead, GET /hold never gets a response.
 */
#ifndef TESTS_LIVE_ECHO_H
#define TESTS_LIVE_ECHO_H

#include <stdint.h>

struct echo;

struct echo *echo_open(void);
struct echo *echo_open_tls(void); /* with TEST_CERTIFICATE */
void echo_close(struct echo *echo);
uint16_t echo_port(const struct echo *echo);
int echo_connections(struct echo *echo); /* accepted so far */
int echo_requests(struct echo *echo);    /* responses sent, and requests held, so far */

#endif
