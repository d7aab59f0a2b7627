/* SPDX-License-Identifier: MIT */
/*
 * Lifetime and configuration of the mock, and the state of its service.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing/mock/internal.h"

/* Called when neither the host nor a client uses the mock. */
static void release(void *user)
{
    animaldetect_mock *mock = user;

    mock_script_free(mock);
    mock_record_free(mock);
    svc_free(mock->svc);
    free(mock->api_key);
    free(mock->processing);
    pthread_mutex_destroy(&mock->lock);
    free(mock);
}

static void register_callbacks(animaldetect_transport *transport)
{
    (void)animaldetect_transport_set_start(transport, mock_start);
    (void)animaldetect_transport_set_cancel(transport, mock_cancel);
    (void)animaldetect_transport_set_clock(transport, mock_clock);
    (void)animaldetect_transport_set_wall_clock(transport, mock_wall_clock);
    (void)animaldetect_transport_set_idle(transport, mock_idle);
    (void)animaldetect_transport_set_poll(transport, mock_poll);
    (void)animaldetect_transport_set_seed(transport, 1);
}

int32_t animaldetect_mock_new(animaldetect_mock **out)
{
    animaldetect_mock *mock;
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    mock = mock_alloc(sizeof *mock);
    if (pthread_mutex_init(&mock->lock, NULL) != 0) {
        free(mock);
        return ANIMALDETECT_E_SYSTEM;
    }
    status = animaldetect_transport_new(mock, release, &mock->transport);
    if (status != ANIMALDETECT_OK) {
        pthread_mutex_destroy(&mock->lock);
        free(mock);
        return status;
    }
    register_callbacks(mock->transport);
    mock->api_key = mock_copy("sk_test_mock");
    mock->processing = mock_copy("fixed:1000");
    mock->now_ms = MOCK_START_MS;
    mock->latency_ms = 40;
    svc_config_default(&mock->config);
    mock->config.storage_origin = MOCK_STORAGE;
    /* A program under test may run an image again on purpose. */
    mock->config.allow_equal_payloads = true;
    *out = mock;
    return ANIMALDETECT_OK;
}

void animaldetect_mock_free(animaldetect_mock *mock)
{
    if (mock != NULL)
        animaldetect_transport_free(mock->transport);
}

animaldetect_transport *animaldetect_mock_transport(animaldetect_mock *mock)
{
    return mock == NULL ? NULL : mock->transport;
}

