/* SPDX-License-Identifier: MIT */
/*
 * The connection to Redis, by hiredis on poll(2).
 *
 * hiredis has no time-outs: a server that is stopped gives no event at all, so the oldest call that is not answered
 * ends the connection after a while.  A connection is never freed inside one of hiredis' own callbacks but by hiredis.
 */
#include "queue_link.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <hiredis/async.h>
#include <sodium.h>

#include "connect.h"
#include "options.h"
#include "queue_address.h"
#include "queue_scripts.h"
#include "run.h"
#include "stop.h"

#define CONNECT_MS 5000
#define REPLY_MS 5000 /* a write may wait two seconds for the disk of the server */
#define FIRST_MS 10000
#define WAIT_LEAST_MS 100
#define WAIT_MOST_MS 5000
#define OLDEST_VERSION 7

static const struct {
    const char *text;
    int keys[6]; /* up to KEY_END */
} scripts[QUEUE_SCRIPTS] = {
    [SCRIPT_BEAT] = {script_beat, {KEY_STREAM, KEY_END}},
    [SCRIPT_CLAIM] = {script_claim, {KEY_STREAM, KEY_RES, KEY_DEAD, KEY_ENQ, KEY_END}},
    [SCRIPT_COLLECTED] = {script_collected, {KEY_RES, KEY_LOCK, KEY_END}},
    [SCRIPT_ENQUEUE] = {script_enqueue, {KEY_STREAM, KEY_ENQ, KEY_END}},
    [SCRIPT_FAIL] = {script_fail, {KEY_STREAM, KEY_RES, KEY_DEAD, KEY_END}},
    [SCRIPT_FINISH] = {script_finish, {KEY_STREAM, KEY_RES, KEY_END}},
    [SCRIPT_GATHER] = {script_gather, {KEY_RES, KEY_LOCK, KEY_W0, KEY_W1, KEY_ENQ, KEY_END}},
    [SCRIPT_LEAVE] = {script_leave, {KEY_W0, KEY_W1, KEY_END}},
    [SCRIPT_LOCK] = {script_lock, {KEY_LOCK, KEY_ENQ, KEY_W0, KEY_W1, KEY_RES, KEY_END}},
    [SCRIPT_RELEASE] = {script_release, {KEY_LOCK, KEY_END}},
    [SCRIPT_RESTARTED] = {script_restarted, {KEY_ENQ, KEY_END}},
    [SCRIPT_TAKE] = {script_take, {KEY_W0, KEY_W1, KEY_RES, KEY_ENQ, KEY_END}},
};

/* A call that is not answered. */
struct call {
    TAILQ_ENTRY(call) link;
    struct link *owner;
    link_reply reply;
    void *context;
    int64_t sent_ms;
};

struct link {
    struct address address;
    char keys[QUEUE_KEYS][96];
    char shas[QUEUE_SCRIPTS][48];
    redisAsyncContext *redis; /* NULL: there is no connection */
    TAILQ_HEAD(, call) calls; /* the oldest first */
    bool reads;
    bool writes;
    bool is_connected; /* but what was asked first may not be answered yet */
    bool is_up;
    bool was_up;
    bool is_broken;   /* to be freed as soon as no callback runs */
    bool is_hopeless; /* waiting does not help: password, version */
    bool is_told;     /* that there is no connection */
    bool has_warned;  /* that there is no AOF */
    int checks;       /* of the first questions, how many are not answered */
    int failures;
    int64_t since_ms; /* of the attempt */
    int64_t next_ms;  /* of the next attempt */
    char trouble[256];
};

/* ---- arguments and replies ---- */

void arguments_add(struct arguments *arguments, const char *text, size_t size)
{
    if (arguments->count == ARGUMENTS_MAX)
        return;
    arguments->texts[arguments->count] = text;
    arguments->sizes[arguments->count++] = size;
}

void arguments_add_text(struct arguments *arguments, const char *text)
{
    arguments_add(arguments, text, strlen(text));
}

void arguments_add_number(struct arguments *arguments, int64_t number)
{
    char *digits = arguments->digits[arguments->numbers % NUMBERS_MAX];

    if (arguments->numbers++ < NUMBERS_MAX)
        arguments_add(arguments, digits,
                      (size_t)snprintf(digits, sizeof arguments->digits[0], "%lld", (long long)number));
}

const redisReply *reply_at(const redisReply *reply, size_t index)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY && index < reply->elements ? reply->element[index] : NULL;
}

