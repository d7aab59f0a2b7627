/* SPDX-License-Identifier: MIT */
/*
 * Builds the view for the rules of uplink.h from the uploads on the wire, see uploads.h.
 */
#include "engine/uploads.h"

#include <string.h>

#include "engine/core.h"
#include "engine/exchange.h"
#include "protocol/expiry.h"

#define MEASURE_MS 20 /* minimum time between two measurements of the link */
#define MARGIN_MS 1000 /* an upload URL counts as expired this long before it is */
#define SMOOTH 8       /* a new value has a weight of an eighth */
#define PROBES_MOST 4  /* that lengthen the time of silence */
#define EXAMINED_MOST 16 /* waiting images examined per call to find a small one */
#define SMALL_S 5      /* an image is small if the link needs less than this many seconds for it */
#define FAR_S 10       /* an upload is far from completion if it needs longer than this at its share of the link */

void ad_uploads_init(struct ad_uploads *uploads)
{
    memset(uploads, 0, sizeof *uploads);
    ad_uplink_init(&uploads->link);
    ad_list_init(&uploads->on_wire);
    uploads->measured_ms = -MEASURE_MS;
    uploads->asked_ms = -1;
}

/* Reads the transport's measurements of one upload; without acknowledged bytes, sent bytes are used. */
static void measure_upload(const struct ad_engine *engine, struct ad_transfer *transfer)
{
    struct ad_transport *transport = engine->transport;

    if (transport->ops->look != NULL) {
        transport->ops->look(transport, transfer);
        return;
    }
    transfer->acked = transfer->sent;
    if (transfer->acked_ms == 0 && transfer->acked == transfer->body.size)
        transfer->acked_ms = engine->now_ms;
}

static void add_to(struct ad_uplink_view *view, const struct ad_transfer *transfer, int64_t patience_ms)
{
    bool all = transfer->acked >= transfer->body.size;

    view->count++;
    view->unanswered += all;
    view->fresh += !all && transfer->acked == 0;
    view->acked += transfer->acked;
    if (!all)
        view->unacked += transfer->body.size - transfer->acked;
    else if (view->now_ms - transfer->acked_ms > patience_ms)
        view->unacked += transfer->body.size;
}

/* Whether it is silent, see uplink.h. */
static bool is_silent(struct ad_exchange *exchange, int64_t now_ms, int64_t silence_ms)
{
    if (exchange->transfer.acked > exchange->acked) {
        exchange->acked = exchange->transfer.acked;
        exchange->moved_ms = now_ms;
    }
    return now_ms - exchange->moved_ms >= silence_ms;
}

