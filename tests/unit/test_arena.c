/* SPDX-License-Identifier: MIT */
/*
 * The promises of the arena: strings keep their addresses, blocks are aligned, a typical job needs one chunk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

static void strings_keep_their_place_and_content(void **state)
{
    struct ad_arena arena;
    const char *copies[1000];
    char text[32];

    (void)state;
    ad_arena_init(&arena);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof(text), "text number %d", i);
        copies[i] = ad_arena_copy(&arena, text);
        assert_non_null(copies[i]);
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof(text), "text number %d", i);
        assert_string_equal(copies[i], text);
    }
    ad_arena_free(&arena);
}

static void blocks_are_aligned_between_strings_of_any_length(void **state)
{
    struct ad_arena arena;

    (void)state;
    ad_arena_init(&arena);
    for (size_t i = 1; i < 600; i++) {
        void *block = ad_arena_alloc(&arena, i);

        assert_non_null(block);
        assert_int_equal((uintptr_t)block % alignof(max_align_t), 0);
        memset(block, 0x5A, i);
        assert_non_null(ad_arena_copy_n(&arena, "xyzxyzxyz", i % 9));
    }
    ad_arena_free(&arena);
}

static void a_part_of_a_text_gets_its_own_end(void **state)
{
    struct ad_arena arena;

    (void)state;
    ad_arena_init(&arena);
    assert_string_equal(ad_arena_copy_n(&arena, "camera-a/img", 8), "camera-a");
    assert_string_equal(ad_arena_copy_n(&arena, NULL, 0), "");
    ad_arena_free(&arena);
}

/* The texts of the published example response are about 450 bytes: one heap block of 512 bytes. */
static void many_small_strings_share_one_chunk(void **state)
{
    struct ad_arena arena;
    static const char url[] = "https://api.animaldetect.com/v1/jobs/5fd3825f-46a3-4892-8600-44a319e2d18f";
    struct ad_arena_chunk *first;

    (void)state;
    ad_arena_init(&arena);
    assert_non_null(ad_arena_copy(&arena, "5fd3825f-46a3-4892-8600-44a319e2d18f"));
    first = arena.chunks;
    for (int i = 0; i < 5; i++)
        assert_non_null(ad_arena_copy(&arena, url));
    assert_ptr_equal(arena.chunks, first);
    assert_true(malloc_usable_size(first) + sizeof(size_t) <= 512); /* including the allocator's overhead */
    ad_arena_free(&arena);
}

static void a_big_string_leaves_the_rest_of_the_chunk_usable(void **state)
{
    struct ad_arena arena;
    struct ad_arena_chunk *first;
    char big[2000];

    (void)state;
    memset(big, 'x', sizeof(big));
    ad_arena_init(&arena);
    assert_non_null(ad_arena_copy(&arena, "small"));
    first = arena.chunks;
    assert_non_null(ad_arena_copy_n(&arena, big, sizeof(big)));
    assert_non_null(ad_arena_copy(&arena, "small again"));
    assert_ptr_equal(arena.chunks, first);
    ad_arena_free(&arena);
    assert_null(arena.chunks);
}

static void a_size_that_overflows_gives_null(void **state)
{
    struct ad_arena arena;

    (void)state;
    ad_arena_init(&arena);
    assert_null(ad_arena_alloc(&arena, SIZE_MAX));
    assert_null(ad_arena_copy_n(&arena, "x", SIZE_MAX));
    assert_non_null(ad_arena_copy(&arena, "still usable"));
    ad_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_keep_their_place_and_content),
        cmocka_unit_test(blocks_are_aligned_between_strings_of_any_length),
        cmocka_unit_test(a_part_of_a_text_gets_its_own_end),
        cmocka_unit_test(many_small_strings_share_one_chunk),
        cmocka_unit_test(a_big_string_leaves_the_rest_of_the_chunk_usable),
        cmocka_unit_test(a_size_that_overflows_gives_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
