/* SPDX-License-Identifier: MIT */
/*
 * The promises of a redirect: which are followed, where the base URL has moved, and what is kept of a Location.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <animaldetect/types.h>

#include "protocol/redirect.h"
#include "protocol/request.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum {
    FINE = ANIMALDETECT_OK,
    UNTRUSTED = ANIMALDETECT_E_UNTRUSTED_URL,
    INSECURE = ANIMALDETECT_E_INSECURE_URL,
    NO_URL = ANIMALDETECT_E_PROTOCOL
};

static void five_statuses_redirect_and_two_are_permanent(void **state)
{
    (void)state;
    for (int32_t status = 0; status < 1000; status++) {
        bool good = status == 301 || status == 308;

        assert_int_equal(ad_redirect_is_for_good(status), good);
        assert_int_equal(ad_redirect_is_one(status), good || status == 302 || status == 303 || status == 307);
    }
}

static void only_trusted_origins_and_one_way_out_for_a_result_are_followed(void **state)
{
    static const struct {
        struct ad_redirected asked; /* storage, result, foreign, hops, trusted, open */
        enum ad_redirect_action action;
        const char *why;
    } rows[] = {
        {{false, false, false, 0, FINE, FINE}, AD_REDIRECT_FOLLOW, ""},
        {{false, false, false, 2, FINE, FINE}, AD_REDIRECT_FOLLOW, ""},
        {{false, false, false, 3, FINE, FINE}, AD_REDIRECT_REFUSE, "at most 3"},
        {{false, false, false, 0, UNTRUSTED, FINE}, AD_REDIRECT_REFUSE, "not a trusted origin"},
        {{false, false, false, 0, UNTRUSTED, INSECURE}, AD_REDIRECT_REFUSE, "plain http"},
        {{false, false, false, 0, UNTRUSTED, NO_URL}, AD_REDIRECT_REFUSE, "not a trusted origin"},
        {{false, false, false, 0, INSECURE, INSECURE}, AD_REDIRECT_REFUSE, "plain http"},
        {{false, true, false, 0, FINE, FINE}, AD_REDIRECT_FOLLOW, ""},
        {{false, true, false, 0, UNTRUSTED, FINE}, AD_REDIRECT_LEAVE, ""},
        {{false, true, false, 2, UNTRUSTED, FINE}, AD_REDIRECT_LEAVE, ""},
        {{false, true, false, 3, UNTRUSTED, FINE}, AD_REDIRECT_REFUSE, "at most 3"},
        {{false, true, false, 0, UNTRUSTED, INSECURE}, AD_REDIRECT_REFUSE, "plain http"},
        {{false, true, false, 0, UNTRUSTED, NO_URL}, AD_REDIRECT_REFUSE, "not a trusted origin"},
        {{false, true, false, 0, INSECURE, INSECURE}, AD_REDIRECT_REFUSE, "plain http"},
        {{false, true, true, 1, UNTRUSTED, FINE}, AD_REDIRECT_REFUSE, "only one redirect"},
        {{false, true, true, 1, FINE, FINE}, AD_REDIRECT_REFUSE, "only one redirect"},
        {{true, false, false, 0, FINE, FINE}, AD_REDIRECT_REFUSE, "storage"},
        {{true, false, false, 0, UNTRUSTED, FINE}, AD_REDIRECT_REFUSE, "storage"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *why = NULL;

        if (ad_redirect_decide(&rows[i].asked, &why) != rows[i].action || strstr(why, rows[i].why) == NULL)
            fail_msg("row %zu: %s", i, why);
        assert_int_equal(*why == '\0', rows[i].action != AD_REDIRECT_REFUSE);
    }
}

