/* SPDX-License-Identifier: MIT */
/*
 * Headers, query values, dates, hex, numbers and the names of states.  Numbers are parsed completely or not at all;
 * nothing depends on locale or time zone.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "testing/service/internal.h"

bool svc_equal_nocase(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

const char *svc_request_header(const struct svc_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (svc_equal_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    }
    return NULL;
}

bool svc_query_value(const char *query, const char *name, char *out, size_t out_size)
{
    size_t name_size = strlen(name);

    while (*query) {
        size_t size = strcspn(query, "&");

        if (size > name_size && strncmp(query, name, name_size) == 0 && query[name_size] == '=') {
            size -= name_size + 1;
            if (size >= out_size)
                return false;
            memcpy(out, query + name_size + 1, size);
            out[size] = '\0';
            return true;
        }
        query += size;
        if (*query == '&')
            query++;
    }
    return false;
}

static void split_time(int64_t ms, struct tm *out, int *rest_ms)
{
    time_t seconds = (time_t)(ms / 1000);

    *rest_ms = (int)(ms % 1000);
    if (!gmtime_r(&seconds, out))
        abort();
}

/* RFC 3339 with milliseconds, as the service's page shows it. */
void svc_format_iso(int64_t ms, char out[32])
{
    struct tm parts;
    int rest;
    size_t at;

    split_time(ms, &parts, &rest);
    at = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out + at, 32 - at, ".%03dZ", rest);
}

/* RFC 9110 IMF-fixdate.  Names are spelled here, since strftime's follow the locale. */
void svc_format_http_date(int64_t ms, char out[40])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm parts;
    int rest;

    split_time(ms, &parts, &rest);
    (void)snprintf(out, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                   months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

bool svc_parse_hex(const char *hex, uint8_t out[SVC_DIGEST_SIZE])
{
    size_t size = 0;

    if (strlen(hex) != SVC_DIGEST_SIZE * 2)
        return false;
    return sodium_hex2bin(out, SVC_DIGEST_SIZE, hex, SVC_DIGEST_SIZE * 2, NULL, &size, NULL) == 0 &&
           size == SVC_DIGEST_SIZE;
}

bool svc_parse_int(const char *text, int64_t *out)
{
    char *end = NULL;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (end == text || *end || errno)
        return false;
    *out = value;
    return true;
}

bool svc_parse_double(const char *text, double *out)
{
    char *end = NULL;
    double value;

    errno = 0;
    value = strtod(text, &end);
    if (end == text || *end || errno || !isfinite(value))
        return false;
    *out = value;
    return true;
}

void svc_make_uuid(struct ad_rng *rng, char out[SVC_ID_SIZE])
{
    uint64_t high = ad_rng_u64(rng);
    uint64_t low = ad_rng_u64(rng);

    /* RFC 9562 version 4, variant 10. */
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | (UINT64_C(2) << 62);
    (void)snprintf(out, SVC_ID_SIZE, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
                   (unsigned)(high >> 16) & 0xffffU, (unsigned)high & 0xffffU, (unsigned)(low >> 48),
                   (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

int64_t svc_server_ms(const struct svc_exchange *exchange)
{
    return exchange->now_ms + exchange->svc->config.clock_skew_ms;
}

static const char *const state_names[SVC_STATE_END] = {"awaiting_upload", "queued", "running",
                                                       "succeeded",       "failed", "expired"};

const char *svc_state_name(enum svc_state state)
{
    return state_names[state];
}
