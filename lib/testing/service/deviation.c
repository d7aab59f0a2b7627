/* SPDX-License-Identifier: MIT */
/*
 * Deviations of jobs from the contract: jobs that never finish, finish in an unknown state, or are lost. Which job
 * deviates depends only on the seed and the job's number, which key on the seed and the key; another order of requests,
 * or a restart, changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

/* A separate random stream per question, so that they are independent. */
enum stream { STREAM_STUCK = 1, STREAM_UNKNOWN, STREAM_LOST_SUBMIT, STREAM_KEY };

/* A key that was rejected as in use, and since when. */
struct svc_key_use {
    int64_t since_ms;
    char key[];
};

static bool is_drawn(const struct svc *svc, enum stream stream, uint64_t about, double share, struct ad_rng *rng)
{
    ad_rng_seed(rng, (svc->config.seed ^ (uint64_t)stream << 56) * UINT64_C(0x9e3779b97f4a7c15) + about);
    return ad_rng_unit(rng) < share;
}

static void keep_from_ending(struct svc *svc, struct svc_job *job)
{
    int64_t span = svc->config.stuck_ms;
    struct ad_rng rng;
    int64_t until_ms;

    if (!is_drawn(svc, STREAM_STUCK, job->serial, svc->config.stuck_share, &rng))
        return;
    until_ms = span > 0 ? job->queued_ms + span : INT64_MAX;
    job->stuck = true;
    if (job->done_ms < until_ms)
        job->done_ms = until_ms;
    if (ad_rng_upto(&rng, 1) == 0)
        job->running_ms = job->done_ms;
}

static void give_word(struct svc *svc, struct svc_job *job)
{
    static const char *const words[] = {"canceled", "completed", "archived"};
    const struct svc_config *config = &svc->config;
    enum svc_unknown_form form = config->unknown_form;
    struct ad_rng rng;
    const char *word;

    if (!is_drawn(svc, STREAM_UNKNOWN, job->serial, config->unknown_share, &rng))
        return;
    word = words[ad_rng_upto(&rng, 2)];
    if (form == SVC_UNKNOWN_DRAWN)
        form = (enum svc_unknown_form)(SVC_UNKNOWN_BARE + ad_rng_upto(&rng, 3));
    job->word = svc_copy(config->unknown_state ? config->unknown_state : word);
    job->word_error = form == SVC_UNKNOWN_ERROR || form == SVC_UNKNOWN_BOTH;
    job->fails = form == SVC_UNKNOWN_BARE || form == SVC_UNKNOWN_ERROR;
}

void svc_deviation_start(struct svc *svc, struct svc_job *job)
{
    keep_from_ending(svc, job);
    if (!job->word)
        give_word(svc, job);
}

bool svc_deviation_loses_submit(const struct svc *svc, const struct svc_job *job)
{
    struct ad_rng rng;

    return !job->submit_lost && is_drawn(svc, STREAM_LOST_SUBMIT, job->serial, svc->config.lost_submit_share, &rng);
}

/* Since when the key is rejected; `now_ms` the first time. */
static int64_t refused_since(struct svc *svc, const char *key, int64_t now_ms)
{
    size_t size = strlen(key);
    struct svc_key_use *use = svc_table_get(&svc->key_uses, key, size);

    if (!use) {
        use = svc_alloc(sizeof(*use) + size + 1);
        use->since_ms = now_ms;
        memcpy(use->key, key, size);
        svc_table_put(&svc->key_uses, use->key, size, use);
    }
    return use->since_ms;
}

bool svc_deviation_key_in_use(struct svc *svc, const char *key, const struct svc_job *job, int64_t now_ms)
{
    uint8_t digest[SVC_DIGEST_SIZE];
    uint64_t about;
    struct ad_rng rng;

    if (svc->config.key_in_use_share <= 0)
        return false;
    crypto_hash_sha256(digest, (const unsigned char *)key, strlen(key));
    memcpy(&about, digest, sizeof(about));
    if (!is_drawn(svc, STREAM_KEY, about, svc->config.key_in_use_share, &rng))
        return false;
    if (ad_rng_upto(&rng, 1) == 0)
        return job && now_ms < job->created_ms + svc->config.key_in_use_ms;
    return !job && now_ms < refused_since(svc, key, now_ms) + svc->config.key_in_use_ms;
}

void svc_deviation_free(struct svc *svc)
{
    for (size_t i = 0; i < svc->key_uses.capacity; i++)
        free(svc->key_uses.entries[i].value);
    svc_table_free(&svc->key_uses);
}
