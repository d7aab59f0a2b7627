/* SPDX-License-Identifier: MIT */
/*
 * Output that fits the terminal: its width, words wrapped under each other, tables whose first column is as wide as it
 * may be. Output to anything else has unwrapped lines, for programs that read them.
 */
#ifndef TOOL_SCREEN_H
#define TOOL_SCREEN_H

#include <stdio.h>

/* Columns of the terminal behind `file`; 0: it is none, and a line may be of any length. */
int screen_columns(FILE *file);

/*
 * Prints `text` and a line end, from column `indent` on, where the cursor is already.  What does not fit into `columns`
 * (0: no limit) goes on in the next line at the same place.
 */
void screen_wrap(FILE *file, int columns, int indent, const char *text);

/* Prints `text`, shown safely and cut at its beginning, in exactly `width` columns. */
void screen_cell(FILE *file, int width, const char *text);

#endif
