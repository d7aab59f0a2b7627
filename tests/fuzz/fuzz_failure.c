/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes engine/failure: clean facts give one clean line that names step and job, and the facts are stored unchanged.
 * Input: status, step, attempts (one byte each), retry-after in ms (four bytes), then lines: reason, code, message,
 * request id, job id, and a storage's detail.
 */
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "engine/failure.h"
#include "fuzz.h"

/* The largest sizes that the engine passes; REASON_SIZE and the sizes of answer.h and hints.h. */
#define MAX_REASON 700
#define MAX_WORDS 384
#define MAX_ID 96

/* One line as the engine passes it: cleaned and truncated. */
static char *take(struct fuzz_input *input, size_t room)
{
    size_t size;
    uint8_t *line = fuzz_take_line(input, &size);
    char *text = malloc(room);

    FUZZ_CHECK(text != NULL);
    (void)ad_text_quote(text, room, (const char *)line, size);
    free(line);
    return text;
}

static void check_text(const char *kept, const char *given)
{
    FUZZ_CHECK(*given ? fuzz_same_text(kept, given) : kept == NULL);
}

static void check_line(const struct ad_failure *failure, const struct ad_failure_facts *facts)
{
    const char *step = facts->step_name;

    FUZZ_CHECK(fuzz_is_clean(failure->line, strlen(failure->line)));
    FUZZ_CHECK(*failure->reason && strstr(failure->line, failure->reason));
    FUZZ_CHECK(!step || strncmp(failure->line, step, strlen(step)) == 0);
    FUZZ_CHECK(strstr(failure->line, facts->job_id) && strstr(failure->line, facts->request_id));
}

static void check_failure(const struct ad_failure_facts *facts)
{
    struct ad_failure *failure = ad_failure_new(facts);

    FUZZ_CHECK(failure != NULL);
    FUZZ_CHECK(failure->status == facts->status && failure->step == facts->step);
    FUZZ_CHECK(failure->retry_after_ms == facts->retry_after_ms);
    check_line(failure, facts);
    check_text(failure->code, facts->code);
    check_text(failure->message, facts->message);
    check_text(failure->request_id, facts->request_id);
    free(failure);
}

static void check_expiry(const char *detail)
{
    for (size_t room = 1; room <= 40; room++) {
        char *words = malloc(room);

        FUZZ_CHECK(words != NULL);
        ad_failure_expiry_text(detail, words, room);
        FUZZ_CHECK(strlen(words) < room && fuzz_is_clean(words, strlen(words)));
        FUZZ_CHECK(!*words || strchr(detail, ':'));
        free(words);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct ad_failure_facts facts = {
        .status = -(int32_t)fuzz_take_byte(&input),
        .step = fuzz_take_byte(&input) % 8,
        .attempts = fuzz_take_byte(&input),
    };
    char *reason;
    char *code;
    char *message;
    char *request_id;
    char *job_id;
    char *detail;

    facts.step_name = facts.step == ANIMALDETECT_STEP_NONE ? NULL : animaldetect_step_name(facts.step);
    facts.retry_after_ms = (int64_t)fuzz_take_number(&input, 4) - 1;
    facts.reason = reason = take(&input, MAX_REASON);
    facts.code = code = take(&input, AD_ERROR_CODE_SIZE);
    facts.message = message = take(&input, MAX_WORDS);
    facts.request_id = request_id = take(&input, MAX_ID);
    facts.job_id = job_id = take(&input, 129);
    detail = take(&input, MAX_WORDS);
    check_failure(&facts);
    check_expiry(detail);
    free(reason);
    free(code);
    free(message);
    free(request_id);
    free(job_id);
    free(detail);
    return 0;
}
