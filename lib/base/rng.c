/* SPDX-License-Identifier: MIT */
/*
 * The seeded generator of rng.h.  Pure: all state is in the caller's struct; never reads a clock or system entropy.
 */
#include "base/rng.h"

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

/* splitmix64: spreads a poor seed (0, 1, 2 ...) over the whole state; the state is never all zero. */
static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void ad_rng_seed(struct ad_rng *rng, uint64_t seed)
{
    uint64_t mix = seed;

    for (int i = 0; i < 4; i++)
        rng->state[i] = splitmix(&mix);
}

uint64_t ad_rng_u64(struct ad_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t out = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return out;
}

double ad_rng_unit(struct ad_rng *rng)
{
    return (double)(ad_rng_u64(rng) >> 11) * 0x1.0p-53;
}

int64_t ad_rng_upto(struct ad_rng *rng, int64_t limit)
{
    uint64_t span;
    uint64_t draw;
    uint64_t reject;

    if (limit <= 0)
        return 0;
    /* limit <= INT64_MAX, so span cannot wrap; rejection keeps every value equally likely. */
    span = (uint64_t)limit + 1;
    reject = (UINT64_MAX - span + 1) % span;
    do {
        draw = ad_rng_u64(rng);
    } while (draw < reject);
    return (int64_t)(draw % span);
}
