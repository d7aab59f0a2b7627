/* SPDX-License-Identifier: MIT */
/*
 * Uploads that share a slow link: each image crosses it once, no upload URL expires on the way, and a fast link is
 * fully used. tests/unit/test_uplink.c tests the rule alone, over many more links.
 */
#include "engine/harness.h"

#include <stdio.h>

#define SECOND INT64_C(1000)
#define MOST 400

struct fleet {
    animaldetect_job *jobs[MOST];
    int count;
    int64_t begin_ms;
};

/* A custom transport reports no round trips: it needs a few more uploads in flight. */
static bool is_blind(const struct host *host)
{
    return host->net.bridged;
}

static animaldetect_job *sized_job(struct host *host, size_t size)
{
    static unsigned number;
    animaldetect_job *job = host_job(host, "detect");
    uint8_t *image = host_image(size, ++number);
    char name[32];

    snprintf(name, sizeof name, "%u.jpg", number);
    assert_int_equal(animaldetect_job_set_bytes(job, image, size), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_filename(job, name), ANIMALDETECT_OK);
    free(image);
    return job;
}

/* Every fifth is large. */
static void begin_mixed(struct host *host, struct fleet *fleet, int count, size_t size, size_t large)
{
    fleet->count = count;
    for (int i = 0; i < count; i++)
        fleet->jobs[i] = sized_job(host, i % 5 == 4 ? large : size);
    fleet->begin_ms = world_now_ms(host->world);
    for (int i = 0; i < count; i++)
        assert_int_equal(host_start(host, fleet->jobs[i], HOST_RUN), ANIMALDETECT_OK);
}

static void begin(struct host *host, struct fleet *fleet, int count, size_t size)
{
    begin_mixed(host, fleet, count, size, size);
}

/* How long all of them took. */
static int64_t finish(struct host *host, struct fleet *fleet)
{
    for (int i = 0; i < fleet->count; i++)
        assert_int_equal(host_finish(host, fleet->jobs[i]), ANIMALDETECT_OK);
    return world_now_ms(host->world) - fleet->begin_ms;
}

static void expect_each_once(struct host *host, int count)
{
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), count);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS_REFUSED), 0);
    assert_int_equal(world_count(host->world, "upload"), count);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN), 0);
}

/* 60 images of 100 kB at 100 kB/s, with URLs that live for the time of eight of them. */
static void a_slow_link_carries_each_image_once(struct host *host)
{
    static const enum svc_replay_form forms[] = {SVC_REPLAY_FRESH, SVC_REPLAY_STALE, SVC_REPLAY_NO_UPLOAD};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct fleet fleet;

        host->net.link_bps = 100000;
        host->service.upload_ttl_ms = 8 * SECOND;
        host->service.replay = forms[i];
        host->service.processing = "fixed:500";
        host_again(host);
        begin(host, &fleet, 60, 100000);
        assert_true(finish(host, &fleet) < 67 * SECOND);
        expect_each_once(host, 60);
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_FRESH_URLS), 0);
    }
}

/* The relay has a buffer of 256 kB for each connection, and no round-trip time shows what is queued in it. */
static void a_relay_that_acknowledges_early_is_not_believed(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 100000;
    host->net.link_early = 262144;
    host->service.upload_ttl_ms = 8 * SECOND;
    host->service.processing = "fixed:500";
    host_open(host);
    begin(host, &fleet, 60, 100000);
    assert_true(finish(host, &fleet) < 67 * SECOND);
    expect_each_once(host, 60);
}

/* A transport that cannot report what was acknowledged. */
static void a_slow_link_that_cannot_be_looked_at_loses_nothing(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 100000;
    host->net.link_hides = true;
    host->service.upload_ttl_ms = 60 * SECOND;
    host->service.processing = "fixed:500";
    host_open(host);
    begin(host, &fleet, 60, 100000);
    assert_true(finish(host, &fleet) < 75 * SECOND);
    expect_each_once(host, 60);
}

/* Like one that passes a whole image to another library, and gets no more information until the response. */
static void a_transport_that_takes_images_at_once_is_not_believed(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 125000;
    host->net.link_hides = true;
    host->net.link_early = 262144;
    host->service.upload_ttl_ms = 60 * SECOND;
    host->service.processing = "fixed:500";
    host_open(host);
    begin_mixed(host, &fleet, 120, 60000, 1200000);
    assert_true(finish(host, &fleet) < 300 * SECOND);
    expect_each_once(host, 120);
}

static void a_fast_link_is_used_to_the_full(struct host *host)
{
    struct fleet fleet;

    host_open(host);
    begin(host, &fleet, MOST, 3000);
    finish(host, &fleet);
    assert_true(world_peak_uploads(host->world) >= 24);
}

static void a_link_that_becomes_slow_keeps_its_promises(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 1000000;
    host->service.upload_ttl_ms = 60 * SECOND;
    host_open(host);
    begin(host, &fleet, 120, 200000);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) >= 60);
    world_set_link(host->world, 100000);
    assert_true(finish(host, &fleet) < 145 * SECOND);
    expect_each_once(host, 120);
}

