/* SPDX-License-Identifier: MIT */
/*
 * The class Client: setters, and what is read of it.  Its log is in log.c, its place in the event loop in watch.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "transport_tag.h"

const napi_type_tag client_tag = {0x41f6a0de93b84c5a, 0xb1d27f3e8c604592};
static const napi_type_tag transport_tag = ANIMALDETECT_NODE_TRANSPORT_TAG;

animaldetect_client *client_handle(const struct client *client)
{
    return client->handle;
}

int *client_depth(struct client *client)
{
    return &client->depth;
}

void client_expect_reader(struct client *client)
{
    client->has_readers = true;
}

struct client *client_of(napi_env env, napi_value object)
{
    void *client = NULL;
    bool is_client = false;

    if (napi_check_object_type_tag(env, object, &client_tag, &is_client) != napi_ok || !is_client ||
        napi_unwrap(env, object, &client) != napi_ok)
        return NULL;
    return client;
}

void close_client(struct client *client)
{
    animaldetect_client *handle = client->handle;

    /* First the watch: the descriptor must not be closed, and its number used again, while it is watched. */
    close_watch(client);
    client->handle = NULL;
    animaldetect_client_free(handle);
}

/* The lines are the client's own, which outlives the library's, so nothing is to be released. */
METHOD(client, set_log, int32_t level = call_int32(&call, 0), level, level == 0 ? NULL : keep_line, call.self_client,
       NULL)

/* set_transport(transport): an external of the mock's addon, and of nobody else. */
static napi_value client_set_transport(napi_env env, napi_callback_info info)
{
    struct call call;
    bool is_transport = false;
    void *transport = NULL;

    if (!call_enter_client(&call, env, info))
        return NULL;
    if (napi_check_object_type_tag(env, call.arguments[0], &transport_tag, &is_transport) != napi_ok || !is_transport ||
        napi_get_value_external(env, call.arguments[0], &transport) != napi_ok) {
        napi_throw_type_error(env, NULL, "a transport is expected");
        return NULL;
    }
    return call_leave(&call, animaldetect_client_set_transport(call.client, transport));
}

METHOD_TEXT(client, set_api_key)
METHOD_TEXT(client, set_base_url)
METHOD_TEXT(client, add_trusted_origin)
METHOD_TEXT(client, set_ca_file)
METHOD_TEXT(client, set_proxy)
METHOD_TEXT(client, set_user_agent)
METHOD_TEXT(client, set_checksum_field)
METHOD_PLAIN(client, configure_from_env)
METHOD_PLAIN(client, stop)
METHOD_PLAIN(client, network_changed)
METHOD_PLAIN(client, resume)
METHOD_INT32(client, set_paused)
METHOD_INT64(client, set_max_jobs)
METHOD(client, add_header, const char *name = call_text(&call, 0); const char *value = call_text(&call, 1), name, value)
METHOD_INT64(client, set_connect_timeout_ms)
METHOD_INT64(client, set_stall_timeout_ms)
METHOD_INT64(client, set_request_timeout_ms)
METHOD_INT64(client, set_offline_patience_ms)
METHOD_INT64(client, set_max_retry_after_ms)
METHOD_INT64(client, set_processing_timeout_ms)
METHOD_INT32(client, set_max_requests)
METHOD_INT32(client, set_max_tries)
METHOD_INT32(client, set_poll_mode)
METHOD_INT32(client, set_allow_insecure_http)
METHOD_UINT64(client, set_max_image_bytes)
METHOD_UINT64(client, set_max_answer_bytes)
METHOD(client, set_ca_pem, size_t size = 0; const void *pem = call_bytes(&call, 0, &size), pem, size)
METHOD(client, set_rate_limit, int32_t limit = call_int32(&call, 0); int32_t burst = call_int32(&call, 1), limit, burst)
METHOD(client, set_poll_bounds_ms, int64_t least = call_int64(&call, 0);
       int64_t most = call_int64(&call, 1), least, most)

static napi_value client_message(napi_env env, napi_callback_info info)
{
    struct call call;
    char line[256];

    if (!call_enter_client(&call, env, info))
        return NULL;
    (void)animaldetect_client_copy_message(call.client, line, sizeof line);
    return call_answer(&call, value_text(env, line));
}

