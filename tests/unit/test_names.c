/* SPDX-License-Identifier: MIT */
/*
 * The promises of the names: states, stages, steps, statistics and features have names, versions agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <jansson.h>
#include <string.h>

#include <animaldetect/statistics.h>
#include <animaldetect/types.h>
#include <animaldetect/version.h>

static void every_statistic_has_a_name_of_its_own(void **state)
{
    int32_t count = 0;

    (void)state;
    for (; animaldetect_statistic_name(count) != NULL; count++)
        for (int32_t other = 0; other < count; other++)
            assert_string_not_equal(animaldetect_statistic_name(count), animaldetect_statistic_name(other));
    assert_int_equal(count, ANIMALDETECT_STAT_CLOCK_OFFSET_MS + 1);
    assert_null(animaldetect_statistic_name(-1));
    assert_string_equal(animaldetect_statistic_name(ANIMALDETECT_STAT_REQUESTS_FETCH), "requests_fetch");
    assert_int_equal(animaldetect_statistic_is_gauge(ANIMALDETECT_STAT_HOLD_MS), 1);
    assert_int_equal(animaldetect_statistic_is_gauge(ANIMALDETECT_STAT_ITERATIONS), 0);
    assert_int_equal(animaldetect_statistic_is_gauge(ANIMALDETECT_STAT_UPLINK_RATE), 1);
    assert_int_equal(animaldetect_statistic_is_gauge(-1), 0);
    assert_int_equal(animaldetect_statistic_is_gauge(INT32_MAX), 0);
}

static void every_feature_has_a_text(void **state)
{
    const char *name;
    size_t count = 0;

    (void)state;
    for (; (name = animaldetect_feature_name(count)) != NULL; count++)
        assert_true(strlen(animaldetect_feature_text(name)) > 1);
    assert_true(count >= 9);
    assert_null(animaldetect_feature_name(SIZE_MAX));
    assert_null(animaldetect_feature_text("teleport"));
    assert_null(animaldetect_feature_text(NULL));
    assert_string_equal(animaldetect_feature_text("libcurl"), curl_version_info(CURLVERSION_NOW)->version);
    assert_string_equal(animaldetect_feature_text("jansson"), jansson_version_str());
}

static void states_stages_and_steps_have_names(void **state)
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
    assert_string_equal(animaldetect_state_name(-1), "other");
    assert_string_equal(animaldetect_stage_name(INT32_MIN), "other");
    assert_string_equal(animaldetect_step_name(INT32_MAX), "other");
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
        cmocka_unit_test(every_statistic_has_a_name_of_its_own),
        cmocka_unit_test(every_feature_has_a_text),
        cmocka_unit_test(states_stages_and_steps_have_names),
        cmocka_unit_test(the_loaded_version_is_the_compiled_one),
        cmocka_unit_test(freeing_no_text_is_legal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
