/* SPDX-License-Identifier: MIT */
/*
 * The promises of base/mask.h, row by row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <strings.h>

#include <animaldetect/types.h>

#include "base/mask.h"
#include "base/rng.h"
#include "base/text.h"

#define KEY "sk_test_abcdefgh1234"
#define OLDER "sk_test_IJKLMNOP+5678/=="
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct ad_mask mask;

static int set_up(void **state)
{
    (void)state;
    ad_mask_init(&mask);
    return ad_mask_add(&mask, OLDER) == ANIMALDETECT_OK && ad_mask_add(&mask, KEY) == ANIMALDETECT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ad_mask_free(&mask);
    return 0;
}

static void keys_and_queries_become_stars(void **state)
{
    static const struct {
        const char *from;
        const char *to;
    } rows[] = {
        {"", ""},
        {"nothing to hide, is there? No.", "nothing to hide, is there? No."},
        {"bad key " KEY, "bad key ***"},
        {KEY KEY, "******"},
        {"old " OLDER ", new " KEY ".", "old ***, new ***."},
        {"SK_TEST_ABCDEFGH1234 and sk_test_ijklmnop+5678/==", "*** and ***"},
        {"cut short: sk_test_abcdef", "cut short: ***"},
        {"beheaded: ...abcdefgh1234", "beheaded: ...***"},
        {"seven bytes are no key: defgh12", "seven bytes are no key: defgh12"},
        {"sk%5Ftest%5fabcdefgh1234", "***"},
        {"sk_test_IJKLMNOP%2B5678%2F%3D%3D", "***"},
        {"sk\\u005ftest_IJKLMNOP+5678\\/==", "***"},
        {"sk&#95;test&#x5F;IJKLMNOP&#43;5678/==", "***"},
        {"100 % sk_test", "100 % sk_test"},
        {"cannot PUT /up/7?X-Sig=ab12 (late)", "cannot PUT /up/7?*** (late)"},
        {"<a href=\"https://s/o?a=1&amp;b=2\">o</a>", "<a href=\"https://s/o?***\">o</a>"},
        {"{\"url\":\"https:\\/\\/s\\/o\\u003fsig=ab\",\"x\":1}", "{\"url\":\"https:\\/\\/s\\/o?***\",\"x\":1}"},
        {"next=https%3A%2F%2Fs%2Fo%3Fsig%3Dab end", "next=https%3A%2F%2Fs%2Fo?*** end"},
        {"X-Goog-Signature=ab12&X-Goog-Expires=900", "X-Goog-Signature=***&X-Goog-Expires=900"},
        {"sig=ab, se=cd", "sig=***, se=cd"},
        {"threshold=0.2&size=3", "threshold=0.2&size=3"},
        {"?", "?"},
        {"why?\nbecause", "why? because"},
        {"two\nlines\x01", "two lines?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[128];
        size_t length = ad_mask_text(&mask, out, sizeof out, rows[i].from, strlen(rows[i].from));

        assert_string_equal(out, rows[i].to);
        assert_int_equal(length, strlen(out));
    }
}

static void a_mask_without_keys_still_hides_queries(void **state)
{
    char out[64];

    (void)state;
    (void)ad_mask_text(NULL, out, sizeof out, KEY " /o?sig=1", strlen(KEY " /o?sig=1"));
    assert_string_equal(out, KEY " /o?***");
    assert_false(ad_mask_finds(NULL, KEY));
}

/* The text is truncated after it was masked: a piece of the key appears at no buffer size. */
static void no_room_cuts_a_key_open(void **state)
{
    static const char text[] = "before " KEY " between /o?sig=" OLDER " after";
    char out[sizeof text + 4];

    (void)state;
    for (size_t room = 0; room < sizeof out; room++) {
        memset(out, 'Z', sizeof out);
        assert_true(ad_mask_text(&mask, out, room, text, sizeof text - 1) < (room == 0 ? 1 : room));
        if (room == 0)
            continue;
        assert_null(strstr(out, "sk_"));
        assert_null(strstr(out, "sig=s"));
        assert_true(ad_text_is_clean(out));
        assert_int_equal(out[room < sizeof out - 1 ? room : sizeof out - 1], 'Z');
    }
}

/* A key that another limit truncated: every piece of at least eight bytes. */
static void every_piece_of_a_key_is_found(void **state)
{
    (void)state;
    for (size_t from = 0; from + AD_MASK_MIN <= strlen(KEY); from++)
        for (size_t size = AD_MASK_MIN; from + size <= strlen(KEY); size++) {
            char out[64];

            (void)ad_mask_text(&mask, out, sizeof out, &KEY[from], size);
            assert_string_equal(out, "***");
        }
}

