/* SPDX-License-Identifier: MIT */
/*
 * What client.c, log.c and watch.c share: the object behind a Client.
 */
#ifndef ANIMALDETECT_NODE_CLIENT_H
#define ANIMALDETECT_NODE_CLIENT_H

#include "addon.h"

/* Completed calls that one `take` returns, so that other users of the event loop are served between. */
#define BATCH 64

struct client {
    animaldetect_client *handle; /* NULL once closed */
    struct watch *watch;         /* NULL until it is needed */
    napi_ref ready;     /* the function; strong only while the watch is active, or the client could not be collected */
    struct line *lines; /* of the log, not handed out yet, the oldest first */
    struct line **last;
    int depth;        /* callbacks that run JavaScript */
    bool has_readers; /* an image was set whose reader is JavaScript */

    /* One iteration of the library, and the calls that have completed, until `take` returns them. */
    bool is_collected;
    int32_t status; /* of the iteration */
    uint32_t completed;
    struct {
        intptr_t job; /* the number that index.js gave it */
        int32_t status;
    } completions[BATCH];
};

/* Closes the library's client, and the watch before it. */
void close_client(struct client *client);
void close_watch(struct client *client);

/* For animaldetect_client_set_log; `user` is a struct client. */
void keep_line(void *user, const animaldetect_log_record *record);
void free_lines(struct client *client);

/* Methods of Client. */
napi_value client_take_log(napi_env env, napi_callback_info info);
napi_value client_watch(napi_env env, napi_callback_info info);
napi_value client_looks(napi_env env, napi_callback_info info);
napi_value client_take(napi_env env, napi_callback_info info);

#endif
