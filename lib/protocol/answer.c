/* SPDX-License-Identifier: MIT */
/*
 * Reads a job as the service describes it.  Every text that will become part of a request (id, URLs, method, headers)
 * is checked here, so that nothing behind this file can inject a header or a second request.
 * It must never follow or judge a URL: which origins are trusted is the engine's business.
 */
#include "protocol/answer.h"

#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/json.h"

#define MAX_JOB_ID 128
#define MAX_URL 8192
#define MAX_WORD 128
#define MAX_HEADER_NAME 256
#define MAX_HEADER_VALUE 4096 /* 32 of them, escaped, fit into a saved job */

bool ad_job_id_is_good(const char *text)
{
    return ad_text_length(text, MAX_JOB_ID) <= MAX_JOB_ID && ad_text_is_name(text, "._:-") &&
           text[strspn(text, ".")] != '\0';
}

bool ad_url_text_is_good(const char *text)
{
    return *text && ad_text_length(text, MAX_URL) <= MAX_URL && ad_text_is_visible_ascii(text);
}

bool ad_upload_header_permitted(const char *name)
{
    static const char *const forbidden[] = {
        "authorization",
        "proxy-authorization",
        "cookie",
        "host",
        "transfer-encoding",
        "connection",
        "expect",
        "te",
        "trailer",
        "upgrade",
        "keep-alive",
    };

    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        if (ad_text_equal_nocase(name, forbidden[i]))
            return false;
    }
    return true;
}

bool ad_upload_header_is_good(const char *name, const char *value)
{
    return ad_text_length(name, MAX_HEADER_NAME) <= MAX_HEADER_NAME && ad_text_is_token(name) &&
           ad_text_length(value, MAX_HEADER_VALUE) <= MAX_HEADER_VALUE && ad_text_is_header_value(value);
}

int32_t ad_state_from_text(const char *text)
{
    static const char *const words[] = {"awaiting_upload", "queued", "running", "succeeded", "failed", "expired"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0)
            return (int32_t)(ANIMALDETECT_STATE_AWAITING_UPLOAD + (int32_t)i);
    }
    return ANIMALDETECT_STATE_OTHER;
}

/* What every part of the reader needs: the answer, the secrets that no text of it may bring in, and where to say why.
 */
struct reader {
    struct ad_job_answer *out;
    enum ad_answer_kind kind;
    const struct ad_mask *mask;
    struct ad_problem *problem;
};

/* A URL is used as it is, so it cannot be masked: one with a key in it would be sent, saved and shown. */
static int32_t read_url(const struct reader *reader, const json_t *object, const char *path, const char *name,
                        const char **out)
{
    int32_t status = ad_json_get_text(object, path, name, out, reader->problem);

    if (status != ANIMALDETECT_OK || !*out)
        return status;
    if (!ad_url_text_is_good(*out))
        return ad_problem_set(reader->problem, "%s%s holds bytes that no URL may hold, or too many", path, name);
    if (ad_mask_finds(reader->mask, *out))
        return ad_problem_set(reader->problem, "%s%s holds the API key", path, name);
    return ANIMALDETECT_OK;
}

/* One masked line out of the service's words; the tree keeps it so that it lives as long as the answer. */
static int32_t keep_line(const struct reader *reader, json_t *value, const char **out)
{
    char line[AD_ERROR_MESSAGE_SIZE];
    size_t size;

    size = ad_mask_text(reader->mask, line, sizeof(line), json_string_value(value), json_string_length(value));
    if (size != json_string_length(value) || memcmp(line, json_string_value(value), size) != 0) {
        if (json_string_setn(value, line, size) != 0)
            return ANIMALDETECT_E_NO_MEMORY;
    }
    *out = json_string_value(value);
    return ANIMALDETECT_OK;
}

