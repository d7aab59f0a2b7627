/* SPDX-License-Identifier: MIT */
/*
 * What a host can read back: its settings, also after a restore; the log; its headers in the requests; its environment;
 * a proxy that does not work.
 */
#include <animaldetect/client.h>

#include "engine/harness.h"
#include "kit/message.h"

#include <curl/curl.h>
#include <stdlib.h>

/* ---- settings ---- */

static void check_set(const animaldetect_job *job, const char *path)
{
    assert_string_equal(animaldetect_job_path(job), path);
    assert_string_equal(animaldetect_job_filename(job), "fox.jpg");
    assert_string_equal(animaldetect_job_operation(job), "filter");
    assert_string_equal(animaldetect_job_client_reference_id(job), "gate/17");
    assert_string_equal(animaldetect_job_note(job), "row 4711\nof the table");
    assert_int_equal(animaldetect_job_rerun_number(job), 3);
    assert_int_equal(animaldetect_job_priority(job), -2);
    assert_null(animaldetect_job_source_url(job));
}

static void what_was_set_can_be_read_and_is_there_after_a_restore(struct host *host)
{
    uint8_t *image = host_image(3000, 5);
    char *path = host_file("fox.jpg", image, 3000);
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_FILTER);

    assert_null(animaldetect_job_path(job));
    assert_null(animaldetect_job_filename(job));
    assert_null(animaldetect_job_client_reference_id(job));
    assert_null(animaldetect_job_note(job));
    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_client_reference_id(job, "gate/17"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_note(job, "row 4711\nof the table"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_rerun(job, 3), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_priority(job, -2), ANIMALDETECT_OK);
    check_set(job, path);
    check_set(host_save_and_restore(host, job), path);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    check_set(job, path);
    check_set(host_save_and_restore(host, job), path);
    assert_null(strstr(world_request_of(host->world, "create", 1)->body, "4711"));
    host_remove_file(path);
    free(image);
}

static void a_name_that_is_no_clean_text_is_told_once_it_is_clean(struct host *host)
{
    uint8_t *image = host_image(3000, 5);
    char *path = host_file("a\xff\nb.jpg", image, 3000);
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_FILTER);

    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    assert_null(animaldetect_job_filename(job));
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_filename(job), "a? b.jpg");
    host_remove_file(path);
    free(image);
}

static void a_source_url_can_be_read(struct host *host)
{
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);

    assert_int_equal(animaldetect_job_set_source_url(job, "https://pictures.example/a.jpg"), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_source_url(job), "https://pictures.example/a.jpg");
    assert_null(animaldetect_job_path(job));
    assert_string_equal(animaldetect_job_source_url(host_save_and_restore(host, job)),
                        "https://pictures.example/a.jpg");
}

