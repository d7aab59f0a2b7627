/* SPDX-License-Identifier: MIT */
/*
 * The promises of the heap: the earliest node first after any mix of push, update and remove, and nodes know their
 * index.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <animaldetect/types.h>

#include "base/heap.h"
#include "base/rng.h"

#define NODES 500

static void check_order(const struct ad_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++) {
        assert_int_equal(heap->nodes[i]->index, i);
        if (i > 0)
            assert_true(heap->nodes[(i - 1) / 2]->key <= heap->nodes[i]->key);
    }
}

static void nodes_come_out_by_time_whatever_was_done_before(void **state)
{
    struct ad_heap heap;
    struct ad_heap_node nodes[NODES];
    struct ad_rng rng;
    int64_t last = INT64_MIN;

    (void)state;
    ad_heap_init(&heap);
    ad_rng_seed(&rng, 1);
    for (size_t i = 0; i < NODES; i++)
        ad_heap_node_init(&nodes[i]);
    for (int i = 0; i < 20000; i++) {
        struct ad_heap_node *node = &nodes[ad_rng_upto(&rng, NODES - 1)];
        int64_t key = ad_rng_upto(&rng, 1000) - 500;

        if (ad_rng_upto(&rng, 3) == 0)
            ad_heap_remove(&heap, node);
        else if (ad_heap_holds(node))
            ad_heap_update(&heap, node, key);
        else
            assert_int_equal(ad_heap_push(&heap, node, key), ANIMALDETECT_OK);
        if (i % 100 == 0)
            check_order(&heap);
    }
    check_order(&heap);
    assert_true(heap.count > 0);
    while (ad_heap_first(&heap)) {
        struct ad_heap_node *first = ad_heap_first(&heap);

        assert_true(first->key >= last);
        last = first->key;
        ad_heap_remove(&heap, first);
        assert_false(ad_heap_holds(first));
    }
    ad_heap_free(&heap);
}

static void removing_a_node_that_is_not_there_does_nothing(void **state)
{
    struct ad_heap heap;
    struct ad_heap_node in;
    struct ad_heap_node out;

    (void)state;
    ad_heap_init(&heap);
    ad_heap_node_init(&in);
    ad_heap_node_init(&out);
    assert_int_equal(ad_heap_push(&heap, &in, 7), ANIMALDETECT_OK);
    ad_heap_remove(&heap, &out);
    ad_heap_update(&heap, &out, 1);
    assert_ptr_equal(ad_heap_first(&heap), &in);
    assert_int_equal(heap.count, 1);
    ad_heap_free(&heap);
    assert_false(ad_heap_holds(&in));
}

static void pushing_a_node_twice_moves_it(void **state)
{
    struct ad_heap heap;
    struct ad_heap_node a;
    struct ad_heap_node b;

    (void)state;
    ad_heap_init(&heap);
    ad_heap_node_init(&a);
    ad_heap_node_init(&b);
    assert_int_equal(ad_heap_push(&heap, &a, 10), ANIMALDETECT_OK);
    assert_int_equal(ad_heap_push(&heap, &b, 20), ANIMALDETECT_OK);
    assert_int_equal(ad_heap_push(&heap, &a, 30), ANIMALDETECT_OK);
    assert_int_equal(heap.count, 2);
    assert_ptr_equal(ad_heap_first(&heap), &b);
    ad_heap_free(&heap);
}

static void reserved_room_is_not_grown_again(void **state)
{
    struct ad_heap heap;
    struct ad_heap_node nodes[NODES];
    struct ad_heap_node **before;

    (void)state;
    ad_heap_init(&heap);
    assert_int_equal(ad_heap_reserve(&heap, NODES), ANIMALDETECT_OK);
    before = heap.nodes;
    for (size_t i = 0; i < NODES; i++) {
        ad_heap_node_init(&nodes[i]);
        assert_int_equal(ad_heap_push(&heap, &nodes[i], (int64_t)(NODES - i)), ANIMALDETECT_OK);
    }
    assert_ptr_equal(heap.nodes, before);
    assert_ptr_equal(ad_heap_first(&heap), &nodes[NODES - 1]);
    assert_int_equal(ad_heap_reserve(&heap, SIZE_MAX), ANIMALDETECT_E_NO_MEMORY);
    assert_int_equal(heap.count, NODES);
    ad_heap_free(&heap);
}

static void nodes_up_to_a_time_are_counted(void **state)
{
    struct ad_heap heap;
    struct ad_heap_node nodes[NODES];
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 7);
    ad_heap_init(&heap);
    assert_int_equal(ad_heap_count_until(&heap, INT64_MAX, 10), 0);
    for (size_t i = 0; i < NODES; i++) {
        ad_heap_node_init(&nodes[i]);
        assert_int_equal(ad_heap_push(&heap, &nodes[i], ad_rng_upto(&rng, 1000)), ANIMALDETECT_OK);
    }
    for (int64_t key = -1; key <= 1001; key++) {
        size_t count = 0;

        for (size_t i = 0; i < NODES; i++)
            count += nodes[i].key <= key;
        assert_int_equal(ad_heap_count_until(&heap, key, SIZE_MAX), count);
        assert_int_equal(ad_heap_count_until(&heap, key, 5), count < 5 ? count : 5);
    }
    ad_heap_free(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_come_out_by_time_whatever_was_done_before),
        cmocka_unit_test(removing_a_node_that_is_not_there_does_nothing),
        cmocka_unit_test(pushing_a_node_twice_moves_it),
        cmocka_unit_test(reserved_room_is_not_grown_again),
        cmocka_unit_test(nodes_up_to_a_time_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
