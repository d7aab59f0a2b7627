/* SPDX-License-Identifier: MIT */
/*
 * The doctor's questions to the Redis of --quota.  The script of the quota is loaded but not called: a call on a new
 * name would begin its first minute.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "connect.h"
#include "doctor_internal.h"
#include "quota_keys.h"
#include "redis_address.h"
#include "redis_link.h"
#include "text.h"

#define FIRST_SECONDS "75"
#define FAR_MS 60000

struct question {
    bool is_answered;
    bool is_error;
    char text[16384];
    int64_t numbers[12];
    int count;
};

static void on_answer(void *context, const redisReply *reply)
{
    struct question *question = context;
    const redisReply *element;

    question->is_answered = true;
    question->is_error = reply == NULL || reply->type == REDIS_REPLY_ERROR;
    if (question->is_error)
        return;
    if (reply->type == REDIS_REPLY_STRING)
        (void)snprintf(question->text, sizeof question->text, "%s", reply->str);
    question->numbers[0] = reply_number(reply);
    for (size_t i = 0; i < 12 && (element = reply_at(reply, i)) != NULL; i++) {
        question->numbers[i] = reply_number(element);
        question->count += element->type == REDIS_REPLY_STRING;
        if (i == 1 && element->type == REDIS_REPLY_STRING) /* of CONFIG GET */
            (void)snprintf(question->text, sizeof question->text, "%s", element->str);
    }
}

/* False when Redis refuses or does not answer. The words end with NULL. */
static bool query(struct link *link, const char *const *words, struct question *question)
{
    struct arguments command = {0};

    *question = (struct question){0};
    for (int i = 0; words[i] != NULL; i++)
        arguments_add_text(&command, words[i]);
    if (!link_query(link, &command, on_answer, question))
        return false;
    while (!question->is_answered) /* a connection without answers is broken after two seconds */
        (void)link_wait(link, -1, 100);
    return !question->is_error;
}

/* ---- the server ---- */

static void check_memory(struct findings *findings, const char *info)
{
    char limit[64];
    char policy[64];
    char shown[32];
    bool is_bound = strcmp(reply_info(info, "maxmemory", limit), "0") != 0;
    bool evicts = strcmp(reply_info(info, "maxmemory_policy", policy), "noeviction") != 0;

    if (is_bound) /* what evicts was refused at the connection */
        say(findings, true, "redis", "memory: at most %s; when it is full, nothing is granted (noeviction)",
            text_bytes(strtoull(limit, NULL, 10), shown));
    else if (evicts)
        say(findings, true, "redis",
            "memory: no maxmemory, so nothing is evicted; if you set one, set maxmemory-policy to noeviction, not %s",
            policy);
    else
        say(findings, true, "redis", "memory: no maxmemory, noeviction");
}

static void check_persistence(struct findings *findings, struct link *link, const char *info)
{
    static const char *const words[] = {"CONFIG", "GET", "appendfsync", NULL};
    struct question fsync;
    char value[64];

    if (strcmp(reply_info(info, "aof_enabled", value), "1") != 0) {
        say(findings, true, "redis",
            "persistence: appendonly no: after a restart of Redis nothing is granted for " FIRST_SECONDS
            " s; set appendonly yes to go on at once");
        return;
    }
    if (strcmp(reply_info(info, "aof_last_write_status", value), "ok") != 0)
        say(findings, false, "redis",
            "persistence: the append-only file cannot be written (%s): make room on the disk of Redis", value);
    if (!query(link, words, &fsync))
        say(findings, true, "redis",
            "persistence: appendonly yes (appendfsync: this user may not ask): a restart goes on at once");
    else
        say(findings, true, "redis", "persistence: appendonly yes, appendfsync %s: a restart goes on at once%s",
            fsync.text,
            strcmp(fsync.text, "always") == 0     ? ""
            : strcmp(fsync.text, "everysec") == 0 ? "; what a power cut loses, two seconds at most, is charged anew"
                                                  : "; what a power cut loses is charged anew, up to the whole quota");
}

