/* SPDX-License-Identifier: MIT */
/*
 * The emulator's options for a service that deviates from its contract: each is checked on the wire once, and invalid
 * values are rejected before a port is opened.
 */
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/emulator_ask.h"

#define IMAGE_PAYLOAD "{\"operation\":\"detect\",\"filename\":\"a.jpg\",\"content_type\":\"image/jpeg\"}"
#define LIMIT_MS 10000

static struct emulator *start(const char *option, const char *value)
{
    const char *const arguments[] = {"--processing", "fixed:0", "--rpm", "1000", option, value, NULL};

    return emulator_start(arguments);
}

static void copy_text(char *out, size_t size, const struct answer *answer, const char *name)
{
    json_t *object = json_loads(answer->body, 0, NULL);
    const json_t *upload = json_object_get(object, "upload");
    const char *text = json_string_value(strcmp(name, "upload.url") == 0 ? json_object_get(upload, "url")
                                                                         : json_object_get(object, name));

    (void)snprintf(out, size, "%s", text ? text : "");
    json_decref(object);
}

/* A create, then a request about its job; `name` is the member with one of its URLs. */
static struct answer ask_job(const struct emulator *emulator, const char *name)
{
    struct answer created = ask(emulator, "/jobs", PAYLOAD, LIMIT_MS);
    char url[512];

    copy_text(url, sizeof(url), &created, name);
    return ask_url(url, NULL, NULL, LIMIT_MS);
}

static void assert_state(const struct answer *answer, const char *first, const char *second)
{
    char state[64];

    copy_text(state, sizeof(state), answer, "status");
    if (strcmp(state, first) != 0 && strcmp(state, second) != 0)
        fail_msg("%s is neither %s nor %s", state, first, second);
}

static void stuck_jobs_stay_queued_or_running(void **state)
{
    struct emulator *emulator = start("--stuck", "1");
    struct answer answer = ask_job(emulator, "status_url");

    (void)state;
    assert_state(&answer, "queued", "running");
    json_decref(emulator_stop(emulator));
    emulator = start("--stuck", "1:1");
    answer = ask_job(emulator, "status_url");
    for (int i = 0; i < 1000 && strstr(answer.body, "succeeded") == NULL; i++)
        answer = ask_job(emulator, "status_url");
    assert_state(&answer, "succeeded", "succeeded");
    emulator_kill(emulator);
}

static void unknown_states_are_drawn_or_given(void **state)
{
    struct emulator *emulator = start("--unknown-state", "1:rejected:error");
    struct answer answer = ask_job(emulator, "status_url");

    (void)state;
    assert_state(&answer, "rejected", "rejected");
    assert_non_null(strstr(answer.body, "\"error\""));
    assert_int_equal(ask_job(emulator, "result_url").status, 409);
    json_decref(emulator_stop(emulator));
    emulator = start("--unknown-state", "1");
    answer = ask_job(emulator, "status_url");
    assert_null(strstr(answer.body, "succeeded"));
    json_decref(emulator_stop(emulator));
}

static void a_first_submit_is_lost(void **state)
{
    struct emulator *emulator = start("--lost-submits", "1");
    struct answer created = ask(emulator, "/jobs", IMAGE_PAYLOAD, LIMIT_MS);
    char upload[512];
    char submit[512];
    char status[512];
    struct answer answer;

    (void)state;
    copy_text(upload, sizeof(upload), &created, "upload.url");
    copy_text(submit, sizeof(submit), &created, "submit_url");
    copy_text(status, sizeof(status), &created, "status_url");
    assert_int_equal(put_url(upload, "abc", LIMIT_MS).status, 200);
    assert_int_equal(ask_url(submit, "", NULL, LIMIT_MS).status, 202);
    answer = ask_url(status, NULL, NULL, LIMIT_MS);
    assert_state(&answer, "awaiting_upload", "awaiting_upload");
    assert_int_equal(ask_url(submit, "", NULL, LIMIT_MS).status, 202);
    answer = ask_url(status, NULL, NULL, LIMIT_MS);
    assert_state(&answer, "succeeded", "succeeded");
    json_decref(emulator_stop(emulator));
}

/* The first or the second create with the key is rejected. */
static void keys_are_in_use(void **state)
{
    struct emulator *emulator = start("--key-in-use", "1:600000:7");
    struct answer answer = ask(emulator, "/jobs", PAYLOAD, LIMIT_MS);

    (void)state;
    if (answer.status == 201)
        answer = ask(emulator, "/jobs", PAYLOAD, LIMIT_MS);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.headers, "Retry-After: 7\r\n"));
    json_decref(emulator_stop(emulator));
}

