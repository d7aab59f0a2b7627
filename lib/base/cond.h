/* SPDX-License-Identifier: MIT */
/*
 * Condition variables whose timeouts do not depend on the wall clock.
 */
#ifndef AD_BASE_COND_H
#define AD_BASE_COND_H

#include <pthread.h>
#include <stdint.h>

/* 0 or an error number. */
int ad_cond_init(pthread_cond_t *cond);

/*
 * Waits for a signal, at most `timeout_ms` (-1: no limit).  May return early: the caller checks its condition and waits
 * again.
 */
void ad_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t timeout_ms);

#endif
