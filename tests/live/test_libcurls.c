/* SPDX-License-Identifier: MIT */
/*
 * The whole library over a libcurl that lacks something: an image gets through, or the missing feature is named in a
 * status that a host does not retry. Which of the two is in lib/transport/curl/symbols-in-versions, the first argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/emulator.h"
#include "live/certificate.h"
#include "live/libcurl_shim.h"

#define FLOOR 0x074a00u

struct row {
    char name[64];
    unsigned version;
    char use[16];
};

static struct row rows[300];
static size_t row_count;
static uint32_t images;

static void read_table(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        struct row *row = &rows[row_count];
        unsigned major, minor, patch = 0;

        if (line[0] == '#')
            continue;
        assert_true(row_count < sizeof rows / sizeof rows[0]);
        if (sscanf(line, "%63s %u.%u.%u %15s", row->name, &major, &minor, &patch, row->use) != 5)
            assert_int_equal(sscanf(line, "%63s %u.%u %15s", row->name, &major, &minor, row->use), 4);
        row->version = major << 16 | minor << 8 | patch;
        row_count++;
    }
    fclose(file);
}

/* NULL: not an option of an easy handle, or unknown to this libcurl. */
static const struct curl_easyoption *option_of(const struct row *row)
{
    return strncmp(row->name, "CURLOPT_", 8) == 0 ? curl_easy_option_by_name(row->name + 8) : NULL;
}

struct ended {
    int32_t status;
    char message[512];
};

/* One image through a new client, so that every easy handle is new. */
static struct ended run_image(const struct emulator *emulator, const char *proxy, const char *ca_file)
{
    animaldetect_client *client = emulator_client(emulator);
    animaldetect_job *job = drawn_job(client, ++images, 2000);
    struct ended ended;

    if (proxy != NULL)
        assert_int_equal(animaldetect_client_set_proxy(client, proxy), ANIMALDETECT_OK);
    if (ca_file != NULL)
        assert_int_equal(animaldetect_client_set_ca_file(client, ca_file), ANIMALDETECT_OK);
    ended.status = animaldetect_job_run(job);
    (void)snprintf(ended.message, sizeof ended.message, "%s", animaldetect_job_message(job));
    if (ended.message[0] == '\0')
        (void)animaldetect_client_copy_message(client, ended.message, sizeof ended.message);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return ended;
}

static void comes_through(const struct emulator *emulator, const char *without)
{
    struct ended ended = run_image(emulator, NULL, NULL);

    if (ended.status != ANIMALDETECT_OK)
        print_error("without %s: %s\n", without, ended.message);
    assert_int_equal(ended.status, ANIMALDETECT_OK);
}

static void is_named(struct ended ended, const char *what)
{
    if (ended.status != ANIMALDETECT_E_UNSUPPORTED || strstr(ended.message, what) == NULL)
        print_error("without %s: %s: %s\n", what, animaldetect_status_name(ended.status), ended.message);
    assert_int_equal(ended.status, ANIMALDETECT_E_UNSUPPORTED);
    assert_false(animaldetect_status_is_retriable(ended.status));
    assert_int_equal(animaldetect_status_scope(ended.status), ANIMALDETECT_SCOPE_CALLER);
    assert_non_null(strstr(ended.message, what));
}

static void each_option_that_is_missing_is_named_or_not_needed(void **state)
{
    static const CURLcode codes[] = {CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN, CURLE_UNSUPPORTED_PROTOCOL};
    size_t tried = 0;

    for (size_t i = 0; i < row_count; i++) {
        const struct curl_easyoption *option = option_of(&rows[i]);

        if (option == NULL || strcmp(rows[i].use, "when-set") == 0)
            continue;
        for (size_t j = 0; j < sizeof codes / sizeof codes[0]; j++) {
            shim_reset();
            shim_refuse(option->id);
            shim.code = codes[j];
            if (strcmp(rows[i].use, "optional") == 0)
                comes_through(*state, rows[i].name);
            else
                is_named(run_image(*state, NULL, NULL), rows[i].name);
        }
        tried++;
    }
    assert_true(tried > 40);
    shim_reset();
    comes_through(*state, "nothing");
}

static void each_missing_option_of_the_multi_handle_is_reported_or_not_needed(void **state)
{
    static const CURLMoption needed[] = {CURLMOPT_SOCKETFUNCTION, CURLMOPT_SOCKETDATA, CURLMOPT_TIMERFUNCTION,
                                         CURLMOPT_TIMERDATA};
    static const CURLMoption optional[] = {CURLMOPT_PIPELINING, CURLMOPT_MAXCONNECTS, CURLMOPT_MAX_TOTAL_CONNECTIONS};

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        shim_reset();
        shim.multi_refused = needed[i];
        is_named(run_image(*state, NULL, NULL), "could not create the transport");
    }
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
        shim_reset();
        shim.multi_refused = optional[i];
        comes_through(*state, "an option of the multi handle");
    }
}