static void jobs_and_results_are_late(void **state)
{
    struct emulator *emulator = start("--late-jobs", "600000");

    (void)state;
    assert_int_equal(ask_job(emulator, "status_url").status, 404);
    json_decref(emulator_stop(emulator));
    emulator = start("--late-results", "202:600000");
    assert_int_equal(ask_job(emulator, "result_url").status, 202);
    json_decref(emulator_stop(emulator));
}

static void odd_fields_are_in_every_answer_when_asked(void **state)
{
    struct emulator *plain = start("--seed", "1");
    struct emulator *odd = start("--odd-fields", "1");
    struct answer wanted = ask_job(plain, "result_url");
    struct answer answer = ask_job(odd, "result_url");

    (void)state;
    assert_int_equal(answer.status, 200);
    assert_string_not_equal(answer.body, wanted.body);
    json_decref(emulator_stop(plain));
    json_decref(emulator_stop(odd));
}

static void outages_refuse_every_request(void **state)
{
    static const struct {
        const char *outage;
        long status;
        const char *text;
    } rows[] = {{"0:600000:503", 503, "error"},
                {"0:600000:401", 401, "error"},
                {"0:600000:402:600000", 402, "error"},
                {"0:600000:html-200", 200, "Sign in"},
                {"0:600000:html-511:1200000", 511, "Sign in"}};
    struct emulator *emulator;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct answer answer;

        emulator = start("--outage", rows[i].outage);
        answer = ask(emulator, "/jobs", PAYLOAD, LIMIT_MS);
        assert_int_equal(answer.status, rows[i].status);
        assert_non_null(strstr(answer.body, rows[i].text));
        json_decref(emulator_stop(emulator));
    }
    emulator = start("--outage", "0:600000:reset");
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, LIMIT_MS).code, CURLE_RECV_ERROR);
    json_decref(emulator_stop(emulator));
    /* Before the outage. */
    emulator = start("--outage", "600000:600001:503");
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, LIMIT_MS).status, 201);
    json_decref(emulator_stop(emulator));
}

static void the_api_moves_and_answers_where_it_moved_to(void **state)
{
    struct emulator *emulator = start("--move", "308:/api/v1");
    struct answer answer = ask(emulator, "/jobs", PAYLOAD, LIMIT_MS);

    (void)state;
    assert_int_equal(answer.status, 308);
    assert_non_null(strstr(answer.location, "/api/v1/jobs"));
    assert_int_equal(ask_url(answer.location, PAYLOAD, "k", LIMIT_MS).status, 201);
    json_decref(emulator_stop(emulator));
    emulator = start("--move", "301:http://b.test:81");
    assert_string_equal(ask(emulator, "/jobs", PAYLOAD, LIMIT_MS).location, "http://b.test:81/v1/jobs");
    json_decref(emulator_stop(emulator));
}

static void results_move_to_the_storage(void **state)
{
    struct emulator *emulator = start("--move", "303:storage");
    struct answer answer = ask_job(emulator, "result_url");
    json_t *ledger;

    (void)state;
    assert_int_equal(answer.status, 303);
    assert_memory_equal(answer.location, emulator_storage_url(emulator), strlen(emulator_storage_url(emulator)));
    answer = get_url(answer.location, LIMIT_MS);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "annotations"));
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "results"), 1);
    json_decref(ledger);
}

