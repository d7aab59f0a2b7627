/* SPDX-License-Identifier: MIT */
/*
 * Where a Redis is: redis://[user:password@]HOST[:PORT][/DB][?key=NAME].
 */
#ifndef TOOL_REDIS_ADDRESS_H
#define TOOL_REDIS_ADDRESS_H

#include <stdbool.h>

struct address {
    char user[128]; /* "" for none, as of password */
    char password[512];
    char host[256]; /* a number, after address_resolve */
    int port;
    int database;
    char name[64]; /* of what is kept there */
};

/* False after a line on stderr, which names the option, without the password. */
bool address_read(const char *url, const char *option, struct address *address);
/* The host as a number: hiredis would block in the middle of everything to find it out. */
bool address_resolve(struct address *address, const char *option);

#endif
