/* SPDX-License-Identifier: MIT */
/*
 * What the bench programs measure: wall and CPU time, memory, open descriptors, of the calling process only. Prints
 * nothing.
 */
#ifndef BENCH_RIVALS_MEASURE_H
#define BENCH_RIVALS_MEASURE_H

#include <stddef.h>
#include <stdint.h>

double measure_wall_s(void); /* monotonic */
double measure_cpu_s(void);  /* user and system time of this process since it began */

/* KiB; 0 when /proc does not tell. */
long measure_rss_kib(void);
long measure_peak_rss_kib(void);
/* Begins a new peak at what is resident now; the kernel may refuse, then the peak stays that of the process's life. */
void measure_reset_peak(void);

size_t measure_heap_bytes(void); /* in use, as malloc counts it */
int measure_descriptors(void);

/* A JPEG-like image of `size` (at least 64) bytes, from malloc; NULL when memory runs out. */
uint8_t *measure_image(size_t size);

#endif
