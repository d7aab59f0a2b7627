/* SPDX-License-Identifier: MIT */
/*
 * The run of permit_fleet.h: one loop over the events of the world, the calls on their way to the source, and what goes
 * wrong.  Each client is driven as by a host with an event loop: processed when its descriptor is readable.
 */
#include "engine/permit_fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "api/client.h"
#include "base/time.h"
#include "engine/permit_host.h"
#include "engine/permit_judge.h"
#include "engine/permit_source.h"
#include "kit/world/world.h"
#include "testing/service/service.h"

#define KEY "sk_test_permit_fleet"
#define MINUTE_MS 60000
#define SECOND_MS 1000
#define LIFE_MS 5000
#define LAG_MS 10000
#define SLOW_MS 1500 /* the longest way of a call to the source, or back */
/*
 * How long a permit may be counted, and as long again as its request was on the wire: its client settles it after life
 * and lag, or dies just before and is waited for, for life and lag; then a minute.
 */
#define LASTS_MS (2 * (LIFE_MS + LAG_MS) + MINUTE_MS + SLOW_MS)
#define LETTERS 256
#define APPETITE 8 /* images that a hungry client works at */

/* Time is counted in seconds here, as long as a run can be. */
#define SECONDS_MOST 3600

struct letter {
    bool used;
    bool reply;
    int64_t due_ms;
    int32_t client;
    struct permit_ask ask;
    struct permit_reply answer;
};

struct member {
    struct permit_host host; /* its `client` is NULL while it is dead */
    int64_t fed_ms;          /* when it gets its next image */
    int32_t images;          /* at work */
    int64_t died_ms;
    int64_t warm; /* requests before the measured time */
};

struct run {
    const struct permit_fleet *fleet;
    struct permit_figures *figures;
    struct svc *svc;
    struct world *world;
    struct permit_source *source;
    struct permit_source_rule rule;
    struct ad_rng rng;
    struct member members[PERMIT_FLEET_CLIENTS];
    struct letter letters[LETTERS];
    int32_t numbers; /* of clients at the source, given out */
    int64_t files;
    int outer; /* epoll set */
    int64_t begin_ms;
    int64_t ends_ms;
    bool feeding;
    /* What is wrong with the source: until when, and from when on the next thing is. */
    bool stopped;
    bool slow;
    bool forgets;
    int64_t trouble_ms;
    int64_t lost_ms;
    int64_t death_ms;
    int64_t outage_ms;
    int64_t foreign_ms; /* when the next request of somebody else comes */
    int32_t foreign;
    int32_t foreign_limited;
    /* By the second. */
    int32_t charge[SECONDS_MOST];
    int64_t granted[SECONDS_MOST];
    bool blind[SECONDS_MOST]; /* the source has forgotten, and counts what may be */
    int32_t seconds;
    bool good;
};

static int64_t now_of(const struct run *run)
{
    return world_now_ms(run->world);
}

static int64_t between(struct run *run, int64_t least, int64_t most)
{
    return least + ad_rng_upto(&run->rng, most - least);
}

static void must(struct run *run, int32_t status, const char *what)
{
    if (status == ANIMALDETECT_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, animaldetect_status_name(status));
    run->good = false;
}

/* ---- clients ---- */

static void join(struct run *run, struct member *member)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = member};
    animaldetect_client *client = NULL;

    must(run, ad_client_new_over(world_factory, run->world, ad_rng_u64(&run->rng), &client), "client_new");
    must(run, animaldetect_client_set_api_key(client, KEY), "set_api_key");
    must(run, animaldetect_client_set_poll_mode(client, ANIMALDETECT_POLL_THROUGHPUT), "set_poll_mode");
    if (!permit_host_begin(&member->host, client, run->numbers++, &run->rule, &run->rng))
        run->good = false;
    if (epoll_ctl(run->outer, EPOLL_CTL_ADD, animaldetect_client_fd(client), &event) != 0)
        run->good = false;
    member->images = 0;
}

