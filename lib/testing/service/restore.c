/* SPDX-License-Identifier: MIT */
/*
 * Restores a model from a journal.  Effects are repeated as written, nothing is chosen at random again.  The journal
 * has jobs, images, uploads, submits and violations, but no counters of requests.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static const char *text_of(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static int64_t number_of(const json_t *line, const char *name)
{
    return json_integer_value(json_object_get(line, name));
}

static bool digest_of(const json_t *line, const char *name, uint8_t out[SVC_DIGEST_SIZE])
{
    const char *hex = text_of(line, name);

    return hex && svc_parse_hex(hex, out);
}

static void read_times(struct svc *svc, struct svc_job *job, const json_t *line)
{
    const json_t *times = json_object_get(line, "times");
    const json_t *word = json_object_get(line, "word");

    job->queued_ms = json_integer_value(json_array_get(times, 0));
    job->running_ms = json_integer_value(json_array_get(times, 1));
    job->done_ms = json_integer_value(json_array_get(times, 2));
    job->fails = json_is_true(json_array_get(times, 3));
    job->stuck = json_is_true(json_array_get(times, 4));
    free(job->word);
    job->word = svc_copy(json_string_value(json_array_get(word, 0)));
    job->word_error = json_is_true(json_array_get(word, 1));
    if (svc->processing.kind == SVC_FIFO && !job->stuck && job->done_ms > svc->worker_free_ms)
        svc->worker_free_ms = job->done_ms;
}

static void read_words(struct svc_job *job, const json_t *line)
{
    free(job->error_code);
    free(job->error_message);
    job->error_code = svc_copy(text_of(line, "code"));
    job->error_message = svc_copy(text_of(line, "message"));
}

static bool read_create(struct svc *svc, const json_t *line)
{
    const char *id = text_of(line, "id");
    const char *operation = text_of(line, "operation");
    const json_t *upload = json_object_get(line, "upload");
    struct svc_job *job;

    if (!id || strlen(id) >= SVC_ID_SIZE || !operation || svc_operation_from(operation) == SVC_OPERATION_END)
        return false;
    job = svc_alloc(sizeof(*job));
    memcpy(job->id, id, strlen(id) + 1);
    job->serial = svc->job_count;
    job->operation = svc_operation_from(operation);
    job->key = svc_copy(text_of(line, "key"));
    job->reference = svc_copy(text_of(line, "reference"));
    job->content_type = svc_copy(text_of(line, "type"));
    job->options = svc_copy(text_of(line, "options"));
    job->expected_size = number_of(line, "size");
    job->created_ms = number_of(line, "created");
    job->expires_ms = number_of(line, "expires");
    job->upload_expires_ms = json_integer_value(json_array_get(upload, 0));
    job->generation = (uint64_t)json_integer_value(json_array_get(upload, 1));
    job->has_checksum = digest_of(line, "checksum", job->checksum);
    digest_of(line, "payload", job->payload);
    digest_of(line, "digest", job->digest);
    read_times(svc, job, line);
    svc_job_add(svc, job);
    if (job->queued_ms >= 0)
        svc_work_restore(svc, job);
    return true;
}

static void read_force(struct svc_job *job, const json_t *line)
{
    const char *state = text_of(line, "state");

    job->forced = true;
    job->forced_state = state ? svc_state_from(state) : SVC_EXPIRED;
    if (job->forced_state == SVC_AWAITING)
        job->queued_ms = -1;
    read_words(job, line);
}

static void read_expire(struct svc *svc, struct svc_job *job, const json_t *line)
{
    svc->generation = (uint64_t)number_of(line, "generation");
    if (job)
        job->min_generation = svc->generation;
    else
        svc->min_generation = svc->generation;
}

static bool read_job_event(struct svc *svc, const char *event, const json_t *line)
{
    const char *id = text_of(line, "id");
    struct svc_job *job = id ? svc_job_find(svc, id) : NULL;
    uint8_t digest[SVC_DIGEST_SIZE];

    if (strcmp(event, "expire") == 0 && (job || !id)) {
        read_expire(svc, job, line);
        return true;
    }
    if (!job)
        return false;
    if (strcmp(event, "upload") == 0 && digest_of(line, "digest", digest)) {
        svc_job_store_image(svc, job, digest, (uint64_t)number_of(line, "size"));
    } else if (strcmp(event, "submit") == 0) {
        read_times(svc, job, line);
        read_words(job, line);
        job->forced = false;
        svc->counts[SVC_COUNT_SUBMITS]++;
        svc_work_restore(svc, job);
    } else if (strcmp(event, "force") == 0) {
        read_force(job, line);
        svc_work_bill(svc, job);
    } else if (strcmp(event, "lost_submit") == 0) {
        job->submit_lost = true;
    } else if (strcmp(event, "excuse") == 0) {
        job->excused = true;
    } else {
        return false;
    }
    return true;
}

static bool read_event(struct svc *svc, const json_t *line)
{
    const char *event = text_of(line, "event");
    const char *text = text_of(line, "text");

    if (!event)
        return false;
    if (strcmp(event, "create") == 0)
        return read_create(svc, line);
    if (strcmp(event, "violation") == 0 && text) {
        svc_violation_restore(svc, text);
        return true;
    }
    return read_job_event(svc, event, line);
}

bool svc_load_state(struct svc *svc, FILE *file, char *error, size_t error_size)
{
    char *line = NULL;
    size_t capacity = 0;
    size_t number = 0;
    bool good = true;

    while (good && getline(&line, &capacity, file) >= 0) {
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        number++;
        good = !object || read_event(svc, object);
        json_decref(object);
    }
    if (!good)
        (void)snprintf(error, error_size, "line %zu is not a line of a journal", number);
    free(line);
    return good;
}