/* A short word or time: clean text, masked. */
static int32_t read_word(const struct reader *reader, json_t *object, const char *path, const char *name,
                         const char **out)
{
    int32_t status = ad_json_get_text(object, path, name, out, reader->problem);

    if (status != ANIMALDETECT_OK || !*out)
        return status;
    if (ad_text_length(*out, MAX_WORD) > MAX_WORD || !ad_text_is_clean(*out))
        return ad_problem_set(reader->problem, "%s%s holds control characters, or is too long", path, name);
    return keep_line(reader, json_object_get(object, name), out);
}

static int32_t read_upload_header(const struct reader *reader, const char *name, const json_t *value)
{
    struct ad_job_answer *out = reader->out;

    if (!json_is_string(value))
        return ad_problem_set(reader->problem, "a member of upload.headers is not a string");
    if (!ad_upload_header_is_good(name, json_string_value(value)))
        return ad_problem_set(reader->problem, "a member of upload.headers is no valid HTTP header");
    /* The storage would get it. */
    if (ad_mask_finds(reader->mask, name) || ad_mask_finds(reader->mask, json_string_value(value)))
        return ad_problem_set(reader->problem, "a member of upload.headers holds the API key");
    out->upload_headers[out->upload_header_count].name = name;
    out->upload_headers[out->upload_header_count].value = json_string_value(value);
    out->upload_header_count++;
    return ANIMALDETECT_OK;
}

static int32_t answer_read_upload_headers(const struct reader *reader, const json_t *upload)
{
    json_t *headers = json_object_get(upload, "headers");
    const char *name;
    json_t *value;

    if (!headers || json_is_null(headers))
        return ANIMALDETECT_OK;
    if (!json_is_object(headers))
        return ad_problem_set(reader->problem, "upload.headers is not an object");
    if (json_object_size(headers) > AD_UPLOAD_MAX_HEADERS)
        return ad_problem_set(reader->problem, "upload.headers has more than %d members", AD_UPLOAD_MAX_HEADERS);
    json_object_foreach(headers, name, value)
    {
        int32_t status = read_upload_header(reader, name, value);

        if (status != ANIMALDETECT_OK)
            return status;
    }
    return ANIMALDETECT_OK;
}

static int32_t read_upload_method(const struct reader *reader, const json_t *upload)
{
    const char *method = NULL;
    int32_t status = ad_json_get_text(upload, "upload.", "method", &method, reader->problem);

    if (status != ANIMALDETECT_OK)
        return status;
    if (!method || ad_text_equal_nocase(method, "PUT"))
        reader->out->upload_method = "PUT";
    else if (ad_text_equal_nocase(method, "POST"))
        reader->out->upload_method = "POST";
    else
        return ad_problem_set(reader->problem, "upload.method is neither PUT nor POST");
    return ANIMALDETECT_OK;
}

static int32_t read_upload(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    json_t *upload = json_object_get(out->root, "upload");
    int32_t status;

    if (!upload || json_is_null(upload))
        return ANIMALDETECT_OK;
    if (!json_is_object(upload))
        return ad_problem_set(reader->problem, "upload is not an object");
    if (reader->kind != AD_ANSWER_CREATE && !ad_json_member(upload, "url"))
        return ANIMALDETECT_OK;
    status = read_url(reader, upload, "upload.", "url", &out->upload_url);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!out->upload_url)
        return ad_problem_set(reader->problem, "upload.url is missing");
    status = read_upload_method(reader, upload);
    if (status == ANIMALDETECT_OK)
        status = read_word(reader, upload, "upload.", "expires_at", &out->upload_expires_at);
    if (status == ANIMALDETECT_OK)
        status = answer_read_upload_headers(reader, upload);
    out->has_upload = status == ANIMALDETECT_OK;
    return status;
}

/* The words of a failure, for people: any text is good enough. */
static int32_t read_line(const struct reader *reader, json_t *object, const char *name, const char **out)
{
    json_t *value = json_object_get(object, name);

    return json_is_string(value) ? keep_line(reader, value, out) : ANIMALDETECT_OK;
}

