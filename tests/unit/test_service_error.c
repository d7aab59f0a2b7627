/* SPDX-License-Identifier: MIT */
/*
 * Reading an error body: the service's message in any format gives one clean line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "protocol/answer.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *body;
    const char *code;
    const char *message;
    const char *detail;
} rows[] = {
    {"{\"error\":{\"code\":\"invalid\",\"message\":\"no such operation\"}}", "invalid", "no such operation", ""},
    {"{\"error\":{\"code\":42,\"message\":\"numbered\"}}", "42", "numbered", ""},
    {"{\"error\":\"Invalid API key\"}", "", "Invalid API key", ""},
    {"{\"error\":\"unauthorized\",\"message\":\"Invalid API key\"}", "", "Invalid API key", ""},
    {"{\"message\":\"Too many\",\"code\":\"rate\"}", "rate", "Too many", ""},
    {"{\"detail\":\"Not found\"}", "", "Not found", ""},
    {"{\"error\":{\"code\":\"x\"}}", "x", "{\"error\":{\"code\":\"x\"}}", ""},
    {"{\"other\":1}", "", "{\"other\":1}", ""},
    {"\"just text\"", "", "\"just text\"", ""},
    {"{\"error\":{\"message\":\"two\\nlines\\u0007\"}}", "", "two lines?", ""},
    {"{\"error\":", "", "{\"error\":", ""},
    {"Bad Gateway\r\n", "", "Bad Gateway", ""},
    {"  \r\n", "", "", ""},
    {"", "", "", ""},
    {"<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>"
     "<Details>Request signature expired at: 2026-06-17T13:15:00+00:00</Details></Error>",
     "ExpiredToken", "The provided token has expired.", "Request signature expired at: 2026-06-17T13:15:00+00:00"},
    {"\n<Error><Code>AccessDenied</Code><Message>Request has\nexpired</Message></Error>", "AccessDenied",
     "Request has expired", ""},
    {"<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Expires>2026-01-02T13:15:00Z</Expires>"
     "</Error>",
     "AccessDenied", "Request has expired", "2026-01-02T13:15:00Z"},
    {"<Error><Code>Cut", "", "<Error><Code>Cut", ""},
    {"<html><title>502</title></html>", "", "502", ""},
    {"\xef\xbb\xbf \n<!DOCTYPE HTML PUBLIC \"x\"><HTML><TITLE lang=en>\n Log in \n</TITLE><Code>no</Code>", "",
     "Log in", ""},
    {"<?xml version=\"1.0\"?>\n<!-- <Code>a</Code> -->\n<!doctype html><title>Blocked: a < b</title>", "",
     "Blocked: a < b", ""},
    {"<html><title></title>", "", "an HTML page without a title", ""},
    {"<html><title>cut sho", "", "an HTML page without a title", ""},
    {"<html><title", "", "an HTML page without a title", ""},
    {"<html></title>x<title>", "", "an HTML page without a title", ""},
    {"<head><title\n>\x1b[31mred</title></head>", "", "?[31mred", ""},
    {"<body>no title</body>", "", "an HTML page without a title", ""},
    {"<!-- open <html><title>a</title>", "", "<!-- open <html><title>a</title>", ""},
};

static void the_message_is_found_in_every_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_service_error error;

        ad_service_error_read(&error, rows[i].body, strlen(rows[i].body), NULL);
        assert_string_equal(error.code, rows[i].code);
        assert_string_equal(error.message, rows[i].message);
        assert_string_equal(error.detail, rows[i].detail);
    }
}

/*
 * The body need not be text, nor end with a NUL: with a copy of exactly its size a sanitizer detects a read beyond it.
 */
static void any_cut_of_any_body_gives_clean_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size = strlen(rows[i].body);

        for (size_t cut = 1; cut <= size; cut++) {
            struct ad_service_error error;
            char *copy = test_malloc(cut);

            memcpy(copy, rows[i].body, cut);
            copy[cut / 2] = (char)(copy[cut / 2] ^ (cut % 3 == 0 ? 0x80 : 0));
            ad_service_error_read(&error, copy, cut, NULL);
            assert_true(ad_text_is_clean(error.code));
            assert_true(ad_text_is_clean(error.message));
            assert_true(ad_text_is_clean(error.detail));
            test_free(copy);
        }
    }
}

static void a_long_body_is_cut_with_dots(void **state)
{
    struct ad_service_error error;
    static char body[200000];

    (void)state;
    memset(body, 'x', sizeof(body));
    ad_service_error_read(&error, body, sizeof(body), NULL);
    assert_int_equal(strlen(error.message), AD_ERROR_MESSAGE_SIZE - 1);
    assert_string_equal(error.message + AD_ERROR_MESSAGE_SIZE - 4, "...");
    memcpy(body, "{\"error\":\"", 10);
    memcpy(body + sizeof(body) - 2, "\"}", 2);
    ad_service_error_read(&error, body, sizeof(body), NULL); /* longer than the limit for error bodies */
    assert_memory_equal(error.message, "{\"error\":\"xxx", 13);
    memset(body, '[', sizeof(body));
    ad_service_error_read(&error, body, sizeof(body), NULL);
    assert_int_equal(strlen(error.message), AD_ERROR_MESSAGE_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_is_found_in_every_format),
        cmocka_unit_test(any_cut_of_any_body_gives_clean_lines),
        cmocka_unit_test(a_long_body_is_cut_with_dots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
