/* SPDX-License-Identifier: MIT */
/*
 * Dates and seconds since 1970, on every day from 1970 to 9999 and whatever the size of time_t.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"

#define DAY_S INT64_C(86400)

/* The next day, computed as people do. */
static void step_day(struct ad_date *date)
{
    static const int32_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = date->year % 400 == 0 || (date->year % 100 != 0 && date->year % 4 == 0);

    if (date->day++ < DAYS[date->month - 1] + (leap && date->month == 2 ? 1 : 0))
        return;
    date->day = 1;
    if (date->month++ < 12)
        return;
    date->month = 1;
    date->year++;
}

static void every_day_to_9999_is_converted_both_ways(void **state)
{
    struct ad_date date = {1970, 1, 1, 23, 59, 59};
    struct ad_date back;
    int64_t seconds = DAY_S - 1;

    (void)state;
    for (; date.year <= 9999; seconds += DAY_S) {
        if (ad_date_to_seconds(&date) != seconds)
            fail_msg("%d-%d-%d is %lld", date.year, date.month, date.day, (long long)ad_date_to_seconds(&date));
        ad_date_from_seconds(seconds, &back);
        if (memcmp(&date, &back, sizeof date) != 0)
            fail_msg("%lld is %d-%d-%d", (long long)seconds, back.year, back.month, back.day);
        step_day(&date);
    }
    assert_int_equal(seconds - DAY_S, INT64_C(253402300799));
}

static void what_is_no_date_is_refused(void **state)
{
    static const struct ad_date NONE[] = {
        {1969, 12, 31, 23, 59, 59}, {10000, 1, 1, 0, 0, 0}, {2026, 0, 1, 0, 0, 0},  {2026, 13, 1, 0, 0, 0},
        {2026, 6, 31, 0, 0, 0},     {2026, 7, 0, 0, 0, 0},  {2027, 2, 29, 0, 0, 0}, {2100, 2, 29, 0, 0, 0},
        {2026, 1, 1, 24, 0, 0},     {2026, 1, 1, -1, 0, 0}, {2026, 1, 1, 0, 60, 0}, {2026, 1, 1, 0, -1, 0},
        {2026, 1, 1, 0, 0, 61},     {2026, 1, 1, 0, 0, -1}, {2026, -1, 1, 0, 0, 0}, {2026, 1, -1, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        assert_int_equal(ad_date_to_seconds(&NONE[i]), -1);
}

static void a_leap_second_is_the_first_of_the_next_minute(void **state)
{
    struct ad_date leap = {2016, 12, 31, 23, 59, 60};

    (void)state;
    assert_int_equal(ad_date_to_seconds(&leap), INT64_C(1483228800));
}

static void seconds_beyond_the_calendar_become_its_ends(void **state)
{
    char text[AD_DATE_TEXT_SIZE];

    (void)state;
    ad_date_write_day(INT64_MIN, text);
    assert_string_equal(text, "1970-01-01");
    ad_date_write_day(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31");
    ad_date_write_day(INT64_C(2147483648), text); /* does not fit into 32 bits */
    assert_string_equal(text, "2038-01-19");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_to_9999_is_converted_both_ways),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(a_leap_second_is_the_first_of_the_next_minute),
        cmocka_unit_test(seconds_beyond_the_calendar_become_its_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
