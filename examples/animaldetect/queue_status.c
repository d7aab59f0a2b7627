/* SPDX-License-Identifier: MIT */
/*
 * The status of a queue, read with commands that change nothing.
 */
#include "queue_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connect.h"
#include "queue_keys.h"
#include "stop.h"
#include "text.h"

#define LETTERS 20
#define NAME_COLUMNS 48

/* A command with its words, to be answered in `reply`. */
static bool ask(struct link *link, link_reply reply, void *context, const char *const *words)
{
    struct arguments arguments = {0};

    for (; *words != NULL; words++)
        arguments_add_text(&arguments, *words);
    return link_ask(link, -1, 0, &arguments, reply, context);
}

static void on_number(void *context, const redisReply *reply)
{
    *(int64_t *)context = reply_number(reply);
}

static int64_t length_of(struct link *link, int key)
{
    const char *const words[] = {"XLEN", link_key(link, key), NULL};
    int64_t length = 0;

    (void)ask(link, on_number, &length, words);
    return length;
}

/* The value behind a name in a flat list. */
static const redisReply *value_of(const redisReply *pairs, const char *name)
{
    for (size_t i = 0; reply_at(pairs, i + 1) != NULL; i += 2) {
        if (reply_is(pairs->element[i], name))
            return pairs->element[i + 1];
    }
    return NULL;
}

static const char *text_of(const redisReply *reply)
{
    return reply != NULL && reply->type == REDIS_REPLY_STRING ? reply->str : "";
}

/* ---- a stream ---- */

struct group {
    int64_t pending;
    char last[48]; /* the id that was delivered last */
};

static void on_groups(void *context, const redisReply *reply)
{
    struct group *group = context;
    const redisReply *one;

    for (size_t i = 0; (one = reply_at(reply, i)) != NULL; i++) {
        if (!reply_is(value_of(one, "name"), "g"))
            continue;
        group->pending = reply_number(value_of(one, "pending"));
        (void)snprintf(group->last, sizeof group->last, "%s", text_of(value_of(one, "last-delivered-id")));
    }
}

static void on_first(void *context, const redisReply *reply)
{
    *(int64_t *)context = strtoll(text_of(reply_at(reply_at(reply, 0), 0)), NULL, 10);
}

/* How long the first entry that no worker has taken has waited, in seconds. */
static int64_t lag_of(struct link *link, int key, const struct group *group)
{
    char from[64];
    const char *const words[] = {"XRANGE", link_key(link, key), from, "+", "COUNT", "1", NULL};
    int64_t since_ms = 0;

    (void)snprintf(from, sizeof from, "%s%s", group->last[0] != '\0' ? "(" : "",
                   group->last[0] != '\0' ? group->last : "-");
    (void)ask(link, on_first, &since_ms, words);
    return since_ms == 0 ? 0 : (int64_t)time(NULL) - since_ms / 1000;
}

static void print_stream(struct link *link, int key, const char *name)
{
    /* XINFO is an error where there is no stream, and an error would break the connection */
    const char *const words[] = {"XINFO", "GROUPS", link_key(link, key), NULL};
    struct group group = {0};
    int64_t length = length_of(link, key);
    int64_t lag;
    char since[32] = "";

    if (length > 0)
        (void)ask(link, on_groups, &group, words);
    lag = length > group.pending ? lag_of(link, key, &group) : 0;
    if (lag > 0)
        (void)text_duration(lag, since);
    printf("%-10s %10" PRId64 " %10" PRId64 "  %s\n", name, length - group.pending, group.pending, since);
}

/* ---- workers ---- */

