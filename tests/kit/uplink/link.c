/* SPDX-License-Identifier: MIT */
/*
 * The network of link.h, one step at a time.
 */
#include "kit/uplink/link.h"

#include <math.h>
#include <string.h>

#define SEGMENT 1460.0
#define FIRST_WINDOW (10 * SEGMENT)
#define WINDOW_MAX 3e6
#define LEAST_BUFFER 64e3
#define JITTER 0.003
#define FASTEST_STEP 0.01
#define SLOWEST_STEP 0.1
#define ANSWER_LEAST 0.05
#define ANSWER_SPREAD 0.15
#define CHANGE_S 60.0
#define OUTAGE_EVERY_S 120.0
#define OUTAGE_FIRST_S 100.0

void uplink_network_init(struct uplink_network *network, const struct uplink_link *link, struct ad_rng *rng)
{
    memset(network, 0, sizeof(*network));
    network->link = link;
    network->rng = rng;
    network->step = fmin(SLOWEST_STEP, fmax(FASTEST_STEP, link->rtt / 4));
    network->buffer = link->buffer > 0 ? link->buffer : fmax(LEAST_BUFFER, link->high);
    network->rtt = link->rtt;
    network->is_up = true;
    network->rtts[0] = link->rtt;
}

static double exponential(struct ad_rng *rng, double mean)
{
    return -log(1 - ad_rng_unit(rng)) * mean;
}

double uplink_bandwidth(const struct uplink_link *link, double now)
{
    return link->low > 0 && (int64_t)(now / CHANGE_S) % 2 == 1 ? link->low : link->high;
}

bool uplink_is_down(const struct uplink_link *link, double now)
{
    return link->outage > 0 && now >= OUTAGE_FIRST_S && fmod(now - OUTAGE_FIRST_S, OUTAGE_EVERY_S) < link->outage;
}

void uplink_begin(struct uplink_network *network, int image, double size)
{
    struct uplink_upload *upload = &network->uploads[network->count++];
    struct uplink_connection *connection = &upload->connection;

    memset(upload, 0, sizeof(*upload));
    upload->image = image;
    upload->size = upload->left = size;
    upload->acked_s = network->now;
    upload->crossed_s = -1;
    upload->slow_start = true;
    if (network->idle_count > 0) {
        *connection = network->idle[--network->idle_count];
        connection->window *= pow(0.5, floor(network->now - connection->idle_since));
        connection->window = fmax(FIRST_WINDOW, connection->window);
        upload->ready = network->now + network->link->rtt / 2;
        return;
    }
    connection->window = FIRST_WINDOW;
    connection->min_rtt = network->link->early > 0 ? network->link->rtt : network->rtt;
    /* one round trip for TCP, one for TLS */
    upload->ready = network->now + 2 * network->rtt + network->link->rtt / 2;
    network->connections++;
}

void uplink_end(struct uplink_network *network, int index, bool broke)
{
    struct uplink_upload *upload = &network->uploads[index];

    if (!broke) {
        upload->connection.idle_since = network->now;
        network->idle[network->idle_count++] = upload->connection;
    }
    network->count--;
    memmove(upload, upload + 1, sizeof(*upload) * (size_t)(network->count - index));
}

double uplink_smoothed_rtt(const struct uplink_network *network)
{
    for (int i = 0; i < network->count; i++) {
        if (network->uploads[i].ready <= network->now)
            return network->rtts[network->known % UPLINK_RTTS] + network->noise;
    }
    return 0;
}

