/* SPDX-License-Identifier: MIT */
/*
 * The mock judges the engine, so it is judged first: clock, descriptor, scripts and what it makes of the model's
 * delivery plans.  No engine in here, only transfers.
 */
#include <poll.h>

#include "mock/kit.h"

static bool readable(struct world *world)
{
    struct pollfd watch = {.fd = world->net->reactor->ops->fd(world->net->reactor), .events = POLLIN};

    return poll(&watch, 1, 0) == 1;
}

static void a_create_goes_to_the_model_and_its_answer_comes_back(void **state)
{
    struct world world = make();
    struct call call;
    char value[64];

    (void)state;
    prepare_create(&call, "key-1");
    start(&world, &call);
    finish(&world, &call);

    assert_int_equal(call.transfer.net, AD_NET_OK);
    assert_int_equal(call.transfer.http_status, 201);
    assert_non_null(strstr(ad_buf_string(&call.transfer.answer), "awaiting_upload"));
    assert_true(call.headers > 0);
    assert_int_equal(svc_count(world.svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_violation_count(world.svc), 0);
    assert_int_equal(mock_count(world.mock, "create"), 1);
    assert_string_equal(mock_request_of(world.mock, "create", 1)->bearer, KEY);
    assert_true(mock_request_header(mock_request_of(world.mock, "create", -1), "idempotency-KEY", value, sizeof value));
    assert_string_equal(value, "key-1");
    drop(&call);
    end(&world);
}

static void time_passes_only_when_it_is_advanced(void **state)
{
    struct world world = make();
    struct call call;
    int64_t begin = mock_now_ms(world.mock);

    (void)state;
    prepare_create(&call, "key-1");
    start(&world, &call);
    drive(&world);
    assert_int_equal(call.done, 0);
    assert_int_equal(mock_now_ms(world.mock), begin);

    finish(&world, &call);

    assert_true(mock_now_ms(world.mock) >= begin + 40);
    assert_true(mock_now_ms(world.mock) <= begin + 50);
    assert_false(mock_advance(world.mock));
    drop(&call);
    end(&world);
}

static void the_descriptor_is_readable_only_while_there_is_work(void **state)
{
    struct world world = make();
    struct call call;

    (void)state;
    assert_false(readable(&world));
    world.net->reactor->ops->signal(world.net->reactor);
    assert_true(readable(&world));
    world.net->reactor->ops->acknowledge(world.net->reactor);
    assert_false(readable(&world));

    world.net->ops->arm(world.net, mock_now_ms(world.mock) + 5);
    assert_false(readable(&world));
    assert_true(mock_advance(world.mock));
    assert_true(readable(&world));
    world.net->ops->arm(world.net, AD_TIME_NEVER);
    assert_false(readable(&world));

    prepare_create(&call, "key-1");
    start(&world, &call);
    assert_false(readable(&world));
    assert_true(mock_advance(world.mock));
    assert_true(readable(&world));
    drive(&world);
    assert_false(readable(&world));
    finish(&world, &call);
    assert_false(readable(&world));
    drop(&call);
    end(&world);
}

static void block_goes_to_the_next_event_or_to_its_limit(void **state)
{
    struct world world = make();
    int64_t begin = mock_now_ms(world.mock);

    (void)state;
    world.net->ops->arm(world.net, begin + 5000);
    assert_int_equal(ad_transport_block(world.net, 100), ANIMALDETECT_OK);
    assert_int_equal(mock_now_ms(world.mock), begin + 100);
    ad_transport_block(world.net, -1);
    assert_int_equal(mock_now_ms(world.mock), begin + 5000);
    world.net->ops->arm(world.net, AD_TIME_NEVER);
    world.net->reactor->ops->signal(world.net->reactor);
    ad_transport_block(world.net, -1);
    assert_int_equal(mock_now_ms(world.mock), begin + 5000);
    end(&world);
}

/* Creates a job and returns its upload URL. */
static char *upload_url(struct world *world)
{
    struct call call;
    const char *from;
    char *url;

    prepare_create(&call, "key-up");
    start(world, &call);
    finish(world, &call);
    from = strstr(ad_buf_string(&call.transfer.answer), "https://storage.googleapis.com");
    assert_non_null(from);
    url = strndup(from, strcspn(from, "\""));
    drop(&call);
    return url;
}

static void an_upload_is_read_in_pieces_over_time(void **state)
{
    struct mock_config config;
    struct world world;
    struct call call;
    int64_t begin;
    char *url;

    (void)state;
    mock_config_default(&config);
    config.upload_bps = 1000000;
    world = make_world(&config);
    url = upload_url(&world);
    prepare_upload(&call, url, 1000000);
    begin = mock_now_ms(world.mock);
    start(&world, &call);
    while (mock_now_ms(world.mock) < begin + 500) {
        assert_true(mock_advance(world.mock));
        drive(&world);
    }
    assert_true(call.transfer.sent > 400000 && call.transfer.sent < 600000);
    finish(&world, &call);

    assert_int_equal(call.transfer.http_status, 200);
    assert_int_equal(call.transfer.sent, 1000000);
    assert_int_equal(call.rewinds, 1);
    assert_int_equal(call.pieces, 1000000 / MOCK_PIECE + 1 + 1); /* and one to see that there is no more */
    assert_true(mock_now_ms(world.mock) >= begin + 980);
    assert_int_equal(svc_count(world.svc, SVC_COUNT_UPLOADS), 1);
    free(url);
    end(&world);
}

static void a_short_body_is_never_completed(void **state)
{
    struct world world = make();
    struct call call;
    char *url = upload_url(&world);

    (void)state;
    prepare_upload(&call, url, 100);
    call.gives = 50;
    start(&world, &call);
    finish(&world, &call);

    assert_int_equal(call.transfer.net, AD_NET_BODY);
    assert_int_equal(call.transfer.body_status, ANIMALDETECT_E_READER);
    assert_int_equal(svc_count(world.svc, SVC_COUNT_UPLOADS), 0);
    free(url);
    end(&world);
}

static const struct {
    const char *fault;
    enum ad_net net;
    int status;
    int jobs;
} PLANS[] = {
    {"create:reset-before", AD_NET_BROKEN, 0, 0},
    {"create:reset-after", AD_NET_BROKEN, 0, 1},
    {"create:stall", AD_NET_TIMEOUT, 0, 0},
    {"create:stall:after_effect=1", AD_NET_TIMEOUT, 0, 1},
    {"create:truncate", AD_NET_BROKEN, 0, 1},
    {"create:malformed", AD_NET_OK, 201, 1},
    {"create:wrong-length", AD_NET_OK, 201, 1},
    {"create:huge:size=2000000", AD_NET_TOO_LARGE, 0, 1},
    {"create:delay:ms=29000", AD_NET_OK, 201, 1},
    {"create:delay:ms=31000", AD_NET_TIMEOUT, 0, 1},
    {"create:slow:bps=200", AD_NET_OK, 201, 1},
    {"create:slow:bps=4", AD_NET_TIMEOUT, 0, 1},
    {"create:503", AD_NET_OK, 503, 0},
    {"create:html", AD_NET_OK, 502, 0},
};

static void every_delivery_plan_becomes_what_a_network_would_make_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PLANS / sizeof PLANS[0]; i++) {
        struct world world = make();
        struct call call;
        char error[200];

        assert_true(svc_add_fault(world.svc, PLANS[i].fault, error, sizeof error));
        prepare_create(&call, "key-1");
        start(&world, &call);
        finish(&world, &call);
        if ((int)call.transfer.net != (int)PLANS[i].net || call.transfer.http_status != PLANS[i].status)
            fail_msg("%s: net %d status %d", PLANS[i].fault, (int)call.transfer.net, (int)call.transfer.http_status);
        assert_int_equal(svc_count(world.svc, SVC_COUNT_JOBS), PLANS[i].jobs);
        drop(&call);
        end(&world);
    }
}

