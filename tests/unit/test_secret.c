/* SPDX-License-Identifier: MIT */
/*
 * The promises of the secret: replaced and freed texts are wiped before their memory is released. The file under test
 * is included here with its own free(), so that the bytes can be inspected when they are freed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

static void watched_free(void *memory);

/* The file under test, with its free() redirected to this one. */
#define free watched_free
#include "base/secret.c"
#undef free

static const void *watched;
static size_t watched_size;
static int wiped; /* -1: not freed yet; 0: freed with nonzero bytes; 1: freed all zero */

static void watched_free(void *memory)
{
    if (memory && memory == watched) {
        wiped = 1;
        for (size_t i = 0; i < watched_size; i++) {
            if (((const char *)memory)[i] != 0)
                wiped = 0;
        }
        watched = NULL;
    }
    free(memory);
}

static void watch(const char *text)
{
    watched = text;
    watched_size = strlen(text);
    wiped = -1;
}

static void a_secret_is_a_copy(void **state)
{
    struct ad_secret secret;
    char key[] = "sk_test_one";

    (void)state;
    ad_secret_init(&secret);
    assert_null(secret.text);
    assert_int_equal(ad_secret_set(&secret, key), ANIMALDETECT_OK);
    key[0] = 'X';
    assert_string_equal(secret.text, "sk_test_one");
    assert_int_equal(secret.size, 11);
    ad_secret_free(&secret);
    assert_null(secret.text);
}

static void a_replaced_secret_is_wiped(void **state)
{
    struct ad_secret secret;

    (void)state;
    ad_secret_init(&secret);
    assert_int_equal(ad_secret_set(&secret, "sk_test_one"), ANIMALDETECT_OK);
    watch(secret.text);
    assert_int_equal(ad_secret_set(&secret, "sk_test_two"), ANIMALDETECT_OK);
    assert_int_equal(wiped, 1);
    assert_string_equal(secret.text, "sk_test_two");
    ad_secret_free(&secret);
}

static void a_freed_secret_is_wiped(void **state)
{
    struct ad_secret secret;

    (void)state;
    ad_secret_init(&secret);
    assert_int_equal(ad_secret_set(&secret, "sk_test_one"), ANIMALDETECT_OK);
    watch(secret.text);
    ad_secret_free(&secret);
    assert_int_equal(wiped, 1);
}

static void text_that_held_a_secret_is_wiped(void **state)
{
    char *text = strdup("Authorization: Bearer sk_test_one");

    (void)state;
    assert_non_null(text);
    watch(text);
    ad_secret_wipe_text(text);
    assert_int_equal(wiped, 1);
    ad_secret_wipe_text(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_a_copy),
        cmocka_unit_test(a_replaced_secret_is_wiped),
        cmocka_unit_test(a_freed_secret_is_wiped),
        cmocka_unit_test(text_that_held_a_secret_is_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
