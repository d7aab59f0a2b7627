/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of date.h.  Days are counted from March 1 of year 0, so that the leap day is the last day of its year,
 * and month lengths repeat every five months (153 days).
 */
#include "base/date.h"

#include <stdbool.h>
#include <stdio.h>

#define DAYS_TO_1970 INT64_C(719468) /* from 0000-03-01 */
#define DAYS_IN_400_YEARS INT64_C(146097)
#define DAY_S INT64_C(86400)
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool is_leap_year(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t days_in_month(int32_t year, int32_t month)
{
    static const int8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap_year(year) ? 29 : DAYS[month - 1];
}

static bool is_date(const struct ad_date *date)
{
    return date->year >= 1970 && date->year <= 9999 && date->month >= 1 && date->month <= 12 && date->day >= 1 &&
           date->day <= days_in_month(date->year, date->month) && date->hour >= 0 && date->hour <= 23 &&
           date->minute >= 0 && date->minute <= 59 && date->second >= 0 && date->second <= 60;
}

int64_t ad_date_to_seconds(const struct ad_date *date)
{
    int64_t year;
    int64_t month;
    int64_t days;

    if (!is_date(date))
        return -1;
    year = date->month > 2 ? date->year : date->year - 1;
    month = date->month > 2 ? date->month - 3 : date->month + 9;
    days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date->day - 1 - DAYS_TO_1970;
    return days * DAY_S + date->hour * INT64_C(3600) + date->minute * INT64_C(60) + date->second;
}

void ad_date_from_seconds(int64_t seconds, struct ad_date *out)
{
    int64_t second_of_day;
    int64_t days;
    int64_t day; /* within the 400 years, then within the year */
    int64_t year;
    int64_t month;

    if (seconds < 0)
        seconds = 0;
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    second_of_day = seconds % DAY_S;
    days = seconds / DAY_S + DAYS_TO_1970;
    day = days % DAYS_IN_400_YEARS;
    /* Subtract the leap days so far: one in 1,461 days, except at the ends of centuries. */
    year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    month = (5 * day + 2) / 153;
    out->day = (int32_t)(day - (153 * month + 2) / 5 + 1);
    out->month = (int32_t)(month < 10 ? month + 3 : month - 9);
    out->year = (int32_t)(year + days / DAYS_IN_400_YEARS * 400 + (month < 10 ? 0 : 1));
    out->hour = (int32_t)(second_of_day / 3600);
    out->minute = (int32_t)(second_of_day / 60 % 60);
    out->second = (int32_t)(second_of_day % 60);
}

void ad_date_write_day(int64_t seconds, char out[AD_DATE_TEXT_SIZE])
{
    struct ad_date date;

    ad_date_from_seconds(seconds, &date);
    (void)snprintf(out, AD_DATE_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)date.year % 10000, (unsigned)date.month % 100,
                   (unsigned)date.day % 100);
}
