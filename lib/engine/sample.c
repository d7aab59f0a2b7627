/* SPDX-License-Identifier: MIT */
/*
 * The estimate of sample.h: Turnbull's self-consistency on a fixed grid, smoothed a little in every round so that 200
 * intervals do not turn into 200 spikes (Silverman et al. 1990, "EMS").
 *
 * Detecting that the service became slower.  Unfinished jobs add nothing to the sample, so after a sudden slowdown the
 * newest intervals remain the old, fast ones until the first slow job finishes, and every waiting job is polled in
 * vain.  Each job still running when nearly all should be done adds 1 to `late`; each finished job takes 1/8 off.
 * Above LATE_ENOUGH late jobs enter the sample as "longer than this".  Never allocates, and returns finite numbers for
 * every input.
 */
#include "engine/sample.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define FIRST_EDGE_MS 50.0
#define PER_OCTAVE 16 /* cell edges are 50 ms * 2^o * (1 + j/16): 3 to 6 % apart, up to 52 min, and exact */
#define ROUNDS 2      /* self-consistency rounds per new interval, starting from the last estimate */
#define EVERY 4       /* once the ring is full the estimate is updated every fourth interval */
#define FADE 0.99     /* weight of an interval relative to the next newer one */
#define LAYER 0.004   /* share of the uniform mass */
#define SMOOTH 0.20   /* share of a cell that each round distributes to its two neighbors */
#define PATIENT 0.90  /* the quantile of the first poll in throughput mode */
#define LATE_ENOUGH 4.0F
#define PRIOR_JOBS 5

_Static_assert(AD_SAMPLE_SIZE <= UINT8_MAX, "head counts the ring");

/* Where the lognormal of median 5 s, sigma 0.9 reaches 1/5, 2/5, 3/5, 4/5 of its mass, in ms. */
static const double PRIOR_FIFTHS[PRIOR_JOBS + 1] = {0.0, 2344.0, 3981.0, 6280.0, 10663.0, 1e12};
#define PRIOR_LOG_MEDIAN 8.517193 /* ln 5000 */
#define PRIOR_SIGMA 0.9

/* The changes of masses by the intervals, kept as differences and summed once: O(intervals + cells) per round. */
struct shares {
    double step[AD_SAMPLE_CELLS + 1];
};

static double edge_ms(int index)
{
    int over = index - 1;

    if (index <= 0)
        return 0.0;
    return ldexp(FIRST_EDGE_MS * (PER_OCTAVE + over % PER_OCTAVE) / PER_OCTAVE, over / PER_OCTAVE);
}

/* The cell that contains age_ms; the last one contains everything beyond. */
static int sample_cell_of(double age_ms)
{
    double mantissa;
    int exponent;
    int cell;

    if (!(age_ms >= FIRST_EDGE_MS))
        return 0;
    if (age_ms >= edge_ms(AD_SAMPLE_CELLS))
        return AD_SAMPLE_CELLS - 1;
    mantissa = frexp(age_ms / FIRST_EDGE_MS, &exponent); /* [0.5, 1) */
    cell = 1 + (exponent - 1) * PER_OCTAVE + (int)((mantissa * 2 - 1) * PER_OCTAVE);
    return cell < AD_SAMPLE_CELLS ? cell : AD_SAMPLE_CELLS - 1;
}

/* Computes the integral of F at the edges, and the patient price, from F and the masses. */
static void tabulate(struct ad_sample *sample)
{
    double width = FIRST_EDGE_MS;
    double area = 0.0;

    for (int c = 0; c < AD_SAMPLE_CELLS; c++) {
        sample->integral[c] = (float)area;
        area += ((double)sample->cdf[c] + (double)sample->mass[c] / 2.0) * width;
        if (c % PER_OCTAVE == 0)
            width = c == 0 ? FIRST_EDGE_MS / PER_OCTAVE : width * 2.0;
    }
    sample->integral[AD_SAMPLE_CELLS] = (float)area;
    sample->patient_ms = (float)ad_sample_hidden(sample, 0.0, ad_sample_quantile(sample, PATIENT));
}

/* Stores the masses, with the uniform mass added, and sums them to F. */
static void adopt(struct ad_sample *sample, const double *mass, double total)
{
    double below = 0.0;

    for (int c = 0; c < AD_SAMPLE_CELLS; c++) {
        sample->mass[c] = (float)((1.0 - LAYER) * mass[c] / total + LAYER / AD_SAMPLE_CELLS);
        sample->cdf[c] = (float)below;
        below += (double)sample->mass[c];
    }
    sample->cdf[AD_SAMPLE_CELLS] = 1.0F;
}

