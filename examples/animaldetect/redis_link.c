/* SPDX-License-Identifier: MIT */
/*
 * The connection to Redis, by hiredis on poll(2).
 *
 * hiredis has no time-outs: a server that is stopped gives no event at all, so the oldest call that is not answered
 * ends the connection after a while.  A connection is never freed inside one of hiredis' own callbacks but by hiredis.
 */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "clock.h"
#include "connect.h"
#include "options.h"
#include "redis_link_internal.h"
#include "resolve.h"
#include "stop.h"

#define CONNECT_MS 5000
#define FIRST_MS 10000
#define SAY_MS 30000 /* a server may take some calls and refuse others: that is one line now and then */
#define STEADY_MS 5000
#define WAIT_LEAST_MS 100
#define WAIT_MOST_MS 5000

/* ---- trouble ---- */

void link_break(struct link *link, const char *what, const char *detail)
{
    if (link->is_broken)
        return;
    link->is_broken = true;
    (void)snprintf(link->trouble, sizeof link->trouble, "%s%.200s", what, detail);
}

/* Freed outside of its callbacks; the next attempt comes after a while that no two processes share. */
static void disconnect(struct link *link)
{
    int64_t most = WAIT_LEAST_MS << (link->failures < 6 ? link->failures : 6);

    if (link->redis != NULL)
        redisAsyncFree(link->redis); /* answers every call with NULL */
    if (most > WAIT_MOST_MS)
        most = WAIT_MOST_MS;
    link->next_ms = now_ms() + WAIT_LEAST_MS / 2 + randombytes_uniform((uint32_t)most);
    link->failures++;
    link->redis = NULL;
    link->is_broken = link->is_up = link->is_connected = false;
    link->reads = link->writes = false;
    if (link->was_up && !link->is_told && now_ms() - link->told_ms >= SAY_MS) {
        complain("%s: %s; retrying", link->plan->name, link->trouble);
        link->told_ms = now_ms();
        link->is_told = true;
    }
}

/* ---- calls ---- */

/* A call was answered: only that ends a trouble, since a server without memory takes connections. */
static void is_well(struct link *link)
{
    if (now_ms() - link->since_ms >= STEADY_MS)
        link->failures = 0;
    if (link->is_told)
        complain("%s: Redis is reachable again", link->plan->name);
    link->is_told = false;
}

