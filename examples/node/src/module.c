/* SPDX-License-Identifier: MIT */
/*
 * The module's start, and the way of values between JavaScript and C.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"
#ifdef ANIMALDETECT_NODE_CARRIES_MOCK
#include "../src_mock/mock.h"
#endif

static bool enter(struct call *call, napi_env env, napi_callback_info info)
{
    memset(call, 0, sizeof *call);
    call->env = env;
    call->count = sizeof call->arguments / sizeof call->arguments[0];
    /* Arguments that were not given are filled with undefined. */
    return napi_get_cb_info(env, info, &call->count, call->arguments, &call->self, NULL) == napi_ok;
}

static void refuse(struct call *call, const char *words)
{
    if (!call->failed)
        napi_throw_type_error(call->env, NULL, words);
    call->failed = true;
}

bool call_enter_plain(struct call *call, napi_env env, napi_callback_info info)
{
    return enter(call, env, info);
}

bool call_enter_client(struct call *call, napi_env env, napi_callback_info info)
{
    if (!enter(call, env, info))
        return false;
    call->self_client = client_of(env, call->self);
    if (call->self_client == NULL) {
        refuse(call, "this is not a client");
        return false;
    }
    call->client = client_handle(call->self_client);
    return true;
}

bool call_enter_job(struct call *call, napi_env env, napi_callback_info info)
{
    if (!enter(call, env, info))
        return false;
    call->is_job = job_of(env, call->self, &call->self_job);
    if (!call->is_job) {
        refuse(call, "this is not a job");
        return false;
    }
    call->job = job_handle(call->self_job);
    return true;
}

const char *call_text(struct call *call, size_t index)
{
    napi_value value = call->arguments[index];
    size_t size = 0;
    char *text;

    if (napi_get_value_string_utf8(call->env, value, NULL, 0, &size) != napi_ok) {
        refuse(call, "a string is expected");
        return NULL;
    }
    text = malloc(size + 1);
    if (text == NULL || napi_get_value_string_utf8(call->env, value, text, size + 1, &size) != napi_ok) {
        free(text);
        refuse(call, "the string cannot be read");
        return NULL;
    }
    call->texts[call->text_count++] = text;
    if (strlen(text) != size)
        refuse(call, "a string must not contain a NUL character");
    return text;
}

double call_real(struct call *call, size_t index)
{
    double number = NAN;

    if (napi_get_value_double(call->env, call->arguments[index], &number) != napi_ok)
        refuse(call, "a number is expected");
    return number;
}

/* Within what a double holds exactly. */
static int64_t whole(struct call *call, size_t index, int64_t least, int64_t most)
{
    double number = call_real(call, index);

    if (call->failed)
        return 0;
    if (!isfinite(number) || floor(number) != number) {
        refuse(call, "a whole number is expected");
        return 0;
    }
    if (number < (double)least || number > (double)most) {
        refuse(call, "the number is out of range");
        return 0;
    }
    return (int64_t)number;
}

int32_t call_int32(struct call *call, size_t index)
{
    return (int32_t)whole(call, index, INT32_MIN, INT32_MAX);
}

int64_t call_int64(struct call *call, size_t index)
{
    return whole(call, index, -9007199254740992, 9007199254740992);
}

int64_t call_size(struct call *call, size_t index)
{
    return whole(call, index, 0, 9007199254740992);
}

const void *call_bytes(struct call *call, size_t index, size_t *size)
{
    void *bytes = NULL;
    bool is_bytes = false;

    *size = 0;
    if (napi_is_buffer(call->env, call->arguments[index], &is_bytes) != napi_ok || !is_bytes ||
        napi_get_buffer_info(call->env, call->arguments[index], &bytes, size) != napi_ok)
        refuse(call, "a Buffer or Uint8Array is expected");
    return bytes;
}

struct client *call_client(struct call *call, size_t index)
{
    struct client *client = client_of(call->env, call->arguments[index]);

    if (client == NULL)
        refuse(call, "a client is expected");
    return client;
}

napi_value call_answer(struct call *call, napi_value answer)
{
    while (call->text_count > 0)
        free(call->texts[--call->text_count]);
    return call->failed ? NULL : answer;
}

napi_value call_leave(struct call *call, int32_t status)
{
    /* The library returns E_INVALID_ARGUMENT for no handle at all; for the host that is a closed one. */
    if (call->self_client != NULL && call->client == NULL)
        status = ANIMALDETECT_E_CLIENT_FREED;
    if (call->is_job && call->job == NULL)
        status = ANIMALDETECT_E_STATE;
    return call_answer(call, value_number(call->env, status));
}

