/* SPDX-License-Identifier: MIT */
/*
 * The format of a saved job as tables, shared by writer and reader so that they cannot diverge. The names in them are
 * part of the format and never change.
 */
#ifndef AD_PROTOCOL_SAVED_FIELDS_H
#define AD_PROTOCOL_SAVED_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include <animaldetect/types.h>

#include "protocol/saved.h"

#define AD_SAVED_VERSION_NAME "animaldetect_job"
#define AD_SAVED_TEXT_COUNT 20
#define AD_SAVED_FLAG_COUNT 3
#define AD_SAVED_INPUT_COUNT (AD_SOURCE_URL + 1)
#define AD_SAVED_STAGE_COUNT 5

/* The validity rule of a text. */
enum ad_saved_rule {
    AD_SAVED_PATH,      /* 1 to 4,095 bytes; if not UTF-8, written in hex under the name plus "_hex" */
    AD_SAVED_OPERATION, /* this and the next six: by the rules of the setters (rules.h) */
    AD_SAVED_FILE_NAME,
    AD_SAVED_MEDIA_TYPE,
    AD_SAVED_REFERENCE,
    AD_SAVED_NOTE,
    AD_SAVED_KEY,
    AD_SAVED_SOURCE, /* an absolute http or https URL */
    AD_SAVED_WORDS,  /* from the service: clean, at most AD_ERROR_MESSAGE_SIZE, masked when read */
    AD_SAVED_JOB_ID,
    AD_SAVED_URL,
    AD_SAVED_SHA256,
    AD_SAVED_METHOD
};

/* A text field: its name in the format, its offset in struct ad_saved (a const char *), its rule. */
struct ad_saved_text {
    const char *name;
    size_t offset;
    enum ad_saved_rule rule;
};

/* A flag, written only when set; the member at its offset is a bool. */
struct ad_saved_flag {
    const char *name;
    size_t offset;
};

extern const struct ad_saved_text ad_saved_texts[AD_SAVED_TEXT_COUNT];
extern const struct ad_saved_flag ad_saved_flags[AD_SAVED_FLAG_COUNT];
extern const char *const ad_saved_inputs[AD_SAVED_INPUT_COUNT]; /* by enum ad_source_kind */
/* The stages that can be saved, and their values in enum animaldetect_stage. */
extern const char *const ad_saved_stages[AD_SAVED_STAGE_COUNT];
extern const int32_t ad_saved_stage_numbers[AD_SAVED_STAGE_COUNT];

#endif
