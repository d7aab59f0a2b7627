/* SPDX-License-Identifier: MIT */
/*
 * Expiry times of upload URLs, and rejections because of expiry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "protocol/expiry.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void times_of_rfc_3339_are_read_and_others_are_not(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-27T13:15:00Z", 1795785300},
        {"2026-11-27t13:15:00z", 1795785300},
        {"2026-11-27T13:15:00.123456Z", 1795785300},
        {"2026-11-27T15:15:00+02:00", 1795785300},
        {"2026-11-27T07:45:00-0530", 1795785300},
        {"2024-02-29T00:00:00Z", 1709164800},
        {NULL, -1},
        {"", -1},
        {"2026-11-27", -1},
        {"2026-11-27T13:15:00", -1},
        {"2026-11-27 13:15:00Z", -1},
        {"2026-11-27T13:15:00Zx", -1},
        {"2026-11-27T24:00:00Z", -1},
        {"2026-11-27T13:60:00Z", -1},
        {"2026-13-27T13:15:00Z", -1},
        {"2026-00-27T13:15:00Z", -1},
        {"2026-06-31T13:15:00Z", -1},
        {"2023-02-29T00:00:00Z", -1},
        {"1969-12-31T23:59:59Z", -1},
        {"2026-11-27T13:15:00+2:00", -1},
        {"2026-11-27T13:15:00+", -1},
        {"2026-11-27T13:15:00+02:000", -1},
        {"2026-11-27T13:15:00.", -1},
        {"soon", -1},
        {"-026-11-27T13:15:00Z", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (ad_expiry_read(rows[i].text) != rows[i].seconds)
            fail_msg("%s reads as %lld", rows[i].text == NULL ? "NULL" : rows[i].text,
                     (long long)ad_expiry_read(rows[i].text));
}

static void a_refusal_for_expiry_is_distinguished_from_others(void **state)
{
    static const struct {
        const char *code;
        const char *message;
        const char *detail;
        bool expired;
    } rows[] = {
        {"ExpiredToken", "", "", true},
        {"expiredtoken", "The provided token has expired.", "", true},
        {"AccessDenied", "Request has expired", "", true},
        {"AccessDenied", "Access denied.", "", false},
        {"AuthenticationFailed", "Server failed to authenticate the request",
         "Signature not valid in the specified time frame", true},
        {"AuthenticationFailed", "Server failed to authenticate the request", "", false},
        {"", "the signature expired at 13:15", "", true},
        {"", "forbidden", "", false},
        {"", "", "", false},
        {"SignatureDoesNotMatch", "The signature, or its X-Amz-Expires, does not match", "", false},
        {"InvalidAccessKeyId", "the key has expired", "", false},
    };

    (void)state;
    assert_false(ad_expiry_is_why(NULL));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_service_error error = {.page = false};

        (void)snprintf(error.code, sizeof error.code, "%s", rows[i].code);
        (void)snprintf(error.message, sizeof error.message, "%s", rows[i].message);
        (void)snprintf(error.detail, sizeof error.detail, "%s", rows[i].detail);
        if (ad_expiry_is_why(&error) != rows[i].expired)
            fail_msg("%s: %s: %s", rows[i].code, rows[i].message, rows[i].detail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_rfc_3339_are_read_and_others_are_not),
        cmocka_unit_test(a_refusal_for_expiry_is_distinguished_from_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