/* statistic(which): the value, or null for an unknown one or a closed client */
static napi_value client_statistic(napi_env env, napi_callback_info info)
{
    struct call call;
    int64_t value = 0;
    int32_t status;

    if (!call_enter_client(&call, env, info))
        return NULL;
    status = animaldetect_client_statistic(call.client, call_int32(&call, 0), &value);
    return call_answer(&call, status == ANIMALDETECT_OK ? value_number(env, (double)value) : value_null(env));
}

/* latency_ms(step, quantile): null while nothing was measured */
static napi_value client_latency_ms(napi_env env, napi_callback_info info)
{
    struct call call;
    int64_t value = 0;
    int32_t step, status;
    double quantile;

    if (!call_enter_client(&call, env, info))
        return NULL;
    step = call_int32(&call, 0);
    quantile = call_real(&call, 1);
    status = animaldetect_client_latency_ms(call.client, step, quantile, &value);
    return call_answer(&call, status == ANIMALDETECT_OK ? value_number(env, (double)value) : value_null(env));
}

/* 0 for a closed client, like that of no hold */
static napi_value client_hold_reason(napi_env env, napi_callback_info info)
{
    struct call call;

    if (!call_enter_client(&call, env, info))
        return NULL;
    return call_answer(&call, value_number(env, animaldetect_client_hold_reason(call.client)));
}

static napi_value client_held_until_ms(napi_env env, napi_callback_info info)
{
    struct call call;

    if (!call_enter_client(&call, env, info))
        return NULL;
    return call_answer(&call, value_number(env, (double)animaldetect_client_held_until_ms(call.client)));
}

METHOD_INT32(client, set_permits)
METHOD_INT64(client, set_permit_lag_ms)
METHOD_INT64(client, hold_requests)
METHOD(client, set_permit_share, int32_t share = call_int32(&call, 0);
       int64_t after_ms = call_int64(&call, 1), share, after_ms)
METHOD(client, grant_permits, int32_t count = call_int32(&call, 0);
       int64_t life_ms = call_int64(&call, 1), count, life_ms)

/* What was asked for, unless the library refused: then its status. */
static napi_value answer_or_status(struct call *call, int32_t status, napi_value answer)
{
    return status == ANIMALDETECT_OK && call->client != NULL ? call_answer(call, answer) : call_leave(call, status);
}

static napi_value client_permits_wanted(napi_env env, napi_callback_info info)
{
    struct call call;
    int32_t count = 0;
    int32_t status;

    if (!call_enter_client(&call, env, info))
        return NULL;
    status = animaldetect_client_permits_wanted(call.client, &count);
    return answer_or_status(&call, status, value_number(env, count));
}

/* return_permits(count) */
static napi_value client_return_permits(napi_env env, napi_callback_info info)
{
    struct call call;
    int32_t count = 0;
    int32_t most, status;

    if (!call_enter_client(&call, env, info))
        return NULL;
    most = call_int32(&call, 0);
    status =
        call.failed ? ANIMALDETECT_E_INVALID_ARGUMENT : animaldetect_client_return_permits(call.client, most, &count);
    return answer_or_status(&call, status, value_number(env, count));
}

/* report_permits(most): { settledMs, outstanding } */
static napi_value client_report_permits(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value report = NULL, array = NULL;
    int32_t settled = 0, outstanding = 0, most, status;
    int64_t *ages_ms;

    if (!call_enter_client(&call, env, info))
        return NULL;
    most = call_int32(&call, 0);
    if (call.failed || most < 1 || most > 1000000)
        return call_leave(&call, ANIMALDETECT_E_INVALID_ARGUMENT);
    ages_ms = calloc((size_t)most, sizeof *ages_ms);
    if (ages_ms == NULL)
        return call_leave(&call, ANIMALDETECT_E_NO_MEMORY);
    status = animaldetect_client_report_permits(call.client, ages_ms, most, &settled, &outstanding);
    (void)napi_create_object(env, &report);
    (void)napi_create_array(env, &array);
    for (int32_t i = 0; i < settled; i++)
        (void)napi_set_element(env, array, (uint32_t)i, value_number(env, (double)ages_ms[i]));
    free(ages_ms);
    value_set(env, report, "settledMs", array);
    value_set(env, report, "outstanding", value_number(env, outstanding));
    return answer_or_status(&call, status, report);
}

/* take_rate_limits(): { count, waitMs } */
static napi_value client_take_rate_limits(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value met = NULL;
    int64_t wait_ms = 0;
    int32_t count = 0;
    int32_t status;

    if (!call_enter_client(&call, env, info))
        return NULL;
    status = animaldetect_client_take_rate_limits(call.client, &count, &wait_ms);
    (void)napi_create_object(env, &met);
    value_set(env, met, "count", value_number(env, count));
    value_set(env, met, "waitMs", value_number(env, (double)wait_ms));
    return answer_or_status(&call, status, met);
}

