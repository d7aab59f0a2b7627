/* SPDX-License-Identifier: MIT */
/*
 * The bare client of service_kit.h, on virtual time.
 */
#include "unit/service_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API "https://api.animaldetect.com/v1/jobs"

void client_config(struct svc_config *config)
{
    svc_config_default(config);
    config->processing = "fixed:1000";
}

void client_start(struct client *client, const struct svc_config *config)
{
    struct svc_config plain;

    client_config(&plain);
    *client = (struct client){.now_ms = TESTING_START, .key = TESTING_KEY};
    client->svc = svc_new(config ? config : &plain);
    assert_non_null(client->svc);
}

void client_restart(struct client *client, const struct svc_config *config, FILE *journal)
{
    struct svc_config plain;
    char error[256] = "";

    client_config(&plain);
    svc_free(client->svc);
    client->svc = svc_new(config ? config : &plain);
    rewind(journal);
    if (!svc_load_state(client->svc, journal, error, sizeof(error)))
        fail_msg("%s", error);
    (void)fseek(journal, 0, SEEK_END);
    svc_set_journal(client->svc, journal);
}

static void forget(struct client *client)
{
    svc_response_clear(&client->last);
    json_decref(client->json);
    client->json = NULL;
}

void client_stop(struct client *client)
{
    forget(client);
    svc_free(client->svc);
}

int client_send(struct client *client, const char *method, const char *url, const struct svc_header *headers,
                size_t header_count, const char *body)
{
    struct svc_request request = {.method = method,
                                  .url = url,
                                  .headers = headers,
                                  .header_count = header_count,
                                  .body = body,
                                  .body_size = body ? strlen(body) : 0};

    forget(client);
    svc_handle(client->svc, &request, client->now_ms, &client->last);
    if (client->last.body)
        client->json = json_loadb(client->last.body, client->last.body_size, 0, NULL);
    return client->last.status;
}

static int send_api(struct client *client, const char *method, const char *end)
{
    char bearer[128];
    char url[256];
    struct svc_header headers[] = {{"Authorization", bearer}};

    snprintf(bearer, sizeof(bearer), "Bearer %s", client->key);
    snprintf(url, sizeof(url), API "/%s%s", client->job, end);
    return client_send(client, method, url, headers, 1, NULL);
}

int client_create(struct client *client, const char *payload, const char *idempotency_key)
{
    char bearer[128];
    struct svc_header headers[] = {
        {"Authorization", bearer}, {"Content-Type", "application/json"}, {"Idempotency-Key", idempotency_key}};
    int status;

    snprintf(bearer, sizeof(bearer), "Bearer %s", client->key);
    status = client_send(client, "POST", API, headers, idempotency_key ? 3 : 2, payload);
    if (status / 100 == 2 && client->json) {
        snprintf(client->job, sizeof(client->job), "%s", client_text(client, "job_id"));
        snprintf(client->upload, sizeof(client->upload), "%s", client_text(client, "upload.url"));
    }
    return status;
}

int client_put(struct client *client, const char *url, const char *type, const char *bytes)
{
    struct svc_header headers[] = {{"Content-Type", type}};
    char copy[1024];

    snprintf(copy, sizeof(copy), "%s", url);
    return client_send(client, "PUT", copy, headers, type ? 1 : 0, bytes);
}

int client_upload(struct client *client)
{
    return client_put(client, client->upload, "image/jpeg", "abc");
}

int client_submit(struct client *client)
{
    return send_api(client, "POST", "/submit");
}

int client_status(struct client *client)
{
    return send_api(client, "GET", "");
}

int client_result(struct client *client)
{
    return send_api(client, "GET", "/result");
}

void client_begin_job(struct client *client, const char *payload, const char *idempotency_key)
{
    assert_int_equal(client_create(client, payload, idempotency_key), 201);
    assert_int_equal(client_upload(client), 200);
    assert_int_equal(client_submit(client), 202);
}

const json_t *client_value(const struct client *client, const char *path)
{
    const json_t *value = client->json;

    while (value && *path) {
        size_t size = strcspn(path, ".");
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)size, path);
        value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10)) : json_object_get(value, name);
        path += size;
        if (*path == '.')
            path++;
    }
    return value;
}

const char *client_text(const struct client *client, const char *path)
{
    const char *text = json_string_value(client_value(client, path));

    return text ? text : "";
}

void client_fault(struct client *client, const char *spec)
{
    char error[256] = "";

    if (!svc_add_fault(client->svc, spec, error, sizeof(error)))
        fail_msg("%s", error);
}