bool reply_is(const redisReply *reply, const char *text)
{
    return reply != NULL && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS) &&
           strcmp(reply->str, text) == 0;
}

int64_t reply_number(const redisReply *reply)
{
    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    return reply != NULL && reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : 0;
}

/* ---- trouble ---- */

/* The first word about it stays: what follows is mostly its consequence. */
static void break_link(struct link *link, const char *what, const char *detail)
{
    if (link->is_broken)
        return;
    link->is_broken = true;
    (void)snprintf(link->trouble, sizeof link->trouble, "%s%.200s", what, detail);
}

static void give_up(struct link *link, const char *what, const char *detail)
{
    break_link(link, what, detail);
    link->is_hopeless = true;
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
    if (link->was_up && !link->is_told)
        complain("the queue: %s; it is tried again", link->trouble);
    link->is_told = link->was_up;
}

/* ---- calls ---- */

static void on_reply(redisAsyncContext *redis, void *data, void *private)
{
    struct call *call = private;
    struct link *link = call->owner;
    const redisReply *reply = data;

    (void)redis;
    TAILQ_REMOVE(&link->calls, call, link);
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR && link->is_up) {
        break_link(link, "Redis says: ", reply->str);
        reply = NULL;
    }
    call->reply(call->context, reply);
    free(call);
}

static bool send_call(struct link *link, const struct arguments *arguments, link_reply reply, void *context)
{
    struct call *call;

    if (!link->is_connected || link->is_broken || (call = calloc(1, sizeof *call)) == NULL)
        return false;
    *call = (struct call){.owner = link, .reply = reply, .context = context, .sent_ms = now_ms()};
    /* before it is sent: hiredis may answer it at once, with NULL */
    TAILQ_INSERT_TAIL(&link->calls, call, link);
    if (redisAsyncCommandArgv(link->redis, on_reply, call, arguments->count, (const char **)(uintptr_t)arguments->texts,
                              arguments->sizes) == REDIS_OK)
        return true;
    TAILQ_REMOVE(&link->calls, call, link);
    free(call);
    return false;
}

bool link_command(struct link *link, const struct arguments *command, link_reply reply, void *context)
{
    return link->is_up && send_call(link, command, reply, context);
}

static bool send_script(struct link *link, int script, int stream, const struct arguments *arguments, link_reply reply,
                        void *context)
{
    struct arguments whole = {0};
    int count = 0;

    while (scripts[script].keys[count] != KEY_END)
        count++;
    arguments_add_text(&whole, "EVALSHA");
    arguments_add_text(&whole, link->shas[script]);
    arguments_add_number(&whole, count);
    for (int i = 0; i < count; i++) {
        int key = scripts[script].keys[i];

        arguments_add_text(&whole, link->keys[key == KEY_STREAM ? stream : key]);
    }
    for (int i = 0; i < arguments->count; i++)
        arguments_add(&whole, arguments->texts[i], arguments->sizes[i]);
    return send_call(link, &whole, reply, context);
}

bool link_script(struct link *link, int script, int stream, const struct arguments *arguments, link_reply reply,
                 void *context)
{
    return link->is_up && send_script(link, script, stream, arguments, reply, context);
}

/* ---- the first questions of a connection ---- */

static void answered(struct link *link)
{
    if (--link->checks > 0 || link->is_broken)
        return;
    link->is_up = link->was_up = true;
    link->failures = 0;
    if (link->is_told)
        complain("the queue: Redis is back");
    link->is_told = false;
}

/* Whether it is an error; one that waiting does not cure ends the program when it comes first. */
static bool is_error(struct link *link, const redisReply *reply)
{
    if (reply == NULL)
        return true;
    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    if (strncmp(reply->str, "WRONGPASS", 9) == 0 || strncmp(reply->str, "NOAUTH", 6) == 0 ||
        strncmp(reply->str, "NOPERM", 6) == 0 || strncmp(reply->str, "ERR AUTH", 8) == 0 ||
        strncmp(reply->str, "ERR DB index", 12) == 0)
        give_up(link, "Redis says: ", reply->str);
    else
        break_link(link, "Redis says: ", reply->str);
    return true;
}

static void on_plain(void *context, const redisReply *reply)
{
    struct link *link = context;

    if (!is_error(link, reply))
        answered(link);
}

struct loading {
    struct link *link;
    int script;
};

