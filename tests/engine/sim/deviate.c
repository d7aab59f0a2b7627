/* SPDX-License-Identifier: MIT */
/*
 * The deviations from the contract in a seed: outages, jobs that never finish, odd responses, a host that is impatient
 * or switched off; and the reasons that they give for calls to fail.
 * Drawn from a separate generator, so that the half of the seeds without deviations stays unchanged. Each has a modest
 * probability, and each either ends or is harmless: the last life has them too, and every image is finished.
 */
#include "engine/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* Small orders of magnitude are as likely as large ones. */
static int64_t between_log(struct ad_rng *rng, int64_t least, int64_t most)
{
    int64_t top = least;

    while (top < most && sim_chance(rng, 0.85))
        top *= 2;
    if (top > most)
        top = most;
    return sim_between(rng, least, top);
}

static void add_lasting(struct sim_plan *plan, unsigned kind, const char *spec)
{
    struct sim_deviations *odd = &plan->odd;

    if (odd->lasting_count == SIM_LASTING)
        return;
    snprintf(odd->lasting[odd->lasting_count++], SIM_SPEC, "%s", spec);
    odd->kinds |= kind;
}

/* Seconds to hours; some are repeated, with more time in between. */
static void draw_window(struct sim_plan *plan, struct ad_rng *rng)
{
    static const struct {
        const char *what;
        unsigned kind;
    } windows[] = {
        {"any:html:status=200:edge=1", SIM_HAS_PORTAL},
        {"any:html:status=302:edge=1", SIM_HAS_PORTAL | SIM_HAS_FOREIGN},
        {"any:html:status=403:edge=1", SIM_HAS_PORTAL},
        {"any:html:status=511:edge=1", SIM_HAS_PORTAL},
        {"any:html:status=502:edge=1", SIM_HAS_BUSY},
        {"any:reset-before", SIM_HAS_BREAKS},
        {"any:503:edge=1", SIM_HAS_BUSY},
        {"api:503:edge=1:retry_after=3000", SIM_HAS_BUSY},
        {"api:401:edge=1", SIM_HAS_401},
        {"api:402:edge=1", SIM_HAS_402},
        {"create:402:edge=1", SIM_HAS_402},
        {"poll:401:edge=1", SIM_HAS_401},
    };
    int which = (int)ad_rng_upto(rng, (int64_t)(sizeof windows / sizeof windows[0]) - 1);
    int64_t begin_ms = sim_chance(rng, 0.4) ? sim_between(rng, 0, 3000) : between_log(rng, SECOND_MS, HOUR_MS);
    int64_t length_ms = between_log(rng, SECOND_MS, 8 * HOUR_MS);
    bool again = length_ms < HOUR_MS && sim_chance(rng, 0.3);
    char repeat[32] = "";
    char spec[SIM_SPEC];

    if (again)
        snprintf(repeat, sizeof repeat, ":repeat=%" PRId64, begin_ms + length_ms * 3 + 10 * MINUTE_MS);
    snprintf(spec, sizeof spec, "%s:begin=%" PRId64 ":end=%" PRId64 "%s", windows[which].what, begin_ms,
             begin_ms + length_ms, repeat);
    add_lasting(plan, windows[which].kind, spec);
}

/*
 * At the edge (edge=1): another fault may let the request have its effect, and no client can handle that together with
 * a redirect.
 */
static void draw_moves(struct sim_plan *plan, struct ad_rng *rng)
{
    static const int statuses[] = {301, 302, 303, 307, 308};
    static const char *const places[] = {"old", "api", "/api/v1", "/v1"};
    static const char *const routes[] = {"api", "poll", "fetch", "create", "submit"};
    int status = statuses[ad_rng_upto(rng, 4)];
    const char *route = routes[ad_rng_upto(rng, 4)];
    const char *place = places[ad_rng_upto(rng, 3)];
    char spec[SIM_SPEC];

    /* 303 asks for a GET instead of the POST, which neither create nor submit supports. */
    if (status == 303)
        route = sim_chance(rng, 0.5) ? "poll" : "fetch";
    snprintf(spec, sizeof spec, "%s:%d:edge=1:to=%s:p=%.2f", route, status, place, 0.1 + 0.9 * ad_rng_unit(rng));
    if (sim_chance(rng, 0.3))
        snprintf(spec, sizeof spec, "fetch:%d:to=storage:p=0.7", sim_chance(rng, 0.5) ? 303 : 307);
    add_lasting(plan, SIM_HAS_MOVES, spec);
}

/* A few times each. */
static void draw_refusals(struct sim_plan *plan, struct ad_rng *rng)
{
    static const struct {
        const char *spec;
        unsigned kind;
    } refusals[] = {
        {"upload:403:code=SignatureDoesNotMatch:n=2", SIM_HAS_REFUSED},
        {"api:302:edge=1:n=2:from=3", SIM_HAS_FOREIGN},
        {"api:429:edge=1:retry_after=413999:n=1:from=2", 0},
        {"api:503:edge=1:retry_date=94608000:n=1:from=2", SIM_HAS_BUSY},
        {"poll:503:edge=1:retry_after=100000:n=2", SIM_HAS_BUSY},
        {"create:429:edge=1:retry_after=5000:n=3", 0},
    };
    int which = (int)ad_rng_upto(rng, (int64_t)(sizeof refusals / sizeof refusals[0]) - 1);

    add_lasting(plan, refusals[which].kind, refusals[which].spec);
    plan->has_429 = plan->has_429 || refusals[which].kind == 0;
}

