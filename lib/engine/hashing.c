/* SPDX-License-Identifier: MIT */
/*
 * The queue of images to hash, and the one that is open.
 */
#include "engine/hashing.h"

void ad_hashing_init(struct ad_hashing *hashing)
{
    ad_list_init(&hashing->queue);
    hashing->job = NULL;
}

void ad_hashing_add(struct ad_hashing *hashing, animaldetect_job *job)
{
    ad_list_append(&hashing->queue, &job->call.queue);
}

int32_t ad_hashing_open(struct ad_hashing *hashing, animaldetect_job *job, uint64_t limit)
{
    hashing->job = job;
    ad_reading_init(&hashing->reading, &job->input.source, limit);
    ad_digest_begin(&hashing->digest);
    return ad_reading_open(&hashing->reading);
}

void ad_hashing_close(struct ad_hashing *hashing, const animaldetect_job *job)
{
    if (hashing->job != job)
        return;
    ad_reading_close(&hashing->reading);
    hashing->job = NULL;
}

void ad_hashing_remove(struct ad_hashing *hashing, animaldetect_job *job)
{
    ad_hashing_close(hashing, job);
    ad_list_remove(&hashing->queue, &job->call.queue);
}
