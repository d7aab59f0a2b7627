/* SPDX-License-Identifier: MIT */
/*
 * Completes and delivers log records, see log.h.
 */
#include "engine/log.h"

#include <stdarg.h>
#include <stdio.h>

bool ad_log_takes(const struct ad_log *log, int32_t level)
{
    return log->callback != NULL && level <= log->level;
}

void ad_log_write(const struct ad_log *log, struct animaldetect_log_record *record, const char *format, ...)
{
    char line[1024];
    va_list arguments;

    if (!ad_log_takes(log, record->level))
        return;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    record->client = log->client;
    record->text = line;
    log->callback(log->user, record);
}
