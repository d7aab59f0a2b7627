/* SPDX-License-Identifier: MIT */
/*
 * Tells whether this is the process that the mark was made in.  Every public function asks first, so it must cost
 * nothing: a page that the kernel wipes in a forked child, and the process id where the kernel cannot do that.
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

/* In a child of the process that made it? */
bool ad_fork_mark_is_foreign(const struct ad_fork_mark *mark);

#endif
