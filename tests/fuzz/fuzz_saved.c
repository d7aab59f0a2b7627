/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes a saved job, read by protocol/saved and restored through the public functions on a client that never connects:
 * what is written reads back equal, a restored job is saved as the text that it was restored from, and no text contains
 * the API key. Input: the saved text.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <animaldetect/animaldetect.h>

#include "engine/job.h"
#include "fuzz.h"
#include "kit/message.h"
#include "protocol/payload.h"
#include "protocol/saved_fields.h"

static const char api_key[] = "sk_test_fuzz_6d1f0c2b";

static animaldetect_client *the_client(void)
{
    static animaldetect_client *client;

    if (!client) {
        FUZZ_CHECK(animaldetect_client_new(&client) == ANIMALDETECT_OK);
        FUZZ_CHECK(animaldetect_client_set_api_key(client, api_key) == ANIMALDETECT_OK);
    }
    return client;
}

static void check_same_options(const json_t *a, const json_t *b)
{
    char *text_a = a ? ad_options_serialize(a) : NULL;
    char *text_b = b ? ad_options_serialize(b) : NULL;

    FUZZ_CHECK((a == NULL) == (b == NULL) && fuzz_same_text(text_a, text_b));
    free(text_a);
    free(text_b);
}

static const char *header_value(const struct ad_saved *saved, const char *name)
{
    for (size_t i = 0; i < saved->upload_header_count; i++) {
        if (strcmp(saved->upload_headers[i].name, name) == 0)
            return saved->upload_headers[i].value;
    }
    return NULL;
}

static void check_same(const struct ad_saved *a, const struct ad_saved *b)
{
    for (size_t i = 0; i < AD_SAVED_TEXT_COUNT; i++) {
        size_t offset = ad_saved_texts[i].offset;

        FUZZ_CHECK(fuzz_same_text(*(const char *const *)(const void *)((const char *)a + offset),
                                  *(const char *const *)(const void *)((const char *)b + offset)));
    }
    FUZZ_CHECK(a->size == b->size && a->input == b->input && a->stage == b->stage && a->state == b->state);
    FUZZ_CHECK(a->rerun == b->rerun && a->own_key == b->own_key && a->random_key == b->random_key);
    FUZZ_CHECK(a->reconcile == b->reconcile && a->upload_header_count == b->upload_header_count);
    for (size_t i = 0; i < a->upload_header_count; i++)
        FUZZ_CHECK(fuzz_same_text(a->upload_headers[i].value, header_value(b, a->upload_headers[i].name)));
    check_same_options(a->options_json, b->options_json);
}

static void check_values(const struct ad_saved *saved)
{
    fuzz_check_headers(saved->upload_headers, saved->upload_header_count);
    FUZZ_CHECK(saved->size <= INT64_MAX && saved->rerun >= 0);
    FUZZ_CHECK(saved->input >= AD_SOURCE_NONE && saved->input <= AD_SOURCE_URL);
    FUZZ_CHECK(saved->stage >= ANIMALDETECT_STAGE_NEW && saved->stage <= ANIMALDETECT_STAGE_FINISHED);
    FUZZ_CHECK(saved->state >= ANIMALDETECT_STATE_NONE && saved->state <= ANIMALDETECT_STATE_OTHER);
    FUZZ_CHECK(saved->operation || saved->job_id);
    FUZZ_CHECK(saved->job_id || saved->stage == ANIMALDETECT_STAGE_NEW);
}

/* Written, read and written again. */
static void check_round(const struct ad_saved *saved)
{
    struct ad_saved again;
    struct ad_problem problem;
    size_t size = 0;
    size_t size_again = 0;
    char *text = NULL;
    char *text_again = NULL;

    FUZZ_CHECK(ad_saved_write(saved, &text, &size) == ANIMALDETECT_OK);
    FUZZ_CHECK(strlen(text) == size && fuzz_is_utf8(text, size));
    FUZZ_CHECK(ad_saved_read(&again, text, size, NULL, &problem) == ANIMALDETECT_OK);
    check_same(saved, &again);
    FUZZ_CHECK(ad_saved_write(&again, &text_again, &size_again) == ANIMALDETECT_OK);
    FUZZ_CHECK(fuzz_same_text(text, text_again));
    ad_saved_clear(&again);
    free(text);
    free(text_again);
}

