/* SPDX-License-Identifier: MIT */
/*
 * The address of a host by its name, looked up in a thread of its own: getaddrinfo may block for half a minute, and the
 * caller has a client to serve meanwhile.
 */
#ifndef TOOL_RESOLVE_H
#define TOOL_RESOLVE_H

#include <stdbool.h>

enum { RESOLVE_SIZE = 64 };

struct resolution;

/* Is it an address already? Then there is nothing to look up. */
bool resolve_is_number(const char *host);

/*
 * Of several addresses the result is number `turn`, from 0, after the last the first again: a caller that counts its
 * failures tries all of them.  NULL when out of memory, descriptors or threads.
 */
struct resolution *resolve_begin(const char *host, unsigned turn);

/* Readable when the lookup has completed. */
int resolve_descriptor(const struct resolution *resolution);

/* Has it completed? Then `error` is 0 and `number` is the address, or `error` is a code of getaddrinfo. */
bool resolve_take(const struct resolution *resolution, char number[RESOLVE_SIZE], int *error);

/* May be called at any time: a thread that still waits for a name server frees what it has when that answers. */
void resolve_free(struct resolution *resolution);

#endif
