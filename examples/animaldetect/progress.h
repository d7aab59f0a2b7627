/* SPDX-License-Identifier: MIT */
/*
 * The progress of a run: on a terminal one line that is rewritten, otherwise a line every 30 seconds, and nothing with
 * --quiet. Names in it are safe to print and fit the width.
 */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/animaldetect.h>

struct progress;

struct progress *progress_new(bool is_quiet);
void progress_free(struct progress *progress);

/* While folders are read. */
void progress_scan(struct progress *progress, int64_t files, const char *folder);

/* What there is to do in all, and one of it that has ended. `was_failed` counts it as a failure too. */
void progress_begin(struct progress *progress, int64_t total);
void progress_add(struct progress *progress, int64_t more);
void progress_step(struct progress *progress, const char *name, bool was_failed);

/* Shows it when it is time; `stop` is what was asked for (stop.h). */
void progress_show(struct progress *progress, animaldetect_client *client, int stop);

/* Why no request is sent, for reasons that the client does not know; "" for none. Borrowed until the next call. */
void progress_reason(struct progress *progress, const char *reason);

/* The time of day of a second since 1970, to the second where that is soon. */
void progress_clock(int64_t when, char out[16]);

/* Takes the line away, before something else is written. */
void progress_clear(struct progress *progress);

#endif