/* Somebody has emptied the server's script cache (SCRIPT FLUSH): the call had no effect. */
static bool is_flushed(const struct call *call, const redisReply *reply)
{
    return call->script >= 0 && reply != NULL && reply->type == REDIS_REPLY_ERROR &&
           strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

static void on_reply(redisAsyncContext *redis, void *data, void *private)
{
    struct call *call = private;
    struct link *link = call->owner;
    const redisReply *reply = data;

    (void)redis;
    TAILQ_REMOVE(&link->calls, call, link);
    if (is_flushed(call, reply)) {
        link->is_flushed[call->script] = true; /* the next call brings its text, which loads it again */
        reply = NULL;
    } else if (reply != NULL && link->is_up && reply->type == REDIS_REPLY_ERROR && !call->takes_errors) {
        link_break(link, "Redis error: ", reply->str);
        reply = NULL;
    } else if (reply != NULL && link->is_up) {
        is_well(link);
    }
    call->reply(call->context, reply);
    free(call);
}

/* `kind` is a script, or one of these. */
enum { KIND_COMMAND = -1, KIND_QUERY = -2 };

static bool send_call(struct link *link, const struct arguments *arguments, int kind, link_reply reply, void *context)
{
    struct call *call;

    if (!link->is_connected || link->is_broken || (call = calloc(1, sizeof *call)) == NULL)
        return false;
    *call = (struct call){.owner = link, .reply = reply, .context = context, .script = kind, .sent_ms = now_ms()};
    call->takes_errors = kind == KIND_QUERY;
    /* before it is sent: hiredis may answer it at once, with NULL */
    TAILQ_INSERT_TAIL(&link->calls, call, link);
    if (redisAsyncCommandArgv(link->redis, on_reply, call, arguments->count, (const char **)(uintptr_t)arguments->texts,
                              arguments->sizes) == REDIS_OK)
        return true;
    TAILQ_REMOVE(&link->calls, call, link);
    free(call);
    return false;
}

bool link_send(struct link *link, const struct arguments *arguments, link_reply reply, void *context)
{
    return send_call(link, arguments, KIND_COMMAND, reply, context);
}

bool link_command(struct link *link, const struct arguments *command, link_reply reply, void *context)
{
    return link->is_up && link_send(link, command, reply, context);
}

bool link_query(struct link *link, const struct arguments *command, link_reply reply, void *context)
{
    return link->is_up && send_call(link, command, KIND_QUERY, reply, context);
}

bool link_send_script(struct link *link, int script, int given, const struct arguments *arguments, link_reply reply,
                      void *context)
{
    const int *keys = link->plan->scripts[script].keys;
    struct arguments whole = {0};
    int count = 0;

    while (keys[count] != LINK_END)
        count++;
    arguments_add_text(&whole, link->is_flushed[script] ? "EVAL" : "EVALSHA");
    arguments_add_text(&whole, link->is_flushed[script] ? link->plan->scripts[script].text : link->shas[script]);
    link->is_flushed[script] = false;
    arguments_add_number(&whole, count);
    for (int i = 0; i < count; i++) {
        arguments_add_text(&whole, link->keys[keys[i] == LINK_GIVEN ? given : keys[i]]);
    }
    for (int i = 0; i < arguments->count; i++)
        arguments_add(&whole, arguments->texts[i], arguments->sizes[i]);
    return send_call(link, &whole, script, reply, context);
}

bool link_script(struct link *link, int script, int given, const struct arguments *arguments, link_reply reply,
                 void *context)
{
    return link->is_up && link_send_script(link, script, given, arguments, reply, context);
}

/* ---- the descriptor ---- */

static void add_read(void *data)
{
    ((struct link *)data)->reads = true;
}

static void delete_read(void *data)
{
    ((struct link *)data)->reads = false;
}

static void add_write(void *data)
{
    ((struct link *)data)->writes = true;
}

static void delete_write(void *data)
{
    ((struct link *)data)->writes = false;
}

/* hiredis frees the context, by itself or because it was told to. */
static void forget(void *data)
{
    struct link *link = data;

    if (link->redis != NULL && !link->is_broken)
        link_break(link, "",
                   link->redis->errstr != NULL && *link->redis->errstr != '\0' ? link->redis->errstr
                                                                               : "the connection broke");
    link->redis = NULL;
}

static void on_connect(const redisAsyncContext *redis, int status)
{
    struct link *link = redis->data;

    if (status == REDIS_OK)
        link->is_connected = true; /* nothing is sent from here: hiredis 0.14 does not expect it */
}

/* To an address: hiredis would block in the middle of everything to look up a name. */
static void connect_to(struct link *link, const char *number)
{
    link->since_ms = now_ms();
    link->redis = redisAsyncConnect(number, link->address.port);
    if (link->redis == NULL || link->redis->err != 0) {
        link_break(link, "", link->redis != NULL ? link->redis->errstr : "out of memory");
        return;
    }
    link->redis->data = link->redis->ev.data = link;
    link->redis->ev.addRead = add_read;
    link->redis->ev.delRead = delete_read;
    link->redis->ev.addWrite = add_write;
    link->redis->ev.delWrite = delete_write;
    link->redis->ev.cleanup = forget;
    (void)redisAsyncSetConnectCallback(link->redis, on_connect); /* wants to write from now on */
    link->checks = -1;                                           /* nothing was asked yet */
}

/* There is one lookup at a time, however long it takes: getaddrinfo has timeouts of its own. */
static void begin(struct link *link)
{
    if (resolve_is_number(link->address.host)) {
        connect_to(link, link->address.host);
        return;
    }
    if (!link->was_up)
        (void)snprintf(link->trouble, sizeof link->trouble, "the lookup of %.200s takes long", link->address.host);
    link->resolution = resolve_begin(link->address.host, (unsigned)link->failures);
    if (link->resolution == NULL)
        link_break(link, "", "out of memory or threads");
}

static void take_resolution(struct link *link)
{
    char number[RESOLVE_SIZE];
    char what[128];
    int error = 0;

    if (!resolve_take(link->resolution, number, &error))
        return;
    resolve_free(link->resolution);
    link->resolution = NULL;
    if (error == 0) {
        connect_to(link, number);
        return;
    }
    (void)snprintf(what, sizeof what, "cannot look up %.100s: ", link->address.host);
    link_break(link, what, gai_strerror(error));
    link->is_hopeless = error == EAI_NONAME && !link->was_up; /* a name that was good may become so again */
}

static void check_times(struct link *link, int64_t now)
{
    const struct call *oldest = TAILQ_FIRST(&link->calls);

    if (link->redis == NULL)
        return;
    if (!link->is_connected && now - link->since_ms >= CONNECT_MS)
        link_break(link, "", "cannot reach Redis");
    else if (oldest != NULL && now - oldest->sent_ms >= link->plan->reply_ms)
        link_break(link, "", "Redis does not respond");
}

/* Connects when that is due, and says what to wait for. */
static struct pollfd prepare(struct link *link, int64_t *timeout_ms)
{
    struct pollfd wait = {.fd = -1};
    int64_t now = now_ms();

    if (link == NULL)
        return wait;
    if (link->redis == NULL && link->resolution == NULL && now >= link->next_ms && !link->is_hopeless)
        begin(link);
    if (link->resolution != NULL) {
        wait.fd = resolve_descriptor(link->resolution);
        wait.events = POLLIN;
    } else if (link->redis != NULL && !link->is_broken) {
        wait.fd = link->redis->c.fd;
        wait.events = (short)((link->reads ? POLLIN : 0) | (link->writes ? POLLOUT : 0));
    } else if (!link->is_hopeless && link->next_ms - now < *timeout_ms) {
        *timeout_ms = link->next_ms > now ? link->next_ms - now : 0;
    }
    return wait;
}

static void handle(struct link *link, short events)
{
    if (link == NULL)
        return;
    if (link->resolution != NULL) {
        take_resolution(link);
        events = 0; /* they were the lookup's */
    }
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && link->redis != NULL && link->is_connected)
        redisAsyncHandleRead(link->redis);
    if ((events & (POLLOUT | POLLHUP | POLLERR)) != 0 && link->redis != NULL)
        redisAsyncHandleWrite(link->redis);
    if (link->is_connected && link->checks < 0 && link->redis != NULL)
        link_greet(link);
    check_times(link, now_ms());
    if (link->is_broken)
        disconnect(link);
}