napi_value value_number(napi_env env, double number)
{
    napi_value value = NULL;

    (void)napi_create_double(env, number, &value);
    return value;
}

napi_value value_null(napi_env env)
{
    napi_value value = NULL;

    (void)napi_get_null(env, &value);
    return value;
}

napi_value value_sized(napi_env env, const char *text, size_t size)
{
    napi_value value = NULL;

    if (text == NULL || napi_create_string_utf8(env, text, size, &value) != napi_ok)
        return value_null(env);
    return value;
}

napi_value value_text(napi_env env, const char *text)
{
    return value_sized(env, text, NAPI_AUTO_LENGTH);
}

void value_set(napi_env env, napi_value object, const char *name, napi_value value)
{
    (void)napi_set_named_property(env, object, name, value);
}

void define_function(napi_env env, napi_value exports, const char *name, napi_callback function)
{
    napi_value value = NULL;

    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value) == napi_ok)
        value_set(env, exports, name, value);
}

static napi_value status_name(napi_env env, napi_callback_info info)
{
    struct call call;

    return enter(&call, env, info) ? call_answer(&call, value_text(env, animaldetect_status_name(call_int32(&call, 0))))
                                   : NULL;
}

static napi_value status_text(napi_env env, napi_callback_info info)
{
    struct call call;

    return enter(&call, env, info) ? call_answer(&call, value_text(env, animaldetect_status_text(call_int32(&call, 0))))
                                   : NULL;
}

static napi_value status_is_retriable(napi_env env, napi_callback_info info)
{
    struct call call;

    if (!enter(&call, env, info))
        return NULL;
    return call_answer(&call, value_number(env, animaldetect_status_is_retriable(call_int32(&call, 0))));
}

static napi_value status_scope(napi_env env, napi_callback_info info)
{
    struct call call;

    if (!enter(&call, env, info))
        return NULL;
    return call_answer(&call, value_number(env, animaldetect_status_scope(call_int32(&call, 0))));
}

/* What this build is and can do, by name. */
static napi_value features(napi_env env, napi_callback_info info)
{
    napi_value object = NULL;
    const char *name;

    (void)info;
    (void)napi_create_object(env, &object);
    for (size_t i = 0; (name = animaldetect_feature_name(i)) != NULL; i++)
        value_set(env, object, name, value_text(env, animaldetect_feature_text(name)));
    return object;
}

/* Names of all statistics by their number, or of the gauges only. */
static napi_value list_statistics(napi_env env, bool gauges_only)
{
    napi_value array = NULL;
    uint32_t count = 0;
    const char *name;

    (void)napi_create_array(env, &array);
    for (int32_t which = 0; (name = animaldetect_statistic_name(which)) != NULL; which++)
        if (!gauges_only || animaldetect_statistic_is_gauge(which))
            (void)napi_set_element(env, array, count++, value_text(env, name));
    return array;
}

static napi_value statistic_names(napi_env env, napi_callback_info info)
{
    (void)info;
    return list_statistics(env, false);
}

static napi_value gauges(napi_env env, napi_callback_info info)
{
    (void)info;
    return list_statistics(env, true);
}

/* A later version of the same major runs, before 1.0 one of the same minor. */
static bool version_fits(int32_t loaded, int32_t compiled)
{
    return loaded >= compiled && loaded >> 16 == compiled >> 16 && (compiled >> 16 > 0 || loaded >> 8 == compiled >> 8);
}

NAPI_MODULE_INIT()
{
    char words[128];

    if (!version_fits(animaldetect_version_number(), ANIMALDETECT_VERSION_NUMBER)) {
        (void)snprintf(words, sizeof words, "libanimaldetect %s is loaded, and the addon was built with %s",
                       animaldetect_version(), ANIMALDETECT_VERSION);
        napi_throw_error(env, NULL, words);
        return NULL;
    }
    value_set(env, exports, "version", value_text(env, animaldetect_version()));
    define_function(env, exports, "status_name", status_name);
    define_function(env, exports, "status_text", status_text);
    define_function(env, exports, "status_is_retriable", status_is_retriable);
    define_function(env, exports, "status_scope", status_scope);
    define_function(env, exports, "features", features);
    define_function(env, exports, "statistic_names", statistic_names);
    define_function(env, exports, "gauges", gauges);
    client_define(env, exports);
    job_define(env, exports);
    result_define(env, exports);
#ifdef ANIMALDETECT_NODE_CARRIES_MOCK
    mock_define(env, exports);
#endif
    return exports;
}
