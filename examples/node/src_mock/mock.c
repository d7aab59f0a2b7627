/* SPDX-License-Identifier: MIT */
/*
 * The service in memory: the class Mock, whose methods return the library's status as a number, or what they read;
 * mock.js makes errors of it. With shared libraries it is an addon of its own, so that the client's addon does not need
 * libanimaldetect-mock; with the archives it is a part of the client's addon (ANIMALDETECT_NODE_CARRIES_MOCK).
 */
#define NAPI_VERSION 8
#include <animaldetect/mock.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../src/transport_tag.h"
#include "mock.h"

#define ARGUMENTS 5

static const napi_type_tag transport_tag = ANIMALDETECT_NODE_TRANSPORT_TAG;
static const napi_type_tag mock_tag = {0x7d1f24a85c9e4b03, 0xa6e8130d5b72c94f};

/* One call from JavaScript; its texts are freed by `leave`. */
struct call {
    napi_env env;
    napi_value arguments[ARGUMENTS];
    animaldetect_mock *mock;
    char *texts[ARGUMENTS];
    bool failed; /* an exception is pending */
};

static bool enter(struct call *call, napi_env env, napi_callback_info info)
{
    size_t count = ARGUMENTS;
    napi_value self = NULL;
    bool is_mock = false;
    void *mock = NULL;

    memset(call, 0, sizeof *call);
    call->env = env;
    if (napi_get_cb_info(env, info, &count, call->arguments, &self, NULL) != napi_ok ||
        napi_check_object_type_tag(env, self, &mock_tag, &is_mock) != napi_ok || !is_mock ||
        napi_unwrap(env, self, &mock) != napi_ok) {
        napi_throw_type_error(env, NULL, "a mock is expected");
        return false;
    }
    call->mock = mock;
    return true;
}

static void refuse(struct call *call, const char *words)
{
    if (!call->failed)
        napi_throw_type_error(call->env, NULL, words);
    call->failed = true;
}

/* A text, NULL for null. */
static const char *text(struct call *call, size_t index)
{
    napi_valuetype type = napi_undefined;
    size_t size = 0;

    (void)napi_typeof(call->env, call->arguments[index], &type);
    if (type == napi_null || call->failed)
        return NULL;
    if (napi_get_value_string_utf8(call->env, call->arguments[index], NULL, 0, &size) != napi_ok ||
        (call->texts[index] = malloc(size + 1)) == NULL) {
        refuse(call, "a text is expected");
        return NULL;
    }
    (void)napi_get_value_string_utf8(call->env, call->arguments[index], call->texts[index], size + 1, &size);
    if (strlen(call->texts[index]) != size)
        refuse(call, "a text has a NUL inside");
    return call->texts[index];
}

static int64_t number(struct call *call, size_t index)
{
    double value = 0;

    if (napi_get_value_double(call->env, call->arguments[index], &value) != napi_ok || value != (double)(int64_t)value)
        refuse(call, "a whole number is expected");
    return (int64_t)value;
}

static napi_value leave(struct call *call, napi_value answer)
{
    for (size_t i = 0; i < ARGUMENTS; i++)
        free(call->texts[i]);
    return call->failed ? NULL : answer;
}

static napi_value number_value(napi_env env, double value)
{
    napi_value made = NULL;

    (void)napi_create_double(env, value, &made);
    return made;
}

static napi_value text_value(napi_env env, const char *words)
{
    napi_value made = NULL;

    if (words == NULL)
        (void)napi_get_null(env, &made);
    else
        (void)napi_create_string_utf8(env, words, NAPI_AUTO_LENGTH, &made);
    return made;
}

/* A method that reads its arguments in `declare` and answers the status of `act`. */
#define METHOD(name, declare, act)                                       \
    static napi_value mock_##name(napi_env env, napi_callback_info info) \
    {                                                                    \
        struct call call;                                                \
        int32_t status = ANIMALDETECT_E_INVALID_ARGUMENT;                \
                                                                         \
        if (!enter(&call, env, info))                                    \
            return NULL;                                                 \
        declare;                                                         \
        if (!call.failed)                                                \
            status = act;                                                \
        return leave(&call, number_value(env, status));                  \
    }