static void on_loaded(void *context, const redisReply *reply)
{
    struct loading *loading = context;

    if (!is_error(loading->link, reply) && reply->type == REDIS_REPLY_STRING) {
        (void)snprintf(loading->link->shas[loading->script], sizeof loading->link->shas[0], "%s", reply->str);
        answered(loading->link);
    }
    free(loading);
}

static void on_rewrite(void *context, const redisReply *reply)
{
    struct link *link = context;

    /* one that runs or is planned already is as good; without an AOF there is nothing to be rewritten */
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "in progress") == NULL)
        complain("the queue: Redis was restarted and refuses BGREWRITEAOF (%.120s): the next restart may lose what is "
                 "written from now on",
                 reply->str);
    if (reply != NULL)
        answered(link);
}

static void on_restarted(void *context, const redisReply *reply)
{
    struct link *link = context;
    struct arguments rewrite = {0};

    if (is_error(link, reply))
        return;
    arguments_add_text(&rewrite, "BGREWRITEAOF");
    if (reply_number(reply) == 1 && send_call(link, &rewrite, on_rewrite, link))
        link->checks++;
    answered(link);
}

/* The value of "name:value" of INFO; "" where it is not said. */
static const char *info_value(const char *info, const char *name, char out[64])
{
    const char *at = strstr(info, name);

    *out = '\0';
    if (at != NULL)
        (void)snprintf(out, 64, "%.*s", (int)strcspn(at + strlen(name), "\r\n"), at + strlen(name));
    return out;
}

static void judge_server(struct link *link, const char *info)
{
    char value[64];

    if (strtol(info_value(info, "\nredis_version:", value), NULL, 10) < OLDEST_VERSION && *value != '\0')
        give_up(link, "this needs Redis 7.0 or later, not ", value);
    else if (strcmp(info_value(info, "\nmaxmemory:", value), "0") != 0 && *value != '\0' &&
             strcmp(info_value(info, "\nmaxmemory_policy:", value), "noeviction") != 0 && *value != '\0')
        give_up(link, "Redis would throw away parts of the queue: set its maxmemory-policy to noeviction, not ", value);
    else if (strcmp(info_value(info, "\naof_enabled:", value), "0") == 0 && !link->has_warned)
        complain("the queue: Redis has no append-only file (appendonly no): a restart loses the queue");
    link->has_warned = true;
}

static void on_info(void *context, const redisReply *reply)
{
    struct link *link = context;
    struct arguments server = {0};
    char run[64];

    if (reply == NULL)
        return;
    if (reply->type == REDIS_REPLY_STRING) {
        judge_server(link, reply->str);
        arguments_add_text(&server, info_value(reply->str, "\nrun_id:", run));
        if (*run != '\0' && !link->is_broken && send_script(link, SCRIPT_RESTARTED, 0, &server, on_restarted, link))
            link->checks++;
    } else if (is_error(link, reply) && !link->is_hopeless) {
        return;
    }
    answered(link);
}

static void ask_plain(struct link *link, const char *const *words, int count, link_reply reply, void *context)
{
    struct arguments command = {0};

    for (int i = 0; i < count; i++)
        arguments_add_text(&command, words[i]);
    if (send_call(link, &command, reply, context))
        link->checks++;
    else
        break_link(link, "", "the connection broke");
}

