/* SPDX-License-Identifier: MIT */
/*
 * The address of a Redis: redis://[user:password@]HOST[:PORT][/DB][?key=NAME].
 */
#ifndef TOOL_REDIS_ADDRESS_H
#define TOOL_REDIS_ADDRESS_H

#include <stdbool.h>

struct address {
    char user[128]; /* "" for none, as of password */
    char password[512];
    char host[256];
    int port;
    int database;
    char name[64]; /* of what is kept there */
};

/* False after a line on stderr, which names the option, without the password. */
bool address_read(const char *url, const char *option, struct address *address);

#endif
