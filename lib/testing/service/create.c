/* SPDX-License-Identifier: MIT */
/*
 * POST /jobs: creates a job, replays one, or rejects the request. Creates with the same Idempotency-Key and equal
 * payloads (as canonical JSON) are one job; without a key each create makes a new job.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

/* The upload target of a job: a fresh one, or the one of its create. */
json_t *svc_upload_json(struct svc_exchange *exchange, struct svc_job *job, bool fresh)
{
    const struct svc *svc = exchange->svc;
    char path[SVC_MAX_PATH];
    char url[SVC_MAX_PATH * 2];
    char when[32];
    json_t *headers = json_pack("{s:s}", "Content-Type", job->content_type);

    if (fresh) {
        job->upload_expires_ms = exchange->now_ms + svc->config.upload_ttl_ms;
        job->generation = svc->generation;
    }
    (void)snprintf(path, sizeof(path), "/animal_detect/uploads/%s", job->id);
    svc_signed_url(svc, path, job->upload_expires_ms, job->generation, url, sizeof(url));
    if (svc->config.upload_header_name)
        json_object_set_new(headers, svc->config.upload_header_name, json_string(svc->config.upload_header_value));
    svc_format_iso(job->upload_expires_ms + svc->config.clock_skew_ms, when);
    return json_pack("{s:s,s:s,s:o,s:s}", "method", svc->config.upload_method, "url", url, "headers", headers,
                     "expires_at", when);
}

static void answer_job(struct svc_exchange *exchange, struct svc_job *job, int status)
{
    enum svc_replay_form form = exchange->svc->config.replay;
    bool fresh = status == 201 || form == SVC_REPLAY_FRESH;
    json_t *object = svc_job_json(exchange, job);

    if (svc_job_state_at(job, exchange->now_ms) == SVC_AWAITING && (fresh || form == SVC_REPLAY_STALE))
        json_object_set_new(object, "upload", svc_upload_json(exchange, job, fresh));
    svc_odd_answer(exchange, status, object, false);
}

static struct svc_job *job_from(struct svc *svc, const json_t *payload, const char *key, int64_t now_ms)
{
    struct svc_job *job = svc_alloc(sizeof(*job));
    const json_t *size = json_object_get(payload, "expected_size_bytes");
    const json_t *checksum = svc->config.checksum_field ? json_object_get(payload, svc->config.checksum_field) : NULL;
    const json_t *options = json_object_get(payload, "options");
    const char *source = json_string_value(json_object_get(payload, "source_url"));
    struct ad_rng rng;

    job->serial = svc->job_count;
    ad_rng_seed(&rng, svc->config.seed * UINT64_C(0x9e3779b97f4a7c15) + job->serial * 2);
    svc_make_uuid(&rng, job->id);
    job->operation = svc_operation_from(json_string_value(json_object_get(payload, "operation")));
    job->key = svc_copy(key);
    job->reference = svc_copy(json_string_value(json_object_get(payload, "client_reference_id")));
    job->options = options ? json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    job->expected_size = size ? json_integer_value(size) : -1;
    job->has_checksum = checksum && svc_parse_hex(json_string_value(checksum), job->checksum);
    job->created_ms = now_ms;
    job->expires_ms = now_ms + svc->config.job_ttl_ms;
    job->queued_ms = -1;
    if (source)
        crypto_hash_sha256(job->digest, (const unsigned char *)source, strlen(source));
    else
        job->content_type = svc_copy(json_string_value(json_object_get(payload, "content_type")));
    return job;
}

static void create_new(struct svc_exchange *exchange, const json_t *payload, const char *key,
                       const uint8_t digest[SVC_DIGEST_SIZE])
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = job_from(svc, payload, key, exchange->now_ms);

    memcpy(job->payload, digest, SVC_DIGEST_SIZE);
    if (!key && !svc->config.allow_missing_key)
        svc_violate(svc, "missing_idempotency_key", "%s", job->id);
    svc_job_add(svc, job);
    if (!job->content_type)
        svc_processing_start(svc, job, exchange->now_ms);
    answer_job(exchange, job, 201);
    svc_journal_create(svc, job);
    if (!job->content_type)
        svc_work_submitted(svc, job, exchange->now_ms);
}

static void answer_key_in_use(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;

    svc->counts[SVC_COUNT_CONFLICTS]++;
    svc_answer_error(exchange, 409, "idempotency_key_in_use",
                     "there is another request in progress with this Idempotency-Key");
    if (svc->config.key_in_use_retry_after_s > 0)
        svc_answer_retry_after(exchange, svc->config.key_in_use_retry_after_s);
}

static void create_from(struct svc_exchange *exchange, json_t *payload)
{
    struct svc *svc = exchange->svc;
    const char *key = svc_request_header(exchange->request, "Idempotency-Key");
    const char *wrong = svc_payload_check(&svc->config, payload);
    struct svc_job *job;
    uint8_t digest[SVC_DIGEST_SIZE];

    if (!wrong && key && (!*key || strlen(key) > 255))
        wrong = "Idempotency-Key must have 1 to 255 characters";
    if (wrong) {
        svc_answer_error(exchange, 400, "validation_error", wrong);
        return;
    }
    svc_payload_digest(payload, digest);
    job = key ? svc_table_get(&svc->by_key, key, strlen(key)) : NULL;
    if (key && svc_deviation_key_in_use(svc, key, job, exchange->now_ms)) {
        answer_key_in_use(exchange);
    } else if (!job) {
        create_new(exchange, payload, key, digest);
    } else if (memcmp(job->payload, digest, SVC_DIGEST_SIZE) == 0) {
        svc->counts[SVC_COUNT_REPLAYS]++;
        answer_job(exchange, job, 200);
    } else {
        svc->counts[SVC_COUNT_CONFLICTS]++;
        svc_answer_error(exchange, 409, "idempotency_conflict", "the key was used with a different payload");
    }
}

void svc_create(struct svc_exchange *exchange)
{
    const struct svc_request *request = exchange->request;
    const char *type = svc_request_header(request, "Content-Type");
    json_t *payload;

    if (!type || strncmp(type, "application/json", 16) != 0) {
        svc_violate(exchange->svc, "bad_header", "create with Content-Type %s", type ? type : "missing");
        svc_answer_error(exchange, 400, "validation_error", "Content-Type must be application/json");
        return;
    }
    if (request->body_size > SVC_MAX_BODY_BYTES) {
        svc_answer_error(exchange, 413, "too_large", "the request body is too large");
        return;
    }
    payload = request->body_size ? json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!payload) {
        svc_answer_error(exchange, 400, "validation_error", "the body must be a JSON object");
        return;
    }
    create_from(exchange, payload);
    json_decref(payload);
}
