/* SPDX-License-Identifier: MIT */
/*
 * A job's memory: its texts, its URLs, its upload target, its payload.  No control flow.
 */
#include "engine/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "protocol/result.h"
#include "transport/transport.h"

animaldetect_job *ad_job_new(const char *operation)
{
    animaldetect_job *job = calloc(1, sizeof *job);

    if (job == NULL)
        return NULL;
    ad_arena_init(&job->texts);
    ad_heap_node_init(&job->call.timer);
    ad_heap_node_init(&job->call.rank);
    ad_list_node_init(&job->call.queue);
    ad_list_node_init(&job->call.flight);
    ad_list_node_init(&job->call.straggler);
    job->input.call_timeout_ms = -1;
    job->call.timeout_at_ms = AD_TIME_NEVER;
    job->call.status = ANIMALDETECT_E_STATE;
    if (ad_job_set_text(job, &job->input.operation, operation) != ANIMALDETECT_OK) {
        ad_job_destroy(job);
        return NULL;
    }
    return job;
}

void ad_job_destroy(animaldetect_job *job)
{
    struct ad_release *owed = ad_source_clear(&job->input.source);

    json_decref(job->input.options);
    free(job->remote.target);
    ad_job_free_retired(job);
    free(job->call.failure);
    free(job->call.previous);
    free(job->call.pending);
    free(job->call.hop);
    free(job->note);
    free(job->remote.unread);
    ad_result_release(job->remote.result);
    ad_arena_free(&job->texts);
    free(job);
    ad_release_run(owed);
}

void ad_job_drop_text(animaldetect_job *job, const char **field)
{
    if (*field != NULL)
        job->texts_waste += (uint32_t)strlen(*field) + 1;
    *field = NULL;
}

int32_t ad_job_set_text(animaldetect_job *job, const char **field, const char *text)
{
    const char *copy = NULL;

    if (text != NULL && *field != NULL && strcmp(*field, text) == 0)
        return ANIMALDETECT_OK;
    if (text != NULL) {
        copy = ad_arena_copy(&job->texts, text);
        if (copy == NULL)
            return ANIMALDETECT_E_NO_MEMORY;
    }
    ad_job_drop_text(job, field);
    *field = copy;
    return ANIMALDETECT_OK;
}

/* All pointers into the arena of texts. */
#define TEXTS 18
static void list_texts(animaldetect_job *job, const char **list[TEXTS])
{
    const char **all[TEXTS] = {&job->input.options_text,
                               &job->input.operation,
                               &job->input.filename,
                               &job->input.content_type,
                               &job->input.client_reference_id,
                               &job->input.key,
                               &job->remote.state_word,
                               &job->remote.id,
                               &job->remote.submit_url,
                               &job->remote.status_url,
                               &job->remote.result_url,
                               &job->remote.expires_at,
                               &job->remote.error_code,
                               &job->remote.error_message,
                               &job->key_text,
                               &job->sha256_text,
                               job->input.source.kind == AD_SOURCE_FILE ? &job->input.source.from.path : NULL,
                               job->input.source.kind == AD_SOURCE_URL ? &job->input.source.from.url : NULL};

    memcpy(list, all, sizeof all);
}

void ad_job_tidy(animaldetect_job *job)
{
    const char **fields[TEXTS];
    const char *copies[TEXTS] = {NULL};
    struct ad_arena packed;

    if (job->texts_waste < AD_TEXTS_WASTE)
        return;
    list_texts(job, fields);
    ad_arena_init(&packed);
    for (size_t i = 0; i < TEXTS; i++) {
        if (fields[i] == NULL || *fields[i] == NULL)
            continue;
        copies[i] = ad_arena_copy(&packed, *fields[i]);
        if (copies[i] == NULL) {
            ad_arena_free(&packed); /* the texts stay where they are; the next attempt may succeed */
            return;
        }
    }
    for (size_t i = 0; i < TEXTS; i++)
        if (copies[i] != NULL)
            *fields[i] = copies[i];
    ad_arena_free(&job->texts);
    job->texts = packed;
    job->texts_waste = 0;
}

