/* SPDX-License-Identifier: MIT */
/*
 * One connection to a Redis, made again whenever it breaks.  The host is looked up for each attempt, in a thread of its
 * own: a Redis that has moved is found, and a name server that is slow blocks nothing.
 *
 * Calls are answered in a callback, inside `link_wait`; a call whose answer was lost is answered with NULL, and may
 * have had its effect: every script must bear to be called again.  An error of Redis breaks the connection as well:
 * what is wrong is reported once, and all calls wait until it is over (out of memory, loading).  NOSCRIPT breaks
 * nothing: that call counts as lost, and the next call of the script is an EVAL, which loads it.
 */
#ifndef TOOL_REDIS_LINK_H
#define TOOL_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

enum { LINK_KEYS_MAX = 8, LINK_SCRIPTS_MAX = 16, LINK_SCRIPT_KEYS_MAX = 6, LINK_END = -1, LINK_GIVEN = -2 };

/* What a connection is for: its keys and scripts, and what it is called in lines on stderr. */
struct link_plan {
    const char *option;              /* that the address is of */
    const char *name;                /* "the queue" */
    const char *prefix;              /* a key is {PREFIX:NAME}:KEY, with the name of the address */
    const char *keys[LINK_KEYS_MAX]; /* up to NULL */
    struct {
        const char *text;               /* NULL after the last one */
        int keys[LINK_SCRIPT_KEYS_MAX]; /* up to LINK_END; LINK_GIVEN is stated in each call */
    } scripts[LINK_SCRIPTS_MAX];
    int restarted;    /* the script that is asked whether this is another server than before; -1 for none */
    int64_t reply_ms; /* how long an answer may take */
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
struct address;

typedef void (*link_reply)(void *context, const redisReply *reply);

/* NULL after a line on stderr: the address is wrong. Connects in `link_wait`. */
struct link *link_new(const char *url, const struct link_plan *plan);
/* Calls that are not answered are answered with NULL. */
void link_free(struct link *link);

/* Waits for the first connection: EXIT_DONE, or an exit code after a line on stderr. */
int link_open(struct link *link);
/* The same without a line, also none about the server's settings: `link_trouble` has the reason. */
int link_try(struct link *link);
const char *link_trouble(const struct link *link);
const struct address *link_address(const struct link *link);

bool link_is_up(const struct link *link);
/* The whole name of a key. */
const char *link_key(const struct link *link, int key);

/*
 * Waits until there is something on the connection, or on `other` (-1 for none), at most so long, and handles the
 * connection. Whether `other` is readable.
 */
bool link_wait(struct link *link, int other, int64_t timeout_ms);
/* The same with two connections; either may be NULL. */
bool link_wait_both(struct link *link, struct link *second, int other, int64_t timeout_ms);

/* Sends a call; false when there is no connection. `given` is the key that takes the place of LINK_GIVEN. */
bool link_script(struct link *link, int script, int given, const struct arguments *arguments, link_reply reply,
                 void *context);
/* The same with a command of Redis. */
bool link_command(struct link *link, const struct arguments *command, link_reply reply, void *context);

/* The same, and an error of Redis is handed to `reply`: it breaks nothing. */
bool link_query(struct link *link, const struct arguments *command, link_reply reply, void *context);

/*
 * Sends a call as soon as there is a connection, and waits for its answer, as often as it takes; false when the program
 * is to stop. A script of -1 is a command.
 */
bool link_ask(struct link *link, int script, int given, const struct arguments *arguments, link_reply reply,
              void *context);

/* ---- reading replies ---- */

/* The element of an array, or NULL where there is none. */
const redisReply *reply_at(const redisReply *reply, size_t index);
bool reply_is(const redisReply *reply, const char *text);
/* An integer, also one that came as text; 0 for anything else. */
int64_t reply_number(const redisReply *reply);
/* The value of "name:value" in the reply of INFO; "" where it has none. */
const char *reply_info(const char *info, const char *name, char out[64]);

#endif
