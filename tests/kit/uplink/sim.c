/* SPDX-License-Identifier: MIT */
/*
 * The client of sim.h: it queries the rule with the same values and at the same times as the engine.
 */
#include "kit/uplink/sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/uplink.h"
#include "kit/uplink/images.h"

#define MARGIN_S 1.0 /* an upload URL counts as expired this long before it does */
#define CREATE_S 0.1
#define NEVER 1e18
#define PROBES_MOST 4

struct client {
    const struct uplink_run *run;
    struct uplink_network network;
    struct ad_rng rng;
    struct ad_uplink rule;
    struct uplink_image images[UPLINK_IMAGES];
    int count;
    int next; /* the first image without a create */
    int done;
    struct uplink_line creating;
    struct uplink_line ready;
    double bytes; /* of all images */
    double in_vain;
    double ended_acked;
    double size;   /* of an image, smoothed */
    double create; /* duration of a create, smoothed */
    double ask;    /* when to query the rule again */
    bool was_up;
    int creates;
    int silent; /* uploads in flight, as of the last view */
    int probes;
    double answered;
};

static double mean_bandwidth(const struct uplink_link *link)
{
    return link->low > 0 ? (link->high + link->low) / 2 : link->high;
}

static void draw_images(struct client *client)
{
    double need = mean_bandwidth(&client->run->link) * client->run->seconds;

    while (client->bytes < need && client->count < UPLINK_IMAGES) {
        double size = uplink_draw_size(client->run->images, &client->rng);

        client->images[client->count++].size = size;
        client->bytes += size;
    }
}

/* When the link alone would have carried these bytes. */
static double least_seconds(const struct client *client)
{
    double step = 0.01;
    double left = client->bytes;
    double now = 0;

    for (; left > 0; now += step) {
        if (!uplink_is_down(&client->run->link, now))
            left -= uplink_bandwidth(&client->run->link, now) * step;
    }
    return now;
}

static int64_t now_ms(const struct client *client)
{
    return (int64_t)(client->network.now * 1000);
}

static double silence(const struct client *client)
{
    return (double)ad_uplink_silence_ms(&client->rule) / 1000;
}

static bool is_silent(const struct client *client, const struct uplink_upload *upload)
{
    return client->network.now - upload->acked_s >= silence(client) * (1 << client->probes);
}

static bool is_probing(const struct client *client)
{
    return client->silent > 0 && client->network.now - client->answered >= silence(client);
}

static struct ad_uplink_view look(struct client *client)
{
    const struct uplink_network *network = &client->network;
    double patience = (double)ad_uplink_patience_ms(&client->rule) / 1000;
    double acked = client->ended_acked;
    double min_rtt = 0;
    struct ad_uplink_view view = {.now_ms = now_ms(client), .life_ms = (int64_t)(client->run->life * 1000)};

    client->silent = 0;
    for (int i = 0; i < network->count; i++) {
        const struct uplink_upload *upload = &network->uploads[i];

        acked += upload->acked;
        if (is_silent(client, upload)) {
            client->silent++;
            continue;
        }
        view.count++;
        view.fresh += upload->acked <= 0;
        if (upload->acked < upload->size) {
            view.unacked += (uint64_t)(upload->size - upload->acked);
        } else {
            view.unanswered++;
            if (network->now - upload->acked_s > patience)
                view.unacked += (uint64_t)upload->size;
        }
        if (min_rtt == 0 || upload->connection.min_rtt < min_rtt)
            min_rtt = upload->connection.min_rtt;
    }
    view.acked = (uint64_t)acked;
    if (!client->run->blind) {
        view.rtt_us = (int64_t)(uplink_smoothed_rtt(network) * 1e6);
        view.min_rtt_us = (int64_t)(min_rtt * 1e6);
    }
    return view;
}

static void create(struct client *client, int image)
{
    struct uplink_image *it = &client->images[image];

    it->created = client->network.now + client->network.rtt + CREATE_S;
    it->expires = client->network.now + client->run->life;
    uplink_line_append(&client->creating, image);
    client->creates++;
}

static void renew(struct client *client, int image)
{
    client->images[image].repeated = true;
    create(client, image);
}

static void end_creates(struct client *client)
{
    struct uplink_line *line = &client->creating;

    while (line->count > 0 && client->images[uplink_line_first(line)].created <= client->network.now) {
        double took = client->network.now - (client->images[uplink_line_first(line)].expires - client->run->life);

        client->create += client->create == 0 ? took : (took - client->create) / 8;
        /* Images that wait for a new URL precede images that have never been sent. */
        if (client->images[uplink_line_first(line)].repeated)
            uplink_line_prepend(&client->ready, uplink_line_first(line));
        else
            uplink_line_append(&client->ready, uplink_line_first(line));
        uplink_line_drop_first(line);
        client->ask = 0;
    }
}

static void begin_upload(struct client *client)
{
    int image = uplink_line_first(&client->ready);
    double size = client->images[image].size;

    uplink_line_drop_first(&client->ready);
    client->size += client->size == 0 ? size : (size - client->size) / 8;
    uplink_begin(&client->network, image, size);
}

static double mean_size(const struct client *client)
{
    return client->size > 0 ? client->size : client->images[0].size;
}