static void an_early_answer_comes_before_the_body_is_read(void **state)
{
    struct world world = make();
    struct call call;
    char error[200];
    char *url = upload_url(&world);

    (void)state;
    assert_true(svc_add_fault(world.svc, "upload:early:status=403", error, sizeof error));
    prepare_upload(&call, url, 1000000);
    start(&world, &call);
    finish(&world, &call);
    assert_int_equal(call.transfer.net, AD_NET_OK);
    assert_int_equal(call.transfer.http_status, 403);
    assert_int_equal(call.transfer.sent, 0);
    drop(&call);
    free(url);
    end(&world);
}

static void count_up(void *user)
{
    ++*(int *)user;
}

static void scripts_act_on_the_nth_request_of_a_route(void **state)
{
    struct world world = make();
    struct call call;
    int effects = 0;

    (void)state;
    mock_answer(world.mock, "create", 2, 418, "X-One: 1\nX-Two: 2", "tea");
    mock_net(world.mock, "create", 3, AD_NET_CONNECT);
    mock_rewrite(world.mock, "create", 4, "awaiting_upload", "elsewhere");
    mock_on_effect(world.mock, "create", 4, count_up, &effects);
    for (int nth = 1; nth <= 4; nth++) {
        prepare_create(&call, "key-1");
        start(&world, &call);
        finish(&world, &call);
        assert_int_equal(call.transfer.http_status, nth == 1 ? 201 : nth == 2 ? 418 : nth == 3 ? 0 : 200);
        assert_int_equal(call.transfer.net, nth == 3 ? AD_NET_CONNECT : AD_NET_OK);
        if (nth == 2)
            assert_int_equal(call.headers, 2);
        if (nth == 4)
            assert_non_null(strstr(ad_buf_string(&call.transfer.answer), "elsewhere"));
        assert_int_equal(effects, nth == 4);
        drop(&call);
    }
    end(&world);
}

