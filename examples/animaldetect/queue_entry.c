/* SPDX-License-Identifier: MIT */
/*
 * Entries, records and options of a queue.
 */
#include "queue_entry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* ---- options ---- */

void asked_id(const char *text, char out[ASKED_ID_SIZE])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    (void)sodium_bin2hex(out, ASKED_ID_SIZE, digest, (ASKED_ID_SIZE - 1) / 2);
}

const struct asked *asked_find(const struct asked_list *list, const char *id)
{
    const struct asked *asked;

    SLIST_FOREACH(asked, list, link)
    {
        if (strcmp(asked->id, id) == 0)
            return asked;
    }
    return NULL;
}

static void free_one(struct asked *asked)
{
    free(asked->text);
    free(asked->lines);
    free(asked);
}

static void learn_one(struct asked_list *list, const char *id, const char *text)
{
    struct asked *asked;

    if (strlen(id) >= ASKED_ID_SIZE || *text == '\0' || asked_find(list, id) != NULL)
        return;
    asked = calloc(1, sizeof *asked);
    if (asked == NULL)
        return;
    (void)snprintf(asked->id, sizeof asked->id, "%s", id);
    asked->text = strdup(text);
    asked->lines = strdup(text);
    if (asked->text == NULL || asked->lines == NULL) {
        free_one(asked);
        return;
    }
    asked->is_good = options_from_asked(&asked->options, asked->lines);
    SLIST_INSERT_HEAD(list, asked, link);
}

void asked_learn(struct asked_list *list, const redisReply *pairs)
{
    const redisReply *text;

    for (size_t i = 0; (text = reply_at(pairs, i + 1)) != NULL; i += 2) {
        const redisReply *id = reply_at(pairs, i);

        if (id->type == REDIS_REPLY_STRING && text->type == REDIS_REPLY_STRING)
            learn_one(list, id->str, text->str);
    }
}

void asked_free(struct asked_list *list)
{
    struct asked *asked;

    while ((asked = SLIST_FIRST(list)) != NULL) {
        SLIST_REMOVE_HEAD(list, link);
        free_one(asked);
    }
}

/* ---- entries ---- */

/* The value of a field; an empty text when it is not there. */
static const char *field_of(const redisReply *fields, const char *name, size_t *size)
{
    const redisReply *value;

    *size = 0;
    for (size_t i = 0; (value = reply_at(fields, i + 1)) != NULL; i += 2) {
        if (reply_is(fields->element[i], name) && value->type == REDIS_REPLY_STRING) {
            *size = (size_t)value->len;
            return value->str;
        }
    }
    return "";
}

static int64_t number_of(const redisReply *fields, const char *name)
{
    size_t size;

    return strtoll(field_of(fields, name, &size), NULL, 10);
}

struct entry *entry_read(const redisReply *reply, int stream)
{
    const redisReply *id = reply_at(reply, 0);
    const redisReply *fields = reply_at(reply, 1);
    size_t path_size;
    size_t name_size;
    size_t asked_size;
    const char *path = field_of(fields, "p", &path_size);
    const char *name = field_of(fields, "n", &name_size);
    const char *asked = field_of(fields, "o", &asked_size);
    struct entry *entry;

    if (id == NULL || id->type != REDIS_REPLY_STRING || (size_t)id->len >= sizeof entry->id)
        return NULL;
    entry = calloc(1, sizeof *entry + path_size + name_size + asked_size + 3);
    if (entry == NULL)
        return NULL;
    (void)snprintf(entry->id, sizeof entry->id, "%s", id->str);
    entry->stream = stream;
    entry->failures = (int)number_of(fields, "f");
    entry->size = number_of(fields, "s");
    entry->mtime_ns = number_of(fields, "m");
    entry->path = memcpy(entry->texts, path, path_size);
    entry->path_size = path_size;
    entry->name = memcpy(entry->texts + path_size + 1, name, name_size);
    entry->asked = memcpy(entry->texts + path_size + name_size + 2, asked, asked_size);
    return entry;
}

/* ---- records ---- */

static const char *const record_names[RECORD_FIELDS] = {
    [RECORD_PATH] = "p",   [RECORD_SIZE] = "s",   [RECORD_MTIME] = "m",     [RECORD_ASKED] = "o", [RECORD_KIND] = "k",
    [RECORD_NAME] = "n",   [RECORD_DIGEST] = "d", [RECORD_REFERENCE] = "r", [RECORD_TAKEN] = "t", [RECORD_JOB] = "j",
    [RECORD_NUMBER] = "g", [RECORD_STATUS] = "c", [RECORD_TEXT] = "b",
};

void record_set(struct record *record, int field, const char *text)
{
    record->texts[field] = text;
    record->sizes[field] = text != NULL ? strlen(text) : 0;
}

void record_arguments(const struct record *record, struct arguments *arguments)
{
    for (int field = 0; field < RECORD_FIELDS; field++) {
        arguments_add_text(arguments, record_names[field]);
        arguments_add(arguments, record->texts[field] != NULL ? record->texts[field] : "", record->sizes[field]);
    }
}

bool record_read(const redisReply *fields, struct record *record)
{
    for (int field = 0; field < RECORD_FIELDS; field++)
        record->texts[field] = field_of(fields, record_names[field], &record->sizes[field]);
    return record->sizes[RECORD_PATH] > 0 && record->sizes[RECORD_KIND] == 1;
}

/* ---- what EXIF data say, on one line ---- */

static void number_text(double number, char out[32])
{
    *out = '\0';
    if (!isnan(number))
        (void)snprintf(out, 32, "%.17g", number);
}

static void without_tabs(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\t')
            *text = ' ';
    }
}

void taken_write(const struct taken *taken, char out[TAKEN_SIZE])
{
    struct taken plain = *taken;
    char latitude[32];
    char longitude[32];

    number_text(taken->latitude, latitude);
    number_text(taken->longitude, longitude);
    without_tabs(plain.camera);
    without_tabs(plain.serial);
    (void)snprintf(out, TAKEN_SIZE, "%s\t%s\t%s\t%s\t%s", latitude, longitude, plain.time, plain.camera, plain.serial);
}

static const char *next_part(const char *text, char *out, size_t size)
{
    size_t length = strcspn(text, "\t");

    (void)snprintf(out, size, "%.*s", (int)length, text);
    return text[length] == '\t' ? text + length + 1 : text + length;
}

static double number_in_text(const char *text)
{
    return *text == '\0' ? NAN : strtod(text, NULL);
}

void taken_read(const char *text, struct taken *taken)
{
    char number[32];

    *taken = (struct taken){0};
    text = next_part(text, number, sizeof number);
    taken->latitude = number_in_text(number);
    text = next_part(text, number, sizeof number);
    taken->longitude = number_in_text(number);
    text = next_part(text, taken->time, sizeof taken->time);
    text = next_part(text, taken->camera, sizeof taken->camera);
    (void)next_part(text, taken->serial, sizeof taken->serial);
}
