/* SPDX-License-Identifier: MIT */
/*
 * One record of a queue as rows of a ledger: the same rows that `run` would have written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include <animaldetect/animaldetect.h>

#include "collect_record.h"
#include "summary.h"

#define NO_NAME "unnamed" /* of a URL without a last part */

static int64_t number_in(const struct record *record, int field)
{
    return strtoll(record->texts[field], NULL, 10);
}

/* The row of what was asked. Options that the queue has lost are a row of their own. */
static bool settings_of(struct ledger *ledger, const struct asked_list *list, const struct record *record, int64_t *id)
{
    const struct asked *asked = asked_find(list, record->texts[RECORD_ASKED]);
    char *before;
    bool is_written = true;

    if (asked == NULL)
        return ledger_settings(ledger, record->texts[RECORD_ASKED], id);
    before = ledger_get(ledger, "asked");
    if (before == NULL)
        is_written = ledger_set(ledger, "asked", asked->text, strlen(asked->text));
    free(before);
    return is_written && ledger_settings(ledger, asked->text, id);
}

/* The work of a record, an old one or a new one. */
static bool work_of(struct ledger *ledger, const struct asked_list *asked, const struct record *record,
                    struct work *work)
{
    unsigned char digest[sizeof work->digest] = {0};
    struct taken taken;
    int64_t settings;

    (void)sodium_hex2bin(digest, sizeof digest, record->texts[RECORD_DIGEST], record->sizes[RECORD_DIGEST], NULL, NULL,
                         NULL);
    if (!settings_of(ledger, asked, record, &settings) || !ledger_find_work(ledger, digest, settings, work))
        return false;
    if (work->id != 0)
        return true;
    memcpy(work->digest, digest, sizeof work->digest);
    work->settings = settings;
    work->state = STATE_PENDING;
    taken_read(record->texts[RECORD_TAKEN], &taken);
    return ledger_add_work(ledger, work, *record->texts[RECORD_NAME] != '\0' ? record->texts[RECORD_NAME] : NO_NAME,
                           record->texts[RECORD_REFERENCE], &taken);
}

static bool finish(struct ledger *ledger, int64_t work, const struct record *record)
{
    animaldetect_result *result = NULL;
    struct summary summary = {0};
    bool is_written;

    /* what cannot be parsed is kept all the same: its bytes were paid for */
    if (animaldetect_result_parse(record->texts[RECORD_TEXT], record->sizes[RECORD_TEXT], &result) == ANIMALDETECT_OK)
        summary = summary_of(result);
    is_written = ledger_finish(ledger, work, record->texts[RECORD_JOB], &summary, record->texts[RECORD_TEXT],
                               record->sizes[RECORD_TEXT]);
    animaldetect_result_free(result);
    return is_written;
}

static bool is_done(const struct work *work)
{
    return work->state == STATE_DONE || work->state == STATE_EMPTY;
}

bool collect_record(struct ledger *ledger, const struct asked_list *asked, const struct record *record)
{
    const char *path = record->texts[RECORD_PATH];
    size_t size = record->sizes[RECORD_PATH];
    char kind = *record->texts[RECORD_KIND];
    struct image image;
    struct work work = {0};

    if (!ledger_find_image(ledger, path, size, &image))
        return false;
    image.size = number_in(record, RECORD_SIZE);
    image.mtime_ns = number_in(record, RECORD_MTIME);
    image.gone = false;
    image.reason = REASON_NONE;
    image.work = 0;
    if (kind == *RECORD_REFUSED) {
        image.reason = (int)number_in(record, RECORD_NUMBER);
        image.state = *record->texts[RECORD_STATUS] != '\0' ? STATE_SKIPPED : STATE_FAILED;
        return ledger_put_image(ledger, path, size, &image,
                                record->sizes[RECORD_TEXT] > 0 ? record->texts[RECORD_TEXT] : NULL);
    }
    if (!work_of(ledger, asked, record, &work))
        return false;
    image.work = work.id;
    image.state = STATE_PENDING;
    if (!ledger_put_image(ledger, path, size, &image, NULL))
        return false;
    if (kind == *RECORD_RESULT)
        return finish(ledger, work.id, record);
    /* the same bytes may have a result by another name */
    return is_done(&work) || ledger_fail(ledger, work.id, STATE_FAILED, (int)number_in(record, RECORD_NUMBER),
                                         record->texts[RECORD_STATUS], record->texts[RECORD_TEXT]);
}