/* The cells that (from, to] touches; to < 0: unbounded. */
static struct ad_sample_interval cells_of(double from_ms, double to_ms)
{
    int first = sample_cell_of(from_ms);
    int last = to_ms < 0 ? AD_SAMPLE_CELLS - 1 : sample_cell_of(to_ms);

    if (first < last && to_ms >= 0 && edge_ms(last) >= to_ms)
        last--;
    return (struct ad_sample_interval){(uint16_t)first, (uint16_t)last};
}

/* Distributes the weight of one interval over its cells in proportion to their mass. */
static void share(const struct ad_sample *sample, struct shares *shares, struct ad_sample_interval cells, double weight)
{
    double held = (double)sample->cdf[cells.last + 1] - (double)sample->cdf[cells.first];

    if (held < 1e-7)
        return;
    shares->step[cells.first] += weight / held;
    shares->step[cells.last + 1] -= weight / held;
}

static void sample_collect(const struct ad_sample *sample, struct shares *shares)
{
    int known = sample->count < AD_SAMPLE_SIZE ? (int)sample->count : AD_SAMPLE_SIZE;
    double weight = 1.0;

    memset(shares, 0, sizeof(*shares));
    for (int i = 1; i <= known; i++) {
        share(sample, shares, sample->seen[(sample->head + AD_SAMPLE_SIZE - i) % AD_SAMPLE_SIZE], weight);
        weight *= FADE;
    }
    /* With a full ring each fifth would weigh 0.13 of the newest interval: the prior is no longer needed. */
    for (int i = 0; i < PRIOR_JOBS && sample->count < AD_SAMPLE_SIZE; i++)
        share(sample, shares, cells_of(PRIOR_FIFTHS[i], PRIOR_FIFTHS[i + 1]), weight);
}

static void one_round(struct ad_sample *sample)
{
    struct shares shares;
    double raw[AD_SAMPLE_CELLS];
    double smooth[AD_SAMPLE_CELLS];
    double slope = 0.0;
    double total = 0.0;

    sample_collect(sample, &shares);
    for (int c = 0; c < AD_SAMPLE_CELLS; c++) {
        slope += shares.step[c];
        raw[c] = slope > 0.0 ? (double)sample->mass[c] * slope : 0.0;
        total += raw[c];
    }
    if (total <= 0.0)
        return;
    for (int c = 0; c < AD_SAMPLE_CELLS; c++) {
        double left = raw[c > 0 ? c - 1 : c];
        double right = raw[c < AD_SAMPLE_CELLS - 1 ? c + 1 : c];

        smooth[c] = (1.0 - SMOOTH) * raw[c] + SMOOTH / 2.0 * (left + right);
    }
    adopt(sample, smooth, total);
}

static void sample_push(struct ad_sample *sample, double from_ms, double to_ms)
{
    sample->seen[sample->head] = cells_of(from_ms, to_ms);
    sample->head = (uint8_t)((sample->head + 1) % AD_SAMPLE_SIZE);
    if (sample->count < UINT32_MAX)
        sample->count++;
    /*
     * With a full ring one more interval changes little, and thousands of jobs per second would spend their time here.
     */
    if (sample->count > AD_SAMPLE_SIZE && sample->count % EVERY != 0)
        return;
    for (int i = 0; i < ROUNDS; i++)
        one_round(sample);
    tabulate(sample);
}

/* Clamps to what a float and the grid can represent; NaN becomes 0. */
static double sane_ms(double ms)
{
    if (!(ms > 0.0))
        return 0.0;
    return ms < 1e12 ? ms : 1e12;
}

void ad_sample_init(struct ad_sample *sample)
{
    double mass[AD_SAMPLE_CELLS];
    double before = 0.0;

    memset(sample, 0, sizeof(*sample));
    for (int c = 0; c < AD_SAMPLE_CELLS; c++) {
        double upto = 0.5 * erfc((PRIOR_LOG_MEDIAN - log(edge_ms(c + 1))) / (PRIOR_SIGMA * sqrt(2.0)));

        if (c == AD_SAMPLE_CELLS - 1)
            upto = 1.0;
        mass[c] = upto - before;
        before = upto;
    }
    adopt(sample, mass, 1.0);
    tabulate(sample);
}

