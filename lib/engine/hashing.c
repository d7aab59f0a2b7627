/* SPDX-License-Identifier: MIT */
/*
 * The queues of images to hash, and the image that is open.
 */
#include "engine/hashing.h"

void ad_hashing_init(struct ad_hashing *hashing)
{
    for (int i = 0; i < AD_HASH_LINES; i++)
        ad_queue_init(&hashing->lines[i]);
    hashing->job = NULL;
}

void ad_hashing_free(struct ad_hashing *hashing)
{
    for (int i = 0; i < AD_HASH_LINES; i++)
        ad_queue_free(&hashing->lines[i]);
}

int32_t ad_hashing_reserve(struct ad_hashing *hashing, size_t count)
{
    int32_t status = ANIMALDETECT_OK;

    for (int i = 0; i < AD_HASH_LINES && status == ANIMALDETECT_OK; i++)
        status = ad_queue_reserve(&hashing->lines[i], count);
    return status;
}

/* See class_of_create in steps.c. */
static enum ad_hash_line line_of(const animaldetect_job *job)
{
    if (job->remote.id != NULL)
        return AD_HASH_UNDER_WAY;
    return job->call.goal != AD_GOAL_RUN ? AD_HASH_FREE : AD_HASH_NEW;
}

void ad_hashing_add(struct ad_hashing *hashing, animaldetect_job *job)
{
    ad_queue_add(&hashing->lines[line_of(job)], job, false);
}

size_t ad_hashing_count_new(const struct ad_hashing *hashing)
{
    return ad_queue_count(&hashing->lines[AD_HASH_FREE]) + ad_queue_count(&hashing->lines[AD_HASH_NEW]);
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

void ad_hashing_leave(struct ad_hashing *hashing, animaldetect_job *job)
{
    ad_queue_remove(&hashing->lines[line_of(job)], job);
}

void ad_hashing_remove(struct ad_hashing *hashing, animaldetect_job *job)
{
    ad_hashing_close(hashing, job);
    ad_hashing_leave(hashing, job);
}
