/* SPDX-License-Identifier: MIT */
/*
 * Parses a fault specification; the grammar is in fault.c. Rejects invalid specifications with a message, so that no
 * test runs without the fault it asked for.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "testing/service/fault.h"
#include "testing/service/internal.h"

#define API_ROUTES (1U << SVC_ROUTE_CREATE | 1U << SVC_ROUTE_SUBMIT | 1U << SVC_ROUTE_POLL | 1U << SVC_ROUTE_FETCH)

static const struct {
    const char *name;
    unsigned routes;
} route_words[] = {
    {"create", 1U << SVC_ROUTE_CREATE},           {"upload", 1U << SVC_ROUTE_UPLOAD},
    {"submit", 1U << SVC_ROUTE_SUBMIT},           {"poll", 1U << SVC_ROUTE_POLL},
    {"fetch", 1U << SVC_ROUTE_FETCH},           {"api", API_ROUTES},
    {"any", API_ROUTES | 1U << SVC_ROUTE_UPLOAD},
};

static const struct {
    const char *name;
    enum svc_fault_kind kind;
} kind_words[] = {
    {"reset-before", SVC_FAULT_RESET_BEFORE},
    {"reset-after", SVC_FAULT_RESET_AFTER},
    {"stall", SVC_FAULT_STALL},
    {"truncate", SVC_FAULT_TRUNCATE},
    {"malformed", SVC_FAULT_MALFORMED},
    {"wrong-length", SVC_FAULT_WRONG_LENGTH},
    {"slow", SVC_FAULT_SLOW},
    {"delay", SVC_FAULT_DELAY},
    {"early", SVC_FAULT_EARLY},
    {"foreign-url", SVC_FAULT_FOREIGN_URL},
    {"huge", SVC_FAULT_HUGE},
    {"html", SVC_FAULT_HTML},
    {"header", SVC_FAULT_HEADER},
    {"odd", SVC_FAULT_ODD},
};

/* Bounded so that no sum of times overflows, and every date has a four-digit year. */
#define MAX_MS INT64_C(1000000000000)
#define MAX_SECONDS INT64_C(4000000000)

static const struct {
    const char *name;
    size_t offset;
    int64_t least;
    int64_t most;
} number_words[] = {
    {"n", offsetof(struct svc_fault, count), 0, INT64_MAX},
    {"from", offsetof(struct svc_fault, from), 0, INT64_MAX},
    {"every", offsetof(struct svc_fault, every), 1, INT64_MAX},
    {"begin", offsetof(struct svc_fault, begin_ms), 0, MAX_MS},
    {"end", offsetof(struct svc_fault, end_ms), 1, MAX_MS},
    {"repeat", offsetof(struct svc_fault, repeat_ms), 1, MAX_MS},
    {"retry_after", offsetof(struct svc_fault, retry_after_s), 0, MAX_SECONDS},
    {"retry_date", offsetof(struct svc_fault, retry_date_s), 0, MAX_SECONDS},
    {"ms", offsetof(struct svc_fault, ms), 0, MAX_MS},
    {"bps", offsetof(struct svc_fault, bps), 1, 1000000000},
    {"size", offsetof(struct svc_fault, size), 1, 1073741824},
};

static bool parse_route(const char *word, struct svc_fault *fault)
{
    for (size_t i = 0; i < sizeof(route_words) / sizeof(route_words[0]); i++) {
        if (strcmp(route_words[i].name, word) == 0) {
            fault->routes = route_words[i].routes;
            return true;
        }
    }
    return false;
}

static bool parse_status(const char *value, struct svc_fault *fault)
{
    int64_t status;

    if (!svc_parse_int(value, &status) || status < 200 || status > 599)
        return false;
    fault->status = (int)status;
    return true;
}

static bool parse_kind(const char *word, struct svc_fault *fault)
{
    for (size_t i = 0; i < sizeof(kind_words) / sizeof(kind_words[0]); i++) {
        if (strcmp(kind_words[i].name, word) == 0) {
            fault->kind = kind_words[i].kind;
            return true;
        }
    }
    fault->kind = SVC_FAULT_STATUS;
    return parse_status(word, fault);
}

/* A copy with %XX decoded, so that values may contain a colon. */
static char *decode(const char *text)
{
    char *out = svc_alloc(strlen(text) + 1);
    size_t at = 0;

    while (*text) {
        char pair[3] = {0};

        if (text[0] == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
            memcpy(pair, text + 1, 2);
            out[at++] = (char)strtol(pair, NULL, 16);
            text += 3;
        } else {
            out[at++] = *text++;
        }
    }
    return out;
}

static bool parse_header(const char *value, struct svc_fault *fault)
{
    const char *equals = strchr(value, '=');

    if (!equals || equals == value || fault->header_name)
        return false;
    fault->header_name = svc_alloc((size_t)(equals - value) + 1);
    memcpy(fault->header_name, value, (size_t)(equals - value));
    fault->header_value = decode(equals + 1);
    return true;
}

static bool parse_text(const char *value, char **out)
{
    if (*out)
        return false;
    *out = decode(value);
    return true;
}

