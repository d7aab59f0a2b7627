/* SPDX-License-Identifier: MIT */
/*
 * What a program that was built without hiredis does where Redis is asked for: one line that says so.
 */
#include "collect.h"
#include "connect.h"
#include "doctor_internal.h"
#include "enqueue.h"
#include "queue_status.h"
#include "quota.h"
#include "work.h"

#define WITHOUT "this program was built without hiredis, which it needs for Redis: install one that was built with it"

int quota_open(const struct options *options, struct quota **quota)
{
    *quota = NULL;
    if (!options_has(options, OPT_QUOTA) && !options_has(options, OPT_SHARE))
        return EXIT_DONE;
    complain("--quota: " WITHOUT);
    return EXIT_USAGE;
}

void quota_free(struct quota *quota)
{
    (void)quota;
}

int32_t quota_configure(struct quota *quota, animaldetect_client *client)
{
    (void)quota;
    (void)client;
    return ANIMALDETECT_OK;
}

void quota_exchange(struct quota *quota, animaldetect_client *client)
{
    (void)quota;
    (void)client;
}

void quota_wait(struct quota *quota, animaldetect_client *client, struct link *other, int64_t timeout_ms)
{
    (void)quota;
    (void)client;
    (void)other;
    (void)timeout_ms;
}

void quota_leave(struct quota *quota, animaldetect_client *client)
{
    (void)quota;
    (void)client;
}

const char *quota_reason(struct quota *quota)
{
    (void)quota;
    return "";
}

void check_redis(struct findings *findings, const struct options *options)
{
    (void)options;
    say(findings, false, "redis", WITHOUT);
}

static int refuse(const char *command)
{
    complain("%s: " WITHOUT, command);
    return EXIT_USAGE;
}

int command_enqueue(const struct options *options)
{
    (void)options;
    return refuse("enqueue");
}

int command_work(const struct options *options)
{
    (void)options;
    return refuse("work");
}

int command_collect(const struct options *options)
{
    (void)options;
    return refuse("collect");
}

int command_queue(const struct options *options)
{
    (void)options;
    return refuse("queue");
}