static int32_t read_error(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    json_t *error = json_object_get(out->root, "error");
    int32_t status;

    if (json_is_string(error))
        return read_line(reader, out->root, "error", &out->error_message);
    status = read_line(reader, error, "code", &out->error_code);
    return status == ANIMALDETECT_OK ? read_line(reader, error, "message", &out->error_message) : status;
}

static int32_t read_urls(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    int32_t status = read_url(reader, out->root, "", "submit_url", &out->submit_url);

    if (status == ANIMALDETECT_OK)
        status = read_url(reader, out->root, "", "status_url", &out->status_url);
    if (status == ANIMALDETECT_OK)
        status = read_url(reader, out->root, "", "result_url", &out->result_url);
    if (status != ANIMALDETECT_OK || reader->kind != AD_ANSWER_CREATE)
        return status;
    if (!out->status_url)
        return ad_problem_set(reader->problem, "status_url is missing");
    if (!out->result_url)
        return ad_problem_set(reader->problem, "result_url is missing");
    return ANIMALDETECT_OK;
}

static int32_t read_identity(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    int32_t status = ad_json_get_text(out->root, "", "job_id", &out->job_id, reader->problem);

    if (status == ANIMALDETECT_OK)
        status = read_word(reader, out->root, "", "status", &out->state_text);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!out->job_id && reader->kind == AD_ANSWER_CREATE)
        return ad_problem_set(reader->problem, "job_id is missing");
    if (out->job_id && !ad_job_id_is_good(out->job_id))
        return ad_problem_set(reader->problem, "job_id is not an id");
    if (out->job_id && ad_mask_finds(reader->mask, out->job_id))
        return ad_problem_set(reader->problem, "job_id holds the API key");
    if (!out->state_text || !*out->state_text)
        return ad_problem_set(reader->problem, "status is missing");
    out->state = ad_state_from_text(out->state_text);
    return ANIMALDETECT_OK;
}

static int32_t answer_read_job(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    int32_t status;

    if (!json_is_object(out->root))
        return ad_problem_set(reader->problem, "the answer is not a JSON object");
    status = read_identity(reader);
    if (status == ANIMALDETECT_OK)
        status = read_word(reader, out->root, "", "operation", &out->operation);
    if (status == ANIMALDETECT_OK)
        status = read_word(reader, out->root, "", "expires_at", &out->expires_at);
    if (status == ANIMALDETECT_OK)
        status = read_urls(reader);
    if (status == ANIMALDETECT_OK)
        status = read_upload(reader);
    if (status == ANIMALDETECT_OK)
        status = read_error(reader);
    return status;
}

int32_t ad_job_answer_read(struct ad_job_answer *out, enum ad_answer_kind kind, const char *body, size_t size,
                           const struct ad_mask *mask, struct ad_problem *problem)
{
    const struct reader reader = {out, kind, mask, problem};
    int32_t status;

    *out = (struct ad_job_answer){.state = ANIMALDETECT_STATE_NONE};
    ad_problem_clear(problem);
    status = ad_json_load(body, size, AD_JSON_MAX_DEPTH, &out->root, problem);
    if (status == ANIMALDETECT_OK)
        status = answer_read_job(&reader);
    if (status == ANIMALDETECT_OK)
        return status;
    ad_job_answer_clear(out);
    if ((status == ANIMALDETECT_E_PROTOCOL || status == ANIMALDETECT_E_ANSWER_TOO_LARGE) && kind == AD_ANSWER_SUBMIT) {
        ad_problem_clear(problem);
        return ANIMALDETECT_OK;
    }
    return status;
}

void ad_job_answer_clear(struct ad_job_answer *answer)
{
    json_decref(answer->root);
    *answer = (struct ad_job_answer){.state = ANIMALDETECT_STATE_NONE};
}
