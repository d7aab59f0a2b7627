/* SPDX-License-Identifier: MIT */
/*
 * One look at a file.
 */
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "exif.h"
#include "kind.h"

/* ---- names ---- */

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcasecmp(text, *list) == 0)
            return true;
    }
    return false;
}

int look_name(const char *name, size_t size)
{
    static const char *const images[] = {"jpg", "jpeg", "jpe",  "png", "webp", "heic", "heif", "avif",
                                         "gif", "tif",  "tiff", "bmp", "jxl",  "mpo",  NULL};
    static const char *const videos[] = {"mp4", "avi", "mov", "m4v", "mkv", "asf", "wmv", "3gp", "mts", NULL};
    static const char *const others[] = {
        "txt",  "csv", "json", "xml",  "xmp",        "thm",    "pdf", "htm", "html",   "log",
        "ini",  "db",  "ddb",  "wav",  "mp3",        "zip",    "gz",  "doc", "xls",    "docx",
        "xlsx", "py",  "sh",   "lock", "db-journal", "sqlite", "bak", "md",  "ledger", "ledger-journal",
        NULL};
    static const char *const systems[] = {"Thumbs.db",         "ehthumbs.db",    "desktop.ini", "autorun.inf",
                                          "IndexerVolumeGuid", "WPSettings.dat", NULL};
    const char *dot = memrchr(name, '.', size);

    if (size > 0 && *name == '.')
        return NAME_HIDDEN;
    if (is_one_of(name, systems))
        return NAME_SYSTEM;
    if (dot == NULL)
        return NAME_UNKNOWN;
    if (is_one_of(dot + 1, images))
        return NAME_IMAGE;
    if (is_one_of(dot + 1, videos))
        return NAME_VIDEO;
    return is_one_of(dot + 1, others) ? NAME_OTHER : NAME_UNKNOWN;
}

bool look_is_system_folder(const char *name)
{
    static const char *const systems[] = {
        "$RECYCLE.BIN", "RECYCLER", "System Volume Information", "lost+found", "@eaDir", "__MACOSX", NULL};

    return *name == '.' || is_one_of(name, systems);
}

/* ---- bytes ---- */

int64_t look_mtime_ns(const struct stat *facts)
{
    return (int64_t)facts->st_mtim.tv_sec * 1000000000 + facts->st_mtim.tv_nsec;
}

static void refuse(struct look *look, int state, int reason, const char *detail)
{
    look->state = state;
    look->reason = reason;
    (void)snprintf(look->detail, sizeof look->detail, "%s", detail);
}

static void fail_reading(struct look *look, int *error)
{
    *error = errno;
    refuse(look, STATE_FAILED, errno == ENOENT ? REASON_GONE : REASON_UNREADABLE,
           errno == EAGAIN ? "it was written to meanwhile" : strerror(errno));
}

/* Whole, but for the end of the file; -1 with errno. */
static ssize_t read_at(int file, unsigned char *bytes, size_t size, int64_t offset)
{
    size_t have = 0;

    while (have < size) {
        ssize_t got = pread(file, bytes + have, size - have, offset + (int64_t)have);

        if (got == 0)
            break;
        if (got > 0)
            have += (size_t)got;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)have;
}

/* The digest of the whole file, whose first bytes are there already. */
static bool digest_file(int file, unsigned char *bytes, size_t head, struct look *look)
{
    crypto_hash_sha256_state digest;
    ssize_t got = (ssize_t)head;
    int64_t offset = 0;

    (void)crypto_hash_sha256_init(&digest);
    while (got > 0) {
        (void)crypto_hash_sha256_update(&digest, bytes, (unsigned long long)got);
        offset += got;
        got = read_at(file, bytes, KIND_HEAD, offset);
    }
    (void)crypto_hash_sha256_final(&digest, look->digest);
    if (got == 0 && offset != look->size)
        errno = EAGAIN; /* it grows or shrinks: the next run finds it at rest */
    return got == 0 && offset == look->size;
}

static void judge_type(struct look *look, const struct kind *kind, const char *name)
{
    bool says_image = look_name(name, strlen(name)) == NAME_IMAGE;

    if (kind->is_video)
        refuse(look, STATE_SKIPPED, REASON_VIDEO, "");
    else if (kind->name != NULL && kind->ending == NULL)
        refuse(look, STATE_FAILED, REASON_UNSUPPORTED, kind->name);
    else if (kind->name == NULL && look->size == 0 && says_image)
        refuse(look, STATE_FAILED, REASON_NO_BYTES, "");
    else if (kind->name == NULL)
        refuse(look, says_image ? STATE_FAILED : STATE_SKIPPED, says_image ? REASON_NOT_IMAGE : REASON_OTHER_FILE, "");
}

static void look_inside(int file, const char *name, const struct look_rules *rules, struct look *look,
                        unsigned char *bytes, int *error)
{
    unsigned char *tail = bytes + KIND_HEAD;
    ssize_t head = read_at(file, bytes, KIND_HEAD, 0);
    int64_t from = look->size > KIND_TAIL ? look->size - KIND_TAIL : 0;
    ssize_t end = head < 0 ? -1 : read_at(file, tail, KIND_TAIL, from);
    struct kind kind;

    if (head < 0 || end < 0) {
        fail_reading(look, error);
        return;
    }
    kind = kind_of(bytes, (size_t)head);
    judge_type(look, &kind, name);
    if (look->reason != REASON_NONE)
        return;
    look->ending = kind.ending;
    if ((uint64_t)look->size > rules->max_bytes) {
        refuse(look, STATE_FAILED, REASON_TOO_LARGE, "");
        return;
    }
    if (!rules->takes_broken &&
        !kind_is_whole(&kind, bytes, (size_t)head, tail, (size_t)end, (uint64_t)from + (uint64_t)end)) {
        refuse(look, STATE_FAILED, REASON_BROKEN, "");
        return;
    }
    if (strcmp(kind.ending, ".jpg") == 0)
        exif_read(bytes, (size_t)head, &look->taken);
    if (rules->needs_digest && !digest_file(file, bytes, (size_t)head, look))
        fail_reading(look, error);
}

void look_at(int folder, const char *path, const struct look_rules *rules, struct look *look, int *error)
{
    const char *slash = strrchr(path, '/');
    unsigned char *bytes = malloc(KIND_HEAD + KIND_TAIL);
    /* O_NONBLOCK: a FIFO that replaced the file must not block the program. */
    int file = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat facts;

    *look = (struct look){.taken = {.latitude = NAN, .longitude = NAN}};
    *error = 0;
    if (bytes == NULL || file < 0 || fstat(file, &facts) != 0) {
        fail_reading(look, error);
    } else if (!S_ISREG(facts.st_mode)) {
        refuse(look, STATE_SKIPPED, REASON_SPECIAL, "");
    } else {
        look->size = facts.st_size;
        look->mtime_ns = look_mtime_ns(&facts);
        look_inside(file, slash != NULL ? slash + 1 : path, rules, look, bytes, error);
    }
    if (file >= 0)
        close(file);
    free(bytes);
}
