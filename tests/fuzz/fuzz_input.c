/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the setters of a job through the public functions: whatever they accept can be sent, saved and restored, and
 * the key is the same afterwards. The client never connects. Input: a line with the operation, then lines "setter
 * value", such as "country USA" or "option name {\"a\":1}".
 */
#include <stdlib.h>
#include <string.h>

#include <animaldetect/animaldetect.h>

#include "engine/job.h"
#include "fuzz.h"

static int32_t set_bytes(animaldetect_job *job, const char *text)
{
    return animaldetect_job_set_bytes(job, text, strlen(text));
}

static int32_t set_option(animaldetect_job *job, const char *text)
{
    size_t size = strcspn(text, " ");
    char *name = fuzz_text((const uint8_t *)text, size);
    int32_t status = animaldetect_job_set_option_json(job, name, text + size);

    free(name);
    return status;
}

static int32_t set_threshold(animaldetect_job *job, const char *text)
{
    return animaldetect_job_set_threshold(job, strtod(text, NULL));
}

static int32_t set_location(animaldetect_job *job, const char *text)
{
    char *end = NULL;
    double latitude = strtod(text, &end);

    return animaldetect_job_set_location(job, latitude, strtod(end, NULL));
}

static int32_t number_of(const char *text)
{
    return (int32_t)strtoul(text, NULL, 10);
}

static int32_t set_rerun(animaldetect_job *job, const char *text)
{
    return animaldetect_job_set_rerun(job, number_of(text));
}

static int32_t set_classify(animaldetect_job *job, const char *text)
{
    return animaldetect_job_set_classify(job, number_of(text));
}

static int32_t set_top_candidate(animaldetect_job *job, const char *text)
{
    return animaldetect_job_set_top_candidate(job, number_of(text));
}

static const struct {
    const char *name;
    int32_t (*set)(animaldetect_job *job, const char *text);
} setters[] = {
    {"file", animaldetect_job_set_file},
    {"bytes", set_bytes},
    {"source", animaldetect_job_set_source_url},
    {"filename", animaldetect_job_set_filename},
    {"type", animaldetect_job_set_content_type},
    {"reference", animaldetect_job_set_client_reference_id},
    {"key", animaldetect_job_set_idempotency_key},
    {"sha256", animaldetect_job_set_sha256},
    {"rerun", set_rerun},
    {"threshold", set_threshold},
    {"country", animaldetect_job_set_country},
    {"classify", set_classify},
    {"top", set_top_candidate},
    {"location", set_location},
    {"option", set_option},
};

static void apply(animaldetect_job *job, const char *line)
{
    size_t size = strcspn(line, " ");

    for (size_t i = 0; i < sizeof(setters) / sizeof(setters[0]); i++) {
        int32_t status;

        if (strlen(setters[i].name) != size || memcmp(line, setters[i].name, size) != 0)
            continue;
        status = setters[i].set(job, line[size] ? line + size + 1 : "");
        FUZZ_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_E_INVALID_ARGUMENT ||
                   status == ANIMALDETECT_E_STATE);
    }
}

/* UTF-8 without control characters below 32; JSON allows those from 127 on. */
static bool is_one_line(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)text[i] < 32)
            return false;
    }
    return fuzz_is_utf8(text, size);
}

/* The create request of the job in its current state. Its key goes to `key`. */
static void check_request(const animaldetect_job *job, char key[AD_KEY_SIZE])
{
    char *options = job->input.options && json_object_size(job->input.options) > 0
                        ? ad_options_serialize(job->input.options)
                        : NULL;
    struct ad_payload payload;
    struct ad_buf body;

    ad_job_payload(job, NULL, &payload);
    if (options)
        payload.options = options;
    ad_buf_init(&body, 1024 * 1024);
    FUZZ_CHECK(ad_payload_body(&payload, &body) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_payload_key(&payload, key) == ANIMALDETECT_OK);
    FUZZ_CHECK(is_one_line(ad_buf_string(&body), body.size));
    ad_buf_free(&body);
    free(options);
}

static char *save(const animaldetect_job *job)
{
    char *text = NULL;
    size_t size = 0;

    FUZZ_CHECK(animaldetect_job_save(job, &text, &size) == ANIMALDETECT_OK);
    FUZZ_CHECK(strlen(text) == size && is_one_line(text, size));
    return text;
}

static void check_restored(animaldetect_client *client, const animaldetect_job *job)
{
    char key[AD_KEY_SIZE];
    char restored_key[AD_KEY_SIZE];
    char *text = save(job);
    char *text_again;
    animaldetect_job *restored = NULL;

    check_request(job, key);
    FUZZ_CHECK(animaldetect_job_restore(client, text, strlen(text), &restored) == ANIMALDETECT_OK);
    check_request(restored, restored_key);
    FUZZ_CHECK(strcmp(key, restored_key) == 0);
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_operation(job), animaldetect_job_operation(restored)));
    FUZZ_CHECK(fuzz_same_text(job->input.key, restored->input.key));
    text_again = save(restored);
    free(text_again);
    free(text);
    animaldetect_job_free(restored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static animaldetect_client *client;
    struct fuzz_input input = {data, size};
    animaldetect_job *job = NULL;
    char *operation = fuzz_take_text(&input);
    int32_t status;

    if (!client)
        FUZZ_CHECK(animaldetect_client_new(&client) == ANIMALDETECT_OK);
    status = animaldetect_job_new(client, operation, &job);
    FUZZ_CHECK(status == (job ? ANIMALDETECT_OK : ANIMALDETECT_E_INVALID_ARGUMENT));
    while (job && input.left > 0) {
        char *line = fuzz_take_text(&input);

        apply(job, line);
        free(line);
    }
    if (job)
        check_restored(client, job);
    animaldetect_job_free(job);
    free(operation);
    return 0;
}
