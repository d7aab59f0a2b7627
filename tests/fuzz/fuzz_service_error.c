/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes protocol/service_error and the verdict for it: an error body in any format gives a clean message that fits,
 * and every response has a verdict that the engine knows. Input: the body.
 */
#include <string.h>

#include <animaldetect/types.h>

#include "engine/failure.h"
#include "engine/steps.h"
#include "fuzz.h"
#include "protocol/expiry.h"
#include "protocol/verdict.h"

static void check_text(const char *text, size_t room)
{
    FUZZ_CHECK(memchr(text, '\0', room) != NULL);
    FUZZ_CHECK(fuzz_is_clean(text, strlen(text)));
}

/* Only blanks, with or without a byte order mark before them. */
static bool is_blank(const uint8_t *data, size_t size)
{
    for (size_t i = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; i < size; i++) {
        if (!memchr(" \t\r\n", data[i], 4))
            return false;
    }
    return true;
}

/* A storage's rejection leads to a fresh URL if it mentions expiry; a page with 401 or 403 is not the storage's. */
static bool asks_for_url(int32_t step, int32_t status, const struct ad_service_error *error)
{
    bool refused = status == 400 || ((status == 401 || status == 403) && !error->page);

    return step == ANIMALDETECT_STEP_UPLOAD && refused && ad_expiry_is_why(error);
}

static void check_verdicts(const struct ad_service_error *error)
{
    static const int32_t statuses[] = {0,   100, 200, 201, 302, 400, 401, 402, 403,
                                       404, 408, 409, 410, 429, 500, 503, 600};

    for (int32_t step = ANIMALDETECT_STEP_CREATE; step <= ANIMALDETECT_STEP_FETCH; step++) {
        for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
            struct ad_reply reply = {.net = AD_NET_OK, .http_status = statuses[i], .error = error};
            struct ad_verdict verdict = ad_verdict_of(&ad_step_of(step)->traits, &reply);

            FUZZ_CHECK(verdict.action <= AD_FAIL);
            FUZZ_CHECK((verdict.action == AD_ADVANCE) == (statuses[i] / 100 == 2));
            FUZZ_CHECK(verdict.action == AD_ADVANCE || verdict.status < ANIMALDETECT_AGAIN);
            FUZZ_CHECK(verdict.action != AD_RECONCILE || step == ANIMALDETECT_STEP_SUBMIT);
            FUZZ_CHECK((verdict.action == AD_REFRESH) == asks_for_url(step, statuses[i], error));
            FUZZ_CHECK((verdict.action == AD_THROTTLED) == (statuses[i] == 429 && step != ANIMALDETECT_STEP_UPLOAD));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_service_error error;
    char words[64];

    ad_service_error_read(&error, (const char *)data, size, NULL);
    check_text(error.code, sizeof(error.code));
    check_text(error.message, sizeof(error.message));
    check_text(error.detail, sizeof(error.detail));
    FUZZ_CHECK((error.message[0] == '\0') == is_blank(data, size));
    check_verdicts(&error);
    ad_failure_expiry_text(error.detail, words, sizeof(words));
    check_text(words, sizeof(words));
    return 0;
}
