/* SPDX-License-Identifier: MIT */
/*
 * The class Client: setters, the log, and the client's descriptor in the event loop of Node.js.
 *
 * The descriptor is watched by a uv_poll_t while calls are in flight, which also keeps the process alive as long as it
 * has something to wait for.  When it is readable the library iterates; if that completed a call or logged something,
 * the function given to the constructor is called, which calls `take`.  The watch is closed with the client, or by the
 * hook that runs when its environment ends (a worker that is terminated).
 *
 * With many calls in flight the network has something every fraction of a millisecond, and a turn of the event loop
 * costs more than what there is to do.  Then the descriptor is looked at once in a millisecond, until there was
 * nothing.
 */
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "addon.h"
#include "transport_tag.h"

/* Completed calls that one `take` returns, so that other users of the event loop are served between. */
#define BATCH 64
/* How often the descriptor is looked at under load; and how many wakes in a row, each within that time of the one
 * before, are load. */
#define INTERVAL_MS 1
#define LOAD 16

/* One record of the log, copied. */
struct line {
    struct line *next;
    int32_t level, step, http_status;
    int64_t duration_ms;
    intptr_t job; /* the number that index.js gave it; 0 for none */
    char *text, *job_id, *request_id;
};

struct watch {
    uv_poll_t poll;
    uv_timer_t timer;   /* under load, in place of the poll */
    uint64_t last_wake; /* as uv_hrtime counts */
    int wakes;
    int64_t looks; /* for the tests */
    int open;      /* handles of libuv */
    napi_env env;
    struct client *client; /* NULL once the client is closed */
    napi_async_context context;
    napi_async_cleanup_hook_handle hook;
    bool active;
};

struct client {
    animaldetect_client *handle; /* NULL once closed */
    struct watch *watch;         /* NULL until it is needed */
    napi_ref ready;     /* the function; strong only while the watch is active, or the client could not be collected */
    struct line *lines; /* of the log, not handed out yet, the oldest first */
    struct line **last;
    int depth;        /* callbacks that run JavaScript */
    bool has_readers; /* an image was set whose reader is JavaScript */

    /* One iteration of the library, and the calls that have completed, until `take` returns them. */
    bool is_collected;
    int32_t status; /* of the iteration */
    uint32_t completed;
    struct {
        intptr_t job; /* the number that index.js gave it */
        int32_t status;
    } completions[BATCH];
};

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

/* ---- the log: kept here, handed out by take_log; no JavaScript runs while the client is locked ---- */

static void free_line(struct line *line)
{
    free(line->text);
    free(line->job_id);
    free(line->request_id);
    free(line);
}

static void free_lines(struct line *line)
{
    while (line != NULL) {
        struct line *next = line->next;

        free_line(line);
        line = next;
    }
}

