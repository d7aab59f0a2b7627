/* SPDX-License-Identifier: MIT */
/*
 * Making, freeing and moving jobs; and what the files with a job's public functions share.
 */
#ifndef AD_API_JOB_H
#define AD_API_JOB_H

#include "api/guard.h"
#include "base/check.h"

/* ad_enter on the job's client; E_INVALID_ARGUMENT for NULL. */
AD_CHECKED int32_t ad_enter_job(animaldetect_job *job);

/* ad_peek on the job's client. */
bool ad_read_begin(const animaldetect_job *job);

/* ad_unlock when `locked`. */
void ad_read_end(const animaldetect_job *job, bool locked);

/* Getters cache texts inside a job, a save keeps a digest: the handle is the library's own, never really constant. */
animaldetect_job *ad_job_own(const animaldetect_job *job);

/* A job of this client, counted in its references.  Locked.  NULL when memory runs out. */
animaldetect_job *ad_client_add_job(animaldetect_client *client, const char *operation);

/* Undoes ad_client_add_job for a job that never left the library.  Locked. */
void ad_client_drop_job(animaldetect_client *client, animaldetect_job *job);

/*
 * Refuses a call on the job: the words, static text, are then its message, and the client's.  Locked.  Returns
 * `status`.
 */
int32_t ad_job_refuse(animaldetect_job *job, int32_t status, const char *words);

#endif