static void keys_in_what_is_used_as_it_is_are_found(void **state)
{
    (void)state;
    assert_true(ad_mask_finds(&mask, KEY));
    assert_true(ad_mask_finds(&mask, "https://x/" OLDER "/y"));
    assert_true(ad_mask_finds(&mask, "https://SK_TEST_ABCDEFGH1234.example.com"));
    assert_true(ad_mask_finds(&mask, "https://x/sk%5Ftest_abcdefgh1234"));
    assert_true(ad_mask_finds(&mask, "https://x/s%6b_t%65st_%61bcd%65fgh%31234")); /* no eight bytes unescaped */
    assert_true(ad_mask_finds(&mask, "sk_test_abcdefgh"));
    assert_false(ad_mask_finds(&mask, "sk_test_5fd3825f-46a3-4892-8600-44a319e2d18f"));
    assert_false(ad_mask_finds(&mask, ""));
}

static void short_keys_and_known_ones_are_not_added(void **state)
{
    char out[32];

    (void)state;
    assert_int_equal(ad_mask_add(&mask, "***"), ANIMALDETECT_OK);
    assert_int_equal(ad_mask_add(&mask, "1234567"), ANIMALDETECT_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(ad_mask_add(&mask, i % 2 == 0 ? KEY : OLDER), ANIMALDETECT_OK);
    assert_int_equal(mask.count, 2);
    (void)ad_mask_text(&mask, out, sizeof out, "*** 1234567", 11);
    assert_string_equal(out, "*** 1234567");
}

/* For a key of stars, output and input look the same; the call must return, and soon. */
static void a_key_of_stars_is_no_endless_search(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(ad_mask_add(&mask, "********"), ANIMALDETECT_OK);
    assert_int_equal(ad_mask_text(&mask, out, sizeof out, "the key ******** is bad", 23), 18);
    assert_string_equal(out, "the key *** is bad");
}

/* Text without escapes: pieces of keys, words, marks and control characters, adjacent to each other. */
static void make_text(struct ad_rng *rng, char *text, size_t size)
{
    static const char *const words[] = {KEY,     OLDER,  KEY, OLDER, "sk_sk_test_", "succeeded", "2026-01-01T00:00:00Z",
                                        "?",     "sig=", "=", "\n",  " ",           "\xC3\xA4",  "\x7F",
                                        "0f3a9c"};
    size_t used = 0;

    text[0] = '\0';
    for (int64_t left = ad_rng_upto(rng, 8); left > 0; left--) {
        const char *word = words[ad_rng_upto(rng, COUNT_OF(words) - 1)];
        size_t from = (size_t)ad_rng_upto(rng, (int64_t)strlen(word) - 1);
        size_t length = (size_t)ad_rng_upto(rng, (int64_t)(strlen(word) - from));

        if (used + length >= size)
            return;
        memcpy(text + used, word + from, length);
        used += length;
        text[used] = '\0';
        for (size_t i = used - length; ad_rng_upto(rng, 3) == 0 && i < used; i++)
            text[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
    }
}

/* Sixteen bytes of a key in a row, found at every position. */
static bool holds_key(const char *text)
{
    static const char *const keys[] = {KEY, OLDER};

    for (; *text != '\0'; text++)
        for (size_t k = 0; k < COUNT_OF(keys); k++)
            for (size_t from = 0; from + 16 <= strlen(keys[k]); from++)
                if (strncasecmp(text, keys[k] + from, 16) == 0)
                    return true;
    return false;
}

static void a_text_without_marks_is_read_as_one_with_them(void **state)
{
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    for (int i = 0; i < 200000; i++) {
        char text[96];
        char marked[128] = "\n"; /* a control character, so that each character is checked */
        char out[128];
        char expected[128];
        size_t room = 4 + (size_t)ad_rng_upto(&rng, 100);
        size_t length;

        make_text(&rng, text, sizeof text);
        memcpy(marked + 1, text, strlen(text) + 1);
        memset(out, 'Z', sizeof out);
        length = ad_mask_text(&mask, out, room, text, strlen(text));
        assert_int_equal(ad_mask_text(&mask, expected, room + 1, marked, strlen(marked)), length + 1);
        assert_string_equal(out, expected + 1);
        assert_int_equal(out[room], 'Z');
        assert_int_equal(ad_mask_finds(&mask, text), holds_key(text));
        memcpy(marked + 1 + strlen(text), " %41", 5); /* an escape, so that keys are searched at each position */
        assert_int_equal(ad_mask_finds(&mask, text), ad_mask_finds(&mask, marked));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_and_queries_become_stars, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mask_without_keys_still_hides_queries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_room_cuts_a_key_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_piece_of_a_key_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_in_what_is_used_as_it_is_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_keys_and_known_ones_are_not_added, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_of_stars_is_no_endless_search, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_text_without_marks_is_read_as_one_with_them, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
