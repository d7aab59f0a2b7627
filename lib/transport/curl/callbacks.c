/* SPDX-License-Identifier: MIT */
/*
 * libcurl's callbacks on one slot: headers and body of the response in, body of the request out. They only read, copy
 * and count; errors are stored in the slot (`fault`) and end the transfer. A request must never succeed with other
 * bytes than its source promised.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "animaldetect/types.h"
#include "base/text.h"
#include "transport/curl/private.h"

#define MAX_HEADER_BYTES ((size_t)256 * 1024) /* of one response, including status lines and trailers */

/* "HTTP/1.1 200 OK", "HTTP/2 200": the code, or 0. */
static int32_t slot_status_of(const char *line, size_t size)
{
    const char *blank = memchr(line, ' ', size);
    int32_t status = 0;

    if (blank == NULL || (size_t)(blank - line) + 4 > size)
        return 0;
    for (int i = 1; i <= 3; i++) {
        if (blank[i] < '0' || blank[i] > '9')
            return 0;
        status = status * 10 + (blank[i] - '0');
    }
    return status;
}

/* libcurl decodes transfer codings that were not requested, and keeps those of interim responses. */
static void forward(struct ad_slot *slot, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    const char *value;
    size_t value_size;

    /* A continuation line (obsolete folding) is ignored. */
    if (colon == NULL || colon == line || ad_text_is_blank(line[0]))
        return;
    value = colon + 1;
    value_size = size - (size_t)(value - line);
    while (value_size > 0 && ad_text_is_blank(value[0])) {
        value++;
        value_size--;
    }
    while (value_size > 0 && ad_text_is_blank(value[value_size - 1]))
        value_size--;
    ad_coding_header(&slot->coding, line, (size_t)(colon - line), value, value_size);
    if (slot->answer.status < 200 || slot->transfer->on_header == NULL)
        return;
    slot->transfer->on_header(slot->transfer, line, (size_t)(colon - line), value, value_size);
}

static bool has_body(int32_t status)
{
    return status != 204 && status != 304;
}

size_t ad_slot_on_header(char *line, size_t size, size_t count, void *context)
{
    struct ad_slot *slot = context;
    struct ad_slot_answer *answer = &slot->answer;
    size_t length = size * count;
    size_t text = length;

    if (length > MAX_HEADER_BYTES - answer->header_bytes) {
        slot->fault = AD_NET_TOO_LARGE;
        (void)snprintf(slot->words, sizeof slot->words, "the response headers are longer than %zu bytes", MAX_HEADER_BYTES);
        return 0;
    }
    answer->header_bytes += length;
    while (text > 0 && (line[text - 1] == '\n' || line[text - 1] == '\r'))
        text--;
    if (answer->complete)
        return length;
    if (text == 0 && answer->status >= 200) {
        answer->complete = true;
        /* Before any byte of the body is decoded. */
        if (slot->coding.kind == AD_CODING_TRANSFER && has_body(answer->status)) {
            slot->fault = AD_NET_CODED;
            return 0;
        }
    } else if (text >= 5 && memcmp(line, "HTTP/", 5) == 0)
        answer->status = slot_status_of(line, text);
    else if (answer->status > 0)
        forward(slot, line, text);
    ad_slot_time_answer(slot);
    return length;
}

size_t ad_slot_on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct ad_slot *slot = context;
    struct ad_transfer *transfer = slot->transfer;
    size_t length = size * count;
    int32_t status = ANIMALDETECT_E_ANSWER_TOO_LARGE;

    if (slot->coding.kind != AD_CODING_NONE) {
        slot->fault = AD_NET_CODED;
        return length + 1;
    }
    if (length <= transfer->answer_limit && slot->answer.body_bytes <= transfer->answer_limit - length)
        status = ad_buf_add(&transfer->answer, bytes, length);
    if (status != ANIMALDETECT_OK) {
        slot->fault = status == ANIMALDETECT_E_NO_MEMORY ? AD_NET_NO_MEMORY : AD_NET_TOO_LARGE;
        if (slot->fault == AD_NET_TOO_LARGE)
            (void)snprintf(slot->words, sizeof slot->words, "the response body is longer than %" PRIu64 " bytes",
                           transfer->answer_limit);
        /* libcurl never takes one more than given for success, nor for a pause. */
        return length + 1;
    }
    slot->answer.body_bytes += length;
    return length;
}

static size_t slot_refuse(struct ad_slot *slot, int32_t status)
{
    slot->fault = AD_NET_BODY;
    slot->transfer->body_status = status;
    return CURL_READFUNC_ABORT;
}

size_t ad_slot_on_read(char *buffer, size_t size, size_t count, void *context)
{
    struct ad_slot *slot = context;
    struct ad_transfer *transfer = slot->transfer;
    const struct ad_body *body = &transfer->body;
    uint64_t left = body->size - slot->body_given;
    size_t room = size * count;
    int64_t got;

    if (!slot->body_rewound) {
        int32_t status = body->ops->rewind(body->context);

        if (status != ANIMALDETECT_OK)
            return slot_refuse(slot, status);
        slot->body_rewound = true;
    }
    if (room > left)
        room = (size_t)left;
    if (room == 0)
        return 0;
    got = body->ops->read(body->context, (uint8_t *)buffer, room);
    if (got < 0)
        return slot_refuse(slot, got >= INT32_MIN ? (int32_t)got : ANIMALDETECT_E_READER);
    if (got == 0 || (uint64_t)got > room)
        return slot_refuse(slot, ANIMALDETECT_E_READER);
    slot->body_given += (uint64_t)got;
    transfer->sent = slot->body_given;
    if (slot->body_given == body->size)
        ad_slot_time_answer(slot);
    return (size_t)got;
}

/* libcurl only ever rewinds: when a kept connection was dead and it sends the request again. */
int ad_slot_on_seek(void *context, curl_off_t offset, int origin)
{
    struct ad_slot *slot = context;

    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_FAIL;
    slot->body_rewound = false;
    slot->body_given = 0;
    slot->transfer->sent = slot->transfer->acked = 0;
    slot->transfer->acked_ms = 0;
    return CURL_SEEKFUNC_OK;
}
