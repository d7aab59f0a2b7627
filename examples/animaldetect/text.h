/* SPDX-License-Identifier: MIT */
/*
 * Untrusted text: names of files, words of the service.  Paths are bytes; what a terminal, a JSON file or a CSV file
 * gets is always valid UTF-8.
 *
 * The written form of a path (in every export): a path that is valid UTF-8 is written as it is.  Any other, and one
 * that begins with "bytes:" itself, is written as "bytes:" and then the path with each byte that is no valid UTF-8,
 * each "%" and each byte below 0x20 as %XX.  Whoever undoes that has the bytes of the file name back.
 */
#ifndef TOOL_TEXT_H
#define TOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_PATH_MAX (3 * 4096 + 8) /* the written form of the longest path, with its NUL */

/* The next character of `bytes`: its length in bytes, 0 when these are no valid UTF-8. */
size_t text_character(const char *bytes, size_t size, uint32_t *code);

bool text_is_utf8(const char *bytes, size_t size);

/* The written form; NUL-terminated, whole if `out` has TEXT_PATH_MAX bytes. */
const char *text_path(const char *bytes, size_t size, char *out);

/*
 * For a terminal: control characters, characters that turn the direction of writing, and bytes that are no UTF-8 are
 * shown as \xXX.  At most `columns` wide; of a longer text the end is kept, since names differ there.
 */
const char *text_shown(const char *bytes, int columns, char *out, size_t size);

/* Columns of a text that is shown already. */
int text_width(const char *shown, size_t size);

/* "12,345" */
const char *text_count(int64_t count, char out[32]);

/* A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void text_json(FILE *out, const char *text, size_t size);

/* One field of a CSV line: quoted where it must be, line breaks kept inside the quotes. */
void text_csv(FILE *out, const char *text);

/* "0.959": `value` with so many decimals, with a point in every locale and never as a bare integer. */
const char *text_decimal(double value, int decimals, char out[32]);

/* "1.4 MB" */
const char *text_bytes(uint64_t bytes, char out[32]);

/* "2 h 05 min", "3 min", "12 s" */
const char *text_duration(int64_t seconds, char out[32]);

#endif