bool link_wait_both(struct link *link, struct link *second, int other, int64_t timeout_ms)
{
    struct pollfd waits[3] = {{.fd = other, .events = POLLIN}};

    waits[1] = prepare(link, &timeout_ms);
    waits[2] = prepare(second, &timeout_ms);
    if (poll(waits, 3, (int)timeout_ms) < 0)
        waits[0].revents = waits[1].revents = waits[2].revents = 0;
    handle(link, waits[1].revents);
    handle(second, waits[2].revents);
    return (waits[0].revents & POLLIN) != 0;
}

bool link_wait(struct link *link, int other, int64_t timeout_ms)
{
    return link_wait_both(link, NULL, other, timeout_ms);
}

/* ---- the whole ---- */

struct link *link_new(const char *url, const struct link_plan *plan)
{
    struct link *link = calloc(1, sizeof *link);

    if (link == NULL)
        return NULL;
    link->plan = plan;
    link->told_ms = -SAY_MS;
    TAILQ_INIT(&link->calls);
    if (!address_read(url, plan->option, &link->address)) {
        link_free(link);
        return NULL;
    }
    for (int i = 0; i < LINK_KEYS_MAX && plan->keys[i] != NULL; i++)
        (void)snprintf(link->keys[i], sizeof link->keys[i], "{%s:%s}:%s", plan->prefix, link->address.name,
                       plan->keys[i]);
    return link;
}

void link_free(struct link *link)
{
    if (link == NULL)
        return;
    link->is_broken = true; /* no callback is told */
    resolve_free(link->resolution);
    if (link->redis != NULL)
        redisAsyncFree(link->redis);
    sodium_memzero(&link->address, sizeof link->address);
    free(link);
}

static int wait_up(struct link *link)
{
    int64_t until = now_ms() + FIRST_MS;

    while (!link->is_up && !link->is_hopeless && now_ms() < until && stop_wanted() == STOP_NOT)
        (void)link_wait(link, -1, WAIT_LEAST_MS);
    if (link->is_up)
        return EXIT_DONE;
    return link->is_hopeless ? EXIT_USAGE : EXIT_GO_ON;
}

int link_try(struct link *link)
{
    link->has_warned = true;
    return wait_up(link);
}

int link_open(struct link *link)
{
    int code = wait_up(link);

    if (code != EXIT_DONE && stop_wanted() == STOP_NOT)
        complain("%s: %s", link->plan->name, link->trouble);
    return code;
}

const char *link_trouble(const struct link *link)
{
    return link->trouble;
}

const struct address *link_address(const struct link *link)
{
    return &link->address;
}

bool link_is_up(const struct link *link)
{
    return link->is_up && !link->is_broken;
}

const char *link_key(const struct link *link, int key)
{
    return link->keys[key];
}

struct asking {
    link_reply reply;
    void *context;
    enum { ASK_SENT, ASK_LOST, ASK_ANSWERED } state;
};

static void on_asked(void *context, const redisReply *reply)
{
    struct asking *asking = context;

    asking->state = reply != NULL ? ASK_ANSWERED : ASK_LOST;
    if (reply != NULL)
        asking->reply(asking->context, reply);
}

bool link_ask(struct link *link, int script, int given, const struct arguments *arguments, link_reply reply,
              void *context)
{
    struct asking asking = {reply, context, ASK_LOST};

    while (asking.state != ASK_ANSWERED) {
        if (asking.state == ASK_LOST && link_is_up(link)) {
            bool is_sent = script < 0 ? link_command(link, arguments, on_asked, &asking)
                                      : link_script(link, script, given, arguments, on_asked, &asking);

            asking.state = is_sent ? ASK_SENT : ASK_LOST;
        }
        /* a call that was sent is waited for: its context is on this stack */
        if (asking.state == ASK_LOST && (stop_wanted() != STOP_NOT || link->is_hopeless))
            return false;
        (void)link_wait(link, -1, WAIT_LEAST_MS);
    }
    return true;
}
