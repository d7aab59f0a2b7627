/* SPDX-License-Identifier: MIT */
/*
 * Trusted certificates: the host's only, or the system's.
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

/* Identifies the contents of a file: another file, or a write to it, differs. */
struct ad_trust_file {
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec changed;
};

struct ad_trust {
    struct ad_trust *older; /* a replaced one, while a transfer may still refer to it */
    char *host_file;        /* as named by the host; NULL: none */
    struct curl_blob pem;   /* the host's, overrides the file; data NULL: none */
    int fd;                 /* memory file with `pem`, -1: none */
    char *source;           /* the file to read; NULL: libcurl's defaults, or `pem` as a blob */
    char *path;             /* its name as passed to libcurl, see trust.c */
    bool alone;             /* no directory in addition */
    bool no_file;           /* only a directory */
    struct ad_trust_file seen;
    int64_t checked_ms;
};

/*
 * From the settings' ca_file and ca_pem. `spellings` counts the file names that a transport has used. ANIMALDETECT_OK,
 * ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_trust_new(const struct ad_transport_settings *settings, unsigned long *spellings,
                                struct ad_trust **out);
void ad_trust_free(struct ad_trust *trust); /* including all older ones */

bool ad_trust_is_of(const struct ad_trust *trust, const struct ad_transport_settings *settings);

/* True when the contents of the file have changed: call `apply`, which passes a new name to libcurl. */
bool ad_trust_recheck(struct ad_trust *trust, unsigned long *spellings, int64_t now_ms);

/* The same certificates for the service and for an https proxy, as in the curl tool. */
CURLcode ad_trust_apply(const struct ad_trust *trust, CURL *easy);

#endif
