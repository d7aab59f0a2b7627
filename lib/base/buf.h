/* SPDX-License-Identifier: MIT */
/*
 * A buffer: bytes that grow up to a limit.  The data is always followed by a NUL, so it can be read as text.  A failed
 * call leaves what was there; nothing is ever written past the limit.
 */
#ifndef AD_BASE_BUF_H
#define AD_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct ad_buf {
    char *data;      /* NULL while empty */
    size_t size;     /* without the NUL */
    size_t capacity; /* allocated, the NUL included */
    size_t limit;    /* size never exceeds it */
};

void ad_buf_init(struct ad_buf *buf, size_t limit);
void ad_buf_free(struct ad_buf *buf);  /* may be used again afterwards */
void ad_buf_clear(struct ad_buf *buf); /* keeps the memory */

/* Errors of all that add: ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE (past the limit). */
AD_CHECKED int32_t ad_buf_add(struct ad_buf *buf, const void *bytes, size_t size);
AD_CHECKED int32_t ad_buf_add_text(struct ad_buf *buf, const char *text);

/* The bytes as NUL-terminated text, "" while empty; borrowed until the next change. */
const char *ad_buf_string(const struct ad_buf *buf);

/* Gives the memory away (NUL-terminated, from malloc) and empties the buffer; NULL when memory runs out. */
char *ad_buf_take(struct ad_buf *buf, size_t *size);

#endif
