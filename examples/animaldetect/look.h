/* SPDX-License-Identifier: MIT */
/*
 * Inspects a file: its type, whether it is complete, when and where it was taken, and its SHA-256. An image is read
 * once, from its first byte to its last; of anything else only the beginning is read.
 */
#ifndef TOOL_LOOK_H
#define TOOL_LOOK_H

#include "ledger.h"

/* What a file's name says, without reading it. */
enum name_kind {
    NAME_IMAGE,  /* an ending that images have */
    NAME_OTHER,  /* an ending that says something else: not read */
    NAME_VIDEO,  /* not read */
    NAME_HIDDEN, /* begins with a dot, as the sidecars that macOS leaves on cards do */
    NAME_SYSTEM, /* Thumbs.db and the like */
    NAME_UNKNOWN /* read to know */
};

int look_name(const char *name, size_t size);

/* Whether a folder of this name is left alone: hidden, or an operating system's own. */
bool look_is_system_folder(const char *name);

struct look {
    int reason;       /* REASON_NONE for an image that can be sent, or why not */
    int state;        /* of one that cannot: STATE_FAILED or STATE_SKIPPED */
    char detail[128]; /* what it is instead, or the system's error; "" for nothing to add */
    int64_t size;
    int64_t mtime_ns;
    unsigned char digest[32];
    const char *ending; /* ".jpg", ".png", ".webp", ".heic": what the bytes are */
    struct taken taken;
};

struct look_rules {
    uint64_t max_bytes;
    bool takes_broken; /* an image without its end may be sent */
    bool needs_digest; /* false: only the beginning and the end are read */
};

/* `folder` is a descriptor; `path` is relative to it. `error` receives errno where the reason is REASON_UNREADABLE. */
void look_at(int folder, const char *path, const struct look_rules *rules, struct look *look, int *error);

/* The time of a file as the ledger has it. */
struct stat;
int64_t look_mtime_ns(const struct stat *facts);

#endif
