/* SPDX-License-Identifier: MIT */
/*
 * Batches and the position of a run.
 */
#include "queue_put.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "run.h"
#include "stop.h"

#define BATCH 50
#define BATCHES_LEAST 10 /* fill a queue: a batch waits until all of it fits */
#define BATCH_BYTES 16384
#define DEFAULT_BOUND 100000
#define FULL_MS 1000
#define KEEP_MS 15000 /* a crash of Redis loses the last two seconds; a restart takes its time */
#define SETTLE_MS 3000

/* Entries that are sent together; kept until a crash cannot lose them any more. */
struct batch {
    TAILQ_ENTRY(batch) link;
    char before[POSITION_SIZE];
    char after[POSITION_SIZE];
    int64_t sent_ms; /* 0: not yet */
    int count;
    size_t used;
    struct {
        size_t path;
        size_t path_size;
        size_t name;
        int64_t size;
        int64_t mtime_ns;
    } entries[BATCH];
    char bytes[BATCH_BYTES + PATH_MAX + NAME_MAX + 2];
};

/* ---- where a run stands ---- */

static void position_of(const struct put *put, char out[POSITION_SIZE])
{
    char hex[2 * DIGEST_BYTES + 1];

    (void)snprintf(out, POSITION_SIZE, "%" PRId64 ":%s", put->passed,
                   sodium_bin2hex(hex, sizeof hex, put->digest, sizeof put->digest));
    if (put->passed == 0)
        (void)snprintf(out, POSITION_SIZE, "0");
}

static void pass(struct put *put, const char *path, int64_t size, int64_t mtime_ns)
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, put->digest, sizeof put->digest, sizeof put->digest);
    (void)crypto_generichash_update(&state, (const unsigned char *)path, strlen(path) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)&size, sizeof size);
    (void)crypto_generichash_update(&state, (const unsigned char *)&mtime_ns, sizeof mtime_ns);
    (void)crypto_generichash_final(&state, put->digest, sizeof put->digest);
    put->passed++;
}

static void name_run(struct put *put, const struct options *options, const char *root)
{
    crypto_generichash_state state;
    unsigned char digest[16];

    (void)crypto_generichash_init(&state, NULL, 0, sizeof digest);
    (void)crypto_generichash_update(&state, (const unsigned char *)root, strlen(root) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)put->asked, strlen(put->asked) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)(put->stream == KEY_W0 ? "0" : "1"), 2);
    for (int i = 0; i < options->input_count; i++)
        (void)crypto_generichash_update(&state, (const unsigned char *)options->inputs[i],
                                        strlen(options->inputs[i]) + 1);
    (void)crypto_generichash_final(&state, digest, sizeof digest);
    (void)sodium_bin2hex(put->run, sizeof put->run, digest, sizeof digest);
}

static void on_text(void *context, const redisReply *reply)
{
    char *out = context;

    *out = '\0';
    if (reply->type == REDIS_REPLY_STRING)
        (void)snprintf(out, POSITION_SIZE, "%s", reply->str);
}

/* Reads ("HGET") or removes ("HDEL") the position of this run. */
static bool ask_position(struct put *put, const char *command, char out[POSITION_SIZE])
{
    struct arguments arguments = {0};
    char field[48];

    (void)snprintf(field, sizeof field, "run:%s", put->run);
    arguments_add_text(&arguments, command);
    arguments_add_text(&arguments, link_key(put->link, KEY_ENQ));
    arguments_add_text(&arguments, field);
    return link_ask(put->link, -1, 0, &arguments, on_text, out);
}

/* ---- batches ---- */

struct answer {
    char word[8];
    char at[POSITION_SIZE];
    int64_t length;
};

static void on_enqueued(void *context, const redisReply *reply)
{
    struct answer *answer = context;
    const redisReply *word = reply_at(reply, 0);
    const redisReply *at = reply_at(reply, 1);

    *answer = (struct answer){.length = reply_number(reply_at(reply, 2))};
    if (word != NULL && at != NULL && word->type == REDIS_REPLY_STRING && at->type == REDIS_REPLY_STRING) {
        (void)snprintf(answer->word, sizeof answer->word, "%s", word->str);
        (void)snprintf(answer->at, sizeof answer->at, "%s", at->str);
    }
}

