/* SPDX-License-Identifier: MIT */
/*
 * Handles an image that could not be read: it is read again, retried later, or the call fails.
 *
 *   the file's identity changed     read again, and compared with the digest
 *   out of file descriptors         retried later, with the attempts of a request
 *   anything else                   the call fails
 */
#ifndef AD_ENGINE_UNREAD_H
#define AD_ENGINE_UNREAD_H

#include "engine/core.h"

/* The job is in no queue and has nothing on the wire, or it is in the hash queue. */
void ad_unread(struct ad_engine *engine, animaldetect_job *job, int32_t status, const struct ad_file_fault *fault);

#endif
