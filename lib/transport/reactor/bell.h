/* SPDX-License-Identifier: MIT */
/*
 * Wakes a blocked thread: a descriptor that is readable from `ring` until `quiet`.  Ringing a bell that already rings,
 * or quieting a silent one, costs no system call.  Any thread may call both.
 */
#ifndef AD_TRANSPORT_BELL_H
#define AD_TRANSPORT_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

enum ad_bell_kind {
    AD_BELL_PIPE,   /* portable */
    AD_BELL_EVENTFD /* Linux: one descriptor instead of two */
};

struct ad_bell {
    pthread_mutex_t lock; /* keeps `rung` and the descriptor consistent */
    bool rung;
    int read_fd; /* the descriptor to poll */
    int write_fd;
};

/* ANIMALDETECT_OK, ANIMALDETECT_E_SYSTEM, ANIMALDETECT_E_UNSUPPORTED (no eventfd on this system). */
AD_CHECKED int32_t ad_bell_open(struct ad_bell *bell, enum ad_bell_kind kind);
void ad_bell_close(struct ad_bell *bell);

void ad_bell_ring(struct ad_bell *bell);
void ad_bell_quiet(struct ad_bell *bell);
bool ad_bell_rings(struct ad_bell *bell);

#endif
