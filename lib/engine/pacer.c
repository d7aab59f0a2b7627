/* SPDX-License-Identifier: MIT */
/*
 * The token bucket, the hold and the recovery of pacer.h, in integers only.
 *
 * Credit is counted in 1 / (1000 * window_ms) of a call, so that `rate` (calls per window x 1000) flows in as rate *
 * milliseconds, without division or rounding.  It stays in [ONE - rate * (window_ms + 1), burst * ONE]: a debt never
 * requires more than just over one window without calls, after which every earlier call has left the window.  These
 * bounds also make every product below fit 64 bits.  Never reads a clock, allocates, or lets the pace exceed full_rate.
 */
#include "engine/pacer.h"

#include <string.h>

#define SLOT_MS 1000
#define MINUTE_MS 60000
#define LIMIT_MAX 10000000
#define UNKNOWN_RATE_MIN 6000 /* calls per minute x 1000 */
#define UNKNOWN_STEP_MIN 3000
#define LOWEST_PLAN 60 /* calls per minute: the smallest published limit */
#define RATE_MAX ((int64_t)LIMIT_MAX * 1000)

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

static int64_t add_saturating(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* One call in credit units. */
static int64_t one(const struct ad_pacer *pacer)
{
    return 1000 * pacer->window_ms;
}

static int64_t capacity(const struct ad_pacer *pacer)
{
    return pacer->burst * one(pacer);
}

/* One millisecond more: a window may be counted inclusive of both ends. */
static int64_t lowest(const struct ad_pacer *pacer)
{
    return one(pacer) - pacer->rate * (pacer->window_ms + 1);
}

/* The credit at now_ms >= last_ms, at the rate of last_ms. */
static int64_t credit_at(const struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t room = capacity(pacer) - pacer->credit;
    int64_t passed = now_ms - pacer->last_ms;

    if (pacer->rate == 0 || passed <= 0)
        return pacer->credit;
    if (passed > room / pacer->rate)
        return capacity(pacer);
    return pacer->credit + pacer->rate * passed;
}

static void note_near_full(struct ad_pacer *pacer)
{
    if (pacer->credit > capacity(pacer) - one(pacer))
        pacer->near_full_ms = pacer->last_ms;
}

static void turn_slots(struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t turns = (now_ms - pacer->slot_ms) / SLOT_MS;

    if (turns <= 0)
        return;
    pacer->slot_ms += turns * SLOT_MS;
    for (int64_t i = 0; i < turns && i < AD_PACER_SLOTS; i++) {
        pacer->slot = (uint8_t)((pacer->slot + 1) % AD_PACER_SLOTS);
        pacer->sent[pacer->slot] = 0;
    }
}

/*
 * Applies the steps that are due.  The time before was credited at the old, lower rate, so a host that calls rarely
 * gets a little less, never more.
 */
static void recover(struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t ceiling = pacer->full_rate > 0 ? pacer->full_rate : RATE_MAX;
    int64_t due;

    if (pacer->rate == 0 || pacer->rate >= ceiling || now_ms < pacer->step_ms)
        return;
    due = (now_ms - pacer->step_ms) / MINUTE_MS + 1;
    pacer->step_ms = add_saturating(pacer->step_ms, clamp(due, 1, INT64_MAX / MINUTE_MS) * MINUTE_MS);
    if (due > ceiling / pacer->step)
        pacer->rate = ceiling;
    else
        pacer->rate = clamp(pacer->rate + due * pacer->step, 0, ceiling);
}

/* Advances everything to now_ms and returns the effective time, which never decreases. */
static int64_t advance(struct ad_pacer *pacer, int64_t now_ms)
{
    if (now_ms <= pacer->last_ms)
        return pacer->last_ms;
    pacer->credit = credit_at(pacer, now_ms);
    pacer->last_ms = now_ms;
    if (pacer->rate > 0)
        note_near_full(pacer);
    turn_slots(pacer, now_ms);
    recover(pacer, now_ms);
    return now_ms;
}

/* Calls of the slots that started less than span_ms before now_ms. */
static int64_t sent_within(const struct ad_pacer *pacer, int64_t span_ms, int64_t now_ms)
{
    int64_t start = pacer->slot_ms;
    int64_t sum = 0;

    for (int i = 0; i < AD_PACER_SLOTS; i++, start -= SLOT_MS) {
        if (now_ms - start >= span_ms)
            break;
        sum += pacer->sent[(pacer->slot + AD_PACER_SLOTS - i) % AD_PACER_SLOTS];
    }
    return sum;
}

/*
 * The credit that a bucket with the current rate and burst would have after the calls actually sent: the minimum of
 * burst + rate * span - calls over every span back from now.  Each slot counts as sent at its latest moment.
 */
static void replay(struct ad_pacer *pacer)
{
    int64_t most = 2 * (int64_t)LIMIT_MAX;
    int64_t calls = 0;
    int64_t start = pacer->slot_ms;

    pacer->credit = capacity(pacer);
    for (int i = 0; i < AD_PACER_SLOTS; i++, start -= SLOT_MS) {
        int64_t span = clamp(pacer->last_ms - start - (SLOT_MS - 1), 0, pacer->window_ms);
        int64_t level;

        calls = clamp(calls + pacer->sent[(pacer->slot + AD_PACER_SLOTS - i) % AD_PACER_SLOTS], 0, most);
        level = capacity(pacer) + pacer->rate * span - calls * one(pacer);
        if (span < pacer->window_ms && level < pacer->credit)
            pacer->credit = level;
    }
    pacer->credit = clamp(pacer->credit, lowest(pacer), capacity(pacer));
    pacer->near_full_ms = pacer->last_ms;
}

/* The pace of a known limit.  If limit - burst is 0, a rate of just under one call per window is used. */
static void adopt_limit(struct ad_pacer *pacer, int32_t limit, int32_t burst, int64_t base_ms)
{
    pacer->limit = limit;
    pacer->base_ms = base_ms;
    pacer->window_ms = base_ms + AD_PACER_GUARD_MS;
    pacer->burst = burst > 0 ? burst : 1 + limit / 100;
    if (pacer->burst > limit - 1)
        pacer->burst = limit > 1 ? limit - 1 : 1;
    pacer->full_rate = limit > 1 ? (int64_t)(limit - pacer->burst) * 1000 : 999;
    pacer->step = clamp(pacer->full_rate / 20, 1, RATE_MAX);
}

static void forget_limit(struct ad_pacer *pacer, int32_t burst)
{
    pacer->limit = 0;
    pacer->burst = (int32_t)clamp(burst, 1, LIMIT_MAX);
    pacer->base_ms = AD_PACER_WINDOW_MS;
    pacer->window_ms = AD_PACER_WINDOW_MS;
    pacer->rate = 0;
    pacer->full_rate = 0;
    pacer->step = 0;
    pacer->credit = 0;
    pacer->measured = 0;
}

void ad_pacer_init(struct ad_pacer *pacer, int32_t per_minute, int32_t burst, int64_t now_ms)
{
    memset(pacer, 0, sizeof(*pacer));
    pacer->last_ms = now_ms;
    pacer->slot_ms = now_ms;
    pacer->cut_ms = -1;
    forget_limit(pacer, burst);
    ad_pacer_set_limit(pacer, per_minute, burst, now_ms);
}

void ad_pacer_set_limit(struct ad_pacer *pacer, int32_t per_minute, int32_t burst, int64_t now_ms)
{
    bool is_cut = pacer->full_rate > 0 && pacer->rate < pacer->full_rate;
    int64_t cut_per_minute = ad_pacer_rate_per_minute_x1000(pacer);

    advance(pacer, now_ms);
    pacer->configured = per_minute > 0;
    if (!pacer->configured) {
        forget_limit(pacer, burst);
        return;
    }
    adopt_limit(pacer, (int32_t)clamp(per_minute, 1, LIMIT_MAX), burst, AD_PACER_WINDOW_MS);
    pacer->rate = pacer->full_rate;
    /* The cut after a 429 remains and recovers step by step: the host knows no better than the service. */
    if (is_cut)
        pacer->rate = clamp(cut_per_minute * pacer->window_ms / MINUTE_MS, 1, pacer->full_rate);
    replay(pacer);
}

int64_t ad_pacer_ready_ms(const struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t now = later(now_ms, pacer->last_ms);
    int64_t ready = later(pacer->hold_ms, pacer->held_ms);
    int64_t credit;

    if (pacer->rate > 0) {
        credit = credit_at(pacer, now);
        if (credit < one(pacer))
            ready = later(ready, add_saturating(now, (one(pacer) - credit + pacer->rate - 1) / pacer->rate));
    }
    return ready > now ? ready : 0;
}

void ad_pacer_take(struct ad_pacer *pacer, int64_t now_ms)
{
    advance(pacer, now_ms);
    if (pacer->sent[pacer->slot] < UINT32_MAX)
        pacer->sent[pacer->slot]++;
    pacer->taken++;
    if (pacer->rate > 0)
        pacer->credit = later(pacer->credit - one(pacer), lowest(pacer));
}

void ad_pacer_return(struct ad_pacer *pacer, int64_t taken_ms, int64_t now_ms)
{
    int64_t now = advance(pacer, now_ms);
    int64_t back = pacer->slot_ms > taken_ms ? (pacer->slot_ms - taken_ms + SLOT_MS - 1) / SLOT_MS : 0;

    if (pacer->taken > 0)
        pacer->taken--;
    if (back < AD_PACER_SLOTS) {
        uint32_t *sent = &pacer->sent[(pacer->slot + AD_PACER_SLOTS - (int)back) % AD_PACER_SLOTS];

        if (*sent > 0)
            (*sent)--;
    }
    /*
     * If the bucket has lacked less than one call since then, it would be full now even without the call.  Returning
     * the call raises the level over all that time, hence near_full_ms = now.
     */
    if (pacer->rate == 0 || pacer->near_full_ms > taken_ms)
        return;
    pacer->credit = clamp(pacer->credit + one(pacer), lowest(pacer), capacity(pacer));
    pacer->near_full_ms = now;
}

/*
 * The minimum of the measurement.  A client that has sent little has not measured the service: it starts from the
 * smallest plan, and goes below that only by repeated cuts.
 */
static int64_t least_measure(const struct ad_pacer *pacer)
{
    int64_t pace = ad_pacer_rate_per_minute_x1000(pacer) / 1000;

    return pacer->rate == 0 || pace > LOWEST_PLAN ? LOWEST_PLAN : pace;
}

/* The pace after a 429.  A known limit was not exceeded by us: others use the key too. */
static void cut(struct ad_pacer *pacer, int64_t now_ms)
{
    pacer->cut_ms = now_ms;
    if (pacer->limit > 0) {
        pacer->rate = clamp(pacer->rate * 7 / 10, pacer->full_rate / 10 + 1, pacer->full_rate);
    } else {
        pacer->measured_min = least_measure(pacer);
        pacer->measured = later(sent_within(pacer, AD_PACER_WINDOW_MS, now_ms), pacer->measured_min);
        pacer->rate = clamp(pacer->measured * 700, UNKNOWN_RATE_MIN, RATE_MAX);
        pacer->step = clamp(pacer->measured * 50, UNKNOWN_STEP_MIN, RATE_MAX);
    }
    pacer->credit = clamp(pacer->credit, lowest(pacer), 0);
}

/* One more call of the window that ended with the last 429 was too many. */
static void correct_measure(struct ad_pacer *pacer, int64_t sent_ms, int64_t now_ms)
{
    if (pacer->limit > 0 || pacer->measured <= pacer->measured_min || now_ms >= pacer->step_ms ||
        sent_ms <= pacer->cut_ms - AD_PACER_WINDOW_MS)
        return;
    pacer->measured--;
    pacer->rate = clamp(pacer->measured * 700, UNKNOWN_RATE_MIN, RATE_MAX);
    pacer->step = clamp(pacer->measured * 50, UNKNOWN_STEP_MIN, RATE_MAX);
    pacer->credit = later(pacer->credit, lowest(pacer));
}

void ad_pacer_throttled(struct ad_pacer *pacer, int64_t sent_ms, int64_t now_ms, int64_t hint_ms)
{
    int64_t now = advance(pacer, now_ms);

    if (sent_ms > pacer->cut_ms)
        cut(pacer, now);
    else
        correct_measure(pacer, sent_ms, now);
    pacer->hold_ms = later(pacer->hold_ms, add_saturating(now, hint_ms >= 0 ? hint_ms : pacer->base_ms));
    pacer->step_ms = add_saturating(later(pacer->hold_ms, now), MINUTE_MS);
    if (hint_ms >= 0)
        pacer->held_ms = 0;
}

void ad_pacer_hold(struct ad_pacer *pacer, int64_t now_ms, int64_t hint_ms)
{
    int64_t now = advance(pacer, now_ms);

    pacer->hold_ms = later(pacer->hold_ms, add_saturating(now, hint_ms));
}

void ad_pacer_lift(struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t next_ms = add_saturating(advance(pacer, now_ms), MINUTE_MS);

    pacer->hold_ms = pacer->held_ms = 0;
    if (pacer->step_ms > next_ms)
        pacer->step_ms = next_ms;
}

/* A limit that the service states.  A pace cut by a 429 remains cut and recovers to the new limit. */
static void state_limit(struct ad_pacer *pacer, int32_t limit, int64_t base_ms)
{
    bool is_cut = pacer->rate > 0 && pacer->rate != pacer->full_rate;
    int64_t per_minute = ad_pacer_rate_per_minute_x1000(pacer);

    if (pacer->configured || (limit == pacer->limit && base_ms == pacer->base_ms))
        return;
    adopt_limit(pacer, limit, 0, base_ms);
    pacer->rate = pacer->full_rate;
    if (is_cut)
        pacer->rate = clamp(per_minute * pacer->window_ms / MINUTE_MS, 1, pacer->full_rate);
    replay(pacer);
}

void ad_pacer_hint(struct ad_pacer *pacer, int64_t limit, int64_t window_ms, int64_t remaining, int64_t reset_ms,
                   int64_t now_ms)
{
    int64_t now = advance(pacer, now_ms);

    if (limit >= 1 && limit <= LIMIT_MAX && window_ms >= SLOT_MS && window_ms <= AD_PACER_RESET_MAX_MS)
        state_limit(pacer, (int32_t)limit, window_ms);
    if (remaining != 0 || reset_ms <= 0 || reset_ms > AD_PACER_RESET_MAX_MS || pacer->hold_ms > now)
        return;
    /* At full pace limit - burst calls are sent per window; that many explain why nothing remains. */
    if (pacer->limit > 0 && sent_within(pacer, pacer->window_ms + SLOT_MS, now) >= pacer->limit - pacer->burst - 1)
        return;
    pacer->held_ms = now + reset_ms;
}

int64_t ad_pacer_rate_per_minute_x1000(const struct ad_pacer *pacer)
{
    return pacer->rate * MINUTE_MS / pacer->window_ms;
}

int64_t ad_pacer_hold_until_ms(const struct ad_pacer *pacer, int64_t now_ms)
{
    int64_t until = later(pacer->hold_ms, pacer->held_ms);

    return until > later(now_ms, pacer->last_ms) ? until : 0;
}
