/* SPDX-License-Identifier: MIT */
/*
 * The progress line.
 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "screen.h"
#include "stop.h"
#include "text.h"

#define SHOW_MS 200
#define LINE_MS 30000
#define SAMPLE_MS 2000
#define SAMPLES 32 /* a minute: what the rate is taken from */
#define FEW 5      /* images say nothing about how long the rest will take */
#define SHORT_HOLD_MS 1500
#define SOON_S 600

struct progress {
    bool is_quiet;
    bool is_terminal;
    bool is_shown; /* a line stands on the terminal */
    int64_t begin_ms;
    int64_t shown_ms;
    int64_t total;
    int64_t done;
    int64_t failed;
    struct sample {
        int64_t at_ms;
        int64_t done;
        int64_t sent;
    } samples[SAMPLES];
    int sample_count;
    int hold; /* what is shown as held by */
    time_t hold_since;
    const char *reason; /* of the caller's own; NULL or "" for none */
    char name[512];     /* of the last one that ended */
};

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct progress *progress_new(bool is_quiet)
{
    struct progress *progress = calloc(1, sizeof *progress);

    if (progress == NULL)
        return NULL;
    progress->is_quiet = is_quiet;
    progress->is_terminal = isatty(STDERR_FILENO);
    progress->begin_ms = progress->shown_ms = clock_ms();
    return progress;
}

void progress_free(struct progress *progress)
{
    if (progress == NULL)
        return;
    progress_clear(progress);
    free(progress);
}

void progress_clear(struct progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
}

static int columns(void)
{
    int columns = screen_columns(stderr);

    return columns > 0 ? columns : 80;
}