#define METHOD_TEXT(name) METHOD(name, const char *words = text(&call, 0), animaldetect_mock_##name(call.mock, words))
#define METHOD_INT32(name) \
    METHOD(name, int32_t value = (int32_t)number(&call, 0), animaldetect_mock_##name(call.mock, value))
#define METHOD_INT64(name) METHOD(name, int64_t value = number(&call, 0), animaldetect_mock_##name(call.mock, value))

METHOD_TEXT(set_processing)
METHOD_TEXT(load_answers)
METHOD_TEXT(add_fault)
METHOD_INT64(set_latency_ms)
METHOD_INT64(advance_ms)
METHOD_INT32(set_rate_limit)
METHOD(set_seed, int64_t value = number(&call, 0), animaldetect_mock_set_seed(call.mock, (uint64_t)value))
METHOD(clear_faults, , animaldetect_mock_clear_faults(call.mock))
METHOD(expire_uploads, , animaldetect_mock_expire_uploads(call.mock))
METHOD(set_job_state, const char *id = text(&call, 0);
       const char *state = text(&call, 1), animaldetect_mock_set_job_state(call.mock, id, state))
METHOD(answer, const char *route = text(&call, 0); int32_t nth = (int32_t)number(&call, 1);
       int32_t status_code = (int32_t)number(&call, 2); const char *headers = text(&call, 3);
       const char *body = text(&call, 4), animaldetect_mock_answer(call.mock, route, nth, status_code, headers, body))
METHOD(fail, const char *route = text(&call, 0); int32_t nth = (int32_t)number(&call, 1);
       int32_t failure = (int32_t)number(&call, 2), animaldetect_mock_fail(call.mock, route, nth, failure))
METHOD(delay, const char *route = text(&call, 0); int32_t nth = (int32_t)number(&call, 1);
       int64_t delay_ms = number(&call, 2), animaldetect_mock_delay(call.mock, route, nth, delay_ms))

static napi_value mock_message(napi_env env, napi_callback_info info)
{
    struct call call;

    return enter(&call, env, info) ? leave(&call, text_value(env, animaldetect_mock_message(call.mock))) : NULL;
}

static napi_value mock_now_ms(napi_env env, napi_callback_info info)
{
    struct call call;

    return enter(&call, env, info) ? leave(&call, number_value(env, (double)animaldetect_mock_now_ms(call.mock)))
                                   : NULL;
}

static napi_value mock_job_state(napi_env env, napi_callback_info info)
{
    struct call call;
    const char *id;

    if (!enter(&call, env, info))
        return NULL;
    id = text(&call, 0);
    return leave(&call, text_value(env, call.failed ? NULL : animaldetect_mock_job_state(call.mock, id)));
}

static napi_value list(struct call *call, const char *(*at)(const animaldetect_mock *mock, size_t index))
{
    napi_value array = NULL;
    const char *words;

    (void)napi_create_array(call->env, &array);
    for (uint32_t i = 0; (words = at(call->mock, i)) != NULL; i++)
        (void)napi_set_element(call->env, array, i, text_value(call->env, words));
    return array;
}

static napi_value mock_jobs(napi_env env, napi_callback_info info)
{
    struct call call;

    return enter(&call, env, info) ? leave(&call, list(&call, animaldetect_mock_job_id)) : NULL;
}

static napi_value mock_violations(napi_env env, napi_callback_info info)
{
    struct call call;

    return enter(&call, env, info) ? leave(&call, list(&call, animaldetect_mock_violation)) : NULL;
}

static void set(napi_env env, napi_value object, const char *name, napi_value value)
{
    (void)napi_set_named_property(env, object, name, value);
}

static napi_value request_value(napi_env env, const animaldetect_mock_request *request)
{
    napi_value object = NULL;

    (void)napi_create_object(env, &object);
    set(env, object, "route", text_value(env, animaldetect_mock_request_route(request)));
    set(env, object, "method", text_value(env, animaldetect_mock_request_method(request)));
    set(env, object, "url", text_value(env, animaldetect_mock_request_url(request)));
    set(env, object, "idempotencyKey", text_value(env, animaldetect_mock_request_header(request, "Idempotency-Key")));
    set(env, object, "body", text_value(env, animaldetect_mock_request_body(request)));
    set(env, object, "bodySize", number_value(env, (double)animaldetect_mock_request_body_size(request)));
    set(env, object, "httpStatus", number_value(env, animaldetect_mock_request_http_status(request)));
    set(env, object, "startMs", number_value(env, (double)animaldetect_mock_request_start_ms(request)));
    set(env, object, "endMs", number_value(env, (double)animaldetect_mock_request_end_ms(request)));
    return object;
}

/* requests(route) */
static napi_value mock_requests(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value array = NULL;
    const char *route;
    const animaldetect_mock_request *request;

    if (!enter(&call, env, info))
        return NULL;
    route = text(&call, 0);
    (void)napi_create_array(env, &array);
    for (uint32_t i = 0; !call.failed && (request = animaldetect_mock_request_at(call.mock, route, i)) != NULL; i++)
        (void)napi_set_element(env, array, i, request_value(env, request));
    return leave(&call, array);
}

/* For new Client({ transport }).  The client keeps what it needs of the mock. */
static napi_value mock_transport(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value transport = NULL;

    if (!enter(&call, env, info))
        return NULL;
    if (napi_create_external(env, animaldetect_mock_transport(call.mock), NULL, NULL, &transport) != napi_ok ||
        napi_type_tag_object(env, transport, &transport_tag) != napi_ok)
        refuse(&call, "no transport");
    return leave(&call, transport);
}

static void finalize(napi_env env, void *mock, void *hint)
{
    (void)env;
    (void)hint;
    animaldetect_mock_free(mock);
}

/* new Mock() */
static napi_value mock_new(napi_env env, napi_callback_info info)
{
    animaldetect_mock *mock = NULL;
    napi_value self = NULL;

    if (napi_get_cb_info(env, info, NULL, NULL, &self, NULL) != napi_ok ||
        animaldetect_mock_new(&mock) != ANIMALDETECT_OK ||
        napi_wrap(env, self, mock, finalize, NULL, NULL) != napi_ok) {
        animaldetect_mock_free(mock);
        napi_throw_error(env, NULL, "there is no memory for a mock");
        return NULL;
    }
    (void)napi_type_tag_object(env, self, &mock_tag);
    /* The event loop never blocks inside the library, so time passes whenever there is nothing else to do. */
    (void)animaldetect_mock_set_auto_advance(mock, 1);
    return self;
}

#define ENTRY(name)                                                           \
    {                                                                         \
#name, NULL, mock_##name, NULL, NULL, NULL, napi_default_method, NULL \
    }

void mock_define(napi_env env, napi_value exports)
{
    const napi_property_descriptor methods[] = {
        ENTRY(set_seed),      ENTRY(set_processing), ENTRY(set_latency_ms), ENTRY(set_rate_limit), ENTRY(load_answers),
        ENTRY(add_fault),     ENTRY(clear_faults),   ENTRY(answer),         ENTRY(fail),           ENTRY(delay),
        ENTRY(set_job_state), ENTRY(expire_uploads), ENTRY(advance_ms),     ENTRY(now_ms),         ENTRY(message),
        ENTRY(job_state),     ENTRY(jobs),           ENTRY(violations),     ENTRY(requests),       ENTRY(transport)};
    napi_value class = NULL;

    if (napi_define_class(env, "Mock", NAPI_AUTO_LENGTH, mock_new, NULL, sizeof methods / sizeof methods[0], methods,
                          &class) == napi_ok)
        (void)napi_set_named_property(env, exports, "Mock", class);
}

#ifndef ANIMALDETECT_NODE_CARRIES_MOCK
NAPI_MODULE_INIT()
{
    mock_define(env, exports);
    return exports;
}
#endif
