/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes protocol/answer, all three kinds over the same body: what was read can be used in a request, the kinds agree
 * with each other, and a bad body is never mistaken for out of memory. Input: the body.
 */
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "engine/job.h"
#include "fuzz.h"

static void check_url(const char *url)
{
    FUZZ_CHECK(!url || (*url && strlen(url) <= 8192));
    for (; url && *url; url++)
        FUZZ_CHECK(*url > 32 && *url < 127);
}

/* A state word has at most 128 bytes; masked it may be longer, up to the size of a line. */
static void check_word(const char *word, size_t max)
{
    FUZZ_CHECK(!word || (strlen(word) <= max && fuzz_is_clean(word, strlen(word))));
}

static void check_id(const char *id)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";

    FUZZ_CHECK(!id || (*id && strlen(id) <= 128 && strspn(id, good) == strlen(id)));
    FUZZ_CHECK(!id || (strcmp(id, ".") != 0 && strcmp(id, "..") != 0));
}

/* The engine's copy of an upload: equal to what was read, or rejected with a message. */
static void check_target(const struct ad_job_answer *answer)
{
    struct ad_problem problem = {.text = ""};
    struct ad_target *target = NULL;
    int32_t status = ad_target_new(answer, &target, &problem);

    if (status != ANIMALDETECT_OK) {
        FUZZ_CHECK(status == ANIMALDETECT_E_PROTOCOL && target == NULL);
        fuzz_check_problem(&problem);
        return;
    }
    FUZZ_CHECK(fuzz_same_text(target->method, answer->upload_method));
    FUZZ_CHECK(fuzz_same_text(target->url, answer->upload_url));
    FUZZ_CHECK(fuzz_same_text(target->expires_at, answer->upload_expires_at));
    FUZZ_CHECK(target->header_count == answer->upload_header_count);
    for (size_t i = 0; i < target->header_count; i++) {
        FUZZ_CHECK(fuzz_same_text(target->headers[i].name, answer->upload_headers[i].name));
        FUZZ_CHECK(fuzz_same_text(target->headers[i].value, answer->upload_headers[i].value));
        FUZZ_CHECK(ad_upload_header_permitted(target->headers[i].name));
    }
    free(target);
}

static void check_upload(const struct ad_job_answer *answer)
{
    if (!answer->has_upload) {
        FUZZ_CHECK(!answer->upload_url && answer->upload_header_count == 0);
        return;
    }
    FUZZ_CHECK(answer->upload_url != NULL);
    check_url(answer->upload_url);
    check_word(answer->upload_expires_at, AD_ERROR_MESSAGE_SIZE - 1);
    FUZZ_CHECK(strcmp(answer->upload_method, "PUT") == 0 || strcmp(answer->upload_method, "POST") == 0);
    fuzz_check_headers(answer->upload_headers, answer->upload_header_count);
    check_target(answer);
}

static void check_job(const struct ad_job_answer *answer, enum ad_answer_kind kind)
{
    check_id(answer->job_id);
    check_word(answer->state_text, AD_ERROR_MESSAGE_SIZE - 1);
    check_word(answer->operation, AD_ERROR_MESSAGE_SIZE - 1);
    check_word(answer->expires_at, AD_ERROR_MESSAGE_SIZE - 1);
    check_url(answer->submit_url);
    check_url(answer->status_url);
    check_url(answer->result_url);
    check_word(answer->error_code, AD_ERROR_MESSAGE_SIZE - 1);
    check_word(answer->error_message, AD_ERROR_MESSAGE_SIZE - 1);
    check_upload(answer);
    FUZZ_CHECK(answer->root != NULL && answer->state_text != NULL && *answer->state_text);
    FUZZ_CHECK(answer->state > ANIMALDETECT_STATE_NONE || kind == AD_ANSWER_CREATE);
    FUZZ_CHECK(answer->state >= ANIMALDETECT_STATE_NONE && answer->state <= ANIMALDETECT_STATE_OTHER);
    FUZZ_CHECK((answer->state == ANIMALDETECT_STATE_OTHER) ||
               strcmp(animaldetect_state_name(answer->state), answer->state_text) == 0);
    if (kind == AD_ANSWER_CREATE)
        FUZZ_CHECK(answer->job_id != NULL);
}

/* The status of reading; the caller keeps the answer itself. */
static int32_t read_kind(struct ad_job_answer *answer, enum ad_answer_kind kind, const uint8_t *data, size_t size)
{
    struct ad_problem problem;
    int32_t status = ad_job_answer_read(answer, kind, (const char *)data, size, NULL, &problem);
    bool no_news = kind == AD_ANSWER_SUBMIT && answer->state == ANIMALDETECT_STATE_NONE;

    FUZZ_CHECK(status == ANIMALDETECT_OK || kind != AD_ANSWER_SUBMIT);
    FUZZ_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_E_PROTOCOL ||
               status == ANIMALDETECT_E_ANSWER_TOO_LARGE);
    if (status != ANIMALDETECT_OK)
        fuzz_check_problem(&problem);
    else
        FUZZ_CHECK(*problem.text == '\0');
    if (status == ANIMALDETECT_OK && !no_news)
        check_job(answer, kind);
    else
        FUZZ_CHECK(!answer->root && !answer->job_id && !answer->has_upload);
    return status;
}

static void check_agreement(const struct ad_job_answer *a, const struct ad_job_answer *b)
{
    FUZZ_CHECK(fuzz_same_text(a->job_id, b->job_id));
    FUZZ_CHECK(a->state == b->state && fuzz_same_text(a->state_text, b->state_text));
    FUZZ_CHECK(fuzz_same_text(a->submit_url, b->submit_url));
    FUZZ_CHECK(fuzz_same_text(a->status_url, b->status_url));
    FUZZ_CHECK(fuzz_same_text(a->result_url, b->result_url));
    FUZZ_CHECK(fuzz_same_text(a->error_message, b->error_message));
    FUZZ_CHECK(a->has_upload == b->has_upload && fuzz_same_text(a->upload_url, b->upload_url));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_job_answer create;
    struct ad_job_answer status;
    struct ad_job_answer submit;
    bool is_create = read_kind(&create, AD_ANSWER_CREATE, data, size) == ANIMALDETECT_OK;
    bool is_status = read_kind(&status, AD_ANSWER_STATUS, data, size) == ANIMALDETECT_OK;

    (void)read_kind(&submit, AD_ANSWER_SUBMIT, data, size);
    FUZZ_CHECK(is_status == (submit.root != NULL));
    if (is_create && is_status)
        check_agreement(&create, &status);
    if (is_status)
        check_agreement(&status, &submit);
    ad_job_answer_clear(&create);
    ad_job_answer_clear(&status);
    ad_job_answer_clear(&submit);
    ad_job_answer_clear(&submit);
    return 0;
}
