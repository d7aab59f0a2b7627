/* SPDX-License-Identifier: MIT */
/*
 * A minimal client for the model's own tests: sends requests, keeps the last response, checks nothing.
 */
#ifndef TESTS_UNIT_SERVICE_KIT_H
#define TESTS_UNIT_SERVICE_KIT_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "testing/service/service.h"

#define TESTING_KEY "sk_test_service"
#define TESTING_START INT64_C(1800000000000) /* a whole second, and a whole minute for fixed windows */

#define TESTING_PAYLOAD                                                                                                \
    "{\"operation\":\"detect\",\"filename\":\"a.jpg\",\"content_type\":\"image/jpeg\",\"expected_size_bytes\":3}"

struct client {
    struct svc *svc;
    int64_t now_ms;
    const char *key;
    struct svc_response last;
    json_t *json;      /* the last body, NULL when it is not JSON */
    char job[64];      /* of the last create that returned a job */
    char upload[1024]; /* its upload URL, "" if it had none */
};

/* Jobs take 1,000 ms, a quarter of it queued, unless changed. */
void client_config(struct svc_config *config);
void client_start(struct client *client, const struct svc_config *config); /* NULL: that of client_config */
void client_stop(struct client *client);
/* Restarts the service from the journal of the previous one, and appends to it. */
void client_restart(struct client *client, const struct svc_config *config, FILE *journal);

/* All return the HTTP status. */
int client_send(struct client *client, const char *method, const char *url, const struct svc_header *headers,
                size_t header_count, const char *body);
int client_create(struct client *client, const char *payload, const char *idempotency_key);
int client_put(struct client *client, const char *url, const char *type, const char *bytes);
int client_upload(struct client *client); /* sends "abc" to the job's URL */
int client_submit(struct client *client);
int client_status(struct client *client);
int client_result(struct client *client);

/* Create to submit; every step must succeed. */
void client_begin_job(struct client *client, const char *payload, const char *idempotency_key);

/* A string of the last response by path such as "error.code"; "" when absent. */
const char *client_text(const struct client *client, const char *path);
const json_t *client_value(const struct client *client, const char *path);

void client_fault(struct client *client, const char *spec); /* must be a valid fault */

#endif
