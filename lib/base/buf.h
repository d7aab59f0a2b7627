/* SPDX-License-Identifier: MIT */
/*
 * A byte buffer that grows up to a limit.  The data is always followed by a NUL, so it can be read as text.  A call
 * that fails leaves the contents unchanged; nothing is ever written past the limit.
 */
#ifndef AD_BASE_BUF_H
#define AD_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct ad_buf {
    char *data;      /* NULL while empty */
    size_t size;     /* excluding the NUL */
    size_t capacity; /* allocated, including the NUL */
    size_t limit;    /* size never exceeds it */
};

void ad_buf_init(struct ad_buf *buf, size_t limit);
void ad_buf_free(struct ad_buf *buf);  /* reusable afterwards */
void ad_buf_clear(struct ad_buf *buf); /* keeps the memory */

/* Errors of every function that adds: ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE (past the limit). */
AD_CHECKED int32_t ad_buf_add(struct ad_buf *buf, const void *bytes, size_t size);
AD_CHECKED int32_t ad_buf_add_text(struct ad_buf *buf, const char *text);

/* The bytes as NUL-terminated text, "" while empty; borrowed until the next change. */
const char *ad_buf_string(const struct ad_buf *buf);

/* Transfers ownership of the memory (NUL-terminated, from malloc) and empties the buffer; NULL when out of memory. */
char *ad_buf_take(struct ad_buf *buf, size_t *size);

#endif