/* Built with a new libcurl's headers, run with an old one: each newer option is unknown. */
static void libcurl_may_be_older_than_its_headers(void **state)
{
    shim_reset();
    shim.version = FLOOR;
    for (size_t i = 0; i < row_count; i++)
        if (rows[i].version > FLOOR && option_of(&rows[i]) != NULL)
            shim_refuse(option_of(&rows[i])->id);
    assert_true(shim.refused_count >= 3 || curl_easy_option_by_name("QUICK_EXIT") == NULL); /* older than the option */
    for (int i = 0; i < 3; i++)
        comes_through(*state, "what is newer than 7.74");
}

static void neither_form_of_the_protocols_is_named(void **state)
{
    shim_reset();
    (void)shim_refuse_named("PROTOCOLS_STR");
    assert_true(shim_refuse_named("PROTOCOLS"));
    is_named(run_image(*state, NULL, NULL), "CURLOPT_PROTOCOLS");
}

static void libcurl_without_proxies_works_until_one_is_set(void **state)
{
    shim_reset();
    shim.hidden_features = CURL_VERSION_HTTPS_PROXY;
    shim_refuse(CURLOPT_PROXY);
    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].use, "with-proxy") == 0)
            shim_refuse(option_of(&rows[i])->id);
    comes_through(*state, "proxies");
    assert_int_equal(run_image(*state, "", NULL).status, ANIMALDETECT_OK);
    is_named(run_image(*state, "http://127.0.0.1:9", NULL), "CURLOPT_PROXY");
}

static void libcurl_without_http2_and_its_features_works(void **state)
{
    shim_reset();
    shim.http2_is_refused = true;
    shim.hidden_features = CURL_VERSION_HTTP2 | CURL_VERSION_HTTPS_PROXY | CURL_VERSION_ASYNCHDNS | CURL_VERSION_IPV6;
    assert_string_equal(animaldetect_feature_text("http2"), "no");
    assert_string_equal(animaldetect_feature_text("async_dns"), "no");
    comes_through(*state, "HTTP/2");
}

static void certificates_that_libcurl_cannot_take_are_named(void **state)
{
    shim_reset();
    shim.code = CURLE_NOT_BUILT_IN;
    shim_refuse(CURLOPT_CAINFO);
    is_named(run_image(*state, NULL, "/dev/null"), "certificates");
}

/* Without files in memory, PEM text needs a libcurl that accepts blobs. */
static void certificates_that_libcurl_cannot_take_as_a_blob_are_named(void **state)
{
    animaldetect_client *client = emulator_client(*state);
    animaldetect_job *job = drawn_job(client, ++images, 2000);
    struct ended ended;

    shim_reset();
    shim.code = CURLE_NOT_BUILT_IN;
    shim.no_memory_files = true;
    (void)shim_refuse_named("CAINFO_BLOB");
    assert_int_equal(animaldetect_client_set_ca_pem(client, TEST_CERTIFICATE, strlen(TEST_CERTIFICATE)),
                     ANIMALDETECT_OK);
    ended.status = animaldetect_job_run(job);
    (void)snprintf(ended.message, sizeof ended.message, "%s", animaldetect_job_message(job));
    is_named(ended, "certificates");
    animaldetect_job_free(job);
    animaldetect_client_free(client);
}

static void lack_of_memory_is_still_that(void **state)
{
    struct ended ended;

    shim_reset();
    shim.code = CURLE_OUT_OF_MEMORY;
    shim_refuse(CURLOPT_USERAGENT);
    ended = run_image(*state, NULL, NULL);
    assert_int_equal(ended.status, ANIMALDETECT_E_NO_MEMORY);
}

static void any_other_refusal_has_a_message(void **state)
{
    struct ended ended;

    shim_reset();
    shim.code = CURLE_BAD_FUNCTION_ARGUMENT;
    shim_refuse(CURLOPT_NETRC);
    ended = run_image(*state, NULL, NULL);
    assert_int_equal(ended.status, ANIMALDETECT_E_SYSTEM);
    assert_non_null(strstr(ended.message, "CURLOPT_NETRC"));
}

static int setup(void **state)
{
    shim_reset();
    *state = emulator_start((const char *const[]){"--processing", "fixed:0", NULL});
    return 0;
}

static int teardown(void **state)
{
    json_t *ledger = emulator_stop(*state);

    ledger_is_clean(ledger);
    json_decref(ledger);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option_that_is_missing_is_named_or_not_needed),
        cmocka_unit_test(each_missing_option_of_the_multi_handle_is_reported_or_not_needed),
        cmocka_unit_test(libcurl_may_be_older_than_its_headers),
        cmocka_unit_test(neither_form_of_the_protocols_is_named),
        cmocka_unit_test(libcurl_without_proxies_works_until_one_is_set),
        cmocka_unit_test(libcurl_without_http2_and_its_features_works),
        cmocka_unit_test(certificates_that_libcurl_cannot_take_are_named),
        cmocka_unit_test(certificates_that_libcurl_cannot_take_as_a_blob_are_named),
        cmocka_unit_test(lack_of_memory_is_still_that),
        cmocka_unit_test(any_other_refusal_has_a_message),
    };

    if (argc != 2)
        return 2;
    read_table(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
