/* SPDX-License-Identifier: MIT */
/*
 * The run of permit_fleet.h: one loop over the events of the world, the messages between clients and source, and the
 * faults. Each client is driven as by a host with an event loop: processed when its descriptor is readable.
 */
#include "engine/permit_fleet.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/permit_fleet_internal.h"
#include "engine/permit_judge.h"

#define MINUTE_MS 60000
#define LIFE_MS 5000
#define LAG_MS 10000
/*
 * How long a permit may be counted, not including the time that its request is on the wire: its client settles it after
 * life and lag, or dies just before that, and the source waits for it for life and lag; then a minute.
 */
#define LASTS_MS (2 * (LIFE_MS + LAG_MS) + MINUTE_MS + FLEET_SLOW_MS)

/* ---- messages in transit ---- */

static int64_t way_ms(struct fleet_run *run)
{
    return run->slow ? fleet_between(run, 10, FLEET_SLOW_MS) : fleet_between(run, 10, 200);
}

static void post(struct fleet_run *run, const struct fleet_letter *letter)
{
    int32_t free_one = 0;

    if (run->slow && ad_rng_unit(&run->rng) < 0.2)
        return; /* lost */
    while (free_one < FLEET_LETTERS && run->letters[free_one].used)
        free_one++;
    if (free_one == FLEET_LETTERS) {
        run->good = false;
        return;
    }
    run->letters[free_one] = *letter;
    run->letters[free_one].used = true;
    run->letters[free_one].due_ms = fleet_now(run) + way_ms(run);
}

static void deliver(struct fleet_run *run, const struct fleet_letter *letter)
{
    struct fleet_member *member = &run->members[letter->client];
    struct fleet_letter reply = {.reply = true, .client = letter->client};

    if (letter->reply) {
        bool same = member->host.client != NULL && letter->ask.client == member->host.number;

        if (same && !permit_host_reply(&member->host, &letter->answer, fleet_now(run)))
            run->good = false;
        return;
    }
    if (run->stopped)
        return;
    run->figures->calls++;
    reply.ask.client = letter->ask.client;
    if (permit_source_call(run->source, &letter->ask, &reply.answer, fleet_now(run)))
        post(run, &reply);
}

static void deliver_due(struct fleet_run *run)
{
    for (int32_t i = 0; i < FLEET_LETTERS; i++) {
        struct fleet_letter letter = run->letters[i];

        if (!letter.used || letter.due_ms > fleet_now(run))
            continue;
        run->letters[i].used = false;
        deliver(run, &letter);
    }
}

/* ---- the loop ---- */

