/* SPDX-License-Identifier: MIT */
/* See bridge.h. */
#include "bridge.h"

#include <stdlib.h>

#include "_cgo_export.h"

struct bridge_reader {
    const animaldetect_client *client;
    uintptr_t handle;
};

static _Thread_local const animaldetect_client *inside;

int32_t bridge_is_inside(const animaldetect_client *client)
{
    return inside == client;
}

static void log_record(void *user, const animaldetect_log_record *record)
{
    const animaldetect_job *job = animaldetect_log_job(record);
    struct bridge_record read = {
        .job = job,
        .text = animaldetect_log_text(record),
        .job_id = animaldetect_job_id(job),
        .request_id = animaldetect_log_request_id(record),
        .duration_ms = animaldetect_log_duration_ms(record),
        .level = animaldetect_log_level(record),
        .step = animaldetect_log_step(record),
        .http_status = animaldetect_log_http_status(record),
    };

    animaldetectGoLog((uintptr_t)user, &read);
}

static void release_log(void *user)
{
    animaldetectGoRelease((uintptr_t)user);
}

int32_t bridge_set_log(animaldetect_client *client, int32_t level, uintptr_t handle)
{
    return animaldetect_client_set_log(client, level, level == ANIMALDETECT_LOG_NONE ? NULL : log_record,
                                       (void *)handle, release_log);
}

static int64_t read_on(void *user, uint8_t *buffer, size_t size)
{
    const struct bridge_reader *reader = user;
    const animaldetect_client *before = inside;
    int64_t count;

    inside = reader->client;
    count = animaldetectGoRead(reader->handle, buffer, size);
    inside = before;
    return count;
}

static int32_t go_back(void *user)
{
    const struct bridge_reader *reader = user;
    const animaldetect_client *before = inside;
    int32_t status;

    inside = reader->client;
    status = animaldetectGoRewind(reader->handle);
    inside = before;
    return status;
}

static void release_reader(void *user)
{
    struct bridge_reader *reader = user;

    animaldetectGoRelease(reader->handle);
    free(reader);
}

int32_t bridge_set_reader(animaldetect_job *job, const animaldetect_client *client, uint64_t size, uintptr_t handle)
{
    struct bridge_reader *reader = malloc(sizeof *reader);
    int32_t status;

    if (reader == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    *reader = (struct bridge_reader){client, handle};
    status = animaldetect_job_set_reader(job, size, read_on, go_back, reader, release_reader);
    if (status != ANIMALDETECT_OK)
        free(reader);
    return status;
}
