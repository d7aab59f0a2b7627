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

static void log_line(int32_t level, const char *message, void *user)
{
    animaldetectGoLog((uintptr_t)user, level, (char *)(uintptr_t)message);
}

int32_t bridge_set_log(animaldetect_client *client, int32_t level, uintptr_t handle)
{
    return animaldetect_client_set_log(client, level == ANIMALDETECT_LOG_NONE ? NULL : log_line, level,
                                       (void *)handle);
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

struct bridge_reader *bridge_reader_new(const animaldetect_client *client, uintptr_t handle)
{
    struct bridge_reader *reader = malloc(sizeof *reader);

    if (reader != NULL)
        *reader = (struct bridge_reader){client, handle};
    return reader;
}

int32_t bridge_set_reader(animaldetect_job *job, struct bridge_reader *reader, uint64_t size)
{
    return animaldetect_job_set_reader(job, read_on, go_back, reader, size);
}
