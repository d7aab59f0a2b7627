/* SPDX-License-Identifier: MIT */
/*
 * Permits from Redis: one call at a time, numbered, at most two seconds old.
 */
#include "quota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "clock.h"
#include "connect.h"
#include "progress.h"
#include "quota_keys.h"
#include "quota_script.h"
#include "stop.h"

#define LIFE_MS 5000  /* of a permit, from when it was asked for; the script counts on it */
#define LAG_MS 10000  /* so does it on this */
#define REPORT_MS 500 /* between two calls while something is outstanding or was not reported */
#define KEEP_MS 60500 /* what was settled before counts in no window */
#define SHARE_AFTER_MS 75000
#define SLOW_MS 2000 /* without a permit, before that is said */
#define LEAVE_MS 2000
#define ANCHOR_MS 30000    /* how old the quick reply may be */
#define STEP_MS 100        /* the time in Redis was set */
#define GROUPS 1300        /* settled at different times: two minutes of tenths of a second, as the library has them */
#define SETTLED_SIZE 32768 /* of their text in a call */
#define AGES 4096

struct settled {
    int64_t at_ms;
    int32_t count;
};

struct quota {
    struct link *link;
    int32_t limit;
    int32_t share;
    char name[40]; /* of this worker */
    struct settled settled[GROUPS];
    int settled_count;
    int reported; /* of these, in the call in flight */
    bool is_asking;
    int64_t sequence;
    int64_t last_told; /* the time in the last reply, 0 before the first */
    /* a quick reply of late, which says best what time it is in Redis */
    int64_t told;
    int64_t told_ms;
    int64_t told_asked_ms; /* when its call was made */
    int64_t asked_ms;
    int64_t next_ms;
    int32_t outstanding;
    int32_t wanted;
    int32_t limited; /* 429s that were not reported */
    int32_t limited_reported;
    int64_t limited_until_ms;
    animaldetect_client *client; /* of the call in flight */
    int64_t granted_ms;          /* when a permit was granted or none was wanted */
    int64_t lost_until_ms;
    time_t away_since; /* 0: Redis is there */
    char reason[128];
};

const struct link_plan quota_plan = {
    .option = "--quota",
    .name = "permits",
    .prefix = "ad:p",
    .keys = {[QUOTA_STATE] = "state",
             [QUOTA_LOG] = "log",
             [QUOTA_WORKERS] = "workers",
             [QUOTA_DEADLINES] = "deadlines",
             [QUOTA_HUNGRY] = "hungry"},
    .scripts = {{script_quota, {QUOTA_STATE, QUOTA_LOG, QUOTA_WORKERS, QUOTA_DEADLINES, QUOTA_HUNGRY, LINK_END}}},
    .restarted = -1,
    .reply_ms = 2000,
};

/* ---- what was settled ---- */

static void forget_old(struct quota *quota, int64_t now)
{
    int old = 0;

    while (old < quota->settled_count && now - quota->settled[old].at_ms > KEEP_MS)
        old++;
    quota->settled_count -= old;
    memmove(quota->settled, quota->settled + old, (size_t)quota->settled_count * sizeof *quota->settled);
}

/* The oldest come first, so equal ones are neighbors. */
static void remember(struct quota *quota, int64_t at_ms)
{
    struct settled *last = quota->settled_count > 0 ? &quota->settled[quota->settled_count - 1] : NULL;

    if (last != NULL && (last->at_ms >= at_ms || quota->settled_count == GROUPS)) {
        last->at_ms = last->at_ms > at_ms ? last->at_ms : at_ms; /* later than it was charges longer */
        last->count++;
        return;
    }
    quota->settled[quota->settled_count++] = (struct settled){at_ms, 1};
}

static void fetch(struct quota *quota, animaldetect_client *client, int64_t now)
{
    int64_t ages[AGES];
    int32_t count = 0;
    int32_t limited = 0;
    int64_t wait_ms = 0;

    forget_old(quota, now);
    if (animaldetect_client_report_permits(client, ages, AGES, &count, &quota->outstanding) != ANIMALDETECT_OK)
        count = 0;
    for (int32_t i = 0; i < count; i++)
        remember(quota, now - ages[i]);
    if (animaldetect_client_take_rate_limits(client, &limited, &wait_ms) == ANIMALDETECT_OK && limited > 0) {
        quota->limited += limited;
        quota->limited_until_ms = now + wait_ms;
    }
}

