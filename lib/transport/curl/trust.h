/* SPDX-License-Identifier: MIT */
/*
 * Whose certificates are trusted: the host's alone, or the system's.
 */
#ifndef AD_TRANSPORT_CURL_TRUST_H
#define AD_TRANSPORT_CURL_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/check.h"
#include "transport/transport.h"

/* Which contents a file had: another one, or a write to it, differs. */
struct ad_trust_file {
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec changed;
};

struct ad_trust {
    struct ad_trust *older; /* one that was replaced, while a transfer may still refer to it */
    char *host_file;        /* as the host has named it; NULL: none */
    struct curl_blob pem;   /* the host's, which wins; data NULL: none */
    int fd;                 /* `pem` as a file in memory, -1: none */
    char *source;           /* the file to read; NULL: libcurl's defaults, or `pem` as a blob */
    char *path;             /* its name as libcurl gets it, see trust.c */
    bool alone;             /* no directory beside it */
    bool no_file;           /* nothing beside the directory */
    struct ad_trust_file seen;
    int64_t checked_ms;
};

/*
 * From the settings' ca_file and ca_pem.  `spellings` counts the names that one transport has given to files.
 * ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_trust_new(const struct ad_transport_settings *settings, unsigned long *spellings,
                                struct ad_trust **out);
void ad_trust_free(struct ad_trust *trust); /* with all older ones */

bool ad_trust_is_of(const struct ad_trust *trust, const struct ad_transport_settings *settings);

/* True when the file has other contents than before: libcurl must be given its name anew, by `apply`. */
bool ad_trust_recheck(struct ad_trust *trust, unsigned long *spellings, int64_t now_ms);

/* The same certificates for the service and for a proxy that speaks TLS, as the curl tool does it. */
CURLcode ad_trust_apply(const struct ad_trust *trust, CURL *easy);

#endif
