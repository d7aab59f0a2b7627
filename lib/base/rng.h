/* SPDX-License-Identifier: MIT */
/*
 * A small seeded generator for jitter and phases (xoshiro256**, Blackman and Vigna, seeded through splitmix64).  The
 * same seed gives the same stream on every machine, so a simulation can be reproduced.  Never use it for keys or
 * anything that an attacker must not guess: that is libsodium's job.
 */
#ifndef AD_BASE_RNG_H
#define AD_BASE_RNG_H

#include <stdint.h>

struct ad_rng {
    uint64_t state[4];
};

/* Any seed is good, 0 included. */
void ad_rng_seed(struct ad_rng *rng, uint64_t seed);

/* 64 uniform bits. */
uint64_t ad_rng_u64(struct ad_rng *rng);

/* Uniform in [0, 1), 53 bits of resolution. */
double ad_rng_unit(struct ad_rng *rng);

/* Uniform integer in [0, limit]; 0 when limit <= 0. */
int64_t ad_rng_upto(struct ad_rng *rng, int64_t limit);

#endif
