/* SPDX-License-Identifier: MIT */
/*
 * The class Job: setters, steps that begin a call, and everything that can be read in one object.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"

/* A closed job has none: it is freed at once, so that nothing is left to do for the garbage collector. */
struct job {
    animaldetect_job *handle; /* NULL when it could not be made */
    struct client *client;    /* of the JavaScript object that this one's keeps alive */
};

/* Bytes or a reader that the library uses until it calls `release_lent`. */
struct lent {
    napi_env env;
    napi_ref object;
    struct client *client;
};

const napi_type_tag job_tag = {0x8d0b3a6f5c1e4f27, 0x9a7c2e1f0b4d6853};

animaldetect_job *job_handle(const struct job *job)
{
    return job == NULL ? NULL : job->handle;
}

bool job_of(napi_env env, napi_value object, struct job **job)
{
    void *wrapped = NULL;
    bool is_job = false;

    if (napi_check_object_type_tag(env, object, &job_tag, &is_job) != napi_ok || !is_job)
        return false;
    *job = napi_unwrap(env, object, &wrapped) == napi_ok ? wrapped : NULL;
    return true;
}

METHOD_TEXT(job, set_file)
METHOD_TEXT(job, set_source_url)
METHOD_TEXT(job, set_filename)
METHOD_TEXT(job, set_content_type)
METHOD_TEXT(job, set_sha256)
METHOD_TEXT(job, set_client_reference_id)
METHOD_TEXT(job, set_idempotency_key)
METHOD_TEXT(job, set_country)
METHOD_INT32(job, set_rerun)
METHOD_INT32(job, set_classify)
METHOD_INT32(job, set_metadata)
METHOD_INT32(job, set_smooth_herd)
METHOD_INT32(job, set_top_candidate)
METHOD_INT64(job, set_call_timeout_ms)
METHOD(job, set_threshold, double number = call_real(&call, 0), number)
METHOD(job, set_location, double latitude = call_real(&call, 0);
       double longitude = call_real(&call, 1), latitude, longitude)
METHOD(job, set_option_json, const char *name = call_text(&call, 0); const char *json = call_text(&call, 1), name, json)
METHOD_INT32(job, set_priority)
METHOD_TEXT(job, set_note)
METHOD_PLAIN(job, create_async)
METHOD_PLAIN(job, upload_async)
METHOD_PLAIN(job, submit_async)
METHOD_PLAIN(job, poll_async)
METHOD_PLAIN(job, fetch_async)
METHOD_PLAIN(job, run_async)
METHOD_PLAIN(job, rerun)
METHOD_PLAIN(job, cancel)

/* ---- what the library borrows ---- */

static void release_lent(void *user)
{
    struct lent *lent = user;

    (void)napi_delete_reference(lent->env, lent->object);
    free(lent);
}

/* NULL without memory, or for a closed job. */
static struct lent *lend(struct call *call, size_t index)
{
    struct lent *lent = call->job == NULL ? NULL : malloc(sizeof *lent);

    if (lent == NULL)
        return NULL;
    *lent = (struct lent){.env = call->env, .client = call->self_job->client};
    if (napi_create_reference(call->env, call->arguments[index], 1, &lent->object) != napi_ok) {
        free(lent);
        return NULL;
    }
    return lent;
}

/* set_bytes(buffer): the buffer is kept, and its bytes are not copied */
static napi_value job_set_bytes(napi_env env, napi_callback_info info)
{
    int32_t status = ANIMALDETECT_E_NO_MEMORY;
    struct lent *lent;
    struct call call;
    const void *bytes;
    size_t size = 0;

    if (!call_enter_job(&call, env, info))
        return NULL;
    bytes = call_bytes(&call, 0, &size);
    lent = call.failed ? NULL : lend(&call, 0);
    if (lent != NULL) {
        status = animaldetect_job_set_bytes_borrowed(call.job, bytes, size, lent, release_lent);
        if (status != ANIMALDETECT_OK)
            release_lent(lent);
    }
    return call_leave(&call, status);
}

