/* SPDX-License-Identifier: MIT */
/*
 * The storage: signed uploads, in pieces or whole, in constant memory. The head is checked when it arrives (signature,
 * method, headers, expiry), size and checksum at the end. Storage never accepts an API key.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

struct svc_upload {
    struct svc_exchange exchange; /* its request is NULL from then on */
    struct svc_effects effects;
    struct svc_job *job;
    int status; /* of a rejection because of the head; 0: none */
    const char *code;
    const char *message;
    char detail[256]; /* of the rejection, or "" */
    crypto_hash_sha256_state hash;
    uint64_t size;
};

static void refuse(struct svc_upload *upload, int status, const char *code, const char *message)
{
    upload->status = status;
    upload->code = code;
    upload->message = message;
}

/* Azure's message does not mention the expiry, only its detail does. */
static void refuse_expired_as_azure(struct svc_upload *upload, int64_t expires_ms)
{
    int64_t skew_ms = upload->exchange.svc->config.clock_skew_ms;
    char expiry[40];
    char current[40];

    svc_format_http_date(expires_ms + skew_ms, expiry);
    svc_format_http_date(upload->exchange.now_ms + skew_ms, current);
    (void)snprintf(upload->detail, sizeof(upload->detail),
                   "Signature not valid in the specified time frame: Start [Fri, 01 Jan 2021 00:00:00 GMT] - "
                   "Expiry [%s] - Current [%s]",
                   expiry, current);
    refuse(upload, 403, "AuthenticationFailed",
           "Server failed to authenticate the request. Make sure the value of Authorization header is formed "
           "correctly including the signature.");
}

static void refuse_expired(struct svc_upload *upload, int64_t expires_ms)
{
    struct svc *svc = upload->exchange.svc;

    svc->counts[SVC_COUNT_UPLOADS_EXPIRED]++;
    if (svc->config.expired_as_azure)
        refuse_expired_as_azure(upload, expires_ms);
    else if (svc->config.expired_as_403)
        refuse(upload, 403, "AccessDenied", "Request has expired");
    else
        refuse(upload, 400, "ExpiredToken", "The provided token has expired.");
}

/* The headers that the signature covers. */
static bool headers_hold(const struct svc_exchange *exchange, const struct svc_job *job)
{
    const struct svc_config *config = &exchange->svc->config;
    const char *type = svc_request_header(exchange->request, "Content-Type");
    const char *extra;

    if (!type || strcmp(type, job->content_type) != 0)
        return false;
    if (!config->upload_header_name)
        return true;
    extra = svc_request_header(exchange->request, config->upload_header_name);
    return extra && strcmp(extra, config->upload_header_value) == 0;
}

static void judge_head(struct svc_upload *upload)
{
    struct svc_exchange *exchange = &upload->exchange;
    struct svc *svc = exchange->svc;
    struct svc_job *job = svc_job_find(svc, exchange->id);
    int64_t expires_ms = 0;
    int64_t generation = 0;

    if (svc_request_header(exchange->request, "Authorization")) {
        refuse(upload, 400, "InvalidArgument", "Only one authentication mechanism is allowed.");
    } else if (!job || !job->content_type) {
        svc_violate(svc, "unknown_job", "upload to %s", exchange->path);
        refuse(upload, 404, "NoSuchKey", "The specified key does not exist.");
    } else if (!svc_signature_holds(exchange, &expires_ms, &generation)) {
        refuse(upload, 403, "SignatureDoesNotMatch", "The calculated signature does not match.");
    } else if (strcmp(exchange->request->method, svc->config.upload_method) != 0) {
        svc_violate(svc, "bad_method", "upload of %s by %s", job->id, exchange->request->method);
        refuse(upload, 403, "SignatureDoesNotMatch", "The method is not the one that was signed.");
    } else if (!headers_hold(exchange, job)) {
        svc_violate(svc, "bad_header", "upload of %s lacks a signed header", job->id);
        refuse(upload, 403, "SignatureDoesNotMatch", "A signed header is missing or different.");
    } else if (exchange->now_ms >= expires_ms || (uint64_t)generation < svc->min_generation ||
               (uint64_t)generation < job->min_generation) {
        refuse_expired(upload, expires_ms);
        svc_work_excuse(svc, job);
    } else {
        upload->job = job;
    }
}

