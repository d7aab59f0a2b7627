/* SPDX-License-Identifier: MIT */
/*
 * Detects the coding of a response, see coding.h, in any spelling: any case, lists, repeated headers.
 */
#include "transport/coding.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && ad_text_same_nocase(text, word, size);
}

static void coding_keep(struct ad_coding *coding, enum ad_coding_kind kind, const char *name, size_t size)
{
    if (size > sizeof coding->name - 1)
        size = sizeof coding->name - 1;
    memcpy(coding->name, name, size);
    coding->name[size] = '\0';
    for (char *c = coding->name; *c != '\0'; c++) {
        if (*c <= ' ' || *c > 126)
            *c = '?';
    }
    coding->kind = kind;
}

/* One member of a list, without blanks around it. */
static void look_at(struct ad_coding *coding, enum ad_coding_kind kind, const char *name, size_t size)
{
    bool plain = size == 0 || is(name, size, "identity") || (kind == AD_CODING_TRANSFER && is(name, size, "chunked"));

    if (!plain)
        coding_keep(coding, kind, name, size);
}

static void look_at_list(struct ad_coding *coding, enum ad_coding_kind kind, const char *value, size_t size)
{
    const char *end = value + size;

    while (value < end && coding->kind < kind) {
        const char *comma = memchr(value, ',', (size_t)(end - value));
        const char *stop = comma != NULL ? comma : end;
        const char *next = comma != NULL ? comma + 1 : end;

        while (value < stop && ad_text_is_blank(*value))
            value++;
        while (stop > value && ad_text_is_blank(stop[-1]))
            stop--;
        look_at(coding, kind, value, (size_t)(stop - value));
        value = next;
    }
}

void ad_coding_header(struct ad_coding *coding, const char *name, size_t name_size, const char *value,
                      size_t value_size)
{
    while (name_size > 0 && ad_text_is_blank(name[name_size - 1]))
        name_size--;
    if (is(name, name_size, "Transfer-Encoding"))
        look_at_list(coding, AD_CODING_TRANSFER, value, value_size);
    else if (is(name, name_size, "Content-Encoding"))
        look_at_list(coding, AD_CODING_CONTENT, value, value_size);
}

void ad_coding_conclude(const struct ad_coding *coding, struct ad_transfer *transfer, int http_status)
{
    bool counts = http_status >= 300 || (http_status >= 200 && transfer->body_optional);

    ad_buf_clear(&transfer->answer);
    transfer->net = counts ? AD_NET_OK : AD_NET_CODED;
    transfer->http_status = counts ? http_status : 0;
    if (coding->kind == AD_CODING_NONE)
        (void)snprintf(transfer->error_text, sizeof transfer->error_text,
                       "the response has a transfer coding that was not requested");
    else
        (void)snprintf(transfer->error_text, sizeof transfer->error_text,
                       "the response has the %s coding %s, which was not requested",
                       coding->kind == AD_CODING_TRANSFER ? "transfer" : "content", coding->name);
}