static int32_t check_read(const uint8_t *data, size_t size)
{
    struct ad_saved saved;
    struct ad_problem problem;
    int32_t status = ad_saved_read(&saved, (const char *)data, size, NULL, &problem);

    if (status == ANIMALDETECT_OK) {
        check_values(&saved);
        check_round(&saved);
    } else {
        FUZZ_CHECK(status == ANIMALDETECT_E_SAVED_JOB && saved.root == NULL);
        fuzz_check_problem(&problem);
    }
    ad_saved_clear(&saved);
    return status;
}

static char *save(const animaldetect_job *job)
{
    char *text = NULL;
    size_t size = 0;

    FUZZ_CHECK(animaldetect_job_save(job, &text, &size) == ANIMALDETECT_OK);
    FUZZ_CHECK(strlen(text) == size);
    return text;
}

static void check_same_job(const animaldetect_job *a, const animaldetect_job *b)
{
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_id(a), animaldetect_job_id(b)));
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_operation(a), animaldetect_job_operation(b)));
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_idempotency_key(a), animaldetect_job_idempotency_key(b)));
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_sha256(a), animaldetect_job_sha256(b)));
    FUZZ_CHECK(fuzz_same_text(a->remote.status_url, b->remote.status_url));
    FUZZ_CHECK((a->remote.target == NULL) == (b->remote.target == NULL));
    FUZZ_CHECK(a->remote.target == NULL || fuzz_same_text(a->remote.target->url, b->remote.target->url));
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_note(a), animaldetect_job_note(b)));
    FUZZ_CHECK(animaldetect_job_priority(a) == animaldetect_job_priority(b));
    FUZZ_CHECK(fuzz_same_text(animaldetect_job_state_text(a), animaldetect_job_state_text(b)));
    FUZZ_CHECK(animaldetect_job_stage(a) == animaldetect_job_stage(b));
    FUZZ_CHECK(animaldetect_job_state(a) == animaldetect_job_state(b));
    FUZZ_CHECK(animaldetect_job_upload_total(a) == animaldetect_job_upload_total(b));
}

/* Whether a URL will get the API key, judged by its text: one of the two official hosts, with https. */
static void check_official(const char *url)
{
    static const char *const hosts[] = {"https://api.animaldetect.com", "https://www.animaldetect.com"};

    for (size_t i = 0; url && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t size = strlen(hosts[i]);

        if (strncasecmp(url, hosts[i], size) != 0)
            continue;
        url += size;
        url += *url == '.';
        if (*url == ':')
            url += 1 + strspn(url + 1, "0123456789");
        FUZZ_CHECK(*url == '\0' || strchr("/?#", *url));
        return;
    }
    FUZZ_CHECK(url == NULL);
}

static void check_restored(animaldetect_job *job, bool key_is_foreign)
{
    animaldetect_job *again = NULL;
    char *text = save(job);
    char *text_again;

    check_official(job->remote.submit_url);
    check_official(job->remote.status_url);
    check_official(job->remote.result_url);
    FUZZ_CHECK(key_is_foreign || !strstr(text, api_key));
    FUZZ_CHECK(animaldetect_job_restore(the_client(), text, strlen(text), &again) == ANIMALDETECT_OK);
    text_again = save(again);
    FUZZ_CHECK(strcmp(text, text_again) == 0);
    check_same_job(job, again);
    animaldetect_job_free(again);
    free(text);
    free(text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int32_t read = check_read(data, size);
    char *given = fuzz_text(data, size);
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_job_restore(the_client(), (const char *)data, size, &job);
    const char *words = message_of(the_client());

    FUZZ_CHECK((job != NULL) == (status == ANIMALDETECT_OK));
    FUZZ_CHECK(read == ANIMALDETECT_OK || status == read);
    FUZZ_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_E_SAVED_JOB ||
               status == ANIMALDETECT_E_UNTRUSTED_URL || status == ANIMALDETECT_E_INSECURE_URL);
    FUZZ_CHECK(status == ANIMALDETECT_OK || (*words && fuzz_is_clean(words, strlen(words))));
    if (job)
        check_restored(job, strstr(given, api_key) != NULL);
    animaldetect_job_free(job);
    free(given);
    return 0;
}
