/* SPDX-License-Identifier: MIT */
/*
 * What a rerun keeps and what it resets, see rerun.h.
 */
#include "engine/rerun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"

#define HOST_KEY_MOST 255 /* limit of the setter */
#define NUMBER_SIZE 24    /* "-rerun-", ten digits, NUL */

static void write_suffix(int32_t number, char out[NUMBER_SIZE])
{
    (void)snprintf(out, NUMBER_SIZE, "-rerun-%" PRId32, number);
}

/* Length of the host's key without the suffix of an earlier rerun. */
static size_t own_length(const char *key, int32_t number)
{
    size_t length = strlen(key);
    char suffix[NUMBER_SIZE];

    write_suffix(number, suffix);
    if (number > 0 && length > strlen(suffix) && strcmp(key + length - strlen(suffix), suffix) == 0)
        length -= strlen(suffix);
    return length;
}

/*
 * A derived or random key is made anew by the next call.  A host's own key gets the number as a suffix: two images that
 * differ only in their keys must not become one job.
 */
static int32_t change_key(animaldetect_job *job, const char **why)
{
    char key[HOST_KEY_MOST + NUMBER_SIZE];
    char suffix[NUMBER_SIZE];
    int length;

    if (job->input.key == NULL || job->input.random_key || job->input.kept_key) {
        ad_job_drop_text(job, &job->input.key);
        job->input.random_key = job->input.kept_key = false;
        return ANIMALDETECT_OK;
    }
    write_suffix(job->input.rerun + 1, suffix);
    length =
        snprintf(key, sizeof key, "%.*s%s", (int)own_length(job->input.key, job->input.rerun), job->input.key, suffix);
    if (length > HOST_KEY_MOST) {
        *why = "the idempotency key has no room for a rerun number";
        return ANIMALDETECT_E_STATE;
    }
    return ad_job_set_text(job, &job->input.key, key);
}

/* Resets what the next call must determine again about the image. */
static struct ad_release *forget_image(animaldetect_job *job)
{
    struct ad_input *input = &job->input;
    struct ad_source *source = &input->source;
    bool spent = source->kind == AD_SOURCE_READER && source->from.reader.rewind == NULL;
    struct ad_release *owed = spent ? ad_source_clear(source) : NULL;

    input->verify_sha256 = false;
    if (source->kind == AD_SOURCE_URL || (source->kind == AD_SOURCE_BYTES && input->prepared))
        return owed;
    source->identified = source->doubted = source->guarded = false;
    if (source->kind != AD_SOURCE_BYTES)
        input->host_sha256 = false; /* the bytes may differ now */
    /* A size that the host gave with its image is kept; a file's size is read again, and a missing image may differ. */
    if (source->kind == AD_SOURCE_FILE || source->kind == AD_SOURCE_NONE)
        source->size = 0;
    input->has_sha256 = input->host_sha256;
    input->prepared = false;
    if (input->sniffed)
        ad_job_drop_text(job, &input->content_type);
    input->sniffed = false;
    return owed;
}

static void forget_service(animaldetect_job *job)
{
    struct ad_remote *remote = &job->remote;
    const char **texts[] = {&remote->id,         &remote->state_word, &remote->submit_url, &remote->status_url,
                            &remote->result_url, &remote->expires_at, &remote->error_code, &remote->error_message};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ad_job_drop_text(job, texts[i]);
    ad_result_release(remote->result);
    free(remote->unread);
    remote->result = NULL;
    remote->unread = NULL;
    remote->unread_size = 0;
    memset(&remote->plan, 0, sizeof remote->plan);
    remote->upload_sent = 0;
    remote->polls = 0;
    remote->uploads = 0;
    memset(&remote->progress, 0, sizeof remote->progress);
    remote->stage = ANIMALDETECT_STAGE_NEW;
    remote->state = ANIMALDETECT_STATE_NONE;
    remote->ask_first = remote->need_target = remote->found = remote->ended_before = false;
}

int32_t ad_job_rerun(animaldetect_job *job, const char **why, struct ad_release **owed)
{
    int32_t status;

    *owed = NULL;
    *why = NULL;
    if (!job->input.started && !job->input.restored)
        *why = "no call was made on the job yet: set its rerun number";
    else if (job->input.operation == NULL)
        *why = "of a job that was attached to an id the image is not known";
    else if (job->input.rerun == INT32_MAX)
        *why = "there is no further rerun number";
    if (*why != NULL)
        return ANIMALDETECT_E_STATE;
    status = change_key(job, why);
    if (status != ANIMALDETECT_OK)
        return status;
    job->input.rerun++;
    ad_job_drop_text(job, &job->key_text);
    ad_job_drop_target(job);
    *owed = forget_image(job);
    if (!job->input.has_sha256)
        ad_job_drop_text(job, &job->sha256_text);
    forget_service(job);
    return ANIMALDETECT_OK;
}
