/* SPDX-License-Identifier: MIT */
/*
 * The collector.
 */
#include "collect.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "collect_record.h"
#include "connect.h"
#include "place.h"
#include "progress.h"
#include "queue_keys.h"
#include "run.h"
#include "stop.h"

#define BATCH 100
#define LOCK_MS 30000
#define WAIT_MS 500
#define SHOW_SECONDS 30

enum { ID_SIZE = 33, TOKEN_SIZE = 17 };

struct collect {
    const struct options *options;
    struct ledger *ledger;
    struct link *link;
    struct asked_list asked;
    struct place place;
    char id[ID_SIZE];                  /* of the ledger */
    char holder[ID_SIZE + TOKEN_SIZE]; /* of the lock: the ledger's id and a token of this process */
    char word[8];                      /* what the last question was answered with */
    struct arguments ids;              /* of a batch, to be removed */
    char id_texts[BATCH][48];
    bool is_broken; /* the ledger cannot be written */
    bool is_lost;   /* the lock is another's */
    int64_t left;   /* with the workers, or waiting for them */
    int64_t collected;
    int64_t failed;
};

/* ---- the lock ---- */

static void on_locked(void *context, const redisReply *reply)
{
    struct collect *collect = context;
    const redisReply *word = reply_at(reply, 0);

    (void)snprintf(collect->word, sizeof collect->word, "%s",
                   word != NULL && word->type == REDIS_REPLY_STRING ? word->str : "");
}

static bool ask_lock(struct collect *collect, bool is_start)
{
    struct arguments arguments = {0};

    arguments_add_text(&arguments, collect->id);
    arguments_add_text(&arguments, collect->holder + strlen(collect->id) + 1);
    arguments_add_number(&arguments, LOCK_MS);
    arguments_add_text(&arguments, options_has(collect->options, OPT_TAKE_OVER) ? "1" : "0");
    arguments_add_text(&arguments, is_start ? "1" : "0");
    return link_ask(collect->link, SCRIPT_LOCK, 0, &arguments, on_locked, collect);
}

static int take_lock(struct collect *collect, bool is_start)
{
    if (!ask_lock(collect, is_start))
        return EXIT_GO_ON;
    if (strcmp(collect->word, "ok") == 0)
        return EXIT_DONE;
    if (strcmp(collect->word, "held") == 0) {
        complain("another collector is running on this queue");
        return EXIT_GO_ON;
    }
    complain("the queue is not empty and belongs to another ledger: collect into that ledger, or take the queue "
             "over with --take-over");
    return EXIT_USAGE;
}

static void wait_a_moment(struct collect *collect)
{
    int64_t until = now_ms() + WAIT_MS;

    while (now_ms() < until && stop_wanted() == STOP_NOT)
        (void)link_wait(collect->link, -1, until - now_ms());
}

/* ---- batches ---- */

static bool keep_record(struct collect *collect, const redisReply *entry, int number)
{
    const redisReply *id = reply_at(entry, 0);
    struct record record;

    if (id == NULL || id->type != REDIS_REPLY_STRING)
        return true;
    (void)snprintf(collect->id_texts[number], sizeof collect->id_texts[number], "%s", id->str);
    arguments_add_text(&collect->ids, collect->id_texts[number]);
    if (!record_read(reply_at(entry, 1), &record))
        return true; /* nothing that this version knows: it goes */
    collect->collected++;
    collect->failed += *record.texts[RECORD_KIND] == *RECORD_FAILURE ||
                       (*record.texts[RECORD_KIND] == *RECORD_REFUSED && record.sizes[RECORD_STATUS] == 0);
    return collect_record(collect->ledger, &collect->asked, &record);
}

static void on_gathered(void *context, const redisReply *reply)
{
    struct collect *collect = context;
    const redisReply *records = reply_at(reply, 1);
    const redisReply *entry;

    collect->is_lost = reply_number(reply_at(reply, 0)) != 1;
    asked_learn(&collect->asked, reply_at(reply, 2));
    collect->left = reply_number(reply_at(reply, 3));
    for (int i = 0; i < BATCH && (entry = reply_at(records, (size_t)i)) != NULL && !collect->is_broken; i++)
        collect->is_broken = !keep_record(collect, entry, i);
}

static void on_removed(void *context, const redisReply *reply)
{
    struct collect *collect = context;

    collect->is_lost = reply_number(reply) != 1;
}

/* The ids of the batch stand behind what the script takes first. */
static void begin_batch(struct collect *collect)
{
    collect->ids.count = collect->ids.numbers = 0;
    arguments_add_text(&collect->ids, collect->holder);
    arguments_add_number(&collect->ids, LOCK_MS);
}

/* How many came; -1 when it cannot go on. Committed here, then removed there. */
static int collect_batch(struct collect *collect)
{
    struct arguments arguments = {0};
    int count;

    arguments_add_text(&arguments, collect->holder);
    arguments_add_text(&arguments, collect->id);
    arguments_add_number(&arguments, BATCH);
    arguments_add_number(&arguments, LOCK_MS);
    begin_batch(collect);
    if (!link_ask(collect->link, SCRIPT_GATHER, 0, &arguments, on_gathered, collect) || collect->is_lost)
        return -1;
    count = collect->ids.count - 2;
    if (count > 0 && (collect->is_broken || !ledger_commit(collect->ledger))) {
        collect->is_broken = true;
        return -1;
    }
    if (count > 0 &&
        (!link_ask(collect->link, SCRIPT_COLLECTED, 0, &collect->ids, on_removed, collect) || collect->is_lost))
        return -1;
    return count;
}