static void start_image(struct run *run, struct member *member)
{
    static const uint8_t image[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};
    animaldetect_job *job = NULL;
    char name[32];

    (void)snprintf(name, sizeof name, "%06lld.jpg", (long long)run->files++);
    must(run, animaldetect_job_new(member->host.client, ANIMALDETECT_OPERATION_DETECT, &job), "job_new");
    must(run, animaldetect_job_set_bytes_borrowed(job, image, sizeof image, NULL, NULL), "set_bytes_borrowed");
    must(run, animaldetect_job_set_filename(job, name), "set_filename");
    must(run, animaldetect_job_run_async(job), "run_async");
    member->images++;
}

static bool is_hungry(const struct run *run, const struct member *member)
{
    return member - run->members < PERMIT_FLEET_HUNGRY;
}

static void feed(struct run *run, struct member *member, int64_t now_ms)
{
    if (!run->feeding)
        return;
    while (is_hungry(run, member) && member->images < APPETITE)
        start_image(run, member);
    if (is_hungry(run, member) || now_ms < member->fed_ms)
        return;
    for (int64_t i = between(run, 1, 3); i > 0 && member->images < APPETITE; i--)
        start_image(run, member);
    member->fed_ms = now_ms + between(run, SECOND_MS, 90 * SECOND_MS);
}

static void take(struct run *run, struct member *member)
{
    animaldetect_job *job = NULL;

    while (animaldetect_client_next_done(member->host.client, &job) == ANIMALDETECT_OK) {
        /* A network that is away for long may end a call. */
        run->figures->images += animaldetect_job_status(job) == ANIMALDETECT_OK;
        if (animaldetect_job_status(job) != ANIMALDETECT_OK && !run->fleet->disturbed)
            must(run, animaldetect_job_status(job), animaldetect_job_message(job));
        animaldetect_job_free(job);
        member->images--;
    }
}

static void free_unfinished(animaldetect_client *client)
{
    animaldetect_job *job = NULL;

    (void)animaldetect_client_stop(client);
    while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK)
        animaldetect_job_free(job);
}

/* In the middle of whatever it does; nobody tells the source. */
static void die(struct run *run, struct member *member)
{
    if (member->host.limited > run->figures->limited_at_one)
        run->figures->limited_at_one = member->host.limited;
    (void)epoll_ctl(run->outer, EPOLL_CTL_DEL, animaldetect_client_fd(member->host.client), NULL);
    free_unfinished(member->host.client);
    animaldetect_client_free(member->host.client);
    member->host.client = NULL;
    member->died_ms = now_of(run);
}

/* ---- calls on their way ---- */

static int64_t way_ms(struct run *run)
{
    return run->slow ? between(run, 10, SLOW_MS) : between(run, 10, 200);
}

static void post(struct run *run, const struct letter *letter)
{
    int32_t free_one = 0;

    if (run->slow && ad_rng_unit(&run->rng) < 0.2)
        return; /* lost */
    while (free_one < LETTERS && run->letters[free_one].used)
        free_one++;
    if (free_one == LETTERS) {
        run->good = false;
        return;
    }
    run->letters[free_one] = *letter;
    run->letters[free_one].used = true;
    run->letters[free_one].due_ms = now_of(run) + way_ms(run);
}

static void deliver(struct run *run, const struct letter *letter)
{
    struct member *member = &run->members[letter->client];
    struct letter reply = {.reply = true, .client = letter->client};

    if (letter->reply) {
        bool same = member->host.client != NULL && letter->ask.client == member->host.number;

        if (same && !permit_host_reply(&member->host, &letter->answer, now_of(run)))
            run->good = false;
        return;
    }
    if (run->stopped)
        return;
    run->figures->calls++;
    reply.ask.client = letter->ask.client;
    if (permit_source_call(run->source, &letter->ask, &reply.answer, now_of(run)))
        post(run, &reply);
}

static void deliver_due(struct run *run)
{
    for (int32_t i = 0; i < LETTERS; i++) {
        struct letter letter = run->letters[i];

        if (!letter.used || letter.due_ms > now_of(run))
            continue;
        run->letters[i].used = false;
        deliver(run, &letter);
    }
}

/* ---- what goes wrong ---- */