static void add_settled(const struct quota *quota, int64_t now, char *text, size_t size, int *out)
{
    size_t used = 0;
    int i;

    *text = '\0';
    for (i = 0; i < quota->settled_count && used + 40 < size; i++) {
        int64_t age = now - quota->settled[i].at_ms;

        used += (size_t)snprintf(text + used, size - used, "%lld:%ld ", (long long)(age > 0 ? age : 0),
                                 (long)quota->settled[i].count);
    }
    *out = i;
}

/* ---- the call ---- */

static void take_time(struct quota *quota, int64_t time, int64_t now)
{
    int64_t trip = now - quota->asked_ms;
    int64_t expected = quota->told + (now - quota->told_ms);

    if (quota->last_told == 0 || trip <= quota->told_ms - quota->told_asked_ms || now - quota->told_ms >= ANCHOR_MS ||
        llabs(time - expected) > STEP_MS + trip) {
        quota->told = time;
        quota->told_ms = now;
        quota->told_asked_ms = quota->asked_ms;
    }
    quota->last_told = time;
}

/* Workers that started together must not ask together forever: permits that become free in between would be unused. */
static int64_t spread(int64_t wait_ms)
{
    return wait_ms * 3 / 4 + randombytes_uniform((uint32_t)(wait_ms / 2 + 1));
}

static void on_reply(void *context, const redisReply *reply)
{
    struct quota *quota = context;
    int64_t now = now_ms();
    int32_t granted = (int32_t)reply_number(reply_at(reply, 0));
    int64_t life = LIFE_MS - (now - quota->asked_ms);
    int64_t hold = reply_number(reply_at(reply, 3));

    quota->is_asking = false;
    if (reply == NULL || quota->client == NULL) {
        quota->next_ms = now; /* as soon as there is a connection */
        return;
    }
    take_time(quota, reply_number(reply_at(reply, 1)), now);
    quota->next_ms = now + spread(reply_number(reply_at(reply, 2)));
    quota->lost_until_ms = now + reply_number(reply_at(reply, 4));
    quota->settled_count -= quota->reported;
    memmove(quota->settled, quota->settled + quota->reported, (size_t)quota->settled_count * sizeof *quota->settled);
    quota->limited -= quota->limited_reported;
    if (granted > 0 && life > 0 && animaldetect_client_grant_permits(quota->client, granted, life) == ANIMALDETECT_OK) {
        quota->granted_ms = now;
        quota->outstanding += granted;
    }
    if (hold > 0)
        (void)animaldetect_client_hold_requests(quota->client, hold);
}

static void ask(struct quota *quota, animaldetect_client *client, int64_t now)
{
    static char text[SETTLED_SIZE];
    struct arguments arguments = {0};
    int64_t hold;

    fetch(quota, client, now);
    hold = quota->limited_until_ms - now;
    quota->asked_ms = now;
    quota->client = client;
    quota->limited_reported = quota->limited;
    add_settled(quota, now, text, sizeof text, &quota->reported);
    arguments_add_text(&arguments, quota->name);
    arguments_add_number(&arguments, ++quota->sequence);
    arguments_add_number(&arguments, quota->limit);
    arguments_add_number(&arguments, quota->wanted);
    /* what does not fit into this call is outstanding until the next one */
    arguments_add_number(&arguments, quota->outstanding);
    arguments_add_text(&arguments, text);
    arguments_add_number(&arguments, quota->told);
    arguments_add_number(&arguments, now - quota->told_ms);
    arguments_add_number(&arguments, now - quota->told_asked_ms);
    arguments_add_number(&arguments, quota->limited);
    arguments_add_number(&arguments, hold > 0 ? hold : 0);
    arguments_add_text(&arguments, quota->share > 0 ? "1" : "0");
    arguments_add_number(&arguments, quota->last_told);
    quota->is_asking = true;
    if (!link_script(quota->link, 0, 0, &arguments, on_reply, quota))
        quota->is_asking = false;
}

void quota_exchange(struct quota *quota, animaldetect_client *client)
{
    int64_t now = now_ms();
    bool has_news;

    if (quota == NULL || client == NULL)
        return;
    if (!link_is_up(quota->link)) {
        if (quota->away_since == 0)
            quota->away_since = time(NULL);
        if (now - quota->asked_ms >= REPORT_MS && !quota->is_asking) {
            quota->asked_ms = now;
            fetch(quota, client, now); /* the library keeps it for two minutes only */
        }
        return;
    }
    quota->away_since = 0;
    if (quota->is_asking)
        return;
    (void)animaldetect_client_permits_wanted(client, &quota->wanted);
    if (quota->wanted == 0)
        quota->granted_ms = now;
    has_news = quota->outstanding > 0 || quota->settled_count > 0 || quota->limited > 0;
    if ((quota->wanted > 0 && now >= quota->next_ms) || (has_news && now - quota->asked_ms >= REPORT_MS))
        ask(quota, client, now);
}

