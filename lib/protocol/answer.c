/* SPDX-License-Identifier: MIT */
/*
 * Reads a job from a response body.  Every text that will become part of a request (id, URLs, method, headers) is
 * validated here, so that no response can inject a header or a second request.  URLs are not judged here: the engine
 * decides which origins are trusted.
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
#define MAX_HEADER_VALUE 4096 /* 32 of these, escaped, fit into a saved job */

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

/* Context of the functions below: the output, the secrets to reject, and where to report errors. */
struct reader {
    struct ad_job_answer *out;
    enum ad_answer_kind kind;
    const struct ad_mask *mask;
    struct ad_problem *problem;
};

/* A text member; NULL when it is absent, of another type, or contains a NUL. */
static const char *text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

/*
 * A URL is used unchanged, so it cannot be masked: one with a key in it would be sent, saved and shown.  An invalid URL
 * counts as absent, since it can be derived from base URL and id.
 */
static int32_t read_url(const struct reader *reader, const json_t *object, const char *path, const char *name,
                        const char **out)
{
    const char *text = text_of(object, name);

    *out = NULL;
    if (text && ad_mask_finds(reader->mask, text))
        return ad_problem_set(reader->problem, "%s%s contains the API key", path, name);
    if (text && ad_url_text_is_good(text))
        *out = text;
    return ANIMALDETECT_OK;
}

/* Makes one masked line of a text of the service.  The JSON tree keeps it, so it lives as long as the response. */
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

/* A short name or time: clean and masked; absent if it is not valid. */
static int32_t read_word(const struct reader *reader, json_t *object, const char *name, const char **out)
{
    const char *text = text_of(object, name);

    *out = NULL;
    if (!text || ad_text_length(text, MAX_WORD) > MAX_WORD || !ad_text_is_clean(text))
        return ANIMALDETECT_OK;
    return keep_line(reader, json_object_get(object, name), out);
}

/* Replaces a number by its text in the tree, so that the text lives as long as the response. */
static int32_t spell_number(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    struct ad_buf digits;
    int32_t status;

    if (!json_is_number(value))
        return ANIMALDETECT_OK;
    ad_buf_init(&digits, MAX_WORD);
    status = ad_json_dump(value, &digits);
    if (status == ANIMALDETECT_OK && json_object_set_new(object, name, json_string(ad_buf_string(&digits))) != 0)
        status = ANIMALDETECT_E_NO_MEMORY;
    ad_buf_free(&digits);
    return status;
}

/* The name of a header, or a placeholder if it is not printable. */
static const char *printable(const char *name)
{
    return ad_text_is_token(name) ? name : "a member";
}

/* Every header is required: without one, the storage would refuse the image. */
static int32_t read_upload_header(const struct reader *reader, const char *name, const json_t *value)
{
    struct ad_job_answer *out = reader->out;

    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return ad_problem_set(reader->problem, "upload.headers: %.64s is not a string", printable(name));
    if (!ad_upload_header_is_good(name, json_string_value(value)))
        return ad_problem_set(reader->problem, "upload.headers: %.64s is not a valid HTTP header", printable(name));
    /* The key would be sent to the storage. */
    if (ad_mask_finds(reader->mask, name) || ad_mask_finds(reader->mask, json_string_value(value)))
        return ad_problem_set(reader->problem, "a member of upload.headers contains the API key");
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
    void *next;

    /* Some serializers write an empty object as an empty list. */
    if (!headers || json_is_null(headers) || (json_is_array(headers) && json_array_size(headers) == 0))
        return ANIMALDETECT_OK;
    if (!json_is_object(headers))
        return ad_problem_set(reader->problem, "upload.headers is not an object");
    if (json_object_size(headers) > AD_UPLOAD_MAX_HEADERS)
        return ad_problem_set(reader->problem, "upload.headers has more than %d members", AD_UPLOAD_MAX_HEADERS);
    json_object_foreach_safe(headers, next, name, value)
    {
        int32_t status;

        if (json_is_null(value))
            continue;
        status = spell_number(headers, name); /* may free the value */
        if (status == ANIMALDETECT_OK)
            status = read_upload_header(reader, name, json_object_get(headers, name));
        if (status != ANIMALDETECT_OK)
            return status;
    }
    return ANIMALDETECT_OK;
}

static int32_t read_upload_method(const struct reader *reader, const json_t *upload)
{
    const char *method = text_of(upload, "method");

    if (!method && ad_json_member(upload, "method"))
        return ad_problem_set(reader->problem, "upload.method is not a string");
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

    if (!json_is_object(upload))
        return ANIMALDETECT_OK;
    status = read_url(reader, upload, "upload.", "url", &out->upload_url);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!out->upload_url && reader->kind == AD_ANSWER_CREATE)
        return ad_problem_set(reader->problem, "upload.url is missing or not a URL");
    if (!out->upload_url)
        return ANIMALDETECT_OK;
    status = read_upload_method(reader, upload);
    if (status == ANIMALDETECT_OK)
        status = read_word(reader, upload, "expires_at", &out->upload_expires_at);
    if (status == ANIMALDETECT_OK)
        status = answer_read_upload_headers(reader, upload);
    out->has_upload = status == ANIMALDETECT_OK;
    return status;
}

/* An error text for people: any text is accepted. */
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
    return status;
}

static int32_t read_identity(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    int32_t status = spell_number(out->root, "job_id");

    out->job_id = text_of(out->root, "job_id");
    if (status == ANIMALDETECT_OK)
        status = read_line(reader, out->root, "status", &out->state_text);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!out->job_id && reader->kind == AD_ANSWER_CREATE)
        return ad_problem_set(reader->problem, "job_id is missing");
    if (out->job_id && !ad_job_id_is_good(out->job_id))
        return ad_problem_set(reader->problem, "job_id is not an id");
    if (out->job_id && ad_mask_finds(reader->mask, out->job_id))
        return ad_problem_set(reader->problem, "job_id contains the API key");
    return ANIMALDETECT_OK;
}

/* A create whose state cannot be read is still useful: the next step is the upload, or a poll will show the state. */
static int32_t read_state(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;

    if (out->state_text && *out->state_text) {
        out->state = ad_state_from_text(out->state_text);
        return ANIMALDETECT_OK;
    }
    if (reader->kind != AD_ANSWER_CREATE)
        return ad_problem_set(reader->problem, "status is missing");
    out->state = out->has_upload ? ANIMALDETECT_STATE_AWAITING_UPLOAD : ANIMALDETECT_STATE_NONE;
    out->state_text = animaldetect_state_name(out->state);
    return ANIMALDETECT_OK;
}

static int32_t answer_read_job(const struct reader *reader)
{
    struct ad_job_answer *out = reader->out;
    int32_t status;

    if (!json_is_object(out->root))
        return ad_problem_set(reader->problem, "the response is not a JSON object");
    status = read_identity(reader);
    if (status == ANIMALDETECT_OK)
        status = read_word(reader, out->root, "operation", &out->operation);
    if (status == ANIMALDETECT_OK)
        status = read_word(reader, out->root, "expires_at", &out->expires_at);
    if (status == ANIMALDETECT_OK)
        status = read_urls(reader);
    if (status == ANIMALDETECT_OK)
        status = read_upload(reader);
    if (status == ANIMALDETECT_OK)
        status = read_state(reader);
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
    status = ad_json_load_lenient(body, size, &out->root, problem);
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
