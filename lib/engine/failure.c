/* SPDX-License-Identifier: MIT */
/*
 * Builds the record of a failure: one allocation, with the texts after the struct.
 */
#include "engine/failure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

#define DAY_MS 86400000
#define LINE_SIZE 1024

static bool present(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* Appends to a line, truncating at its end. */
static size_t failure_append(char *line, size_t used, const char *format, ...) __attribute__((format(printf, 3, 4)));

static size_t failure_append(char *line, size_t used, const char *format, ...)
{
    va_list arguments;
    int added;

    if (used >= LINE_SIZE - 1)
        return used;
    va_start(arguments, format);
    added = vsnprintf(line + used, LINE_SIZE - used, format, arguments);
    va_end(arguments);
    if (added < 0)
        return used;
    used += (size_t)added;
    return used < LINE_SIZE ? used : LINE_SIZE - 1;
}

/* "upload: storage answered 403 (signature expired at 13:15:00Z) after 3 attempts [job 5fd3825f-...]" */
static size_t write_line(const struct ad_failure_facts *facts, char line[LINE_SIZE])
{
    size_t used = 0;

    line[0] = '\0';
    if (facts->step_name != NULL)
        used = failure_append(line, used, "%s: ", facts->step_name);
    used = failure_append(line, used, "%s",
                          present(facts->reason) ? facts->reason : animaldetect_status_text(facts->status));
    if (facts->attempts > 1)
        used = failure_append(line, used, " after %" PRId32 " attempts", facts->attempts);
    if (facts->retry_after_ms >= DAY_MS) /* longer delays are stored as this */
        used = failure_append(line, used, ", retry after a day or more");
    else if (facts->retry_after_ms >= 0)
        used = failure_append(line, used, ", retry after %" PRId64 " s", (facts->retry_after_ms + 999) / 1000);
    if (present(facts->job_id))
        used = failure_append(line, used, " [job %s]", facts->job_id);
    if (present(facts->request_id))
        used = failure_append(line, used, " [request %s]", facts->request_id);
    return used;
}

/* Copies one text after the struct; NULL for an absent one. */
static const char *failure_put(char **cursor, const char *text, bool always)
{
    size_t size;
    char *start = *cursor;

    if (!always && !present(text))
        return NULL;
    size = strlen(text) + 1;
    memcpy(start, text, size);
    *cursor += size;
    return start;
}

struct ad_failure *ad_failure_new(const struct ad_failure_facts *facts)
{
    char line[LINE_SIZE];
    size_t line_size = write_line(facts, line);
    const char *reason = present(facts->reason) ? facts->reason : animaldetect_status_text(facts->status);
    const char *code = present(facts->code) ? facts->code : "";
    const char *message = present(facts->message) ? facts->message : "";
    const char *request_id = present(facts->request_id) ? facts->request_id : "";
    struct ad_failure *failure =
        malloc(sizeof *failure + line_size + strlen(reason) + strlen(code) + strlen(message) + strlen(request_id) + 5);
    char *cursor;

    if (failure == NULL)
        return NULL;
    cursor = failure->texts;
    failure->status = facts->status;
    failure->step = facts->step;
    failure->http_status = facts->http_status;
    failure->retry_after_ms = facts->retry_after_ms;
    failure->line = failure_put(&cursor, line, true);
    failure->reason = failure_put(&cursor, reason, true);
    failure->code = failure_put(&cursor, code, false);
    failure->message = failure_put(&cursor, message, false);
    failure->request_id = failure_put(&cursor, request_id, false);
    return failure;
}

void ad_failure_expiry_text(const char *detail, char *out, size_t size)
{
    const char *time = detail == NULL ? NULL : strchr(detail, 'T');

    /* An ISO 8601 time in the text: ...T13:15:00Z or ...T13:15:00.000Z */
    out[0] = '\0';
    for (; time != NULL; time = strchr(time + 1, 'T')) {
        if (strspn(time + 1, "0123456789:") == 8 && time[3] == ':' && time[6] == ':') {
            (void)snprintf(out, size, "signature expired at %.8sZ", time + 1);
            return;
        }
    }
}
