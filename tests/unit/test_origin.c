/* SPDX-License-Identifier: MIT */
/*
 * The promises of origins: one normal form for all spellings, rejection of every URL that two parsers read differently.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/origin.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void all_spellings_of_an_origin_have_one_form(void **state)
{
    static const struct {
        const char *url;
        const char *origin;
    } rows[] = {
        {"https://api.animaldetect.com/v1", "https://api.animaldetect.com"},
        {"HTTPS://API.AnimalDetect.COM/v1", "https://api.animaldetect.com"},
        {"https://api.animaldetect.com.", "https://api.animaldetect.com"},
        {"https://api.animaldetect.com:443/?q#f", "https://api.animaldetect.com"},
        {"https://api.animaldetect.com:/", "https://api.animaldetect.com"},
        {"https://api.animaldetect.com:0443", "https://api.animaldetect.com"},
        {"https://api.animaldetect.com:8443", "https://api.animaldetect.com:8443"},
        {"http://host", "http://host"},
        {"http://host:80", "http://host"},
        {"http://host:443", "http://host:443"},
        {"https://host:80", "https://host:80"},
        {"https://xn--bcher-kva.example", "https://xn--bcher-kva.example"},
        {"https://a_b.example", "https://a_b.example"},
        {"https://host?user@other", "https://host"},
        {"https://host/p%41th@x", "https://host"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
        {"http://127.1", "http://127.0.0.1"},
        {"http://0x7f000001", "http://127.0.0.1"},
        {"http://2130706433", "http://127.0.0.1"},
        {"http://0177.0.0.1", "http://127.0.0.1"},
        {"http://[::1]:9", "http://[::1]:9"},
        {"http://[0:0:0:0:0:0:0:1]", "http://[::1]"},
        {"http://[2001:DB8:0::1]", "http://[2001:db8::1]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_origin origin;
        char text[AD_ORIGIN_TEXT_SIZE];

        if (ad_origin_parse(rows[i].url, &origin) != ANIMALDETECT_OK)
            fail_msg("refused: %s", rows[i].url);
        ad_origin_format(&origin, text, sizeof(text));
        assert_string_equal(text, rows[i].origin);
    }
}

static const char *const refused[] = {
    "",
    "/v1",
    "api.animaldetect.com",
    "//api.animaldetect.com",
    "ftp://host",
    "file:///etc/passwd",
    "httpss://host",
    "https:host",
    "https:/host",
    "https:///host",
    "https://",
    "https://?q",
    "https://:443",
    "https://user@host",
    "https://user:password@host",
    "https://@host",
    "https://api.animaldetect.com@evil.example",
    "https://api.animaldetect.com%40evil.example",
    "https://api%2eanimaldetect.com",
    "https://evil.example\\@api.animaldetect.com",
    "https://evil.example\\.animaldetect.com",
    "https:\\\\host",
    "https://host/a\\b",
    "https://ho st",
    "https://host/a b",
    "https://host/\t",
    "https://host\n",
    " https://host",
    ("https://b\xC3\xBC"
     "cher.example"),
    "https://host/\xC3\xBC",
    "https://host:0",
    "https://host:65536",
    "https://host:99999999999",
    "https://host:-1",
    "https://host:+80",
    "https://host:8o",
    "https://host:80:80",
    "https://a..b",
    "https://.host",
    "https://host..",
    "https://.",
    "https://host,other",
    "https://host;other",
    "https://host'",
    "https://host*",
    "https://256.1.1.1",
    "https://1.2.3.4.5",
    "https://1.2.3.4.",
    "https://example.08",
    "https://example.0x1g2.0x",
    "https://[::1",
    "https://[]",
    "https://[::g]",
    "https://[fe80::1%25eth0]",
    "https://[::1]x",
    "https://[1.2.3.4]",
};

static void what_parsers_read_differently_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct ad_origin origin = {.host = "unchanged", .port = 7};
        char *base = NULL;

        if (ad_origin_parse(refused[i], &origin) != ANIMALDETECT_E_INVALID_ARGUMENT)
            fail_msg("taken: %s", refused[i]);
        assert_string_equal(origin.host, "unchanged");
        assert_int_equal(ad_base_url_normalize(refused[i], &base), ANIMALDETECT_E_INVALID_ARGUMENT);
        assert_null(base);
    }
}

static void lengths_are_bounded(void **state)
{
    struct ad_origin origin;
    char url[9000];

    (void)state;
    memset(url, 'a', sizeof(url));
    memcpy(url, "https://host/", 13);
    url[8192] = '\0';
    assert_int_equal(ad_origin_parse(url, &origin), ANIMALDETECT_OK);
    url[8192] = 'a';
    url[8193] = '\0';
    assert_int_equal(ad_origin_parse(url, &origin), ANIMALDETECT_E_INVALID_ARGUMENT);
    memset(url, 'a', sizeof(url));
    memcpy(url, "https://", 8);
    url[8 + AD_HOST_SIZE] = '\0';
    assert_int_equal(ad_origin_parse(url, &origin), ANIMALDETECT_E_INVALID_ARGUMENT);
}

static void origins_differ_in_scheme_host_or_port(void **state)
{
    static const char *const urls[] = {"https://host", "http://host:443", "https://host:8443", "https://host.example"};
    struct ad_origin origins[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++)
        assert_int_equal(ad_origin_parse(urls[i], &origins[i]), ANIMALDETECT_OK);
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        for (size_t j = 0; j < COUNT_OF(urls); j++)
            assert_int_equal(ad_origin_equal(&origins[i], &origins[j]), i == j);
    }
}

static void loopback_is_only_what_cannot_leave_the_machine(void **state)
{
    static const struct {
        const char *url;
        bool loopback;
    } rows[] = {
        {"http://localhost", true},
        {"http://LOCALHOST.:1", true},
        {"http://a.localhost", true},
        {"http://127.0.0.1", true},
        {"http://127.255.255.254", true},
        {"http://127.1", true},
        {"http://[::1]", true},
        {"http://128.0.0.1", false},
        {"http://0.0.0.0", false},
        {"http://126.255.255.255", false},
        {"http://notlocalhost", false},
        {"http://localhost.example", false},
        {"http://127.0.0.1.example", false},
        {"http://[::]", false},
        {"http://[::ffff:127.0.0.1]", false},
        {"http://[::2]", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_origin origin;

        assert_int_equal(ad_origin_parse(rows[i].url, &origin), ANIMALDETECT_OK);
        if (ad_origin_is_loopback(&origin) != rows[i].loopback)
            fail_msg("%s", rows[i].url);
    }
}

static void a_url_that_begins_like_the_base_has_its_origin(void **state)
{
    static const struct {
        const char *base;
        const char *url;
        bool begins;
    } rows[] = {
        {"https://host/v1", "https://host/v1/jobs/1", true},
        {"https://host/v1", "https://host/", true},
        {"https://host", "https://host/x?y=@evil", true},
        {"http://[::1]:8080/v1", "http://[::1]:8080/v1/jobs", true},
        {"https://host/v1", "https://host", false},
        {"https://host/v1", "https://host.evil/v1", false},
        {"https://host/v1", "https://host@evil/v1", false},
        {"https://host/v1", "https://host:444/v1", false},
        {"https://host/v1", "https://host\\@evil/v1", false},
        {"https://host/v1", "https://host/v1\\x", false},
        {"https://host/v1", "https://host/v1 x", false},
        {"https://host/v1", "https://host/\n", false},
        {"https://host/v1", "https://host/\xc3\xa9", false},
        {"https://host/v1", "https://host?/v1", false},
        {"https://host/v1", "https://host#/v1", false},
        {"https://host/v1", "http://host/v1", false},
        {"https://host/v1", "HTTPS://host/v1", false}, /* the same, but not by comparing bytes */
        {"https://host:8443/v1", "https://host/v1", false},
        {"https://host/v1", "", false},
        {"", "https://host/v1", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_origin base;
        struct ad_origin other;

        if (ad_origin_begins(rows[i].base, rows[i].url) != rows[i].begins)
            fail_msg("row %zu: \"%s\"", i, rows[i].url);
        if (!rows[i].begins)
            continue;
        assert_int_equal(ad_origin_parse(rows[i].base, &base), ANIMALDETECT_OK);
        assert_int_equal(ad_origin_parse(rows[i].url, &other), ANIMALDETECT_OK);
        assert_true(ad_origin_equal(&base, &other));
    }
}

