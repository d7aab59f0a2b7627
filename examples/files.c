/* SPDX-License-Identifier: MIT */
/*
 * Walks folders with opendir and readdir: fts and nftw do not report a read error in the middle of a folder.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct folder {
    DIR *entries;
    struct folder *above;
    char path[];
};

static void report(struct files *files, const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    files->unreadable++;
}

static void leave(struct files *files)
{
    struct folder *folder = files->folder;

    files->folder = folder->above;
    closedir(folder->entries);
    free(folder);
}

/* The path of the next entry or name; NULL when there is none any more. */
static char *next_path(struct files *files)
{
    const struct dirent *entry;
    char *path = NULL;

    while (files->folder != NULL) {
        while (errno = 0, (entry = readdir(files->folder->entries)) != NULL) {
            if (*entry->d_name == '.')
                continue;
            if (asprintf(&path, "%s/%s", files->folder->path, entry->d_name) >= 0)
                return path;
            errno = ENOMEM;
            break;
        }
        if (errno != 0)
            report(files, files->folder->path);
        leave(files);
    }
    return *files->names != NULL ? strdup(*files->names++) : NULL;
}

/*
 * Whether `path` is a folder, which is read next, or cannot be read at all. A link inside a folder counts as a file: it
 * may lead to a folder above it.
 */
static bool enter(struct files *files, const char *path)
{
    int links = files->folder != NULL ? O_NOFOLLOW : 0;
    int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | links);
    size_t length = strlen(path);
    struct folder *folder;

    if (file < 0 && errno == ENOTDIR)
        return false;
    while (length > 1 && path[length - 1] == '/')
        length--;
    folder = file < 0 ? NULL : calloc(1, sizeof *folder + length + 1);
    if (folder == NULL || (folder->entries = fdopendir(file)) == NULL) {
        report(files, path);
        free(folder);
        if (file >= 0)
            close(file);
        return true;
    }
    memcpy(folder->path, path, length);
    folder->above = files->folder;
    files->folder = folder;
    return true;
}

char *files_next(struct files *files)
{
    char *path;

    while ((path = next_path(files)) != NULL && enter(files, path))
        free(path);
    return path;
}

void files_close(struct files *files)
{
    while (files->folder != NULL)
        leave(files);
}
