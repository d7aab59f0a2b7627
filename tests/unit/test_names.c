/* SPDX-License-Identifier: MIT */
/*
 * The promises of the names: every status has its own name and words, unknown numbers are safe, versions agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <animaldetect/types.h>
#include <animaldetect/version.h>

static void every_status_has_a_name_and_words_of_its_own(void **state)
{
    (void)state;
    for (int32_t a = ANIMALDETECT_OK; a >= ANIMALDETECT_E_SYSTEM; a--) {
        assert_memory_equal(animaldetect_status_name(a), "ANIMALDETECT_", 13);
        assert_true(strlen(animaldetect_status_text(a)) > 3);
        for (int32_t b = ANIMALDETECT_OK; b > a; b--) {
            assert_string_not_equal(animaldetect_status_name(a), animaldetect_status_name(b));
            assert_string_not_equal(animaldetect_status_text(a), animaldetect_status_text(b));
        }
    }
}

#define CHECK_NAME(status) assert_string_equal(animaldetect_status_name(status), #status)

static void a_status_is_named_as_in_the_header(void **state)
{
    (void)state;
    CHECK_NAME(ANIMALDETECT_OK);
    CHECK_NAME(ANIMALDETECT_AGAIN);
    CHECK_NAME(ANIMALDETECT_E_INVALID_ARGUMENT);
    CHECK_NAME(ANIMALDETECT_E_FORKED);
    CHECK_NAME(ANIMALDETECT_E_READER);
    CHECK_NAME(ANIMALDETECT_E_CONFLICT);
    CHECK_NAME(ANIMALDETECT_E_PROTOCOL);
    CHECK_NAME(ANIMALDETECT_E_NO_INPUT);
    CHECK_NAME(ANIMALDETECT_ABSENT);
    CHECK_NAME(ANIMALDETECT_E_SYSTEM);
}

static void a_text_uses_the_standard_words(void **state)
{
    (void)state;
    assert_string_equal(animaldetect_status_text(ANIMALDETECT_E_STATE), "invalid state for this call");
    assert_string_equal(animaldetect_status_text(ANIMALDETECT_E_CANCELED), "canceled");
    assert_string_equal(animaldetect_status_text(ANIMALDETECT_E_FORBIDDEN),
                        "API key lacks permission for this operation");
}

static void unknown_numbers_have_safe_words(void **state)
{
    static const int32_t unknown[] = {1, ANIMALDETECT_E_SYSTEM - 1, INT32_MAX, INT32_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_string_equal(animaldetect_status_name(unknown[i]), "ANIMALDETECT_E_UNKNOWN");
        assert_string_equal(animaldetect_status_text(unknown[i]), "unknown status");
        assert_int_equal(animaldetect_status_is_retriable(unknown[i]), 0);
    }
    assert_string_equal(animaldetect_state_name(-1), "other");
    assert_string_equal(animaldetect_stage_name(INT32_MIN), "other");
    assert_string_equal(animaldetect_step_name(INT32_MAX), "other");
}

static void only_what_may_pass_by_itself_is_retriable(void **state)
{
    (void)state;
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_NETWORK), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_TIMEOUT), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_RATE_LIMITED), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_SERVICE), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_DEADLINE), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_NO_MEMORY), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_OK), 0);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_TLS), 0);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_CONFLICT), 0);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_PROTOCOL), 0);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_JOB_FAILED), 0);
}

static void states_stages_and_steps_have_their_words(void **state)
{
    (void)state;
    assert_string_equal(animaldetect_state_name(ANIMALDETECT_STATE_NONE), "none");
    assert_string_equal(animaldetect_state_name(ANIMALDETECT_STATE_AWAITING_UPLOAD), "awaiting_upload");
    assert_string_equal(animaldetect_state_name(ANIMALDETECT_STATE_EXPIRED), "expired");
    assert_string_equal(animaldetect_state_name(ANIMALDETECT_STATE_OTHER), "other");
    assert_string_equal(animaldetect_stage_name(ANIMALDETECT_STAGE_NEW), "new");
    assert_string_equal(animaldetect_stage_name(ANIMALDETECT_STAGE_FETCHED), "fetched");
    assert_string_equal(animaldetect_step_name(ANIMALDETECT_STEP_NONE), "none");
    assert_string_equal(animaldetect_step_name(ANIMALDETECT_STEP_UPLOAD), "upload");
    assert_string_equal(animaldetect_step_name(ANIMALDETECT_STEP_FETCH), "fetch");
}

static void the_loaded_version_is_the_compiled_one(void **state)
{
    (void)state;
    assert_string_equal(animaldetect_version(), ANIMALDETECT_VERSION);
    assert_int_equal(animaldetect_version_number(), ANIMALDETECT_VERSION_NUMBER);
}

static void freeing_no_text_is_legal(void **state)
{
    (void)state;
    animaldetect_text_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_and_words_of_its_own),
        cmocka_unit_test(a_status_is_named_as_in_the_header),
        cmocka_unit_test(a_text_uses_the_standard_words),
        cmocka_unit_test(unknown_numbers_have_safe_words),
        cmocka_unit_test(only_what_may_pass_by_itself_is_retriable),
        cmocka_unit_test(states_stages_and_steps_have_their_words),
        cmocka_unit_test(the_loaded_version_is_the_compiled_one),
        cmocka_unit_test(freeing_no_text_is_legal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
