/* SPDX-License-Identifier: MIT */
/*
 * The queues of images to check and hash, and the one being read.  At most one file is open.
 */
#ifndef AD_ENGINE_HASHING_H
#define AD_ENGINE_HASHING_H

#include "base/check.h"
#include "base/digest.h"
#include "engine/job.h"
#include "engine/queue.h"
#include "engine/source.h"

/* The queues: one per admission class of the image's next request, so that no class waits for another one. */
enum ad_hash_line {
    AD_HASH_UNDER_WAY, /* the job exists at the service: the image of a restored job */
    AD_HASH_FREE,      /* its create will be in AD_CLASS_FREE_CREATE */
    AD_HASH_NEW,       /* its create will be in AD_CLASS_CREATE */
    AD_HASH_LINES
};

struct ad_hashing {
    struct ad_queue lines[AD_HASH_LINES];
    animaldetect_job *job; /* the job whose image is open; NULL when none is */
    struct ad_reading reading;
    struct ad_digest digest;
};

void ad_hashing_init(struct ad_hashing *hashing);
void ad_hashing_free(struct ad_hashing *hashing);
/* Reserves space for this many jobs of nonzero priority, so that nothing else can fail. */
AD_CHECKED int32_t ad_hashing_reserve(struct ad_hashing *hashing, size_t count);
void ad_hashing_add(struct ad_hashing *hashing, animaldetect_job *job);

/* Those without a create so far. */
size_t ad_hashing_count_new(const struct ad_hashing *hashing);

/* Opens the image of a job.  Errors as ad_reading_open; their reason is in `reading`. */
AD_CHECKED int32_t ad_hashing_open(struct ad_hashing *hashing, animaldetect_job *job, uint64_t limit);

/* Closes the open image if it is the job's. */
void ad_hashing_close(struct ad_hashing *hashing, const animaldetect_job *job);

/* Removes the job from its queue; an open image stays open. */
void ad_hashing_leave(struct ad_hashing *hashing, animaldetect_job *job);

/* Does both. */
void ad_hashing_remove(struct ad_hashing *hashing, animaldetect_job *job);

#endif