/* Bytes that the relay has taken but the storage has not confirmed still have to be carried. */
static void a_link_behind_a_relay_that_becomes_slow_keeps_its_promises(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 1000000;
    host->net.link_early = 262144;
    host->service.upload_ttl_ms = 30 * SECOND;
    host_open(host);
    begin(host, &fleet, 120, 200000);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) >= 60);
    world_set_link(host->world, 100000);
    assert_true(finish(host, &fleet) < 145 * SECOND);
    expect_each_once(host, 120);
}

/* It takes small images whole, and the responses were quick so far: only missing responses show the queue. */
static void a_relay_whose_link_nearly_stops_gets_few_more_images(struct host *host)
{
    struct fleet fleet;
    int64_t slow_ms;
    int uploads;

    host->net.link_bps = 1000000;
    host->net.link_early = 262144;
    host->service.upload_ttl_ms = 60 * SECOND;
    host_open(host);
    begin(host, &fleet, 300, 20000);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) >= 150);
    world_set_link(host->world, 10000);
    slow_ms = world_now_ms(host->world);
    uploads = world_count(host->world, "upload");
    HOST_UNTIL(host, world_now_ms(host->world) >= slow_ms + 11 * SECOND);
    assert_in_range(world_count(host->world, "upload") - uploads, 1, is_blind(host) ? 36 : 12);
}

/* A job that was created long ago, by this process or another. */
static void an_upload_url_that_has_expired_is_replaced_before_the_upload(struct host *host)
{
    for (int restored = 0; restored < 2; restored++) {
        animaldetect_job *job;
        uint8_t *image = host_image(2000, 7);

        host->service.upload_ttl_ms = 60 * SECOND;
        host_again(host);
        job = host_job(host, "detect");
        assert_int_equal(animaldetect_job_set_bytes(job, image, 2000), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        if (restored) {
            job = host_save_and_restore(host, job);
            assert_int_equal(animaldetect_job_set_bytes(job, image, 2000), ANIMALDETECT_OK);
        }
        world_skip(host->world, 61 * SECOND);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "upload"), 1);
        assert_int_equal(world_count(host->world, "create"), 2);
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_FRESH_URLS), 1);
        free(image);
    }
}

/* A service whose clock is wrong uses it for the expiry of its URLs. */
static void the_lifetime_of_a_url_is_measured_by_the_clock_of_the_service(struct host *host)
{
    static const int64_t skews[] = {-3600 * SECOND, 3600 * SECOND};

    for (size_t i = 0; i < sizeof skews / sizeof skews[0]; i++) {
        animaldetect_job *job;

        host->service.upload_ttl_ms = 60 * SECOND;
        host->service.clock_skew_ms = skews[i];
        host_again(host);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        world_skip(host->world, 30 * SECOND);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "create"), 1);
    }
}

/* The same URL for each create of a key: it is used, since no better one will come. */
static void a_service_that_gives_no_other_url_is_not_asked_for_ever(struct host *host)
{
    animaldetect_job *job;

    host->service.upload_ttl_ms = 60 * SECOND;
    host->service.replay = SVC_REPLAY_STALE;
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    world_skip(host->world, 61 * SECOND);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_UPLOAD_EXPIRED);
    assert_true(world_count(host->world, "create") <= 3);
    assert_true(world_count(host->world, "upload") <= 1);
}

static void a_small_image_does_not_wait_for_large_ones(struct host *host)
{
    struct fleet fleet;
    animaldetect_job *small;

    host->net.link_bps = 50000;
    host_open(host);
    begin(host, &fleet, 6, 2000000);
    HOST_UNTIL(host, world_now_ms(host->world) >= fleet.begin_ms + 20 * SECOND);
    small = sized_job(host, 20000);
    assert_int_equal(host_start(host, small, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, small), ANIMALDETECT_OK);
    assert_true(world_now_ms(host->world) < fleet.begin_ms + 60 * SECOND);
    finish(host, &fleet);
    expect_each_once(host, 7);
}

/* However many are queued before it. */
static void a_small_image_is_found_behind_many_large_ones(struct host *host)
{
    struct fleet fleet;
    animaldetect_job *small;

    host->net.link_bps = 10000;
    host_open(host);
    begin(host, &fleet, 40, 300000);
    HOST_UNTIL(host, world_now_ms(host->world) >= fleet.begin_ms + 20 * SECOND);
    small = sized_job(host, 20000);
    assert_int_equal(host_start(host, small, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, small), ANIMALDETECT_OK);
    assert_true(world_now_ms(host->world) < fleet.begin_ms + 120 * SECOND);
}

static void priorities_hold_on_a_slow_link(struct host *host)
{
    struct fleet fleet;
    animaldetect_job *urgent;

    host->net.link_bps = 100000;
    host_open(host);
    begin(host, &fleet, 40, 100000);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) >= 5);
    urgent = sized_job(host, 100000);
    assert_int_equal(animaldetect_job_set_priority(urgent, -1), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, urgent, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, urgent), ANIMALDETECT_OK);
    assert_true(svc_count(host->svc, SVC_COUNT_UPLOADS) <= 14);
    finish(host, &fleet);
}

