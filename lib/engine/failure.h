/* SPDX-License-Identifier: MIT */
/*
 * The failure of a job in one allocation: numbers and texts for the getters, and the error message.
 */
#ifndef AD_ENGINE_FAILURE_H
#define AD_ENGINE_FAILURE_H

#include <stddef.h>
#include <stdint.h>

struct ad_failure_facts {
    int32_t status;      /* animaldetect status */
    int32_t step;        /* enum animaldetect_step */
    const char *step_name; /* NULL outside of any step */
    int32_t http_status; /* 0 for none */
    int32_t attempts;    /* attempts of this request */
    int64_t retry_after_ms; /* -1 for none */
    const char *reason;     /* without step and attempts */
    const char *code;       /* the service's; NULL or "" for none */
    const char *message;    /* the service's; NULL or "" for none */
    const char *request_id; /* NULL or "" for none */
    const char *job_id;     /* NULL for none */
};

struct ad_failure {
    int32_t status;
    int32_t step;
    int32_t http_status;
    int64_t retry_after_ms;
    const char *line;    /* the whole message; never NULL */
    const char *reason;  /* the reason in it */
    const char *code;    /* NULL when absent; the next two likewise */
    const char *message;
    const char *request_id;
    char texts[];
};

/* NULL when memory runs out.  Free with `free`. */
struct ad_failure *ad_failure_new(const struct ad_failure_facts *facts);

/* "signature expired at 13:15:00Z" and the like, from a storage's XML error; "" if it names no time. */
void ad_failure_expiry_text(const char *detail, char *out, size_t size);

#endif