static void a_base_url_loses_its_trailing_slashes_and_nothing_else(void **state)
{
    static const struct {
        const char *url;
        const char *base; /* NULL: rejected */
    } rows[] = {
        {"https://api.animaldetect.com/v1", "https://api.animaldetect.com/v1"},
        {"https://API.animaldetect.com:443/v1///", "https://api.animaldetect.com/v1"},
        {"https://www.animaldetect.com/api/v1/", "https://www.animaldetect.com/api/v1"},
        {"https://host", "https://host"},
        {"https://host/", "https://host"},
        {"http://127.0.0.1:8080/a/b", "http://127.0.0.1:8080/a/b"},
        {"https://host/v1?key=1", NULL},
        {"https://host/v1?", NULL},
        {"https://host/v1#top", NULL},
        {"https://host#", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *base = NULL;
        int32_t status = ad_base_url_normalize(rows[i].url, &base);

        assert_int_equal(status, rows[i].base ? ANIMALDETECT_OK : ANIMALDETECT_E_INVALID_ARGUMENT);
        if (rows[i].base)
            assert_string_equal(base, rows[i].base);
        else
            assert_null(base);
        free(base);
    }
}

#define ASKED "https://api.example/v1/jobs/7/result?view=full"

static void a_reference_is_resolved_against_the_url_that_was_asked_for(void **state)
{
    static const struct {
        const char *reference;
        const char *url;
    } rows[] = {
        {"https://other.example/x?y=1", "https://other.example/x?y=1"},
        {"HTTPS://OTHER.example/x", "https://OTHER.example/x"},
        {"https://other.example", "https://other.example/"},
        {"https://other.example?y=1", "https://other.example/?y=1"},
        {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
        {"//other.example/x", "https://other.example/x"},
        {"//other.example:8443", "https://other.example:8443/"},
        {"/v2/jobs/7", "https://api.example/v2/jobs/7"},
        {"/", "https://api.example/"},
        {"other", "https://api.example/v1/jobs/7/other"},
        {"./other", "https://api.example/v1/jobs/7/other"},
        {"a/b", "https://api.example/v1/jobs/7/a/b"},
        {"a/../b", "https://api.example/v1/jobs/7/b"},
        {"../8", "https://api.example/v1/jobs/8"},
        {"../../../../../x", "https://api.example/x"},
        {"/a/./b/../../x", "https://api.example/x"},
        {"/..", "https://api.example/"},
        {"?view=short", "https://api.example/v1/jobs/7/result?view=short"},
        {"?u=https://other.example/", "https://api.example/v1/jobs/7/result?u=https://other.example/"},
        {"x?u=//other.example/", "https://api.example/v1/jobs/7/x?u=//other.example/"},
        {"./1:2", "https://api.example/v1/jobs/7/1:2"},
        {"/x#part", "https://api.example/x"},
        {"https://other.example/x#part", "https://other.example/x"},
        {"#part", ASKED},
        {"", ASKED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *url = NULL;

        if (ad_url_resolve(ASKED, rows[i].reference, &url) != ANIMALDETECT_OK)
            fail_msg("\"%s\" is refused", rows[i].reference);
        assert_string_equal(url, rows[i].url);
        free(url);
    }
}

static void a_reference_that_parsers_read_differently_is_refused(void **state)
{
    static const char *const references[] = {
        "///other.example/x",
        "////other.example/x",
        "//",
        "//?x",
        "//@other.example/",
        "//user@other.example/",
        "//other%2eexample/",
        "/\\other.example/",
        "\\\\other.example",
        "https:/other.example/x",
        "https:///other.example/x",
        "https:other.example",
        "https:x",
        "https://",
        "https://user:password@other.example/",
        "https://other.example:0/",
        "https://other.example:99999/",
        "http:",
        "ftp://other.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a",
        "1:2",
        ":x",
        "a b",
        "/x\r\ny",
        "/\xc3\xa9",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        char *url = NULL;

        if (ad_url_resolve(ASKED, references[i], &url) != ANIMALDETECT_E_INVALID_ARGUMENT)
            fail_msg("\"%s\" becomes %s", references[i], url);
        assert_null(url);
    }
}

static void a_reference_has_the_largest_size_of_a_url(void **state)
{
    char reference[8300];
    char *url = NULL;

    (void)state;
    memset(reference, 'a', sizeof(reference));
    reference[0] = '/';
    reference[8000] = '\0';
    assert_int_equal(ad_url_resolve(ASKED, reference, &url), ANIMALDETECT_OK);
    assert_int_equal(strlen(url), strlen("https://api.example") + 8000);
    free(url);
    reference[8000] = 'a';
    reference[8190] = '\0';
    assert_int_equal(ad_url_resolve(ASKED, reference, &url), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_null(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_spellings_of_an_origin_have_one_form),
        cmocka_unit_test(what_parsers_read_differently_is_refused),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(origins_differ_in_scheme_host_or_port),
        cmocka_unit_test(loopback_is_only_what_cannot_leave_the_machine),
        cmocka_unit_test(a_url_that_begins_like_the_base_has_its_origin),
        cmocka_unit_test(a_base_url_loses_its_trailing_slashes_and_nothing_else),
        cmocka_unit_test(a_reference_is_resolved_against_the_url_that_was_asked_for),
        cmocka_unit_test(a_reference_that_parsers_read_differently_is_refused),
        cmocka_unit_test(a_reference_has_the_largest_size_of_a_url),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
