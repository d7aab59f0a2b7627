/* SPDX-License-Identifier: MIT */
/*
 * The five requests of a job as they are sent: method, URL, headers, body.  Pure; the bytes of an image are not in
 * here. The API key is no part of a request: who puts it on the wire checks where the URL points, and then adds the
 * key.
 */
#ifndef AD_PROTOCOL_REQUEST_H
#define AD_PROTOCOL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/net.h"
#include "protocol/payload.h"

#define AD_REQUEST_MAX_HEADERS 40

/* What requests are made of.  All texts are borrowed, NULL when absent. */
struct ad_request_facts {
    const char *base_url;
    struct ad_payload payload; /* of a create; its size and content type also describe the image of an upload */
    const char *key;           /* the idempotency key; NULL: derived from the payload */
    const char *job_id;
    const char *submit_url; /* as the service named them; NULL: they follow from base URL and id */
    const char *status_url;
    const char *result_url;
    const char *upload_method;
    const char *upload_url;
    const struct ad_header *upload_headers;
    size_t upload_header_count;
    uint64_t image_size;
};

struct ad_request {
    const char *method;
    const char *url;
    struct ad_header headers[AD_REQUEST_MAX_HEADERS];
    size_t header_count;
    const char *body; /* NULL: none, or the image */
    size_t body_size;
    struct ad_buf text;  /* what was written for this request */
    struct ad_buf added; /* what ad_request_add_headers copied */
    char key[AD_KEY_SIZE];
    char length[24];
};

/* Before the first use; also makes a request ready for the next one, and keeps a small part of its memory for it. */
void ad_request_init(struct ad_request *request);
void ad_request_reset(struct ad_request *request);
void ad_request_free(struct ad_request *request);

/*
 * Each: ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_PROTOCOL; `*reason`
 * is static text then, "" for none.  The request borrows from the facts.
 */
AD_CHECKED int32_t ad_request_create(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
/* Exactly the headers that the service returned; the content type is added when it named none. */
AD_CHECKED int32_t ad_request_upload(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
AD_CHECKED int32_t ad_request_submit(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
AD_CHECKED int32_t ad_request_poll(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
AD_CHECKED int32_t ad_request_fetch(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);

/* Adds copies of these headers to a written request, as far as there is room.  E_NO_MEMORY. */
AD_CHECKED int32_t ad_request_add_headers(struct ad_request *request, const struct ad_header *headers, size_t count);

/*
 * A redirect leads a written request to another URL, which is borrowed.  `get`: it becomes a GET, without body and what
 * goes with one.
 */
void ad_request_redirect(struct ad_request *request, const char *url, bool get);

/* The URLs of a job that the service names and that follow, as a rule, from base URL and id. */
enum ad_job_url { AD_URL_SUBMIT, AD_URL_STATUS, AD_URL_RESULT };

/* Appends the URL that follows.  ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY. */
AD_CHECKED int32_t ad_job_url_derive(enum ad_job_url which, const char *base_url, const char *id, struct ad_buf *out);

/* Is `url` the one that follows? */
bool ad_job_url_follows(enum ad_job_url which, const char *base_url, const char *id, const char *url);

#endif
