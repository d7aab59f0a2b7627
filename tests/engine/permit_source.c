/* SPDX-License-Identifier: MIT */
/*
 * The rule of permit_source.h. In addition a token bucket spreads the grants over the minute, since a log alone repeats
 * bursts; and one free grant is reserved for each hungry client that has received fewer.
 */
#include "engine/permit_source.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_MS 60000
#define GUARD_MS 50
#define LOG_MOST 65536
#define HUNGRY_MS 2000 /* a client that got less than it wanted within this time is hungry */
#define NOBODY (-1)

struct entry {
    int64_t at_ms;
    int32_t client;
    int32_t count;
    bool assumed; /* logged for a client that became silent */
};

struct member {
    int64_t number; /* of the last call; 0: no call yet */
    int64_t called_ms;
    int64_t known;
    int32_t outstanding;
    int32_t wanted;
};

struct permit_source {
    struct permit_source_rule rule;
    struct member members[PERMIT_SOURCE_CLIENTS];
    struct entry log[LOG_MOST];
    int32_t log_count;
    double tokens;
    double pace; /* 1; less after a 429 */
    int64_t filled_ms;
    int64_t hold_until_ms;
    int64_t granted;
};

static void note(struct permit_source *source, int32_t client, int32_t count, int64_t at_ms, bool assumed)
{
    assert(source->log_count < LOG_MOST);
    if (count > 0)
        source->log[source->log_count++] = (struct entry){at_ms, client, count, assumed};
}

/* The client calls again, and reports what became of its permits. */
static void forget_assumed(struct permit_source *source, int32_t client)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < source->log_count; i++)
        if (!source->log[i].assumed || source->log[i].client != client)
            source->log[kept++] = source->log[i];
    source->log_count = kept;
}

static double tokens_per_ms(const struct permit_source *source)
{
    return 1.02 * source->rule.limit / WINDOW_MS * source->pace;
}

/* Effects of time alone: entries leave the window, permits of silent clients are charged, the bucket refills. */
static void advance(struct permit_source *source, int64_t now_ms)
{
    const int64_t silent_ms = source->rule.life_ms + source->rule.lag_ms;
    const double passed_ms = (double)(now_ms - source->filled_ms);
    int32_t kept = 0;

    for (int32_t i = 0; i < PERMIT_SOURCE_CLIENTS; i++) {
        struct member *member = &source->members[i];

        if (member->number == 0 || now_ms < member->called_ms + silent_ms)
            continue;
        note(source, i, member->outstanding, member->called_ms + silent_ms, true);
        member->outstanding = member->wanted = 0;
    }
    for (int32_t i = 0; i < source->log_count; i++)
        if (source->log[i].at_ms > now_ms - WINDOW_MS - GUARD_MS)
            source->log[kept++] = source->log[i];
    source->log_count = kept;
    source->tokens += passed_ms * tokens_per_ms(source);
    if (source->tokens > source->rule.limit / 20.0)
        source->tokens = source->rule.limit / 20.0;
    source->pace += 0.05 * passed_ms / WINDOW_MS;
    if (source->pace > 1)
        source->pace = 1;
    source->filled_ms = now_ms;
}

static int32_t charge_of(const struct permit_source *source, int32_t client)
{
    int32_t charge = source->members[client].outstanding;

    for (int32_t i = 0; i < source->log_count; i++)
        if (source->log[i].client == client)
            charge += source->log[i].count;
    return charge;
}

static int32_t charge_of_all(const struct permit_source *source)
{
    int32_t charge = 0;

    for (int32_t i = 0; i < PERMIT_SOURCE_CLIENTS; i++)
        charge += source->members[i].outstanding;
    for (int32_t i = 0; i < source->log_count; i++)
        charge += source->log[i].count;
    return charge;
}

/* Processes what the call reports about the past. */
static void settle(struct permit_source *source, struct member *member, const struct permit_ask *ask, int64_t now_ms)
{
    bool first = member->number == 0; /* of this client, or since the source lost its state */

    if (first)
        member->known = ask->before;
    forget_assumed(source, ask->client);
    for (int32_t i = 0; i < ask->count; i++)
        if (ask->before + i >= member->known && !source->rule.charged_when_granted)
            note(source, ask->client, 1, now_ms - ask->ages_ms[i], false);
    if (ask->before + ask->count > member->known)
        member->known = ask->before + ask->count;
    member->number = ask->number;
    member->called_ms = now_ms;
    member->outstanding = source->rule.charged_when_granted ? 0 : ask->outstanding;
}

