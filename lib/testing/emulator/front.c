/* SPDX-License-Identifier: MIT */
/*
 * Connects libmicrohttpd's callbacks to the model.  Uploads are hashed as they arrive and not kept; bodies of API
 * requests are kept up to a small limit.  The model is called only with the lock held.  Logs one line per request
 * without its query, which contains signatures.
 */
#include "testing/emulator/front.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testing/emulator/deliver.h"
#include "testing/emulator/server.h"
#include "testing/emulator/timers.h"

#define MAX_REQUEST_HEADERS 64
#define MAX_API_BODY (1024 * 1024)
#define API_CONNECTION_BYTES 32768
#define STORAGE_CONNECTION_BYTES 262144

struct emu_front {
    struct svc *svc;
    bool quiet;
    pthread_mutex_t lock;
    int64_t last_ms; /* the model's time must not decrease */
    struct emu_timers *timers;
    _Atomic(struct emu_server *) api; /* read by the timers' thread while the other one starts */
    _Atomic(struct emu_server *) storage;
};

struct side {
    struct emu_front *front;
    enum svc_place place;
};

/* One request. */
struct exchange {
    char *target; /* raw, including the query */
    bool begun;
    bool answered;
    struct svc_upload *upload;
    char *body;
    size_t body_size;
    bool body_too_large;
    struct svc_response response;
    struct emu_delivery delivery;
};

/* With the lock held. */
static int64_t model_ms(struct emu_front *front)
{
    struct timespec now;
    int64_t ms;

    clock_gettime(CLOCK_REALTIME, &now);
    ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (ms > front->last_ms)
        front->last_ms = ms;
    return front->last_ms;
}

struct collected {
    struct svc_header headers[MAX_REQUEST_HEADERS];
    size_t count;
};

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct collected *collected = context;

    (void)kind;
    if (collected->count == MAX_REQUEST_HEADERS)
        return MHD_NO;
    collected->headers[collected->count++] = (struct svc_header){.name = name, .value = value ? value : ""};
    return MHD_YES;
}

static void request_of(struct svc_request *request, struct collected *collected, const struct exchange *exchange,
                       struct MHD_Connection *connection, const char *method, enum svc_place place)
{
    collected->count = 0;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, collect, collected);
    *request = (struct svc_request){.method = method,
                                    .place = place,
                                    .target = exchange->target,
                                    .headers = collected->headers,
                                    .header_count = collected->count,
                                    .body = exchange->body,
                                    .body_size = exchange->body_size};
}

static void log_request(const struct side *side, const struct exchange *exchange, const char *method)
{
    static const char *const ends[] = {"", " reset before", " reset after", " stalled"};
    int path_size = (int)strcspn(exchange->target, "?");

    if (!side->front->quiet)
        (void)fprintf(stderr, "%s %s%.*s %d%s\n", method, side->place == SVC_STORAGE ? "storage:" : "", path_size,
                      exchange->target, exchange->response.status, ends[exchange->response.delivery]);
}

static enum MHD_Result deliver(const struct side *side, struct exchange *exchange, struct MHD_Connection *connection,
                               const char *method)
{
    if (!exchange->answered)
        log_request(side, exchange, method);
    exchange->answered = true;
    return emu_deliver(side->front->timers, connection, &exchange->delivery, &exchange->response);
}

/* The head has arrived, the body has not. */
static enum MHD_Result begin(const struct side *side, struct exchange *exchange, struct MHD_Connection *connection,
                             const char *method)
{
    struct emu_front *front = side->front;
    struct collected collected;
    struct svc_request request;

    exchange->begun = true;
    if (side->place != SVC_STORAGE)
        return MHD_YES;
    request_of(&request, &collected, exchange, connection, method, side->place);
    pthread_mutex_lock(&front->lock);
    exchange->upload = svc_upload_begin(front->svc, &request, model_ms(front), &exchange->response);
    pthread_mutex_unlock(&front->lock);
    return exchange->upload ? MHD_YES : deliver(side, exchange, connection, method);
}

