/* SPDX-License-Identifier: MIT */
/*
 * The public functions of log.h: the callback, and the getters of a record.
 */
#include <animaldetect/log.h>

#include <stdlib.h>

#include "api/guard.h"
#include "engine/log.h"

int32_t animaldetect_client_set_log(animaldetect_client *client, int32_t level, animaldetect_log_callback callback,
                                    void *user, animaldetect_release_callback release)
{
    struct ad_release *owed = NULL;
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (level < ANIMALDETECT_LOG_NONE || level > ANIMALDETECT_LOG_DEBUG)
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "unknown log level");
    else
        status = ad_release_new(release, user, &owed);
    if (status == ANIMALDETECT_OK) {
        ad_release_defer(&client->releases, client->log.release);
        client->log = (struct ad_log){client, callback, user, owed, level};
    }
    ad_unlock(client);
    return status;
}

int32_t animaldetect_log_level(const animaldetect_log_record *record)
{
    return record == NULL ? ANIMALDETECT_LOG_NONE : record->level;
}

const char *animaldetect_log_text(const animaldetect_log_record *record)
{
    return record == NULL ? "" : record->text;
}

animaldetect_client *animaldetect_log_client(const animaldetect_log_record *record)
{
    return record == NULL ? NULL : record->client;
}

const animaldetect_job *animaldetect_log_job(const animaldetect_log_record *record)
{
    return record == NULL ? NULL : record->job;
}

int32_t animaldetect_log_step(const animaldetect_log_record *record)
{
    return record == NULL ? ANIMALDETECT_STEP_NONE : record->step;
}

int32_t animaldetect_log_http_status(const animaldetect_log_record *record)
{
    return record == NULL ? 0 : record->http_status;
}

const char *animaldetect_log_request_id(const animaldetect_log_record *record)
{
    return record == NULL || record->request_id == NULL || *record->request_id == '\0' ? NULL : record->request_id;
}

int64_t animaldetect_log_duration_ms(const animaldetect_log_record *record)
{
    return record == NULL ? -1 : record->duration_ms;
}
