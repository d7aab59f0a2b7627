/* SPDX-License-Identifier: MIT */
/*
 * From the files to batches, and from batches to the queue.
 */
#include "enqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "connect.h"
#include "look.h"
#include "place.h"
#include "progress.h"
#include "queue_entry.h"
#include "queue_link.h"
#include "run.h"
#include "stop.h"
#include "text.h"
#include "walk.h"

#define BATCH 50
#define BATCHES_LEAST 10 /* fill a queue: a batch waits until all of it fits */
#define BATCH_BYTES 16384
#define DEFAULT_BOUND 100000
#define FULL_MS 1000
#define KEEP_MS 15000 /* a crash of Redis loses the last two seconds; a restart takes its time */
#define SETTLE_MS 3000

enum { POSITION_SIZE = 56, DIGEST_BYTES = 16 };

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

TAILQ_HEAD(batches, batch);

struct enqueue {
    const struct options *options;
    struct link *link;
    struct ledger *ledger; /* what is done there is left out; NULL for none */
    struct progress *progress;
    struct place place;
    struct walk *walk;
    char *asked;
    char asked_name[ASKED_ID_SIZE];
    char run[33];
    int64_t settings;      /* of the ledger: the row of these options; 0 when it has none */
    char folder[PATH_MAX]; /* the last one, and whether it is below the root */
    bool is_folder_inside;

    struct batches kept;                /* the last one is being filled */
    char tail[POSITION_SIZE];           /* where the batches end so far */
    int64_t passed;                     /* candidates so far */
    unsigned char digest[DIGEST_BYTES]; /* of all of them */
    char resume[POSITION_SIZE];         /* of a run that was interrupted; "" for none */
    int64_t resume_at;
    bool begins_again; /* the files are not those of the run that was interrupted */
    bool is_lost;      /* the queue lost more than is kept */
    bool is_usage;     /* there is no --root */

    int64_t enqueued;
    int64_t done_before;
    int64_t skipped;
    int64_t problems;
};

/* ---- where a run stands ---- */

static void position_of(const struct enqueue *enqueue, char out[POSITION_SIZE])
{
    char hex[2 * DIGEST_BYTES + 1];

    (void)snprintf(out, POSITION_SIZE, "%" PRId64 ":%s", enqueue->passed,
                   sodium_bin2hex(hex, sizeof hex, enqueue->digest, sizeof enqueue->digest));
    if (enqueue->passed == 0)
        (void)snprintf(out, POSITION_SIZE, "0");
}

static void pass(struct enqueue *enqueue, const char *path, int64_t size, int64_t mtime_ns)
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, enqueue->digest, sizeof enqueue->digest, sizeof enqueue->digest);
    (void)crypto_generichash_update(&state, (const unsigned char *)path, strlen(path) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)&size, sizeof size);
    (void)crypto_generichash_update(&state, (const unsigned char *)&mtime_ns, sizeof mtime_ns);
    (void)crypto_generichash_final(&state, enqueue->digest, sizeof enqueue->digest);
    enqueue->passed++;
}

/* The same files below the same root, asked the same: the same run. */
static void name_run(struct enqueue *enqueue)
{
    const struct options *options = enqueue->options;
    crypto_generichash_state state;
    unsigned char digest[16];

    (void)crypto_generichash_init(&state, NULL, 0, sizeof digest);
    (void)crypto_generichash_update(&state, (const unsigned char *)enqueue->place.root,
                                    strlen(enqueue->place.root) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)enqueue->asked, strlen(enqueue->asked) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)(options_has(options, OPT_URGENT) ? "0" : "1"), 2);
    for (int i = 0; i < options->input_count; i++)
        (void)crypto_generichash_update(&state, (const unsigned char *)options->inputs[i],
                                        strlen(options->inputs[i]) + 1);
    (void)crypto_generichash_final(&state, digest, sizeof digest);
    (void)sodium_bin2hex(enqueue->run, sizeof enqueue->run, digest, sizeof digest);
}

static void on_text(void *context, const redisReply *reply)
{
    char *out = context;

    *out = '\0';
    if (reply->type == REDIS_REPLY_STRING)
        (void)snprintf(out, POSITION_SIZE, "%s", reply->str);
}

