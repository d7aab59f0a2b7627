/* SPDX-License-Identifier: MIT */
/*
 * Validity rules for the texts and options of a job.  Setters and the reader of saved jobs share them, so that
 * everything a setter accepts can be saved and restored, and nothing else can.
 */
#ifndef AD_PROTOCOL_RULES_H
#define AD_PROTOCOL_RULES_H

#include <jansson.h>
#include <stdbool.h>

#define AD_OPTION_MAX_DEPTH 16
/* All options of a job together, as canonical text; far below the bounds of a document (json.h) and of a saved job. */
#define AD_OPTIONS_MAX_SIZE (128 * 1024)
#define AD_OPTIONS_MAX_VALUES 10000

bool ad_operation_is_good(const char *text);       /* 1 to 64 letters, digits and underscores */
bool ad_file_name_is_good(const char *text);       /* 1 to 255 bytes of clean UTF-8 without '/' */
bool ad_media_type_is_good(const char *text); /* such as "image/jpeg": at most 127 bytes that are valid in a header */
bool ad_note_is_good(const char *text);            /* at most 4,096 bytes of UTF-8 */
bool ad_reference_is_good(const char *text);       /* 1 to 512 bytes of clean UTF-8 */
bool ad_idempotency_key_is_good(const char *text); /* 1 to 255 visible ASCII characters */
bool ad_path_is_good(const char *text);            /* 1 to 4,095 bytes */
bool ad_option_name_is_good(const char *text);     /* 1 to 64 letters, digits and underscores */

/* An object of options: every name is valid, and the whole is within the bounds above. */
bool ad_options_are_good(const json_t *options);

#endif
