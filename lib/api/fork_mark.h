/* SPDX-License-Identifier: MIT */
/*
 * Detects a forked child.  Every public function checks this first, so it must cost nothing: it reads a page that the
 * kernel wipes in a child, or compares process ids where the kernel cannot do that.
 */
#ifndef AD_API_FORK_MARK_H
#define AD_API_FORK_MARK_H

#include <stdbool.h>
#include <sys/types.h>

struct ad_fork_mark {
    const unsigned char *page; /* NULL: compare the process id */
    pid_t pid;
};

void ad_fork_mark_init(struct ad_fork_mark *mark);
void ad_fork_mark_free(struct ad_fork_mark *mark);

/* Whether this is a child of the process that made the mark. */
bool ad_fork_mark_is_foreign(const struct ad_fork_mark *mark);

#endif
