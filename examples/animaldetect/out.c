/* SPDX-License-Identifier: MIT */
/*
 * Files and folders that are written atomically.
 */
#include "out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"

static bool fail(const struct out *out)
{
    complain("cannot write %s: %s", out->name[0] != '\0' ? out->name : "standard output", strerror(errno));
    return false;
}

bool out_open(struct out *out, const char *name, bool is_folder)
{
    size_t length;

    *out = (struct out){.is_folder = is_folder};
    if (name == NULL || strcmp(name, "-") == 0) {
        out->file = stdout;
        return true;
    }
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    length = strlen(out->name);
    while (length > 1 && out->name[length - 1] == '/')
        out->name[--length] = '\0';
    if (length + 8 > sizeof out->temporary) {
        errno = ENAMETOOLONG;
        return fail(out);
    }
    (void)snprintf(out->temporary, sizeof out->temporary, "%.*s.%s", (int)(PATH_MAX - 8), out->name, "XXXXXX");
    if (is_folder) {
        if (mkdtemp(out->temporary) == NULL || chmod(out->temporary, 0755) != 0)
            return fail(out);
        return true;
    }
    {
        int file = mkostemp(out->temporary, O_CLOEXEC);

        if (file < 0)
            return fail(out);
        (void)fchmod(file, 0644);
        out->file = fdopen(file, "w");
        if (out->file == NULL) {
            (void)close(file);
            (void)unlink(out->temporary);
            return fail(out);
        }
    }
    return true;
}

/* Only what an export or a preview writes: files, one level deep. */
static void remove_folder(const char *name)
{
    char path[2 * PATH_MAX];
    DIR *folder = opendir(name);
    const struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlink(path);
    }
    if (folder != NULL)
        (void)closedir(folder);
    (void)rmdir(name);
}

static void sync_parent(const char *name)
{
    char parent[PATH_MAX];
    char *slash;
    int file;

    (void)snprintf(parent, sizeof parent, "%s", name);
    slash = strrchr(parent, '/');
    if (slash != NULL)
        slash[slash == parent] = '\0';
    file = open(slash == NULL ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        (void)close(file);
    }
}

/* A folder cannot be renamed over one that has files in it: the two change places, and the old one goes. */
static bool move(const struct out *out)
{
    if (rename(out->temporary, out->name) == 0)
        return true;
    if (!out->is_folder || (errno != ENOTEMPTY && errno != EEXIST))
        return false;
    if (renameat2(AT_FDCWD, out->temporary, AT_FDCWD, out->name, RENAME_EXCHANGE) != 0)
        return false;
    remove_folder(out->temporary);
    return true;
}

bool out_finish(struct out *out)
{
    bool is_written = true;

    if (out->file == stdout) {
        is_written = fflush(stdout) == 0 && !ferror(stdout);
        return is_written || fail(out);
    }
    if (out->file != NULL) {
        is_written = fflush(out->file) == 0 && !ferror(out->file) && fsync(fileno(out->file)) == 0;
        if (fclose(out->file) != 0)
            is_written = false;
        out->file = NULL;
    }
    if (is_written)
        is_written = move(out);
    if (is_written) {
        sync_parent(out->name);
        return true;
    }
    (void)fail(out);
    out_cancel(out);
    return false;
}

void out_cancel(struct out *out)
{
    if (out->file == stdout)
        return;
    if (out->file != NULL)
        (void)fclose(out->file);
    out->file = NULL;
    if (out->is_folder)
        remove_folder(out->temporary);
    else
        (void)unlink(out->temporary);
}