static char *copy_text(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

/* Without memory a record is lost, or a text of it. */
static void keep_line(void *user, const animaldetect_log_record *record)
{
    struct client *client = user;
    const animaldetect_job *job = animaldetect_log_job(record);
    struct line *line = malloc(sizeof *line);

    if (line == NULL)
        return;
    *line = (struct line){.level = animaldetect_log_level(record),
                          .step = animaldetect_log_step(record),
                          .http_status = animaldetect_log_http_status(record),
                          .duration_ms = animaldetect_log_duration_ms(record),
                          .job = (intptr_t)animaldetect_job_user_data(job),
                          .text = copy_text(animaldetect_log_text(record)),
                          .job_id = copy_text(animaldetect_job_id(job)),
                          .request_id = copy_text(animaldetect_log_request_id(record))};
    *client->last = line;
    client->last = &line->next;
}

static napi_value line_value(napi_env env, const struct line *line)
{
    napi_value object = NULL;

    (void)napi_create_object(env, &object);
    value_set(env, object, "level", value_number(env, line->level));
    value_set(env, object, "text", value_text(env, line->text));
    value_set(env, object, "job", value_number(env, (double)line->job));
    value_set(env, object, "jobId", value_text(env, line->job_id));
    value_set(env, object, "step", value_number(env, line->step));
    value_set(env, object, "httpStatus", value_number(env, line->http_status));
    value_set(env, object, "requestId", value_text(env, line->request_id));
    value_set(env, object, "durationMs",
              line->duration_ms < 0 ? value_null(env) : value_number(env, (double)line->duration_ms));
    return object;
}

/* The records that were kept, the oldest first. */
static napi_value client_take_log(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value array = NULL;
    struct line *line;
    uint32_t count = 0;

    if (!call_enter_client(&call, env, info))
        return NULL;
    (void)napi_create_array(env, &array);
    while ((line = call.self_client->lines) != NULL) {
        (void)napi_set_element(env, array, count++, line_value(env, line));
        call.self_client->lines = line->next;
        free_line(line);
    }
    call.self_client->last = &call.self_client->lines;
    return call_answer(&call, array);
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

/* ---- the watch ---- */

static void on_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;

    if (--watch->open > 0)
        return;
    (void)napi_remove_async_cleanup_hook(watch->hook);
    free(watch);
}

static void close_watch(struct client *client)
{
    struct watch *watch = client->watch;

    if (watch == NULL)
        return;
    client->watch = NULL;
    watch->client = NULL;
    if (watch->active)
        (void)napi_reference_unref(watch->env, client->ready, NULL);
    (void)napi_async_destroy(watch->env, watch->context);
    uv_close((uv_handle_t *)&watch->poll, on_closed);
    uv_close((uv_handle_t *)&watch->timer, on_closed);
}

static void close_client(struct client *client)
{
    animaldetect_client *handle = client->handle;

    /* First the watch: the descriptor must not be closed, and its number used again, while it is watched. */
    close_watch(client);
    client->handle = NULL;
    animaldetect_client_free(handle);
}

/* The environment ends. */
static void on_cleanup(napi_async_cleanup_hook_handle hook, void *data)
{
    struct watch *watch = data;

    (void)hook;
    if (watch->client != NULL)
        close_client(watch->client);
}

/* One iteration. */
static void collect(struct client *client)
{
    animaldetect_job *job = NULL;

    client->is_collected = true;
    client->completed = 0;
    client->status = animaldetect_client_process(client->handle);
    while (client->status == ANIMALDETECT_OK && client->completed < BATCH &&
           animaldetect_client_next_done(client->handle, &job) == ANIMALDETECT_OK) {
        client->completions[client->completed].job = (intptr_t)animaldetect_job_user_data(job);
        client->completions[client->completed++].status = animaldetect_job_status(job);
    }
}

/* Most iterations complete no call: JavaScript, which costs more than they do, is entered only if it has work to do. */
static bool has_work(struct client *client)
{
    if (client->has_readers) /* they are JavaScript: `take` iterates inside of a callback of Node.js */
        return true;
    if (!client->is_collected)
        collect(client);
    if (client->status != ANIMALDETECT_OK || client->completed > 0 || client->lines != NULL)
        return true;
    client->is_collected = false;
    return false;
}

static void iterate(struct watch *watch)
{
    napi_env env = watch->env;
    napi_handle_scope scope;
    napi_value function = NULL, receiver = NULL, failure = NULL;

    if (napi_open_handle_scope(env, &scope) != napi_ok)
        return;
    if (has_work(watch->client)) {
        (void)napi_get_reference_value(env, watch->client->ready, &function);
        (void)napi_get_global(env, &receiver);
        if (napi_make_callback(env, watch->context, receiver, function, 0, NULL, NULL) == napi_pending_exception &&
            napi_get_and_clear_last_exception(env, &failure) == napi_ok)
            (void)napi_fatal_exception(env, failure);
    }
    (void)napi_close_handle_scope(env, scope);
}

static bool is_readable(const struct watch *watch)
{
    struct pollfd descriptor = {.fd = animaldetect_client_fd(watch->client->handle), .events = POLLIN};

    return poll(&descriptor, 1, 0) > 0;
}

static void on_readable(uv_poll_t *poll, int status, int events);
static void on_look(uv_timer_t *timer);

static void watch_for_events(struct watch *watch)
{
    uv_timer_stop(&watch->timer);
    uv_poll_start(&watch->poll, UV_READABLE, on_readable);
}

/* What goes on without a pause, such as large images on a fast link, is not made to wait. */
static void iterate_under_load(struct watch *watch)
{
    iterate(watch);
    if (watch->client == NULL || !watch->active) /* JavaScript ran */
        return;
    if (is_readable(watch)) {
        watch_for_events(watch);
    } else {
        uv_poll_stop(&watch->poll);
        uv_timer_start(&watch->timer, on_look, INTERVAL_MS, 0);
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    uint64_t now = uv_hrtime();

    (void)status;
    (void)events;
    watch->wakes = now - watch->last_wake < INTERVAL_MS * UINT64_C(1000000) ? watch->wakes + 1 : 0;
    watch->last_wake = now;
    if (watch->wakes < LOAD)
        iterate(watch);
    else
        iterate_under_load(watch);
}

static void on_look(uv_timer_t *timer)
{
    struct watch *watch = timer->data;

    watch->looks++;
    if (is_readable(watch)) {
        watch->last_wake = uv_hrtime();
        iterate_under_load(watch);
    } else {
        watch->wakes = 0;
        watch_for_events(watch);
    }
}

/* NULL: an exception is pending. */
static struct watch *open_watch(napi_env env, struct client *client, napi_value self)
{
    struct watch *watch = calloc(1, sizeof *watch);
    uv_loop_t *loop = NULL;

    if (watch == NULL || napi_get_uv_event_loop(env, &loop) != napi_ok ||
        napi_async_init(env, self, value_text(env, "animaldetect"), &watch->context) != napi_ok ||
        uv_poll_init(loop, &watch->poll, animaldetect_client_fd(client->handle)) != 0) {
        free(watch);
        napi_throw_error(env, NULL, "the client's descriptor cannot be watched");
        return NULL;
    }
    (void)uv_timer_init(loop, &watch->timer); /* cannot fail */
    watch->env = env;
    watch->client = client;
    watch->poll.data = watch;
    watch->timer.data = watch;
    watch->open = 2;
    (void)napi_add_async_cleanup_hook(env, on_cleanup, watch, &watch->hook);
    return watch;
}

/* watch(active) */
static napi_value client_watch(napi_env env, napi_callback_info info)
{
    struct call call;
    struct client *client;
    bool active = false;

    if (!call_enter_client(&call, env, info))
        return NULL;
    client = call.self_client;
    (void)napi_get_value_bool(env, call.arguments[0], &active);
    if (call.client == NULL)
        return call_leave(&call, ANIMALDETECT_E_CLIENT_FREED);
    if (client->watch == NULL && (client->watch = open_watch(env, client, call.self)) == NULL)
        return NULL;
    if (active && !client->watch->active) {
        (void)napi_reference_ref(env, client->ready, NULL);
        watch_for_events(client->watch);
    } else if (!active && client->watch->active) {
        uv_poll_stop(&client->watch->poll);
        uv_timer_stop(&client->watch->timer);
        (void)napi_reference_unref(env, client->ready, NULL);
    }
    client->watch->active = active;
    return call_leave(&call, ANIMALDETECT_OK);
}

/* looks(): how often the descriptor was looked at under load */
static napi_value client_looks(napi_env env, napi_callback_info info)
{
    struct call call;
    struct watch *watch;

    if (!call_enter_client(&call, env, info))
        return NULL;
    watch = call.self_client->watch;
    return call_answer(&call, value_number(env, watch == NULL ? 0 : (double)watch->looks));
}

/* The calls that have completed: an array of number, status, number, status... */
static napi_value client_take(napi_env env, napi_callback_info info)
{
    struct call call;
    struct client *client;
    napi_value array = NULL;

    if (!call_enter_client(&call, env, info))
        return NULL;
    client = call.self_client;
    if (!client->is_collected)
        collect(client);
    client->is_collected = false;
    if (client->status != ANIMALDETECT_OK)
        return call_leave(&call, client->status);
    (void)napi_create_array(env, &array);
    for (uint32_t i = 0; i < client->completed; i++) {
        (void)napi_set_element(env, array, 2 * i, value_number(env, (double)client->completions[i].job));
        (void)napi_set_element(env, array, 2 * i + 1, value_number(env, client->completions[i].status));
    }
    return call_answer(&call, array);
}

/* ---- the rest ---- */

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
    free_lines(client->lines);
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