static int64_t smaller_of(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static void measure(struct ad_engine *engine)
{
    struct ad_uploads *uploads = &engine->uploads;
    struct ad_uplink_view *view = &uploads->view;
    int64_t patience_ms = ad_uplink_patience_ms(&uploads->link);
    int64_t silence_ms = ad_uplink_silence_ms(&uploads->link) << uploads->probes;
    bool ask = engine->now_ms != uploads->asked_ms; /* once per ms, or many that complete would each ask all */
    int64_t rtts = 0;

    if (engine->now_ms - uploads->measured_ms < MEASURE_MS && engine->now_ms >= uploads->measured_ms)
        return;
    uploads->measured_ms = uploads->asked_ms = engine->now_ms;
    *view = (struct ad_uplink_view){
        .now_ms = engine->now_ms, .acked = uploads->completed_acked, .life_ms = uploads->life_ms};
    uploads->least_left = UINT64_MAX;
    uploads->silent = 0;
    for (struct ad_list_node *node = uploads->on_wire.root.next; node != &uploads->on_wire.root; node = node->next) {
        struct ad_exchange *exchange = AD_OWNER(node, struct ad_exchange, upload);
        struct ad_transfer *transfer = &exchange->transfer;
        uint64_t left;

        if (ask)
            measure_upload(engine, transfer);
        if (is_silent(exchange, engine->now_ms, silence_ms)) {
            view->acked += transfer->acked;
            uploads->silent++;
            continue;
        }
        add_to(view, transfer, patience_ms);
        left = transfer->body.size - transfer->acked;
        uploads->least_left = left < uploads->least_left ? left : uploads->least_left;
        view->rtt_us += transfer->rtt_us;
        rtts += transfer->rtt_us > 0;
        view->min_rtt_us = smaller_of(view->min_rtt_us, transfer->min_rtt_us);
    }
    if (rtts > 0)
        view->rtt_us /= rtts;
    ad_uplink_see(&uploads->link, view);
}

static void smooth(uint64_t *value, uint64_t newest)
{
    if (*value == 0)
        *value = newest;
    else if (newest > *value)
        *value += (newest - *value) / SMOOTH;
    else
        *value -= (*value - newest) / SMOOTH;
}

/* Whether an upload is silent, and no other got a response for as long. */
static bool is_probing(const struct ad_engine *engine)
{
    const struct ad_uploads *uploads = &engine->uploads;

    return uploads->silent > 0 && engine->now_ms - uploads->answered_ms >= ad_uplink_silence_ms(&uploads->link);
}

void ad_uploads_begin(struct ad_engine *engine, struct ad_exchange *exchange)
{
    struct ad_uploads *uploads = &engine->uploads;

    uploads->creates += exchange->step_number == ANIMALDETECT_STEP_CREATE;
    if (!exchange->step->traits.storage)
        return;
    if (is_probing(engine) && uploads->probes < PROBES_MOST)
        uploads->probes++;
    ad_list_append(&uploads->on_wire, &exchange->upload);
    exchange->acked = 0;
    exchange->moved_ms = engine->now_ms;
    smooth(&uploads->size, exchange->transfer.body.size);
    uploads->view.count++;
    uploads->view.fresh++;
    uploads->view.unacked += exchange->transfer.body.size;
    if (exchange->transfer.body.size < uploads->least_left)
        uploads->least_left = exchange->transfer.body.size;
}

void ad_uploads_end(struct ad_engine *engine, struct ad_exchange *exchange)
{
    struct ad_uploads *uploads = &engine->uploads;

    uploads->creates -= exchange->step_number == ANIMALDETECT_STEP_CREATE;
    if (!exchange->step->traits.storage)
        return;
    ad_list_remove(&uploads->on_wire, &exchange->upload);
    /* A success means that everything has arrived, whatever the kernel has reported so far. */
    if (exchange->transfer.net == AD_NET_OK && exchange->transfer.http_status / 100 == 2)
        exchange->transfer.acked = exchange->transfer.sent;
    uploads->completed_acked += exchange->transfer.acked;
    uploads->measured_ms = engine->now_ms - MEASURE_MS; /* one millisecond more: the view must be taken anew */
}

static void answered_upload(const struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    int64_t acked_ms = exchange->transfer.acked_ms;

    engine->uploads.probes = 0;
    engine->uploads.answered_ms = engine->now_ms;
    measure(engine);
    /* An upload that completed before the link was measured did not wait. */
    ad_uplink_answered(&engine->uploads.link, &engine->uploads.view, acked_ms == 0 ? 0 : engine->now_ms - acked_ms);
}

static void answered_create(const struct ad_exchange *exchange)
{
    struct ad_uploads *uploads = &exchange->engine->uploads;
    uint64_t create_ms = (uint64_t)uploads->create_ms;
    int64_t took_ms = exchange->engine->now_ms - exchange->sent_ms;

    smooth(&create_ms, took_ms > 0 ? (uint64_t)took_ms : 1);
    uploads->create_ms = (int64_t)create_ms;
}

/*
 * Date was read from the service's clock after the request was sent, so counting from the send never gives a late
 * expiry.
 */
static void time_target(const struct ad_exchange *exchange, struct ad_target *target)
{
    int64_t end_s = ad_expiry_read(target->expires_at);
    int64_t date_s = exchange->hints.date_s;
    int64_t life_ms;

    if (end_s < 0 || date_s < 0 || end_s - date_s > INT32_MAX || date_s - end_s > INT32_MAX)
        return;
    life_ms = (end_s - date_s) * 1000;
    target->ends_ms = exchange->sent_ms + life_ms - MARGIN_MS;
    if (exchange->step_number == ANIMALDETECT_STEP_CREATE && life_ms > 0)
        exchange->engine->uploads.life_ms = life_ms;
}

void ad_uploads_answered(const struct ad_exchange *exchange)
{
    struct ad_target *target = exchange->job->remote.target;

    if (exchange->step->traits.storage)
        answered_upload(exchange);
    else if (exchange->step_number == ANIMALDETECT_STEP_CREATE)
        answered_create(exchange);
    if (target != NULL && target->ends_ms == 0)
        time_target(exchange, target);
}

void ad_uploads_forget(struct ad_engine *engine)
{
    ad_uplink_forget(&engine->uploads.link, engine->now_ms);
}

/*
 * Whether a small image may go beside uploads that are far from completion: it takes little from them, and would
 * otherwise wait long.
 */
static bool may_pass(const struct ad_uploads *uploads, const animaldetect_job *job)
{
    uint64_t rate = (uint64_t)uploads->link.rate;
    uint64_t share = uploads->view.count > 0 ? rate / (uint64_t)uploads->view.count : rate;

    return uploads->view.count < AD_UPLINK_MOST && job->input.source.size / SMALL_S < rate &&
           uploads->least_left / FAR_S > share;
}

/* The first of the queue, or a small one of its priority: each call examines a few, in turn. */
static animaldetect_job *find_small(const struct ad_uploads *uploads, struct ad_queue *queue)
{
    animaldetect_job *job = ad_queue_first(queue);

    if (may_pass(uploads, job))
        return job;
    for (int i = 0; i < EXAMINED_MOST && ad_queue_is_plain(queue); i++) {
        job = ad_queue_walk(queue);
        if (job == NULL || may_pass(uploads, job))
            return job;
    }
    return NULL;
}

animaldetect_job *ad_uploads_next(struct ad_engine *engine)
{
    struct ad_uploads *uploads = &engine->uploads;
    struct ad_queue *queue = &engine->waiting[AD_CLASS_UPLOAD];
    animaldetect_job *job = ad_queue_first(queue);

    if (job == NULL)
        return NULL;
    measure(engine);
    if (uploads->view.count > 0 && is_probing(engine))
        return NULL;
    if (ad_uplink_may_start(&uploads->link, &uploads->view, job->input.source.size))
        return job;
    return find_small(uploads, queue);
}

int64_t ad_uploads_again_ms(const struct ad_engine *engine)
{
    return ad_uplink_again_ms(&engine->uploads.link, &engine->uploads.view);
}

bool ad_uploads_is_too_late(struct ad_engine *engine, const animaldetect_job *job)
{
    const struct ad_target *target = job->remote.target;

    if (target == NULL || target->ends_ms == 0 || job->input.operation == NULL ||
        job->call.refreshes >= AD_FRESH_URLS_MOST)
        return false;
    if (target->ends_ms <= engine->now_ms)
        return true;
    /* If the service names the same URL again, no other one is requested: the remaining time may be enough. */
    if (job->call.refreshes > 0)
        return false;
    measure(engine);
    return ad_uplink_is_too_late(&engine->uploads.link, &engine->uploads.view, job->input.source.size,
                                 target->ends_ms - engine->now_ms);
}

/* Whether the link has capacity for this many uploads more. */
static bool has_room(const struct ad_uploads *uploads, uint64_t size, int64_t wanted)
{
    struct ad_uplink_view view = uploads->view;

    for (; wanted > 0 && ad_uplink_may_start(&uploads->link, &view, size); wanted--) {
        view.count++;
        view.fresh++;
        view.unacked += size;
    }
    return wanted <= 0;
}

static bool may_create(const struct ad_uploads *uploads, const animaldetect_job *job, int64_t ahead)
{
    uint64_t size = uploads->size == 0 ? job->input.source.size : uploads->size;

    if (job->input.source.kind == AD_SOURCE_URL)
        return true;
    /* With it, `ahead` + 1 jobs are created ahead of their uploads; those that could start at once do not count. */
    ahead -= ad_uplink_creates_ahead(&uploads->link, size, uploads->create_ms);
    return has_room(uploads, size, ahead + 1);
}

animaldetect_job *ad_uploads_next_create(struct ad_engine *engine)
{
    struct ad_uploads *uploads = &engine->uploads;
    struct ad_queue *queue = &engine->waiting[AD_CLASS_CREATE];
    animaldetect_job *job = ad_queue_first(queue);
    int64_t ahead = uploads->creates + (int64_t)ad_queue_count(&engine->waiting[AD_CLASS_UPLOAD]);

    if (job == NULL || ahead == 0)
        return job;
    measure(engine);
    if (may_create(uploads, job, ahead))
        return job;
    return uploads->creates == 0 ? find_small(uploads, queue) : NULL;
}