/* A fixed number of uploads; creates run ahead as far as the bandwidth and the URL's life suggest. */
static void start_fixed(struct client *client)
{
    double pace = uplink_bandwidth(&client->run->link, client->network.now) / mean_size(client);
    double ahead = ceil(pace * (client->network.rtt + CREATE_S)) + 1;

    while (client->ready.count > 0 && client->network.count < client->run->fixed) {
        int image = uplink_line_first(&client->ready);

        if (client->images[image].expires > client->network.now) {
            begin_upload(client);
            continue;
        }
        uplink_line_drop_first(&client->ready);
        renew(client, image);
    }
    ahead = fmax(1, fmin(ahead, floor(pace * client->run->life / 4))) + client->run->fixed - client->network.count;
    while (client->next < client->count && client->creating.count + client->ready.count < ahead)
        create(client, client->next++);
}

static bool may_start(const struct client *client, const struct ad_uplink_view *view, uint64_t size)
{
    if (client->network.count == UPLINK_UPLOADS || (view->count > 0 && is_probing(client)))
        return false;
    return ad_uplink_may_start(&client->rule, view, size);
}

static void start_ready(struct client *client, struct ad_uplink_view *view)
{
    while (client->ready.count > 0) {
        int image = uplink_line_first(&client->ready);
        struct uplink_image *it = &client->images[image];
        uint64_t size = (uint64_t)it->size;
        double left = it->expires - MARGIN_S - client->network.now;

        if (!may_start(client, view, size)) {
            client->ask = (double)ad_uplink_again_ms(&client->rule, view) / 1000;
            return;
        }
        if (left <= 0 || (!it->repeated && ad_uplink_is_too_late(&client->rule, view, size, (int64_t)(left * 1000)))) {
            uplink_line_drop_first(&client->ready);
            renew(client, image);
            continue;
        }
        if (is_probing(client) && client->probes < PROBES_MOST)
            client->probes++;
        begin_upload(client);
        view->count++;
        view->fresh++;
        view->unacked += size;
    }
    client->ask = NEVER;
}

/* Additional uploads that the link could take. */
static int room(const struct client *client, struct ad_uplink_view view, uint64_t size)
{
    int more = 0;

    while (more < AD_UPLINK_MOST && ad_uplink_may_start(&client->rule, &view, size)) {
        view.count++;
        view.fresh++;
        view.unacked += size;
        more++;
    }
    return more;
}

static void start_by_rule(struct client *client)
{
    struct ad_uplink_view view;
    uint64_t size = (uint64_t)mean_size(client);
    int64_t create_ms = (int64_t)(client->create * 1000);

    if (client->network.now < client->ask)
        return;
    view = look(client);
    ad_uplink_see(&client->rule, &view);
    start_ready(client, &view);
    while (client->next < client->count) {
        int64_t ahead = client->creating.count + client->ready.count;
        int64_t most = (int64_t)ad_uplink_creates_ahead(&client->rule, size, create_ms) + room(client, view, size);

        if (ahead > 0 && ahead >= most)
            break;
        create(client, client->next++);
    }
}

static void end_upload(struct client *client, int index)
{
    struct uplink_upload upload = client->network.uploads[index];
    struct ad_uplink_view view;

    uplink_end(&client->network, index, false);
    client->ended_acked += upload.size;
    client->ask = 0;
    if (upload.crossed_s > client->images[upload.image].expires) {
        client->in_vain += upload.size;
        renew(client, upload.image);
        return;
    }
    client->done++;
    if (client->run->fixed > 0)
        return;
    client->probes = 0;
    client->answered = client->network.now;
    view = look(client);
    ad_uplink_answered(&client->rule, &view, (int64_t)((client->network.now - upload.acked_s) * 1000));
}

static void end_uploads(struct client *client)
{
    for (int i = client->network.count - 1; i >= 0; i--) {
        const struct uplink_upload *upload = &client->network.uploads[i];

        if (upload->crossed_s >= 0 && upload->answer_s <= client->network.now)
            end_upload(client, i);
    }
}

/* The network is down: every upload breaks, and the bytes that it has sent are wasted. */
static void break_uploads(struct client *client)
{
    struct uplink_network *network = &client->network;

    for (int i = network->count - 1; i >= 0; i--) {
        const struct uplink_upload *upload = &network->uploads[i];

        client->in_vain += upload->size - upload->left;
        client->ended_acked += upload->acked;
        uplink_line_prepend(&client->ready, upload->image);
        uplink_end(network, i, true);
    }
    network->idle_count = 0;
    ad_uplink_forget(&client->rule, now_ms(client));
}

static void iterate(struct client *client)
{
    if (!client->network.is_up) {
        if (client->was_up)
            break_uploads(client);
        client->was_up = false;
        client->ask = 0;
        return;
    }
    client->was_up = true;
    end_uploads(client);
    end_creates(client);
    if (client->run->fixed > 0)
        start_fixed(client);
    else
        start_by_rule(client);
}

bool uplink_simulate(const struct uplink_run *run, struct uplink_figures *figures)
{
    struct client *client = calloc(1, sizeof(*client));
    double least;
    double area = 0;

    if (client == NULL)
        return false;
    memset(figures, 0, sizeof(*figures));
    client->run = run;
    client->was_up = true;
    ad_rng_seed(&client->rng, run->seed);
    uplink_network_init(&client->network, &client->run->link, &client->rng);
    ad_uplink_init(&client->rule);
    draw_images(client);
    least = least_seconds(client);
    while (client->done < client->count && client->network.now < 6 * least + 300) {
        iterate(client);
        area += client->network.count * client->network.step;
        uplink_advance(&client->network);
    }
    if (client->done == client->count)
        figures->seconds = client->network.now;
    figures->of_link = figures->seconds / least;
    figures->in_vain = client->in_vain / client->bytes;
    figures->at_once = area / client->network.now;
    figures->creates = (double)client->creates / client->count;
    figures->connections = client->network.connections;
    free(client);
    return true;
}