static bool send_batch(struct put *put, const struct batch *batch, struct answer *answer)
{
    struct arguments arguments = {0};

    arguments_add_text(&arguments, put->run);
    arguments_add_text(&arguments, batch->before);
    arguments_add_text(&arguments, batch->after);
    arguments_add_number(&arguments, put->bound);
    arguments_add_text(&arguments, put->asked_name);
    arguments_add_text(&arguments, put->asked);
    for (int i = 0; i < batch->count; i++) {
        arguments_add(&arguments, batch->bytes + batch->entries[i].path, batch->entries[i].path_size);
        arguments_add_text(&arguments, batch->bytes + batch->entries[i].name);
        arguments_add_number(&arguments, batch->entries[i].size);
        arguments_add_number(&arguments, batch->entries[i].mtime_ns);
    }
    return link_ask(put->link, SCRIPT_ENQUEUE, put->stream, &arguments, on_enqueued, answer);
}

/* The batch that begins where the queue stands, or the end of them all; NULL when none does. */
static struct batch *batch_at(struct put *put, const char *at, bool *is_end)
{
    struct batch *batch;

    TAILQ_FOREACH(batch, &put->kept, link)
    {
        *is_end = false;
        if (strcmp(batch->before, at) == 0)
            return batch;
        *is_end = strcmp(batch->after, at) == 0;
    }
    return NULL;
}

static void wait_full(struct put *put, int64_t length)
{
    char shown[64];
    int64_t until = now_ms() + FULL_MS;

    (void)snprintf(shown, sizeof shown, "the queue is full: %" PRId64 " images are waiting", length);
    progress_scan(put->progress, put->passed, shown);
    while (now_ms() < until && stop_wanted() == STOP_NOT)
        (void)link_wait(put->link, -1, until - now_ms());
}

/* Sends from this batch on, wherever the queue stands; false when the run is over. */
static bool send_from(struct put *put, struct batch *batch)
{
    struct answer answer = {0};
    bool is_end = false;

    while (batch != NULL) {
        if (!send_batch(put, batch, &answer))
            return false;
        if (strcmp(answer.word, "ok") == 0) {
            batch->sent_ms = now_ms();
            batch = TAILQ_NEXT(batch, link);
        } else if (strcmp(answer.word, "full") == 0) {
            wait_full(put, answer.length);
            if (stop_wanted() != STOP_NOT)
                return false;
        } else { /* an answer was lost, or the queue its last seconds */
            batch = batch_at(put, answer.at, &is_end);
            put->is_lost = batch == NULL && !is_end;
        }
    }
    return !put->is_lost;
}

static void forget_old(struct put *put)
{
    struct batch *batch;

    while ((batch = TAILQ_FIRST(&put->kept)) != NULL && batch->sent_ms != 0 && now_ms() - batch->sent_ms > KEEP_MS) {
        TAILQ_REMOVE(&put->kept, batch, link);
        free(batch);
    }
}

/* The batch that is being filled, if there is one. */
static struct batch *open_batch(struct put *put)
{
    struct batch *batch = TAILQ_LAST(&put->kept, batches);

    return batch != NULL && batch->sent_ms == 0 ? batch : NULL;
}

/* Many are kept. */
static void shrink(struct put *put, struct batch *batch)
{
    struct batch *small;

    TAILQ_REMOVE(&put->kept, batch, link);
    small = realloc(batch, offsetof(struct batch, bytes) + batch->used);
    TAILQ_INSERT_TAIL(&put->kept, small != NULL ? small : batch, link);
}

static bool flush(struct put *put)
{
    struct batch *batch = open_batch(put);

    if (batch == NULL)
        return true;
    position_of(put, batch->after);
    (void)snprintf(put->tail, sizeof put->tail, "%s", batch->after);
    if (!send_from(put, batch))
        return false;
    put->added += batch->count;
    shrink(put, batch);
    forget_old(put);
    return true;
}