static void take_body(struct exchange *exchange, const char *bytes, size_t size)
{
    char *grown;

    if (exchange->upload) {
        svc_upload_feed(exchange->upload, bytes, size);
        return;
    }
    if (exchange->body_too_large || size > MAX_API_BODY - exchange->body_size) {
        exchange->body_too_large = true;
        return;
    }
    grown = realloc(exchange->body, exchange->body_size + size);
    if (!grown)
        abort();
    memcpy(grown + exchange->body_size, bytes, size);
    exchange->body = grown;
    exchange->body_size += size;
}

/* The request is complete. */
static enum MHD_Result finish(const struct side *side, struct exchange *exchange, struct MHD_Connection *connection,
                              const char *method)
{
    struct emu_front *front = side->front;
    struct collected collected;
    struct svc_request request;

    if (exchange->body_too_large)
        return MHD_NO;
    request_of(&request, &collected, exchange, connection, method, side->place);
    pthread_mutex_lock(&front->lock);
    if (exchange->upload)
        svc_upload_end(front->svc, exchange->upload, model_ms(front), &exchange->response);
    else
        svc_handle(front->svc, &request, model_ms(front), &exchange->response);
    pthread_mutex_unlock(&front->lock);
    exchange->upload = NULL;
    return deliver(side, exchange, connection, method);
}

static enum MHD_Result on_access(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *bytes, size_t *size, void **slot)
{
    const struct side *side = context;
    struct exchange *exchange = *slot;

    (void)url;
    (void)version;
    if (!exchange)
        return MHD_NO;
    if (exchange->answered) {
        *size = 0;
        return exchange->delivery.step == EMU_STEP_SENT ? MHD_YES : deliver(side, exchange, connection, method);
    }
    if (!exchange->begun)
        return begin(side, exchange, connection, method);
    if (*size > 0) {
        take_body(exchange, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    return finish(side, exchange, connection, method);
}

/* Called with the request line: only here the target is still unmodified. */
static void *on_request_line(void *context, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    (void)context;
    (void)connection;
    if (!exchange)
        return NULL;
    exchange->target = strdup(target);
    if (!exchange->target)
        abort();
    return exchange;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *slot;

    (void)context;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    if (exchange->upload)
        svc_upload_abort(exchange->upload);
    svc_response_clear(&exchange->response);
    free(exchange->target);
    free(exchange->body);
    free(exchange);
    *slot = NULL;
}

/* The front end is the first member, so that its address is the block's.  The sides live as long as their servers. */
struct front_block {
    struct emu_front front;
    struct side api;
    struct side storage;
};

static struct emu_server *serve(struct side *side, int listener, int64_t threads, size_t connection_bytes)
{
    const struct emu_server_calls calls = {.on_access = on_access,
                                           .on_request_line = on_request_line,
                                           .on_completed = on_completed,
                                           .context = side,
                                           .connection_bytes = connection_bytes};

    return emu_server_start(listener, (size_t)threads, &calls);
}

static void wake(void *context)
{
    const struct emu_front *front = context;

    emu_server_wake(front->api);
    emu_server_wake(front->storage);
}

struct emu_front *emu_front_start(struct svc *svc, const struct emu_options *options, int api_socket,
                                  int storage_socket)
{
    struct front_block *block = calloc(1, sizeof(*block));
    struct emu_front *front;

    if (!block)
        return NULL;
    front = &block->front;
    front->svc = svc;
    front->quiet = options->quiet;
    pthread_mutex_init(&front->lock, NULL);
    block->api = (struct side){.front = front, .place = SVC_API};
    block->storage = (struct side){.front = front, .place = SVC_STORAGE};
    front->timers = emu_timers_new(wake, front);
    if (front->timers) {
        front->api = serve(&block->api, api_socket, options->threads, API_CONNECTION_BYTES);
        front->storage = serve(&block->storage, storage_socket, options->threads, STORAGE_CONNECTION_BYTES);
    }
    if (front->api && front->storage)
        return front;
    emu_front_stop(front);
    return NULL;
}

void emu_front_stop(struct emu_front *front)
{
    if (front->timers)
        emu_timers_close(front->timers);
    emu_server_stop(front->api);
    emu_server_stop(front->storage);
    emu_timers_free(front->timers);
    pthread_mutex_destroy(&front->lock);
    free(front);
}
