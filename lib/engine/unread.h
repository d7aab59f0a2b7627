/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a call whose image could not be read: it is read again, tried later, or the call fails.
 *
 *   the identity of the file did not last   read again, and compared with the digest
 *   no descriptor is left                   tried later, as often as a request
 *   anything else                           the call fails
 */
#ifndef AD_ENGINE_UNREAD_H
#define AD_ENGINE_UNREAD_H

#include "engine/core.h"

/* The job is in no queue and has nothing on the wire, or is in the hash queue. */
void ad_unread(struct ad_engine *engine, animaldetect_job *job, int32_t status, const struct ad_file_fault *fault);

#endif
