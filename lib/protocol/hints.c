/* SPDX-License-Identifier: MIT */
/*
 * Parses the headers of hints.h: RFC 9110 (Retry-After, Date), the three forms of the IETF's RateLimit drafts, and what
 * services send in practice.  Values are untrusted: numbers saturate, texts are truncated and cleaned.  Never fails,
 * allocates or reads a clock.
 */
#include "protocol/hints.h"

#include <stdbool.h>
#include <string.h>

#include "base/checked.h"
#include "base/date.h"
#include "base/text.h"

/* Larger than any meaningful value, and far from overflow when converted to milliseconds. */
#define MAX_NUMBER INT64_C(1000000000000000)
#define MAX_WAIT_MS (INT64_C(24) * 3600 * 1000)
/* 2001-09-09: a larger "reset" is a time since 1970, a smaller one a number of seconds from now (up to 31 years). */
#define FIRST_EPOCH INT64_C(1000000000)
#define NO_RANK UINT8_MAX

struct span {
    const char *at;
    size_t size;
};

void ad_hints_init(struct ad_hints *hints, const struct ad_mask *mask)
{
    *hints = (struct ad_hints){
        .mask = mask,
        .retry_after_s = -1,
        .retry_date_s = -1,
        .date_s = -1,
        .limit = -1,
        .window_ms = -1,
        .remaining = -1,
        .reset_ms = -1,
        .reset_date_s = -1,
        .request_id_rank = NO_RANK,
    };
}

static struct span trimmed(const char *at, size_t size)
{
    while (size > 0 && ad_text_is_blank(*at)) {
        at++;
        size--;
    }
    while (size > 0 && ad_text_is_blank(at[size - 1]))
        size--;
    return (struct span){at, size};
}

static bool span_is(struct span span, const char *text)
{
    return strlen(text) == span.size && ad_text_same_nocase(span.at, text, span.size);
}

/* Digits, saturated; a fraction rounds up, since all of these are waits or counts. -1 for anything else. */
static int64_t hint_read_number(struct span span)
{
    int64_t number = 0;
    size_t i = 0;

    for (; i < span.size && span.at[i] >= '0' && span.at[i] <= '9'; i++) {
        if (number < MAX_NUMBER)
            number = number * 10 + (span.at[i] - '0');
    }
    if (i == 0)
        return -1;
    if (number > MAX_NUMBER)
        number = MAX_NUMBER;
    if (i == span.size)
        return number;
    if (span.at[i] != '.' || i + 1 == span.size)
        return -1;
    for (i++; i < span.size; i++) {
        if (span.at[i] < '0' || span.at[i] > '9')
            return -1;
    }
    return number + 1;
}

static int digits(const char *at, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++)
        number = number * 10 + (at[i] - '0');
    return number;
}

/* Seconds since 1970 of a text of the format below, -1 for an invalid date or time.  A leap second is allowed. */
static int64_t seconds_of(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct ad_date date = {.year = digits(text + 12, 4),
                           .month = 1,
                           .day = digits(text + 5, 2),
                           .hour = digits(text + 17, 2),
                           .minute = digits(text + 20, 2),
                           .second = digits(text + 23, 2)};

    while (date.month <= 12 && !ad_text_same_nocase(months + 3 * (date.month - 1), text + 8, 3))
        date.month++;
    return ad_date_to_seconds(&date);
}

/* Only "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7): two-digit years and other zones would be guesses. */
static int64_t read_date(struct span span)
{
    static const char shape[] = "aaa, 00 aaa 0000 00:00:00 GMT";

    if (span.size != sizeof(shape) - 1)
        return -1;
    for (size_t i = 0; i < span.size; i++) {
        char c = span.at[i];
        bool digit = c >= '0' && c <= '9';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (shape[i] == '0' ? !digit : shape[i] == 'a' ? !letter : c != shape[i])
            return -1;
    }
    return seconds_of(span.at);
}

/* Converts an absolute reset once both it and Date are known. */
static void settle_reset(struct ad_hints *hints)
{
    if (hints->reset_date_s < 0 || hints->date_s < 0)
        return;
    hints->reset_ms = hints->reset_date_s > hints->date_s ? (hints->reset_date_s - hints->date_s) * 1000 : 0;
}

static void set_reset(struct ad_hints *hints, int64_t number)
{
    if (number < 0)
        return;
    if (number >= FIRST_EPOCH * 1000)
        number /= 1000; /* milliseconds since 1970 */
    if (number >= FIRST_EPOCH) {
        hints->reset_date_s = number;
        settle_reset(hints);
    } else {
        hints->reset_ms = number * 1000;
    }
}

/* Splits the next part off `rest` at `separator`. */
static struct span next_part(struct span *rest, char separator)
{
    const char *end = rest->size > 0 ? memchr(rest->at, separator, rest->size) : NULL;
    size_t size = end ? (size_t)(end - rest->at) : rest->size;
    struct span part = trimmed(rest->at, size);

