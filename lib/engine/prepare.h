/* SPDX-License-Identifier: MIT */
/*
 * Checks and hashes images before their create, a slice per turn, one image at a time, so that neither a large image
 * nor many of them hold the wire up, and one file is open at most.
 */
#ifndef AD_ENGINE_PREPARE_H
#define AD_ENGINE_PREPARE_H

#include "engine/engine.h"

#define AD_PREPARE_SLICE (256 * 1024) /* bytes per turn */

/* One slice.  True when more is to be done. */
bool ad_prepare_some(struct ad_engine *engine);

/* The job leaves the hash queue by force: closes its file. */
void ad_prepare_stop(struct ad_engine *engine, const animaldetect_job *job);

/* Before the start of a call: what was prepared for a create that never happened is prepared anew, from what the file
 * holds now. */
void ad_prepare_reset(animaldetect_job *job);

#endif