static napi_value client_close(napi_env env, napi_callback_info info)
{
    struct call call;

    if (!call_enter_client(&call, env, info))
        return NULL;
    if (call.self_client->depth > 0)
        return call_leave(&call, ANIMALDETECT_E_REENTRANT);
    close_client(call.self_client);
    return call_answer(&call, value_number(env, ANIMALDETECT_OK));
}

static void finalize(napi_env env, void *data, void *hint)
{
    struct client *client = data;

    (void)hint;
    close_client(client);
    free_lines(client);
    if (client->ready != NULL)
        (void)napi_delete_reference(env, client->ready);
    free(client);
}

/* new Client(ready).  `status` says whether it is one. */
static napi_value client_new(napi_env env, napi_callback_info info)
{
    struct client *client = calloc(1, sizeof *client);
    struct call call;
    int32_t status;

    if (client == NULL || !call_enter_plain(&call, env, info)) {
        free(client);
        return NULL;
    }
    client->last = &client->lines;
    status = animaldetect_client_new(&client->handle);
    if (napi_create_reference(env, call.arguments[0], 0, &client->ready) != napi_ok ||
        napi_wrap(env, call.self, client, finalize, NULL, NULL) != napi_ok) {
        finalize(env, client, NULL);
        napi_throw_type_error(env, NULL, "a function is expected");
        return NULL;
    }
    (void)napi_type_tag_object(env, call.self, &client_tag);
    value_set(env, call.self, "status", value_number(env, status));
    return call_answer(&call, call.self);
}

#define ENTRY(name)                                                             \
    {                                                                           \
#name, NULL, client_##name, NULL, NULL, NULL, napi_default_method, NULL \
    }

void client_define(napi_env env, napi_value exports)
{
    const napi_property_descriptor methods[] = {ENTRY(set_api_key),
                                                ENTRY(set_base_url),
                                                ENTRY(set_transport),
                                                ENTRY(add_trusted_origin),
                                                ENTRY(set_ca_file),
                                                ENTRY(set_ca_pem),
                                                ENTRY(set_proxy),
                                                ENTRY(set_user_agent),
                                                ENTRY(set_checksum_field),
                                                ENTRY(set_connect_timeout_ms),
                                                ENTRY(set_stall_timeout_ms),
                                                ENTRY(set_request_timeout_ms),
                                                ENTRY(set_offline_patience_ms),
                                                ENTRY(set_max_retry_after_ms),
                                                ENTRY(set_processing_timeout_ms),
                                                ENTRY(set_max_requests),
                                                ENTRY(set_rate_limit),
                                                ENTRY(set_max_tries),
                                                ENTRY(set_poll_mode),
                                                ENTRY(set_poll_bounds_ms),
                                                ENTRY(set_allow_insecure_http),
                                                ENTRY(set_max_image_bytes),
                                                ENTRY(set_max_answer_bytes),
                                                ENTRY(configure_from_env),
                                                ENTRY(add_header),
                                                ENTRY(set_max_jobs),
                                                ENTRY(set_paused),
                                                ENTRY(network_changed),
                                                ENTRY(resume),
                                                ENTRY(hold_reason),
                                                ENTRY(held_until_ms),
                                                ENTRY(stop),
                                                ENTRY(set_log),
                                                ENTRY(take_log),
                                                ENTRY(watch),
                                                ENTRY(looks),
                                                ENTRY(take),
                                                ENTRY(message),
                                                ENTRY(statistic),
                                                ENTRY(latency_ms),
                                                ENTRY(set_permits),
                                                ENTRY(set_permit_share),
                                                ENTRY(set_permit_lag_ms),
                                                ENTRY(permits_wanted),
                                                ENTRY(grant_permits),
                                                ENTRY(return_permits),
                                                ENTRY(report_permits),
                                                ENTRY(take_rate_limits),
                                                ENTRY(hold_requests),
                                                ENTRY(close)};
    napi_value class = NULL;

    if (napi_define_class(env, "Client", NAPI_AUTO_LENGTH, client_new, NULL, sizeof methods / sizeof methods[0],
                          methods, &class) == napi_ok)
        value_set(env, exports, "Client", class);
}
