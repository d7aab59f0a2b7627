/* SPDX-License-Identifier: MIT */
/*
 * See permit_judge.h.
 */
#include "engine/permit_judge.h"

#include <assert.h>
#include <stdlib.h>

struct permit_judge {
    int64_t *arrivals; /* sorted */
    int32_t count;
    int64_t longest_ms;
};

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one;
    int64_t b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

/* -1: it certainly did not arrive. */
static int64_t arrival_ms(const struct world_request *request, int64_t lag_ms, struct ad_rng *rng)
{
    if (request->arrived_ms >= 0)
        return request->arrived_ms;
    if (!request->aborted && request->net != AD_NET_BROKEN && request->net != AD_NET_TIMEOUT)
        return -1;
    return request->start_ms + (ad_rng_upto(rng, 1) == 0 ? lag_ms : ad_rng_upto(rng, lag_ms));
}

struct permit_judge *permit_judge_new(const struct world *world, int64_t lag_ms, struct ad_rng *rng)
{
    struct permit_judge *judge = calloc(1, sizeof *judge);
    size_t count = world_request_count(world);

    assert(judge != NULL);
    judge->arrivals = calloc(count + 1, sizeof *judge->arrivals);
    assert(judge->arrivals != NULL);
    for (size_t i = 0; i < count; i++) {
        const struct world_request *request = world_request_at(world, i);
        int64_t at_ms = request->route == SVC_ROUTE_UPLOAD ? -1 : arrival_ms(request, lag_ms, rng);

        if (at_ms >= 0)
            judge->arrivals[judge->count++] = at_ms;
        if (request->end_ms - request->start_ms > judge->longest_ms)
            judge->longest_ms = request->end_ms - request->start_ms;
    }
    qsort(judge->arrivals, (size_t)judge->count, sizeof *judge->arrivals, compare);
    return judge;
}

void permit_judge_free(struct permit_judge *judge)
{
    free(judge->arrivals);
    free(judge);
}

int32_t permit_judge_most(const struct permit_judge *judge, int64_t window_ms)
{
    int32_t most = 0;
    int32_t first = 0;

    for (int32_t i = 0; i < judge->count; i++) {
        while (judge->arrivals[first] <= judge->arrivals[i] - window_ms)
            first++;
        most = i - first + 1 > most ? i - first + 1 : most;
    }
    return most;
}

int32_t permit_judge_count(const struct permit_judge *judge, int64_t from_ms, int64_t until_ms)
{
    int32_t count = 0;

    for (int32_t i = 0; i < judge->count; i++)
        count += judge->arrivals[i] >= from_ms && judge->arrivals[i] < until_ms;
    return count;
}

int64_t permit_judge_longest_ms(const struct permit_judge *judge)
{
    return judge->longest_ms;
}
