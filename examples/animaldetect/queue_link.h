/* SPDX-License-Identifier: MIT */
/*
 * One connection to the Redis that holds a queue, made again whenever it breaks.
 *
 * Calls are answered in a callback, inside `link_wait`; a call whose answer was lost is answered with NULL, and may
 * have had its effect: every script of the queue may be called again.  An error of Redis breaks the connection as well:
 * what is wrong is reported once, and all calls wait until it is over (out of memory, loading, a script cache that is
 * empty).
 */
#ifndef TOOL_QUEUE_LINK_H
#define TOOL_QUEUE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

enum queue_key { KEY_W0, KEY_W1, KEY_RES, KEY_DEAD, KEY_ENQ, KEY_LOCK, QUEUE_KEYS, KEY_STREAM, KEY_END };

enum queue_script {
    SCRIPT_BEAT,
    SCRIPT_CLAIM,
    SCRIPT_COLLECTED,
    SCRIPT_ENQUEUE,
    SCRIPT_FAIL,
    SCRIPT_FINISH,
    SCRIPT_GATHER,
    SCRIPT_LEAVE,
    SCRIPT_LOCK,
    SCRIPT_RELEASE,
    SCRIPT_RESTARTED,
    SCRIPT_TAKE,
    QUEUE_SCRIPTS
};

/* The arguments of a call: texts are borrowed until it was sent. */
enum { ARGUMENTS_MAX = 640, NUMBERS_MAX = 256 };

struct arguments {
    int count;
    int numbers;
    const char *texts[ARGUMENTS_MAX];
    size_t sizes[ARGUMENTS_MAX];
    char digits[NUMBERS_MAX][24];
};

/* One more than fits is left out: the caller bounds how many there are. */
void arguments_add(struct arguments *arguments, const char *text, size_t size);
void arguments_add_text(struct arguments *arguments, const char *text);
void arguments_add_number(struct arguments *arguments, int64_t number);

struct link;

typedef void (*link_reply)(void *context, const redisReply *reply);

/* NULL after a line on stderr: the address is wrong. Connects in `link_wait`. */
struct link *link_new(const char *url);
/* Calls that are not answered are answered with NULL. */
void link_free(struct link *link);

/* Waits for the first connection: EXIT_DONE, or an exit code after a line on stderr. */
int link_open(struct link *link);

bool link_is_up(const struct link *link);
/* The name of a key of this queue. */
const char *link_key(const struct link *link, int key);

/*
 * Waits until there is something on the connection, or on `other` (-1 for none), at most so long, and handles the
 * connection. Whether `other` is readable.
 */
bool link_wait(struct link *link, int other, int64_t timeout_ms);

/* Sends a call; false when there is no connection. `stream` is KEY_W0 or KEY_W1, for a script that takes one of them.
 */
bool link_script(struct link *link, int script, int stream, const struct arguments *arguments, link_reply reply,
                 void *context);
/* The same with a command of Redis. */
bool link_command(struct link *link, const struct arguments *command, link_reply reply, void *context);

/*
 * Sends a call as soon as there is a connection, and waits for its answer, as often as it takes; false when the program
 * is to stop. A script of -1 is a command.
 */
bool link_ask(struct link *link, int script, int stream, const struct arguments *arguments, link_reply reply,
              void *context);

/* ---- reading replies ---- */

/* The element of an array, or NULL where there is none. */
const redisReply *reply_at(const redisReply *reply, size_t index);
bool reply_is(const redisReply *reply, const char *text);
/* An integer, also one that came as text; 0 for anything else. */
int64_t reply_number(const redisReply *reply);

#endif