void ad_sample_add(struct ad_sample *sample, double from_ms, double to_ms)
{
    double to = sane_ms(to_ms);
    double from = sane_ms(from_ms);

    sample->late -= sample->late / 8.0F;
    sample_push(sample, from < to ? from : to, to);
}

void ad_sample_add_late(struct ad_sample *sample, double age_ms)
{
    sample->late += 1.0F;
    if (sample->late > LATE_ENOUGH)
        sample_push(sample, sane_ms(age_ms), -1.0);
}

double ad_sample_cdf(const struct ad_sample *sample, double age_ms)
{
    double age = sane_ms(age_ms);
    int c = sample_cell_of(age);
    double into = (age - edge_ms(c)) / (edge_ms(c + 1) - edge_ms(c));

    return (double)sample->cdf[c] + ((double)sample->cdf[c + 1] - (double)sample->cdf[c]) * (into < 1.0 ? into : 1.0);
}

double ad_sample_quantile(const struct ad_sample *sample, double p)
{
    int low = 0;
    int high = AD_SAMPLE_CELLS - 1;
    double mass;

    if (!(p > 0.0))
        return 0.0;
    /* The first cell whose upper edge reaches p. */
    while (low < high) {
        int middle = (low + high) / 2;

        if ((double)sample->cdf[middle + 1] >= p)
            high = middle;
        else
            low = middle + 1;
    }
    mass = (double)sample->cdf[low + 1] - (double)sample->cdf[low];
    if (p >= 1.0 || mass <= 0.0)
        return edge_ms(low + 1);
    return edge_ms(low) + (edge_ms(low + 1) - edge_ms(low)) * (p - (double)sample->cdf[low]) / mass;
}

/* Integral of F from 0 to age, in ms.  Beyond the last edge F is 1. */
static double area_to(const struct ad_sample *sample, double age_ms)
{
    int c = sample_cell_of(age_ms);
    double width = edge_ms(c + 1) - edge_ms(c);
    double into = age_ms - edge_ms(c);

    if (into > width)
        return (double)sample->integral[c + 1] + (into - width);
    return (double)sample->integral[c] + into * (double)sample->cdf[c] +
           into * into / (2.0 * width) * ((double)sample->cdf[c + 1] - (double)sample->cdf[c]);
}

double ad_sample_hidden(const struct ad_sample *sample, double poll_ms, double age_ms)
{
    double polled = sane_ms(poll_ms);
    double age = sane_ms(age_ms);
    double before = ad_sample_cdf(sample, polled);
    double hidden;

    if (age <= polled)
        return 0.0;
    if (1.0 - before < 1e-6)
        return age - polled;
    hidden = (area_to(sample, age) - area_to(sample, polled) - before * (age - polled)) / (1.0 - before);
    return hidden > 0.0 ? hidden : 0.0;
}

double ad_sample_next_poll(const struct ad_sample *sample, double poll_ms, double price_ms)
{
    double polled = sane_ms(poll_ms);
    double price = sane_ms(price_ms);
    double before = ad_sample_cdf(sample, polled);
    double still = 1.0 - before;
    double from = polled;
    double missing = price;
    int low = sample_cell_of(polled);
    int high = AD_SAMPLE_CELLS;
    double rise;
    double slope;

    if (still < 1e-6)
        return polled + price;
    /* The last edge below the price: the result is in the cell after it, or beyond the grid. */
    while (low < high) {
        int middle = (low + high + 1) / 2;

        if (ad_sample_hidden(sample, polled, edge_ms(middle)) < price)
            low = middle;
        else
            high = middle - 1;
    }
    if (edge_ms(low) > polled) {
        from = edge_ms(low);
        missing = price - ad_sample_hidden(sample, polled, from);
    }
    if (low == AD_SAMPLE_CELLS || missing <= 0.0)
        return from + missing;
    /* Within one cell: rise * x + slope / 2 * x^2 = missing. */
    rise = (ad_sample_cdf(sample, from) - before) / still;
    slope = (double)sample->mass[low] / (edge_ms(low + 1) - edge_ms(low)) / still;
    if (slope <= 0.0)
        return from + (rise > 0.0 ? missing / rise : 0.0);
    return from + 2.0 * missing / (rise + sqrt(rise * rise + 2.0 * slope * missing));
}
