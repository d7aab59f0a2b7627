/* SPDX-License-Identifier: MIT */
/*
 * The calls of a worker to its queue. Every call may be lost, and is repeated as long as its reason exists.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "progress.h"
#include "run.h"
#include "worker.h"

#define DEFAULT_BOUND 10000
#define TAKE_MOST 64
#define TAKE_MS 1000 /* between two questions for entries, when there are none */
#define CLAIM_MOST 20
#define MOST_DELIVERIES 20
#define URGENT_RUN 8       /* every so many times what is not urgent comes first */
#define BEAT_MOST 100      /* ids in one call: no call keeps Redis busy for long */
#define SILENT_MS 86400000 /* a worker without entries that is removed from the groups */

void work_free_parcel(struct worker *worker, struct parcel *parcel)
{
    worker->held--;
    animaldetect_job_free(parcel->job);
    free(parcel->entry);
    free(parcel);
}

/* ---- taking ---- */

static bool is_in_hand(const struct worker *worker, const struct entry *entry)
{
    const struct parcels *const lists[] = {&worker->fresh, &worker->twins, &worker->running, &worker->reports};
    const struct parcel *parcel;

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        TAILQ_FOREACH(parcel, lists[i], link)
        {
            if (parcel->entry->stream == entry->stream && strcmp(parcel->entry->id, entry->id) == 0)
                return true;
        }
    }
    return false;
}

/* `are_claimed`: they may be this worker's own, after a silence that was too long. */
static size_t keep_entries(struct worker *worker, const redisReply *entries, int stream, bool are_claimed)
{
    const redisReply *reply;
    size_t count = 0;

    for (; (reply = reply_at(entries, count)) != NULL; count++) {
        struct entry *entry = entry_read(reply, stream);
        struct parcel *parcel = entry == NULL ? NULL : calloc(1, sizeof *parcel);

        if (parcel == NULL || (are_claimed && is_in_hand(worker, entry))) {
            free(parcel);
            free(entry); /* stays pending: it is claimed later, or is claimed already */
            continue;
        }
        parcel->entry = entry;
        parcel->worker = worker;
        TAILQ_INSERT_TAIL(&worker->fresh, parcel, link);
        worker->fresh_count++;
        worker->held++;
    }
    return count;
}

static void on_taken(void *context, const redisReply *reply)
{
    struct worker *worker = context;
    int64_t waiting = reply_number(reply_at(reply, 0));
    bool is_stuffed = waiting >= (int64_t)options_number(worker->options, OPT_BOUND, DEFAULT_BOUND);
    size_t count;

    worker->is_taking = false;
    worker->next_take_ms = now_ms() + TAKE_MS;
    if (reply == NULL)
        return;
    asked_learn(&worker->asked, reply_at(reply, 3));
    count = keep_entries(worker, reply_at(reply, 1), KEY_W0, false);
    count += keep_entries(worker, reply_at(reply, 2), KEY_W1, false);
    worker->left = reply_number(reply_at(reply, 4));
    if (count > 0)
        worker->next_take_ms = 0;
    if (is_stuffed && !worker->is_stuffed) {
        progress_clear(worker->progress);
        complain("%lld results are not collected: taking no new images until a collector runs", (long long)waiting);
    }
    worker->is_stuffed = is_stuffed;
}

static void take(struct worker *worker, size_t room)
{
    struct arguments arguments = {0};

    arguments_add_text(&arguments, worker->name);
    arguments_add_number(&arguments, room < TAKE_MOST ? (int64_t)room : TAKE_MOST);
    arguments_add_number(&arguments, (int64_t)options_number(worker->options, OPT_BOUND, DEFAULT_BOUND));
    arguments_add_text(&arguments, worker->takes++ % URGENT_RUN == URGENT_RUN - 1 ? "1" : "0");
    worker->is_taking = link_script(worker->link, SCRIPT_TAKE, 0, &arguments, on_taken, worker);
}

/* ---- claiming ---- */

static void on_claimed(void *context, const redisReply *reply)
{
    struct worker *worker = context;
    bool goes_on = reply_number(reply_at(reply, 0)) == 1;

    worker->is_claiming = false;
    asked_learn(&worker->asked, reply_at(reply, 2));
    (void)keep_entries(worker, reply_at(reply, 1), worker->claim_stream, true);
    worker->failed += reply_number(reply_at(reply, 3));
    if (goes_on)
        return; /* the pass is taken up again at once */
    worker->claim_stream = worker->claim_stream == KEY_W0 ? KEY_W1 : KEY_W0;
    worker->next_claim_ms = now_ms() + worker->idle_ms / 12 + randombytes_uniform((uint32_t)(worker->idle_ms / 6));
}

