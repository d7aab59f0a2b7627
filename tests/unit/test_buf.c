/* SPDX-License-Identifier: MIT */
/*
 * The promises of the growable buffer: always NUL-terminated, never past its limit, unchanged by a failed call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/buf.h"

static void an_unused_buffer_reads_as_empty_text(void **state)
{
    struct ad_buf buf;

    (void)state;
    ad_buf_init(&buf, 10);
    assert_string_equal(ad_buf_string(&buf), "");
    assert_int_equal(buf.size, 0);
    ad_buf_free(&buf);
}

static void bytes_added_one_by_one_come_back_in_order(void **state)
{
    struct ad_buf buf;

    (void)state;
    ad_buf_init(&buf, 100000);
    for (int i = 0; i < 100000; i++) {
        char c = (char)('a' + i % 26);

        assert_int_equal(ad_buf_add(&buf, &c, 1), ANIMALDETECT_OK);
    }
    assert_int_equal(buf.size, 100000);
    assert_int_equal(strlen(ad_buf_string(&buf)), 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    ad_buf_free(&buf);
}

static void the_limit_is_reached_but_never_passed(void **state)
{
    struct ad_buf buf;

    (void)state;
    ad_buf_init(&buf, 8);
    assert_int_equal(ad_buf_add(&buf, "12345678", strlen("12345678")), ANIMALDETECT_OK);
    assert_int_equal(ad_buf_add(&buf, "9", strlen("9")), ANIMALDETECT_E_ANSWER_TOO_LARGE);
    assert_int_equal(ad_buf_add_text(&buf, "9"), ANIMALDETECT_E_ANSWER_TOO_LARGE);
    assert_string_equal(ad_buf_string(&buf), "12345678");
    assert_int_equal(buf.capacity, 9);
    ad_buf_free(&buf);
}

static void a_size_that_overflows_is_refused(void **state)
{
    struct ad_buf buf;

    (void)state;
    ad_buf_init(&buf, SIZE_MAX);
    assert_int_equal(ad_buf_add(&buf, "x", strlen("x")), ANIMALDETECT_OK);
    assert_int_equal(ad_buf_add(&buf, "y", SIZE_MAX), ANIMALDETECT_E_ANSWER_TOO_LARGE);
    assert_int_equal(ad_buf_add(&buf, "y", SIZE_MAX - 1), ANIMALDETECT_E_NO_MEMORY);
    assert_string_equal(ad_buf_string(&buf), "x");
    ad_buf_free(&buf);
}

static void text_appends(void **state)
{
    struct ad_buf buf;

    (void)state;
    ad_buf_init(&buf, 1000);
    assert_int_equal(ad_buf_add(&buf, "a", strlen("a")), ANIMALDETECT_OK);
    assert_int_equal(ad_buf_add_text(&buf, "42-b"), ANIMALDETECT_OK);
    assert_string_equal(ad_buf_string(&buf), "a42-b");
    assert_int_equal(buf.size, 5);
    ad_buf_free(&buf);
}

static void clear_keeps_the_memory_and_forgets_the_bytes(void **state)
{
    struct ad_buf buf;

    (void)state;
    ad_buf_init(&buf, 1000);
    assert_int_equal(ad_buf_add(&buf, "abc", strlen("abc")), ANIMALDETECT_OK);
    ad_buf_clear(&buf);
    assert_string_equal(ad_buf_string(&buf), "");
    assert_int_not_equal(buf.capacity, 0);
    ad_buf_free(&buf);
}

static void take_gives_the_text_away_and_empties_the_buffer(void **state)
{
    struct ad_buf buf;
    size_t size = 0;
    char *text;

    (void)state;
    ad_buf_init(&buf, 1000);
    assert_int_equal(ad_buf_add(&buf, "a\0b", 3), ANIMALDETECT_OK);
    text = ad_buf_take(&buf, &size);
    assert_int_equal(size, 3);
    assert_memory_equal(text, "a\0b", 4);
    assert_null(buf.data);
    assert_int_equal(buf.size, 0);
    free(text);
    text = ad_buf_take(&buf, &size);
    assert_string_equal(text, "");
    assert_int_equal(size, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unused_buffer_reads_as_empty_text),
        cmocka_unit_test(bytes_added_one_by_one_come_back_in_order),
        cmocka_unit_test(the_limit_is_reached_but_never_passed),
        cmocka_unit_test(a_size_that_overflows_is_refused),
        cmocka_unit_test(text_appends),
        cmocka_unit_test(clear_keeps_the_memory_and_forgets_the_bytes),
        cmocka_unit_test(take_gives_the_text_away_and_empties_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