/* Reads ("HGET") or removes ("HDEL") the position of this run. */
static bool ask_position(struct enqueue *enqueue, const char *command, char out[POSITION_SIZE])
{
    struct arguments arguments = {0};
    char field[48];

    (void)snprintf(field, sizeof field, "run:%s", enqueue->run);
    arguments_add_text(&arguments, command);
    arguments_add_text(&arguments, link_key(enqueue->link, KEY_ENQ));
    arguments_add_text(&arguments, field);
    return link_ask(enqueue->link, -1, 0, &arguments, on_text, out);
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

static bool send_batch(struct enqueue *enqueue, const struct batch *batch, struct answer *answer)
{
    struct arguments arguments = {0};

    arguments_add_text(&arguments, enqueue->run);
    arguments_add_text(&arguments, batch->before);
    arguments_add_text(&arguments, batch->after);
    arguments_add_number(&arguments, (int64_t)options_number(enqueue->options, OPT_BOUND, DEFAULT_BOUND));
    arguments_add_text(&arguments, enqueue->asked_name);
    arguments_add_text(&arguments, enqueue->asked);
    for (int i = 0; i < batch->count; i++) {
        arguments_add(&arguments, batch->bytes + batch->entries[i].path, batch->entries[i].path_size);
        arguments_add_text(&arguments, batch->bytes + batch->entries[i].name);
        arguments_add_number(&arguments, batch->entries[i].size);
        arguments_add_number(&arguments, batch->entries[i].mtime_ns);
    }
    return link_ask(enqueue->link, SCRIPT_ENQUEUE, options_has(enqueue->options, OPT_URGENT) ? KEY_W0 : KEY_W1,
                    &arguments, on_enqueued, answer);
}

/* The batch that begins where the queue stands, or the end of them all; NULL when none does. */
static struct batch *batch_at(struct enqueue *enqueue, const char *at, bool *is_end)
{
    struct batch *batch;

    TAILQ_FOREACH(batch, &enqueue->kept, link)
    {
        *is_end = false;
        if (strcmp(batch->before, at) == 0)
            return batch;
        *is_end = strcmp(batch->after, at) == 0;
    }
    return NULL;
}

static void wait_full(struct enqueue *enqueue, int64_t length)
{
    char shown[64];
    int64_t until = now_ms() + FULL_MS;

    (void)snprintf(shown, sizeof shown, "the queue is full: %" PRId64 " images wait", length);
    progress_scan(enqueue->progress, enqueue->passed, shown);
    while (now_ms() < until && stop_wanted() == STOP_NOT)
        (void)link_wait(enqueue->link, -1, until - now_ms());
}

/* Sends from this batch on, wherever the queue stands; false when the run is over. */
static bool send_from(struct enqueue *enqueue, struct batch *batch)
{
    struct answer answer = {0};
    bool is_end = false;

    while (batch != NULL) {
        if (!send_batch(enqueue, batch, &answer))
            return false;
        if (strcmp(answer.word, "ok") == 0) {
            batch->sent_ms = now_ms();
            batch = TAILQ_NEXT(batch, link);
        } else if (strcmp(answer.word, "full") == 0) {
            wait_full(enqueue, answer.length);
            if (stop_wanted() != STOP_NOT)
                return false;
        } else { /* an answer was lost, or the queue its last seconds */
            batch = batch_at(enqueue, answer.at, &is_end);
            enqueue->is_lost = batch == NULL && !is_end;
        }
    }
    return !enqueue->is_lost;
}

static void forget_old(struct enqueue *enqueue)
{
    struct batch *batch;

    while ((batch = TAILQ_FIRST(&enqueue->kept)) != NULL && batch->sent_ms != 0 &&
           now_ms() - batch->sent_ms > KEEP_MS) {
        TAILQ_REMOVE(&enqueue->kept, batch, link);
        free(batch);
    }
}

/* The batch that is being filled, if there is one. */
static struct batch *open_batch(struct enqueue *enqueue)
{
    struct batch *batch = TAILQ_LAST(&enqueue->kept, batches);

    return batch != NULL && batch->sent_ms == 0 ? batch : NULL;
}

/* Many are kept. */
static void shrink(struct enqueue *enqueue, struct batch *batch)
{
    struct batch *small;

    TAILQ_REMOVE(&enqueue->kept, batch, link);
    small = realloc(batch, offsetof(struct batch, bytes) + batch->used);
    TAILQ_INSERT_TAIL(&enqueue->kept, small != NULL ? small : batch, link);
}

static bool flush(struct enqueue *enqueue)
{
    struct batch *batch = open_batch(enqueue);

    if (batch == NULL)
        return true;
    position_of(enqueue, batch->after);
    (void)snprintf(enqueue->tail, sizeof enqueue->tail, "%s", batch->after);
    if (!send_from(enqueue, batch))
        return false;
    enqueue->enqueued += batch->count;
    shrink(enqueue, batch);
    forget_old(enqueue);
    return true;
}

static bool add(struct enqueue *enqueue, const char *path, const char *name, int64_t size, int64_t mtime_ns)
{
    struct batch *batch = open_batch(enqueue);
    int most = (int)options_number(enqueue->options, OPT_BOUND, DEFAULT_BOUND) / BATCHES_LEAST;
    size_t length = strlen(path);
    size_t name_length = strlen(name);

    if (batch == NULL) {
        batch = calloc(1, sizeof *batch);
        if (batch == NULL) {
            complain("out of memory");
            return false;
        }
        (void)snprintf(batch->before, sizeof batch->before, "%s", enqueue->tail);
        TAILQ_INSERT_TAIL(&enqueue->kept, batch, link);
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
    return (batch->count < BATCH && batch->count < most && batch->used < BATCH_BYTES) || flush(enqueue);
}

/* ---- candidates ---- */

static bool is_done_before(struct enqueue *enqueue, const char *path, int64_t size, int64_t mtime_ns)
{
    struct image image;
    struct work work;

    return enqueue->ledger != NULL && enqueue->settings != 0 &&
           ledger_find_image(enqueue->ledger, path, strlen(path), &image) && image.id != 0 && image.size == size &&
           image.mtime_ns == mtime_ns && image.work != 0 && ledger_get_work(enqueue->ledger, image.work, &work) &&
           work.settings == enqueue->settings && (work.state == STATE_DONE || work.state == STATE_EMPTY);
}

/* One file or URL: passed, and put in the batch unless it was before, or is done. */
static bool candidate(struct enqueue *enqueue, const char *path, const char *name, int64_t size, int64_t mtime_ns)
{
    char now[POSITION_SIZE];
    bool is_known = enqueue->passed < enqueue->resume_at;

    pass(enqueue, path, size, mtime_ns);
    if (is_known) {
        position_of(enqueue, now);
        enqueue->begins_again = enqueue->passed == enqueue->resume_at && strcmp(now, enqueue->resume) != 0;
        return !enqueue->begins_again;
    }
    if (is_done_before(enqueue, path, size, mtime_ns)) {
        enqueue->done_before++;
        return true; /* the batch's end moves past it */
    }
    return add(enqueue, path, name, size, mtime_ns);
}

static bool is_url(const char *text)
{
    return strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0;
}

/* The last part of its path, which the service gets as the file's name. */
static bool add_url(struct enqueue *enqueue, const char *url)
{
    size_t end = strcspn(url, "?#");
    const char *host = strstr(url, "//") + 2;
    const char *slash = memrchr(host, '/', end - (size_t)(host - url));
    char name[NAME_MAX + 1] = "";

    if (slash != NULL)
        (void)snprintf(name, sizeof name, "%.*s", (int)(url + end - slash - 1), slash + 1);
    return candidate(enqueue, url, name, ENTRY_IS_URL, 0);
}

static void say_problem(void *context, const char *path, int error, bool folder)
{
    struct enqueue *enqueue = context;
    char shown[512];

    if (is_url(path))
        return; /* of a list; taken by each_url */
    enqueue->problems++;
    progress_clear(enqueue->progress);
    complain("cannot read %s%s: %s", folder ? "the folder " : "",
             *path == '\0' ? "." : text_shown(path, 200, shown, sizeof shown),
             error == EXDEV ? "not below the root" : strerror(error));
}

/* Workers refuse what a link leads to outside of the root. Folders are looked at once. */
static bool is_inside(struct enqueue *enqueue, const struct found *found)
{
    char whole[2 * PATH_MAX];
    char real[PATH_MAX];
    size_t folder = (size_t)(found->name - found->path);
    struct stat facts;

    if (strncmp(enqueue->folder, found->path, folder) != 0 || enqueue->folder[folder] != '\0' ||
        (folder == 0 && !enqueue->is_folder_inside)) {
        (void)snprintf(enqueue->folder, sizeof enqueue->folder, "%.*s", (int)folder, found->path);
        (void)snprintf(whole, sizeof whole, "%s/%s", enqueue->place.root, enqueue->folder);
        enqueue->is_folder_inside = realpath(whole, real) != NULL && place_is_below(real, enqueue->place.root);
    }
    if (!enqueue->is_folder_inside)
        return false;
    if (fstatat(walk_root(enqueue->walk), found->path, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(facts.st_mode))
        return true;
    (void)snprintf(whole, sizeof whole, "%s/%s", enqueue->place.root, found->path);
    return realpath(whole, real) != NULL && place_is_below(real, enqueue->place.root);
}

static bool take_file(void *context, const struct found *found)
{
    struct enqueue *enqueue = context;

    if (enqueue->passed % 64 == 0)
        progress_scan(enqueue->progress, enqueue->passed, found->path);
    if (stop_wanted() != STOP_NOT)
        return false;
    if (run_reason_by_name(found) != REASON_NONE) {
        enqueue->skipped++;
        return true;
    }
    if (!is_inside(enqueue, found)) {
        say_problem(enqueue, found->path, EXDEV, false);
        return true;
    }
    return candidate(enqueue, found->path, "", found->facts->st_size, look_mtime_ns(found->facts));
}

static bool take_input(void *context, const char *path)
{
    struct enqueue *enqueue = context;

    if (!options_has(enqueue->options, OPT_ROOT)) {
        enqueue->is_usage = true;
        complain("name the folder that the workers share with --root");
        return false;
    }
    return walk_path(enqueue->walk, path);
}

/* place_each calls it for names that are no files: URLs are among these. */
static void take_problem(void *context, const char *path, int error, bool folder)
{
    struct enqueue *enqueue = context;

    if (!is_url(path))
        say_problem(context, path, error, folder);
    else if (!enqueue->begins_again && !enqueue->is_lost && stop_wanted() == STOP_NOT)
        (void)add_url(enqueue, path);
}

/* ---- a run ---- */

static void empty(struct enqueue *enqueue)
{
    struct batch *batch;

    while ((batch = TAILQ_FIRST(&enqueue->kept)) != NULL) {
        TAILQ_REMOVE(&enqueue->kept, batch, link);
        free(batch);
    }
}

/* Every file once; true at the end. */
static bool pass_all(struct enqueue *enqueue)
{
    const struct walk_events events = {take_file, NULL, say_problem, enqueue};
    bool is_done;

    empty(enqueue);
    enqueue->passed = enqueue->enqueued = enqueue->done_before = enqueue->skipped = enqueue->problems = 0;
    sodium_memzero(enqueue->digest, sizeof enqueue->digest);
    enqueue->folder[0] = '/'; /* no folder of the walk begins so */
    enqueue->begins_again = false;
    (void)snprintf(enqueue->tail, sizeof enqueue->tail, "%s", enqueue->resume_at > 0 ? enqueue->resume : "0");
    walk_free(enqueue->walk);
    enqueue->walk = walk_new(enqueue->place.root, &events);
    if (enqueue->walk == NULL) {
        complain("cannot read %s: %s", enqueue->place.root, strerror(errno));
        return false;
    }
    is_done = place_each(&enqueue->place, enqueue->options->inputs, enqueue->options->input_count, take_input,
                         take_problem, enqueue);
    if (is_done && enqueue->passed < enqueue->resume_at)
        enqueue->begins_again = true; /* there are less files than there were */
    return is_done && !enqueue->begins_again && !enqueue->is_lost && flush(enqueue);
}

/* What Redis has by now it does not lose any more, if it writes its file every second. */
static bool settle(struct enqueue *enqueue)
{
    char at[POSITION_SIZE];
    bool is_end = false;
    struct batch *batch;

    do {
        int64_t until = now_ms() + SETTLE_MS;

        while (now_ms() < until && stop_wanted() == STOP_NOT)
            (void)link_wait(enqueue->link, -1, until - now_ms());
        if (stop_wanted() != STOP_NOT || !ask_position(enqueue, "HGET", at))
            return false;
        if (*at == '\0')
            (void)snprintf(at, sizeof at, "0");
        batch = batch_at(enqueue, at, &is_end);
        enqueue->is_lost = batch == NULL && !is_end && !TAILQ_EMPTY(&enqueue->kept);
        if (enqueue->is_lost || !send_from(enqueue, batch))
            return false;
    } while (batch != NULL);
    return ask_position(enqueue, "HDEL", at);
}

static bool pass_run(struct enqueue *enqueue)
{
    if (!ask_position(enqueue, "HGET", enqueue->resume))
        return false;
    enqueue->resume_at = strtoll(enqueue->resume, NULL, 10);
    if (pass_all(enqueue))
        return settle(enqueue);
    if (!enqueue->begins_again)
        return false;
    progress_clear(enqueue->progress);
    complain("these are other files than those of the run that was interrupted: it begins again");
    enqueue->resume_at = 0;
    return ask_position(enqueue, "HDEL", enqueue->resume) && pass_all(enqueue) && settle(enqueue);
}

/* ---- from the options to the exit code ---- */

static int open_ledger(struct enqueue *enqueue)
{
    const char *file = enqueue->options->values[OPT_LEDGER];
    char message[512];
    bool is_locked;

    if (file == NULL || access(file, F_OK) != 0)
        return EXIT_DONE; /* nothing is done yet */
    enqueue->ledger = ledger_open(file, LEDGER_READ, message, sizeof message, &is_locked);
    if (enqueue->ledger == NULL) {
        complain("%s: %s", file, message);
        return EXIT_USAGE;
    }
    return ledger_find_settings(enqueue->ledger, enqueue->asked, &enqueue->settings) ? EXIT_DONE : EXIT_GO_ON;
}

static int open_enqueue(struct enqueue *enqueue)
{
    const struct options *options = enqueue->options;
    const char *root = options->values[OPT_ROOT];
    char real[PATH_MAX] = "/";
    int code;

    if (root != NULL && realpath(root, real) == NULL) {
        complain("--root %s: %s", root, strerror(errno));
        return EXIT_USAGE;
    }
    place_set_root(&enqueue->place, real);
    enqueue->progress = progress_new(options_has(options, OPT_QUIET));
    enqueue->asked = options_asked(options);
    if (enqueue->progress == NULL || enqueue->asked == NULL)
        return EXIT_GO_ON;
    asked_id(enqueue->asked, enqueue->asked_name);
    name_run(enqueue);
    code = open_ledger(enqueue);
    if (code != EXIT_DONE)
        return code;
    enqueue->link = link_new(options->values[OPT_QUEUE]);
    return enqueue->link == NULL ? EXIT_USAGE : link_open(enqueue->link);
}

static int conclude(struct enqueue *enqueue, bool is_done)
{
    progress_clear(enqueue->progress);
    if (enqueue->is_usage)
        return EXIT_USAGE;
    if (enqueue->is_lost)
        complain("the queue has lost what was put on it");
    if (enqueue->place.message[0] != '\0')
        complain("%s", enqueue->place.message);
    fprintf(stderr, "%" PRId64 " enqueued, %" PRId64 " done before, %" PRId64 " skipped", enqueue->enqueued,
            enqueue->done_before, enqueue->skipped);
    if (enqueue->problems > 0)
        fprintf(stderr, "; %" PRId64 " could not be read", enqueue->problems);
    fputc('\n', stderr);
    if (!is_done) {
        fprintf(stderr, "the same command goes on\n");
        return EXIT_GO_ON;
    }
    return enqueue->problems > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
}

int command_enqueue(const struct options *options)
{
    struct enqueue enqueue = {.options = options};
    int code;

    if (options->values[OPT_QUEUE] == NULL || options->input_count == 0) {
        complain("%s; try animaldetect enqueue --help",
                 options->input_count == 0 ? "no PATH given" : "name the queue with --queue");
        return EXIT_USAGE;
    }
    TAILQ_INIT(&enqueue.kept);
    stop_listen();
    code = open_enqueue(&enqueue);
    if (code == EXIT_DONE)
        code = conclude(&enqueue, pass_run(&enqueue));
    empty(&enqueue);
    link_free(enqueue.link);
    ledger_close(enqueue.ledger);
    walk_free(enqueue.walk);
    progress_free(enqueue.progress);
    free(enqueue.asked);
    place_close();
    return code;
}