int32_t animaldetect_mock_new_client(animaldetect_mock *mock, animaldetect_client **out)
{
    animaldetect_client *client = NULL;
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    status = animaldetect_client_new(&client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_api_key(client, mock->api_key);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_transport(client, mock->transport);
    if (status == ANIMALDETECT_OK)
        *out = client;
    else
        animaldetect_client_free(client);
    return status;
}

const char *animaldetect_mock_message(const animaldetect_mock *mock)
{
    return mock == NULL ? "" : mock->message;
}

static int32_t leave(animaldetect_mock *mock, int32_t status)
{
    pthread_mutex_unlock(&mock->lock);
    return status;
}

static int32_t replace(animaldetect_mock *mock, char **field, const char *text)
{
    int32_t status = ANIMALDETECT_E_STATE;

    pthread_mutex_lock(&mock->lock);
    if (mock->svc == NULL) {
        free(*field);
        *field = mock_copy(text);
        status = ANIMALDETECT_OK;
    }
    return leave(mock, status);
}

int32_t animaldetect_mock_set_api_key(animaldetect_mock *mock, const char *key)
{
    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (key == NULL || *key == '\0')
        return mock_refuse(mock, "the API key must not be empty");
    return replace(mock, &mock->api_key, key);
}

int32_t animaldetect_mock_set_seed(animaldetect_mock *mock, uint64_t seed)
{
    int32_t status;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (seed == 0)
        return mock_refuse(mock, "the seed must not be 0");
    status = animaldetect_transport_set_seed(mock->transport, seed);
    if (status != ANIMALDETECT_OK)
        return status;
    pthread_mutex_lock(&mock->lock);
    mock->config.seed = seed;
    return leave(mock, ANIMALDETECT_OK);
}

int32_t animaldetect_mock_set_processing(animaldetect_mock *mock, const char *processing)
{
    struct svc_config config;
    struct svc *probe;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    svc_config_default(&config);
    config.processing = processing == NULL ? "" : processing;
    probe = svc_new(&config);
    if (probe == NULL)
        return mock_refuse(mock,
                           "the processing time must be fixed:MS, lognormal:MS:SIGMA, bimodal:MS:MS:P or fifo:MS");
    svc_free(probe);
    return replace(mock, &mock->processing, processing);
}

int32_t animaldetect_mock_set_latency_ms(animaldetect_mock *mock, int64_t latency_ms)
{
    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (latency_ms < 0 || latency_ms > 3600000)
        return mock_refuse(mock, "the latency must be 0 to 3,600,000 ms");
    pthread_mutex_lock(&mock->lock);
    mock->latency_ms = latency_ms;
    return leave(mock, ANIMALDETECT_OK);
}

int32_t animaldetect_mock_set_rate_limit(animaldetect_mock *mock, int32_t requests_per_minute)
{
    int32_t status = ANIMALDETECT_E_STATE;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (requests_per_minute < 0 || requests_per_minute > 1000000)
        return mock_refuse(mock, "the quota must be 0 to 1,000,000 requests per minute");
    pthread_mutex_lock(&mock->lock);
    if (mock->svc == NULL) {
        mock->config.rpm = requests_per_minute;
        status = ANIMALDETECT_OK;
    }
    return leave(mock, status);
}

int32_t animaldetect_mock_load_answers(animaldetect_mock *mock, const char *path)
{
    char error[200] = "";
    bool good;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (path == NULL)
        return mock_refuse(mock, "the path must not be NULL");
    pthread_mutex_lock(&mock->lock);
    good = svc_load_answers(mock_service(mock), path, error, sizeof error);
    if (!good)
        (void)mock_refuse(mock, "%s", error);
    return leave(mock, good ? ANIMALDETECT_OK : ANIMALDETECT_E_FILE);
}

int32_t animaldetect_mock_add_fault(animaldetect_mock *mock, const char *fault)
{
    char error[200] = "";
    bool good;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (fault == NULL)
        return mock_refuse(mock, "the fault must not be NULL");
    pthread_mutex_lock(&mock->lock);
    good = svc_add_fault(mock_service(mock), fault, error, sizeof error);
    if (!good)
        (void)mock_refuse(mock, "%s", error);
    return leave(mock, good ? ANIMALDETECT_OK : ANIMALDETECT_E_INVALID_ARGUMENT);
}

int32_t animaldetect_mock_clear_faults(animaldetect_mock *mock)
{
    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(&mock->lock);
    svc_clear_faults(mock_service(mock));
    mock_script_free(mock);
    return leave(mock, ANIMALDETECT_OK);
}

int32_t animaldetect_mock_set_job_state(animaldetect_mock *mock, const char *job_id, const char *state)
{
    static const char *const words[] = {"awaiting_upload", "queued", "running", "succeeded", "failed", "expired"};
    bool failed = state != NULL && strcmp(state, "failed") == 0;
    bool known = false;
    bool good;

    if (mock == NULL || job_id == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    for (size_t i = 0; state != NULL && i < sizeof words / sizeof words[0]; i++)
        known = known || strcmp(state, words[i]) == 0;
    if (!known)
        return mock_refuse(mock, "unknown state \"%s\"", state == NULL ? "NULL" : state);
    pthread_mutex_lock(&mock->lock);
    good = svc_job_force_state(mock_service(mock), job_id, state, failed ? "processing_failed" : NULL,
                               failed ? "the image could not be decoded (set by the mock)" : NULL);
    return leave(mock, good ? ANIMALDETECT_OK : ANIMALDETECT_E_NOT_FOUND);
}

int32_t animaldetect_mock_expire_uploads(animaldetect_mock *mock)
{
    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(&mock->lock);
    svc_expire_all_uploads(mock_service(mock));
    return leave(mock, ANIMALDETECT_OK);
}

size_t animaldetect_mock_job_count(const animaldetect_mock *mock)
{
    size_t count = 0;

    if (mock == NULL)
        return 0;
    pthread_mutex_lock(mock_lock_of(mock));
    if (mock->svc != NULL)
        count = svc_job_total(mock->svc);
    pthread_mutex_unlock(mock_lock_of(mock));
    return count;
}

const char *animaldetect_mock_job_id(const animaldetect_mock *mock, size_t index)
{
    const char *id = NULL;

    if (mock == NULL)
        return NULL;
    pthread_mutex_lock(mock_lock_of(mock));
    if (mock->svc != NULL)
        id = svc_job_id(mock->svc, index);
    pthread_mutex_unlock(mock_lock_of(mock));
    return id;
}

const char *animaldetect_mock_job_state(animaldetect_mock *mock, const char *job_id)
{
    const char *state = NULL;

    if (mock == NULL || job_id == NULL)
        return NULL;
    pthread_mutex_lock(&mock->lock);
    if (mock->svc != NULL)
        state = svc_job_state(mock->svc, job_id, mock_wall_ms(mock));
    pthread_mutex_unlock(&mock->lock);
    return state;
}

size_t animaldetect_mock_violation_count(const animaldetect_mock *mock)
{
    size_t count = 0;

    if (mock == NULL)
        return 0;
    pthread_mutex_lock(mock_lock_of(mock));
    if (mock->svc != NULL)
        count = svc_violation_count(mock->svc);
    pthread_mutex_unlock(mock_lock_of(mock));
    return count;
}

const char *animaldetect_mock_violation(const animaldetect_mock *mock, size_t index)
{
    const char *words = NULL;

    if (mock == NULL)
        return NULL;
    pthread_mutex_lock(mock_lock_of(mock));
    if (mock->svc != NULL)
        words = svc_violation(mock->svc, index);
    pthread_mutex_unlock(mock_lock_of(mock));
    return words;
}
