/* SPDX-License-Identifier: MIT */
/*
 * The client's setters of numbers: timeouts, limits, quota, polling.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <animaldetect/client.h>

#include "api/guard.h"

#define DAY_MS INT64_C(86400000)

static int32_t limits_leave_with(animaldetect_client *client, int32_t status)
{
    ad_unlock(client);
    return status;
}

/* A number of the configuration: its offset, its size, and its range. */
struct client_range {
    size_t offset;
    size_t size;
    int64_t min;
    int64_t max;
    const char *what;
    const char *unit; /* appended to the number in messages: " ms", "" */
};

#define RANGE(field, min, max, what, unit)                                                                       \
    {                                                                                                            \
        offsetof(struct ad_config, field), sizeof((struct ad_config *)NULL)->field, (min), (max), (what), (unit) \
    }

static const struct client_range CONNECT_TIMEOUT = RANGE(connect_timeout_ms, 1, DAY_MS, "the connect timeout", " ms");
static const struct client_range STALL_TIMEOUT = RANGE(stall_timeout_ms, 1, DAY_MS, "the stall timeout", " ms");
static const struct client_range REQUEST_TIMEOUT = RANGE(request_timeout_ms, 1, DAY_MS, "the request timeout", " ms");
static const struct client_range OFFLINE_PATIENCE =
    RANGE(offline_patience_ms, -1, 30 * DAY_MS, "the offline patience", " ms");
static const struct client_range MAX_RETRY_AFTER =
    RANGE(max_retry_after_ms, 1000, DAY_MS, "the longest wait for Retry-After", " ms");
static const struct client_range PROCESSING_TIMEOUT =
    RANGE(processing_timeout_ms, 1000, 30 * DAY_MS, "the processing timeout", " ms, or -1 for none");
static const struct client_range MAX_REQUESTS = RANGE(max_requests, 1, 10000, "the number of requests at once", "");
static const struct client_range MAX_JOBS = RANGE(max_jobs, 0, INT64_MAX, "the number of jobs", "");
static const struct client_range MAX_TRIES = RANGE(max_tries, 1, 1000, "the number of tries", "");
static const struct client_range POLL_MODE =
    RANGE(poll_mode, ANIMALDETECT_POLL_LATENCY, ANIMALDETECT_POLL_THROUGHPUT, "the poll mode", "");
static const struct client_range MAX_IMAGE =
    RANGE(max_image_bytes, 1, INT64_C(1) << 40, "the image size limit", " bytes");
static const struct client_range MAX_ANSWER =
    RANGE(max_answer_bytes, 1024, INT64_C(1) << 30, "the response size limit", " bytes");

static int32_t client_set_number(animaldetect_client *client, const struct client_range *range, int64_t value)
{
    int32_t status = ad_enter(client);
    char *field = NULL;
    int32_t narrow = (int32_t)value;
    int64_t before = 0;

    if (status != ANIMALDETECT_OK)
        return status;
    if ((value < range->min || value > range->max) && !(value == -1 && range == &PROCESSING_TIMEOUT))
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "%s must be %" PRId64 " to %" PRId64 "%s, not %" PRId64, range->what, range->min,
                                  range->max, range->unit, value);
    if (status != ANIMALDETECT_OK)
        return limits_leave_with(client, status);
    field = (char *)&client->config + range->offset;
    memcpy(&before, field, range->size);
    memcpy(field, range->size == sizeof narrow ? (const void *)&narrow : (const void *)&value, range->size);
    if (range == &POLL_MODE && client->running)
        ad_engine_set_polling(&client->engine);
    if (range == &MAX_REQUESTS && client->running)
        status = ad_engine_configure(&client->engine, &client->config);
    if ((range == &OFFLINE_PATIENCE || range == &MAX_RETRY_AFTER) && client->running)
        ad_engine_set_waits(&client->engine);
    if (status != ANIMALDETECT_OK)
        memcpy(field, &before, range->size);
    return limits_leave_with(client, status);
}

int32_t animaldetect_client_set_connect_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &CONNECT_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_stall_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &STALL_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_request_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &REQUEST_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_offline_patience_ms(animaldetect_client *client, int64_t patience_ms)
{
    return client_set_number(client, &OFFLINE_PATIENCE, patience_ms);
}

int32_t animaldetect_client_set_max_retry_after_ms(animaldetect_client *client, int64_t wait_ms)
{
    return client_set_number(client, &MAX_RETRY_AFTER, wait_ms);
}

int32_t animaldetect_client_set_processing_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &PROCESSING_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_max_requests(animaldetect_client *client, int32_t count)
{
    return client_set_number(client, &MAX_REQUESTS, count);
}

int32_t animaldetect_client_set_max_jobs(animaldetect_client *client, int64_t count)
{
    return client_set_number(client, &MAX_JOBS, count);
}

int32_t animaldetect_client_set_max_tries(animaldetect_client *client, int32_t tries)
{
    return client_set_number(client, &MAX_TRIES, tries);
}

int32_t animaldetect_client_set_poll_mode(animaldetect_client *client, int32_t mode)
{
    return client_set_number(client, &POLL_MODE, mode);
}

static int32_t client_set_bytes(animaldetect_client *client, const struct client_range *range, uint64_t bytes)
{
    return client_set_number(client, range, bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
}

int32_t animaldetect_client_set_max_image_bytes(animaldetect_client *client, uint64_t bytes)
{
    return client_set_bytes(client, &MAX_IMAGE, bytes);
}

int32_t animaldetect_client_set_max_answer_bytes(animaldetect_client *client, uint64_t bytes)
{
    return client_set_bytes(client, &MAX_ANSWER, bytes);
}

int32_t animaldetect_client_set_rate_limit(animaldetect_client *client, int32_t requests_per_minute, int32_t burst)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (requests_per_minute < 0 || requests_per_minute > 1000000 || burst < 0 || burst > requests_per_minute) {
        status = ad_client_refuse(
            client, ANIMALDETECT_E_INVALID_ARGUMENT,
            "the rate limit must be 0 to 1,000,000 requests per minute, its burst 0 to the rate limit");
    } else {
        client->config.rate_per_minute = requests_per_minute;
        client->config.rate_burst = burst;
        if (client->running)
            ad_engine_set_quota(&client->engine);
    }
    return limits_leave_with(client, status);
}

int32_t animaldetect_client_set_poll_bounds_ms(animaldetect_client *client, int64_t min_ms, int64_t max_ms)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (min_ms < 10 || max_ms < min_ms || max_ms > 3600000) {
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "the poll bounds must satisfy 10 <= min_ms <= max_ms <= 3,600,000");
    } else {
        client->config.poll_min_ms = min_ms;
        client->config.poll_max_ms = max_ms;
        client->config.poll_bounded = true;
        if (client->running)
            ad_engine_set_polling(&client->engine);
    }
    return limits_leave_with(client, status);
}
