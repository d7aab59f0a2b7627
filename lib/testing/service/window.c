/* SPDX-License-Identifier: MIT */
/*
 * API keys and their rate windows, and the peak of requests in any 60 seconds.  Only accepted requests count in a
 * window.  The time is passed in.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

struct svc_key *svc_key_find(const struct svc *svc, const char *bearer)
{
    static const char scheme[] = "Bearer ";

    if (!bearer || strncmp(bearer, scheme, sizeof(scheme) - 1) != 0)
        return NULL;
    for (size_t i = 0; i < svc->key_count; i++) {
        if (!svc->keys[i].revoked && strcmp(svc->keys[i].text, bearer + sizeof(scheme) - 1) == 0)
            return &svc->keys[i];
    }
    return NULL;
}

void svc_key_add(struct svc *svc, const char *text, int64_t rpm)
{
    struct svc_key key = {.text = svc_copy(text), .window = {.limit = rpm}};

    if (rpm > 0)
        key.window.times = svc_grow(NULL, (size_t)rpm, sizeof(int64_t));
    svc->keys = svc_grow(svc->keys, svc->key_count + 1, sizeof(*svc->keys));
    svc->keys[svc->key_count++] = key;
}

void svc_add_key(struct svc *svc, const char *key, int64_t rpm)
{
    svc_key_add(svc, key, rpm);
}

void svc_revoke_key(struct svc *svc, const char *key)
{
    for (size_t i = 0; i < svc->key_count; i++) {
        if (strcmp(svc->keys[i].text, key) == 0)
            svc->keys[i].revoked = true;
    }
}

static int64_t whole_seconds(int64_t ms)
{
    return ms <= 0 ? 1 : (ms + 999) / 1000;
}

static bool accept_fixed(struct svc_window *window, int64_t now_ms, int64_t *retry_s)
{
    int64_t start = now_ms - now_ms % SVC_WINDOW_MS;

    if (start != window->fixed_start) {
        window->fixed_start = start;
        window->fixed_count = 0;
    }
    *retry_s = whole_seconds(start + SVC_WINDOW_MS - now_ms);
    if (window->fixed_count >= window->limit)
        return false;
    window->fixed_count++;
    return true;
}

/* A request at t counts in (now - 60 s, now]: exactly 60 s later it no longer counts. */
static bool accept_sliding(struct svc_window *window, int64_t now_ms, int64_t *retry_s)
{
    size_t limit = (size_t)window->limit;
    size_t oldest = (window->next + limit - window->held) % limit;

    while (window->held > 0 && window->times[oldest] <= now_ms - SVC_WINDOW_MS) {
        oldest = (oldest + 1) % limit;
        window->held--;
    }
    if (window->held == limit) {
        *retry_s = whole_seconds(window->times[oldest] + SVC_WINDOW_MS - now_ms);
        return false;
    }
    window->times[window->next] = now_ms;
    window->next = (window->next + 1) % limit;
    window->held++;
    return true;
}

bool svc_window_accept(struct svc_window *window, enum svc_window_kind kind, int64_t now_ms, int64_t *retry_s)
{
    *retry_s = 1;
    if (window->limit <= 0)
        return true;
    if (kind == SVC_WINDOW_FIXED)
        return accept_fixed(window, now_ms, retry_s);
    return accept_sliding(window, now_ms, retry_s);
}

/* Seconds until the window can accept a request. */
static int64_t reset_seconds(const struct svc_exchange *exchange, const struct svc_window *window)
{
    size_t limit = (size_t)window->limit;

    if (exchange->svc->config.window == SVC_WINDOW_FIXED)
        return whole_seconds(window->fixed_start + SVC_WINDOW_MS - exchange->now_ms);
    if (window->held == 0)
        return 60;
    return whole_seconds(window->times[(window->next + limit - window->held) % limit] + SVC_WINDOW_MS -
                         exchange->now_ms);
}

struct told_window {
    const char *name;
    long long left, reset_s, window_s;
};

static struct told_window told_window(const struct svc_exchange *exchange, const struct svc_window *window)
{
    bool fixed = exchange->svc->config.window == SVC_WINDOW_FIXED;
    long long left = window->limit - (fixed ? window->fixed_count : (int64_t)window->held);

    switch (exchange->svc->config.rate_window) {
    case SVC_RATE_WINDOW_NONE:
        return (struct told_window){.name = "default", .left = left};
    case SVC_RATE_WINDOW_SECOND:
        return (struct told_window){.name = "second", .left = left, .reset_s = 1, .window_s = 1};
    case SVC_RATE_WINDOW_DAY:
        return (struct told_window){.name = "day", .left = left, .reset_s = 86400, .window_s = 86400};
    case SVC_RATE_WINDOW_EXHAUSTED:
        return (struct told_window){.name = "minute", .reset_s = 413999, .window_s = 60};
    case SVC_RATE_WINDOW_TRUE:
        break;
    }
    return (struct told_window){
        .name = "minute", .left = left, .reset_s = reset_seconds(exchange, window), .window_s = 60};
}

static void number_header(struct svc_response *response, const char *name, long long number)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%lld", number);
    svc_answer_header(response, name, text);
}

static void draft_header(struct svc_response *response, const char *header, const char *format,
                         const struct told_window *told, long long first, long long seconds)
{
    char text[96];
    int size = snprintf(text, sizeof(text), "\"%s\";%c=%lld", told->name, format[0], first);

    if (told->window_s > 0)
        (void)snprintf(text + size, sizeof(text) - (size_t)size, ";%c=%lld", format[1], seconds);
    svc_answer_header(response, header, text);
}

void svc_window_headers(struct svc_exchange *exchange, const struct svc_window *window)
{
    struct svc_response *response = exchange->response;
    struct told_window told;

    if (window->limit <= 0 || exchange->svc->config.rate_headers == SVC_RATE_HEADERS_NONE)
        return;
    told = told_window(exchange, window);
    if (exchange->svc->config.rate_headers == SVC_RATE_HEADERS_X) {
        number_header(response, "X-RateLimit-Limit", window->limit);
        number_header(response, "X-RateLimit-Remaining", told.left);
        if (told.window_s > 0)
            number_header(response, "X-RateLimit-Reset", told.reset_s);
        return;
    }
    draft_header(response, "RateLimit-Policy", "qw", &told, window->limit, told.window_s);
    draft_header(response, "RateLimit", "rt", &told, told.left, told.reset_s);
}

void svc_window_free(struct svc_window *window)
{
    free(window->times);
}

static void peak_make_room(struct svc_peak *peak)
{
    size_t capacity = peak->capacity ? peak->capacity * 2 : 1024;
    int64_t *times;

    if (peak->held < peak->capacity)
        return;
    times = svc_grow(NULL, capacity, sizeof(*times));
    for (size_t i = 0; i < peak->held; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): nothing is held while the capacity is 0 */
        times[i] = peak->times[(peak->head + i) % peak->capacity];
    free(peak->times);
    peak->times = times;
    peak->capacity = capacity;
    peak->head = 0;
}

void svc_peak_add(struct svc_peak *peak, int64_t now_ms)
{
    while (peak->held > 0 && peak->times[peak->head] <= now_ms - SVC_WINDOW_MS) {
        peak->head = (peak->head + 1) % peak->capacity;
        peak->held--;
    }
    peak_make_room(peak);
    peak->times[(peak->head + peak->held) % peak->capacity] = now_ms;
    peak->held++;
    if (peak->held > peak->max)
        peak->max = peak->held;
}
