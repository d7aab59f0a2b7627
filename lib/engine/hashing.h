/* SPDX-License-Identifier: MIT */
/*
 * The queues of images to check and hash, and the one that is being read.  One file is open at most.
 */
#ifndef AD_ENGINE_HASHING_H
#define AD_ENGINE_HASHING_H

#include "base/check.h"
#include "base/digest.h"
#include "engine/job.h"
#include "engine/queue.h"
#include "engine/source.h"

/* Who waits: one for each admission class in which the next request of the image may stand, so that none of them has
 * to wait for another class. */
enum ad_hash_line {
    AD_HASH_UNDER_WAY, /* has its job at the service: the image of a restored job */
    AD_HASH_FREE,      /* its create stands in AD_CLASS_FREE_CREATE */
    AD_HASH_NEW,       /* in AD_CLASS_CREATE */
    AD_HASH_LINES
};

struct ad_hashing {
    struct ad_queue lines[AD_HASH_LINES];
    animaldetect_job *job; /* one of them whose image is open; NULL when none is open */
    struct ad_reading reading;
    struct ad_digest digest;
};

void ad_hashing_init(struct ad_hashing *hashing);
void ad_hashing_free(struct ad_hashing *hashing);
/* Room for so many of another priority than 0: nothing else can fail. */
AD_CHECKED int32_t ad_hashing_reserve(struct ad_hashing *hashing, size_t count);
void ad_hashing_add(struct ad_hashing *hashing, animaldetect_job *job);

/* Those whose create has not been sent. */
size_t ad_hashing_count_new(const struct ad_hashing *hashing);

/* Opens the image of a job; errors as ad_reading_open, in `reading` with their reason. */
AD_CHECKED int32_t ad_hashing_open(struct ad_hashing *hashing, animaldetect_job *job, uint64_t limit);

/* Closes the job's image if it is the one that is open. */
void ad_hashing_close(struct ad_hashing *hashing, const animaldetect_job *job);

/* Takes the job out of its queue; an image that is open stays open. */
void ad_hashing_leave(struct ad_hashing *hashing, animaldetect_job *job);

/* Both. */
void ad_hashing_remove(struct ad_hashing *hashing, animaldetect_job *job);

#endif
