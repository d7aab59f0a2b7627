/* SPDX-License-Identifier: MIT */
/*
 * Notices by inotify. The folder of an event does not matter: the scan that follows finds the changes. So no table of
 * watches is kept; adding a watch twice changes nothing.
 */
#include "notice.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "look.h"

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)

struct notice {
    int file; /* of inotify; -1: there is none */
    bool is_whole;
    char root[PATH_MAX];
};

struct notice *notice_new(const char *root)
{
    struct notice *notice = calloc(1, sizeof *notice);

    if (notice == NULL)
        return NULL;
    (void)snprintf(notice->root, sizeof notice->root, "%s", root);
    notice->file = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return notice;
}

void notice_free(struct notice *notice)
{
    if (notice == NULL)
        return;
    if (notice->file >= 0)
        close(notice->file);
    free(notice);
}

static void spread_below(struct notice *notice, const char *folder)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    char path[PATH_MAX];
    struct stat facts;

    if (notice->file < 0 || inotify_add_watch(notice->file, folder, EVENTS) < 0)
        notice->is_whole = false;
    while (listing != NULL && (entry = readdir(listing)) != NULL) {
        if (look_is_system_folder(entry->d_name) || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        if (entry->d_type == DT_DIR || (lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode)))
            spread_below(notice, path);
    }
    if (listing != NULL)
        closedir(listing);
}

void notice_spread(struct notice *notice)
{
    notice->is_whole = true;
    spread_below(notice, notice->root);
}

bool notice_wait(struct notice *notice, int64_t timeout_ms)
{
    struct pollfd wait = {.fd = notice->file, .events = POLLIN};
    char bytes[4096];
    bool is_changed = poll(&wait, 1, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms) > 0;

    while (is_changed && read(notice->file, bytes, sizeof bytes) > 0)
        continue; /* what changed is found by the scan */
    return is_changed;
}

bool notice_is_whole(const struct notice *notice)
{
    return notice->is_whole;
}