static void a_note_may_change_at_any_time(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    char *text = malloc(4098);

    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "poll") == 1);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, 64, "note %d", i);
        assert_int_equal(animaldetect_job_set_note(job, text), ANIMALDETECT_OK);
    }
    assert_string_equal(animaldetect_job_note(job), "note 999");
    memset(text, 'a', 4097);
    text[4097] = '\0';
    assert_int_equal(animaldetect_job_set_note(job, text), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_note(job, "\xff"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_string_equal(animaldetect_job_note(job), "note 999");
    text[4096] = '\0';
    assert_int_equal(animaldetect_job_set_note(job, text), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_note(host_save_and_restore(host, job)), text);
    assert_int_equal(animaldetect_job_set_note(job, ""), ANIMALDETECT_OK);
    assert_null(animaldetect_job_note(job));
    assert_int_equal(animaldetect_job_set_note(NULL, "a"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    free(text);
}

/* ---- the log ---- */

struct seen {
    int count;
    int32_t level;
    int32_t step;
    int32_t http_status;
    int64_t duration_ms;
    const animaldetect_job *job;
    const void *user_data;
    char request_id[64];
    char text[512];
};

/* The last record of each level. */
static struct seen seen[ANIMALDETECT_LOG_DEBUG + 1];

static void keep(void *user, const animaldetect_log_record *record)
{
    int32_t level = animaldetect_log_level(record);
    struct seen *kept = &seen[level];
    const char *id = animaldetect_log_request_id(record);

    assert_ptr_equal(animaldetect_log_client(record), user);
    kept->count++;
    kept->step = animaldetect_log_step(record);
    kept->http_status = animaldetect_log_http_status(record);
    kept->duration_ms = animaldetect_log_duration_ms(record);
    kept->job = animaldetect_log_job(record);
    kept->user_data = animaldetect_job_user_data(kept->job);
    snprintf(kept->request_id, sizeof kept->request_id, "%s", id == NULL ? "" : id);
    snprintf(kept->text, sizeof kept->text, "%s", animaldetect_log_text(record));
}

static void a_record_says_what_happened_to_whom(struct host *host)
{
    static int mine;
    animaldetect_job *job;
    const struct seen *kept;

    memset(seen, 0, sizeof seen);
    host_open(host);
    world_answer(host->world, "create", 1, 503, "x-request-id: r-1", "{\"error\":{\"message\":\"later\"}}");
    world_answer(host->world, "fetch", 1, 400, "x-request-id: r-9", "{\"error\":{\"message\":\"never\"}}");
    assert_int_equal(animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_DEBUG, keep, host->client, NULL),
                     ANIMALDETECT_OK);
    job = host_image_job(host);
    animaldetect_job_set_user_data(job, &mine);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_BAD_REQUEST);
    kept = &seen[ANIMALDETECT_LOG_WARNING];
    assert_int_equal(kept->count, 1);
    assert_int_equal(kept->step, ANIMALDETECT_STEP_CREATE);
    assert_int_equal(kept->http_status, 503);
    assert_int_equal(kept->duration_ms, world_request_of(host->world, "create", 1)->end_ms -
                                            world_request_of(host->world, "create", 1)->start_ms);
    assert_ptr_equal(kept->job, job);
    assert_ptr_equal(kept->user_data, &mine);
    assert_string_equal(kept->request_id, "r-1");
    kept = &seen[ANIMALDETECT_LOG_ERROR];
    assert_int_equal(kept->count, 1);
    assert_int_equal(kept->step, ANIMALDETECT_STEP_FETCH);
    assert_int_equal(kept->http_status, 400);
    assert_string_equal(kept->request_id, "r-9");
    assert_non_null(strstr(kept->text, animaldetect_job_message(job)));
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    kept = &seen[ANIMALDETECT_LOG_INFO];
    assert_int_equal(kept->count, 1);
    assert_int_equal(kept->step, ANIMALDETECT_STEP_NONE);
    assert_int_equal(kept->http_status, 200);
    assert_true(kept->duration_ms > 0);
    kept = &seen[ANIMALDETECT_LOG_DEBUG];
    assert_int_equal(kept->count, world_count(host->world, "any"));
    assert_int_equal(kept->step, ANIMALDETECT_STEP_FETCH);
    assert_true(*kept->request_id != '\0');
}

/* Also a hold that ends at once, and the next one after a probe has ended a wait of a day. */
static void each_wait_is_told_once_with_its_length(struct host *host)
{
    static const struct {
        const char *create;
        const char *submit;
        const char *last;
    } waits[] = {{"Retry-After: 0", NULL, "held for 0 ms"},
                 {"Retry-After: 80000", "Retry-After: 30", "held for 30000 ms"}};

    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        host_again(host);
        memset(seen, 0, sizeof seen);
        assert_int_equal(animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_WARNING, keep, host->client, NULL),
                         ANIMALDETECT_OK);
        world_answer(host->world, "create", 1, 429, waits[i].create, "");
        if (waits[i].submit != NULL)
            world_answer(host->world, "submit", 1, 429, waits[i].submit, "");
        assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(seen[ANIMALDETECT_LOG_WARNING].count, waits[i].submit == NULL ? 1 : 2);
        assert_non_null(strstr(seen[ANIMALDETECT_LOG_WARNING].text, waits[i].last));
    }
}

static void a_submit_that_is_made_again_is_told(struct host *host)
{
    host_open(host);
    memset(seen, 0, sizeof seen);
    assert_int_equal(animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_WARNING, keep, host->client, NULL),
                     ANIMALDETECT_OK);
    world_answer(host->world, "submit", 1, 202, NULL, "");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 2);
    assert_int_equal(seen[ANIMALDETECT_LOG_WARNING].count, 1);
    assert_int_equal(seen[ANIMALDETECT_LOG_WARNING].step, ANIMALDETECT_STEP_POLL);
    assert_non_null(strstr(seen[ANIMALDETECT_LOG_WARNING].text, "submit"));
}

static void without_a_record_the_getters_have_safe_answers(struct host *host)
{
    (void)host;
    assert_int_equal(animaldetect_log_level(NULL), ANIMALDETECT_LOG_NONE);
    assert_string_equal(animaldetect_log_text(NULL), "");
    assert_null(animaldetect_log_client(NULL));
    assert_null(animaldetect_log_job(NULL));
    assert_int_equal(animaldetect_log_step(NULL), ANIMALDETECT_STEP_NONE);
    assert_int_equal(animaldetect_log_http_status(NULL), 0);
    assert_null(animaldetect_log_request_id(NULL));
    assert_int_equal(animaldetect_log_duration_ms(NULL), -1);
}

/* ---- headers ---- */

