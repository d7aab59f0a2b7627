/* SPDX-License-Identifier: MIT */
/*
 * The client's descriptor in the event loop of Node.js.
 *
 * It is watched by a uv_poll_t while calls are in flight, which also keeps the process alive as long as it has
 * something to wait for.  When it is readable the library iterates; if that completed a call or logged something, the
 * function given to the constructor is called, which calls `take`.  The watch is closed with the client, or by the hook
 * that runs when its environment ends (a worker that is terminated).
 *
 * With many calls in flight the network has something every fraction of a millisecond, and a turn of the event loop
 * costs more than what there is to do.  Then the descriptor is looked at once in a millisecond, until there was
 * nothing.
 */
#include <poll.h>
#include <stdlib.h>
#include <uv.h>

#include "client.h"

/* How often the descriptor is looked at under load; and how many wakes in a row, each within that time of the one
 * before, are load. */
#define INTERVAL_MS 1
#define LOAD 16

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

static void on_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;

    if (--watch->open > 0)
        return;
    (void)napi_remove_async_cleanup_hook(watch->hook);
    free(watch);
}

void close_watch(struct client *client)
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
napi_value client_watch(napi_env env, napi_callback_info info)
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
napi_value client_looks(napi_env env, napi_callback_info info)
{
    struct call call;
    struct watch *watch;

    if (!call_enter_client(&call, env, info))
        return NULL;
    watch = call.self_client->watch;
    return call_answer(&call, value_number(env, watch == NULL ? 0 : (double)watch->looks));
}

/* The calls that have completed: an array of number, status, number, status... */
napi_value client_take(napi_env env, napi_callback_info info)
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