/* Bytes into `buffer`, or a number.  More bytes than fit are counted and not copied: the library refuses them. */
static int64_t read_answer(napi_env env, napi_value answer, uint8_t *buffer, size_t size)
{
    bool is_bytes = false;
    int64_t number = -1;
    void *bytes = NULL;
    size_t count = 0;

    if (napi_is_buffer(env, answer, &is_bytes) != napi_ok || !is_bytes)
        return napi_get_value_int64(env, answer, &number) == napi_ok ? number : -1;
    if (napi_get_buffer_info(env, answer, &bytes, &count) != napi_ok)
        return -1;
    if (count > 0 && count <= size)
        memcpy(buffer, bytes, count);
    return (int64_t)count;
}

/* Calls a method of the reader.  job.js catches what it throws; what is thrown all the same, as when a worker is
 * terminated, is a failure of the reader. */
static int64_t ask_reader(const struct lent *lent, const char *method, uint8_t *buffer, size_t size)
{
    napi_value reader = NULL, function = NULL, failure = NULL, answer = NULL;
    napi_value argument;
    napi_handle_scope scope;
    napi_env env = lent->env;
    int64_t number = -1;

    if (napi_open_handle_scope(env, &scope) != napi_ok)
        return -1;
    ++*client_depth(lent->client);
    argument = value_number(env, (double)size);
    if (napi_get_reference_value(env, lent->object, &reader) == napi_ok &&
        napi_get_named_property(env, reader, method, &function) == napi_ok &&
        napi_call_function(env, reader, function, 1, &argument, &answer) == napi_ok)
        number = read_answer(env, answer, buffer, size);
    else
        (void)napi_get_and_clear_last_exception(env, &failure);
    --*client_depth(lent->client);
    (void)napi_close_handle_scope(env, scope);
    return number;
}

static int64_t read_reader(void *user, uint8_t *buffer, size_t size)
{
    return ask_reader(user, "read", buffer, size);
}

static int32_t rewind_reader(void *user)
{
    return (int32_t)ask_reader(user, "rewind", NULL, 0);
}

/* set_reader(size, reader, can_rewind): the reader has read(size), which returns a Buffer or a negative number, and
 * rewind(), which returns 0 or a negative number */
static napi_value job_set_reader(napi_env env, napi_callback_info info)
{
    int32_t status = ANIMALDETECT_E_NO_MEMORY;
    bool can_rewind = false;
    struct lent *lent;
    struct call call;
    int64_t size;

    if (!call_enter_job(&call, env, info))
        return NULL;
    size = call_size(&call, 0);
    (void)napi_get_value_bool(env, call.arguments[2], &can_rewind);
    lent = call.failed ? NULL : lend(&call, 1);
    if (lent != NULL) {
        client_expect_reader(lent->client);
        status = animaldetect_job_set_reader(call.job, (uint64_t)size, read_reader, can_rewind ? rewind_reader : NULL,
                                             lent, release_lent);
        if (status != ANIMALDETECT_OK)
            release_lent(lent);
    }
    return call_leave(&call, status);
}

/* The text, or a status. */
static napi_value job_save(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value value;
    char *text = NULL;
    size_t size = 0;
    int32_t status;

    if (!call_enter_job(&call, env, info))
        return NULL;
    status = animaldetect_job_save(call.job, &text, &size);
    if (status != ANIMALDETECT_OK)
        return call_leave(&call, status);
    value = value_sized(env, text, size);
    animaldetect_text_free(text);
    return call_answer(&call, value);
}

/* The result, or a status. */
static napi_value job_result(napi_env env, napi_callback_info info)
{
    animaldetect_result *result = NULL;
    struct call call;
    napi_value value;
    int32_t status;

    if (!call_enter_job(&call, env, info))
        return NULL;
    status = animaldetect_job_result(call.job, &result);
    if (status != ANIMALDETECT_OK)
        return call_leave(&call, status);
    value = result_value(env, result);
    animaldetect_result_free(result);
    return call_answer(&call, value);
}