/* Bytes that have crossed the link are acknowledged half a round trip later. */
static void cross(struct uplink_network *network, struct uplink_upload *upload, double bytes, bool overflow)
{
    const struct uplink_link *link = network->link;
    double most = link->loss > 0 ? 1.22 * SEGMENT / sqrt(link->loss) : WINDOW_MAX;
    double *window = &upload->connection.window;
    double bandwidth = uplink_bandwidth(link, network->now);

    upload->left = fmax(0, upload->left - bytes);
    if (overflow) {
        *window = fmax(2 * SEGMENT, *window * 0.7);
        upload->slow_start = false;
    } else if (upload->left > *window) {
        if (upload->slow_start && network->queue > bandwidth * fmax(0.004, link->rtt / 8))
            upload->slow_start = false;
        *window = fmin(most, *window + (upload->slow_start ? bytes : 4 * SEGMENT * bytes / *window));
    }
    if (upload->left <= 1) {
        upload->left = 0;
        upload->crossed_s = network->now;
        upload->answer_s = network->now + network->step + link->rtt / 2 + ANSWER_LEAST +
                           ad_rng_unit(network->rng) * ANSWER_SPREAD + exponential(network->rng, link->answer);
    }
}

static void acknowledge(struct uplink_network *network, struct uplink_upload *upload)
{
    uint64_t lag = (uint64_t)(network->link->rtt / 2 / network->step + 0.5);
    double acked;

    upload->crossed[network->steps % UPLINK_LAG] = upload->size - upload->left;
    acked = upload->crossed[(network->steps + UPLINK_LAG - lag) % UPLINK_LAG];
    if (network->link->early > 0 && upload->ready <= network->now)
        acked = fmin(upload->size, upload->size - upload->left + network->link->early);
    if (acked > upload->acked) {
        upload->acked = acked;
        upload->acked_s = network->now;
    }
}

static bool is_sending(const struct uplink_network *network, const struct uplink_upload *upload)
{
    return upload->left > 0 && upload->ready <= network->now;
}

static void move_bytes(struct uplink_network *network)
{
    double bandwidth = uplink_bandwidth(network->link, network->now);
    double windows = 0;
    double sent = 0;
    double bytes;
    bool overflow;

    for (int i = 0; i < network->count; i++) {
        struct uplink_upload *upload = &network->uploads[i];

        if (!is_sending(network, upload))
            continue;
        windows += upload->connection.window;
        sent += fmin(upload->connection.window, upload->left);
    }
    network->queue = fmax(0, sent - bandwidth * network->link->rtt);
    overflow = network->queue > network->buffer && network->now >= network->cut_s;
    if (overflow)
        network->cut_s = network->now + network->rtt;
    bytes = fmin(bandwidth, windows / network->link->rtt) * network->step;
    for (int i = 0; i < network->count; i++) {
        struct uplink_upload *upload = &network->uploads[i];

        if (is_sending(network, upload))
            cross(network, upload, fmin(upload->left, bytes * upload->connection.window / windows), overflow);
    }
}

/* A round trip that starts now is measured when it is over. */
static void note_rtt(struct uplink_network *network)
{
    const struct uplink_link *link = network->link;

    network->rtt = link->rtt + network->queue / uplink_bandwidth(link, network->now);
    network->noise += (exponential(network->rng, JITTER + link->jitter) - network->noise) / 8;
    network->steps++;
    network->rtts[network->steps % UPLINK_RTTS] = link->early > 0 ? link->rtt : network->rtt;
    while (network->known < network->steps) {
        uint64_t next = network->known + 1;
        double age = (double)(network->steps - next) * network->step;

        if (age < network->rtts[next % UPLINK_RTTS] && network->steps - next < UPLINK_RTTS - 1)
            break;
        network->known = next;
    }
}

void uplink_advance(struct uplink_network *network)
{
    double seen;

    network->is_up = !uplink_is_down(network->link, network->now);
    if (network->is_up)
        move_bytes(network);
    note_rtt(network);
    seen = network->rtts[network->known % UPLINK_RTTS];
    for (int i = 0; i < network->count; i++) {
        struct uplink_upload *upload = &network->uploads[i];

        acknowledge(network, upload);
        if (upload->ready <= network->now && seen < upload->connection.min_rtt)
            upload->connection.min_rtt = seen;
    }
    network->now += network->step;
}