static bool parse_flag(const char *value, bool *out)
{
    *out = strcmp(value, "1") == 0;
    return *out || strcmp(value, "0") == 0;
}

static bool parse_number(const char *value, size_t word, struct svc_fault *fault)
{
    int64_t *out = (int64_t *)(void *)((char *)fault + number_words[word].offset);

    return svc_parse_int(value, out) && *out >= number_words[word].least && *out <= number_words[word].most;
}

static bool parse_form(const char *value, struct svc_fault *fault)
{
    fault->form = svc_odd_from(value);
    return fault->form != SVC_ODD_NONE;
}

static bool parse_setting(const char *name, const char *value, struct svc_fault *fault)
{
    for (size_t i = 0; i < sizeof(number_words) / sizeof(number_words[0]); i++) {
        if (strcmp(number_words[i].name, name) == 0)
            return parse_number(value, i, fault);
    }
    if (strcmp(name, "p") == 0)
        return svc_parse_double(value, &fault->probability) && fault->probability >= 0 && fault->probability <= 1;
    if (strcmp(name, "after_effect") == 0)
        return parse_flag(value, &fault->after_effect);
    if (strcmp(name, "edge") == 0)
        return parse_flag(value, &fault->edge);
    if (strcmp(name, "code") == 0)
        return parse_text(value, &fault->code);
    if (strcmp(name, "message") == 0)
        return parse_text(value, &fault->message);
    if (strcmp(name, "to") == 0)
        return parse_text(value, &fault->to);
    if (strcmp(name, "form") == 0)
        return parse_form(value, fault);
    if (strcmp(name, "header") == 0)
        return parse_header(value, fault);
    return strcmp(name, "status") == 0 && parse_status(value, fault);
}

/* "key=value", changed in place. */
static bool parse_pair(char *pair, struct svc_fault *fault)
{
    char *equals = strchr(pair, '=');

    if (!equals)
        return false;
    *equals = '\0';
    return parse_setting(pair, equals + 1, fault);
}

static const char *check_kind(const struct svc_fault *fault)
{
    bool answers = fault->kind == SVC_FAULT_STATUS || fault->kind == SVC_FAULT_HTML;
    bool moves = fault->kind == SVC_FAULT_STATUS && fault->status >= 300 && fault->status < 400;

    if (fault->kind == SVC_FAULT_SLOW && fault->bps == 0)
        return "slow needs bps=BYTES_PER_SECOND";
    if (fault->kind == SVC_FAULT_DELAY && fault->ms == 0)
        return "delay needs ms=MILLISECONDS";
    if (fault->kind == SVC_FAULT_HEADER && !fault->header_name)
        return "header needs header=Name=Value";
    if (fault->kind == SVC_FAULT_ODD && !(fault->routes & API_ROUTES))
        return "odd is for jobs and results";
    if (fault->form && fault->kind != SVC_FAULT_ODD)
        return "form is for odd";
    if (fault->edge && (!answers || fault->after_effect))
        return "edge is for a status or html without after_effect";
    if (fault->to && !moves)
        return "to is for a status 3xx";
    if (fault->to && strcmp(fault->to, "storage") == 0 && fault->routes != 1U << SVC_ROUTE_FETCH)
        return "to=storage is for fetch";
    return NULL;
}

static const char *check_times(const struct svc_fault *fault)
{
    if (fault->end_ms > 0 && fault->end_ms <= fault->begin_ms)
        return "end is not after begin";
    if (fault->repeat_ms > 0 && (fault->end_ms == 0 || fault->repeat_ms < fault->end_ms))
        return "repeat needs an end that is not after it";
    return NULL;
}

bool svc_fault_parse(const char *spec, struct svc_fault *fault, char *error, size_t error_size)
{
    char *copy = svc_copy(spec);
    char *rest = copy;
    const char *route = strsep(&rest, ":");
    const char *kind = rest ? strsep(&rest, ":") : "";
    const char *wrong = NULL;
    char *pair;

    *fault = (struct svc_fault){.probability = 1, .count = -1, .every = 1, .retry_after_s = -1, .retry_date_s = -1};
    if (!parse_route(route, fault))
        wrong = "the route is not create, upload, submit, poll, fetch, any or api";
    else if (!parse_kind(kind, fault))
        wrong = "the kind of fault is not known";
    while (!wrong && (pair = strsep(&rest, ":")) != NULL) {
        if (!parse_pair(pair, fault))
            wrong = "a key=value is not known or out of range";
    }
    if (!wrong)
        wrong = check_kind(fault);
    if (!wrong)
        wrong = check_times(fault);
    if (wrong) {
        (void)snprintf(error, error_size, "fault \"%s\": %s", spec, wrong);
        svc_fault_free(fault);
    }
    free(copy);
    return !wrong;
}

void svc_fault_free(struct svc_fault *fault)
{
    free(fault->code);
    free(fault->message);
    free(fault->to);
    free(fault->header_name);
    free(fault->header_value);
    *fault = (struct svc_fault){0};
}
