/* SPDX-License-Identifier: MIT */
/*
 * Writes the five requests of a job: method, URL, headers, body.  Pure; the bytes of an image are not included.  Nor is
 * the API key: whoever sends the request checks where the URL points before adding it.
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

/* The inputs of a request.  All texts are borrowed, NULL when absent. */
struct ad_request_facts {
    const char *base_url;
    struct ad_payload payload; /* of a create; its size and content type also describe the image of an upload */
    const char *key;           /* the idempotency key; NULL: derived from the payload */
    const char *job_id;
    const char *submit_url; /* URLs that the service named; NULL: derived from base URL and id */
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
    struct ad_buf text;  /* texts written for this request */
    struct ad_buf added; /* copies made by ad_request_add_headers */
    char key[AD_KEY_SIZE];
    char length[24];
};

/* Call it before first use, and between requests; it keeps a small part of the memory for the next request. */
void ad_request_init(struct ad_request *request);
void ad_request_reset(struct ad_request *request);
void ad_request_free(struct ad_request *request);

/*
 * Each: ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_PROTOCOL.  On
 * failure `*reason` is static text, "" for none.  The request borrows from the facts.
 */
AD_CHECKED int32_t ad_request_create(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
/* Exactly the headers that the service returned, plus a content type if there is none among them. */
AD_CHECKED int32_t ad_request_upload(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
AD_CHECKED int32_t ad_request_submit(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
AD_CHECKED int32_t ad_request_poll(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
AD_CHECKED int32_t ad_request_fetch(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);

/* Adds copies of these headers to a written request, as many as fit.  E_NO_MEMORY. */
AD_CHECKED int32_t ad_request_add_headers(struct ad_request *request, const struct ad_header *headers, size_t count);

/*
 * Redirects a written request to another URL, which is borrowed.  `get`: it becomes a GET, without body and the headers
 * of a body.
 */
void ad_request_redirect(struct ad_request *request, const char *url, bool get);

/* The URLs of a job that the service may name and that can otherwise be derived from base URL and id. */
enum ad_job_url { AD_URL_SUBMIT, AD_URL_STATUS, AD_URL_RESULT };

/* Appends the derived URL.  ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY. */
AD_CHECKED int32_t ad_job_url_derive(enum ad_job_url which, const char *base_url, const char *id, struct ad_buf *out);

/* Whether `url` equals the derived URL. */
bool ad_job_url_follows(enum ad_job_url which, const char *base_url, const char *id, const char *url);

#endif
