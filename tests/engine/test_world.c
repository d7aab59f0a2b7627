/* SPDX-License-Identifier: MIT */
/*
 * The world checks the engine, so its own behavior is tested here: clock, descriptor, scripts and the model's delivery
 * plans. Uses only transfers, no engine.
 */
#include <poll.h>

#include "kit/world/kit.h"

static bool readable(struct setup *setup)
{
    struct pollfd watch = {.fd = setup->net->reactor->ops->fd(setup->net->reactor), .events = POLLIN};

    return poll(&watch, 1, 0) == 1;
}

static void a_create_goes_to_the_model_and_its_answer_comes_back(void **state)
{
    struct setup setup = make();
    struct call call;
    char value[64];

    (void)state;
    prepare_create(&call, "key-1");
    start(&setup, &call);
    finish(&setup, &call);

    assert_int_equal(call.transfer.net, AD_NET_OK);
    assert_int_equal(call.transfer.http_status, 201);
    assert_non_null(strstr(ad_buf_string(&call.transfer.answer), "awaiting_upload"));
    assert_true(call.headers > 0);
    assert_int_equal(svc_count(setup.svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_violation_count(setup.svc), 0);
    assert_int_equal(world_count(setup.world, "create"), 1);
    assert_string_equal(world_request_of(setup.world, "create", 1)->bearer, KEY);
    assert_true(
        world_request_header(world_request_of(setup.world, "create", -1), "idempotency-KEY", value, sizeof value));
    assert_string_equal(value, "key-1");
    drop(&call);
    end(&setup);
}

static void time_passes_only_when_it_is_advanced(void **state)
{
    struct setup setup = make();
    struct call call;
    int64_t begin = world_now_ms(setup.world);

    (void)state;
    prepare_create(&call, "key-1");
    start(&setup, &call);
    drive(&setup);
    assert_int_equal(call.done, 0);
    assert_int_equal(world_now_ms(setup.world), begin);

    finish(&setup, &call);

    assert_true(world_now_ms(setup.world) >= begin + 40);
    assert_true(world_now_ms(setup.world) <= begin + 50);
    assert_false(world_advance(setup.world));
    drop(&call);
    end(&setup);
}

static void the_descriptor_is_readable_only_while_there_is_work(void **state)
{
    struct setup setup = make();
    struct call call;

    (void)state;
    assert_false(readable(&setup));
    setup.net->reactor->ops->signal(setup.net->reactor);
    assert_true(readable(&setup));
    setup.net->reactor->ops->acknowledge(setup.net->reactor);
    assert_false(readable(&setup));

    setup.net->ops->arm(setup.net, world_now_ms(setup.world) + 5);
    assert_false(readable(&setup));
    assert_true(world_advance(setup.world));
    assert_true(readable(&setup));
    setup.net->ops->arm(setup.net, AD_TIME_NEVER);
    assert_false(readable(&setup));

    prepare_create(&call, "key-1");
    start(&setup, &call);
    assert_false(readable(&setup));
    assert_true(world_advance(setup.world));
    assert_true(readable(&setup));
    drive(&setup);
    assert_false(readable(&setup));
    finish(&setup, &call);
    assert_false(readable(&setup));
    drop(&call);
    end(&setup);
}

static void block_goes_to_the_next_event_or_to_its_limit(void **state)
{
    struct setup setup = make();
    int64_t begin = world_now_ms(setup.world);

    (void)state;
    setup.net->ops->arm(setup.net, begin + 5000);
    assert_int_equal(ad_transport_block(setup.net, 100), ANIMALDETECT_OK);
    assert_int_equal(world_now_ms(setup.world), begin + 100);
    ad_transport_block(setup.net, -1);
    assert_int_equal(world_now_ms(setup.world), begin + 5000);
    setup.net->ops->arm(setup.net, AD_TIME_NEVER);
    setup.net->reactor->ops->signal(setup.net->reactor);
    ad_transport_block(setup.net, -1);
    assert_int_equal(world_now_ms(setup.world), begin + 5000);
    end(&setup);
}

/* Creates a job and returns its upload URL. */
static char *upload_url(struct setup *setup)
{
    struct call call;
    const char *from;
    char *url;

    prepare_create(&call, "key-up");
    start(setup, &call);
    finish(setup, &call);
    from = strstr(ad_buf_string(&call.transfer.answer), "https://storage.googleapis.com");
    assert_non_null(from);
    url = strndup(from, strcspn(from, "\""));
    drop(&call);
    return url;
}

static void an_upload_is_read_in_pieces_over_time(void **state)
{
    struct world_config config;
    struct setup setup;
    struct call call;
    int64_t begin;
    char *url;

    (void)state;
    world_config_default(&config);
    config.upload_bps = 1000000;
    setup = make_setup(&config);
    url = upload_url(&setup);
    prepare_upload(&call, url, 1000000);
    begin = world_now_ms(setup.world);
    start(&setup, &call);
    while (world_now_ms(setup.world) < begin + 500) {
        assert_true(world_advance(setup.world));
        drive(&setup);
    }
    assert_true(call.transfer.sent > 400000 && call.transfer.sent < 600000);
    finish(&setup, &call);

    assert_int_equal(call.transfer.http_status, 200);
    assert_int_equal(call.transfer.sent, 1000000);
    assert_int_equal(call.rewinds, 1);
    assert_int_equal(call.pieces, 1000000 / WORLD_PIECE + 1 + 1); /* and one to detect the end */
    assert_true(world_now_ms(setup.world) >= begin + 980);
    assert_int_equal(svc_count(setup.svc, SVC_COUNT_UPLOADS), 1);
    free(url);
    end(&setup);
}

static void a_short_body_is_never_completed(void **state)
{
    struct setup setup = make();
    struct call call;
    char *url = upload_url(&setup);

    (void)state;
    prepare_upload(&call, url, 100);
    call.gives = 50;
    start(&setup, &call);
    finish(&setup, &call);

    assert_int_equal(call.transfer.net, AD_NET_BODY);
    assert_int_equal(call.transfer.body_status, ANIMALDETECT_E_READER);
    assert_int_equal(svc_count(setup.svc, SVC_COUNT_UPLOADS), 0);
    free(url);
    end(&setup);
}

static const struct {
    const char *fault;
    enum ad_net net;
    int status;
    int jobs;
} PLANS[] = {
    {"create:reset-before", AD_NET_BROKEN, 0, 0},  {"create:reset-after", AD_NET_BROKEN, 0, 1},
    {"create:stall", AD_NET_TIMEOUT, 0, 0},        {"create:stall:after_effect=1", AD_NET_TIMEOUT, 0, 1},
    {"create:truncate", AD_NET_BROKEN, 0, 1},      {"create:malformed", AD_NET_OK, 201, 1},
    {"create:wrong-length", AD_NET_OK, 201, 1},    {"create:huge:size=2000000", AD_NET_TOO_LARGE, 0, 1},
    {"create:delay:ms=29000", AD_NET_OK, 201, 1},  {"create:delay:ms=31000", AD_NET_TIMEOUT, 0, 1},
    {"create:slow:bps=200", AD_NET_OK, 201, 1},    {"create:slow:bps=4", AD_NET_TIMEOUT, 0, 1},
    {"create:503", AD_NET_OK, 503, 0},             {"create:html", AD_NET_OK, 502, 0},
};

static void every_delivery_plan_becomes_what_a_network_would_make_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PLANS / sizeof PLANS[0]; i++) {
        struct setup setup = make();
        struct call call;
        char error[200];

        assert_true(svc_add_fault(setup.svc, PLANS[i].fault, error, sizeof error));
        prepare_create(&call, "key-1");
        start(&setup, &call);
        finish(&setup, &call);
        if ((int)call.transfer.net != (int)PLANS[i].net || call.transfer.http_status != PLANS[i].status)
            fail_msg("%s: net %d status %d", PLANS[i].fault, (int)call.transfer.net, (int)call.transfer.http_status);
        assert_int_equal(svc_count(setup.svc, SVC_COUNT_JOBS), PLANS[i].jobs);
        drop(&call);
        end(&setup);
    }
}

