/* SPDX-License-Identifier: MIT */
/*
 * The promises of the queue: order is kept, a node is in at most one list, the owner is found from its node.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

struct owner {
    int number;
    struct ad_list_node node;
};

static int number_of_first(const struct ad_list *list)
{
    struct ad_list_node *first = ad_list_first(list);

    return first ? AD_OWNER(first, struct owner, node)->number : -1;
}

static void appended_nodes_leave_in_their_order_and_prepended_ones_first(void **state)
{
    struct ad_list list;
    struct owner owners[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};

    (void)state;
    ad_list_init(&list);
    for (int i = 0; i < 3; i++)
        ad_list_append(&list, &owners[i].node);
    ad_list_prepend(&list, &owners[3].node);
    assert_int_equal(list.count, 4);

    static const int expected[] = {3, 0, 1, 2, -1};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(number_of_first(&list), expected[i]);
        if (ad_list_first(&list))
            ad_list_remove(&list, ad_list_first(&list));
    }
    assert_int_equal(list.count, 0);
}

static void a_node_is_removed_from_the_middle(void **state)
{
    struct ad_list list;
    struct owner owners[3] = {{.number = 0}, {.number = 1}, {.number = 2}};

    (void)state;
    ad_list_init(&list);
    for (int i = 0; i < 3; i++)
        ad_list_append(&list, &owners[i].node);
    ad_list_remove(&list, &owners[1].node);
    assert_false(ad_list_holds(&owners[1].node));
    assert_true(ad_list_holds(&owners[2].node));
    ad_list_remove(&list, &owners[0].node);
    assert_int_equal(number_of_first(&list), 2);
    assert_int_equal(list.count, 1);
}

static void removing_a_node_that_is_in_no_list_does_nothing(void **state)
{
    struct ad_list list;
    struct owner in = {.number = 1};
    struct owner out = {.number = 2};

    (void)state;
    ad_list_init(&list);
    ad_list_node_init(&out.node);
    ad_list_append(&list, &in.node);
    ad_list_remove(&list, &out.node);
    assert_int_equal(list.count, 1);
}

static void adding_a_node_twice_keeps_its_first_position(void **state)
{
    struct ad_list list;
    struct owner owners[2] = {{.number = 0}, {.number = 1}};

    (void)state;
    ad_list_init(&list);
    ad_list_append(&list, &owners[0].node);
    ad_list_append(&list, &owners[1].node);
    ad_list_append(&list, &owners[0].node);
    assert_int_equal(list.count, 2);
    assert_int_equal(number_of_first(&list), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_nodes_leave_in_their_order_and_prepended_ones_first),
        cmocka_unit_test(a_node_is_removed_from_the_middle),
        cmocka_unit_test(removing_a_node_that_is_in_no_list_does_nothing),
        cmocka_unit_test(adding_a_node_twice_keeps_its_first_position),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
