/* SPDX-License-Identifier: MIT */
/*
 * The adjustments and trials of uplink_growth.h, in integers only.
 */
#include "engine/uplink_growth.h"

#include <string.h>

#define ONE 1000 /* one upload */
#define MOST (AD_UPLINK_MOST * ONE)
#define STEP_MS 500
#define FIRST_STEP_MS 250
#define FIRST_STREAK 3 /* as after three steps without a queue: x 2 */
#define NEAR_US 5000
#define PROVEN 8 /* up to this many in flight N grows without a growing rate */
#define PROOF_MS 10000
#define PROOF_RTTS 20
#define TRIAL_MS 1500
#define TRIAL_WINDOW_MS 1000
#define PAUSE_MS 4000
#define PAUSE_MAX_MS 60000

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void ad_uplink_growth_init(struct ad_uplink *uplink)
{
    uplink->most_x1000 = ONE;
    uplink->judged_ms = uplink->busy_ms;
    uplink->grown_ms = uplink->busy_ms;
    uplink->grown_rate = 0;
    uplink->streak = FIRST_STREAK;
    memset(&uplink->trial, 0, sizeof(uplink->trial));
    uplink->trial.next_ms = uplink->busy_ms + TRIAL_WINDOW_MS;
    uplink->trial.pause_ms = PAUSE_MS;
}

static int64_t step_ms(const struct ad_uplink *uplink)
{
    return later(uplink->streak >= FIRST_STREAK ? FIRST_STEP_MS : STEP_MS, 2 * uplink->min_rtt_us / 1000);
}

/* d */
static int64_t queue_us(const struct ad_uplink *uplink)
{
    return uplink->rtt_us - uplink->min_rtt_us;
}

/* Whether more than N would fit and be used. */
static bool may_grow(const struct ad_uplink *uplink, int32_t count)
{
    int64_t proof_ms = later(PROOF_MS, PROOF_RTTS * uplink->min_rtt_us / 1000);

    if (!uplink->is_prompt || uplink->rtt_us == 0 || queue_us(uplink) >= 10000 + uplink->min_rtt_us / 2)
        return false;
    if (count < uplink->most_x1000 / ONE)
        return false;
    return count <= PROVEN || uplink->busy_ms - uplink->grown_ms < proof_ms;
}

static void step_up(struct ad_uplink *uplink)
{
    static const int32_t factors_x100[] = {125, 150, 180, 200};
    int32_t streak = uplink->streak < FIRST_STREAK ? uplink->streak : FIRST_STREAK;
    int64_t base = later(uplink->most_x1000, (int64_t)uplink->count * ONE) * factors_x100[streak] / 100 + ONE;

    uplink->most_x1000 = base < MOST ? (int32_t)base : MOST;
    if (uplink->streak < FIRST_STREAK)
        uplink->streak++;
}

void ad_uplink_growth_shrink(struct ad_uplink *uplink)
{
    uplink->most_x1000 = (int32_t)later(uplink->most_x1000 * 8 / 10, ONE);
    uplink->streak = 0;
}

static void judge(struct ad_uplink *uplink)
{
    if (uplink->rtt_us == 0 || uplink->busy_ms - uplink->judged_ms < step_ms(uplink))
        return;
    uplink->judged_ms = uplink->busy_ms;
    if (queue_us(uplink) > 20000 + uplink->min_rtt_us * 3 / 2)
        ad_uplink_growth_shrink(uplink);
    else if (uplink->min_rtt_us >= NEAR_US && may_grow(uplink, uplink->count))
        step_up(uplink);
}

static void end_trial(struct ad_uplink *uplink)
{
    int32_t before = uplink->trial.count;
    int64_t promised = uplink->trial.rate / 2 * (uplink->most_x1000 / ONE - before) / before;

    uplink->trial.count = 0;
    uplink->trial.next_ms = uplink->busy_ms;
    if (ad_meter_rate_now(&uplink->meter, TRIAL_WINDOW_MS) >= uplink->trial.rate + promised) {
        uplink->trial.pause_ms = PAUSE_MS;
        uplink->trial.failed_from = 0;
        return;
    }
    uplink->most_x1000 = ONE;
    uplink->trial.failed_from = before;
    uplink->trial.next_ms += uplink->trial.pause_ms;
    uplink->trial.pause_ms *= 2;
    if (uplink->trial.pause_ms > PAUSE_MAX_MS)
        uplink->trial.pause_ms = PAUSE_MAX_MS;
}

/* Whether uploads that a trial added in vain are still in flight. */
static bool is_draining(const struct ad_uplink *uplink)
{
    return uplink->trial.failed_from > 0 && uplink->count > uplink->trial.failed_from &&
           uplink->busy_ms < uplink->trial.next_ms + uplink->trial.pause_ms;
}

static void try_more(struct ad_uplink *uplink)
{
    if (uplink->busy_ms < uplink->trial.next_ms)
        return;
    if (uplink->trial.count > 0) {
        end_trial(uplink);
    } else if (uplink->count >= uplink->most_x1000 / ONE && uplink->count < AD_UPLINK_MOST && !is_draining(uplink)) {
        uplink->trial.count = uplink->count;
        uplink->trial.rate = ad_meter_rate_now(&uplink->meter, TRIAL_WINDOW_MS);
        uplink->trial.next_ms = uplink->busy_ms + TRIAL_MS;
        uplink->most_x1000 = uplink->count > AD_UPLINK_MOST / 2 ? MOST : 2 * uplink->count * ONE;
    }
}

void ad_uplink_growth_see(struct ad_uplink *uplink)
{
    if (uplink->rate > uplink->grown_rate + uplink->grown_rate / 10 || uplink->rate < uplink->grown_rate * 3 / 4) {
        uplink->grown_rate = uplink->rate;
        uplink->grown_ms = uplink->busy_ms;
        uplink->trial.failed_from = 0;
    }
    if (uplink->count <= 0)
        return;
    if (uplink->min_rtt_us > 0)
        judge(uplink);
    else
        try_more(uplink);
}

void ad_uplink_growth_answered(struct ad_uplink *uplink)
{
    if (uplink->min_rtt_us == 0 || uplink->min_rtt_us >= NEAR_US)
        return;
    /* including the one that was answered */
    if (uplink->count < AD_UPLINK_MOST && may_grow(uplink, uplink->count + 1))
        uplink->most_x1000 = uplink->most_x1000 < MOST - ONE ? uplink->most_x1000 + ONE : MOST;
}

int64_t ad_uplink_growth_due_ms(const struct ad_uplink *uplink)
{
    int64_t due_ms = uplink->min_rtt_us > 0 ? uplink->judged_ms + step_ms(uplink) : uplink->trial.next_ms;

    return uplink->seen_ms + later(due_ms - uplink->busy_ms, 0);
}