    rest->at += size;
    rest->size -= size;
    if (end) {
        rest->at++;
        rest->size--;
    }
    return part;
}

/* The value of `name=value`, for either of two names; -1 for anything else. */
static int64_t read_member(struct span part, const char *name, const char *other)
{
    struct span rest = part;
    struct span key = next_part(&rest, '=');

    if (!span_is(key, name) && !span_is(key, other))
        return -1;
    return hint_read_number(trimmed(rest.at, rest.size));
}

static void set_if_known(int64_t *to, int64_t number)
{
    if (number >= 0)
        *to = number;
}

/* RateLimit: "limit=100, remaining=50, reset=5" or "\"default\";r=50;t=30"; the first of several policies is used. */
static void read_combined(struct ad_hints *hints, struct span value)
{
    bool structured = value.size > 0 && memchr(value.at, ';', value.size) != NULL;

    if (structured)
        value = next_part(&value, ',');
    while (value.size > 0) {
        struct span part = next_part(&value, structured ? ';' : ',');

        set_if_known(&hints->limit, read_member(part, "limit", "q"));
        set_if_known(&hints->remaining, read_member(part, "remaining", "r"));
        set_reset(hints, read_member(part, "reset", "t"));
    }
}

/* "100", "100, 100;w=60" or, as a policy, "\"default\";q=100;w=60": the first quota and its window. */
static void read_limit(struct ad_hints *hints, struct span value)
{
    int64_t limit = -1;

    while (value.size > 0) {
        struct span policy = next_part(&value, ',');
        int64_t quota = -1;
        int64_t window = -1;

        while (policy.size > 0) {
            struct span part = next_part(&policy, ';');

            set_if_known(&quota, hint_read_number(part));
            set_if_known(&quota, read_member(part, "q", "limit"));
            set_if_known(&window, read_member(part, "w", "window"));
        }
        if (limit < 0)
            limit = quota;
        if (quota == limit && window >= 0) {
            hints->window_ms = window * 1000;
            break;
        }
    }
    set_if_known(&hints->limit, limit);
}

static bool read_request_id(struct ad_hints *hints, struct span name, struct span value)
{
    static const char *const names[] = {"x-request-id",         "x-amzn-requestid", "x-goog-request-id",
                                        "x-guploader-uploadid", "cf-ray",           "request-id"};

    for (size_t rank = 0; rank < sizeof(names) / sizeof(names[0]); rank++) {
        if (!span_is(name, names[rank]))
            continue;
        if (rank < hints->request_id_rank && value.size > 0) {
            hints->request_id_rank = (uint8_t)rank;
            (void)ad_mask_text(hints->mask, hints->request_id, sizeof(hints->request_id), value.at, value.size);
        }
        return true;
    }
    return false;
}

static void read_rate_limit(struct ad_hints *hints, struct span name, struct span value)
{
    if (name.size > 2 && ad_text_same_nocase(name.at, "x-", 2)) {
        name.at += 2;
        name.size -= 2;
    }
    if (span_is(name, "ratelimit"))
        read_combined(hints, value);
    else if (span_is(name, "ratelimit-limit") || span_is(name, "ratelimit-policy"))
        read_limit(hints, value);
    else if (span_is(name, "ratelimit-remaining"))
        set_if_known(&hints->remaining, hint_read_number(value));
    else if (span_is(name, "ratelimit-reset"))
        set_reset(hints, hint_read_number(value));
}

void ad_hints_header(struct ad_hints *hints, const char *name, size_t name_size, const char *value, size_t value_size)
{
    struct span key = {name, name_size};
    struct span text = trimmed(value, value_size);

    if (span_is(key, "retry-after")) {
        set_if_known(&hints->retry_after_s, hint_read_number(text));
        set_if_known(&hints->retry_date_s, read_date(text));
    } else if (span_is(key, "date")) {
        set_if_known(&hints->date_s, read_date(text));
        settle_reset(hints);
    } else if (!read_request_id(hints, key, text)) {
        read_rate_limit(hints, key, text);
    }
}

int64_t ad_hints_retry_after_ms(const struct ad_hints *hints, int64_t wall_s)
{
    int64_t anchor = hints->date_s >= 0 ? hints->date_s : wall_s;
    int64_t seconds = hints->retry_after_s;
    int64_t ms;

    if (seconds < 0 && hints->retry_date_s >= 0 && anchor > 0)
        seconds = hints->retry_date_s > anchor ? hints->retry_date_s - anchor : 0;
    if (seconds < 0)
        return -1;
    if (!ad_i64_mul(seconds, 1000, &ms) || ms > MAX_WAIT_MS)
        return MAX_WAIT_MS;
    return ms;
}