static void an_aborted_transfer_is_never_done(void **state)
{
    struct world world = make();
    struct call call;

    (void)state;
    prepare_create(&call, "key-1");
    start(&world, &call);
    mock_advance(world.mock);
    drive(&world);
    world.net->ops->abort(world.net, &call.transfer);
    assert_false(mock_advance(world.mock));
    drive(&world);
    assert_int_equal(call.done, 0);
    assert_true(mock_request_of(world.mock, "create", 1)->aborted);
    assert_int_equal(svc_count(world.svc, SVC_COUNT_JOBS), 1);
    drop(&call);
    end(&world);
}

static void a_key_on_its_way_to_the_storage_is_a_violation(void **state)
{
    struct world world = make();
    struct call call;
    char *url = upload_url(&world);

    (void)state;
    prepare_upload(&call, url, 10);
    call.transfer.bearer = KEY;
    start(&world, &call);
    finish(&world, &call);
    assert_int_equal(mock_violations(world.mock), 1);
    assert_null(strstr(mock_violation(world.mock), KEY));
    assert_int_equal(svc_violation_count_of(world.svc, "key_at_storage"), 1);
    drop(&call);
    free(url);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_create_goes_to_the_model_and_its_answer_comes_back),
        cmocka_unit_test(time_passes_only_when_it_is_advanced),
        cmocka_unit_test(the_descriptor_is_readable_only_while_there_is_work),
        cmocka_unit_test(block_goes_to_the_next_event_or_to_its_limit),
        cmocka_unit_test(an_upload_is_read_in_pieces_over_time),
        cmocka_unit_test(a_short_body_is_never_completed),
        cmocka_unit_test(every_delivery_plan_becomes_what_a_network_would_make_of_it),
        cmocka_unit_test(an_early_answer_comes_before_the_body_is_read),
        cmocka_unit_test(scripts_act_on_the_nth_request_of_a_route),
        cmocka_unit_test(an_aborted_transfer_is_never_done),
        cmocka_unit_test(a_key_on_its_way_to_the_storage_is_a_violation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
