/* SPDX-License-Identifier: MIT */
/*
 * The handshake of a connection to Redis: authenticates, loads the scripts, and checks that the server is configured to
 * keep data.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "redis_link_internal.h"

#define OLDEST_VERSION 7

static void give_up(struct link *link, const char *what, const char *detail)
{
    link_break(link, what, detail);
    link->is_hopeless = !link->was_up; /* what was good before may become so again */
}

static void answered(struct link *link)
{
    if (--link->checks > 0 || link->is_broken)
        return;
    link->is_up = link->was_up = true;
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
        give_up(link, "Redis error: ", reply->str);
    else
        link_break(link, "Redis error: ", reply->str);
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

static void ask_restarted(struct link *link, bool is_noted, link_reply reply)
{
    struct arguments server = {0};

    arguments_add_text(&server, link->server);
    arguments_add_text(&server, is_noted ? "1" : "0");
    if (link_send_script(link, link->plan->restarted, 0, &server, reply, link))
        link->checks++;
}

/* One that runs or is planned already is as good. */
static void on_rewrite(void *context, const redisReply *reply)
{
    struct link *link = context;

    if (reply == NULL)
        return;
    if (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "in progress") == NULL)
        complain("%s: Redis was restarted and rejects BGREWRITEAOF (%.120s): the next restart may lose what is written "
                 "from now on",
                 link->plan->name, reply->str);
    ask_restarted(link, true, on_plain);
    answered(link);
}

static void on_restarted(void *context, const redisReply *reply)
{
    struct link *link = context;
    struct arguments rewrite = {0};

    if (is_error(link, reply))
        return;
    arguments_add_text(&rewrite, "BGREWRITEAOF");
    if (reply_number(reply) == 1 && link_send(link, &rewrite, on_rewrite, link))
        link->checks++;
    answered(link);
}

static void judge_server(struct link *link, const char *info)
{
    char value[64];

    if (strtol(reply_info(info, "redis_version", value), NULL, 10) < OLDEST_VERSION && *value != '\0')
        give_up(link, "Redis 7.0 or later is required, not ", value);
    else if (strcmp(reply_info(info, "maxmemory", value), "0") != 0 && *value != '\0' &&
             strcmp(reply_info(info, "maxmemory_policy", value), "noeviction") != 0 && *value != '\0')
        give_up(link, "Redis may evict data: set its maxmemory-policy to noeviction, not ", value);
    else if (strcmp(reply_info(info, "aof_enabled", value), "0") == 0 && !link->has_warned)
        complain("%s: Redis has no append-only file (appendonly no): a restart loses the data", link->plan->name);
    link->has_warned = true;
}

/* A user who may not ask for it may use the rest all the same. */
static void on_info(void *context, const redisReply *reply)
{
    struct link *link = context;

    if (reply == NULL)
        return;
    if (reply->type == REDIS_REPLY_STRING) {
        judge_server(link, reply->str);
        if (*reply_info(reply->str, "run_id", link->server) != '\0' && !link->is_broken && link->plan->restarted >= 0)
            ask_restarted(link, false, on_restarted);
    } else if (strncmp(reply->str, "NOPERM", 6) != 0 && is_error(link, reply)) {
        return;
    }
    answered(link);
}

static void ask_plain(struct link *link, const char *const *words, int count, link_reply reply, void *context)
{
    struct arguments command = {0};

    for (int i = 0; i < count; i++)
        arguments_add_text(&command, words[i]);
    if (link_send(link, &command, reply, context))
        link->checks++;
    else
        link_break(link, "", "the connection broke");
}

void link_greet(struct link *link)
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
    for (int i = 0; i < LINK_SCRIPTS_MAX && link->plan->scripts[i].text != NULL; i++) {
        const char *const load[] = {"SCRIPT", "LOAD", link->plan->scripts[i].text};
        struct loading *loading = calloc(1, sizeof *loading);

        if (loading == NULL) {
            link_break(link, "", "out of memory");
            return;
        }
        *loading = (struct loading){link, i};
        ask_plain(link, load, 3, on_loaded, loading);
    }
    ask_plain(link, info, 1, on_info, link);
}
