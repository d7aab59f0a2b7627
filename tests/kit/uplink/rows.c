/* SPDX-License-Identifier: MIT */
/*
 * The table of rows.h.
 */
#include "kit/uplink/rows.h"

#include <stdio.h>

#define KBIT 125.0
#define EARLY 262144.0

/* kbit/s, round trip in ms, images, seconds, life of a URL */
#define LINK(kbit, ms, ...) .run.link = {.high = (kbit)*KBIT, .rtt = (ms) / 1000.0, ##__VA_ARGS__}
#define LOAD(what, duration, url) .run.images = UPLINK_##what, .run.seconds = (duration), .run.life = (url)

const struct uplink_row uplink_rows[] = {
    {UPLINK_STEADY, LINK(64, 600), LOAD(CAMERA, 900, 900), .is_quick = true},
    {UPLINK_STEADY, LINK(64, 1500, .buffer = 80e3), LOAD(CAMERA, 900, 900)},
    {UPLINK_STEADY, LINK(256, 300), LOAD(CAMERA, 600, 900)},
    {UPLINK_STEADY, LINK(1000, 80), LOAD(CAMERA, 300, 60), .is_quick = true},
    {UPLINK_STEADY, LINK(1000, 80, .jitter = 0.05), LOAD(CAMERA, 300, 60)},
    {UPLINK_STEADY, LINK(1000, 1500), LOAD(CAMERA, 300, 900)},
    {UPLINK_STEADY, LINK(5000, 60), LOAD(CAMERA, 120, 60)},
    {UPLINK_STEADY, LINK(5000, 600), LOAD(MIXED, 240, 900), .is_quick = true},
    {UPLINK_STEADY, LINK(5000, 150), LOAD(BIG, 200, 900)},
    {UPLINK_STEADY, LINK(5000, 60), LOAD(50K, 30, 60)},
    {UPLINK_STEADY, LINK(20000, 40), LOAD(CAMERA, 60, 900)},
    {UPLINK_STEADY, LINK(20000, 300), LOAD(CAMERA, 120, 900)},
    {UPLINK_STEADY, LINK(100000, 20), LOAD(CAMERA, 60, 900)},
    {UPLINK_STEADY, LINK(100000, 100), LOAD(CAMERA, 60, 900), .is_quick = true},
    {UPLINK_STEADY, LINK(100000, 300), LOAD(BIG, 240, 900)},
    {UPLINK_STEADY, LINK(5000, 200, .loss = 0.01), LOAD(BIG, 500, 900)},
    {UPLINK_STEADY, LINK(20000, 100, .loss = 0.003), LOAD(CAMERA, 60, 900)},
    {UPLINK_STEADY, LINK(20000, 200, .loss = 0.01), LOAD(BIG, 300, 900), .is_quick = true},

    {UPLINK_SHALLOW, LINK(256, 300, .buffer = 3000), LOAD(CAMERA, 600, 120)},
    {UPLINK_SHALLOW, LINK(1000, 80, .buffer = 3000), LOAD(CAMERA, 300, 60), .is_quick = true},
    {UPLINK_SHALLOW, LINK(20000, 100, .buffer = 50e3), LOAD(BIG, 100, 900)},

    {UPLINK_ANSWERS, LINK(20000, 100, .answer = 0.2), LOAD(CAMERA, 120, 900)},
    {UPLINK_ANSWERS, LINK(20000, 100, .answer = 0.5), LOAD(CAMERA, 120, 900), .is_quick = true},
    {UPLINK_ANSWERS, LINK(20000, 100, .answer = 2), LOAD(CAMERA, 120, 60), .is_quick = true},

    {UPLINK_EARLY, LINK(8000, 20, .early = EARLY), LOAD(200K, 100, 8), .is_quick = true},
    {UPLINK_EARLY, LINK(1600, 20, .early = EARLY), LOAD(200K, 100, 8), .is_quick = true},
    {UPLINK_EARLY, LINK(1000, 600, .early = EARLY), LOAD(200K, 100, 60), .is_quick = true},
    {UPLINK_EARLY, LINK(64, 600, .early = EARLY), LOAD(200K, 600, 900)},
    {UPLINK_EARLY, LINK(8000, 0.2, .early = EARLY), LOAD(200K, 40, 8), .is_quick = true},
    {UPLINK_EARLY, LINK(1600, 0.2, .early = EARLY), LOAD(200K, 100, 8)},
    {UPLINK_EARLY, LINK(8000, 0.2, .early = EARLY), LOAD(200K, 80, 20)},
    {UPLINK_EARLY, LINK(8000, 100, .early = EARLY), LOAD(MIXED, 100, 60), .is_quick = true},
    {UPLINK_EARLY, LINK(5000, 60, .low = 500 * KBIT, .early = EARLY), LOAD(CAMERA, 360, 60)},

    {UPLINK_CHANGING, LINK(640, 400, .low = 64 * KBIT, .buffer = 24e3), LOAD(CAMERA, 360, 300)},
    {UPLINK_CHANGING, LINK(5000, 100, .low = 500 * KBIT, .buffer = 187.5e3), LOAD(CAMERA, 360, 60), .is_quick = true},
    {UPLINK_CHANGING, LINK(5000, 300, .low = 500 * KBIT, .buffer = 187.5e3), LOAD(BIG, 360, 900)},
    {UPLINK_CHANGING, LINK(20000, 100, .low = 2000 * KBIT, .buffer = 750e3), LOAD(CAMERA, 360, 60)},
    {UPLINK_CHANGING, LINK(100000, 50, .low = 10000 * KBIT, .buffer = 3750e3), LOAD(CAMERA, 150, 60)},
    {UPLINK_CHANGING, LINK(10000, 800, .low = 1000 * KBIT, .buffer = 375e3), LOAD(CAMERA, 360, 120), .is_quick = true},

    {UPLINK_OUTAGES, LINK(256, 300, .outage = 20), LOAD(CAMERA, 480, 900)},
    {UPLINK_OUTAGES, LINK(1000, 100, .outage = 20), LOAD(CAMERA, 480, 900), .is_quick = true},
    {UPLINK_OUTAGES, LINK(5000, 150, .outage = 20), LOAD(BIG, 480, 900)},

    {UPLINK_BLIND, LINK(64, 600), LOAD(CAMERA, 900, 900), .run.blind = true},
    {UPLINK_BLIND, LINK(1000, 80), LOAD(CAMERA, 300, 60), .run.blind = true, .is_quick = true},
    {UPLINK_BLIND, LINK(1000, 80, .early = EARLY), LOAD(CAMERA, 300, 60), .run.blind = true},
    {UPLINK_BLIND, LINK(20000, 40, .early = EARLY), LOAD(CAMERA, 60, 900), .run.blind = true},
    {UPLINK_BLIND, LINK(5000, 600), LOAD(MIXED, 240, 900), .run.blind = true},
    {UPLINK_BLIND, LINK(20000, 300), LOAD(CAMERA, 60, 900), .run.blind = true},
    {UPLINK_BLIND, LINK(20000, 200, .loss = 0.01), LOAD(BIG, 300, 900), .run.blind = true},
    {UPLINK_BLIND, LINK(5000, 100, .low = 500 * KBIT, .buffer = 187.5e3), LOAD(CAMERA, 360, 60), .run.blind = true},
};

