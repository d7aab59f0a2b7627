/* SPDX-License-Identifier: MIT */
/*
 * Permits for the client's requests from a Redis that all workers with the same key share.
 *
 * Between the library, which knows which permits are outstanding and which were settled, and the script in Redis
 * (quota.lua), which counts for all.  What was settled is reported until Redis has taken it, so a call may be lost.
 */
#ifndef TOOL_QUOTA_H
#define TOOL_QUOTA_H

#include <animaldetect/animaldetect.h>

#include "options.h"

struct link;
struct quota;

/*
 * Of --quota, --rpm and --share; `quota` stays NULL without --quota. EXIT_DONE, or an exit code after a line on stderr.
 * A Redis that is away is waited for by `watch` and `work`, and by all with --share.
 */
int quota_open(const struct options *options, struct quota **quota);
void quota_free(struct quota *quota);

/* Turns permits on, for a client that has just been made. Nothing without a quota, as all that follows. */
int32_t quota_configure(struct quota *quota, animaldetect_client *client);

/* Asks and reports when that is due. After each `animaldetect_client_process`. */
void quota_exchange(struct quota *quota, animaldetect_client *client);

/* Waits until there is something for the client, this connection or another one, which may be NULL. */
void quota_wait(struct quota *quota, animaldetect_client *client, struct link *other, int64_t timeout_ms);

/* Gives back what is unused, and reports all that is known; at most for a moment. */
void quota_leave(struct quota *quota, animaldetect_client *client);

/* Why the client has to wait, for the progress line; "" when it does not. */
const char *quota_reason(struct quota *quota);

#endif
