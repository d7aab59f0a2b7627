/* SPDX-License-Identifier: MIT */
/*
 * The third part of an iteration: checks and hashes images before their create.  A slice per iteration, one image at a
 * time, so that neither a large image nor many of them hold up the wire.
 *
 * And no further ahead than the creates of the next minute: an image that goes out in five hours may be another one by
 * then.  Nobody starves: as many are ready as creates can begin at once, an image that would go before all that are
 * ready is not held back, and each create that goes out makes room for the next image in the same iteration.
 */
#ifndef AD_ENGINE_PREPARE_H
#define AD_ENGINE_PREPARE_H

#include "engine/core.h"

#define AD_PREPARE_SLICE (256 * 1024) /* bytes per iteration */

/* One slice.  True when more is to be done. */
bool ad_prepare_some(struct ad_engine *engine);

/* Before the start of a call: what was prepared for a create that never happened is prepared anew, from what the file
 * holds now; what was saved stays the image, which is then read again and compared. */
void ad_prepare_reset(animaldetect_job *job);

#endif
