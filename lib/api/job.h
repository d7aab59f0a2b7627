/* SPDX-License-Identifier: MIT */
/*
 * Creates, frees and runs jobs; and helpers shared by the files with a job's public functions.
 */
#ifndef AD_API_JOB_H
#define AD_API_JOB_H

#include "api/guard.h"
#include "base/check.h"

/* ad_enter on the job's client; E_INVALID_ARGUMENT for NULL. */
AD_CHECKED int32_t ad_enter_job(animaldetect_job *job);

/* ad_peek on the job's client. */
bool ad_read_begin(const animaldetect_job *job);

/* ad_unlock if `locked`. */
void ad_read_end(const animaldetect_job *job, bool locked);

/* Casts const away: getters cache texts in the job, and saving stores a digest. */
animaldetect_job *ad_job_own(const animaldetect_job *job);

/* Creates a job with a reference to the client.  Locked.  NULL when out of memory. */
animaldetect_job *ad_client_add_job(animaldetect_client *client, const char *operation);

/* Undoes ad_client_add_job for a job that never left the library.  Locked. */
void ad_client_drop_job(animaldetect_client *client, animaldetect_job *job);

/*
 * Refuses a call on the job: `message`, a static text, becomes the message of job and client.  Locked.  Returns
 * `status`.
 */
int32_t ad_job_refuse(animaldetect_job *job, int32_t status, const char *message);

#endif
