/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON strings, see json_quote.h.
 */
#include "protocol/json_quote.h"

#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

/* RFC 8259 has a short escape for these; the other control characters are \u00XX. */
static const char short_escapes[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

static int32_t add_escape(struct ad_buf *out, unsigned char byte)
{
    char escape[8] = {'\\', (char)byte};

    if (byte < 0x20 && short_escapes[byte] != '\0')
        escape[1] = short_escapes[byte];
    else if (byte < 0x20)
        (void)snprintf(escape, sizeof escape, "\\u%04X", byte);
    return ad_buf_add(out, escape, strlen(escape));
}

int32_t ad_json_quote(const char *text, struct ad_buf *out)
{
    const char *end = text + strlen(text);
    const char *written = text;
    int32_t status = ad_text_is_utf8(text) ? ad_buf_add(out, "\"", 1) : ANIMALDETECT_E_INVALID_ARGUMENT;

    for (const char *at = text; at < end && status == ANIMALDETECT_OK; at++) {
        if ((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
            continue;
        status = ad_buf_add(out, written, (size_t)(at - written));
        if (status == ANIMALDETECT_OK)
            status = add_escape(out, (unsigned char)*at);
        written = at + 1;
    }
    if (status == ANIMALDETECT_OK)
        status = ad_buf_add(out, written, (size_t)(end - written));
    return status == ANIMALDETECT_OK ? ad_buf_add(out, "\"", 1) : status;
}
