/* SPDX-License-Identifier: MIT */
/*
 * The queue of images to check and hash, and the one that is being read.  One file is open at most.
 */
#ifndef AD_ENGINE_HASHING_H
#define AD_ENGINE_HASHING_H

#include "base/check.h"
#include "base/digest.h"
#include "base/list.h"
#include "engine/job.h"
#include "engine/source.h"

struct ad_hashing {
    struct ad_list queue;
    animaldetect_job *job; /* the first of the queue once its image was opened; NULL when none is open */
    struct ad_reading reading;
    struct ad_digest digest;
};

void ad_hashing_init(struct ad_hashing *hashing);
void ad_hashing_add(struct ad_hashing *hashing, animaldetect_job *job);

/* Opens the image of the first job; errors as ad_reading_open, in `reading` with their reason. */
AD_CHECKED int32_t ad_hashing_open(struct ad_hashing *hashing, animaldetect_job *job, uint64_t limit);

/* Closes the job's image if it is the one that is open. */
void ad_hashing_close(struct ad_hashing *hashing, const animaldetect_job *job);

/* The same, and takes the job out of the queue. */
void ad_hashing_remove(struct ad_hashing *hashing, animaldetect_job *job);

#endif
