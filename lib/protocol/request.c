/* SPDX-License-Identifier: MIT */
/*
 * Writes requests.  The only file that contains the paths of the API.
 */
#include "protocol/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

#define MAX_TEXT (1024 * 1024) /* a create with all its options is far smaller */
#define KEPT_TEXT 256          /* enough for a URL; the rest is freed after a create */

void ad_request_init(struct ad_request *request)
{
    memset(request, 0, sizeof *request);
    ad_buf_init(&request->text, MAX_TEXT);
    ad_buf_init(&request->added, MAX_TEXT);
}

void ad_request_reset(struct ad_request *request)
{
    if (request->text.capacity > KEPT_TEXT)
        ad_buf_free(&request->text);
    else
        ad_buf_clear(&request->text);
    ad_buf_free(&request->added);
    request->method = request->url = request->body = NULL;
    request->header_count = request->body_size = 0;
}

void ad_request_free(struct ad_request *request)
{
    ad_buf_free(&request->text);
    ad_buf_free(&request->added);
}

static void request_add_header(struct ad_request *request, const char *name, const char *value)
{
    request->headers[request->header_count++] = (struct ad_header){name, value};
}

static void request_begin(struct ad_request *request, const char *method)
{
    request->method = method;
    request_add_header(request, "Accept", "application/json");
    request_add_header(request, "Accept-Encoding", "identity"); /* bodies are never decoded */
}

void ad_request_redirect(struct ad_request *request, const char *url, bool get)
{
    request->url = url;
    if (!get)
        return;
    request->body = NULL;
    request->body_size = request->header_count = 0;
    request_begin(request, "GET");
}

int32_t ad_request_add_headers(struct ad_request *request, const struct ad_header *headers, size_t count)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        int32_t status = ad_buf_add(&request->added, headers[i].name, strlen(headers[i].name) + 1);

        if (status == ANIMALDETECT_OK)
            status = ad_buf_add(&request->added, headers[i].value, strlen(headers[i].value) + 1);
        if (status != ANIMALDETECT_OK)
            return status;
    }
    /* From here on the buffer does not move. */
    for (size_t i = 0; i < count && request->header_count < AD_REQUEST_MAX_HEADERS; i++) {
        const char *name = request->added.data + at;
        const char *value = name + strlen(name) + 1;

        request_add_header(request, name, value);
        at += strlen(name) + strlen(value) + 2;
    }
    return ANIMALDETECT_OK;
}

int32_t ad_request_create(const struct ad_request_facts *facts, struct ad_request *out, const char **reason)
{
    const char *key = facts->key != NULL ? facts->key : out->key;
    int32_t status = ad_payload_body(&facts->payload, &out->text);

    if (status == ANIMALDETECT_OK && facts->key == NULL)
        status = ad_payload_key(&facts->payload, out->key);
    if (status != ANIMALDETECT_OK) {
        *reason = "the create request cannot be written as JSON";
        return status;
    }
    /* The URL is stored after the JSON, in the same buffer. */
    out->body_size = out->text.size;
    status = ad_buf_add(&out->text, "", 1);
    if (status == ANIMALDETECT_OK)
        status = ad_buf_add_text(&out->text, facts->base_url);
    if (status == ANIMALDETECT_OK)
        status = ad_buf_add_text(&out->text, "/jobs");
    if (status != ANIMALDETECT_OK)
        return status;
    out->body = out->text.data;
    out->url = out->text.data + out->body_size + 1;
    request_begin(out, "POST");
    request_add_header(out, "Content-Type", "application/json");
    request_add_header(out, "Idempotency-Key", key);
    return ANIMALDETECT_OK;
}

int32_t ad_request_upload(const struct ad_request_facts *facts, struct ad_request *out, const char **reason)
{
    bool typed = false;

    (void)snprintf(out->length, sizeof out->length, "%" PRIu64, facts->image_size);
    for (size_t i = 0; i < facts->upload_header_count; i++) {
        const struct ad_header *header = &facts->upload_headers[i];

        if (ad_text_equal_nocase(header->name, "Content-Length")) {
            if (strcmp(header->value, out->length) != 0) {
                *reason = "upload.headers names another Content-Length than the image has";
                return ANIMALDETECT_E_PROTOCOL;
            }
            continue; /* the transport writes it */
        }
        typed = typed || ad_text_equal_nocase(header->name, "Content-Type");
        request_add_header(out, header->name, header->value);
    }
    if (!typed && facts->payload.content_type != NULL)
        request_add_header(out, "Content-Type", facts->payload.content_type);
    out->method = facts->upload_method;
    out->url = facts->upload_url;
    return ANIMALDETECT_OK;
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

int32_t ad_job_url_derive(enum ad_job_url which, const char *base_url, const char *id, struct ad_buf *out)
{
    const char *const parts[] = {base_url, "/jobs/", id, url_suffix(which)};
    int32_t status = ANIMALDETECT_OK;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == ANIMALDETECT_OK; i++)
        status = ad_buf_add_text(out, parts[i]);
    return status;
}

bool ad_job_url_follows(enum ad_job_url which, const char *base_url, const char *id, const char *url)
{
    size_t base_size = strlen(base_url);
    size_t id_size = strlen(id);

    if (strncmp(url, base_url, base_size) != 0 || strncmp(url + base_size, "/jobs/", 6) != 0)
        return false;
    url += base_size + 6;
    return strncmp(url, id, id_size) == 0 && strcmp(url + id_size, url_suffix(which)) == 0;
}

/* A request about an existing job: a URL, and no body. */
static int32_t request_about_job(const struct ad_request_facts *facts, const char *method, enum ad_job_url which,
                                 const char *url, struct ad_request *out)
{
    int32_t status = ANIMALDETECT_OK;

    request_begin(out, method);
    if (url == NULL)
        status = ad_job_url_derive(which, facts->base_url, facts->job_id, &out->text);
    out->url = url != NULL ? url : out->text.data;
    return status;
}

int32_t ad_request_submit(const struct ad_request_facts *facts, struct ad_request *out, const char **reason)
{
    *reason = "";
    return request_about_job(facts, "POST", AD_URL_SUBMIT, facts->submit_url, out);
}

int32_t ad_request_poll(const struct ad_request_facts *facts, struct ad_request *out, const char **reason)
{
    *reason = "";
    return request_about_job(facts, "GET", AD_URL_STATUS, facts->status_url, out);
}

int32_t ad_request_fetch(const struct ad_request_facts *facts, struct ad_request *out, const char **reason)
{
    *reason = "";
    return request_about_job(facts, "GET", AD_URL_RESULT, facts->result_url, out);
}
