/* SPDX-License-Identifier: MIT */
/*
 * The promises of the statuses: name, number, scope, retriable and text of each, written down here a second time, and
 * safe values for every other number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <animaldetect/types.h>

enum { NO, YES };

#define NONE ANIMALDETECT_SCOPE_NONE
#define CALLER ANIMALDETECT_SCOPE_CALLER
#define IMAGE ANIMALDETECT_SCOPE_IMAGE
#define JOB ANIMALDETECT_SCOPE_JOB
#define ACCOUNT ANIMALDETECT_SCOPE_ACCOUNT
#define NETWORK ANIMALDETECT_SCOPE_NETWORK
#define SERVICE ANIMALDETECT_SCOPE_SERVICE

/* clang-format off */
static const struct expected {
    const char *name; /* without ANIMALDETECT_ */
    int32_t value;    /* from the header */
    int32_t number;   /* must never change */
    int32_t scope;
    int32_t retriable;
    const char *text;
} EXPECTED[] = {
#define EXPECT(name, number, scope, retriable, text) {#name, ANIMALDETECT_##name, number, scope, retriable, text},
    EXPECT(OK,                    0, NONE,    NO,  "success")
    EXPECT(AGAIN,               100, NONE,    YES, "nothing available yet, call again")
    EXPECT(E_INVALID_ARGUMENT,   -2, CALLER,  NO,  "invalid argument")
    EXPECT(E_NO_MEMORY,          -3, CALLER,  YES, "out of memory")
    EXPECT(E_STATE,              -4, CALLER,  NO,  "invalid state for this call")
    EXPECT(E_BUSY,               -5, CALLER,  YES, "a call is in flight")
    EXPECT(E_FORKED,             -6, CALLER,  NO,  "client was created before a fork")
    EXPECT(E_UNSUPPORTED,        -7, CALLER,  NO,  "not available on this system")
    EXPECT(E_CANCELED,           -8, CALLER,  NO,  "canceled")
    EXPECT(E_CALL_TIMEOUT,       -9, CALLER,  YES, "call timeout expired")
    EXPECT(E_NO_API_KEY,        -10, ACCOUNT, NO,  "no API key is set")
    EXPECT(E_FILE,              -11, IMAGE,   NO,  "image file cannot be read")
    EXPECT(E_FILE_CHANGED,      -12, JOB,     NO,  "image changed after it was hashed")
    EXPECT(E_IMAGE_EMPTY,       -13, IMAGE,   NO,  "image has no bytes")
    EXPECT(E_IMAGE_TOO_LARGE,   -14, IMAGE,   NO,  "image is too large")
    EXPECT(E_IMAGE_TYPE,        -15, IMAGE,   NO,  "unknown image type")
    EXPECT(E_READER,            -16, IMAGE,   NO,  "the host's reader failed")
    EXPECT(E_NETWORK,           -17, NETWORK, YES, "network failure")
    EXPECT(E_TIMEOUT,           -18, NETWORK, YES, "request timed out")
    EXPECT(E_TLS,               -19, NETWORK, YES, "TLS handshake failed or certificate rejected")
    EXPECT(E_UNTRUSTED_URL,     -20, SERVICE, NO,  "service returned a URL at an untrusted origin")
    EXPECT(E_INSECURE_URL,      -21, CALLER,  NO,  "plain http is not allowed")
    EXPECT(E_BAD_REQUEST,       -22, IMAGE,   NO,  "service rejected the request")
    EXPECT(E_UNAUTHORIZED,      -23, ACCOUNT, NO,  "API key is invalid, missing or revoked")
    EXPECT(E_PAYMENT_REQUIRED,  -24, ACCOUNT, NO,  "payment required: insufficient credit or plan")
    EXPECT(E_FORBIDDEN,         -25, ACCOUNT, NO,  "API key lacks permission for this operation")
    EXPECT(E_NOT_FOUND,         -26, JOB,     NO,  "job not found at the service")
    EXPECT(E_CONFLICT,          -27, JOB,     NO,  "service rejected the idempotency key")
    EXPECT(E_RATE_LIMITED,      -28, SERVICE, YES, "rate limit exceeded")
    EXPECT(E_SERVICE,           -29, SERVICE, YES, "service is unavailable")
    EXPECT(E_HTTP,              -30, SERVICE, NO,  "unexpected HTTP status")
    EXPECT(E_PROTOCOL,          -31, SERVICE, YES, "response violates the API contract")
    EXPECT(E_ANSWER_TOO_LARGE,  -32, SERVICE, NO,  "response is too large")
    EXPECT(E_UPLOAD_EXPIRED,    -33, JOB,     YES, "upload URL expired")
    EXPECT(E_UPLOAD_REFUSED,    -34, SERVICE, NO,  "storage rejected the upload")
    EXPECT(E_JOB_FAILED,        -35, JOB,     NO,  "service failed to process the image")
    EXPECT(E_JOB_EXPIRED,       -36, JOB,     NO,  "job expired at the service")
    EXPECT(E_SAVED_JOB,         -37, CALLER,  NO,  "not a saved job, or saved by a newer version")
    EXPECT(E_NO_INPUT,          -38, CALLER,  NO,  "image data is required but not set")
    EXPECT(ABSENT,              -39, NONE,    NO,  "field is not in the result")
    EXPECT(E_SYSTEM,            -40, CALLER,  YES, "system call failed")
    EXPECT(E_REENTRANT,         -41, CALLER,  NO,  "called from within a callback of the client")
    EXPECT(E_CLIENT_FREED,      -42, CALLER,  NO,  "client was freed")
    EXPECT(E_QUEUE_FULL,        -43, CALLER,  YES, "too many calls in flight")
    EXPECT(E_OVERDUE,           -44, SERVICE, YES, "not finished within the processing timeout")
    EXPECT(E_STATE_UNKNOWN,     -45, SERVICE, YES, "job is in an unknown state and has an error")
    EXPECT(E_NO_DESCRIPTORS,    -46, CALLER,  YES, "no file descriptors are left")
    EXPECT(E_MEDIUM,            -47, CALLER,  YES, "medium of the image file cannot be read")
    EXPECT(E_FILE_UNFINISHED,   -48, CALLER,  YES, "image file is still being written")
    EXPECT(E_HOST,            -1000, CALLER,  NO,  "status defined by the host")
#undef EXPECT
};
/* clang-format on */

