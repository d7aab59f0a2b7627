/* SPDX-License-Identifier: MIT */
/*
 * The promises of the hints: every documented form of the headers is read, everything else counts as absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "protocol/hints.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110. */
#define EXAMPLE_S INT64_C(784111777)

static void feed(struct ad_hints *hints, const char *name, const char *value)
{
    ad_hints_header(hints, name, strlen(name), value, strlen(value));
}

static void nothing_said_is_minus_one(void **state)
{
    struct ad_hints hints;

    (void)state;
    ad_hints_init(&hints, NULL);
    feed(&hints, "Server", "nginx");
    assert_int_equal(hints.retry_after_s, -1);
    assert_int_equal(hints.retry_date_s, -1);
    assert_int_equal(hints.date_s, -1);
    assert_int_equal(hints.limit, -1);
    assert_int_equal(hints.window_ms, -1);
    assert_int_equal(hints.remaining, -1);
    assert_int_equal(hints.reset_ms, -1);
    assert_string_equal(hints.request_id, "");
    assert_int_equal(ad_hints_retry_after_ms(&hints, EXAMPLE_S), -1);
}

static void retry_after_in_seconds_is_read_in_every_spelling(void **state)
{
    static const struct {
        const char *value;
        int64_t ms;
    } rows[] = {
        {"0", 0},
        {"1", 1000},
        {"120", 120000},
        {" 120 \t", 120000},
        {"007", 7000},
        {"1.5", 2000}, /* not in the RFC, but sent by servers: rounded up */
        {"86400", 86400000},
        {"86401", 86400000}, /* a day at most */
        {"99999999999999999999999999999999", 86400000},
        {"", -1},
        {"-1", -1},
        {"+1", -1},
        {"1e3", -1},
        {"0x10", -1},
        {"1.", -1},
        {"1.x", -1},
        {".5", -1},
        {"soon", -1},
        {"1 2", -1},
        {"1,2", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_hints hints;

        ad_hints_init(&hints, NULL);
        feed(&hints, "rEtRy-aFtEr", rows[i].value);
        if (ad_hints_retry_after_ms(&hints, 0) != rows[i].ms)
            fail_msg("\"%s\" reads as %lld", rows[i].value, (long long)ad_hints_retry_after_ms(&hints, 0));
    }
}

static void retry_after_date_is_anchored_to_server_date(void **state)
{
    struct ad_hints hints;

    (void)state;
    ad_hints_init(&hints, NULL);
    feed(&hints, "Retry-After", "Sun, 06 Nov 1994 08:51:37 GMT");
    assert_int_equal(ad_hints_retry_after_ms(&hints, EXAMPLE_S), 120000);
    feed(&hints, "Date", "Sun, 06 Nov 1994 08:50:37 GMT");
    assert_int_equal(ad_hints_retry_after_ms(&hints, EXAMPLE_S), 60000);
}

static void a_retry_date_without_any_clock_says_nothing(void **state)
{
    struct ad_hints hints;

    (void)state;
    ad_hints_init(&hints, NULL);
    feed(&hints, "Retry-After", "Sun, 06 Nov 1994 08:51:37 GMT");
    assert_int_equal(ad_hints_retry_after_ms(&hints, 0), -1);
}

static void a_retry_date_in_the_past_means_now(void **state)
{
    struct ad_hints hints;

    (void)state;
    ad_hints_init(&hints, NULL);
    feed(&hints, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
    feed(&hints, "Date", "Mon, 07 Nov 1994 08:49:37 GMT");
    assert_int_equal(ad_hints_retry_after_ms(&hints, 0), 0);
}

static void only_the_one_unambiguous_date_form_is_read(void **state)
{
    static const struct {
        const char *value;
        int64_t seconds;
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE_S},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2028 23:59:59 GMT", INT64_C(1835481599)},
        {"Sunday, 06-Nov-94 08:49:37 GMT", -1}, /* two-digit year */
        {"Sun Nov  6 08:49:37 1994", -1},       /* no zone */
        {"Sun, 06 Nov 1994 08:49:37 +0200", -1},
        {"Sun, 06 Nov 1994 08:49:37 PST", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Sun, 6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 25:49:37 GMT", -1},
        {"Sun, 06 nov 1994 08:49:37 GMT", EXAMPLE_S},
        {"Sun, 06 Nov 1994 08:60:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:61 GMT", -1},
        {"Sat, 31 Dec 2016 23:59:60 GMT", INT64_C(1483228800)}, /* a leap second */
        {"Fri, 29 Feb 2027 00:00:00 GMT", -1},
        {"Wed, 31 Jun 2026 00:00:00 GMT", -1},
        {"Wed, 00 Jul 2026 00:00:00 GMT", -1},
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799)},
        {"Sun, 06 Xyz 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1894 08:49:37 GMT", -1},
        {"1994-11-06T08:49:37Z", -1},
        {"tomorrow", -1},
        {"10:00", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_hints hints;

        ad_hints_init(&hints, NULL);
        feed(&hints, "Date", rows[i].value);
        if (hints.date_s != rows[i].seconds)
            fail_msg("\"%s\" reads as %lld", rows[i].value, (long long)hints.date_s);
    }
}

static void rate_limit_headers_are_read_in_all_their_forms(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        int64_t limit;
        int64_t window_ms;
        int64_t remaining;
        int64_t reset_ms;
    } rows[] = {
        {"RateLimit-Limit", "100", 100, -1, -1, -1},
        {"X-RateLimit-Limit", "300", 300, -1, -1, -1},
        {"x-ratelimit-remaining", "17", -1, -1, 17, -1},
        {"RateLimit-Remaining", "0", -1, -1, 0, -1},
        {"RateLimit-Reset", "50", -1, -1, -1, 50000},
        {"X-RateLimit-Reset", "0.2", -1, -1, -1, 1000},
        {"RateLimit-Limit", "100, 100;w=60", 100, 60000, -1, -1},
        {"RateLimit-Limit", "100, 1000;w=3600, 100;w=60", 100, 60000, -1, -1},
        {"RateLimit-Limit", "100;w=60", 100, 60000, -1, -1},
        {"RateLimit-Policy", "100;w=60", 100, 60000, -1, -1},
        {"RateLimit-Policy", "\"default\";q=100;w=60", 100, 60000, -1, -1},
        {"RateLimit-Policy", "\"burst\";q=10;w=1,\"day\";q=5000;w=86400", 10, 1000, -1, -1},
        {"RateLimit", "limit=100, remaining=50, reset=5", 100, -1, 50, 5000},
        {"RateLimit", "\"default\";r=50;t=30", -1, -1, 50, 30000},
        {"RateLimit", "\"default\"; r=50; t=30, \"day\";r=9;t=7", -1, -1, 50, 30000},
        {"RateLimit", "remaining=3", -1, -1, 3, -1},
        {"RateLimit-Limit", "99999999999999999999999", INT64_C(1000000000000000), -1, -1, -1},
        {"RateLimit-Limit", "many", -1, -1, -1, -1},
        {"RateLimit-Limit", "", -1, -1, -1, -1},
        {"RateLimit", "", -1, -1, -1, -1},
        {"RateLimit", ";;;,,,===", -1, -1, -1, -1},
        {"RateLimit-Reset", "-3", -1, -1, -1, -1},
        {"X-RateLimit-Limits", "5", -1, -1, -1, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_hints hints;

        ad_hints_init(&hints, NULL);
        feed(&hints, rows[i].name, rows[i].value);
        if (hints.limit != rows[i].limit || hints.window_ms != rows[i].window_ms ||
            hints.remaining != rows[i].remaining || hints.reset_ms != rows[i].reset_ms)
            fail_msg("%s: %s", rows[i].name, rows[i].value);
    }
}

static void an_absolute_reset_is_read_against_date_in_either_order(void **state)
{
    /* 1792678200 is Thu, 22 Oct 2026 14:10:00 GMT */
    static const char *const values[] = {"1792678200", "1792678200000"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct ad_hints hints;

        ad_hints_init(&hints, NULL);
        feed(&hints, "X-RateLimit-Reset", values[i]);
        assert_int_equal(hints.reset_ms, -1);
        feed(&hints, "Date", "Thu, 22 Oct 2026 14:09:40 GMT");
        assert_int_equal(hints.reset_ms, 20000);
        ad_hints_init(&hints, NULL);
        feed(&hints, "Date", "Thu, 22 Oct 2026 14:10:40 GMT");
        feed(&hints, "X-RateLimit-Reset", values[i]);
        assert_int_equal(hints.reset_ms, 0);
    }
}

static void the_most_telling_request_id_wins_in_any_order(void **state)
{
    struct ad_hints hints;

    (void)state;
    ad_hints_init(&hints, NULL);
    feed(&hints, "Request-Id", "f");
    assert_string_equal(hints.request_id, "f");
    feed(&hints, "CF-Ray", "e");
    assert_string_equal(hints.request_id, "e");
    feed(&hints, "X-GUploader-UploadID", "d");
    assert_string_equal(hints.request_id, "d");
    feed(&hints, "X-Request-Id", "");
    assert_string_equal(hints.request_id, "d");
    feed(&hints, "X-Request-Id", " a ");
    assert_string_equal(hints.request_id, "a");
    feed(&hints, "X-Amzn-RequestId", "b");
    feed(&hints, "x-goog-request-id", "c");
    assert_string_equal(hints.request_id, "a");
}

static void texts_are_cut_and_cleaned(void **state)
{
    struct ad_hints hints;
    char big[1000];

    (void)state;
    ad_hints_init(&hints, NULL);
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    feed(&hints, "x-request-id", big);
    assert_int_equal(strlen(hints.request_id), AD_REQUEST_ID_SIZE - 1);
    ad_hints_init(&hints, NULL);
    feed(&hints, "x-request-id", "a\r\nb\xFF");
    assert_true(ad_text_is_clean(hints.request_id));
}

static void empty_names_and_values_are_harmless(void **state)
{
    struct ad_hints hints;

    (void)state;
    ad_hints_init(&hints, NULL);
    ad_hints_header(&hints, "", 0, "", 0);
    ad_hints_header(&hints, "x-", 2, "1", 1);
    ad_hints_header(&hints, "retry-after", 11, "", 0);
    assert_int_equal(ad_hints_retry_after_ms(&hints, 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_minus_one),
        cmocka_unit_test(retry_after_in_seconds_is_read_in_every_spelling),
        cmocka_unit_test(retry_after_date_is_anchored_to_server_date),
        cmocka_unit_test(a_retry_date_without_any_clock_says_nothing),
        cmocka_unit_test(a_retry_date_in_the_past_means_now),
        cmocka_unit_test(only_the_one_unambiguous_date_form_is_read),
        cmocka_unit_test(rate_limit_headers_are_read_in_all_their_forms),
        cmocka_unit_test(an_absolute_reset_is_read_against_date_in_either_order),
        cmocka_unit_test(the_most_telling_request_id_wins_in_any_order),
        cmocka_unit_test(texts_are_cut_and_cleaned),
        cmocka_unit_test(empty_names_and_values_are_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
