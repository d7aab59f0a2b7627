/* SPDX-License-Identifier: MIT */
/*
 * Reads the body of a response: a job (create, submit, status) or an error.  No clock, no socket.
 */
#ifndef AD_PROTOCOL_ANSWER_H
#define AD_PROTOCOL_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/mask.h"
#include "base/net.h"

#define AD_JSON_MAX_DEPTH 64
#define AD_UPLOAD_MAX_HEADERS 32

struct ad_job_answer {
    json_t *root;             /* owns every text below */
    const char *job_id;       /* valid by ad_job_id_is_good; required in the response to a create */
    const char *state_text;   /* the service's name for it; required except in the response to a create */
    int32_t state;            /* enum animaldetect_state */
    const char *operation;    /* this and the following: NULL when absent */
    const char *submit_url;
    const char *status_url;
    const char *result_url;
    const char *expires_at;
    const char *error_code;   /* of a failed job */
    const char *error_message;
    bool has_upload;
    const char *upload_method;
    const char *upload_url;
    const char *upload_expires_at;
    struct ad_header upload_headers[AD_UPLOAD_MAX_HEADERS];
    size_t upload_header_count;
};

/*
 * Why a reader rejected untrusted JSON, as an error message.  Every reader sets `text`; it points to static text or
 * into `room`, so the struct must not be copied.  Readers accept a NULL problem.
 */
struct ad_problem {
    const char *text; /* such as "status_url is missing"; "" when there is none */
    char room[384];   /* large enough for a whole origin: a truncated one could look like another */
    bool no_json;     /* not complete JSON at all: a page, an empty or truncated body */
};

enum ad_answer_kind {
    AD_ANSWER_CREATE, /* job_id required */
    AD_ANSWER_STATUS, /* status required; the caller compares job_id, if present, with the job's */
    AD_ANSWER_SUBMIT  /* everything optional: a body that is no job reads as "no news" (state NONE, job_id NULL) */
};

/*
 * Parsed by ad_json_load_lenient.  Only what the step needs must be valid: any other field of the wrong type counts as
 * absent, as do null and unknown fields.  ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL (problem says why),
 * ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE as ad_json_load.  Clear it afterwards in every case.
 *
 * What becomes part of a request is validated: an invalid id, upload method, upload URL or upload header is E_PROTOCOL;
 * other invalid URLs count as absent. upload_method is "PUT" or "POST", "PUT" when absent.  In the response to a create
 * an upload without a URL is E_PROTOCOL; elsewhere it reads as no upload.  Line breaks in a state name and in error
 * texts become blanks.  Texts and times are masked (base/mask.h); an id, URL or upload header that contains an API key
 * is E_PROTOCOL.
 */
AD_CHECKED int32_t ad_job_answer_read(struct ad_job_answer *out, enum ad_answer_kind kind, const char *body,
                                      size_t size, const struct ad_mask *mask, struct ad_problem *problem);
void ad_job_answer_clear(struct ad_job_answer *answer);

/* 1 to 128 characters of [A-Za-z0-9._:-], not only dots: it becomes part of URLs. */
bool ad_job_id_is_good(const char *text);

/* Visible ASCII, 1 to 8,192 bytes.  The caller checks where it points. */
bool ad_url_text_is_good(const char *text);

/*
 * Whether an upload may carry this header.  No for headers that would send a credential of ours or change the framing
 * of the request: Authorization, Proxy-Authorization, Cookie, Host, Transfer-Encoding, Connection, Expect, TE, Trailer,
 * Upgrade, Keep-Alive.
 */
bool ad_upload_header_permitted(const char *name);

/* A token of at most 256 bytes as name, and a valid header value of at most 4,096 bytes. */
bool ad_upload_header_is_good(const char *name, const char *value);

/* Converts the service's name of a state to enum animaldetect_state; OTHER if it is unknown. */
int32_t ad_state_from_text(const char *text);

#define AD_ERROR_CODE_SIZE 64
#define AD_ERROR_MESSAGE_SIZE 384

struct ad_service_error {
    char code[AD_ERROR_CODE_SIZE];       /* "" when absent; one clean line */
    char message[AD_ERROR_MESSAGE_SIZE]; /* likewise; the start of the body if its format is unknown */
    char detail[AD_ERROR_MESSAGE_SIZE];  /* <Details> or <Expires> of a storage error: when a signature expired */
    bool no_form; /* none of the formats below, such as a truncated response: the reason is unknown */
    bool page;    /* an HTML page; `message` is its title */
};

/*
 * Reads {"error":{code,message}}, {"error":"text"}, {"code","message"}, {"detail":"text"}, XML of storages (<Code>,
 * <Message>, <Details>, <Expires>), an HTML page, or any other text.  Masked (base/mask.h).
 */
void ad_service_error_read(struct ad_service_error *out, const char *body, size_t size, const struct ad_mask *mask);

#endif
