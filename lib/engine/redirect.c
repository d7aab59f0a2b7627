/* SPDX-License-Identifier: MIT */
/*
 * Turns a redirect into the next request: resolves it, checks whether it may be followed, stores the URL. Messages name
 * only the origin of the destination: a path or a query may be a password.
 */
#include "engine/redirect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/hop.h"
#include "protocol/json.h"
#include "protocol/redirect.h"

#define MOST_MOVES 3
#define SHOWN_URL 400 /* large enough for a whole origin */

static const char *redirect_peer(const struct ad_exchange *exchange)
{
    if (ad_exchange_is_foreign(exchange))
        return "the server of the result";
    return exchange->step->traits.storage ? "storage" : "service";
}

/* "service answered 308: moved to https://other.example, which is not a trusted origin" */
static int32_t redirect_refuse(const struct ad_exchange *exchange, const char *target, const char *why,
                               struct ad_problem *problem)
{
    char text[AD_ORIGIN_TEXT_SIZE];
    char shown[AD_ORIGIN_TEXT_SIZE];
    struct ad_origin origin;
    int32_t status = ad_origin_parse(target, &origin);

    if (status != ANIMALDETECT_OK)
        return status == ANIMALDETECT_E_NO_MEMORY ? status : ANIMALDETECT_E_HTTP;
    ad_origin_format(&origin, text, sizeof text);
    (void)ad_mask_text(exchange->engine->mask, shown, sizeof shown, text, strlen(text));
    (void)ad_problem_set(problem, "%s answered %" PRId32 ": redirect to %s%s", redirect_peer(exchange),
                         exchange->transfer.http_status, shown, why);
    return ANIMALDETECT_E_HTTP;
}

/* The same for an invalid Location. */
static int32_t redirect_unusable(const struct ad_exchange *exchange, const char *what, struct ad_problem *problem)
{
    (void)ad_problem_set(problem, "%s answered %" PRId32 " %s", redirect_peer(exchange), exchange->transfer.http_status,
                         what);
    return ANIMALDETECT_E_HTTP;
}

/* The destination, as a new string; NULL on failure. */
static int32_t redirect_target(const struct ad_exchange *exchange, char **target, struct ad_problem *problem)
{
    const struct ad_location *location = &exchange->location;
    int32_t status = location->status;

    *target = NULL;
    if (status == ANIMALDETECT_OK && location->text.size == 0)
        return redirect_unusable(exchange, "without a Location header", problem);
    if (status == ANIMALDETECT_OK)
        status = ad_url_resolve(exchange->request.url, ad_buf_string(&location->text), target);
    if (status == ANIMALDETECT_E_NO_MEMORY)
        return status;
    if (status != ANIMALDETECT_OK)
        return redirect_unusable(exchange, "with an invalid Location header", problem);
    if (!ad_mask_finds(exchange->engine->mask, *target))
        return ANIMALDETECT_OK;
    free(*target);
    *target = NULL;
    return redirect_unusable(exchange, "with a Location header that contains the API key", problem);
}

static int32_t hop_new(const struct ad_exchange *exchange, const char *target, bool foreign, struct ad_hop **out)
{
    const struct ad_hop *last = exchange->hop;
    const char *url = exchange->request.url;
    int32_t http_status = exchange->transfer.http_status;
    size_t behind = last != NULL ? last->behind : ad_redirect_behind(ad_engine_base_url(exchange->engine), url);
    struct ad_hop *hop = malloc(sizeof *hop + strlen(target) + 1);

    *out = hop;
    if (hop == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    hop->behind = ad_redirect_is_for_good(http_status) && !foreign ? ad_redirect_keeps(url, behind, target) : 0;
    hop->count = (last == NULL ? 0 : last->count) + 1;
    hop->get = http_status == 303 || (last != NULL && last->get);
    hop->foreign = foreign;
    memcpy(hop->url, target, strlen(target) + 1);
    return ANIMALDETECT_OK;
}

static int32_t redirect_follow(struct ad_exchange *exchange, struct ad_problem *problem)
{
    const struct ad_config *config = exchange->engine->config;
    struct ad_redirected asked = {
        .storage = exchange->step->traits.storage,
        .result = exchange->step_number == ANIMALDETECT_STEP_FETCH,
        .foreign = ad_exchange_is_foreign(exchange),
        .hops = exchange->hop == NULL ? 0 : exchange->hop->count,
    };
    enum ad_redirect_action action;
    const char *why;
    char *target;
    int32_t status = redirect_target(exchange, &target, problem);

    if (status != ANIMALDETECT_OK)
        return status;
    asked.trusted = ad_config_check_api_url(config, target);
    asked.open = ad_config_check_upload_url(config, target);
    action = ad_redirect_decide(&asked, &why);
    if (asked.trusted == ANIMALDETECT_E_NO_MEMORY || asked.open == ANIMALDETECT_E_NO_MEMORY)
        status = ANIMALDETECT_E_NO_MEMORY;
    else if (action == AD_REDIRECT_REFUSE)
        status = redirect_refuse(exchange, target, why, problem);
    else
        status = hop_new(exchange, target, action == AD_REDIRECT_LEAVE, &exchange->job->call.hop);
    free(target);
    return status;
}

int32_t ad_redirect_follow(struct ad_exchange *exchange, struct ad_problem *problem)
{
    int32_t status = redirect_follow(exchange, problem);

    if (status == ANIMALDETECT_E_NO_MEMORY)
        problem->text = "out of memory while following a redirect";
    return status;
}

static void log_move(const struct ad_exchange *exchange, const char *from, const char *to)
{
    const struct ad_engine *engine = exchange->engine;
    struct animaldetect_log_record record = {
        .level = ANIMALDETECT_LOG_WARNING,
        .step = exchange->step_number,
        .http_status = exchange->transfer.http_status,
        .duration_ms = -1,
        .job = exchange->job,
        .request_id = exchange->hints.request_id,
    };
    char old[SHOWN_URL];
    char new[SHOWN_URL];

    (void)ad_mask_text(engine->mask, old, sizeof old, from, strlen(from));
    (void)ad_mask_text(engine->mask, new, sizeof new, to, strlen(to));
    ad_log_write(engine->log, &record, "permanent redirect of the API from %s to %s: update the base URL", old, new);
}

void ad_redirect_arrived(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    const struct ad_hop *hop = exchange->hop;
    const char *base = ad_engine_base_url(engine);
    char *moved;

    if (hop == NULL || hop->behind == 0 || engine->base_moves == MOST_MOVES)
        return;
    moved = strndup(hop->url, strlen(hop->url) - hop->behind);
    if (moved == NULL || strcmp(moved, base) == 0) {
        free(moved); /* out of memory: the next redirect will move it */
        return;
    }
    log_move(exchange, base, moved);
    free(engine->moved_base);
    engine->moved_base = moved;
    engine->base_moves++;
}