static void on_workers(void *context, const redisReply *reply)
{
    int64_t *count = context;
    const redisReply *one;
    char shown[4 * NAME_COLUMNS + 8];
    char idle[32];

    for (size_t i = 0; (one = reply_at(reply, i)) != NULL; i++) {
        if ((*count)++ == 0)
            printf("\n%-*s %10s  %s\n", NAME_COLUMNS, "workers", "in hand", "silent for");
        printf("%-*s %10" PRId64 "  %s\n", NAME_COLUMNS,
               text_shown(text_of(value_of(one, "name")), NAME_COLUMNS, shown, sizeof shown),
               reply_number(value_of(one, "pending")), text_duration(reply_number(value_of(one, "idle")) / 1000, idle));
    }
}

static void print_workers(struct link *link, int key, int64_t *count)
{
    const char *const words[] = {"XINFO", "CONSUMERS", link_key(link, key), "g", NULL};
    const char *const groups[] = {"XINFO", "GROUPS", link_key(link, key), NULL};
    const char *const exists[] = {"EXISTS", link_key(link, key), NULL};
    struct group group = {0};
    int64_t is_there = 0;

    if (ask(link, on_number, &is_there, exists) && is_there == 1 && ask(link, on_groups, &group, groups) &&
        group.last[0] != '\0')
        (void)ask(link, on_workers, count, words);
}

/* ---- dead letters ---- */

static void on_letters(void *context, const redisReply *reply)
{
    const redisReply *one;
    char path[512];
    char reason[512];

    (void)context;
    for (size_t i = 0; (one = reply_at(reply, i)) != NULL; i++) {
        const redisReply *fields = reply_at(one, 1);

        (void)text_shown(text_of(value_of(fields, "p")), 60, path, sizeof path);
        (void)text_shown(text_of(value_of(fields, "e")), 120, reason, sizeof reason);
        printf("  %s: %s%s%s\n", path, text_of(value_of(fields, "c")),
               *text_of(value_of(fields, "c")) != '\0' && *reason != '\0' ? ": " : "", reason);
    }
}

static void print_letters(struct link *link)
{
    char most[16];
    const char *const words[] = {"XREVRANGE", link_key(link, KEY_DEAD), "+", "-", "COUNT", most, NULL};
    int64_t count = length_of(link, KEY_DEAD);

    (void)snprintf(most, sizeof most, "%d", LETTERS);
    printf("\n%" PRId64 " dead letters%s\n", count, count > LETTERS ? ", the latest of them:" : count > 0 ? ":" : "");
    if (count > 0)
        (void)ask(link, on_letters, NULL, words);
}

/* ---- collecting ---- */

static void print_results(struct link *link)
{
    const char *const words[] = {"EXISTS", link_key(link, KEY_LOCK), NULL};
    int64_t is_held = 0;

    (void)ask(link, on_number, &is_held, words);
    printf("\n%" PRId64 " results to collect; %s\n", length_of(link, KEY_RES),
           is_held != 0 ? "a collector is running" : "no collector is running");
}

int command_queue(const struct options *options)
{
    int64_t workers = 0;
    struct link *link;
    int code;

    if (options->input_count != 1 || strcmp(options->inputs[0], "status") != 0 || options->values[OPT_QUEUE] == NULL) {
        complain("usage: animaldetect queue status --queue redis://...; try animaldetect queue --help");
        return EXIT_USAGE;
    }
    stop_listen();
    link = link_new(options->values[OPT_QUEUE], &queue_plan);
    code = link == NULL ? EXIT_USAGE : link_open(link);
    if (code == EXIT_DONE) {
        printf("%-10s %10s %10s  %s\n", "", "waiting", "in hand", "the first one for");
        print_stream(link, KEY_W0, "urgent");
        print_stream(link, KEY_W1, "images");
        print_results(link);
        print_workers(link, KEY_W0, &workers);
        print_workers(link, KEY_W1, &workers);
        if (workers == 0)
            printf("\nno workers\n");
        print_letters(link);
        code = link_is_up(link) && stop_wanted() == STOP_NOT ? EXIT_DONE : EXIT_GO_ON;
    }
    link_free(link);
    return code;
}
