/* SPDX-License-Identifier: MIT */
/*
 * Where image bytes may be sent: a decision about the last upload URL does not apply to one that points elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <animaldetect/types.h>

#include "base/check.h"
#include "engine/config.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const urls[] = {
    "https://storage.example/a?b=c",
    "https://storage.example",
    "https://storage.example/",
    "https://storage.example:443/a",
    "https://STORAGE.example/a",
    "https://storage.example:8443/a",
    "https://storage.example.evil/a",
    "https://storage.example@evil/a",
    "https://storage.example\\@evil/a",
    "https://storage.example/a b",
    "https://storage.example/\n",
    "https://storage.example?a",
    "http://storage.example/a",
    "http://storage.example:443/a",
    "http://127.0.0.1:8080/a",
    "http://127.0.0.1:8080.evil/a",
    "http://127.0.0.1:80801/a",
    "http://127.0.0.1.evil:8080/a",
    "http://localhost/a",
    "http://[::1]/a",
    "http://[::1]:1/a",
    "ftp://storage.example/a",
    "//storage.example/a",
    "/a",
    "",
};

static int32_t verdict_after(const char *base, const char *before, const char *url)
{
    struct ad_config config;
    int32_t status;

    assert_int_equal(ad_config_init(&config), ANIMALDETECT_OK);
    assert_int_equal(ad_config_set_base_url(&config, base), ANIMALDETECT_OK);
    if (before != NULL)
        AD_IGNORE(ad_config_check_upload_url(&config, before));
    status = ad_config_check_upload_url(&config, url);
    ad_config_free(&config);
    return status;
}

static void an_upload_url_is_judged_alike_after_any_other(void **state)
{
    static const char *const bases[] = {"https://api.example/v1", "http://127.0.0.1:8080/v1", "https://127.0.0.1/v1"};

    (void)state;
    for (size_t base = 0; base < COUNT_OF(bases); base++)
        for (size_t i = 0; i < COUNT_OF(urls); i++) {
            int32_t fresh = verdict_after(bases[base], NULL, urls[i]);

            for (size_t before = 0; before < COUNT_OF(urls); before++)
                if (verdict_after(bases[base], urls[before], urls[i]) != fresh)
                    fail_msg("\"%s\" after \"%s\", base %s", urls[i], urls[before], bases[base]);
        }
}

/* A base URL that is set later applies from then on. */
static void plain_http_on_loopback_is_for_such_a_base_alone(void **state)
{
    static const char storage[] = "http://127.0.0.1:8080/a";
    struct ad_config config;

    (void)state;
    assert_int_equal(ad_config_init(&config), ANIMALDETECT_OK);
    assert_int_equal(ad_config_check_upload_url(&config, storage), ANIMALDETECT_E_INSECURE_URL);
    assert_int_equal(ad_config_set_base_url(&config, "http://localhost:1/v1"), ANIMALDETECT_OK);
    assert_int_equal(ad_config_check_upload_url(&config, storage), ANIMALDETECT_OK);
    assert_int_equal(ad_config_check_api_url(&config, "http://localhost:1/v1/jobs"), ANIMALDETECT_OK);
    assert_int_equal(ad_config_check_api_url(&config, "http://localhost:2/v1/jobs"), ANIMALDETECT_E_UNTRUSTED_URL);
    assert_int_equal(ad_config_check_upload_url(&config, "http://storage.example/a"), ANIMALDETECT_E_INSECURE_URL);
    assert_int_equal(ad_config_set_base_url(&config, "https://localhost/v1"), ANIMALDETECT_OK);
    assert_int_equal(ad_config_check_upload_url(&config, storage), ANIMALDETECT_E_INSECURE_URL);
    assert_int_equal(ad_config_check_upload_url(&config, "https://127.0.0.1:8080/a"), ANIMALDETECT_OK);
    ad_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_url_is_judged_alike_after_any_other),
        cmocka_unit_test(plain_http_on_loopback_is_for_such_a_base_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
