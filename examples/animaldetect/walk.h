/* SPDX-License-Identifier: MIT */
/*
 * Every file under a folder, in the order of their names, each once whatever links lead to it.
 *
 * Left out silently: hidden folders and those of an operating system. Reported as skipped: hidden and system files, and
 * second names (hard links, links to what the tree has anyway). A link that leads out of the tree is followed. Inode
 * numbers are trusted only for files with several names: FAT and exFAT have none, and make them up. A folder that
 * cannot be read, or fails in the middle, is a problem; the rest is walked.
 */
#ifndef TOOL_WALK_H
#define TOOL_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct found {
    const char *path; /* relative to the root */
    size_t size;      /* of the path */
    const char *name; /* its last part */
    const struct stat *facts;
    int reason;    /* REASON_NONE, or why it is left alone: REASON_HIDDEN, _SYSTEM, _LINK, _SPECIAL, _UNREADABLE */
    bool is_named; /* on the command line or in a list: hidden names count there too */
};

struct walk_events {
    bool (*file)(void *context, const struct found *found);                   /* false ends the walk */
    bool (*folder)(void *context, const char *path);                          /* before its files; may be NULL */
    void (*problem)(void *context, const char *path, int error, bool folder); /* errno; goes on */
    void *context;
};

struct walk;

/* `root` is an absolute path without links; NULL with errno when it cannot be opened. */
struct walk *walk_new(const char *root, const struct walk_events *events);
void walk_free(struct walk *walk);
int walk_root(const struct walk *walk);

/* Walks a folder ("" for the root), or takes one file. False when `file` returned false. */
bool walk_path(struct walk *walk, const char *path);

#endif
