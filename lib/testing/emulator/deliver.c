/* SPDX-License-Identifier: MIT */
/*
 * Delivers responses.  A plain one is a single buffer; only unusual ones use a reader.  A reset is a close with
 * SO_LINGER 0, which makes the kernel send RST instead of FIN.
 */
#include "testing/emulator/deliver.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define BLOCK_BYTES 16384

/* A body sent as planned. */
struct sender {
    struct emu_timers *timers;
    struct MHD_Connection *connection;
    char *body;
    size_t send_size;
    size_t declared_size;
    int64_t bytes_per_second;
    int64_t begun_ms;
};

static enum MHD_Result reset(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    return MHD_NO;
}

/* How many bytes may be sent by now; suspends the connection and returns 0 if it must wait. */
static size_t allowed(const struct sender *sender, size_t position)
{
    int64_t passed_ms = emu_clock_ms() - sender->begun_ms;
    int64_t total = passed_ms * sender->bytes_per_second / 1000 + 1;
    int64_t due_ms = ((int64_t)position * 1000 + sender->bytes_per_second - 1) / sender->bytes_per_second;

    if (total > (int64_t)position)
        return (size_t)total - position;
    if (due_ms <= passed_ms)
        due_ms = passed_ms + 1;
    emu_timers_park(sender->timers, sender->connection, sender->begun_ms + due_ms);
    return 0;
}

static ssize_t read_sender(void *context, uint64_t position, char *buffer, size_t max)
{
    const struct sender *sender = context;
    size_t at = (size_t)position;
    size_t size;

    if (at >= sender->send_size)
        return sender->send_size < sender->declared_size ? MHD_CONTENT_READER_END_WITH_ERROR
                                                         : MHD_CONTENT_READER_END_OF_STREAM;
    size = sender->send_size - at;
    if (size > max)
        size = max;
    if (sender->bytes_per_second > 0) {
        size_t limit = allowed(sender, at);

        if (size > limit)
            size = limit;
    }
    memcpy(buffer, sender->body + at, size);
    return (ssize_t)size;
}

static void free_sender(void *context)
{
    struct sender *sender = context;

    free(sender->body);
    free(sender);
}

static struct MHD_Response *planned(struct emu_timers *timers, struct MHD_Connection *connection,
                                    struct svc_response *response)
{
    struct sender *sender = calloc(1, sizeof(*sender));

    if (!sender)
        return NULL;
    *sender = (struct sender){.timers = timers,
                              .connection = connection,
                              .body = response->body,
                              .send_size = response->send_size,
                              .declared_size = response->declared_size,
                              .bytes_per_second = response->bytes_per_second,
                              .begun_ms = emu_clock_ms()};
    response->body = NULL;
    return MHD_create_response_from_callback(sender->send_size > sender->declared_size ? MHD_SIZE_UNKNOWN
                                                                                       : sender->declared_size,
                                             BLOCK_BYTES, read_sender, sender, free_sender);
}

static struct MHD_Response *whole(struct svc_response *response)
{
    struct MHD_Response *made;

    if (!response->body)
        return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    made = MHD_create_response_from_buffer(response->send_size, response->body, MHD_RESPMEM_MUST_FREE);
    response->body = NULL;
    return made;
}

/*
 * A Content-Length smaller than the body. libmicrohttpd adds its own unless the size is unknown, and only in this mode
 * does it not use chunks; the connection closes afterwards.
 */
static void lie_about_length(struct MHD_Response *made, const struct svc_response *response)
{
    char text[32];

    MHD_set_response_options(made, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT | MHD_RF_INSANITY_HEADER_CONTENT_LENGTH,
                             MHD_RO_END);
    (void)snprintf(text, sizeof(text), "%zu", response->declared_size);
    MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_LENGTH, text);
}

static enum MHD_Result send_answer(struct emu_timers *timers, struct MHD_Connection *connection,
                                   struct svc_response *response)
{
    bool longer = response->send_size > response->declared_size;
    bool plain = response->send_size == response->declared_size && response->bytes_per_second == 0;
    struct MHD_Response *made;
    enum MHD_Result result;

    made = plain ? whole(response) : planned(timers, connection, response);
    if (!made)
        return MHD_NO;
    for (size_t i = 0; i < response->header_count; i++)
        MHD_add_response_header(made, response->headers[i].name, response->headers[i].value);
    if (longer)
        lie_about_length(made, response);
    result = MHD_queue_response(connection, (unsigned int)response->status, made);
    MHD_destroy_response(made);
    return result;
}

enum MHD_Result emu_deliver(struct emu_timers *timers, struct MHD_Connection *connection, struct emu_delivery *delivery,
                            struct svc_response *response)
{
    bool reset_now = response->delivery == SVC_RESET_BEFORE || response->delivery == SVC_RESET_AFTER;

    if (delivery->step == EMU_STEP_STALLED)
        return MHD_NO;
    if (delivery->step == EMU_STEP_NEW && response->delay_ms > 0) {
        delivery->step = EMU_STEP_DELAYED;
        delivery->due_ms = emu_clock_ms() + response->delay_ms;
        return emu_timers_park(timers, connection, delivery->due_ms) ? MHD_YES : MHD_NO;
    }
    if (reset_now)
        return reset(connection);
    if (response->delivery == SVC_STALL) {
        delivery->step = EMU_STEP_STALLED;
        return emu_timers_park(timers, connection, INT64_MAX) ? MHD_YES : MHD_NO;
    }
    delivery->step = EMU_STEP_SENT;
    return send_answer(timers, connection, response);
}