/* The result as the service sent it, or null. */
static napi_value job_result_json(napi_env env, napi_callback_info info)
{
    struct call call;
    const char *text;
    size_t size = 0;

    if (!call_enter_job(&call, env, info))
        return NULL;
    if (call.job == NULL)
        return call_leave(&call, ANIMALDETECT_E_STATE);
    text = animaldetect_job_result_json(call.job, &size);
    return call_answer(&call, value_sized(env, text, size));
}

static void read_texts(napi_env env, napi_value object, const animaldetect_job *job)
{
    static const struct {
        const char *name;
        const char *(*read)(const animaldetect_job *job);
    } fields[] = {{"id", animaldetect_job_id},
                  {"operation", animaldetect_job_operation},
                  {"filename", animaldetect_job_filename},
                  {"path", animaldetect_job_path},
                  {"sourceUrl", animaldetect_job_source_url},
                  {"clientReferenceId", animaldetect_job_client_reference_id},
                  {"note", animaldetect_job_note},
                  {"stateText", animaldetect_job_state_text},
                  {"message", animaldetect_job_message},
                  {"serviceCode", animaldetect_job_service_code},
                  {"serviceMessage", animaldetect_job_service_message},
                  {"requestId", animaldetect_job_request_id},
                  {"expiresAt", animaldetect_job_expires_at},
                  {"uploadExpiresAt", animaldetect_job_upload_expires_at},
                  {"idempotencyKey", animaldetect_job_idempotency_key},
                  {"sha256", animaldetect_job_sha256}};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        value_set(env, object, fields[i].name, value_text(env, fields[i].read(job)));
}

static void read_numbers(napi_env env, napi_value object, const animaldetect_job *job)
{
    static const struct {
        const char *name;
        int32_t (*read)(const animaldetect_job *job);
    } fields[] = {{"status", animaldetect_job_status},
                  {"state", animaldetect_job_state},
                  {"stage", animaldetect_job_stage},
                  {"httpStatus", animaldetect_job_http_status},
                  {"failedStep", animaldetect_job_failed_step},
                  {"attempts", animaldetect_job_attempts},
                  {"rerunNumber", animaldetect_job_rerun_number},
                  {"priority", animaldetect_job_priority},
                  {"polls", animaldetect_job_polls}};
    napi_value steps = NULL;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        value_set(env, object, fields[i].name, value_number(env, fields[i].read(job)));
    value_set(env, object, "retryAfterMs", value_number(env, (double)animaldetect_job_retry_after_ms(job)));
    value_set(env, object, "uploadSent", value_number(env, (double)animaldetect_job_upload_sent(job)));
    value_set(env, object, "uploadTotal", value_number(env, (double)animaldetect_job_upload_total(job)));
    (void)napi_create_array(env, &steps);
    for (int32_t step = ANIMALDETECT_STEP_NONE; step <= ANIMALDETECT_STEP_FETCH; step++)
        (void)napi_set_element(env, steps, (uint32_t)step,
                               value_number(env, (double)animaldetect_job_step_ms(job, step)));
    value_set(env, object, "stepMs", steps);
}

static napi_value job_read(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value object = NULL;

    if (!call_enter_job(&call, env, info))
        return NULL;
    if (call.job == NULL)
        return call_leave(&call, ANIMALDETECT_E_STATE);
    (void)napi_create_object(env, &object);
    read_texts(env, object, call.job);
    read_numbers(env, object, call.job);
    return call_answer(&call, object);
}

static void finalize(napi_env env, void *data, void *hint)
{
    struct job *job = data;

    (void)env;
    (void)hint;
    animaldetect_job_free(job->handle);
    free(job);
}