static const char *sent(struct host *host, const char *route, const char *name)
{
    static char value[2048];

    return world_request_header(world_request_of(host->world, route, -1), name, value, sizeof value) ? value : NULL;
}

static void added_headers_go_to_trusted_origins_only(struct host *host)
{
    static const char *const routes[] = {"create", "submit", "poll", "fetch"};
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_add_header(host->client, "traceparent", "00-abc-def-01"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_add_header(host->client, "X-Tenant", "first"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_add_header(host->client, "x-tenant", "reserve"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(sent(host, routes[i], "traceparent"), "00-abc-def-01");
        assert_string_equal(sent(host, routes[i], "X-Tenant"), "reserve");
    }
    assert_null(sent(host, "upload", "traceparent"));
    assert_null(sent(host, "upload", "x-tenant"));
    /* while it runs, and removed again */
    assert_int_equal(animaldetect_client_add_header(host->client, "TraceParent", "00-more"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_add_header(host->client, "X-Tenant", ""), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_add_header(host->client, "X-Nobody", ""), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, host_image_job(host), HOST_CREATE), ANIMALDETECT_OK);
    assert_string_equal(sent(host, "create", "traceparent"), "00-more");
    assert_null(sent(host, "create", "x-tenant"));
}

static void headers_that_others_must_write_are_refused(struct host *host)
{
    static const char *const names[] = {"Authorization",
                                        "authorization",
                                        "Host",
                                        "Content-Type",
                                        "content-length",
                                        "Idempotency-Key",
                                        "Accept-Encoding",
                                        "User-Agent",
                                        "Transfer-Encoding",
                                        "Range",
                                        "If-Match",
                                        "if-none-match",
                                        "Expect",
                                        "Connection",
                                        "Proxy-Authorization",
                                        "",
                                        "a b",
                                        "a:b",
                                        "a\r\nb",
                                        "\xc3\xa4"};
    static const char *const values[] = {"a\r\nX: b", "a\nb", " a", "a ", "\xc3\xa4", "a\x7f"};
    char name[160];

    host_open(host);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(animaldetect_client_add_header(host->client, names[i], "x"), ANIMALDETECT_E_INVALID_ARGUMENT);
        assert_true(*message_of(host->client) != '\0');
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(animaldetect_client_add_header(host->client, "a", values[i]), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_add_header(host->client, NULL, "a"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_add_header(host->client, "a", NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    memset(name, 'n', sizeof name);
    name[129] = '\0';
    assert_int_equal(animaldetect_client_add_header(host->client, name, "a"), ANIMALDETECT_E_INVALID_ARGUMENT);
    for (int i = 0; i < 16; i++) {
        snprintf(name, sizeof name, "x-%d", i);
        assert_int_equal(animaldetect_client_add_header(host->client, name, "v"), ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_client_add_header(host->client, "x-16", "v"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_add_header(host->client, "x-3", "w"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(sent(host, "fetch", "x-15"), "v");
    assert_string_equal(sent(host, "fetch", "x-3"), "w");
}

/* ---- the environment ---- */

static int32_t configured(const char *key, const char *other_key, const char *url, animaldetect_client **client)
{
    unsetenv("AD_API_KEY");
    unsetenv("ANIMAL_DETECT_API_KEY");
    unsetenv("AD_API_BASE_URL");
    if (key != NULL)
        setenv("AD_API_KEY", key, 1);
    if (other_key != NULL)
        setenv("ANIMAL_DETECT_API_KEY", other_key, 1);
    if (url != NULL)
        setenv("AD_API_BASE_URL", url, 1);
    assert_int_equal(animaldetect_client_new(client), ANIMALDETECT_OK);
    return animaldetect_client_configure_from_env(*client);
}

static void a_variable_that_is_refused_is_named(struct host *host)
{
    static const struct {
        const char *key;
        const char *other_key;
        const char *url;
        int32_t status;
        const char *words;
    } rows[] = {
        {NULL, NULL, NULL, ANIMALDETECT_E_NO_API_KEY, "AD_API_KEY"},
        {"", "", "", ANIMALDETECT_E_NO_API_KEY, "ANIMAL_DETECT_API_KEY"},
        {" \n", NULL, NULL, ANIMALDETECT_E_NO_API_KEY, "AD_API_KEY"},
        {"sk two", NULL, NULL, ANIMALDETECT_E_INVALID_ARGUMENT, "AD_API_KEY must"},
        {NULL, "sk\x01", NULL, ANIMALDETECT_E_INVALID_ARGUMENT, "ANIMAL_DETECT_API_KEY must"},
        {"Bearer sk_live_x", NULL, NULL, ANIMALDETECT_E_INVALID_ARGUMENT, "AD_API_KEY must be the key alone"},
        {"bearer sk_live_x", NULL, NULL, ANIMALDETECT_E_INVALID_ARGUMENT, "without \"Bearer \""},
        {"sk_ok_123", NULL, "http://example.com/v1", ANIMALDETECT_E_INSECURE_URL, "AD_API_BASE_URL"},
        {"sk_ok_123", NULL, "example", ANIMALDETECT_E_INVALID_ARGUMENT, "AD_API_BASE_URL must"},
        {"sk_ok_123\n", NULL, NULL, ANIMALDETECT_OK, ""},
        {" sk_ok_123 ", NULL, " https://example.com/v1\r\n", ANIMALDETECT_OK, ""},
        {"", "sk_ok_123", "http://127.0.0.1:8/v1", ANIMALDETECT_OK, ""},
    };
    animaldetect_client *client = NULL;

    (void)host;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(configured(rows[i].key, rows[i].other_key, rows[i].url, &client), rows[i].status);
        if (strstr(message_of(client), rows[i].words) == NULL)
            fail_msg("row %zu: %s", i, message_of(client));
        assert_null(strstr(message_of(client), "sk_"));
        animaldetect_client_free(client);
    }
    unsetenv("AD_API_KEY");
    unsetenv("ANIMAL_DETECT_API_KEY");
    unsetenv("AD_API_BASE_URL");
    assert_int_equal(animaldetect_client_configure_from_env(NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(configured("sk_first_1", NULL, "http://127.0.0.1:8/v1", &client), ANIMALDETECT_OK);
    assert_int_not_equal(animaldetect_client_fd(client), ANIMALDETECT_E_SYSTEM); /* in use: other keys, no other URL */
    setenv("AD_API_KEY", "sk_second_2", 1);
    setenv("AD_API_BASE_URL", "http://127.0.0.1:8/v1/", 1);
    assert_int_equal(animaldetect_client_configure_from_env(client), ANIMALDETECT_OK);
    setenv("AD_API_BASE_URL", "http://127.0.0.1:9/v1", 1);
    assert_int_equal(animaldetect_client_configure_from_env(client), ANIMALDETECT_E_STATE);
    assert_string_equal(message_of(client), "AD_API_BASE_URL cannot be changed once the client is in use");
    animaldetect_client_free(client);
    unsetenv("AD_API_KEY");
    unsetenv("AD_API_BASE_URL");
}

/* ---- proxies ---- */

static void a_proxy_that_cannot_work_is_refused(struct host *host)
{
    static const char *const bad[] = {"foo://proxy:1", "ftp://proxy:1", "file:///etc/passwd", "http://",
                                      "http://:3128",  "proxy:99999",   "http://proxy/path",  "http://proxy?x",
                                      "http://a b",    "proxy:port",    "http://proxy:0",     "http://.:1",
                                      "http://.a:1",   "http:///h:3128"};
    static const char *const good[] = {"proxy:3128",
                                       "http://proxy:3128",
                                       "http://user:pass@proxy:3128/",
                                       "socks5://proxy",
                                       "socks5h://proxy:1080",
                                       "socks4a://proxy",
                                       "SOCKS4://proxy:1",
                                       "[::1]:3128",
                                       "http://[::1]:3128",
                                       "10.0.0.1",
                                       ""};
    bool https = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTPS_PROXY) != 0;

    host_open(host);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (animaldetect_client_set_proxy(host->client, bad[i]) != ANIMALDETECT_E_INVALID_ARGUMENT)
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(message_of(host->client), "proxy"));
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (animaldetect_client_set_proxy(host->client, good[i]) != ANIMALDETECT_OK)
            fail_msg("%s: %s", good[i], message_of(host->client));
    assert_int_equal(animaldetect_client_set_proxy(host->client, "https://proxy:443"),
                     https ? ANIMALDETECT_OK : ANIMALDETECT_E_INVALID_ARGUMENT);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(what_was_set_can_be_read_and_is_there_after_a_restore),
        SCENARIO(a_name_that_is_no_clean_text_is_told_once_it_is_clean),
        SCENARIO(a_source_url_can_be_read),
        SCENARIO(a_note_may_change_at_any_time),
        SCENARIO(a_record_says_what_happened_to_whom),
        SCENARIO(each_wait_is_told_once_with_its_length),
        SCENARIO(a_submit_that_is_made_again_is_told),
        SCENARIO(without_a_record_the_getters_have_safe_answers),
        SCENARIO(added_headers_go_to_trusted_origins_only),
        SCENARIO(headers_that_others_must_write_are_refused),
        SCENARIO(a_variable_that_is_refused_is_named),
        SCENARIO(a_proxy_that_cannot_work_is_refused),
    };

    return HOST_MAIN(list);
}
