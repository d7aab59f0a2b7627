/* SPDX-License-Identifier: MIT */
/*
 * How long a job takes: the distributions, and random times from the job's own seed. They depend only on the seed and
 * the job's number, not on other requests; a fifo queue has one worker.
 */
#include <math.h>
#include <string.h>

#include "testing/service/internal.h"

/* Splits "name:a:b:c"; returns the count of numbers, -1 if one is invalid. */
static int split_numbers(const char *text, char *name, size_t name_size, double numbers[3])
{
    char copy[128];
    char *rest = copy;
    char *word;
    int count = -1;

    if (strlen(text) >= sizeof(copy))
        return -1;
    memcpy(copy, text, strlen(text) + 1);
    while ((word = strsep(&rest, ":")) != NULL) {
        if (count < 0)
            (void)snprintf(name, name_size, "%s", word);
        else if (count >= 3 || !svc_parse_double(word, &numbers[count]) || numbers[count] < 0)
            return -1;
        count++;
    }
    return count;
}

bool svc_processing_parse(const char *text, struct svc_processing *out)
{
    static const struct {
        const char *name;
        int numbers;
    } kinds[] = {{"fixed", 1}, {"lognormal", 2}, {"bimodal", 3}, {"fifo", 1}};
    char name[16] = "";
    double numbers[3] = {0, 0, 0};
    int count = text ? split_numbers(text, name, sizeof(name), numbers) : -1;

    for (int kind = SVC_FIXED; kind <= SVC_FIFO; kind++) {
        if (strcmp(name, kinds[kind].name) != 0 || count != kinds[kind].numbers)
            continue;
        if (kind == SVC_BIMODAL && numbers[2] > 1)
            return false;
        *out = (struct svc_processing){.first = numbers[0], .second = numbers[1], .share = numbers[2]};
        out->kind = (__typeof__(out->kind))kind;
        return true;
    }
    return false;
}

/* Box and Muller; 1 - u keeps the logarithm's argument above zero. */
static double draw_normal(struct ad_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - ad_rng_unit(rng)));

    return radius * cos(2.0 * 3.14159265358979323846 * ad_rng_unit(rng));
}

static double draw_ms(const struct svc_processing *processing, struct ad_rng *rng)
{
    switch (processing->kind) {
    case SVC_LOGNORMAL:
        return processing->first * exp(processing->second * draw_normal(rng));
    case SVC_BIMODAL:
        return ad_rng_unit(rng) < processing->share ? processing->second : processing->first;
    case SVC_FIXED:
    case SVC_FIFO:
        break;
    }
    return processing->first;
}

void svc_processing_start(struct svc *svc, struct svc_job *job, int64_t now_ms)
{
    struct ad_rng rng;
    int64_t span;

    ad_rng_seed(&rng, svc->config.seed * UINT64_C(0x9e3779b97f4a7c15) + job->serial * 2 + 1);
    span = llround(fmin(draw_ms(&svc->processing, &rng), 1e12));
    job->queued_ms = now_ms;
    job->fails = ad_rng_unit(&rng) < svc->config.fail_probability;
    if (svc->processing.kind == SVC_FIFO) {
        job->running_ms = svc->worker_free_ms > now_ms ? svc->worker_free_ms : now_ms;
        job->done_ms = job->running_ms + span;
        svc->worker_free_ms = job->done_ms;
    } else {
        job->running_ms = now_ms + llround((double)span * svc->config.queue_share);
        job->done_ms = now_ms + span;
    }
    svc_deviation_start(svc, job);
}
