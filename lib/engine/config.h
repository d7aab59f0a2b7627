/* SPDX-License-Identifier: MIT */
/*
 * The configuration of a client.  Plain data with owned texts.  Some settings are fixed by the first use of the client;
 * the others may change and apply to later requests.
 */
#ifndef AD_ENGINE_CONFIG_H
#define AD_ENGINE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/net.h"
#include "base/origin.h"

#define AD_BASE_URL_DEFAULT "https://api.animaldetect.com/v1"
#define AD_BASE_URL_OLDER "https://www.animaldetect.com/api/v1"

#define AD_CONFIG_HEADERS 16

/* Cache: the origin of the upload URL parsed last.  The next one nearly always has the same. */
struct ad_storage {
    char text[AD_ORIGIN_TEXT_SIZE]; /* in the format of ad_origin_format, "" when empty */
    struct ad_origin origin;
};

struct ad_permits;

struct ad_config {
    char *base_url; /* normalized: no trailing slash */
    struct ad_origin base_origin;
    struct ad_origin *trusted; /* origins that the host added */
    size_t trusted_count;
    struct ad_storage *storage; /* a cache, not constant like the configuration */
    char *ca_file;
    char *ca_pem;
    size_t ca_pem_size;
    char *proxy;      /* NULL: from the environment */
    char *user_agent; /* what the host appends; NULL for nothing */
    char *checksum_field;
    struct ad_header headers[AD_CONFIG_HEADERS]; /* added by the host; both texts from malloc */
    size_t header_count;
    int64_t connect_timeout_ms;
    int64_t stall_timeout_ms;
    int64_t request_timeout_ms;
    int64_t offline_patience_ms;   /* -1: unlimited; 0: an unreachable network is a failure like any other */
    int64_t max_retry_after_ms;    /* a longer Retry-After is not obeyed in full: the service is asked again then */
    int64_t processing_timeout_ms; /* -1: none */
    int64_t poll_min_ms;
    int64_t poll_max_ms;
    uint64_t max_image_bytes;
    uint64_t max_answer_bytes;
    int32_t max_requests;
    int32_t rate_per_minute;
    int32_t rate_burst;
    int32_t permit_share;          /* requests per minute without permits, 0: none */
    int64_t permit_share_after_ms;
    int64_t permit_lag_ms;
    struct ad_permits *permits; /* state, not configuration; NULL until requests need permits */
    int32_t max_tries;
    int32_t poll_mode;
    int32_t paused;    /* enum animaldetect_pause */
    int64_t max_jobs;  /* 0: unlimited */
    bool needs_permits; /* API requests need permits */
    bool poll_bounded; /* the host set poll_min_ms and poll_max_ms */
    bool allow_insecure_http;
    bool base_is_official;
    bool base_is_plain_loopback; /* plain http on loopback */
};

/* ANIMALDETECT_OK or ANIMALDETECT_E_NO_MEMORY. */
AD_CHECKED int32_t ad_config_init(struct ad_config *config);
void ad_config_free(struct ad_config *config);

/* Errors of ad_origin_parse, ANIMALDETECT_E_INSECURE_URL, ANIMALDETECT_E_NO_MEMORY; nothing is changed on error. */
AD_CHECKED int32_t ad_config_set_base_url(struct ad_config *config, const char *url);
bool ad_config_has_base_url(const struct ad_config *config, const char *url); /* whether it is the current one */
AD_CHECKED int32_t ad_config_add_trusted(struct ad_config *config, const char *origin);

/* Sets, replaces, or with "" removes a header of the host.  E_NO_MEMORY, E_STATE: too many headers. */
AD_CHECKED int32_t ad_config_add_header(struct ad_config *config, const char *name, const char *value);

/*
 * Whether the API key may be sent to this URL.  ANIMALDETECT_OK, ANIMALDETECT_E_UNTRUSTED_URL (foreign origin, or not a
 * URL), ANIMALDETECT_E_INSECURE_URL.
 */
AD_CHECKED int32_t ad_config_check_api_url(const struct ad_config *config, const char *url);

/*
 * Whether image bytes may be sent to this URL.  ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL (not a URL),
 * ANIMALDETECT_E_INSECURE_URL.
 */
AD_CHECKED int32_t ad_config_check_upload_url(const struct ad_config *config, const char *url);

#endif
