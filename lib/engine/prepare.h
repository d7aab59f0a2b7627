/* SPDX-License-Identifier: MIT */
/*
 * The third part of an iteration: checks and hashes images before their create.  One slice per iteration, one image at
 * a time, so that neither a large image nor many of them delay requests.
 *
 * No further ahead than the creates of the next minute: an image that is sent in five hours may have changed by then.
 * No request waits for hashing: as many images are ready as creates can start at once, an image that would go before
 * all ready ones is read at once, and each create makes room for the next image in the same iteration.
 */
#ifndef AD_ENGINE_PREPARE_H
#define AD_ENGINE_PREPARE_H

#include "engine/core.h"

#define AD_PREPARE_SLICE (256 * 1024) /* bytes per iteration */

/* Processes one slice.  True when there is more to do. */
bool ad_prepare_some(struct ad_engine *engine);

/*
 * At the start of a call: an image prepared for a create that was never sent is prepared again, from the current file.
 * A restored job keeps its saved digest; its image is read again and compared.
 */
void ad_prepare_reset(animaldetect_job *job);

#endif