const size_t uplink_row_count = sizeof(uplink_rows) / sizeof(uplink_rows[0]);

const char *uplink_group_name(enum uplink_group group)
{
    static const char *const names[] = {"steady",   "queue of 20 ms", "slow responses", "early acknowledgment",
                                        "changing", "outages",        "no round trips"};

    return names[group];
}

static const char *images_name(enum uplink_images images)
{
    static const char *const names[] = {"50 kB", "200 kB", "camera", "1-10 MB", "mixed"};

    return names[images];
}

static size_t add_rate(char *name, size_t size, double bytes)
{
    double kbit = bytes / KBIT;
    int length =
        kbit < 1000 ? snprintf(name, size, "%.0f kbit/s", kbit) : snprintf(name, size, "%.4g Mbit/s", kbit / 1000);

    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

void uplink_row_name(const struct uplink_row *row, char *name, size_t size)
{
    const struct uplink_link *link = &row->run.link;
    size_t length = 0;
    char extra[32] = "";

    if (link->low > 0) {
        length = add_rate(name, size, link->low);
        length += (size_t)snprintf(name + length, size - length, " - ");
    }
    length += add_rate(name + length, size - length, link->high);
    if (link->loss > 0)
        snprintf(extra, sizeof(extra), ", loss %g %%", link->loss * 100);
    else if (link->answer > 0)
        snprintf(extra, sizeof(extra), ", responses %g s", link->answer);
    else if (link->early > 0 && row->group != UPLINK_EARLY)
        snprintf(extra, sizeof(extra), ", %g kB early", link->early / 1024);
    else if (link->jitter > 0)
        snprintf(extra, sizeof(extra), ", jitter %g ms", link->jitter * 1000);
    snprintf(name + length, size - length, ", %g ms, %s, URLs %g s%s", link->rtt * 1000, images_name(row->run.images),
             row->run.life, extra);
}