static void draw_faults(struct sim_plan *plan, struct ad_rng *rng)
{
    char spec[SIM_SPEC];

    if (sim_chance(rng, 0.4))
        draw_window(plan, rng);
    if (sim_chance(rng, 0.15))
        draw_window(plan, rng);
    if (sim_chance(rng, 0.15))
        draw_moves(plan, rng);
    if (sim_chance(rng, 0.15))
        draw_refusals(plan, rng);
    snprintf(spec, sizeof spec, "api:odd:p=%.2f", 0.1 + 0.9 * ad_rng_unit(rng));
    if (sim_chance(rng, 0.15))
        add_lasting(plan, SIM_HAS_ODD, spec);
}

static void draw_outage(struct sim_plan *plan, struct ad_rng *rng)
{
    static const enum ad_net kinds[] = {AD_NET_CONNECT, AD_NET_CONNECT_TIMEOUT, AD_NET_TLS};
    struct sim_deviations *odd = &plan->odd;

    odd->outage_from_ms = sim_chance(rng, 0.3) ? 0 : between_log(rng, 100, 2 * HOUR_MS);
    odd->outage_until_ms = odd->outage_from_ms + between_log(rng, SECOND_MS, 2 * DAY_MS);
    odd->outage = kinds[ad_rng_upto(rng, 2)];
}

static void draw_jobs(struct sim_plan *plan, struct ad_rng *rng)
{
    struct svc_config *service = &plan->service;

    if (sim_chance(rng, 0.2)) {
        service->stuck_share = 0.05 + 0.45 * ad_rng_unit(rng);
        service->stuck_ms = sim_chance(rng, 0.2) ? 0 : between_log(rng, 10 * MINUTE_MS, 5 * DAY_MS);
    }
    if (sim_chance(rng, 0.15)) {
        service->unknown_share = 0.05 + 0.45 * ad_rng_unit(rng);
        service->unknown_form = (enum svc_unknown_form)ad_rng_upto(rng, SVC_UNKNOWN_BOTH);
    }
    if (sim_chance(rng, 0.1))
        service->job_ttl_ms = between_log(rng, HOUR_MS, 3 * DAY_MS);
    if (sim_chance(rng, 0.15))
        service->lost_submit_share = 0.1 + 0.5 * ad_rng_unit(rng);
}

static void draw_lateness(struct sim_plan *plan, struct ad_rng *rng)
{
    static const int late[] = {202, 204, 404, 409};
    struct svc_config *service = &plan->service;

    if (sim_chance(rng, 0.12)) {
        service->key_in_use_share = 0.1 + 0.5 * ad_rng_unit(rng);
        service->key_in_use_ms = between_log(rng, SECOND_MS, 10 * MINUTE_MS);
        service->key_in_use_retry_after_s = sim_chance(rng, 0.5) ? sim_between(rng, 1, 60) : 0;
    }
    if (sim_chance(rng, 0.12))
        service->late_job_ms = between_log(rng, 100, 3 * MINUTE_MS);
    if (sim_chance(rng, 0.12)) {
        service->late_result_status = late[ad_rng_upto(rng, 3)];
        service->late_result_ms = between_log(rng, 500, 10 * MINUTE_MS);
    }
    if (sim_chance(rng, 0.1))
        service->rate_window = (enum svc_rate_window)ad_rng_upto(rng, SVC_RATE_WINDOW_EXHAUSTED);
    service->expired_as_azure = sim_chance(rng, 0.1);
}

static void draw_patience(struct sim_plan *plan, struct ad_rng *rng)
{
    static const int64_t patiences[] = {120000, 120000, -1, 0};
    struct sim_deviations *odd = &plan->odd;

    odd->reruns = (int32_t)ad_rng_upto(rng, SIM_RERUNS);
    odd->patience_ms = sim_chance(rng, 0.3) ? between_log(rng, 500, HOUR_MS) : patiences[ad_rng_upto(rng, 3)];
    odd->processing_timeout_ms = sim_chance(rng, 0.3) ? between_log(rng, 10 * MINUTE_MS, 2 * DAY_MS) : DAY_MS;
    odd->max_retry_after_ms = sim_chance(rng, 0.3) ? between_log(rng, 1000, 2 * HOUR_MS) : 10 * MINUTE_MS;
    odd->change_chance = sim_chance(rng, 0.3) && plan->workers == 1 ? 0.05 : 0.0;
    for (int i = 0; i < plan->lives; i++) {
        if (plan->kill_ms[i] >= 0 && sim_chance(rng, 0.5))
            plan->kill_ms[i] = between_log(rng, 10 * SECOND_MS, 3 * DAY_MS);
        odd->off_ms[i] = i > 0 && sim_chance(rng, 0.2) ? between_log(rng, SECOND_MS, 3 * DAY_MS) : 0;
    }
    plan->control_chance = sim_chance(rng, 0.4) ? 0.05 : plan->control_chance;
}

