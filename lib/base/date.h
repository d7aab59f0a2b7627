/* SPDX-License-Identifier: MIT */
/*
 * Dates of the Gregorian calendar in UTC, and seconds since 1970.  It has its own arithmetic: the C library's needs a
 * time_t, which may overflow in 2038, and a time zone, which the host may change.
 */
#ifndef AD_BASE_DATE_H
#define AD_BASE_DATE_H

#include <stdint.h>

#define AD_DATE_TEXT_SIZE 11 /* "1970-01-01" */

struct ad_date {
    int32_t year;  /* 1970 to 9999 */
    int32_t month; /* 1 to 12 */
    int32_t day;
    int32_t hour;
    int32_t minute;
    int32_t second; /* 60 in a leap second */
};

/* -1: no such day or time, or before 1970. */
int64_t ad_date_to_seconds(const struct ad_date *date);

/* Seconds before 1970 or after 9999 are clamped to the first or last second of the range. */
void ad_date_from_seconds(int64_t seconds, struct ad_date *out);

/* The date only, as in RFC 3339. */
void ad_date_write_day(int64_t seconds, char out[AD_DATE_TEXT_SIZE]);

#endif
