/* SPDX-License-Identifier: MIT */
/*
 * Prepares a job for its next run: forgets the service's state and uses another key.
 */
#ifndef AD_ENGINE_RERUN_H
#define AD_ENGINE_RERUN_H

#include "base/check.h"
#include "engine/job.h"

/*
 * For a job without a call in flight.  The image is read again, so that a file may have other bytes than before.
 * ANIMALDETECT_OK; E_STATE with a static reason in `why`; E_NO_MEMORY.  On error nothing has changed.  `owed` receives
 * the release of a reader that cannot be read a second time, or NULL.
 */
AD_CHECKED int32_t ad_job_rerun(animaldetect_job *job, const char **why, struct ad_release **owed);

#endif
