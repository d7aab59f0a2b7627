/* SPDX-License-Identifier: MIT */
/*
 * What the service said: a job (create, submit, status) or an error body.  No clock, no socket.
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
    const char *job_id;       /* as ad_job_id_is_good; required in a create answer */
    const char *state_text;   /* the service's word; required but in a create answer */
    int32_t state;            /* enum animaldetect_state */
    const char *operation;    /* the rest: NULL when absent */
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
 * What a reader of foreign JSON could not accept, in words.  `text` is set by every reader; it points to static text or
 * into `room`, so the struct must not be copied.  A reader accepts a NULL problem.
 */
struct ad_problem {
    const char *text; /* such as "status_url is missing"; "" when there is none */
    char room[384]; /* an origin fits in whole: one that was cut could look like another */
    bool no_json;   /* it is no complete JSON at all: a page, nothing, a half */
};

enum ad_answer_kind {
    AD_ANSWER_CREATE, /* job_id required */
    AD_ANSWER_STATUS, /* status required; job_id, when there, must be the job's (the caller compares) */
    AD_ANSWER_SUBMIT  /* anything goes: a body that is no job reads as "no news" (state NONE, job_id NULL) */
};

/*
 * Read with ad_json_load_lenient, and for what the step needs: a field that is not needed and is not what it should be
 * is absent, as null and an unknown one.  ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL (problem says why),
 * ANIMALDETECT_E_NO_MEMORY.
 * What becomes part of a request must be good: an id, an upload's method, URL and headers are E_PROTOCOL otherwise, the
 * other URLs are absent.  upload_method is "PUT" or "POST", "PUT" when absent.  An upload needs its url in a create
 * answer; elsewhere one without reads as no upload.  Of a state word and the words of an error a line break becomes a
 * blank.  Words and times are masked (base/mask.h); an id, a URL or an upload header that holds an API key is
 * E_PROTOCOL.  ANIMALDETECT_E_ANSWER_TOO_LARGE as ad_json_load.  Clear afterwards in every case.
 */
AD_CHECKED int32_t ad_job_answer_read(struct ad_job_answer *out, enum ad_answer_kind kind, const char *body,
                                      size_t size, const struct ad_mask *mask, struct ad_problem *problem);
void ad_job_answer_clear(struct ad_job_answer *answer);

/* 1 to 128 characters of [A-Za-z0-9._:-], and not only dots: it becomes a part of URLs. */
bool ad_job_id_is_good(const char *text);

/* Visible ASCII, 1 to 8,192 bytes.  Where it points is judged elsewhere. */
bool ad_url_text_is_good(const char *text);

/*
 * May an upload carry this header?  No for what would send a credential of ours or change how the request is framed:
 * Authorization, Proxy-Authorization, Cookie, Host, Transfer-Encoding, Connection, Expect, TE, Trailer, Upgrade,
 * Keep-Alive.
 */
bool ad_upload_header_permitted(const char *name);

/* A token of at most 256 bytes as name, and a header-safe value of at most 4,096. */
bool ad_upload_header_is_good(const char *name, const char *value);

/* The service's word to enum animaldetect_state; OTHER for a word that is not known. */
int32_t ad_state_from_text(const char *text);

#define AD_ERROR_CODE_SIZE 64
#define AD_ERROR_MESSAGE_SIZE 384

struct ad_service_error {
    char code[AD_ERROR_CODE_SIZE];       /* "" when absent; one line, clean */
    char message[AD_ERROR_MESSAGE_SIZE]; /* likewise; the body's first bytes when it has no known form */
    char detail[AD_ERROR_MESSAGE_SIZE];  /* storage's <Details> or <Expires>: when a signature expired */
    bool no_form;                        /* nothing of the forms below, such as half an answer: the reason is not known */
    bool page;                           /* an HTML page, of which `message` has the title */
};

/*
 * {"error":{code,message}}, {"error":"text"}, {"code","message"}, {"detail":"text"}, XML of storages (<Code>,
 * <Message>, <Details>, <Expires>), an HTML page, anything else.  Masked (base/mask.h).
 */
void ad_service_error_read(struct ad_service_error *out, const char *body, size_t size, const struct ad_mask *mask);

#endif
