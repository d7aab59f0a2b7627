/* SPDX-License-Identifier: MIT */
/*
 * Results to files that other programs read. Rows are read one at a time in the order of their paths, so that memory
 * does not grow with the ledger, and the same results give the same file. A file is written under another name, synced,
 * and renamed, so that a reader never sees a partial file.
 */
#ifndef TOOL_EXPORT_H
#define TOOL_EXPORT_H

#include <stdio.h>

#include "ledger.h"
#include "options.h"

/* One image, as every format gets it. Text is valid until the next one; NULL where there is none. */
struct export_row {
    const char *path; /* bytes */
    size_t path_size;
    const char *written; /* text_path of it */
    int state;
    int reason;
    const char *error;  /* what is to be said of one that failed or is pending */
    const char *status; /* the library's name of the status */
    const char *job;
    const unsigned char *digest; /* 32 bytes */
    const char *json;            /* the service's result */
    size_t json_size;
    const char *taken; /* local time of the camera */
    const char *camera;
    const char *serial;
    double latitude; /* NAN: not known */
    double longitude;
};

struct exporter {
    struct ledger *ledger;
    const struct options *options;
    FILE *out;          /* of one file; NULL for a folder */
    const char *folder; /* of a folder, under its other name */
};

/* Each writes everything; EXIT_DONE, or an exit code after a word. */
int export_md(struct exporter *exporter);
int export_jsonl(struct exporter *exporter);
int export_csv(struct exporter *exporter);
int export_camtrap(struct exporter *exporter);

/* Calls `each` for all images that are there and no skipped files; false when it did or the ledger cannot be read. */
bool export_each(struct exporter *exporter, bool (*each)(void *context, const struct export_row *row), void *context);

/* To --output in --format, or to standard output. */
int export_results(struct ledger *ledger, const struct options *options);

int command_export(const struct options *options);

#endif
