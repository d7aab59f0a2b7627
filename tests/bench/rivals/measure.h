/* SPDX-License-Identifier: MIT */
/*
 * What the bench programs measure: wall and CPU time, memory and open descriptors of the calling process only. Prints
 * nothing.
 */
#ifndef BENCH_RIVALS_MEASURE_H
#define BENCH_RIVALS_MEASURE_H

#include <stddef.h>
#include <stdint.h>

double measure_wall_s(void); /* monotonic */
double measure_cpu_s(void);  /* user and system time of this process since it started */

/* KiB; 0 when /proc does not say. */
long measure_rss_kib(void);
long measure_peak_rss_kib(void);
/*
 * Resets the peak to the current resident size; if the kernel rejects that, the peak remains that of the whole process.
 */
void measure_reset_peak(void);

size_t measure_heap_bytes(void); /* in use, as counted by malloc */
int measure_descriptors(void);

/* A JPEG-like image of `size` (at least 64) bytes, from malloc; NULL when out of memory. */
uint8_t *measure_image(size_t size);

#endif