#define COUNT (sizeof EXPECTED / sizeof EXPECTED[0])

static void every_status_is_what_is_written_here(void **state)
{
    static const char prefix[] = "ANIMALDETECT_";

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const char *name = animaldetect_status_name(EXPECTED[i].number);

        assert_int_equal(EXPECTED[i].value, EXPECTED[i].number);
        assert_memory_equal(name, prefix, sizeof prefix - 1);
        assert_string_equal(name + sizeof prefix - 1, EXPECTED[i].name);
        assert_string_equal(animaldetect_status_text(EXPECTED[i].number), EXPECTED[i].text);
        assert_int_equal(animaldetect_status_scope(EXPECTED[i].number), EXPECTED[i].scope);
        assert_int_equal(animaldetect_status_is_retriable(EXPECTED[i].number), EXPECTED[i].retriable);
    }
}

static const struct expected *expected_of(int32_t number)
{
    for (size_t i = 0; i < COUNT; i++)
        if (EXPECTED[i].number == number)
            return &EXPECTED[i];
    return NULL;
}

/* Finds statuses missing in the list above: a number with a name must be in it. */
static void no_other_number_has_a_name(void **state)
{
    (void)state;
    for (int32_t number = -1200; number <= 200; number++) {
        const char *name = animaldetect_status_name(number);

        if (expected_of(number) != NULL)
            continue;
        if (number > 0)
            assert_string_equal(name, "ANIMALDETECT_UNKNOWN");
        else if (number > ANIMALDETECT_E_HOST)
            assert_string_equal(name, "ANIMALDETECT_E_UNKNOWN");
        else
            assert_string_equal(name, "ANIMALDETECT_E_HOST");
    }
}

static void no_two_statuses_share_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(animaldetect_status_text(EXPECTED[i].number),
                                    animaldetect_status_text(EXPECTED[k].number));
}

/* A host that uses only these two must not get contradictory answers. */
static void by_scope_an_image_or_account_is_final_and_a_network_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        int32_t scope = animaldetect_status_scope(EXPECTED[i].number);

        if (scope == IMAGE || scope == ACCOUNT)
            assert_int_equal(animaldetect_status_is_retriable(EXPECTED[i].number), 0);
        if (scope == NETWORK)
            assert_int_equal(animaldetect_status_is_retriable(EXPECTED[i].number), 1);
    }
}

static void unknown_numbers_have_safe_names(void **state)
{
    static const int32_t unknown[] = {-1, ANIMALDETECT_E_FILE_UNFINISHED - 1, ANIMALDETECT_E_HOST + 1};

    (void)state;
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_string_equal(animaldetect_status_name(unknown[i]), "ANIMALDETECT_E_UNKNOWN");
        assert_string_equal(animaldetect_status_text(unknown[i]), "unknown status");
        assert_int_equal(animaldetect_status_is_retriable(unknown[i]), 0);
        assert_int_equal(animaldetect_status_scope(unknown[i]), ANIMALDETECT_SCOPE_OTHER);
    }
}

/* A host that checks "is it negative?" must not mistake them for a failure. */
static void a_positive_number_is_no_failure(void **state)
{
    static const int32_t positive[] = {1, ANIMALDETECT_AGAIN - 1, ANIMALDETECT_AGAIN + 1, INT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof positive / sizeof positive[0]; i++) {
        assert_string_equal(animaldetect_status_name(positive[i]), "ANIMALDETECT_UNKNOWN");
        assert_string_equal(animaldetect_status_text(positive[i]), "unknown status, not a failure");
        assert_int_equal(animaldetect_status_is_retriable(positive[i]), 0);
        assert_int_equal(animaldetect_status_scope(positive[i]), ANIMALDETECT_SCOPE_NONE);
    }
}

static void numbers_of_the_hosts_own_are_the_hosts(void **state)
{
    static const int32_t own[] = {ANIMALDETECT_E_HOST, ANIMALDETECT_E_HOST - 1, -5005, INT32_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        assert_string_equal(animaldetect_status_name(own[i]), "ANIMALDETECT_E_HOST");
        assert_string_equal(animaldetect_status_text(own[i]), "status defined by the host");
        assert_int_equal(animaldetect_status_scope(own[i]), ANIMALDETECT_SCOPE_CALLER);
        assert_int_equal(animaldetect_status_is_retriable(own[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_is_what_is_written_here),
        cmocka_unit_test(no_other_number_has_a_name),
        cmocka_unit_test(no_two_statuses_share_a_text),
        cmocka_unit_test(by_scope_an_image_or_account_is_final_and_a_network_is_not),
        cmocka_unit_test(unknown_numbers_have_safe_names),
        cmocka_unit_test(a_positive_number_is_no_failure),
        cmocka_unit_test(numbers_of_the_hosts_own_are_the_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
