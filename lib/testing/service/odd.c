/* SPDX-License-Identifier: MIT */
/*
 * Jobs and results with one odd field, as a service might send after a change without notice. The rest of the response
 * is unchanged. A form that does not apply to a response has no effect; a random one is replaced by the next that
 * applies.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

/* Markers for text that jansson would not write, replaced after serialization. */
#define NAN_MARK "@NaN@"
#define SURROGATE_MARK "@D83D@"

static json_t *first_seen(const json_t *body)
{
    const json_t *list = json_object_get(body, "annotations");

    return json_array_get(list ? list : json_object_get(body, "detections"), 0);
}

static bool set_member(json_t *object, const char *name, json_t *value)
{
    if (!object) {
        json_decref(value);
        return false;
    }
    json_object_set_new(object, name, value);
    return true;
}

static bool set_metadata(json_t *body, const char *name, json_t *value)
{
    if (!json_object_get(body, "metadata"))
        json_object_set_new(body, "metadata", json_object());
    return set_member(json_object_get(body, "metadata"), name, value);
}

static bool odd_nul(json_t *body)
{
    return set_metadata(body, "user_comment", json_stringn("ASCII\0\0\0TRAIL 7", 15));
}

static bool odd_surrogate(json_t *body)
{
    return set_metadata(body, "comment", json_string("caf" SURROGATE_MARK));
}

static bool odd_nan(json_t *body)
{
    return set_member(first_seen(body), "score", json_string(NAN_MARK));
}

static bool odd_null_list(json_t *body)
{
    json_object_set_new(body, json_object_get(body, "detections") ? "detections" : "annotations", json_null());
    return true;
}

static bool odd_score_text(json_t *body)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%.3f", json_number_value(json_object_get(first_seen(body), "score")));
    return set_member(first_seen(body), "score", json_string(text));
}

static bool odd_width_text(json_t *body)
{
    return set_metadata(body, "image_width", json_string("4000"));
}

static bool odd_taxonomy_list(json_t *body)
{
    return set_member(first_seen(body), "taxonomy", json_array());
}

static bool odd_model_number(json_t *body)
{
    return set_member(json_object_get(body, "info"), "model_version", json_integer(4));
}

static bool odd_negative_time(json_t *body)
{
    return set_member(json_object_get(body, "info"), "processing_time_ms", json_integer(-1));
}

static bool odd_null_box(json_t *body)
{
    return set_member(first_seen(body), "bbox", json_pack("[n,n,n,n]"));
}

static bool odd_id_text(json_t *body)
{
    return set_member(first_seen(body), "id", json_string("a1"));
}

static bool odd_members(json_t *body)
{
    json_object_set_new(body, "priority", json_null());
    json_object_set_new(body, "links", json_pack("{s:[s,i]}", "self", "jobs", 1));
    return true;
}

static bool odd_null_expiry(json_t *body)
{
    json_object_set_new(body, "expires_at", json_null());
    return true;
}

static bool odd_error_text(json_t *body)
{
    json_t *message = json_object_get(json_object_get(body, "error"), "message");

    return message && json_object_set(body, "error", message) == 0;
}

static const struct {
    const char *name;
    bool in_result;
    bool in_job;
    bool (*change)(json_t *body); /* NULL: only the text is changed */
} forms[SVC_ODD_END] = {
    [SVC_ODD_NUL] = {"nul", true, false, odd_nul},
    [SVC_ODD_SURROGATE] = {"surrogate", true, false, odd_surrogate},
    [SVC_ODD_NAN] = {"nan", true, false, odd_nan},
    [SVC_ODD_NULL_LIST] = {"null-list", true, false, odd_null_list},
    [SVC_ODD_SCORE_TEXT] = {"score-text", true, false, odd_score_text},
    [SVC_ODD_WIDTH_TEXT] = {"width-text", true, false, odd_width_text},
    [SVC_ODD_TAXONOMY_LIST] = {"taxonomy-list", true, false, odd_taxonomy_list},
    [SVC_ODD_MODEL_NUMBER] = {"model-number", true, false, odd_model_number},
    [SVC_ODD_NEGATIVE_TIME] = {"negative-time", true, false, odd_negative_time},
    [SVC_ODD_NULL_BOX] = {"null-box", true, false, odd_null_box},
    [SVC_ODD_ID_TEXT] = {"id-text", true, false, odd_id_text},
    [SVC_ODD_TWICE] = {"twice", true, true, NULL},
    [SVC_ODD_BOM] = {"bom", true, true, NULL},
    [SVC_ODD_MEMBERS] = {"members", false, true, odd_members},
    [SVC_ODD_NULL_EXPIRY] = {"null-expiry", false, true, odd_null_expiry},
    [SVC_ODD_ERROR_TEXT] = {"error-text", false, true, odd_error_text},
};