static napi_value job_close(napi_env env, napi_callback_info info)
{
    struct call call;

    if (!call_enter_job(&call, env, info))
        return NULL;
    if (call.self_job != NULL && napi_remove_wrap(env, call.self, NULL) == napi_ok)
        finalize(env, call.self_job, NULL);
    return call_answer(&call, NULL);
}

/* new Job(client, kind, text, number): kind 0 an operation, 1 a saved job, 2 a job id.  `status` says whether it is
 * one. */
static napi_value job_new(napi_env env, napi_callback_info info)
{
    struct job *job = calloc(1, sizeof *job);
    animaldetect_client *client;
    const char *text = NULL;
    struct call call;
    int32_t kind = 0, number = 0;
    int32_t status = ANIMALDETECT_E_INVALID_ARGUMENT;

    if (job == NULL || !call_enter_plain(&call, env, info)) {
        free(job);
        return NULL;
    }
    job->client = call_client(&call, 0);
    client = job->client == NULL ? NULL : client_handle(job->client);
    kind = call_int32(&call, 1);
    text = call_text(&call, 2);
    number = call_int32(&call, 3);
    if (client == NULL)
        status = ANIMALDETECT_E_CLIENT_FREED;
    else if (!call.failed && kind == 0)
        status = animaldetect_job_new(client, text, &job->handle);
    else if (!call.failed && kind == 1)
        status = animaldetect_job_restore(client, text, strlen(text), &job->handle);
    else if (!call.failed && kind == 2)
        status = animaldetect_job_attach(client, text, &job->handle);
    /* What a finished job is found by: a number that index.js gave it, so no pointer has to be looked after. */
    if (status == ANIMALDETECT_OK)
        (void)animaldetect_job_set_user_data(job->handle, (void *)(intptr_t)number);
    if (napi_wrap(env, call.self, job, finalize, NULL, NULL) != napi_ok) {
        finalize(env, job, NULL);
        return call_answer(&call, NULL);
    }
    (void)napi_type_tag_object(env, call.self, &job_tag);
    value_set(env, call.self, "status", value_number(env, status));
    return call_answer(&call, call.self);
}

#define ENTRY(name)                                                          \
    {                                                                        \
#name, NULL, job_##name, NULL, NULL, NULL, napi_default_method, NULL \
    }

void job_define(napi_env env, napi_value exports)
{
    const napi_property_descriptor methods[] = {ENTRY(set_file),
                                                ENTRY(set_bytes),
                                                ENTRY(set_reader),
                                                ENTRY(set_source_url),
                                                ENTRY(set_filename),
                                                ENTRY(set_content_type),
                                                ENTRY(set_sha256),
                                                ENTRY(set_client_reference_id),
                                                ENTRY(set_idempotency_key),
                                                ENTRY(set_rerun),
                                                ENTRY(set_call_timeout_ms),
                                                ENTRY(set_priority),
                                                ENTRY(set_note),
                                                ENTRY(set_threshold),
                                                ENTRY(set_country),
                                                ENTRY(set_classify),
                                                ENTRY(set_metadata),
                                                ENTRY(set_smooth_herd),
                                                ENTRY(set_top_candidate),
                                                ENTRY(set_location),
                                                ENTRY(set_option_json),
                                                ENTRY(create_async),
                                                ENTRY(upload_async),
                                                ENTRY(submit_async),
                                                ENTRY(poll_async),
                                                ENTRY(fetch_async),
                                                ENTRY(run_async),
                                                ENTRY(rerun),
                                                ENTRY(cancel),
                                                ENTRY(save),
                                                ENTRY(result),
                                                ENTRY(result_json),
                                                ENTRY(read),
                                                ENTRY(close)};
    napi_value class = NULL;

    if (napi_define_class(env, "Job", NAPI_AUTO_LENGTH, job_new, NULL, sizeof methods / sizeof methods[0], methods,
                          &class) == napi_ok)
        value_set(env, exports, "Job", class);
}
