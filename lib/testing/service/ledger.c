/* SPDX-License-Identifier: MIT */
/*
 * The ledger: counters, the peak of the rate, and the violations of clients. Counting never changes a response.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static const char *const count_names[SVC_COUNT_END] = {
    [SVC_COUNT_JOBS] = "jobs",
    [SVC_COUNT_REPLAYS] = "replays",
    [SVC_COUNT_CONFLICTS] = "conflicts",
    [SVC_COUNT_IMAGES] = "images",
    [SVC_COUNT_UPLOADS] = "uploads",
    [SVC_COUNT_UPLOADS_REFUSED] = "uploads_refused",
    [SVC_COUNT_UPLOADS_EXPIRED] = "uploads_expired",
    [SVC_COUNT_SUBMITS] = "submits",
    [SVC_COUNT_POLLS] = "polls",
    [SVC_COUNT_RESULTS] = "results",
    [SVC_COUNT_BILLED_TWICE] = "billed_twice",
    [SVC_COUNT_API_REQUESTS] = "api_requests",
    [SVC_COUNT_UNAUTHORIZED] = "unauthorized",
    [SVC_COUNT_LIMITED] = "limited",
    [SVC_COUNT_FAULTS] = "faults",
    [SVC_COUNT_FOREIGN] = "foreign",
};

static const char *const route_names[SVC_ROUTE_END] = {"create", "upload", "submit", "poll", "fetch", "other"};

uint64_t svc_count(const struct svc *svc, enum svc_count count)
{
    return svc->counts[count];
}

uint64_t svc_route_count(const struct svc *svc, enum svc_route route, int answer_class)
{
    uint64_t sum = 0;

    if (answer_class >= 0)
        return answer_class < 6 ? svc->routes[route][answer_class] : 0;
    for (int i = 0; i < 6; i++)
        sum += svc->routes[route][i];
    return sum;
}

uint64_t svc_max_in_window(const struct svc *svc)
{
    return svc->peak.max;
}

void svc_count_answer(struct svc_exchange *exchange)
{
    int answer_class = exchange->response->status / 100;

    if (exchange->response->delivery != SVC_DELIVER || answer_class > 5)
        answer_class = 0;
    exchange->svc->routes[exchange->route][answer_class]++;
}

static void count_code(struct svc *svc, const char *text)
{
    size_t size = strcspn(text, ":");
    uint64_t *count = svc_table_get(&svc->violation_codes, text, size);

    if (!count) {
        /* The code is stored after its own count: one allocation for key and value. */
        count = svc_alloc(sizeof(*count) + size);
        memcpy(count + 1, text, size);
        svc_table_put(&svc->violation_codes, count + 1, size, count);
    }
    (*count)++;
}

static void add_violation(struct svc *svc, const char *text)
{
    svc->violation_count++;
    count_code(svc, text);
    if (svc->violations_kept == SVC_KEPT_VIOLATIONS)
        return;
    svc->violations = svc_grow(svc->violations, svc->violations_kept + 1, sizeof(char *));
    svc->violations[svc->violations_kept++] = svc_copy(text);
}

void svc_violate(struct svc *svc, const char *code, const char *format, ...)
{
    char words[SVC_MAX_PATH + 256];
    char text[SVC_MAX_PATH + 320];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    (void)snprintf(text, sizeof(text), "%s: %s", code, words);
    add_violation(svc, text);
    svc_journal_violation(svc, text);
}

void svc_violation_restore(struct svc *svc, const char *text)
{
    add_violation(svc, text);
}

size_t svc_violation_count(const struct svc *svc)
{
    return svc->violation_count;
}

size_t svc_violation_count_of(const struct svc *svc, const char *code)
{
    const uint64_t *count = svc_table_get(&svc->violation_codes, code, strlen(code));

    return count ? (size_t)*count : 0;
}

const char *svc_violation(const struct svc *svc, size_t index)
{
    return index < svc->violations_kept ? svc->violations[index] : NULL;
}

void svc_ledger_free(struct svc *svc)
{
    for (size_t i = 0; i < svc->violations_kept; i++)
        free(svc->violations[i]);
    for (size_t i = 0; i < svc->violation_codes.capacity; i++)
        free(svc->violation_codes.entries[i].value);
    svc_table_free(&svc->violation_codes);
    free(svc->violations);
    free(svc->peak.times);
}

static json_t *routes_json(const struct svc *svc)
{
    static const char *const classes[6] = {"unanswered", "1xx", "2xx", "3xx", "4xx", "5xx"};
    json_t *routes = json_object();

    for (int route = 0; route < SVC_ROUTE_END; route++) {
        json_t *row = json_object();

        for (int i = 0; i < 6; i++) {
            if (i != 1)
                json_object_set_new(row, classes[i], json_integer((json_int_t)svc->routes[route][i]));
        }
        json_object_set_new(routes, route_names[route], row);
    }
    return routes;
}

char *svc_ledger_json(const struct svc *svc)
{
    json_t *counts = json_object();
    json_t *violations = json_array();
    json_t *root;
    char *text;

    for (int i = 0; i < SVC_COUNT_END; i++)
        json_object_set_new(counts, count_names[i], json_integer((json_int_t)svc->counts[i]));
    for (size_t i = 0; i < svc->violations_kept; i++)
        json_array_append_new(violations, json_string(svc->violations[i]));
    root = json_pack("{s:o,s:o,s:I,s:I,s:o}", "counts", counts, "routes", routes_json(svc), "max_requests_in_60_s",
                     (json_int_t)svc->peak.max, "violation_count", (json_int_t)svc->violation_count, "violations",
                     violations);
    text = json_dumps(root, JSON_INDENT(2));
    if (!text)
        abort();
    json_decref(root);
    return text;
}
