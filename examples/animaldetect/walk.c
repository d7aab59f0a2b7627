/* SPDX-License-Identifier: MIT */
/*
 * The walk.  One folder's names are in memory at a time for each level; no descriptor is kept but the root's, so that
 * the depth of a tree costs none.
 */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"
#include "look.h"
#include "seen.h"

struct walk {
    struct walk_events events;
    int root_file;
    char *root;          /* real path */
    struct seen links;   /* real paths of what links led to */
    struct seen several; /* files with several names */
    char path[PATH_MAX]; /* of where the walk is */
};

struct names {
    char **list;
    size_t count;
    size_t room;
};

struct walk *walk_new(const char *root, const struct walk_events *events)
{
    struct walk *walk = calloc(1, sizeof *walk);

    if (walk == NULL)
        return NULL;
    walk->events = *events;
    walk->root = strdup(root);
    walk->root_file = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (walk->root != NULL && walk->root_file >= 0)
        return walk;
    walk_free(walk);
    return NULL;
}

void walk_free(struct walk *walk)
{
    int error = errno;

    if (walk == NULL)
        return;
    if (walk->root_file >= 0)
        close(walk->root_file);
    seen_clear(&walk->links);
    seen_clear(&walk->several);
    free(walk->root);
    free(walk);
    errno = error;
}

int walk_root(const struct walk *walk)
{
    return walk->root_file;
}

/* ---- the names of one folder ---- */

static bool names_add(struct names *names, const char *name)
{
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 64 : 2 * names->room;
        char **list = realloc(names->list, room * sizeof *list);

        if (list == NULL)
            return false;
        names->list = list;
        names->room = room;
    }
    names->list[names->count] = strdup(name);
    return names->list[names->count++] != NULL;
}

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* What could be read; 0, or the errno with which it failed, perhaps in the middle. */
static int names_read(struct walk *walk, struct names *names)
{
    int file = openat(walk->root_file, *walk->path == '\0' ? "." : walk->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = file < 0 ? NULL : fdopendir(file);
    const struct dirent *entry;
    int error = errno;

    if (folder == NULL) {
        if (file >= 0)
            close(file);
        return error;
    }
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !names_add(names, entry->d_name))
            errno = ENOMEM;
        if (errno == ENOMEM)
            break;
    }
    error = errno;
    closedir(folder);
    if (names->count > 1)
        qsort(names->list, names->count, sizeof *names->list, compare);
    return error;
}

/* ---- links ---- */

/* Whether the walk comes by this path without any link: under the root, and no part of it left alone. */
static bool is_in_tree(const struct walk *walk, const char *real)
{
    size_t root = strcmp(walk->root, "/") == 0 ? 0 : strlen(walk->root);
    char part[NAME_MAX + 1];

    if (strncmp(real, walk->root, root) != 0 || real[root] != '/')
        return false;
    for (const char *at = real + root; *at == '/';) {
        size_t length = strcspn(++at, "/");

        (void)snprintf(part, sizeof part, "%.*s", (int)length, at);
        if (look_is_system_folder(part))
            return false;
        at += length;
    }
    return true;
}

/* Whether what a link leads to is met elsewhere: in the tree, by another link, or above the root (a loop). */
static bool is_met_elsewhere(struct walk *walk)
{
    char whole[2 * PATH_MAX];
    char real[PATH_MAX];
    size_t length;

    (void)snprintf(whole, sizeof whole, "%s/%s", walk->root, walk->path);
    if (realpath(whole, real) == NULL)
        return false; /* it is looked at, and fails by its own reason */
    length = strlen(real);
    if (strcmp(real, walk->root) == 0 || strcmp(real, "/") == 0 || is_in_tree(walk, real) ||
        (strncmp(walk->root, real, length) == 0 && walk->root[length] == '/'))
        return true;
    return seen_path_before(&walk->links, real);
}

/* ---- walking ---- */

static bool walk_folder(struct walk *walk, bool is_linked);

static int reason_of(struct walk *walk, const char *name, const struct stat *facts, bool is_link, bool is_named)
{
    int kind = look_name(name, strlen(name));

    if (!S_ISREG(facts->st_mode))
        return REASON_SPECIAL;
    if (!is_named && (kind == NAME_HIDDEN || kind == NAME_SYSTEM))
        return kind == NAME_HIDDEN ? REASON_HIDDEN : REASON_SYSTEM;
    if ((is_link && !is_named && is_met_elsewhere(walk)) ||
        ((is_link || facts->st_nlink > 1) && seen_before(&walk->several, facts->st_dev, facts->st_ino)))
        return REASON_LINK;
    return REASON_NONE;
}

/* One entry, whose path is `walk->path`. `is_linked`: a link was followed on the way here. */
static bool walk_entry(struct walk *walk, const char *name, bool is_linked, bool is_named)
{
    struct found found = {.path = walk->path, .size = strlen(walk->path), .name = name, .is_named = is_named};
    struct stat facts;
    bool is_link;

    if (fstatat(walk->root_file, walk->path, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT || is_named) /* else it vanished since the folder was read */
            walk->events.problem(walk->events.context, walk->path, errno, false);
        return true;
    }
    is_link = S_ISLNK(facts.st_mode);
    if (is_link && fstatat(walk->root_file, walk->path, &facts, 0) != 0) {
        memset(&facts, 0, sizeof facts);
        found.facts = &facts;
        found.reason = REASON_UNREADABLE; /* a link to nowhere */
        return walk->events.file(walk->events.context, &found);
    }
    if (S_ISDIR(facts.st_mode)) {
        if (!is_named && look_is_system_folder(name))
            return true;
        /* behind a link the same folder can come again by another way */
        if ((is_link || is_linked) && is_met_elsewhere(walk))
            return true;
        return walk_folder(walk, is_link || is_linked);
    }
    found.facts = &facts;
    found.reason = reason_of(walk, name, &facts, is_link, is_named);
    return walk->events.file(walk->events.context, &found);
}

static bool walk_folder(struct walk *walk, bool is_linked)
{
    struct names names = {0};
    size_t length = strlen(walk->path);
    bool goes_on = walk->events.folder == NULL || walk->events.folder(walk->events.context, walk->path);
    int error = goes_on ? names_read(walk, &names) : 0;

    if (error != 0)
        walk->events.problem(walk->events.context, walk->path, error, true);
    for (size_t i = 0; i < names.count && goes_on; i++) {
        int wrote =
            snprintf(walk->path + length, sizeof walk->path - length, "%s%s", length > 0 ? "/" : "", names.list[i]);

        if (wrote < 0 || (size_t)wrote >= sizeof walk->path - length)
            walk->events.problem(walk->events.context, names.list[i], ENAMETOOLONG, false);
        else
            goes_on = walk_entry(walk, names.list[i], is_linked, false);
        walk->path[length] = '\0';
    }
    names_free(&names);
    return goes_on;
}

bool walk_path(struct walk *walk, const char *path)
{
    const char *slash = strrchr(path, '/');

    if ((size_t)snprintf(walk->path, sizeof walk->path, "%s", path) >= sizeof walk->path) {
        walk->events.problem(walk->events.context, path, ENAMETOOLONG, false);
        return true;
    }
    if (*path == '\0')
        return walk_folder(walk, false);
    return walk_entry(walk, slash != NULL ? slash + 1 : path, false, true);
}
