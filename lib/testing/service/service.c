/* SPDX-License-Identifier: MIT */
/*
 * The life of a request: find its route, choose its faults, check key and rate window, process it, count it.  And the
 * lifetime of the model.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

#define DAY_MS INT64_C(86400000)

void svc_config_default(struct svc_config *config)
{
    *config = (struct svc_config){
        .api_key = "sk_test_service",
        .api_origin = "https://api.animaldetect.com",
        .old_api_origin = "https://www.animaldetect.com",
        .storage_origin = "https://storage.googleapis.com",
        .foreign_origin = "https://foreign.example",
        .seed = 1,
        .processing = "lognormal:8000:0.6",
        .queue_share = 0.25,
        .upload_method = "PUT",
        .upload_ttl_ms = 900000,
        .job_ttl_ms = 30 * DAY_MS,
        .result_early_status = 409,
    };
}

/* Applies `act` to every text of the configuration, for copying and freeing. */
static void each_text(struct svc_config *config, void (*act)(const char **text))
{
    const char **texts[] = {&config->unknown_state,      &config->api_key,        &config->api_origin,
                            &config->old_api_origin,     &config->answer_origin,  &config->storage_origin,
                            &config->foreign_origin,     &config->processing,     &config->odd_status,
                            &config->upload_method,      &config->checksum_field, &config->upload_header_name,
                            &config->upload_header_value};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        act(texts[i]);
}

static void own_text(const char **text)
{
    *text = svc_copy(*text);
}

static void free_text(const char **text)
{
    free((char *)(uintptr_t)*text);
    *text = NULL;
}

struct svc *svc_new(const struct svc_config *config)
{
    struct svc_processing processing;
    struct svc *svc;

    if (sodium_init() < 0 || !svc_processing_parse(config->processing, &processing))
        return NULL;
    svc = svc_alloc(sizeof(*svc));
    svc->config = *config;
    svc->processing = processing;
    svc->life = 1;
    each_text(&svc->config, own_text);
    ad_rng_seed(&svc->fault_rng, config->seed ^ UINT64_C(0x6661756c74));
    crypto_hash_sha256(svc->signing_key, (const unsigned char *)&config->seed, sizeof(config->seed));
    svc_key_add(svc, config->api_key, config->rpm);
    return svc;
}

void svc_free(struct svc *svc)
{
    if (!svc)
        return;
    for (size_t i = 0; i < svc->job_count; i++)
        svc_job_free(svc->jobs[i]);
    for (size_t i = 0; i < svc->key_count; i++) {
        free(svc->keys[i].text);
        svc_window_free(&svc->keys[i].window);
    }
    for (size_t i = 0; i < svc->images.capacity; i++)
        free(svc->images.entries[i].value);
    for (size_t i = 0; i < svc->answers.capacity; i++)
        free((void *)(uintptr_t)svc->answers.entries[i].key);
    svc_table_free(&svc->by_id);
    svc_table_free(&svc->by_key);
    svc_work_free(svc);
    svc_deviation_free(svc);
    svc_table_free(&svc->images);
    svc_table_free(&svc->answers);
    json_decref(svc->answers_root);
    svc_faults_free(svc);
    svc_ledger_free(svc);
    free(svc->jobs);
    free(svc->keys);
    each_text(&svc->config, free_text);
    free(svc);
}

static void limited(struct svc_exchange *exchange, int64_t retry_s)
{
    exchange->svc->counts[SVC_COUNT_LIMITED]++;
    svc_answer_error(exchange, 429, "rate_limited", "rate limit exceeded");
    svc_answer_retry_after(exchange, retry_s);
}

/* Checks the key and its window.  False if the request was answered here. */
static bool pass_gate(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_key *key = svc_key_find(svc, svc_request_header(exchange->request, "Authorization"));
    int64_t retry_s = 0;
    bool accepted;

    if (!key) {
        svc->counts[SVC_COUNT_UNAUTHORIZED]++;
        svc_answer_error(exchange, 401, "unauthorized", "invalid, missing, or revoked API key");
        return false;
    }
    accepted = svc_window_accept(&key->window, svc->config.window, exchange->now_ms, &retry_s);
    svc_window_headers(exchange, &key->window);
    if (!accepted)
        limited(exchange, retry_s);
    return accepted;
}

static void process(struct svc_exchange *exchange)
{
    static const struct {
        const char *method;
        void (*act)(struct svc_exchange *exchange);
    } routes[SVC_ROUTE_END] = {
        [SVC_ROUTE_CREATE] = {"POST", svc_create},
        [SVC_ROUTE_SUBMIT] = {"POST", svc_submit},
        [SVC_ROUTE_POLL] = {"GET", svc_status},
        [SVC_ROUTE_FETCH] = {"GET", svc_result},
    };

    if (!routes[exchange->route].act) {
        svc_violate(exchange->svc, "unknown_route", "%s", exchange->path);
        svc_answer_error(exchange, 404, "not_found", "no such route");
    } else if (strcmp(exchange->request->method, routes[exchange->route].method) != 0) {
        svc_violate(exchange->svc, "bad_method", "%s %s", exchange->request->method, exchange->path);
        svc_answer_error(exchange, 405, "method_not_allowed", "the method is not allowed here");
    } else {
        routes[exchange->route].act(exchange);
    }
}

static void handle_api(struct svc_exchange *exchange)
{
    struct svc_effects effects;
    bool lost;

    svc_head_check_api(exchange);
    svc_peak_add(&exchange->svc->peak, exchange->now_ms);
    exchange->svc->counts[SVC_COUNT_API_REQUESTS]++;
    svc_fault_effects(exchange, &effects);
    lost = effects.delivery == SVC_RESET_BEFORE || (effects.delivery == SVC_STALL && !effects.after_effect);
    if (!lost && !effects.edge && !pass_gate(exchange)) {
        /* The rejection stands; faults may only change its delivery. */
        effects.status = 0;
        effects.html = 0;
    } else if (!svc_effect_before(exchange, &effects)) {
        process(exchange);
    }
    svc_effect_after(exchange, &effects);
}

static void handle_storage(struct svc *svc, const struct svc_request *request, int64_t now_ms,
                           struct svc_response *response)
{
    struct svc_upload *upload = svc_upload_begin(svc, request, now_ms, response);

    if (!upload)
        return;
    svc_upload_feed(upload, request->body, request->body_size);
    svc_upload_end(svc, upload, now_ms, response);
}

void svc_handle(struct svc *svc, const struct svc_request *request, int64_t now_ms, struct svc_response *response)
{
    struct svc_exchange exchange;

    svc_exchange_begin(&exchange, svc, request, now_ms, response);
    if (exchange.place == SVC_STORAGE) {
        /* The upload starts the response again, as for a streaming front end. */
        svc_response_clear(response);
        svc->request_serial--;
        handle_storage(svc, request, now_ms, response);
        return;
    }
    if (exchange.place == SVC_API) {
        handle_api(&exchange);
    } else {
        svc_head_check_elsewhere(&exchange);
        svc->counts[SVC_COUNT_FOREIGN]++;
        svc_answer_error(&exchange, 404, "not_found", "not the service");
        svc_effect_after(&exchange, &(struct svc_effects){.retry_after_s = -1, .retry_date_s = -1});
    }
    svc_exchange_end(&exchange);
}
