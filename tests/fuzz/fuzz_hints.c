/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes protocol/hints and the pacer's use of them: whatever the headers say, no wait is negative or longer than 30
 * days, every text is clean, and the pacer opens again. Input: lines "Name: value".
 */
#include <stdlib.h>
#include <string.h>

#include "engine/pacer.h"
#include "fuzz.h"
#include "protocol/hints.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void check(const struct ad_hints *hints)
{
    static const int64_t clocks[] = {0, 1, 1780000000, INT64_MAX};
    const int64_t numbers[] = {hints->retry_after_s, hints->retry_date_s, hints->date_s,   hints->limit,
                               hints->window_ms,     hints->remaining,    hints->reset_ms, hints->reset_date_s};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        FUZZ_CHECK(numbers[i] >= -1);
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        int64_t wait = ad_hints_retry_after_ms(hints, clocks[i]);

        int64_t anchor = hints->date_s >= 0 ? hints->date_s : clocks[i];
        bool known = hints->retry_after_s >= 0 || (hints->retry_date_s >= 0 && anchor > 0);

        FUZZ_CHECK(wait >= -1 && wait <= 30 * DAY_MS);
        FUZZ_CHECK((wait >= 0) == known);
    }
    FUZZ_CHECK(memchr(hints->request_id, '\0', sizeof(hints->request_id)) != NULL);
    FUZZ_CHECK(fuzz_is_clean(hints->request_id, strlen(hints->request_id)));
}

/* A request may be sent within the month, and a pace is never negative. */
static void check_pacer(struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t ready = ad_pacer_ready_ms(pacer, now_ms);

    FUZZ_CHECK(ready == 0 || ready > now_ms);
    FUZZ_CHECK(ready - now_ms <= 31 * DAY_MS);
    FUZZ_CHECK(ad_pacer_rate_per_minute_x1000(pacer) >= 0);
    FUZZ_CHECK(pacer->limit >= 0);
    ad_pacer_take(pacer, now_ms);
}

static void pace(const struct ad_hints *hints, int32_t per_minute)
{
    struct ad_pacer pacer;
    int64_t now_ms = 1000;

    ad_pacer_init(&pacer, per_minute, 0, now_ms);
    for (int round = 0; round < 4; round++) {
        ad_pacer_hint(&pacer, hints->limit, hints->window_ms, hints->remaining, hints->reset_ms, now_ms);
        check_pacer(&pacer, now_ms);
        ad_pacer_throttled(&pacer, now_ms, now_ms + 100, ad_hints_retry_after_ms(hints, 1780000000));
        check_pacer(&pacer, now_ms + 100);
        now_ms += round % 2 == 0 ? 30000 : 40 * DAY_MS;
    }
}

static void feed_line(struct ad_hints *hints, struct fuzz_input *input)
{
    size_t size;
    uint8_t *line = fuzz_take_line(input, &size);
    uint8_t *colon = size > 0 ? memchr(line, ':', size) : NULL;
    size_t name_size = colon ? (size_t)(colon - line) : size;
    struct fuzz_input rest = {line + name_size + (colon != NULL), size - name_size - (colon != NULL)};
    size_t value_size;
    uint8_t *value = fuzz_take_line(&rest, &value_size);

    ad_hints_header(hints, (const char *)line, name_size, (const char *)value, value_size);
    free(value);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct ad_hints hints;

    ad_hints_init(&hints, NULL);
    check(&hints);
    while (input.left > 0) {
        feed_line(&hints, &input);
        check(&hints);
    }
    pace(&hints, 0);
    pace(&hints, 300);
    return 0;
}
