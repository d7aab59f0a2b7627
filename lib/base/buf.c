/* SPDX-License-Identifier: MIT */
/*
 * Growable bytes with a mandatory limit.  The capacity doubles, so adding n bytes one by one costs O(n).
 */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/checked.h"

#define FIRST_CAPACITY 64

void ad_buf_init(struct ad_buf *buf, size_t limit)
{
    *buf = (struct ad_buf){.limit = limit};
}

void ad_buf_free(struct ad_buf *buf)
{
    free(buf->data);
    ad_buf_init(buf, buf->limit);
}

void ad_buf_clear(struct ad_buf *buf)
{
    buf->size = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

/* Ensures space for `extra` bytes and the NUL after them. */
static int32_t make_room(struct ad_buf *buf, size_t extra)
{
    size_t size;
    size_t needed;
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    char *data;

    if (!ad_size_add(buf->size, extra, &size) || size > buf->limit)
        return ANIMALDETECT_E_ANSWER_TOO_LARGE;
    if (!ad_size_add(size, 1, &needed))
        return ANIMALDETECT_E_NO_MEMORY;
    if (needed <= buf->capacity)
        return ANIMALDETECT_OK;
    while (capacity < needed) {
        if (!ad_size_mul(capacity, 2, &capacity))
            return ANIMALDETECT_E_NO_MEMORY;
    }
    /* The last doubling must not allocate more than the limit allows. */
    if (capacity - 1 > buf->limit)
        capacity = buf->limit + 1;
    data = realloc(buf->data, capacity);
    if (!data)
        return ANIMALDETECT_E_NO_MEMORY;
    buf->data = data;
    buf->capacity = capacity;
    return ANIMALDETECT_OK;
}

int32_t ad_buf_add(struct ad_buf *buf, const void *bytes, size_t size)
{
    int32_t status = make_room(buf, size);

    if (status != ANIMALDETECT_OK)
        return status;
    if (size > 0)
        memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
    return ANIMALDETECT_OK;
}

int32_t ad_buf_add_text(struct ad_buf *buf, const char *text)
{
    return ad_buf_add(buf, text, strlen(text));
}

const char *ad_buf_string(const struct ad_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *ad_buf_take(struct ad_buf *buf, size_t *size)
{
    char *data;

    if (make_room(buf, 0) != ANIMALDETECT_OK)
        return NULL;
    data = buf->data;
    data[buf->size] = '\0';
    if (size)
        *size = buf->size;
    ad_buf_init(buf, buf->limit);
    return data;
}