static void claim(struct worker *worker)
{
    struct arguments arguments = {0};

    arguments_add_text(&arguments, worker->name);
    arguments_add_number(&arguments, worker->idle_ms);
    arguments_add_number(&arguments, CLAIM_MOST);
    arguments_add_number(&arguments, MOST_DELIVERIES);
    arguments_add_number(&arguments, worker->idle_ms / 6);
    arguments_add_text(&arguments, worker->claim_stream == KEY_W0 ? "0" : "1");
    arguments_add_number(&arguments, REASON_KILLS);
    worker->is_claiming = link_script(worker->link, SCRIPT_CLAIM, worker->claim_stream, &arguments, on_claimed, worker);
}

/* ---- signs of life ---- */

/* What came of a beat does not matter: an entry that another worker has now is finished by whoever is first. */
static void on_beat(void *context, const redisReply *reply)
{
    (void)context;
    (void)reply;
}

static void beat_for(struct worker *worker, int stream)
{
    const struct parcels *const lists[] = {&worker->fresh, &worker->twins, &worker->running, &worker->reports};
    struct arguments arguments = {0};
    const struct parcel *parcel;

    arguments_add_text(&arguments, worker->name);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        TAILQ_FOREACH(parcel, lists[i], link)
        {
            if (parcel->entry->stream != stream)
                continue;
            arguments_add_text(&arguments, parcel->entry->id);
            if (arguments.count <= BEAT_MOST)
                continue;
            (void)link_script(worker->link, SCRIPT_BEAT, stream, &arguments, on_beat, NULL);
            arguments.count = 1;
        }
    }
    if (arguments.count > 1)
        (void)link_script(worker->link, SCRIPT_BEAT, stream, &arguments, on_beat, NULL);
}

/* ---- reporting ---- */

static void on_reported(void *context, const redisReply *reply)
{
    struct parcel *parcel = context;
    struct worker *worker = parcel->worker;

    parcel->is_sent = false;
    if (reply == NULL)
        return; /* once more, when Redis is back: the script acts once */
    if (parcel->report == REPORT_BACK)
        worker->given_back++;
    TAILQ_REMOVE(&worker->reports, parcel, link);
    work_free_parcel(worker, parcel);
}

static void report(struct worker *worker, struct parcel *parcel)
{
    struct arguments arguments = {0};

    arguments_add_text(&arguments, parcel->entry->id);
    if (parcel->report != REPORT_FINISH) {
        arguments_add_text(&arguments, parcel->report == REPORT_BACK ? "0" : "1");
        arguments_add_text(&arguments, parcel->status != NULL ? parcel->status : "");
        arguments_add_text(&arguments, parcel->message);
    }
    if (parcel->report == REPORT_FINISH || parcel->report == REPORT_BURY)
        record_arguments(&parcel->record, &arguments);
    parcel->is_sent = link_script(worker->link, parcel->report == REPORT_FINISH ? SCRIPT_FINISH : SCRIPT_FAIL,
                                  parcel->entry->stream, &arguments, on_reported, parcel);
}

/* ---- what is due ---- */

void work_exchange(struct worker *worker, size_t room)
{
    struct parcel *parcel;
    int64_t now = now_ms();

    if (!link_is_up(worker->link))
        return;
    TAILQ_FOREACH(parcel, &worker->reports, link)
    {
        if (!parcel->is_sent)
            report(worker, parcel);
    }
    if (now >= worker->next_beat_ms) {
        worker->next_beat_ms = now + worker->idle_ms / 4;
        beat_for(worker, KEY_W0);
        beat_for(worker, KEY_W1);
    }
    if (room == 0)
        return;
    if (!worker->is_taking && now >= worker->next_take_ms)
        take(worker, room);
    if (!worker->is_claiming && now >= worker->next_claim_ms)
        claim(worker);
}

static void on_left(void *context, const redisReply *reply)
{
    (void)reply;
    *(bool *)context = true;
}

void work_leave(struct worker *worker)
{
    struct arguments arguments = {0};
    bool is_answered = false;

    arguments_add_text(&arguments, worker->name);
    arguments_add_number(&arguments, SILENT_MS);
    if (!link_script(worker->link, SCRIPT_LEAVE, 0, &arguments, on_left, &is_answered))
        return;
    while (!is_answered)
        (void)link_wait(worker->link, -1, TAKE_MS);
}