static void the_base_moves_where_what_lies_behind_it_stays(void **state)
{
    static const struct {
        const char *base;
        const char *url;
        const char *target;
        const char *moved; /* NULL: it does not move */
    } rows[] = {
        {"https://a/v1", "https://a/v1/jobs", "https://b/v2/jobs", "https://b/v2"},
        {"https://a/v1", "https://a/v1/jobs", "https://b/jobs", "https://b"},
        {"https://a", "https://a/jobs", "https://a/v1/jobs", "https://a/v1"},
        {"https://a/v1", "https://a/v1/jobs/7/submit", "https://b/v1/jobs/7/submit", "https://b/v1"},
        {"https://a/v1", "https://a/v1/jobs/7", "https://b/v1/jobs/7", "https://b/v1"},
        {"https://a/v1", "https://a/v1/jobs/7", "https://b/v1/jobs/8", NULL},
        {"https://a/v1", "https://a/v1/jobs/7", "https://b/v1/jobs/7/", NULL},
        {"https://a/v1", "https://a/v1/jobs/7", "https://b/v1/jobs/7?x=1", NULL},
        {"https://a/v1", "https://a/v1/jobs", "https://b/v1?next=/jobs", NULL},
        {"https://a/v1", "https://a/v1/jobs", "https://jobs", NULL},
        {"https://a/v1", "https://a/v1/jobs", "https://b/", NULL},
        {"https://a/v1", "https://a/v1/jobs", "", NULL},
        {"https://a/v1", "https://a/v10/jobs", "https://b/v1/jobs", NULL},
        {"https://a/v1", "https://a/v1", "https://b/v1", NULL},
        {"https://a/v1", "https://c/v1/jobs", "https://b/v1/jobs", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t behind = ad_redirect_behind(rows[i].base, rows[i].url);
        size_t kept = ad_redirect_keeps(rows[i].url, behind, rows[i].target);

        if ((kept > 0) != (rows[i].moved != NULL))
            fail_msg("row %zu: %s", i, rows[i].target);
        if (kept == 0)
            continue;
        assert_int_equal(kept, behind);
        assert_int_equal(strlen(rows[i].target) - kept, strlen(rows[i].moved));
        assert_memory_equal(rows[i].target, rows[i].moved, strlen(rows[i].moved));
    }
}

static void tell(struct ad_location *location, const char *name, const char *value)
{
    ad_location_header(location, name, strlen(name), value, strlen(value));
}

static void the_first_location_is_kept_whole_or_not_at_all(void **state)
{
    struct ad_location location;
    char large[8194];

    (void)state;
    ad_location_init(&location);
    tell(&location, "Content-Location", "https://a/");
    tell(&location, "Locatio", "https://a/");
    tell(&location, "Location", "");
    assert_int_equal(location.text.size, 0);
    tell(&location, "LOCATION", "https://b/");
    tell(&location, "location", "https://c/");
    assert_string_equal(ad_buf_string(&location.text), "https://b/");
    assert_int_equal(location.status, ANIMALDETECT_OK);
    ad_location_free(&location);

    ad_location_header(&location, "Location", 8, "https://a/\0https://b/", 21);
    assert_int_equal(location.status, ANIMALDETECT_E_INVALID_ARGUMENT);
    tell(&location, "Location", "https://c/");
    assert_int_equal(location.text.size, 0);
    ad_location_free(&location);

    memset(large, 'a', sizeof(large));
    large[8192] = '\0';
    tell(&location, "Location", large);
    assert_int_equal(location.text.size, 8192);
    ad_location_free(&location);
    large[8192] = 'a';
    large[8193] = '\0';
    tell(&location, "Location", large);
    assert_int_equal(location.status, ANIMALDETECT_E_ANSWER_TOO_LARGE);
    assert_int_equal(location.text.size, 0);
    ad_location_free(&location);
}

static void a_request_keeps_its_body_unless_it_becomes_a_get(void **state)
{
    struct ad_request_facts facts = {
        .base_url = "https://a/v1", .payload = {.operation = "detect", .filename = "a.jpg"}, .key = "k"};
    struct ad_request request;
    const char *reason;

    (void)state;
    ad_request_init(&request);
    assert_int_equal(ad_request_create(&facts, &request, &reason), ANIMALDETECT_OK);
    ad_request_redirect(&request, "https://b/v1/jobs", false);
    assert_string_equal(request.url, "https://b/v1/jobs");
    assert_string_equal(request.method, "POST");
    assert_int_equal(request.header_count, 4);
    assert_true(request.body_size > 0);
    ad_request_redirect(&request, "https://b/v1/jobs/7", true);
    assert_string_equal(request.url, "https://b/v1/jobs/7");
    assert_string_equal(request.method, "GET");
    assert_null(request.body);
    assert_int_equal(request.body_size, 0);
    assert_int_equal(request.header_count, 2);
    assert_string_equal(request.headers[0].name, "Accept");
    assert_string_equal(request.headers[1].value, "identity");
    ad_request_free(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_statuses_redirect_and_two_are_permanent),
        cmocka_unit_test(only_trusted_origins_and_one_way_out_for_a_result_are_followed),
        cmocka_unit_test(the_base_moves_where_what_lies_behind_it_stays),
        cmocka_unit_test(the_first_location_is_kept_whole_or_not_at_all),
        cmocka_unit_test(a_request_keeps_its_body_unless_it_becomes_a_get),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