static void an_early_answer_comes_before_the_body_is_read(void **state)
{
    struct setup setup = make();
    struct call call;
    char error[200];
    char *url = upload_url(&setup);

    (void)state;
    assert_true(svc_add_fault(setup.svc, "upload:early:status=403", error, sizeof error));
    prepare_upload(&call, url, 1000000);
    start(&setup, &call);
    finish(&setup, &call);
    assert_int_equal(call.transfer.net, AD_NET_OK);
    assert_int_equal(call.transfer.http_status, 403);
    assert_int_equal(call.transfer.sent, 0);
    drop(&call);
    free(url);
    end(&setup);
}

static void count_up(void *user)
{
    ++*(int *)user;
}

static void scripts_act_on_the_nth_request_of_a_route(void **state)
{
    struct setup setup = make();
    struct call call;
    int effects = 0;

    (void)state;
    world_answer(setup.world, "create", 2, 418, "X-One: 1\nX-Two: 2", "tea");
    world_net(setup.world, "create", 3, AD_NET_CONNECT);
    world_rewrite(setup.world, "create", 4, "awaiting_upload", "elsewhere");
    world_on_effect(setup.world, "create", 4, count_up, &effects);
    for (int nth = 1; nth <= 4; nth++) {
        prepare_create(&call, "key-1");
        start(&setup, &call);
        finish(&setup, &call);
        assert_int_equal(call.transfer.http_status, nth == 1 ? 201 : nth == 2 ? 418 : nth == 3 ? 0 : 200);
        assert_int_equal(call.transfer.net, nth == 3 ? AD_NET_CONNECT : AD_NET_OK);
        if (nth == 2)
            assert_int_equal(call.headers, 2);
        if (nth == 4)
            assert_non_null(strstr(ad_buf_string(&call.transfer.answer), "elsewhere"));
        assert_int_equal(effects, nth == 4);
        drop(&call);
    }
    end(&setup);
}

static void an_aborted_transfer_is_never_done(void **state)
{
    struct setup setup = make();
    struct call call;

    (void)state;
    prepare_create(&call, "key-1");
    start(&setup, &call);
    world_advance(setup.world);
    drive(&setup);
    setup.net->ops->abort(setup.net, &call.transfer);
    assert_false(world_advance(setup.world));
    drive(&setup);
    assert_int_equal(call.done, 0);
    assert_true(world_request_of(setup.world, "create", 1)->aborted);
    assert_int_equal(svc_count(setup.svc, SVC_COUNT_JOBS), 1);
    drop(&call);
    end(&setup);
}

static void a_key_on_its_way_to_the_storage_is_a_violation(void **state)
{
    struct setup setup = make();
    struct call call;
    char *url = upload_url(&setup);

    (void)state;
    prepare_upload(&call, url, 10);
    call.transfer.bearer = KEY;
    start(&setup, &call);
    finish(&setup, &call);
    assert_int_equal(world_violations(setup.world), 1);
    assert_null(strstr(world_violation(setup.world), KEY));
    assert_int_equal(svc_violation_count_of(setup.svc, "key_at_storage"), 1);
    drop(&call);
    free(url);
    end(&setup);
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