void sim_deviations_draw(struct sim_plan *plan)
{
    struct ad_rng rng;

    ad_rng_seed(&rng, plan->seed ^ UINT64_C(0xde71a7e5));
    plan->odd.outage_from_ms = -1;
    plan->odd.any = sim_chance(&rng, 0.5);
    if (!plan->odd.any)
        return;
    draw_faults(plan, &rng);
    if (sim_chance(&rng, 0.3))
        draw_outage(plan, &rng);
    draw_jobs(plan, &rng);
    draw_lateness(plan, &rng);
    draw_patience(plan, &rng);
    /* Another origin may answer that there is no result yet, and the service does not know why it is polled again. */
    if ((plan->odd.kinds & SIM_HAS_FOREIGN) != 0)
        plan->service.shared_jobs = true;
}

static bool has(const struct sim_plan *plan, unsigned kinds)
{
    return (plan->odd.kinds & kinds) != 0;
}

static bool is_never_there(const struct sim_plan *plan)
{
    const struct svc_config *service = &plan->service;

    return service->late_job_ms > 0 || (service->late_result_ms > 0 && service->late_result_status == 404);
}

/* In the last life the network is as planned, but no endless fault is left. */
static bool has_reason_of_link(const struct sim_plan *plan, int32_t status, bool fair)
{
    bool outage = plan->odd.outage_from_ms >= 0;

    switch (status) {
    case ANIMALDETECT_E_NETWORK:
        return !fair || plan->net.connect_failure > 0 || outage || has(plan, SIM_HAS_PORTAL | SIM_HAS_BREAKS);
    case ANIMALDETECT_E_TIMEOUT:
        return !fair || (outage && plan->odd.outage == AD_NET_CONNECT_TIMEOUT);
    case ANIMALDETECT_E_TLS:
        return outage && plan->odd.outage == AD_NET_TLS;
    case ANIMALDETECT_E_HTTP:
        return has(plan, SIM_HAS_FOREIGN);
    case ANIMALDETECT_E_PROTOCOL:
        return !fair || has(plan, SIM_HAS_PORTAL);
    default:
        return false;
    }
}

static bool has_reason_of_job(const struct sim_plan *plan, int32_t status, bool fair)
{
    const struct svc_config *service = &plan->service;

    switch (status) {
    case ANIMALDETECT_E_UPLOAD_EXPIRED:
        return !fair || service->replay != SVC_REPLAY_FRESH || service->upload_ttl_ms < MINUTE_MS;
    case ANIMALDETECT_E_JOB_FAILED:
        return service->fail_probability > 0;
    case ANIMALDETECT_E_JOB_EXPIRED: /* jobs that never finish expire after 30 days */
        return service->job_ttl_ms < 30 * DAY_MS || (service->stuck_share > 0 && service->stuck_ms == 0) ||
               service->unknown_share > 0;
    case ANIMALDETECT_E_OVERDUE:
        return service->stuck_share > 0 || service->unknown_share > 0 || plan->odd.processing_timeout_ms < DAY_MS;
    case ANIMALDETECT_E_STATE_UNKNOWN:
        return service->unknown_share > 0;
    case ANIMALDETECT_E_CONFLICT:
        return service->key_in_use_ms > MINUTE_MS; /* two minutes are tolerated, less the host's delay */
    case ANIMALDETECT_E_NOT_FOUND:
        return is_never_there(plan);
    case ANIMALDETECT_E_FILE_CHANGED:
        return plan->odd.change_chance > 0;
    case ANIMALDETECT_E_NO_INPUT: /* of a restored job whose upload a portal had taken */
        return has(plan, SIM_HAS_PORTAL);
    default:
        return false;
    }
}

bool sim_has_reason(const struct sim_plan *plan, int32_t status, bool fair)
{
    switch (status) {
    case ANIMALDETECT_OK:
        return true;
    case ANIMALDETECT_E_CANCELED:
    case ANIMALDETECT_E_CALL_TIMEOUT:
    case ANIMALDETECT_E_RATE_LIMITED:
        return !fair;
    case ANIMALDETECT_E_SERVICE:
        return !fair || has(plan, SIM_HAS_BUSY) || plan->service.late_result_ms > 0;
    case ANIMALDETECT_E_UPLOAD_REFUSED:
        return !fair || has(plan, SIM_HAS_REFUSED);
    case ANIMALDETECT_E_UNAUTHORIZED:
        return has(plan, SIM_HAS_401);
    case ANIMALDETECT_E_PAYMENT_REQUIRED:
        return has(plan, SIM_HAS_402);
    default:
        return has_reason_of_link(plan, status, fair) || has_reason_of_job(plan, status, fair);
    }
}