int32_t ad_job_attempts(const animaldetect_job *job, int32_t step)
{
    int32_t refreshed = step == ANIMALDETECT_STEP_UPLOAD && job->call.refreshes > 0 ? job->call.refreshes + 1 : 0;

    return job->call.failures[step] + refreshed;
}

static const char **url_field(animaldetect_job *job, enum ad_job_url which)
{
    switch (which) {
    case AD_URL_SUBMIT:
        return &job->remote.submit_url;
    case AD_URL_RESULT:
        return &job->remote.result_url;
    case AD_URL_STATUS:
        break;
    }
    return &job->remote.status_url;
}

int32_t ad_job_set_url(animaldetect_job *job, enum ad_job_url which, const char *base_url, const char *url)
{
    const char **field = url_field(job, which);

    if (url == NULL)
        return ANIMALDETECT_OK; /* keep what is known, or derive it from the id */
    if (job->remote.id != NULL && *field == NULL && ad_job_url_follows(which, base_url, job->remote.id, url))
        return ANIMALDETECT_OK;
    return ad_job_set_text(job, field, url);
}

void ad_job_keep_unread(animaldetect_job *job, const char *bytes, size_t size)
{
    char *copy = malloc(size + 1);

    if (copy == NULL)
        return;
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    free(job->remote.unread);
    job->remote.unread = copy;
    job->remote.unread_size = size;
}

void ad_job_drop_target(animaldetect_job *job)
{
    if (job->remote.target_borrowed && job->remote.target != NULL) {
        job->remote.target->next = job->remote.retired_targets;
        job->remote.retired_targets = job->remote.target;
    } else {
        free(job->remote.target);
    }
    job->remote.target_borrowed = false;
    job->remote.target = NULL;
}

void ad_job_free_retired(animaldetect_job *job)
{
    ad_target_free_all(job->remote.retired_targets);
    job->remote.retired_targets = NULL;
}

void ad_job_payload(const animaldetect_job *job, const char *checksum_field, struct ad_payload *out)
{
    bool direct = job->input.source.kind != AD_SOURCE_URL;

    memset(out, 0, sizeof *out);
    out->operation = job->input.operation;
    out->filename = job->input.filename;
    out->content_type = job->input.content_type;
    out->source_url = direct ? NULL : job->input.source.from.url;
    out->client_reference_id = job->input.client_reference_id;
    out->options = job->input.options_text;
    out->checksum_field = checksum_field;
    out->sha256 = direct && job->input.has_sha256 ? job->input.sha256 : NULL;
    out->size = job->input.source.size;
    out->has_size = direct && job->input.source.size > 0;
    out->rerun = job->input.rerun;
}

int32_t ad_job_key(const animaldetect_job *job, const char *checksum_field, char out[AD_KEY_TEXT_SIZE])
{
    struct ad_payload payload;

    if (job->input.key != NULL) {
        (void)snprintf(out, AD_KEY_TEXT_SIZE, "%s", job->input.key);
        return ANIMALDETECT_OK;
    }
    ad_job_payload(job, checksum_field, &payload);
    return ad_payload_key(&payload, out);
}

int ad_planner_operation(const char *operation)
{
    static const char *const NAMES[] = {ANIMALDETECT_OPERATION_DETECT, ANIMALDETECT_OPERATION_DETECT_URBAN,
                                        ANIMALDETECT_OPERATION_FILTER, ANIMALDETECT_OPERATION_FILTER_URBAN};

    for (int i = 0; i < AD_PLANNER_OTHER; i++)
        if (operation != NULL && strcmp(operation, NAMES[i]) == 0)
            return i;
    return AD_PLANNER_OTHER;
}