static void check_time(struct findings *findings, struct link *link)
{
    static const char *const words[] = {"TIME", NULL};
    struct question answer;
    struct timespec now;
    int64_t asked_ms = now_ms();
    int64_t offset_ms;
    char text[32];

    if (!query(link, words, &answer)) {
        say(findings, false, "redis", "clock: Redis refuses TIME: allow +time to this user");
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    offset_ms = answer.numbers[0] * 1000 + answer.numbers[1] / 1000 -
                ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - (now_ms() - asked_ms) / 2);
    if (llabs(offset_ms) < FAR_MS)
        say(findings, true, "redis", "clock: %" PRId64 " ms %s this machine's; the quota does not depend on it",
            (int64_t)llabs(offset_ms), offset_ms >= 0 ? "ahead of" : "behind");
    else
        say(findings, true, "redis",
            "clock: %s %s this machine's: one of them is wrong; the quota does not depend on it",
            text_duration(llabs(offset_ms) / 1000, text), offset_ms >= 0 ? "ahead of" : "behind");
}

/* ---- the quota ---- */

/* In the order in which they are asked for. */
enum { FIELD_NOW, FIELD_OFFSET, FIELD_LIMIT, FIELD_OUT, FIELD_LOGGED, FIELD_HOLD, FIELD_LOST };

static int64_t count_of(struct link *link, const char *command, int key)
{
    const char *const words[] = {command, link_key(link, key), NULL};
    struct question answer;

    return query(link, words, &answer) ? answer.numbers[0] : 0;
}

static void check_use(struct findings *findings, struct link *link, const struct options *options)
{
    const char *const words[] = {
        "HMGET", link_key(link, QUOTA_STATE), "now", "offset", "limit", "out", "logged", "hold", "lost", NULL};
    struct question state;
    int64_t rpm = (int64_t)options_number(options, OPT_RPM, 0);
    const int64_t *fields = state.numbers;

    if (!query(link, words, &state)) {
        say(findings, false, "redis", "quota: the user may not read the keys: allow ~{ad:p:*}:*");
        return;
    }
    if (state.count == 0) {
        say(findings, true, "redis",
            "quota: nobody has used the name \"%s\" yet: nothing is granted for the first " FIRST_SECONDS " s",
            link_address(link)->name);
        return;
    }
    say(findings, true, "redis",
        "quota: %" PRId64 " workers share \"%s\", %" PRId64 " waiting for permits; %" PRId64
        " requests a minute, %" PRId64 " outstanding, %" PRId64 " counted for the last minute",
        count_of(link, "HLEN", QUOTA_WORKERS), link_address(link)->name, count_of(link, "ZCARD", QUOTA_HUNGRY),
        fields[FIELD_LIMIT], fields[FIELD_OUT], fields[FIELD_LOGGED]);
    if (rpm > 0 && fields[FIELD_LIMIT] > 0 && rpm != fields[FIELD_LIMIT])
        say(findings, false, "redis",
            "quota: this machine states %" PRId64 " with --rpm, another one %" PRId64
            ": the smaller counts; state the whole quota of the key on each",
            rpm, fields[FIELD_LIMIT]);
    if (fields[FIELD_HOLD] > fields[FIELD_NOW])
        say(findings, false, "redis", "quota: all are held after a 429: does another program use this key?");
    if (fields[FIELD_LOST] > fields[FIELD_NOW])
        say(findings, true, "redis", "quota: Redis does not know the last minute: nothing is granted for %" PRId64 " s",
            (fields[FIELD_LOST] - fields[FIELD_NOW]) / 1000);
}

static void check_server(struct findings *findings, struct link *link)
{
    static const char *const words[] = {"INFO", NULL};
    struct question info;
    char value[64];

    if (!query(link, words, &info)) {
        say(findings, true, "redis", "settings: this user may not ask (INFO)");
        return;
    }
    say(findings, true, "redis", "%s:%d answers, version %s; the script of the quota is loaded",
        link_address(link)->host, link_address(link)->port, reply_info(info.text, "redis_version", value));
    if (strcmp(reply_info(info.text, "role", value), "slave") == 0)
        say(findings, false, "redis", "this is a replica, which grants nothing: name the primary");
    check_memory(findings, info.text);
    check_persistence(findings, link, info.text);
}

void check_redis(struct findings *findings, const struct options *options)
{
    struct link *link = link_new(options->values[OPT_QUOTA], &quota_plan);

    if (link == NULL) {
        say(findings, false, "redis", "the address of --quota cannot be used, see above");
        return;
    }
    if (link_try(link) != EXIT_DONE) {
        say(findings, false, "redis", "%s:%d: %s", link_address(link)->host, link_address(link)->port,
            link_trouble(link));
    } else {
        check_server(findings, link);
        check_time(findings, link);
        check_use(findings, link, options);
    }
    link_free(link);
}