/* A response before the body is read: the fault's status, 503 by default. */
static void answer_early(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    svc_answer_xml(exchange, effects->status ? effects->status : 503,
                   effects->code ? effects->code : "ServiceUnavailable", "The service does not want the rest.", NULL);
    exchange->response->early = true;
}

struct svc_upload *svc_upload_begin(struct svc *svc, const struct svc_request *head, int64_t now_ms,
                                    struct svc_response *response)
{
    struct svc_upload *upload = svc_alloc(sizeof(*upload));
    struct svc_exchange *exchange = &upload->exchange;
    bool lost;

    svc_exchange_begin(exchange, svc, head, now_ms, response);
    svc_head_check_storage(exchange);
    svc_fault_effects(exchange, &upload->effects);
    if (exchange->route == SVC_ROUTE_FETCH) {
        svc_handover(exchange, &upload->effects);
        free(upload);
        return NULL;
    }
    if (upload->effects.early)
        answer_early(exchange, &upload->effects);
    lost = upload->effects.delivery != SVC_DELIVER && svc_effect_before(exchange, &upload->effects);
    if (lost || upload->effects.early) {
        svc_effect_after(exchange, &upload->effects);
        svc_exchange_end(exchange);
        free(upload);
        return NULL;
    }
    if (!upload->effects.edge)
        judge_head(upload);
    crypto_hash_sha256_init(&upload->hash);
    svc_response_clear(response);
    exchange->request = NULL;
    exchange->response = NULL;
    exchange->query = "";
    return upload;
}

void svc_upload_feed(struct svc_upload *upload, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    crypto_hash_sha256_update(&upload->hash, bytes, size);
    upload->size += size;
}

static void judge_body(struct svc_upload *upload, uint8_t digest[SVC_DIGEST_SIZE])
{
    const struct svc_job *job = upload->job;

    crypto_hash_sha256_final(&upload->hash, digest);
    if (upload->size > SVC_MAX_IMAGE_BYTES)
        refuse(upload, 400, "EntityTooLarge", "The upload is larger than the maximum.");
    else if (upload->size == 0)
        refuse(upload, 400, "EntityTooSmall", "The upload is empty.");
    else if (job->expected_size >= 0 && upload->size != (uint64_t)job->expected_size)
        refuse(upload, 400, upload->size < (uint64_t)job->expected_size ? "EntityTooSmall" : "EntityTooLarge",
               "The upload has not the size that was announced.");
    else if (job->has_checksum && memcmp(digest, job->checksum, SVC_DIGEST_SIZE) != 0)
        refuse(upload, 400, "BadDigest", "The upload has not the checksum that was announced.");
}

/* An upload after the submit is accepted, as object storage does, but the job keeps its image. */
static void store(struct svc_upload *upload, const uint8_t digest[SVC_DIGEST_SIZE])
{
    struct svc_exchange *exchange = &upload->exchange;
    struct svc_job *job = upload->job;

    if (svc_job_state_at(job, exchange->now_ms) == SVC_AWAITING) {
        svc_job_store_image(exchange->svc, job, digest, upload->size);
        svc_journal_upload(exchange->svc, job);
    } else if (!exchange->svc->config.shared_jobs) {
        svc_violate(exchange->svc, "upload_after_submit", "%s", job->id);
    }
    exchange->response->status = 200;
}

void svc_upload_end(struct svc *svc, struct svc_upload *upload, int64_t now_ms, struct svc_response *response)
{
    struct svc_exchange *exchange = &upload->exchange;
    uint8_t digest[SVC_DIGEST_SIZE];

    exchange->now_ms = now_ms;
    exchange->response = response;
    svc_answer_begin(exchange);
    if (!svc_effect_before(exchange, &upload->effects)) {
        if (upload->status == 0)
            judge_body(upload, digest);
        if (upload->status == 0) {
            store(upload, digest);
        } else {
            svc->counts[SVC_COUNT_UPLOADS_REFUSED]++;
            svc_answer_xml(exchange, upload->status, upload->code, upload->message,
                           *upload->detail ? upload->detail : NULL);
        }
    }
    svc_effect_after(exchange, &upload->effects);
    svc_exchange_end(exchange);
    free(upload);
}

void svc_upload_abort(struct svc_upload *upload)
{
    free(upload);
}
