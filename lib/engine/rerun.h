/* SPDX-License-Identifier: MIT */
/*
 * The next run of a job: forgets what the service said, and asks under another key.
 */
#ifndef AD_ENGINE_RERUN_H
#define AD_ENGINE_RERUN_H

#include "base/check.h"
#include "engine/job.h"

/*
 * For a job without a call in flight.  The image is read anew, so that a file may have other bytes than before.
 * ANIMALDETECT_OK; E_STATE with static words in `why`; E_NO_MEMORY.  Nothing has changed unless OK.  `owed` receives
 * the release of a reader that cannot be read a second time, or NULL.
 */
AD_CHECKED int32_t ad_job_rerun(animaldetect_job *job, const char **why, struct ad_release **owed);

#endif
