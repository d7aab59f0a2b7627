/* SPDX-License-Identifier: MIT */
/*
 * The log of a client: records are kept here and handed out by take_log, since no JavaScript runs while the client is
 * locked.
 */
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* One record of the log, copied. */
struct line {
    struct line *next;
    int32_t level, step, http_status;
    int64_t duration_ms;
    intptr_t job; /* the number that index.js gave it; 0 for none */
    char *text, *job_id, *request_id;
};

static void free_line(struct line *line)
{
    free(line->text);
    free(line->job_id);
    free(line->request_id);
    free(line);
}

void free_lines(struct client *client)
{
    while (client->lines != NULL) {
        struct line *next = client->lines->next;

        free_line(client->lines);
        client->lines = next;
    }
    client->last = &client->lines;
}

static char *copy_text(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

/* Without memory a record is lost, or a text of it. */
void keep_line(void *user, const animaldetect_log_record *record)
{
    struct client *client = user;
    const animaldetect_job *job = animaldetect_log_job(record);
    struct line *line = malloc(sizeof *line);

    if (line == NULL)
        return;
    *line = (struct line){.level = animaldetect_log_level(record),
                          .step = animaldetect_log_step(record),
                          .http_status = animaldetect_log_http_status(record),
                          .duration_ms = animaldetect_log_duration_ms(record),
                          .job = (intptr_t)animaldetect_job_user_data(job),
                          .text = copy_text(animaldetect_log_text(record)),
                          .job_id = copy_text(animaldetect_job_id(job)),
                          .request_id = copy_text(animaldetect_log_request_id(record))};
    *client->last = line;
    client->last = &line->next;
}

static napi_value line_value(napi_env env, const struct line *line)
{
    napi_value object = NULL;

    (void)napi_create_object(env, &object);
    value_set(env, object, "level", value_number(env, line->level));
    value_set(env, object, "text", value_text(env, line->text));
    value_set(env, object, "job", value_number(env, (double)line->job));
    value_set(env, object, "jobId", value_text(env, line->job_id));
    value_set(env, object, "step", value_number(env, line->step));
    value_set(env, object, "httpStatus", value_number(env, line->http_status));
    value_set(env, object, "requestId", value_text(env, line->request_id));
    value_set(env, object, "durationMs",
              line->duration_ms < 0 ? value_null(env) : value_number(env, (double)line->duration_ms));
    return object;
}

/* The records that were kept, the oldest first. */
napi_value client_take_log(napi_env env, napi_callback_info info)
{
    struct call call;
    napi_value array = NULL;
    struct line *line;
    uint32_t count = 0;

    if (!call_enter_client(&call, env, info))
        return NULL;
    (void)napi_create_array(env, &array);
    while ((line = call.self_client->lines) != NULL) {
        (void)napi_set_element(env, array, count++, line_value(env, line));
        call.self_client->lines = line->next;
        free_line(line);
    }
    call.self_client->last = &call.self_client->lines;
    return call_answer(&call, array);
}