/* One thing after the other, with quiet times in between. */
static void trouble(struct run *run)
{
    int64_t now_ms = now_of(run);

    if (now_ms < run->trouble_ms)
        return;
    if (run->stopped && run->forgets) {
        permit_source_lose(run->source, now_ms);
        run->lost_ms = now_ms;
        run->figures->losses++;
    }
    if (run->stopped || run->slow) {
        run->stopped = run->slow = run->forgets = false;
        run->trouble_ms = now_ms + between(run, 5 * SECOND_MS, 60 * SECOND_MS);
        return;
    }
    run->slow = ad_rng_unit(&run->rng) < 0.5;
    run->stopped = !run->slow;
    run->forgets = run->stopped && ad_rng_unit(&run->rng) < 0.3;
    run->trouble_ms =
        now_ms + (run->slow ? between(run, 5 * SECOND_MS, 40 * SECOND_MS) : between(run, 200, 30 * SECOND_MS));
}

/* One client dies, or one that has is replaced. */
static void deaths(struct run *run)
{
    struct member *member = &run->members[between(run, 0, PERMIT_FLEET_CLIENTS - 1)];

    if (now_of(run) < run->death_ms)
        return;
    run->death_ms = now_of(run) + between(run, 5 * SECOND_MS, 60 * SECOND_MS);
    if (member->host.client == NULL) {
        join(run, member);
    } else if (run->numbers < PERMIT_SOURCE_CLIENTS) {
        die(run, member);
        run->figures->deaths++;
    }
}

/* Requests that break off, of which nobody knows whether they arrive. */
static void outages(struct run *run)
{
    int64_t now_ms = now_of(run);

    if (now_ms < run->outage_ms)
        return;
    world_outage(run->world, now_ms, now_ms + between(run, 100, 4 * SECOND_MS), AD_NET_BROKEN);
    run->outage_ms = now_ms + between(run, 10 * SECOND_MS, 60 * SECOND_MS);
}

/* Somebody else with the same key. */
static void foreign(struct run *run)
{
    struct svc_header header = {"Authorization", "Bearer " KEY};
    struct svc_request request = {
        .method = "GET", .url = "https://api.animaldetect.com/v1/account", .headers = &header, .header_count = 1};

    while (run->foreign < run->fleet->foreign && now_of(run) >= run->foreign_ms) {
        struct svc_response response;

        svc_handle(run->svc, &request, world_wall_ms(run->world), &response);
        run->foreign_limited += response.status == 429;
        svc_response_clear(&response);
        run->foreign++;
        run->foreign_ms += 100;
    }
}

/* ---- the loop ---- */