static void expired_urls_are_refused_in_every_form(void **state)
{
    static const struct {
        const char *form;
        long status;
        const char *code;
    } rows[] = {{"token", 400, "ExpiredToken"}, {"s3", 403, "AccessDenied"}, {"azure", 403, "AuthenticationFailed"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const arguments[] = {"--upload-ttl", "0", "--expired", rows[i].form, NULL};
        struct emulator *emulator = emulator_start(arguments);
        struct answer answer = ask(emulator, "/jobs", IMAGE_PAYLOAD, LIMIT_MS);
        char upload[512];

        copy_text(upload, sizeof(upload), &answer, "upload.url");
        answer = put_url(upload, "abc", LIMIT_MS);
        assert_int_equal(answer.status, rows[i].status);
        assert_non_null(strstr(answer.body, rows[i].code));
        json_decref(emulator_stop(emulator));
    }
}

static void rate_windows_are_wrong_when_asked(void **state)
{
    const char *const arguments[] = {"--rpm", "60", "--rate-headers", "--rate-window", "exhausted", NULL};
    struct emulator *emulator = emulator_start(arguments);
    struct answer answer = ask(emulator, "/jobs", PAYLOAD, LIMIT_MS);

    (void)state;
    assert_non_null(strstr(answer.headers, "X-RateLimit-Reset: 413999\r\n"));
    json_decref(emulator_stop(emulator));
}

static void equal_payloads_are_allowed_when_asked(void **state)
{
    static const char *const options[] = {"--quiet", "--allow-equal-payloads"};

    (void)state;
    for (int allowed = 0; allowed < 2; allowed++) {
        const char *const arguments[] = {options[allowed], "--processing", "fixed:0", NULL};
        struct emulator *emulator = emulator_start(arguments);
        json_t *ledger;
        char url[256];

        (void)snprintf(url, sizeof(url), "%s/jobs", emulator_url(emulator));
        assert_int_equal(ask_url(url, PAYLOAD, "a", LIMIT_MS).status, 201);
        assert_int_equal(ask_url(url, PAYLOAD, "b", LIMIT_MS).status, 201);
        ledger = emulator_stop(emulator);
        assert_int_equal(json_integer_value(json_object_get(ledger, "violation_count")), !allowed);
        assert_int_equal(ledger_count(ledger, "billed_twice"), 1);
        json_decref(ledger);
    }
}

/* The exit code of the program; an alarm kills one that starts to serve. */
static int run(const char *option, const char *value, const char *last)
{
    const char *program = getenv("AD_EMULATOR");
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

        dup2(nothing, STDOUT_FILENO);
        dup2(nothing, STDERR_FILENO);
        (void)alarm(10);
        execl(program, program, "--api-key", "k", option, value, last, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void values_that_make_no_sense_are_refused(void **state)
{
    static const char *const rows[][2] = {
        {"--stuck", ""},
        {"--stuck", "2"},
        {"--stuck", "0.5:0"},
        {"--stuck", "0.5:1:1"},
        {"--unknown-state", "x"},
        {"--unknown-state", "1:succeeded"},
        {"--unknown-state", "1:"},
        {"--unknown-state", "1:rejected:loud"},
        {"--lost-submits", "-1"},
        {"--key-in-use", "1"},
        {"--key-in-use", "1:-1"},
        {"--key-in-use", "1:5:0"},
        {"--late-jobs", "soon"},
        {"--late-results", "404"},
        {"--late-results", "500:1"},
        {"--odd-fields", "1.5"},
        {"--outage", "0:1"},
        {"--outage", "0:1:rain"},
        {"--outage", "0:1:html-99"},
        {"--outage", "0:1:503:2:3"},
        {"--move", "308"},
        {"--rate-window", "hour"},
        {"--expired", "never"},
    };
    /* These options add faults, which the model rejects. */
    static const char *const faults[][2] = {
        {"--outage", "5:1:503"}, {"--outage", "0:x:503"}, {"--outage", "0:9:reset:5"}, {"--move", "200:/api/v1"},
        {"--move", "308:/v3"},   {"--move", "308:old"},   {"--move", "308:storage:"},
    };

    (void)state;
    assert_int_equal(run("--stuck", "0.5:1000", "--help"), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (run(rows[i][0], rows[i][1], "--help") != 2)
            fail_msg("not refused: %s %s", rows[i][0], rows[i][1]);
    }
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (run(faults[i][0], faults[i][1], "--quiet") != 2)
            fail_msg("not refused: %s %s", faults[i][0], faults[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stuck_jobs_stay_queued_or_running),
        cmocka_unit_test(unknown_states_are_drawn_or_given),
        cmocka_unit_test(a_first_submit_is_lost),
        cmocka_unit_test(keys_are_in_use),
        cmocka_unit_test(jobs_and_results_are_late),
        cmocka_unit_test(odd_fields_are_in_every_answer_when_asked),
        cmocka_unit_test(outages_refuse_every_request),
        cmocka_unit_test(the_api_moves_and_answers_where_it_moved_to),
        cmocka_unit_test(results_move_to_the_storage),
        cmocka_unit_test(expired_urls_are_refused_in_every_form),
        cmocka_unit_test(rate_windows_are_wrong_when_asked),
        cmocka_unit_test(equal_payloads_are_allowed_when_asked),
        cmocka_unit_test(values_that_make_no_sense_are_refused),
    };

    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
