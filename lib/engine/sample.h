/* SPDX-License-Identifier: MIT */
/*
 * Estimates how long jobs take, from polls that only say "not yet" or "done".
 *
 * A job seen running at 3 s and done at 5 s took some time in (3, 5] s: an interval, not a number.  Using 5 (or the
 * middle) would make the estimate follow our own polling.  So the newest 200 intervals are kept, each weighing 1 % less
 * than the next newer one, and the distribution that explains them best is found iteratively: starting from the last
 * estimate, each interval distributes its weight over the cells it covers in proportion to their mass, and this is
 * repeated for every new interval (Turnbull's self-consistency). 64 intervals fading by 3 % were tried first: that
 * estimate is so noisy that polling by it costs 15 % more delay at the same number of polls (tests/bench/quota).  A
 * longer memory gains little and follows a growing queue too slowly.
 *
 *     Example: (0, 10.4], (9.8, 10.6], (0, 10.2], (9.9, 12.1]: only 9.9 .. 10.2 explains all four.
 *
 * The prior is a lognormal of median 5 s and sigma 0.9, with the weight of 5 jobs.  It fades as jobs are added.  A
 * small uniform mass over all cells stays forever, so that what was never observed is never impossible.
 *
 * The cells are a sixteenth of an octave wide, so that the relative resolution is the same everywhere; density is
 * uniform within a cell.  So F and its integral have closed forms per cell, and every query below is a table look-up
 * plus at most one square root.
 *
 * Pure, fixed size, no allocation.  Durations are double milliseconds here.
 */
#ifndef AD_ENGINE_SAMPLE_H
#define AD_ENGINE_SAMPLE_H

#include <stdint.h>

#define AD_SAMPLE_SIZE 200
#define AD_SAMPLE_CELLS 256

/* The cells that an interval touches, inclusive. */
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
    uint8_t head;                         /* next index in seen[] */
    float late;                           /* evidence that the service became slower, see sample.c */
    float patient_ms;                     /* the price at which the first poll is at the 90 % quantile */
};

void ad_sample_init(struct ad_sample *sample);

/* Adds a duration in (from_ms, to_ms]. from_ms >= to_ms means "exactly to_ms". */
void ad_sample_add(struct ad_sample *sample, double from_ms, double to_ms);

/* A job is still running at age_ms, when nearly all should be done.  Once per job. */
void ad_sample_add_late(struct ad_sample *sample, double age_ms);

/* P(duration <= age). */
double ad_sample_cdf(const struct ad_sample *sample, double age_ms);

/* Smallest age with P(duration <= age) >= p. */
double ad_sample_quantile(const struct ad_sample *sample, double p);

/* Expected time that the job has been done at `age_ms`, if it was not done at `poll_ms`. */
double ad_sample_hidden(const struct ad_sample *sample, double poll_ms, double age_ms);

/* The age at which ad_sample_hidden(poll_ms, age) reaches `price_ms`. */
double ad_sample_next_poll(const struct ad_sample *sample, double poll_ms, double price_ms);

#endif
