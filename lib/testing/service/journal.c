/* SPDX-License-Identifier: MIT */
/*
 * The journal: one line of JSON per effect, flushed at once.  A killed process loses nothing that it has responded to.
 * A line truncated by the kill is skipped on loading; its request got no response.  Never contains an API key or an
 * image.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static void write_line(struct svc *svc, json_t *line)
{
    /* Starts with a line break too: a truncated line of a killed process is then on its own. */
    (void)fputc('\n', svc->journal);
    json_dumpf(line, svc->journal, JSON_COMPACT);
    (void)fputc('\n', svc->journal);
    (void)fflush(svc->journal);
    json_decref(line);
}

static json_t *hex_json(const uint8_t digest[SVC_DIGEST_SIZE])
{
    char hex[SVC_DIGEST_SIZE * 2 + 1];

    sodium_bin2hex(hex, sizeof(hex), digest, SVC_DIGEST_SIZE);
    return json_string(hex);
}

static json_t *times_json(const struct svc_job *job)
{
    return json_pack("[I,I,I,b,b]", (json_int_t)job->queued_ms, (json_int_t)job->running_ms, (json_int_t)job->done_ms,
                     job->fails, job->stuck);
}

static void add_word(json_t *line, const struct svc_job *job)
{
    if (job->word)
        json_object_set_new(line, "word", json_pack("[s,b]", job->word, job->word_error));
}

void svc_journal_create(struct svc *svc, const struct svc_job *job)
{
    json_t *line;

    if (!svc->journal)
        return;
    line = json_pack("{s:s,s:s,s:s,s:o,s:s*,s:s*,s:s*,s:s*,s:I,s:I,s:I,s:o}", "event", "create", "id", job->id,
                     "operation", svc_operation_name(job->operation), "payload", hex_json(job->payload), "key",
                     job->key, "reference", job->reference, "type", job->content_type, "options", job->options, "size",
                     (json_int_t)job->expected_size, "created", (json_int_t)job->created_ms, "expires",
                     (json_int_t)job->expires_ms, "times", times_json(job));
    add_word(line, job);
    if (job->has_checksum)
        json_object_set_new(line, "checksum", hex_json(job->checksum));
    if (!job->content_type)
        json_object_set_new(line, "digest", hex_json(job->digest));
    json_object_set_new(line, "upload",
                        json_pack("[I,I]", (json_int_t)job->upload_expires_ms, (json_int_t)job->generation));
    write_line(svc, line);
}

void svc_journal_upload(struct svc *svc, const struct svc_job *job)
{
    if (svc->journal)
        write_line(svc, json_pack("{s:s,s:s,s:o,s:I}", "event", "upload", "id", job->id, "digest",
                                  hex_json(job->digest), "size", (json_int_t)job->size));
}

void svc_journal_submit(struct svc *svc, const struct svc_job *job)
{
    json_t *line;

    if (!svc->journal)
        return;
    line = json_pack("{s:s,s:s,s:o,s:s*,s:s*}", "event", "submit", "id", job->id, "times", times_json(job), "code",
                     job->error_code, "message", job->error_message);
    add_word(line, job);
    write_line(svc, line);
}

void svc_journal_lost_submit(struct svc *svc, const struct svc_job *job)
{
    if (svc->journal)
        write_line(svc, json_pack("{s:s,s:s}", "event", "lost_submit", "id", job->id));
}

void svc_journal_force(struct svc *svc, const struct svc_job *job)
{
    if (svc->journal)
        write_line(svc, json_pack("{s:s,s:s,s:s,s:s*,s:s*}", "event", "force", "id", job->id, "state",
                                  svc_state_name(job->forced_state), "code", job->error_code, "message",
                                  job->error_message));
}

void svc_journal_expire(struct svc *svc, const struct svc_job *job)
{
    if (svc->journal)
        write_line(svc, json_pack("{s:s,s:s*,s:I}", "event", "expire", "id", job ? job->id : NULL, "generation",
                                  (json_int_t)svc->generation));
}

void svc_journal_excuse(struct svc *svc, const struct svc_job *job)
{
    if (svc->journal)
        write_line(svc, json_pack("{s:s,s:s}", "event", "excuse", "id", job->id));
}

void svc_journal_violation(struct svc *svc, const char *text)
{
    if (svc->journal)
        write_line(svc, json_pack("{s:s,s:s}", "event", "violation", "text", text));
}

void svc_set_journal(struct svc *svc, FILE *file)
{
    svc->journal = file;
}