/* ---- the loop ---- */

static void show(struct collect *collect, int64_t *next_ms)
{
    if (options_has(collect->options, OPT_QUIET) || now_ms() < *next_ms)
        return;
    *next_ms = now_ms() + SHOW_SECONDS * INT64_C(1000);
    fprintf(stderr, "%" PRId64 " collected, %" PRId64 " remaining\n", collect->collected, collect->left);
}

/* The lock ran out while this process or Redis was stopped: it is taken again, unless another has it. */
static int renew(struct collect *collect)
{
    if (!collect->is_lost)
        return EXIT_GO_ON;
    collect->is_lost = false;
    return take_lock(collect, false);
}

static int process(struct collect *collect)
{
    int64_t next_ms = now_ms() + SHOW_SECONDS * INT64_C(1000);
    int code = EXIT_DONE;

    while (stop_wanted() == STOP_NOT && code == EXIT_DONE) {
        int count = collect_batch(collect);

        if (count < 0)
            code = renew(collect);
        else if (count == 0 && collect->left == 0 && options_has(collect->options, OPT_DRAIN))
            return EXIT_DONE;
        else if (count == 0)
            wait_a_moment(collect);
        show(collect, &next_ms);
    }
    return code == EXIT_DONE ? EXIT_GO_ON : code;
}

/* ---- from the options to the exit code ---- */

static bool name_ledger(struct collect *collect)
{
    unsigned char noise[16];
    char *id = ledger_get(collect->ledger, "id");
    size_t length;

    randombytes_buf(noise, sizeof noise);
    if (id != NULL && strlen(id) == ID_SIZE - 1)
        (void)snprintf(collect->id, sizeof collect->id, "%s", id);
    else
        (void)sodium_bin2hex(collect->id, sizeof collect->id, noise, sizeof noise);
    length = strlen(collect->id);
    (void)snprintf(collect->holder, sizeof collect->holder, "%s ", collect->id);
    randombytes_buf(noise, sizeof noise);
    (void)sodium_bin2hex(collect->holder + length + 1, sizeof collect->holder - length - 1, noise,
                         (TOKEN_SIZE - 1) / 2);
    free(id);
    return ledger_set(collect->ledger, "id", collect->id, length);
}

static int open_ledger(struct collect *collect)
{
    const char *root = collect->options->values[OPT_ROOT];
    char real[PATH_MAX];
    char message[512];
    bool is_locked;

    if (root != NULL && realpath(root, real) == NULL) {
        complain("--root %s: %s", root, strerror(errno));
        return EXIT_USAGE;
    }
    (void)snprintf(collect->place.ledger, sizeof collect->place.ledger, "%s", collect->options->values[OPT_LEDGER]);
    if (!place_make(&collect->place)) {
        complain("%s", collect->place.message);
        return EXIT_USAGE;
    }
    collect->ledger = ledger_open(collect->place.ledger, LEDGER_WRITE, message, sizeof message, &is_locked);
    if (collect->ledger == NULL) {
        complain("%s: %s", collect->place.ledger, message);
        return EXIT_GO_ON;
    }
    collect->is_broken = !name_ledger(collect) ||
                         (root != NULL && !ledger_set(collect->ledger, "root", real, strlen(real))) ||
                         !ledger_commit(collect->ledger);
    return collect->is_broken ? EXIT_GO_ON : EXIT_DONE;
}

static void on_nothing(void *context, const redisReply *reply)
{
    (void)reply;
    *(bool *)context = true;
}

static void give_lock_back(struct collect *collect)
{
    struct arguments arguments = {0};
    bool is_answered = false;

    arguments_add_text(&arguments, collect->holder);
    if (!link_script(collect->link, SCRIPT_RELEASE, 0, &arguments, on_nothing, &is_answered))
        return;
    while (!is_answered)
        (void)link_wait(collect->link, -1, WAIT_MS);
}

static int conclude(struct collect *collect, int code)
{
    if (collect->is_broken)
        complain("%s", ledger_message(collect->ledger));
    fprintf(stderr, "%" PRId64 " collected, %" PRId64 " of them failed\n", collect->collected, collect->failed);
    if (code == EXIT_DONE && collect->failed > 0)
        return EXIT_SOME_FAILED;
    return code;
}

int command_collect(const struct options *options)
{
    struct collect collect = {.options = options};
    int code;

    if (options->values[OPT_QUEUE] == NULL || options->values[OPT_LEDGER] == NULL || options->input_count > 0) {
        complain("%s; try animaldetect collect --help",
                 options->input_count > 0 ? "collect takes no PATH" : "--queue and --ledger are required");
        return EXIT_USAGE;
    }
    stop_listen();
    SLIST_INIT(&collect.asked);
    code = open_ledger(&collect);
    if (code == EXIT_DONE) {
        collect.link = link_new(options->values[OPT_QUEUE], &queue_plan);
        code = collect.link == NULL ? EXIT_USAGE : link_open(collect.link);
    }
    if (code == EXIT_DONE)
        code = take_lock(&collect, true);
    if (code == EXIT_DONE) {
        code = conclude(&collect, process(&collect));
        give_lock_back(&collect);
    }
    link_free(collect.link);
    ledger_close(collect.ledger);
    asked_free(&collect.asked);
    return code;
}