void quota_wait(struct quota *quota, animaldetect_client *client, struct link *other, int64_t timeout_ms)
{
    int64_t now = now_ms();

    if (quota->wanted > 0 && !quota->is_asking && link_is_up(quota->link) && quota->next_ms - now < timeout_ms)
        timeout_ms = quota->next_ms > now ? quota->next_ms - now : 0;
    (void)link_wait_both(quota->link, other, animaldetect_client_fd(client), timeout_ms);
}

void quota_leave(struct quota *quota, animaldetect_client *client)
{
    int64_t until = now_ms() + LEAVE_MS;
    int32_t returned = 0;

    if (quota == NULL || client == NULL)
        return;
    while (quota->is_asking && now_ms() < until)
        quota_wait(quota, client, NULL, until - now_ms());
    (void)animaldetect_client_return_permits(client, INT32_MAX, &returned);
    quota->wanted = 0;
    if (!quota->is_asking && link_is_up(quota->link))
        ask(quota, client, now_ms());
    while (quota->is_asking && now_ms() < until)
        quota_wait(quota, client, NULL, until - now_ms());
    quota->client = NULL; /* it may be gone when an answer comes */
}

const char *quota_reason(struct quota *quota)
{
    int64_t now = now_ms();
    char clock[16];

    if (quota == NULL)
        return "";
    quota->reason[0] = '\0';
    if (quota->away_since != 0) {
        progress_clock((int64_t)quota->away_since, clock);
        (void)snprintf(quota->reason, sizeof quota->reason, "Redis is unreachable since %s", clock);
    } else if (quota->wanted > 0 && quota->lost_until_ms > now) {
        progress_clock((int64_t)time(NULL) + (quota->lost_until_ms - now) / 1000, clock);
        (void)snprintf(quota->reason, sizeof quota->reason,
                       "Redis has no record of the last minute: no permits until %s", clock);
    } else if (quota->wanted > 0 && now - quota->granted_ms > SLOW_MS) {
        (void)snprintf(quota->reason, sizeof quota->reason, "waiting for permits");
    }
    return quota->reason;
}

/* ---- from the options ---- */

static void name_worker(struct quota *quota)
{
    unsigned char noise[12];

    randombytes_buf(noise, sizeof noise);
    sodium_bin2hex(quota->name, sizeof quota->name, noise, sizeof noise);
}

int quota_open(const struct options *options, struct quota **out)
{
    bool may_wait = options->command != COMMAND_RUN || options_has(options, OPT_SHARE);
    struct quota *quota;
    int code;

    *out = NULL;
    if (!options_has(options, OPT_QUOTA)) {
        if (options_has(options, OPT_SHARE))
            complain("--share requires --quota");
        return options_has(options, OPT_SHARE) ? EXIT_USAGE : EXIT_DONE;
    }
    if (!options_has(options, OPT_RPM)) {
        complain("--quota requires --rpm: the requests per minute that the key allows");
        return EXIT_USAGE;
    }
    quota = calloc(1, sizeof *quota);
    if (quota == NULL)
        return EXIT_GO_ON;
    name_worker(quota);
    quota->limit = (int32_t)options_number(options, OPT_RPM, 0);
    quota->share = (int32_t)options_number(options, OPT_SHARE, 0);
    quota->granted_ms = now_ms();
    quota->link = link_new(options->values[OPT_QUOTA], &quota_plan);
    code = quota->link != NULL ? link_open(quota->link) : EXIT_USAGE;
    if (code == EXIT_GO_ON && may_wait && stop_wanted() == STOP_NOT)
        code = EXIT_DONE;
    if (code == EXIT_DONE)
        *out = quota;
    else
        quota_free(quota);
    return code;
}

void quota_free(struct quota *quota)
{
    if (quota == NULL)
        return;
    quota->client = NULL;
    link_free(quota->link);
    free(quota);
}

int32_t quota_configure(struct quota *quota, animaldetect_client *client)
{
    int32_t status;

    if (quota == NULL)
        return ANIMALDETECT_OK;
    status = animaldetect_client_set_permits(client, 1);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_permit_lag_ms(client, LAG_MS);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_permit_share(client, quota->share, SHARE_AFTER_MS);
    return status;
}