static void put_line(struct progress *progress, const char *line)
{
    char cut[1024];
    size_t used = 0;

    if (!progress->is_terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    /* what does not fit is cut at its end, a column below the width: a full line would scroll on some terminals */
    for (int width = columns() - 1; *line != '\0' && width > 0 && used + 5 < sizeof cut; width--) {
        uint32_t code = 0;
        size_t length = text_character(line, strlen(line), &code);

        memcpy(cut + used, line, length == 0 ? 1 : length);
        used += length == 0 ? 1 : length;
        line += length == 0 ? 1 : length;
    }
    cut[used] = '\0';
    fprintf(stderr, "\r%s\033[K", cut);
    progress->is_shown = true;
}

/* Whether it is time for another line, and takes that time. */
static bool is_due(struct progress *progress)
{
    int64_t now = clock_ms();

    if (progress->is_quiet || now - progress->shown_ms < (progress->is_terminal ? SHOW_MS : LINE_MS))
        return false;
    progress->shown_ms = now;
    return true;
}

void progress_scan(struct progress *progress, int64_t files, const char *folder)
{
    char shown[512];
    char line[640];
    char number[32];
    int room = columns() - 36;

    if (!is_due(progress))
        return;
    (void)snprintf(line, sizeof line, "reading folders: %s files  %s", text_count(files, number),
                   text_shown(folder, room > 10 ? room : 10, shown, sizeof shown));
    put_line(progress, line);
}

void progress_begin(struct progress *progress, int64_t total)
{
    progress->total = total;
    progress->done = progress->failed = 0;
    progress->begin_ms = clock_ms();
    progress->sample_count = 0;
}

void progress_add(struct progress *progress, int64_t more)
{
    progress->total += more;
}

void progress_step(struct progress *progress, const char *name, bool was_failed)
{
    progress->done++;
    progress->failed += was_failed;
    if (progress->is_terminal && !progress->is_quiet)
        (void)snprintf(progress->name, sizeof progress->name, "%s", name);
}

void progress_reason(struct progress *progress, const char *reason)
{
    progress->reason = reason;
}

/* ---- the parts of the line ---- */

static void take_sample(struct progress *progress, animaldetect_client *client)
{
    struct sample *last = progress->sample_count > 0 ? &progress->samples[progress->sample_count - 1] : NULL;
    int64_t now = clock_ms();

    if (last != NULL && now - last->at_ms < SAMPLE_MS)
        return;
    if (progress->sample_count == SAMPLES) {
        memmove(progress->samples, progress->samples + 1, (SAMPLES - 1) * sizeof *progress->samples);
        progress->sample_count--;
    }
    last = &progress->samples[progress->sample_count++];
    *last = (struct sample){.at_ms = now, .done = progress->done};
    (void)animaldetect_client_statistic(client, ANIMALDETECT_STAT_BYTES_SENT, &last->sent);
}

/* Images per minute over the last minute, or over all that there is of it. */
static double rate(const struct progress *progress)
{
    int64_t now = clock_ms();
    int64_t from_ms = progress->sample_count > 1 ? progress->samples[0].at_ms : progress->begin_ms;
    int64_t from_done = progress->sample_count > 1 ? progress->samples[0].done : 0;

    return now - from_ms < 1000 || progress->done < FEW
               ? 0
               : (double)(progress->done - from_done) * 60000 / (double)(now - from_ms);
}

/* Bytes per second; what the kernel has taken in the last ten seconds, where the library does not know better. */
static double link_speed(const struct progress *progress, animaldetect_client *client)
{
    const struct sample *last = &progress->samples[progress->sample_count - 1];
    const struct sample *first = progress->sample_count > 5 ? last - 5 : progress->samples;
    int64_t per_second = 0;

    if (animaldetect_client_statistic(client, ANIMALDETECT_STAT_UPLINK_RATE, &per_second) == ANIMALDETECT_OK &&
        per_second > 0)
        return (double)per_second;
    return last->at_ms - first->at_ms < 1000
               ? 0
               : (double)(last->sent - first->sent) * 1000 / (double)(last->at_ms - first->at_ms);
}

void progress_clock(int64_t when, char out[16])
{
    time_t seconds = (time_t)when;
    bool is_soon = llabs(when - (int64_t)time(NULL)) < SOON_S;
    struct tm local;

    *out = '\0';
    if (localtime_r(&seconds, &local) != NULL)
        (void)strftime(out, 16, is_soon ? "%H:%M:%S" : "%H:%M", &local);
}

/* Why it waits; "" when it does not, or only for a moment. */
static void hold_text(struct progress *progress, animaldetect_client *client, char *out, size_t size)
{
    int hold = animaldetect_client_hold_reason(client);
    int64_t until_ms = animaldetect_client_held_until_ms(client);
    char when[16];

    if (hold != progress->hold) {
        progress->hold = hold;
        progress->hold_since = time(NULL);
    }
    *out = '\0';
    if (hold == ANIMALDETECT_HOLD_NONE ||
        (hold != ANIMALDETECT_HOLD_NETWORK && until_ms < ((int64_t)time(NULL) * 1000 + SHORT_HOLD_MS)))
        return;
    progress_clock(hold == ANIMALDETECT_HOLD_NETWORK ? (int64_t)progress->hold_since : until_ms / 1000, when);
    if (hold == ANIMALDETECT_HOLD_NETWORK)
        (void)snprintf(out, size, "no network since %s", when);
    else if (hold == ANIMALDETECT_HOLD_ACCOUNT)
        (void)snprintf(out, size, "the API key or the account was rejected");
    else
        (void)snprintf(out, size, "%s requests a wait until %s",
                       hold == ANIMALDETECT_HOLD_RATE_LIMIT ? "quota: the service" : "the service", when);
}

static void make_line(struct progress *progress, animaldetect_client *client, int stop, char *line, size_t size)
{
    double per_minute = rate(progress);
    double speed = link_speed(progress, client);
    char text[128];
    char number[32];
    char other[32];
    int64_t percent = progress->total > 0 ? progress->done * 100 / progress->total : 100;
    size_t used = (size_t)snprintf(line, size, "%s of %s (%" PRId64 " %%)", text_count(progress->done, number),
                                   text_count(progress->total, other), percent);

#define ADD(...) used += used < size ? (size_t)snprintf(line + used, size - used, __VA_ARGS__) : 0
    /* why it waits comes first: it must not be cut off */
    hold_text(progress, client, text, sizeof text);
    if (*text == '\0' && progress->reason != NULL)
        (void)snprintf(text, sizeof text, "%s", progress->reason);
    if (*text != '\0')
        ADD("  %s", text);
    else if (stop == STOP_FINISH)
        ADD("  finishing what is uploaded (Ctrl-C: stop at once)");
    if (per_minute > 0)
        ADD("  %s images/min", text_count((int64_t)(per_minute + 0.5), number));
    if (per_minute > 0 && progress->total > progress->done)
        ADD("  %s left",
            text_duration((int64_t)((double)(progress->total - progress->done) * 60 / per_minute), number));
    if (speed > 0)
        ADD("  %s/s", text_bytes((uint64_t)speed, number));
    if (progress->failed > 0)
        ADD("  %s failed", text_count(progress->failed, number));
    if (*text == '\0' && stop != STOP_FINISH && progress->is_terminal && *progress->name != '\0' &&
        columns() > (int)used + 14)
        ADD("  %s", text_shown(progress->name, columns() - (int)used - 3, text, sizeof text));
#undef ADD
}

void progress_show(struct progress *progress, animaldetect_client *client, int stop)
{
    char line[1024];

    take_sample(progress, client);
    if (!is_due(progress))
        return;
    make_line(progress, client, stop, line, sizeof line);
    put_line(progress, line);
}
