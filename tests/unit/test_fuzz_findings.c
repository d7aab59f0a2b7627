/* SPDX-License-Identifier: MIT */
/*
 * One test for each fuzzer finding, small enough to read. The inputs are in the corpora of tests/fuzz too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "protocol/json.h"
#include "protocol/payload.h"
#include "protocol/saved.h"
#include "protocol/sniff.h"

/* fuzz_sniff: the brands of a long "ftyp" box were read up to the end of memory, so a reader's first piece mattered. */
static void a_content_type_depends_on_the_first_64_bytes_only(void **state)
{
    uint8_t image[72] = "\0\0\0\x48"
                        "ftypmif1";

    (void)state;
    for (size_t at = 16; at < sizeof(image); at += 4)
        memcpy(image + at, "miaf", 4);
    memcpy(image + AD_SNIFF_SIZE, "heic", 4);
    assert_string_equal(ad_sniff(image, sizeof(image)), "image/heif");
    assert_string_equal(ad_sniff(image, AD_SNIFF_SIZE), "image/heif");
    memcpy(image + AD_SNIFF_SIZE - 4, "heic", 4);
    assert_string_equal(ad_sniff(image, sizeof(image)), "image/heic");
    assert_string_equal(ad_sniff(image, AD_SNIFF_SIZE), "image/heic");
}

/*
 * fuzz_options: the largest double was accepted as an option, then written with 15 digits, which round up to infinity.
 * The create request could not be built with it, and a saved job with it could not be restored.
 */
static void a_number_that_could_not_be_written_is_not_read(void **state)
{
    static const char *const giants[] = {"1.7976931348623157e308", "-1.797693134862315e308",
                                         "[{\"a\":1.7976931348623157e308}]"};
    json_t *value = NULL;
    char *text;
    struct ad_problem problem;
    json_t *read = NULL;

    (void)state;
    assert_int_equal(ad_option_parse("1.79769313486231e308", 20, &value), ANIMALDETECT_OK);
    text = ad_options_serialize(value);
    assert_non_null(text);
    assert_int_equal(ad_json_load(text, strlen(text), 1, &read, NULL), ANIMALDETECT_OK);
    json_decref(read);
    json_decref(value);
    free(text);
    for (size_t i = 0; i < sizeof(giants) / sizeof(giants[0]); i++) {
        assert_int_equal(ad_option_parse(giants[i], strlen(giants[i]), &value), ANIMALDETECT_E_INVALID_ARGUMENT);
        assert_int_equal(ad_json_load(giants[i], strlen(giants[i]), 8, &read, &problem), ANIMALDETECT_E_PROTOCOL);
        assert_string_equal(problem.text, "a number is out of range");
    }
}

/* fuzz_saved: such a text was restored to a job that would have created another key, and so another job. */
static void a_saved_job_that_lost_its_own_key_is_refused(void **state)
{
    static const char *const texts[] = {
        "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"none\",\"operation\":\"detect\",\"own_key\":true}",
        "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"none\",\"operation\":\"detect\",\"random_key\":true}",
        ("{\"animaldetect_job\":1,\"stage\":\"created\",\"input\":\"none\",\"job_id\":\"a\",\"own_key\":true,"
         "\"idempotency_key\":\"k\"}"),
    };
    struct ad_saved saved;
    struct ad_problem problem;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(ad_saved_read(&saved, texts[i], strlen(texts[i]), NULL, &problem), ANIMALDETECT_E_SAVED_JOB);
        assert_string_equal(problem.text, i < 2 ? "idempotency_key is missing" : "operation is missing");
        ad_saved_clear(&saved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_content_type_depends_on_the_first_64_bytes_only),
        cmocka_unit_test(a_number_that_could_not_be_written_is_not_read),
        cmocka_unit_test(a_saved_job_that_lost_its_own_key_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
