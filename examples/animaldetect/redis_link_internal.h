/* SPDX-License-Identifier: MIT */
/*
 * What the files of the connection share: the connection, and the calls that are allowed before it is established.
 */
#ifndef TOOL_REDIS_LINK_INTERNAL_H
#define TOOL_REDIS_LINK_INTERNAL_H

#include <sys/queue.h>

#include <hiredis/async.h>

#include "redis_address.h"
#include "redis_link.h"

/* A call that is not answered. */
struct call {
    TAILQ_ENTRY(call) link;
    struct link *owner;
    link_reply reply;
    void *context;
    int script; /* less than 0: none */
    bool takes_errors;
    int64_t sent_ms;
};

struct link {
    const struct link_plan *plan;
    struct address address;
    char keys[LINK_KEYS_MAX][96];
    char shas[LINK_SCRIPTS_MAX][48];
    bool is_flushed[LINK_SCRIPTS_MAX]; /* Redis has answered NOSCRIPT */
    struct resolution *resolution;     /* NULL: no lookup of the host is under way */
    redisAsyncContext *redis;          /* NULL: there is no connection */
    TAILQ_HEAD(, call) calls;          /* the oldest first */
    bool reads;
    bool writes;
    bool is_connected; /* but what was asked first may not be answered yet */
    bool is_up;
    bool was_up;
    bool is_broken;   /* to be freed as soon as no callback runs */
    bool is_hopeless; /* waiting does not help: password, version */
    bool is_told;     /* that there is no connection */
    bool has_warned;  /* that there is no AOF */
    int64_t told_ms;
    int checks; /* of the first questions, how many are not answered */
    int failures;
    int64_t since_ms; /* of the attempt */
    int64_t next_ms;  /* of the next attempt */
    char server[64];  /* its run id */
    char trouble[512];
};

/* Sends a call on a connection that may not be up yet; false when there is none. */
bool link_send(struct link *link, const struct arguments *arguments, link_reply reply, void *context);
bool link_send_script(struct link *link, int script, int given, const struct arguments *arguments, link_reply reply,
                      void *context);

/* The connection is freed as soon as no callback runs. The first line about it stays: the others are its consequences.
 */
void link_break(struct link *link, const char *what, const char *detail);

/* Logs in, loads the scripts, and asks what kind of server it is. The connection is up when all of that is answered. */
void link_greet(struct link *link);

#endif