enum svc_odd svc_odd_from(const char *name)
{
    for (int form = SVC_ODD_DRAWN + 1; form < SVC_ODD_END; form++) {
        if (strcmp(forms[form].name, name) == 0)
            return (enum svc_odd)form;
    }
    return SVC_ODD_NONE;
}

static bool apply(enum svc_odd form, json_t *body, bool is_result)
{
    if (!(is_result ? forms[form].in_result : forms[form].in_job))
        return false;
    return !forms[form].change || forms[form].change(body);
}

/* The first form that applies, starting from a random one; a byte order mark always applies. */
static enum svc_odd apply_drawn(const struct svc_exchange *exchange, json_t *body, bool is_result)
{
    const int count = SVC_ODD_END - (SVC_ODD_DRAWN + 1);
    struct ad_rng rng;
    int at;

    ad_rng_seed(&rng, exchange->svc->config.seed * UINT64_C(0x9e3779b97f4a7c15) ^
                          exchange->svc->request_serial * UINT64_C(0xd1b54a32d192ed03));
    at = (int)ad_rng_upto(&rng, count - 1);
    while (!apply((enum svc_odd)(SVC_ODD_DRAWN + 1 + at), body, is_result))
        at = (at + 1) % count;
    return (enum svc_odd)(SVC_ODD_DRAWN + 1 + at);
}

/* Replaces `cut` bytes at `at` with `put`. */
static void edit(struct svc_response *response, size_t at, size_t cut, const char *put)
{
    size_t size = strlen(put);
    char *body = svc_alloc(response->body_size - cut + size + 1);

    memcpy(body, response->body, at);
    memcpy(body + at, put, size);
    memcpy(body + at + size, response->body + at + cut, response->body_size - at - cut);
    free(response->body);
    response->body = body;
    response->body_size = response->body_size - cut + size;
}

static void edit_mark(struct svc_response *response, const char *mark, const char *put)
{
    const char *found = strstr(response->body, mark);

    if (found)
        edit(response, (size_t)(found - response->body), strlen(mark), put);
}

static void edit_text(struct svc_response *response, enum svc_odd form, const char *second)
{
    if (form == SVC_ODD_NAN)
        edit_mark(response, "\"" NAN_MARK "\"", "NaN");
    else if (form == SVC_ODD_SURROGATE)
        edit_mark(response, SURROGATE_MARK, "\\ud83d");
    else if (form == SVC_ODD_BOM)
        edit(response, 0, 0, "\xef\xbb\xbf");
    else if (form == SVC_ODD_TWICE)
        edit(response, response->body_size - 1, 0, second);
}

void svc_odd_answer(struct svc_exchange *exchange, int status, json_t *body, bool is_result)
{
    enum svc_odd form = exchange->odd;
    char second[128] = ",\"info\":{\"processing_time_ms\":1}";

    if (form == SVC_ODD_DRAWN)
        form = apply_drawn(exchange, body, is_result);
    else if (form != SVC_ODD_NONE && !apply(form, body, is_result))
        form = SVC_ODD_NONE;
    if (!is_result)
        (void)snprintf(second, sizeof(second), ",\"status\":\"%s\"",
                       json_string_value(json_object_get(body, "status")));
    svc_answer_json(exchange, status, body);
    edit_text(exchange->response, form, second);
}
