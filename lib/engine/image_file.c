/* SPDX-License-Identifier: MIT */
/*
 * System calls on files, and what their errors mean: whether image, medium or process is the cause.
 */
#include "engine/image_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* A card that was removed, a failing disk, an unreachable network file system. */
static bool is_of_medium(int error)
{
    static const int errors[] = {
        EIO,       ENXIO,        ENODEV,   ESTALE,      ETIMEDOUT,    ENOTCONN,
        EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ECONNABORTED, ECONNRESET,
#ifdef ENOMEDIUM
        ENOMEDIUM,
#endif
#ifdef EREMOTEIO
        EREMOTEIO,
#endif
#ifdef EUCLEAN /* a corrupted file system */
        EUCLEAN,
#endif
    };

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i] == error)
            return true;
    return false;
}

static int32_t refuse(struct ad_file_fault *fault, int32_t status, const char *reason, int error)
{
    fault->reason = reason;
    fault->error = error;
    return status;
}

static int32_t refuse_for(struct ad_file_fault *fault, int error, const char *reason)
{
    if (error == EMFILE || error == ENFILE)
        return refuse(fault, ANIMALDETECT_E_NO_DESCRIPTORS,
                      "no file descriptors are left: raise the limit (ulimit -n) or lower max_requests", error);
    if (error == ENOMEM)
        return refuse(fault, ANIMALDETECT_E_NO_MEMORY, reason, error);
    if (is_of_medium(error))
        return refuse(fault, ANIMALDETECT_E_MEDIUM, "cannot read the medium of the file", error);
    return refuse(fault, ANIMALDETECT_E_FILE, reason, error);
}

/* Whether it cannot be opened as a file (open of a socket fails with ENXIO). */
static bool is_no_file(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && !S_ISREG(facts.st_mode);
}

/* Whether a missing file is missing with its file system: the nearest existing folder is then on another device. */
static bool is_unmounted(const char *path, const struct ad_file_identity *known)
{
    char folder[PATH_MAX];
    struct stat facts;
    char *slash;

    if (strlen(path) >= sizeof folder)
        return false;
    memcpy(folder, path, strlen(path) + 1);
    while ((slash = strrchr(folder, '/')) != NULL && slash != folder) {
        *slash = '\0';
        if (stat(folder, &facts) == 0)
            return (uint64_t)facts.st_dev != known->device;
    }
    return stat(slash == NULL ? "." : "/", &facts) == 0 && (uint64_t)facts.st_dev != known->device;
}

int32_t ad_file_open(const char *path, const struct ad_file_identity *known, int *fd, struct ad_file_fault *fault)
{
    int error;

    /* O_NONBLOCK: a FIFO without a writer must not block the client; no effect on regular files. */
    do
        *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (*fd < 0 && errno == EINTR);
    if (*fd >= 0)
        return ANIMALDETECT_OK;
    error = errno;
    if ((error == ENXIO || error == ENODEV) && is_no_file(path))
        return refuse(fault, ANIMALDETECT_E_FILE, "is not a regular file", 0);
    if (known->device != 0 && (error == ENOENT || error == ENOTDIR) && is_unmounted(path, known))
        return refuse(fault, ANIMALDETECT_E_MEDIUM, "the medium of the file is gone", error);
    return refuse_for(fault, error, "cannot open the file");
}

int32_t ad_file_examine(int fd, struct ad_file_facts *facts, struct ad_file_fault *fault)
{
    struct stat seen;

    if (fstat(fd, &seen) != 0)
        return refuse_for(fault, errno, "cannot read the file's size");
    if (!S_ISREG(seen.st_mode))
        return refuse(fault, ANIMALDETECT_E_FILE, S_ISDIR(seen.st_mode) ? "is a directory" : "is not a regular file",
                      0);
    facts->size = seen.st_size < 0 ? 0 : (uint64_t)seen.st_size;
    facts->identity = (struct ad_file_identity){
        .device = (uint64_t)seen.st_dev,
        .inode = (uint64_t)seen.st_ino,
        .modified_s = (int64_t)seen.st_mtime,
        .modified_ns = AD_NANOSECONDS(&seen, m),
        .changed_s = (int64_t)seen.st_ctime,
        .changed_ns = AD_NANOSECONDS(&seen, c),
    };
    return ANIMALDETECT_OK;
}

int64_t ad_file_read(int fd, void *buffer, size_t size, uint64_t offset, struct ad_file_fault *fault)
{
    ssize_t got;

    do
        got = pread(fd, buffer, size, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? refuse_for(fault, errno, "cannot read the file") : got;
}

bool ad_file_has_same_times(const struct ad_file_identity *a, const struct ad_file_identity *b)
{
    return a->device == b->device && a->modified_s == b->modified_s && a->modified_ns == b->modified_ns &&
           a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

bool ad_file_is_same(const struct ad_file_identity *a, const struct ad_file_identity *b)
{
    return a->inode == b->inode && ad_file_has_same_times(a, b);
}

bool ad_file_is_unwritten(const struct ad_file_facts *a, const struct ad_file_facts *b)
{
    return a->size == b->size && a->identity.modified_s == b->identity.modified_s &&
           a->identity.modified_ns == b->identity.modified_ns;
}

#define COARSE_NS 10000000 /* exFAT; times of other file systems are hardly ever multiples of it */
#define COARSE_S 2         /* FAT */

bool ad_file_may_be_rewritten_unseen(const struct ad_file_identity *identity, int64_t wall_s)
{
    return identity->modified_ns % COARSE_NS == 0 && (wall_s == 0 || identity->modified_s >= wall_s - COARSE_S);
}