static void note_second(struct fleet_run *run)
{
    int64_t now_ms = fleet_now(run);

    while (run->seconds < FLEET_SECONDS && run->begin_ms + (int64_t)run->seconds * SECOND_MS <= now_ms) {
        run->charge[run->seconds] = permit_source_charge(run->source, now_ms);
        run->granted[run->seconds] = permit_source_granted(run->source);
        run->blind[run->seconds] = run->lost_ms > 0 && now_ms <= run->lost_ms + LASTS_MS;
        run->seconds++;
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_ms(struct fleet_run *run)
{
    int64_t next = earlier(run->ends_ms, run->begin_ms + (int64_t)run->seconds * SECOND_MS);

    for (int32_t i = 0; i < FLEET_LETTERS; i++)
        if (run->letters[i].used)
            next = earlier(next, run->letters[i].due_ms);
    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        if (run->members[i].host.client != NULL)
            next = earlier(next, permit_host_next_ms(&run->members[i].host));
    return earlier(next, world_next_ms(run->world));
}

/* The clients whose descriptors are readable. */
static void process(struct fleet_run *run)
{
    struct epoll_event events[PERMIT_FLEET_CLIENTS];
    int count = epoll_wait(run->outer, events, PERMIT_FLEET_CLIENTS, 0);

    for (int i = 0; i < count; i++)
        fleet_process(run, events[i].data.ptr);
}

static void look(struct fleet_run *run, struct fleet_member *member)
{
    struct fleet_letter letter = {.client = (int32_t)(member - run->members)};

    if (member->host.client == NULL)
        return;
    fleet_feed(run, member);
    if (permit_host_look(&member->host, &letter.ask, fleet_now(run)))
        post(run, &letter);
}

static int64_t requests_of(const struct fleet_member *member)
{
    return member->host.before + member->host.unknown;
}

static void run_until(struct fleet_run *run, int64_t when_ms)
{
    run->ends_ms = when_ms;
    while (run->good && fleet_now(run) < when_ms) {
        int64_t wait_ms = next_ms(run) - fleet_now(run);

        world_skip(run->world, wait_ms > 0 ? wait_ms : 0);
        fleet_trouble(run);
        deliver_due(run);
        process(run);
        for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
            look(run, &run->members[i]);
        note_second(run);
    }
}

/* ---- figures ---- */

static void judge(struct fleet_run *run)
{
    struct permit_judge *judge = permit_judge_new(run->world, LAG_MS, &run->rng);
    int64_t from_ms = run->begin_ms + PERMIT_FLEET_WARM_MS;
    struct permit_figures *figures = run->figures;

    figures->most = permit_judge_most(judge, MINUTE_MS);
    figures->share = (double)permit_judge_count(judge, from_ms, from_ms + run->fleet->measured_ms) * MINUTE_MS /
                     (double)run->fleet->measured_ms / run->fleet->limit;
    for (int32_t i = 0; i < run->seconds; i++) {
        int64_t since = i - (LASTS_MS + permit_judge_longest_ms(judge)) / SECOND_MS - 2; /* rounded up, plus a margin */
        int64_t granted = run->granted[i] - (since < 0 ? 0 : run->granted[since]);
        int64_t excess = run->charge[i] - granted;

        if (!run->blind[i] && excess > figures->too_long)
            figures->too_long = (int32_t)excess;
    }
    permit_judge_free(judge);
}

static void compare_hungry(struct fleet_run *run)
{
    double sum = 0;
    double least = 1e9;
    double most = 0;

    for (int32_t i = 0; i < PERMIT_FLEET_HUNGRY; i++) {
        double count = (double)(requests_of(&run->members[i]) - run->members[i].warm);

        sum += count;
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    run->figures->least_hungry = least * PERMIT_FLEET_HUNGRY / sum;
    run->figures->most_hungry = most * PERMIT_FLEET_HUNGRY / sum;
}

static void course(struct fleet_run *run)
{
    int64_t measured_ms = run->begin_ms + PERMIT_FLEET_WARM_MS;

    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        fleet_join(run, &run->members[i]);
    run->feeding = true;
    run_until(run, measured_ms);
    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        run->members[i].warm = requests_of(&run->members[i]);
    run_until(run, measured_ms + run->fleet->measured_ms);
    if (run->fleet->troubles == 0)
        compare_hungry(run);
    run->feeding = run->stopped = run->slow = false;
    /* Finishes what was started; after that no permit may be counted. */
    run_until(run, fleet_now(run) + 5 * MINUTE_MS);
    run->figures->left = permit_source_charge(run->source, fleet_now(run));
    run->figures->limited = (int64_t)svc_count(run->svc, SVC_COUNT_LIMITED) - run->foreign_limited;
}

bool permit_fleet_run(const struct permit_fleet *fleet, struct permit_figures *figures)
{
    struct fleet_run *run = calloc(1, sizeof *run);
    struct svc_config service;
    struct world_config net;
    bool good;

    if (run == NULL)
        return false;
    *figures = (struct permit_figures){0};
    svc_config_default(&service);
    world_config_default(&net);
    service.api_key = FLEET_KEY;
    service.processing = "lognormal:8000:0.5";
    service.rpm = fleet->foreign > 0 ? fleet->limit : 0;
    service.seed = net.seed = fleet->seed;
    net.latency_ms = fleet->latency_ms;
    net.jitter_ms = fleet->latency_ms;
    run->fleet = fleet;
    run->figures = figures;
    run->good = true;
    run->rule = (struct permit_source_rule){.limit = fleet->limit,
                                            .life_ms = LIFE_MS,
                                            .lag_ms = LAG_MS,
                                            .clients = PERMIT_FLEET_CLIENTS,
                                            .bursts = fleet->bursts,
                                            .charged_when_granted = fleet->charged_when_granted};
    ad_rng_seed(&run->rng, fleet->seed);
    run->svc = svc_new(&service);
    run->world = world_new(run->svc, &net);
    run->begin_ms = fleet_now(run);
    run->source = permit_source_new(&run->rule, run->begin_ms);
    run->outer = epoll_create1(EPOLL_CLOEXEC);
    run->trouble_ms = run->death_ms = run->outage_ms = run->begin_ms + 20 * SECOND_MS;
    run->foreign_ms = run->begin_ms + PERMIT_FLEET_WARM_MS + fleet->measured_ms / 2;
    course(run);
    judge(run);
    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        if (run->members[i].host.client != NULL)
            fleet_die(run, &run->members[i]);
    good = run->good;
    close(run->outer);
    world_free(run->world);
    svc_free(run->svc);
    permit_source_free(run->source);
    free(run);
    return good;
}