static void ask_first(struct link *link)
{
    const char *const login[] = {"AUTH", link->address.user, link->address.password};
    const char *const password[] = {"AUTH", link->address.password};
    char database[16];
    const char *const choose[] = {"SELECT", database};
    const char *const info[] = {"INFO"};

    (void)snprintf(database, sizeof database, "%d", link->address.database);
    link->checks = 0;
    if (link->address.user[0] != '\0')
        ask_plain(link, login, 3, on_plain, link);
    else if (link->address.password[0] != '\0')
        ask_plain(link, password, 2, on_plain, link);
    if (link->address.database != 0)
        ask_plain(link, choose, 2, on_plain, link);
    for (int i = 0; i < QUEUE_SCRIPTS; i++) {
        const char *const load[] = {"SCRIPT", "LOAD", scripts[i].text};
        struct loading *loading = calloc(1, sizeof *loading);

        if (loading == NULL) {
            break_link(link, "", "out of memory");
            return;
        }
        *loading = (struct loading){link, i};
        ask_plain(link, load, 3, on_loaded, loading);
    }
    ask_plain(link, info, 1, on_info, link);
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
        break_link(link, "",
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

static void begin(struct link *link)
{
    link->since_ms = now_ms();
    link->redis = redisAsyncConnect(link->address.host, link->address.port);
    if (link->redis == NULL || link->redis->err != 0) {
        break_link(link, "", link->redis != NULL ? link->redis->errstr : "out of memory");
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

static void check_times(struct link *link, int64_t now)
{
    const struct call *oldest = TAILQ_FIRST(&link->calls);

    if (link->redis == NULL)
        return;
    if (!link->is_connected && now - link->since_ms >= CONNECT_MS)
        break_link(link, "", "Redis cannot be reached");
    else if (oldest != NULL && now - oldest->sent_ms >= REPLY_MS)
        break_link(link, "", "Redis does not answer");
}

bool link_wait(struct link *link, int other, int64_t timeout_ms)
{
    struct pollfd waits[2] = {{.fd = -1}, {.fd = other, .events = POLLIN}};
    int64_t now = now_ms();

    if (link->redis == NULL && now >= link->next_ms && !link->is_hopeless)
        begin(link);
    if (link->redis != NULL && !link->is_broken) {
        waits[0].fd = link->redis->c.fd;
        waits[0].events = (short)((link->reads ? POLLIN : 0) | (link->writes ? POLLOUT : 0));
    } else if (!link->is_hopeless && link->next_ms - now < timeout_ms) {
        timeout_ms = link->next_ms > now ? link->next_ms - now : 0;
    }
    if (poll(waits, 2, (int)timeout_ms) < 0)
        waits[0].revents = waits[1].revents = 0;
    if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && link->redis != NULL && link->is_connected)
        redisAsyncHandleRead(link->redis);
    if ((waits[0].revents & (POLLOUT | POLLHUP | POLLERR)) != 0 && link->redis != NULL)
        redisAsyncHandleWrite(link->redis);
    if (link->is_connected && link->checks < 0 && link->redis != NULL)
        ask_first(link);
    check_times(link, now_ms());
    if (link->is_broken)
        disconnect(link);
    return (waits[1].revents & POLLIN) != 0;
}

/* ---- the whole ---- */

struct link *link_new(const char *url)
{
    static const char *const names[QUEUE_KEYS] = {"w0", "w1", "res", "dead", "enq", "lock"};
    struct link *link = calloc(1, sizeof *link);

    if (link == NULL)
        return NULL;
    TAILQ_INIT(&link->calls);
    if (!address_read(url, &link->address) || !address_resolve(&link->address)) {
        link_free(link);
        return NULL;
    }
    for (int i = 0; i < QUEUE_KEYS; i++)
        (void)snprintf(link->keys[i], sizeof link->keys[i], "{ad:q:%s}:%s", link->address.name, names[i]);
    return link;
}

void link_free(struct link *link)
{
    if (link == NULL)
        return;
    link->is_broken = true; /* nobody hears of it */
    if (link->redis != NULL)
        redisAsyncFree(link->redis);
    sodium_memzero(&link->address, sizeof link->address);
    free(link);
}

int link_open(struct link *link)
{
    int64_t until = now_ms() + FIRST_MS;

    while (!link->is_up && !link->is_hopeless && now_ms() < until && stop_wanted() == STOP_NOT)
        (void)link_wait(link, -1, WAIT_LEAST_MS);
    if (link->is_up)
        return EXIT_DONE;
    if (stop_wanted() == STOP_NOT)
        complain("the queue: %s", link->trouble);
    return link->is_hopeless ? EXIT_USAGE : EXIT_GO_ON;
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

bool link_ask(struct link *link, int script, int stream, const struct arguments *arguments, link_reply reply,
              void *context)
{
    struct asking asking = {reply, context, ASK_LOST};

    while (asking.state != ASK_ANSWERED) {
        if (asking.state == ASK_LOST && link_is_up(link)) {
            bool is_sent = script < 0 ? link_command(link, arguments, on_asked, &asking)
                                      : link_script(link, script, stream, arguments, on_asked, &asking);

            asking.state = is_sent ? ASK_SENT : ASK_LOST;
        }
        /* a call that was sent is waited for: its context is on this stack */
        if (asking.state == ASK_LOST && (stop_wanted() != STOP_NOT || link->is_hopeless))
            return false;
        (void)link_wait(link, -1, WAIT_LEAST_MS);
    }
    return true;
}
