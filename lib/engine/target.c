/* SPDX-License-Identifier: MIT */
/*
 * Copies of upload targets.
 */
#include "engine/target.h"

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

static char *target_put(char **cursor, const char *text)
{
    char *start = *cursor;
    size_t size = strlen(text) + 1;

    memcpy(start, text, size);
    *cursor += size;
    return start;
}

static int32_t check_target(const struct ad_job_answer *answer, struct ad_problem *problem)
{
    if (strcmp(answer->upload_method, "PUT") != 0 && strcmp(answer->upload_method, "POST") != 0) {
        problem->text = "upload.method is neither PUT nor POST";
        return ANIMALDETECT_E_PROTOCOL;
    }
    for (size_t i = 0; i < answer->upload_header_count; i++) {
        if (!ad_upload_header_permitted(answer->upload_headers[i].name)) {
            problem->text = "upload.headers contains a header that must not be sent to the storage";
            return ANIMALDETECT_E_PROTOCOL;
        }
    }
    return ANIMALDETECT_OK;
}

int32_t ad_target_new(const struct ad_job_answer *answer, struct ad_target **out, struct ad_problem *problem)
{
    size_t count = answer->upload_header_count;
    size_t size = sizeof(struct ad_target) + count * sizeof(struct ad_header) + strlen(answer->upload_method) +
                  strlen(answer->upload_url) + 2;
    struct ad_target *target;
    char *cursor;

    if (check_target(answer, problem) != ANIMALDETECT_OK)
        return ANIMALDETECT_E_PROTOCOL;
    if (answer->upload_expires_at != NULL)
        size += strlen(answer->upload_expires_at) + 1;
    for (size_t i = 0; i < count; i++)
        size += strlen(answer->upload_headers[i].name) + strlen(answer->upload_headers[i].value) + 2;
    target = malloc(size);
    if (target == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    cursor = (char *)&target->headers[count];
    target->method = target_put(&cursor, answer->upload_method);
    target->url = target_put(&cursor, answer->upload_url);
    target->expires_at = answer->upload_expires_at == NULL ? NULL : target_put(&cursor, answer->upload_expires_at);
    target->ends_ms = 0;
    target->header_count = count;
    for (size_t i = 0; i < count; i++) {
        target->headers[i].name = target_put(&cursor, answer->upload_headers[i].name);
        target->headers[i].value = target_put(&cursor, answer->upload_headers[i].value);
    }
    *out = target;
    return ANIMALDETECT_OK;
}

void ad_target_free_all(struct ad_target *first)
{
    while (first != NULL) {
        struct ad_target *next = first->next;

        free(first);
        first = next;
    }
}
