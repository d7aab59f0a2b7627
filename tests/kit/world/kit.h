/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the world share: a world without an engine, and transfers like those of an engine. Every function
 * is static and inline, so that a test may leave some unused.
 */
#ifndef TESTS_KIT_WORLD_KIT_H
#define TESTS_KIT_WORLD_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "kit/world/world.h"

#define KEY "sk_test_mock"
#define BASE "https://api.animaldetect.com/v1"
#define PAYLOAD "{\"operation\":\"detect\",\"filename\":\"a.jpg\",\"content_type\":\"image/jpeg\"}"

struct setup {
    struct svc *svc;
    struct world *world;
    struct ad_transport *net;
};

struct call {
    struct ad_transfer transfer;
    struct ad_header request_headers[4];
    int done;
    int headers;
    size_t gives; /* bytes that the body source has, whatever size it declares */
    size_t left;
    size_t pieces;
    int rewinds;
};

static inline void on_header(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size)
{
    (void)name;
    (void)value;
    assert_true(name_size > 0 && value_size < 4096);
    ((struct call *)transfer)->headers++;
}

static inline int64_t read_body(void *context, uint8_t *buffer, size_t size)
{
    struct call *call = context;
    size_t got = size < call->left ? size : call->left;

    memset(buffer, 'x', got);
    call->left -= got;
    call->pieces++;
    return (int64_t)got;
}

static inline int32_t rewind_body(void *context)
{
    struct call *call = context;

    call->left = call->gives;
    call->rewinds++;
    return ANIMALDETECT_OK;
}

static const struct ad_body_ops BODY = {read_body, rewind_body};

static inline struct setup make_setup(const struct world_config *config)
{
    struct svc_config service;
    struct setup setup;

    svc_config_default(&service);
    service.api_key = KEY;
    service.processing = "fixed:1000";
    setup.svc = svc_new(&service);
    setup.world = world_new(setup.svc, config);
    assert_int_equal(world_factory(setup.world, NULL, &setup.net), ANIMALDETECT_OK);
    return setup;
}

static inline struct setup make(void)
{
    struct world_config config;

    world_config_default(&config);
    return make_setup(&config);
}

static inline void end(struct setup *setup)
{
    setup->net->ops->close(setup->net, false);
    world_free(setup->world);
    svc_free(setup->svc);
}

static inline void prepare(struct call *call, const char *method, const char *url)
{
    memset(call, 0, sizeof *call);
    call->transfer.on_header = on_header;
    call->transfer.headers = call->request_headers;
    call->transfer.method = method;
    call->transfer.url = url;
    call->transfer.bearer = KEY;
    call->transfer.answer_limit = 1 << 20;
    call->transfer.connect_timeout_ms = 15000;
    call->transfer.stall_timeout_ms = 30000;
    call->transfer.request_timeout_ms = 60000;
    ad_buf_init(&call->transfer.answer, 1 << 20);
}

static inline void prepare_create(struct call *call, const char *key)
{
    prepare(call, "POST", BASE "/jobs");
    call->request_headers[0] = (struct ad_header){"Content-Type", "application/json"};
    call->request_headers[1] = (struct ad_header){"Idempotency-Key", key};
    call->transfer.header_count = 2;
    call->transfer.body_bytes = PAYLOAD;
    call->transfer.body_size = strlen(PAYLOAD);
}

static inline void prepare_upload(struct call *call, const char *url, size_t size)
{
    prepare(call, "PUT", url);
    call->transfer.bearer = NULL;
    call->transfer.request_timeout_ms = 0;
    call->request_headers[0] = (struct ad_header){"Content-Type", "image/jpeg"};
    call->transfer.header_count = 1;
    call->transfer.body = (struct ad_body){&BODY, call, size};
    call->gives = size;
}

static inline void start(struct setup *setup, struct call *call)
{
    assert_int_equal(setup->net->ops->start(setup->net, &call->transfer), ANIMALDETECT_OK);
}

/* As the engine does: moves bytes, then collects what has completed. */
static inline void drive(struct setup *setup)
{
    struct ad_transfer *transfer;

    (void)setup->net->ops->drive(setup->net);
    while ((transfer = setup->net->ops->take(setup->net)) != NULL)
        ((struct call *)(void *)transfer)->done++;
}

/* Until the call is done, event by event. */
static inline void finish(struct setup *setup, struct call *call)
{
    while (call->done == 0) {
        assert_true(world_advance(setup->world));
        drive(setup);
    }
    assert_int_equal(call->done, 1);
}

static inline void drop(struct call *call)
{
    ad_buf_free(&call->transfer.answer);
}

#endif