static void limited(struct permit_source *source, const struct permit_ask *ask, int64_t now_ms)
{
    if (ask->rate_limits > 0 && now_ms >= source->hold_until_ms)
        source->pace *= 0.7;
    if (ask->rate_limits > 0 && now_ms + ask->wait_ms > source->hold_until_ms)
        source->hold_until_ms = now_ms + ask->wait_ms;
}

/* At most half a second's worth if all clients want permits. */
static int32_t grant_size(const struct permit_source *source)
{
    int64_t share = WINDOW_MS * source->rule.clients;
    int64_t size = (500 * (int64_t)source->rule.limit + share - 1) / share;

    return size < 1 ? 1 : (int32_t)size;
}

static int32_t poorer_ones(const struct permit_source *source, int32_t client, int64_t now_ms)
{
    int32_t charge = charge_of(source, client);
    int32_t count = 0;

    for (int32_t i = 0; i < PERMIT_SOURCE_CLIENTS; i++) {
        const struct member *member = &source->members[i];

        if (i != client && member->wanted > 0 && now_ms - member->called_ms < HUNGRY_MS)
            count += charge_of(source, i) < charge;
    }
    return count;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t grant(struct permit_source *source, const struct permit_ask *ask, int64_t now_ms)
{
    int32_t size = grant_size(source);
    int32_t free_ones = source->rule.limit - charge_of_all(source);
    int32_t tokens = source->rule.bursts ? free_ones : (int32_t)source->tokens;
    int32_t count;

    if (ask->wanted == 0 || now_ms < source->hold_until_ms)
        return 0;
    count = least(least(size, ask->wanted), least(free_ones, tokens) - size * poorer_ones(source, ask->client, now_ms));
    return count < 0 ? 0 : count;
}

bool permit_source_call(struct permit_source *source, const struct permit_ask *ask, struct permit_reply *reply,
                        int64_t now_ms)
{
    struct member *member = &source->members[ask->client];

    advance(source, now_ms);
    if (ask->number <= member->number)
        return false;
    settle(source, member, ask, now_ms);
    limited(source, ask, now_ms);
    reply->number = ask->number;
    reply->known = member->known;
    reply->granted = grant(source, ask, now_ms);
    reply->hold_ms = source->hold_until_ms > now_ms ? source->hold_until_ms - now_ms : 0;
    reply->again_ms = reply->granted > 0 ? 0 : (int64_t)(1 / tokens_per_ms(source)) + 1;
    member->wanted = ask->wanted - reply->granted;
    if (source->rule.charged_when_granted)
        note(source, ask->client, reply->granted, now_ms, false);
    else
        member->outstanding += reply->granted;
    source->tokens -= reply->granted;
    source->granted += reply->granted;
    return true;
}

static void begin(struct permit_source *source, const struct permit_source_rule *rule, int64_t now_ms)
{
    int64_t granted = source->granted;

    memset(source, 0, sizeof *source);
    source->rule = *rule;
    source->pace = 1;
    source->filled_ms = now_ms;
    source->granted = granted;
}

struct permit_source *permit_source_new(const struct permit_source_rule *rule, int64_t now_ms)
{
    struct permit_source *source = calloc(1, sizeof *source);

    assert(source != NULL);
    begin(source, rule, now_ms);
    return source;
}

void permit_source_free(struct permit_source *source)
{
    free(source);
}

void permit_source_lose(struct permit_source *source, int64_t now_ms)
{
    const struct permit_source_rule rule = source->rule;

    begin(source, &rule, now_ms);
    note(source, NOBODY, rule.limit, now_ms + rule.life_ms + rule.lag_ms, false);
}

int32_t permit_source_charge(struct permit_source *source, int64_t now_ms)
{
    advance(source, now_ms);
    return charge_of_all(source);
}

int64_t permit_source_granted(const struct permit_source *source)
{
    return source->granted;
}
