/* SPDX-License-Identifier: MIT */
/*
 * Every setter against what it must reject: a rejected value changes nothing, is E_INVALID_ARGUMENT with a message, and
 * can never add a header. Also when setters are allowed: before the first call.
 */
#include "engine/harness.h"
#include "kit/message.h"

#include <math.h>
#include <stdio.h>

static const char *const CONTROL[] = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\tb", "\x7f", "\001a", "a\x1f"};

typedef int32_t client_text(animaldetect_client *client, const char *text);
typedef int32_t client_ms(animaldetect_client *client, int64_t value);
typedef int32_t client_int(animaldetect_client *client, int32_t value);
typedef int32_t job_text(animaldetect_job *job, const char *text);

static char *long_text(size_t size)
{
    char *text = malloc(size + 1);

    assert_non_null(text);
    memset(text, 'a', size);
    text[size] = '\0';
    return text;
}

static void refused_client(struct host *host, int32_t status, const char *what)
{
    if (status != ANIMALDETECT_E_INVALID_ARGUMENT)
        fail_msg("%s: %s", what, animaldetect_status_name(status));
    assert_true(*message_of(host->client) != '\0');
    assert_null(strpbrk(message_of(host->client), "\r\n"));
}

static void client_texts_with_control_characters_or_too_long_are_refused(struct host *host)
{
    static client_text *const setters[] = {
        animaldetect_client_set_api_key, animaldetect_client_set_base_url,   animaldetect_client_add_trusted_origin,
        animaldetect_client_set_proxy,   animaldetect_client_set_user_agent, animaldetect_client_set_checksum_field,
    };
    char *text = long_text(100000);

    host_open(host);
    for (size_t i = 0; i < sizeof setters / sizeof setters[0]; i++) {
        for (size_t j = 0; j < sizeof CONTROL / sizeof CONTROL[0]; j++)
            refused_client(host, setters[i](host->client, CONTROL[j]), CONTROL[j]);
        assert_int_equal(setters[i](host->client, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
        refused_client(host, setters[i](host->client, text), "too long");
        assert_int_equal(setters[i](NULL, "a"), ANIMALDETECT_E_INVALID_ARGUMENT);
    }
    free(text);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
}

static const struct {
    client_text *set;
    const char *text;
    int32_t status;
} TEXTS[] = {
    {animaldetect_client_set_api_key, "", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_api_key, "sk test", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_api_key, "sk_t\xc3\xa9st", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "api.animaldetect.com/v1", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "ftp://api.animaldetect.com/v1", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "file:///etc/passwd", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "https://u:p@api.animaldetect.com/v1", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "https://api.animaldetect.com/v1?a=b", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "https://api.animaldetect.com/v1#a", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "https://", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_base_url, "http://api.animaldetect.com/v1", ANIMALDETECT_E_INSECURE_URL},
    {animaldetect_client_add_trusted_origin, "*", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_add_trusted_origin, "https://a.example", ANIMALDETECT_OK},
    {animaldetect_client_set_ca_file, "", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_ca_file, "/nonexistent/ca.pem", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_user_agent, "", ANIMALDETECT_OK},
    {animaldetect_client_set_user_agent, "acme-gateway/2.1 (lab)", ANIMALDETECT_OK},
    {animaldetect_client_set_user_agent, "gr\xc3\xbc\xc3\x9f", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_checksum_field, "", ANIMALDETECT_OK},
    {animaldetect_client_set_checksum_field, "a-b", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_checksum_field, "a b", ANIMALDETECT_E_INVALID_ARGUMENT},
    {animaldetect_client_set_proxy, "", ANIMALDETECT_OK},
    {animaldetect_client_set_proxy, "http://user:pw@proxy.example:3128", ANIMALDETECT_OK},
    {animaldetect_client_set_proxy, "socks5h://proxy.example", ANIMALDETECT_OK},
};

static void client_texts_follow_their_grammar(struct host *host)
{
    host_open(host);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        if (TEXTS[i].set(host->client, TEXTS[i].text) != TEXTS[i].status)
            fail_msg("row %zu, \"%s\": %s", i, TEXTS[i].text,
                     animaldetect_status_name(TEXTS[i].set(host->client, TEXTS[i].text)));
}

static void client_numbers_out_of_range_are_refused(struct host *host)
{
    static client_ms *const times[] = {animaldetect_client_set_connect_timeout_ms,
                                       animaldetect_client_set_stall_timeout_ms,
                                       animaldetect_client_set_request_timeout_ms};

    host_open(host);
    for (size_t i = 0; i < 3; i++) {
        refused_client(host, times[i](host->client, 0), "0 ms");
        refused_client(host, times[i](host->client, -1), "-1 ms");
        refused_client(host, times[i](host->client, 86400001), "a day and 1 ms");
        refused_client(host, times[i](host->client, INT64_MAX), "forever");
        assert_int_equal(times[i](host->client, 86400000), ANIMALDETECT_OK);
    }
    refused_client(host, animaldetect_client_set_max_requests(host->client, 0), "0 active");
    refused_client(host, animaldetect_client_set_max_requests(host->client, 10001), "10,001 active");
    refused_client(host, animaldetect_client_set_rate_limit(host->client, -1, 0), "-1 a minute");
    refused_client(host, animaldetect_client_set_rate_limit(host->client, 1000001, 0), "1,000,001 a minute");
    refused_client(host, animaldetect_client_set_rate_limit(host->client, 60, 61), "a burst above the limit");
    refused_client(host, animaldetect_client_set_rate_limit(host->client, 60, -1), "a burst of -1");
    refused_client(host, animaldetect_client_set_max_tries(host->client, 0), "0 tries");
    refused_client(host, animaldetect_client_set_max_tries(host->client, 1001), "1,001 tries");
    refused_client(host, animaldetect_client_set_poll_mode(host->client, 3), "mode 3");
    refused_client(host, animaldetect_client_set_poll_mode(host->client, -1), "mode -1");
    refused_client(host, animaldetect_client_set_poll_bounds_ms(host->client, 9, 100), "9 ms");
    refused_client(host, animaldetect_client_set_poll_bounds_ms(host->client, 100, 99), "max below min");
    refused_client(host, animaldetect_client_set_poll_bounds_ms(host->client, 10, 3600001), "above an hour");
    refused_client(host, animaldetect_client_set_allow_insecure_http(host->client, 2), "switch 2");
    refused_client(host, animaldetect_client_set_max_image_bytes(host->client, 0), "0 bytes");
    refused_client(host, animaldetect_client_set_max_image_bytes(host->client, (UINT64_C(1) << 40) + 1), "above 1 TiB");
    refused_client(host, animaldetect_client_set_max_answer_bytes(host->client, 1023), "1,023 bytes");
    refused_client(host, animaldetect_client_set_max_answer_bytes(host->client, (UINT64_C(1) << 30) + 1), "1 GiB + 1");
    refused_client(host, animaldetect_client_set_log(host->client, 9, NULL, NULL, NULL), "level 9");
    refused_client(host, animaldetect_client_set_ca_pem(host->client, "not pem", 7), "no certificate");
    refused_client(host, animaldetect_client_set_ca_pem(host->client, "", 0), "no bytes");
    assert_int_equal(animaldetect_client_set_ca_pem(host->client, NULL, 5), ANIMALDETECT_E_INVALID_ARGUMENT);
}

static void job_texts_with_control_characters_or_too_long_are_refused(struct host *host)
{
    static const struct {
        job_text *set;
        size_t max; /* 0: not limited here */
    } setters[] = {
        {animaldetect_job_set_filename, 255},
        {animaldetect_job_set_content_type, 127},
        {animaldetect_job_set_client_reference_id, 512},
        {animaldetect_job_set_idempotency_key, 255},
        {animaldetect_job_set_country, 128},
        {animaldetect_job_set_sha256, 64},
        {animaldetect_job_set_source_url, 0},
    };
    animaldetect_job *job = host_job(host, "detect");

    for (size_t i = 0; i < sizeof setters / sizeof setters[0]; i++) {
        char *text = long_text(setters[i].max == 0 ? 100000 : setters[i].max + 1);

        for (size_t j = 0; j < sizeof CONTROL / sizeof CONTROL[0]; j++)
            refused_client(host, setters[i].set(job, CONTROL[j]), CONTROL[j]);
        refused_client(host, setters[i].set(job, ""), "empty");
        refused_client(host, setters[i].set(job, text), "too long");
        assert_int_equal(setters[i].set(job, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
        assert_int_equal(setters[i].set(NULL, "a"), ANIMALDETECT_E_INVALID_ARGUMENT);
        free(text);
    }
    refused_client(host, animaldetect_job_set_country(job, "  "), "blanks");
    assert_int_equal(animaldetect_job_set_country(job, "Atlantis"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_client_reference_id(job, "\xff\xfe"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_filename(job, "\xc3("), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_filename(job, "a/b.jpg"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_idempotency_key(job, "a b"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_content_type(job, "jpeg"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_source_url(job, "file:///etc/passwd"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_source_url(job, "https://u:p@a.example/"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_filename(job, "gr\xc3\xbc\xc3\x9f.jpg"), ANIMALDETECT_OK);
}

static void job_numbers_out_of_range_are_refused(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");

    refused_client(host, animaldetect_job_set_threshold(job, 0.0), "0");
    refused_client(host, animaldetect_job_set_threshold(job, 1.0), "1");
    refused_client(host, animaldetect_job_set_threshold(job, NAN), "nan");
    refused_client(host, animaldetect_job_set_threshold(job, INFINITY), "inf");
    refused_client(host, animaldetect_job_set_classify(job, 2), "2");
    refused_client(host, animaldetect_job_set_metadata(job, -1), "-1");
    refused_client(host, animaldetect_job_set_smooth_herd(job, 7), "7");
    refused_client(host, animaldetect_job_set_top_candidate(job, -1), "-1");
    refused_client(host, animaldetect_job_set_top_candidate(job, 1001), "1001");
    refused_client(host, animaldetect_job_set_location(job, 90.5, 0), "90.5");
    refused_client(host, animaldetect_job_set_location(job, 0, -180.5), "-180.5");
    refused_client(host, animaldetect_job_set_location(job, NAN, 0), "nan");
    refused_client(host, animaldetect_job_set_location(job, 0, -NAN), "-nan");
    refused_client(host, animaldetect_job_set_location(job, -INFINITY, 0), "-inf");
    refused_client(host, animaldetect_job_set_rerun(job, -1), "-1");
    refused_client(host, animaldetect_job_set_call_timeout_ms(job, 0), "0");
    refused_client(host, animaldetect_job_set_call_timeout_ms(job, -2), "-2");
    refused_client(host, animaldetect_job_set_bytes(job, "a", 0), "0 bytes");
    refused_client(host, animaldetect_job_set_bytes(job, NULL, 5), "NULL");
    refused_client(host, animaldetect_job_set_bytes_borrowed(job, NULL, 5, NULL, NULL), "NULL");
    refused_client(host, animaldetect_job_set_reader(job, 5, NULL, NULL, NULL, NULL), "NULL");
    refused_client(host, animaldetect_job_set_file(job, ""), "no path");
    refused_client(host, animaldetect_job_set_file(job, NULL), "NULL");
}

static void options_must_be_one_json_value_under_a_good_name(struct host *host)
{
    static const char *const values[] = {"",     "{",        "1 2",        "nan", "'a'", "{\"a\":1,\"a\":2}",
                                         "[1,]", "\"\xff\"", "\"\\u0000\""};
    static const char *const names[] = {"", "a-b", "a b", "a.b", "a\"", "\xc3\xa9"};
    animaldetect_job *job = host_job(host, "detect");
    char *deep = long_text(200);

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        refused_client(host, animaldetect_job_set_option_json(job, "later", values[i]), values[i]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        refused_client(host, animaldetect_job_set_option_json(job, names[i], "1"), names[i]);
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    refused_client(host, animaldetect_job_set_option_json(job, "later", deep), "depth");
    free(deep);
    assert_int_equal(animaldetect_job_set_option_json(job, "later", "null"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_option_json(job, "later", " [true, \"x\", 1e3] "), ANIMALDETECT_OK);
}

static void operations_and_ids_are_names(struct host *host)
{
    static const char *const bad[] = {"", "a b", "a/b", "a\r\nb", "..", "\xc3\xa9"};
    animaldetect_job *job = NULL;
    char *text = long_text(129);

    host_open(host);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refused_client(host, animaldetect_job_new(host->client, bad[i], &job), bad[i]);
        assert_null(job);
        refused_client(host, animaldetect_job_attach(host->client, bad[i], &job), bad[i]);
        assert_null(job);
    }
    refused_client(host, animaldetect_job_attach(host->client, text, &job), "129");
    text[65] = '\0';
    refused_client(host, animaldetect_job_new(host->client, text, &job), "65");
    free(text);
    assert_int_equal(animaldetect_job_new(NULL, "detect", &job), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_new(host->client, "detect", NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_new(host->client, NULL, &job), ANIMALDETECT_E_INVALID_ARGUMENT);
    /* An unknown operation is sent unchanged. */
    assert_int_equal(animaldetect_job_new(host->client, "detect_2027", &job), ANIMALDETECT_OK);
    host_adopt(host, job);
    animaldetect_job_set_bytes(job, "\xff\xd8\xff", 3);
    host_do(host, job, HOST_RUN);
    assert_non_null(strstr(world_request_of(host->world, "create", 1)->body, "detect_2027"));
}

static void a_refused_call_on_a_job_leaves_its_words_on_the_job(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    animaldetect_job *other = host_image_job(host);

    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_E_STATE);
    assert_string_equal(animaldetect_job_message(job), "no image is set");
    assert_int_equal(animaldetect_job_set_file(job, ""), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_non_null(strstr(animaldetect_job_message(job), "the path must be"));
    assert_string_equal(animaldetect_job_message(other), "");
    assert_int_equal(animaldetect_job_set_bytes(job, "\xff\xd8\xff\xe0 image", 10), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_message(job), "");
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_threshold(job, 0.5), ANIMALDETECT_E_STATE);
    assert_string_equal(animaldetect_job_message(job), "the job was already started");
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

/* Another thread may complete the next call: texts that were read before must stay valid. */
static void the_words_of_a_failure_stay_until_the_next_call_is_started(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "create:400:n=1");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_BAD_REQUEST);
    assert_true(*animaldetect_job_message(job) != '\0');
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_message(job), "");
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static int64_t sent_to_the_api(struct host *host)
{
    return host_stat(host, ANIMALDETECT_STAT_REQUESTS_CREATE) + host_stat(host, ANIMALDETECT_STAT_REQUESTS_SUBMIT) +
           host_stat(host, ANIMALDETECT_STAT_REQUESTS_POLL) + host_stat(host, ANIMALDETECT_STAT_REQUESTS_FETCH);
}

static void a_quota_that_is_set_while_jobs_run_is_kept_from_then_on(struct host *host)
{
    enum { COUNT = 40 };
    static animaldetect_job *jobs[COUNT];
    int64_t begin_ms;
    int64_t before;

    for (int i = 0; i < COUNT; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, host_stat(host, ANIMALDETECT_STAT_REQUESTS_SUBMIT) > 0);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_PACE_PER_MINUTE), 0);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    assert_in_range(host_stat(host, ANIMALDETECT_STAT_PACE_PER_MINUTE), 57, 60);
    begin_ms = world_now_ms(host->world);
    before = sent_to_the_api(host);
    HOST_UNTIL(host, world_now_ms(host->world) >= begin_ms + 120000);
    assert_in_range(sent_to_the_api(host) - before, 55, 120);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 0, 0), ANIMALDETECT_OK);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_PACE_PER_MINUTE), 0);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
}

static void timeouts_and_limits_count_for_what_is_sent_next(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_request_timeout_ms(host->client, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_POLL), ANIMALDETECT_E_TIMEOUT);
    assert_int_equal(animaldetect_client_set_request_timeout_ms(host->client, 60000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_connect_timeout_ms(host->client, 15000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_stall_timeout_ms(host->client, 30000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_poll_mode(host->client, ANIMALDETECT_POLL_LATENCY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(host->client, 5000, 5000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_answer_bytes(host->client, 1024 * 1024), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_true(animaldetect_job_step_ms(job, ANIMALDETECT_STEP_POLL) >= 5000);
    refused_client(host, animaldetect_client_set_rate_limit(host->client, -1, 0), "-1 a minute, while running");
}

static void what_a_client_is_at_its_core_is_fixed_once_it_is_in_use(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_user_agent(host->client, "a"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "https://other.test/v1"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_add_trusted_origin(host->client, "https://other.test"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_set_allow_insecure_http(host->client, 1), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_set_checksum_field(host->client, "sha256"), ANIMALDETECT_E_STATE);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_refused_call_on_a_job_leaves_its_words_on_the_job),
        SCENARIO(the_words_of_a_failure_stay_until_the_next_call_is_started),
        SCENARIO(client_texts_with_control_characters_or_too_long_are_refused),
        SCENARIO(client_texts_follow_their_grammar),
        SCENARIO(client_numbers_out_of_range_are_refused),
        SCENARIO(job_texts_with_control_characters_or_too_long_are_refused),
        SCENARIO(job_numbers_out_of_range_are_refused),
        SCENARIO(options_must_be_one_json_value_under_a_good_name),
        SCENARIO(operations_and_ids_are_names),
        SCENARIO(a_quota_that_is_set_while_jobs_run_is_kept_from_then_on),
        SCENARIO(timeouts_and_limits_count_for_what_is_sent_next),
        SCENARIO(what_a_client_is_at_its_core_is_fixed_once_it_is_in_use),
    };

    return HOST_MAIN_ONCE(list);
}
