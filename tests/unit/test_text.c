/* SPDX-License-Identifier: MIT */
/*
 * The promises of the byte rules: what is allowed in a header, a name, a field; and how untrusted bytes become one
 * line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void clean_text_is_valid_utf8_without_control_characters(void **state)
{
    static const struct {
        const char *text;
        bool utf8;
        bool clean;
    } rows[] = {
        {"", true, true},
        {"plain ~", true, true},
        {"h\xC3\xA9risson \xF0\x9F\xA6\x94", true, true},
        {"line\nend", true, false},
        {"tab\t", true, false},
        {"\x7F", true, false},              /* DEL */
        {"\xC2\x85", true, false},          /* NEL, a C1 control */
        {"\xC2\xA0", true, true},           /* the first after C1 */
        {"\xC0\xAF", false, false},         /* overlong '/' */
        {"\xC1\xBF", false, false},         /* overlong */
        {"\xE0\x80\xAF", false, false},     /* overlong */
        {"\xE0\xA0\x80", true, true},       /* the first with three bytes */
        {"\xED\xA0\x80", false, false},     /* surrogate */
        {"\xED\x9F\xBF", true, true},       /* the last before the surrogates */
        {"\xF0\x8F\xBF\xBF", false, false}, /* overlong */
        {"\xF4\x8F\xBF\xBF", true, true},   /* U+10FFFF */
        {"\xF4\x90\x80\x80", false, false}, /* above the maximum */
        {"\xF5\x80\x80\x80", false, false},
        {"\x80", false, false}, /* not a first byte */
        {"\xC3", false, false}, /* truncated */
        {"\xE2\x82", false, false},
        {"\xE2\x82\x41", false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (ad_text_is_utf8(rows[i].text) != rows[i].utf8 || ad_text_is_clean(rows[i].text) != rows[i].clean)
            fail_msg("row %zu", i);
    }
}

static void every_byte_is_judged_for_headers_tokens_and_keys(void **state)
{
    (void)state;
    for (int i = 1; i < 256; i++) {
        char text[] = {'a', (char)i, 'b', '\0'};
        bool visible = i > 32 && i < 127;
        bool token = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') ||
                     strchr("!#$%&'*+-.^_`|~", i) != NULL;

        assert_int_equal(ad_text_is_visible_ascii(text), visible);
        assert_int_equal(ad_text_is_header_value(text), visible || i == ' ');
        assert_int_equal(ad_text_is_token(text), token);
    }
    assert_true(ad_text_is_header_value(""));
    assert_false(ad_text_is_header_value(" a"));
    assert_false(ad_text_is_header_value("a "));
    assert_false(ad_text_is_token(""));
    assert_true(ad_text_is_name("a_1", "_"));
    assert_false(ad_text_is_name("a_1", ""));
    assert_false(ad_text_is_name("", "_"));
}

/* Compilers compare many bytes at a time: the significant byte may be anywhere. */
static void a_byte_is_judged_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t size = 1; size < 70; size++)
        for (size_t at = 0; at < size; at++)
            for (int byte = 1; byte < 256; byte++) {
                char text[71] = {0};
                bool edge = at == 0 || at == size - 1;

                memset(text, '~', size);
                text[at] = (char)byte;
                assert_int_equal(ad_text_is_visible_ascii(text), byte > 32 && byte < 127);
                assert_int_equal(ad_text_is_printable_ascii(text, size), byte >= 32 && byte < 127);
                assert_int_equal(ad_text_is_header_value(text), byte >= (edge ? 33 : 32) && byte < 127);
                assert_int_equal(ad_text_is_clean(text), byte >= 32 && byte < 127);
                assert_int_equal(ad_text_is_utf8(text), byte < 128);
            }
}

static void lengths_and_comparisons(void **state)
{
    (void)state;
    assert_int_equal(ad_text_length("abc", 5), 3);
    assert_int_equal(ad_text_length("abc", 3), 3);
    assert_int_equal(ad_text_length("abcdef", 3), 4);
    assert_true(ad_text_equal_nocase("Retry-After", "retry-AFTER"));
    assert_false(ad_text_equal_nocase("a", "ab"));
    assert_false(ad_text_equal_nocase("ab", "a"));
    assert_false(ad_text_equal_nocase("[", "{")); /* 32 apart, not letters */
    assert_true(ad_text_equal_nocase("", ""));
    assert_true(ad_text_same_nocase("Bearer abc", "bEARER ", 7));
    assert_false(ad_text_same_nocase("Bear", "bearer ", 7));
    assert_true(ad_text_same_nocase("bear", "BEAR", 7));
    assert_false(ad_text_same_nocase("bear", "bearer", 7));
    assert_true(ad_text_has_nocase("the token has EXPIRED", "expire"));
    assert_true(ad_text_has_nocase("exexpire", "EXPIRE"));
    assert_false(ad_text_has_nocase("the token has expir", "expire"));
    assert_true(ad_text_has_nocase("", ""));
    assert_false(ad_text_has_nocase("", "a"));
    assert_false(ad_text_has_nocase("\xfd", "I")); /* the dotless i of a Turkish locale */
}

static void foreign_bytes_become_one_line_that_fits(void **state)
{
    static const struct {
        const char *bytes;
        size_t room;
        const char *expected;
    } rows[] = {
        {"", 10, ""},
        {"short", 10, "short"},
        {"123456789", 10, "123456789"},
        {"a\u202Eb\u2028c\u2066d", 10, "a?b?c?d"},
        {"\u2027\u202F\u20AC", 10, "\u2027\u202F\u20AC"},
        {"1234567890", 10, "123456..."},
        {"a\r\n\tb", 10, "a   b"},
        {"a\x01\x7F\xC2\x85z", 10, "a???z"},
        {"a\xFFz", 10, "a?z"},
        {"\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", 10, "\xE2\x82\xAC\xE2\x82\xAC..."},
        {"abcd", 4, "..."},
        {"abcd", 3, "ab"},
        {"abcd", 1, ""},
    };
    char out[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t length = ad_text_quote(out, rows[i].room, rows[i].bytes, strlen(rows[i].bytes));

        assert_string_equal(out, rows[i].expected);
        assert_int_equal(length, strlen(rows[i].expected));
    }
    out[0] = 'x';
    assert_int_equal(ad_text_quote(out, 0, "abc", 3), 0);
    assert_int_equal(out[0], 'x');
    assert_int_equal(ad_text_quote(out, sizeof(out), "a\0b", 3), 3);
    assert_string_equal(out, "a?b");
}

/* Whatever the bytes and the buffer size: terminated, within the buffer, clean. */
static void a_quote_is_always_clean_and_within_its_room(void **state)
{
    char bytes[6];
    char out[12];

    (void)state;
    for (unsigned seed = 0; seed < 200000; seed++) {
        size_t room = 1 + seed % (sizeof(out) - 1);
        size_t length;

        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (char)((seed * 2654435761U) >> (i * 5));
        memset(out, 'Z', sizeof(out));
        length = ad_text_quote(out, room, bytes, sizeof(bytes));
        assert_true(length < room);
        assert_int_equal(strlen(out), length);
        assert_true(ad_text_is_clean(out));
        assert_int_equal(out[room], 'Z');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_text_is_valid_utf8_without_control_characters),
        cmocka_unit_test(every_byte_is_judged_for_headers_tokens_and_keys),
        cmocka_unit_test(a_byte_is_judged_wherever_it_stands),
        cmocka_unit_test(lengths_and_comparisons),
        cmocka_unit_test(foreign_bytes_become_one_line_that_fits),
        cmocka_unit_test(a_quote_is_always_clean_and_within_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
