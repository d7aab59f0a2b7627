/* SPDX-License-Identifier: MIT */
/*
 * The mark of fork_mark.h: a page that the kernel wipes in a child.  MADV_WIPEONFORK needs Linux 4.14; valgrind and
 * others may refuse it.  Emulators such as qemu-user accept any advice and ignore it, so a kernel that accepts an
 * invalid advice is not trusted.
 */
#include "api/fork_mark.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096 /* the kernel rounds up */
#define NO_ADVICE (-1)

static unsigned char *wiped_page(void)
{
#ifdef MADV_WIPEONFORK
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, PAGE, NO_ADVICE) != 0 && madvise(page, PAGE, MADV_WIPEONFORK) == 0)
        return page;
    (void)munmap(page, PAGE);
#endif
    return NULL;
}

void ad_fork_mark_init(struct ad_fork_mark *mark)
{
    unsigned char *page = wiped_page();

    if (page != NULL)
        page[0] = 1;
    mark->page = page;
    mark->pid = getpid();
}

void ad_fork_mark_free(struct ad_fork_mark *mark)
{
    if (mark->page != NULL)
        (void)munmap((void *)(uintptr_t)mark->page, PAGE);
    mark->page = NULL;
}

bool ad_fork_mark_is_foreign(const struct ad_fork_mark *mark)
{
    return mark->page != NULL ? mark->page[0] == 0 : mark->pid != getpid();
}
