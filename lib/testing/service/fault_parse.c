/* SPDX-License-Identifier: MIT */
/*
 * Reads one fault specification; the grammar stands in fault.c.
 * Refuses whatever it does not understand, with words, so that a test never runs without the fault it asked for.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "testing/service/fault.h"
#include "testing/service/internal.h"

#define API_ROUTES (1U << SVC_ROUTE_CREATE | 1U << SVC_ROUTE_SUBMIT | 1U << SVC_ROUTE_STATUS | 1U << SVC_ROUTE_RESULT)

static const struct {
    const char *name;
    unsigned routes;
} route_words[] = {
    {"create", 1U << SVC_ROUTE_CREATE},           {"upload", 1U << SVC_ROUTE_UPLOAD},
    {"submit", 1U << SVC_ROUTE_SUBMIT},           {"status", 1U << SVC_ROUTE_STATUS},
    {"result", 1U << SVC_ROUTE_RESULT},           {"api", API_ROUTES},
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

static bool parse_kind(const char *word, struct svc_fault *fault)
{
    int64_t status;

    for (size_t i = 0; i < sizeof(kind_words) / sizeof(kind_words[0]); i++) {
        if (strcmp(kind_words[i].name, word) == 0) {
            fault->kind = kind_words[i].kind;
            return true;
        }
    }
    if (!svc_parse_int(word, &status) || status < 200 || status > 599)
        return false;
    fault->kind = SVC_FAULT_STATUS;
    fault->status = (int)status;
    return true;
}

/* A copy with %XX read, so that words may hold a colon. */
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

static bool parse_least(const char *value, int64_t least, int64_t *out)
{
    return svc_parse_int(value, out) && *out >= least;
}

static bool parse_setting(const char *name, const char *value, struct svc_fault *fault)
{
    int64_t status;

    if (strcmp(name, "p") == 0)
        return svc_parse_double(value, &fault->probability) && fault->probability >= 0 && fault->probability <= 1;
    if (strcmp(name, "n") == 0)
        return parse_least(value, 0, &fault->count);
    if (strcmp(name, "from") == 0)
        return parse_least(value, 0, &fault->from);
    if (strcmp(name, "every") == 0)
        return parse_least(value, 1, &fault->every);
    if (strcmp(name, "retry_after") == 0)
        return parse_least(value, 0, &fault->retry_after_s);
    if (strcmp(name, "ms") == 0)
        return parse_least(value, 0, &fault->ms);
    if (strcmp(name, "bps") == 0)
        return parse_least(value, 1, &fault->bps);
    if (strcmp(name, "size") == 0)
        return parse_least(value, 1, &fault->size);
    if (strcmp(name, "after_effect") == 0)
        return parse_flag(value, &fault->after_effect);
    if (strcmp(name, "code") == 0)
        return parse_text(value, &fault->code);
    if (strcmp(name, "message") == 0)
        return parse_text(value, &fault->message);
    if (strcmp(name, "header") == 0)
        return parse_header(value, fault);
    if (strcmp(name, "status") == 0 && parse_least(value, 200, &status) && status <= 599) {
        fault->status = (int)status;
        return true;
    }
    return false;
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

bool svc_fault_parse(const char *spec, struct svc_fault *fault, char *error, size_t error_size)
{
    char *copy = svc_copy(spec);
    char *rest = copy;
    const char *route = strsep(&rest, ":");
    const char *kind = rest ? strsep(&rest, ":") : "";
    const char *wrong = NULL;
    char *pair;

    *fault = (struct svc_fault){.probability = 1, .count = -1, .every = 1, .retry_after_s = -1};
    if (!parse_route(route, fault))
        wrong = "the route is not create, upload, submit, status, result, any or api";
    else if (!parse_kind(kind, fault))
        wrong = "the kind of fault is not known";
    while (!wrong && (pair = strsep(&rest, ":")) != NULL) {
        if (!parse_pair(pair, fault))
            wrong = "a key=value is not known or out of range";
    }
    if (!wrong && fault->kind == SVC_FAULT_SLOW && fault->bps == 0)
        wrong = "slow needs bps=BYTES_PER_SECOND";
    if (!wrong && fault->kind == SVC_FAULT_DELAY && fault->ms == 0)
        wrong = "delay needs ms=MILLISECONDS";
    if (!wrong && fault->kind == SVC_FAULT_HEADER && !fault->header_name)
        wrong = "header needs header=Name=Value";
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
    free(fault->header_name);
    free(fault->header_value);
    *fault = (struct svc_fault){0};
}