/* Its bytes are the most expensive: they were already paid for once. */
static void an_upload_that_broke_goes_before_new_ones(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 100000;
    host_open(host);
    host_fault(host, "upload:503:from=3:n=1");
    begin(host, &fleet, 30, 100000);
    assert_int_equal(host_finish(host, fleet.jobs[2]), ANIMALDETECT_OK);
    assert_true(svc_count(host->svc, SVC_COUNT_UPLOADS) <= 12);
    finish(host, &fleet);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN), 100000);
}

static void the_rate_of_the_link_is_a_statistic(struct host *host)
{
    struct fleet fleet;
    int64_t rate;

    host->net.link_bps = 100000;
    host_open(host);
    begin(host, &fleet, 30, 100000);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) >= 15);
    rate = host_stat(host, ANIMALDETECT_STAT_UPLINK_RATE);
    assert_true(rate > 80000 && rate < 125000);
    assert_in_range(host_stat(host, ANIMALDETECT_STAT_UPLOADS_ACTIVE), 1, is_blind(host) ? 12 : 4);
    finish(host, &fleet);
}

/* While a storage is slow, the next jobs are not created, so that their URLs do not expire. */
static void a_storage_that_answers_late_holds_creates_back(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 100000;
    host->service.upload_ttl_ms = 30 * SECOND;
    host_open(host);
    host_fault(host, "upload:delay:ms=4000");
    begin(host, &fleet, 30, 100000);
    finish(host, &fleet);
    expect_each_once(host, 30);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_FRESH_URLS), 0);
}

/* It accepts nothing, or has all bytes and does not respond: that may last for a minute. */
static void an_upload_that_is_never_answered_does_not_hold_up_the_others(struct host *host)
{
    static const struct {
        const char *fault;
        int hit;
    } cases[] = {{"upload:stall:n=3", 3}, {"upload:stall:n=2:after_effect=1", 2}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fleet fleet;

        host->net.link_bps = 100000;
        host->service.processing = "fixed:500";
        host_again(host);
        host_fault(host, cases[i].fault);
        begin(host, &fleet, 10, 100000);
        HOST_UNTIL(host, world_count(host->world, "submit") >= 7);
        assert_true(world_now_ms(host->world) < fleet.begin_ms + 27 * SECOND);
        finish(host, &fleet);
        assert_int_equal(world_count(host->world, "upload"), 10 + cases[i].hit);
    }
}

/* 3 at once, and when all stall one more after 15 s, 30 s and 60 s. */
static void a_storage_that_never_answers_gets_few_images(struct host *host)
{
    struct fleet fleet;

    host->net.link_bps = 100000;
    host_open(host);
    assert_int_equal(animaldetect_client_set_stall_timeout_ms(host->client, 200 * SECOND), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_request_timeout_ms(host->client, 200 * SECOND), ANIMALDETECT_OK);
    host_fault(host, "upload:stall");
    begin(host, &fleet, 20, 100000);
    HOST_UNTIL(host, world_now_ms(host->world) >= fleet.begin_ms + 100 * SECOND);
    assert_int_equal(world_count(host->world, "upload"), 5);
}

int main(void)
{
    static const struct host_scenario scenarios[] = {
        SCENARIO(a_slow_link_carries_each_image_once),
        SCENARIO(a_relay_that_acknowledges_early_is_not_believed),
        SCENARIO(a_slow_link_that_cannot_be_looked_at_loses_nothing),
        SCENARIO(a_transport_that_takes_images_at_once_is_not_believed),
        SCENARIO(a_fast_link_is_used_to_the_full),
        SCENARIO(a_link_that_becomes_slow_keeps_its_promises),
        SCENARIO(a_link_behind_a_relay_that_becomes_slow_keeps_its_promises),
        SCENARIO(a_relay_whose_link_nearly_stops_gets_few_more_images),
        SCENARIO(an_upload_url_that_has_expired_is_replaced_before_the_upload),
        SCENARIO(the_lifetime_of_a_url_is_measured_by_the_clock_of_the_service),
        SCENARIO(a_service_that_gives_no_other_url_is_not_asked_for_ever),
        SCENARIO(a_small_image_does_not_wait_for_large_ones),
        SCENARIO(a_small_image_is_found_behind_many_large_ones),
        SCENARIO(priorities_hold_on_a_slow_link),
        SCENARIO(an_upload_that_broke_goes_before_new_ones),
        SCENARIO(the_rate_of_the_link_is_a_statistic),
        SCENARIO(a_storage_that_answers_late_holds_creates_back),
        SCENARIO(an_upload_that_is_never_answered_does_not_hold_up_the_others),
        SCENARIO(a_storage_that_never_answers_gets_few_images),
    };

    return HOST_MAIN(scenarios);
}
