/* SPDX-License-Identifier: MIT */
/*
 * How long jobs take, learned from polls that only say "not yet" or "done".
 *
 * A job seen running at 3 s and done at 5 s took somewhere in (3, 5] s: an interval, not a number.  Taking 5 (or the
 * middle) would make the estimate follow our own polling.  So the intervals are kept as they are, the newest 200, each
 * weighing 1 % less than the next newer one, and the distribution is the one that explains them best: it starts
 * from the last estimate, each interval shares its weight over the cells it covers in proportion to what they hold,
 * and this is repeated at every new interval (Turnbull's self-consistency).  64 intervals fading by 3 % were tried
 * first: the estimate then is so noisy that polling by it costs 15 % more delay at the same number of polls
 * (tests/bench/quota). A longer memory gains little more and follows a queue that grows too slowly.
 *
 *     Example: (0, 10.4], (9.8, 10.6], (0, 10.2], (9.9, 12.1] leave 9.9 .. 10.2 as the only place that explains all
 *     four.
 *
 * Before anything is known a lognormal of median 5 s, sigma 0.9 stands in with the weight of 5 jobs.  It fades as
 * jobs come in.  A thin even layer over all cells stays forever, so that what was never seen is never impossible.
 *
 * The distribution lives on cells of a sixteenth of an octave, so that the resolution is the same share of the duration
 * everywhere; density is even inside a cell.  Then F and its integral are closed forms per cell, and every question
 * below is a table look-up plus at most one square root.
 *
 * Pure, fixed size, no allocation.  Durations are double milliseconds here.
 */
#ifndef AD_ENGINE_SAMPLE_H
#define AD_ENGINE_SAMPLE_H

#include <stdint.h>

#define AD_SAMPLE_SIZE 200
#define AD_SAMPLE_CELLS 256

/* The cells that an interval touches, both included. */
struct ad_sample_interval {
    uint16_t first;
    uint16_t last;
};

struct ad_sample {
    struct ad_sample_interval seen[AD_SAMPLE_SIZE];
    float mass[AD_SAMPLE_CELLS];          /* P(cell), sums to 1 */
    float cdf[AD_SAMPLE_CELLS + 1];       /* F at the cell edges */
    float integral[AD_SAMPLE_CELLS + 1];  /* integral of F from 0 to the edge, ms */
    uint32_t count;                       /* intervals ever added, saturating */
    uint8_t head;                         /* next place in seen[] */
    float late;                           /* evidence that the service became slower, see sample.c */
    float patient_ms;                     /* the price at which the first look falls on the 90 % quantile */
};

void ad_sample_init(struct ad_sample *sample);

/* A duration in (from_ms, to_ms].  from_ms >= to_ms reads as "exactly to_ms". */
void ad_sample_add(struct ad_sample *sample, double from_ms, double to_ms);

/* A job is still running at age_ms, at which nearly all should be done.  Once for each job. */
void ad_sample_add_late(struct ad_sample *sample, double age_ms);

/* P(duration <= age). */
double ad_sample_cdf(const struct ad_sample *sample, double age_ms);

/* Smallest age with P(duration <= age) >= p. */
double ad_sample_quantile(const struct ad_sample *sample, double p);

/* Expected unseen time at `age_ms` for a job not done at `look_ms`. */
double ad_sample_hidden(const struct ad_sample *sample, double look_ms, double age_ms);

/* The age at which ad_sample_hidden(look_ms, age) reaches `price_ms`. */
double ad_sample_next_look(const struct ad_sample *sample, double look_ms, double price_ms);

#endif
