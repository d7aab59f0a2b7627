/* SPDX-License-Identifier: MIT */
/*
 * A job's memory: its texts, its URLs, its upload target, its payload.  No flow in here.
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
    ad_heap_node_init(&job->timer);
    ad_list_node_init(&job->queue);
    ad_list_node_init(&job->flight);
    job->deadline_ms = -1;
    job->deadline_at_ms = AD_TIME_NEVER;
    job->status = ANIMALDETECT_E_STATE;
    if (ad_job_text(job, &job->operation, operation) != ANIMALDETECT_OK) {
        ad_job_destroy(job);
        return NULL;
    }
    return job;
}

void ad_job_destroy(animaldetect_job *job)
{
    ad_input_clear(&job->input);
    json_decref(job->options);
    free(job->target);
    ad_job_free_retired(job);
    free(job->failure);
    free(job->pending);
    ad_result_release(job->result);
    ad_arena_free(&job->texts);
    free(job);
}

int32_t ad_job_text(animaldetect_job *job, const char **field, const char *text)
{
    const char *copy = NULL;

    if (text != NULL && *field != NULL && strcmp(*field, text) == 0)
        return ANIMALDETECT_OK;
    if (text != NULL) {
        copy = ad_arena_copy(&job->texts, text);
        if (copy == NULL)
            return ANIMALDETECT_E_NO_MEMORY;
    }
    if (*field != NULL)
        job->texts_waste += (uint32_t)strlen(*field) + 1;
    *field = copy;
    return ANIMALDETECT_OK;
}

/* Every pointer into the arena of texts. */
#define TEXTS 18
static void list_texts(animaldetect_job *job, const char **list[TEXTS])
{
    const char **all[TEXTS] = {&job->options_text,
                               &job->operation,
                               &job->filename,
                               &job->content_type,
                               &job->client_reference_id,
                               &job->host_key,
                               &job->state_word,
                               &job->job_id,
                               &job->submit_url,
                               &job->status_url,
                               &job->result_url,
                               &job->expires_at,
                               &job->error_code,
                               &job->error_message,
                               &job->key_text,
                               &job->sha256_text,
                               job->input.kind == AD_INPUT_FILE ? &job->input.from.path : NULL,
                               job->input.kind == AD_INPUT_SOURCE_URL ? &job->input.from.url : NULL};

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
            ad_arena_free(&packed); /* it stays as it is; the next one may succeed */
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

static const char **url_field(animaldetect_job *job, enum ad_job_url which)
{
    switch (which) {
    case AD_URL_SUBMIT:
        return &job->submit_url;
    case AD_URL_RESULT:
        return &job->result_url;
    case AD_URL_STATUS:
        break;
    }
    return &job->status_url;
}

static const char *url_suffix(enum ad_job_url which)
{
    switch (which) {
    case AD_URL_SUBMIT:
        return "/submit";
    case AD_URL_RESULT:
        return "/result";
    case AD_URL_STATUS:
        break;
    }
    return "";
}

/* Does `url` read base, "/jobs/", id, suffix? */
static bool url_follows(const char *url, const char *base, const char *id, const char *suffix)
{
    size_t base_size = strlen(base);
    size_t id_size = strlen(id);

    if (strncmp(url, base, base_size) != 0 || strncmp(url + base_size, "/jobs/", 6) != 0)
        return false;
    url += base_size + 6;
    return strncmp(url, id, id_size) == 0 && strcmp(url + id_size, suffix) == 0;
}

const char *ad_job_url_text(animaldetect_job *job, enum ad_job_url which, const char *base_url)
{
    const char *known = *url_field(job, which);
    const char *suffix = url_suffix(which);
    size_t size;
    char *text;

    if (known != NULL || job->job_id == NULL)
        return known;
    size = strlen(base_url) + strlen(job->job_id) + strlen(suffix) + sizeof "/jobs/";
    text = ad_arena_alloc(&job->texts, size);
    if (text == NULL)
        return NULL;
    (void)snprintf(text, size, "%s/jobs/%s%s", base_url, job->job_id, suffix);
    *url_field(job, which) = text;
    return text;
}

int32_t ad_job_url_set(animaldetect_job *job, enum ad_job_url which, const char *base_url, const char *url)
{
    if (url == NULL)
        return ANIMALDETECT_OK; /* what is known, or what follows from the id, stays */
    if (job->job_id != NULL && *url_field(job, which) == NULL &&
        url_follows(url, base_url, job->job_id, url_suffix(which)))
        return ANIMALDETECT_OK;
    return ad_job_text(job, url_field(job, which), url);
}

static char *put(char **cursor, const char *text)
{
    char *start = *cursor;
    size_t size = strlen(text) + 1;

    memcpy(start, text, size);
    *cursor += size;
    return start;
}

static int32_t check_target(const struct ad_job_answer *answer, struct ad_problem *problem)
{
    if (strcmp(answer->upload_method, "PUT") != 0 && strcmp(answer->upload_method, "POST") != 0) {
        problem->text = "upload.method is neither PUT nor POST";
        return ANIMALDETECT_E_PROTOCOL;
    }
    for (size_t i = 0; i < answer->upload_header_count; i++) {
        if (!ad_upload_header_permitted(answer->upload_headers[i].name)) {
            problem->text = "upload.headers names a header that must not be sent to a storage";
            return ANIMALDETECT_E_PROTOCOL;
        }
    }
    return ANIMALDETECT_OK;
}

int32_t ad_target_new(const struct ad_job_answer *answer, struct ad_target **out, struct ad_problem *problem)
{
    size_t count = answer->upload_header_count;
    size_t size = sizeof(struct ad_target) + count * sizeof(struct ad_header) + strlen(answer->upload_method) +
                  strlen(answer->upload_url) + 2;
    struct ad_target *target;
    char *cursor;

    if (check_target(answer, problem) != ANIMALDETECT_OK)
        return ANIMALDETECT_E_PROTOCOL;
    if (answer->upload_expires_at != NULL)
        size += strlen(answer->upload_expires_at) + 1;
    for (size_t i = 0; i < count; i++)
        size += strlen(answer->upload_headers[i].name) + strlen(answer->upload_headers[i].value) + 2;
    target = malloc(size);
    if (target == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    cursor = (char *)&target->headers[count];
    target->method = put(&cursor, answer->upload_method);
    target->url = put(&cursor, answer->upload_url);
    target->expires_at = answer->upload_expires_at == NULL ? NULL : put(&cursor, answer->upload_expires_at);
    target->header_count = count;
    for (size_t i = 0; i < count; i++) {
        target->headers[i].name = put(&cursor, answer->upload_headers[i].name);
        target->headers[i].value = put(&cursor, answer->upload_headers[i].value);
    }
    *out = target;
    return ANIMALDETECT_OK;
}

void ad_job_drop_target(animaldetect_job *job)
{
    if (job->target_borrowed && job->target != NULL) {
        job->target->next = job->retired;
        job->retired = job->target;
    } else {
        free(job->target);
    }
    job->target_borrowed = false;
    job->target = NULL;
}

void ad_job_free_retired(animaldetect_job *job)
{
    while (job->retired != NULL) {
        struct ad_target *target = job->retired;

        job->retired = target->next;
        free(target);
    }
}

void ad_job_payload(const animaldetect_job *job, struct ad_payload *out)
{
    bool direct = job->input.kind != AD_INPUT_SOURCE_URL;

    memset(out, 0, sizeof *out);
    out->operation = job->operation;
    out->filename = job->filename;
    out->content_type = job->content_type;
    out->source_url = direct ? NULL : job->input.from.url;
    out->client_reference_id = job->client_reference_id;
    out->options = job->options_text;
    out->sha256 = direct && job->has_sha256 ? job->sha256 : NULL;
    out->size = job->input.size;
    out->has_size = direct && job->input.size > 0;
    out->rerun = job->rerun;
}

int32_t ad_job_key(const animaldetect_job *job, char out[AD_KEY_TEXT_SIZE])
{
    struct ad_payload payload;

    if (job->host_key != NULL) {
        (void)snprintf(out, AD_KEY_TEXT_SIZE, "%s", job->host_key);
        return ANIMALDETECT_OK;
    }
    ad_job_payload(job, &payload);
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