static void note_second(struct run *run)
{
    int64_t now_ms = now_of(run);

    while (run->seconds < SECONDS_MOST && run->begin_ms + (int64_t)run->seconds * SECOND_MS <= now_ms) {
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

static int64_t next_ms(struct run *run)
{
    int64_t next = earlier(run->ends_ms, run->begin_ms + (int64_t)run->seconds * SECOND_MS);

    for (int32_t i = 0; i < LETTERS; i++)
        if (run->letters[i].used)
            next = earlier(next, run->letters[i].due_ms);
    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        if (run->members[i].host.client != NULL)
            next = earlier(next, permit_host_next_ms(&run->members[i].host));
    return earlier(next, world_next_ms(run->world));
}

/* The clients whose descriptors are readable. */
static void process(struct run *run)
{
    struct epoll_event events[PERMIT_FLEET_CLIENTS];
    int count = epoll_wait(run->outer, events, PERMIT_FLEET_CLIENTS, 0);

    for (int i = 0; i < count; i++) {
        struct member *member = events[i].data.ptr;

        must(run, animaldetect_client_process(member->host.client), "process");
        take(run, member);
    }
}

static void look(struct run *run, struct member *member)
{
    struct letter letter = {.client = (int32_t)(member - run->members)};

    if (member->host.client == NULL)
        return;
    feed(run, member, now_of(run));
    if (permit_host_look(&member->host, &letter.ask, now_of(run)))
        post(run, &letter);
}

static int64_t requests_of(const struct member *member)
{
    return member->host.before + member->host.unknown;
}

static void run_until(struct run *run, int64_t when_ms)
{
    run->ends_ms = when_ms;
    while (run->good && now_of(run) < when_ms) {
        int64_t wait_ms = next_ms(run) - now_of(run);

        world_skip(run->world, wait_ms > 0 ? wait_ms : 0);
        if (run->fleet->disturbed && run->feeding) {
            trouble(run);
            deaths(run);
            outages(run);
        }
        foreign(run);
        deliver_due(run);
        process(run);
        for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
            look(run, &run->members[i]);
        note_second(run);
    }
}

/* ---- figures ---- */

static void judge(struct run *run)
{
    struct permit_judge *judge = permit_judge_new(run->world, LAG_MS, &run->rng);
    int64_t from_ms = run->begin_ms + PERMIT_FLEET_WARM_MS;
    struct permit_figures *figures = run->figures;

    figures->most = permit_judge_most(judge, MINUTE_MS);
    figures->share = (double)permit_judge_count(judge, from_ms, from_ms + run->fleet->measured_ms) * MINUTE_MS /
                     (double)run->fleet->measured_ms / run->fleet->limit;
    for (int32_t i = 0; i < run->seconds; i++) {
        int64_t since = i - (LASTS_MS + permit_judge_longest_ms(judge)) / SECOND_MS - 2; /* rounded up, and before */
        int64_t granted = run->granted[i] - (since < 0 ? 0 : run->granted[since]);
        int64_t excess = run->charge[i] - granted;

        if (!run->blind[i] && excess > figures->too_long)
            figures->too_long = (int32_t)excess;
    }
    permit_judge_free(judge);
}

static void compare_hungry(struct run *run)
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

static void course(struct run *run)
{
    int64_t measured_ms = run->begin_ms + PERMIT_FLEET_WARM_MS;

    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        join(run, &run->members[i]);
    run->feeding = true;
    run_until(run, measured_ms);
    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        run->members[i].warm = requests_of(&run->members[i]);
    run_until(run, measured_ms + run->fleet->measured_ms);
    if (!run->fleet->disturbed)
        compare_hungry(run);
    run->feeding = run->stopped = run->slow = false;
    /* What is begun completes, and after that nothing is counted any more. */
    run_until(run, now_of(run) + 5 * MINUTE_MS);
    run->figures->left = permit_source_charge(run->source, now_of(run));
    run->figures->limited = (int64_t)svc_count(run->svc, SVC_COUNT_LIMITED) - run->foreign_limited;
}

bool permit_fleet_run(const struct permit_fleet *fleet, struct permit_figures *figures)
{
    struct run *run = calloc(1, sizeof *run);
    struct svc_config service;
    struct world_config net;
    bool good;

    if (run == NULL)
        return false;
    *figures = (struct permit_figures){0};
    svc_config_default(&service);
    world_config_default(&net);
    service.api_key = KEY;
    service.processing = "lognormal:8000:0.5";
    service.rpm = fleet->foreign > 0 ? fleet->limit : 0;
    service.seed = net.seed = fleet->seed;
    net.latency_ms = fleet->latency_ms;
    net.jitter_ms = fleet->latency_ms;
    run->fleet = fleet;
    run->figures = figures;
    run->good = true;
    run->rule =
        (struct permit_source_rule){fleet->limit, LIFE_MS, LAG_MS, PERMIT_FLEET_CLIENTS, fleet->charged_when_granted};
    ad_rng_seed(&run->rng, fleet->seed);
    run->svc = svc_new(&service);
    run->world = world_new(run->svc, &net);
    run->begin_ms = now_of(run);
    run->source = permit_source_new(&run->rule, run->begin_ms);
    run->outer = epoll_create1(EPOLL_CLOEXEC);
    run->trouble_ms = run->death_ms = run->outage_ms = run->begin_ms + 20 * SECOND_MS;
    run->foreign_ms = run->begin_ms + PERMIT_FLEET_WARM_MS + fleet->measured_ms / 2;
    course(run);
    judge(run);
    for (int32_t i = 0; i < PERMIT_FLEET_CLIENTS; i++)
        if (run->members[i].host.client != NULL)
            die(run, &run->members[i]);
    good = run->good;
    close(run->outer);
    world_free(run->world);
    svc_free(run->svc);
    permit_source_free(run->source);
    free(run);
    return good;
}
