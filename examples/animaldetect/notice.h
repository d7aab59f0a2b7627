/* SPDX-License-Identifier: MIT */
/*
 * Notices of changes below a folder, by inotify. If no more watches are available, the folder is scanned every minute
 * instead.
 */
#ifndef TOOL_NOTICE_H
#define TOOL_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

struct notice;

struct notice *notice_new(const char *root);
void notice_free(struct notice *notice);

/* Watches all folders below the root that are not watched yet. */
void notice_spread(struct notice *notice);

/* Waits until something changes, the time is over, or a signal comes; whether something did. */
bool notice_wait(struct notice *notice, int64_t timeout_ms);

/* Whether every folder is watched. */
bool notice_is_whole(const struct notice *notice);

#endif