bool put_add(struct put *put, const char *path, const char *name, int64_t size, int64_t mtime_ns)
{
    struct batch *batch = open_batch(put);
    int most = put->bound / BATCHES_LEAST;
    size_t length = strlen(path);
    size_t name_length = strlen(name);

    if (batch == NULL) {
        batch = calloc(1, sizeof *batch);
        if (batch == NULL) {
            complain("out of memory");
            return false;
        }
        (void)snprintf(batch->before, sizeof batch->before, "%s", put->tail);
        TAILQ_INSERT_TAIL(&put->kept, batch, link);
    }
    batch->entries[batch->count].path = batch->used;
    batch->entries[batch->count].path_size = length;
    memcpy(batch->bytes + batch->used, path, length + 1);
    batch->used += length + 1;
    batch->entries[batch->count].name = batch->used;
    memcpy(batch->bytes + batch->used, name, name_length + 1);
    batch->used += name_length + 1;
    batch->entries[batch->count].size = size;
    batch->entries[batch->count++].mtime_ns = mtime_ns;
    return (batch->count < BATCH && batch->count < most && batch->used < BATCH_BYTES) || flush(put);
}

/* ---- a run ---- */

static void drop_batches(struct put *put)
{
    struct batch *batch;

    while ((batch = TAILQ_FIRST(&put->kept)) != NULL) {
        TAILQ_REMOVE(&put->kept, batch, link);
        free(batch);
    }
}

void put_init(struct put *put, struct link *link, const struct options *options, const char *asked, const char *root)
{
    *put = (struct put){
        .link = link,
        .stream = options_has(options, OPT_URGENT) ? KEY_W0 : KEY_W1,
        .bound = (int)options_number(options, OPT_BOUND, DEFAULT_BOUND),
        .asked = asked,
    };
    TAILQ_INIT(&put->kept);
    asked_id(asked, put->asked_name);
    name_run(put, options, root);
}

void put_free(struct put *put)
{
    drop_batches(put);
}

bool put_resume(struct put *put)
{
    if (!ask_position(put, "HGET", put->resume))
        return false;
    put->resume_at = strtoll(put->resume, NULL, 10);
    return true;
}

bool put_forget(struct put *put)
{
    put->resume_at = 0;
    return ask_position(put, "HDEL", put->resume);
}

void put_begin(struct put *put)
{
    drop_batches(put);
    put->passed = put->added = 0;
    put->is_other = false;
    sodium_memzero(put->digest, sizeof put->digest);
    (void)snprintf(put->tail, sizeof put->tail, "%s", put->resume_at > 0 ? put->resume : "0");
}

bool put_pass(struct put *put, const char *path, int64_t size, int64_t mtime_ns)
{
    char now[POSITION_SIZE];
    bool is_known = put->passed < put->resume_at;

    pass(put, path, size, mtime_ns);
    if (is_known && put->passed == put->resume_at) {
        position_of(put, now);
        put->is_other = strcmp(now, put->resume) != 0;
    }
    return !is_known;
}

/* What Redis has by now it does not lose any more, if it writes its file every second. */
static bool settle(struct put *put)
{
    char at[POSITION_SIZE];
    bool is_end = false;
    struct batch *batch;

    do {
        int64_t until = now_ms() + SETTLE_MS;

        while (now_ms() < until && stop_wanted() == STOP_NOT)
            (void)link_wait(put->link, -1, until - now_ms());
        if (stop_wanted() != STOP_NOT || !ask_position(put, "HGET", at))
            return false;
        if (*at == '\0')
            (void)snprintf(at, sizeof at, "0");
        batch = batch_at(put, at, &is_end);
        put->is_lost = batch == NULL && !is_end && !TAILQ_EMPTY(&put->kept);
        if (put->is_lost || !send_from(put, batch))
            return false;
    } while (batch != NULL);
    return ask_position(put, "HDEL", at);
}

bool put_end(struct put *put)
{
    put->is_other = put->is_other || put->passed < put->resume_at; /* there are fewer files than there were */
    return !put->is_other && !put->is_lost && flush(put) && settle(put);
}
