/* SPDX-License-Identifier: MIT */
/*
 * References from templates.
 */
#include "reference.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

void reference_of(const char *template, const char *path, char out[REFERENCE_MAX + 1])
{
    char written[TEXT_PATH_MAX];
    const char *slash;
    size_t used = 0;

    (void)text_path(path, strlen(path), written);
    slash = strrchr(written, '/');
    while (*template != '\0' && used < REFERENCE_MAX) {
        const char *from = template;
        size_t length = 1;
        size_t skip = 1;

        if (strncmp(template, "{path}", 6) == 0) {
            from = written, length = strlen(written), skip = 6;
        } else if (strncmp(template, "{folder}", 8) == 0) {
            from = written, length = slash == NULL ? 0 : (size_t)(slash - written), skip = 8;
        } else if (strncmp(template, "{name}", 6) == 0) {
            from = slash == NULL ? written : slash + 1, length = strlen(from), skip = 6;
        }
        if (length > REFERENCE_MAX - used)
            length = REFERENCE_MAX - used;
        memcpy(out + used, from, length);
        used += length;
        template += skip;
    }
    while (used > 0 && !text_is_utf8(out, used))
        used--; /* a character that was cut */
    out[used] = '\0';
}
