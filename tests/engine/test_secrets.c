/* SPDX-License-Identifier: MIT */
/*
 * The key, an older key and the query of a signed URL, in every text field and header of every response: none of them
 * may appear in a message, a log line at any level, a getter, or a saved job. Each is sent plain, in capitals, escaped,
 * truncated, and across every boundary at which the library truncates a text.
 */
#include "engine/harness.h"
#include "kit/message.h"

#include <ctype.h>
#include <stdio.h>

#include <animaldetect/transport.h>

#define OLDER_KEY "sk_test_older_key_ZYXWVUTSRQPONM"
#define SIGNED "https://storage.googleapis.com/b/o?X-Goog-Expires=900&X-Goog-Signature=5ec2e7b1a9d04f63"
#define SHOWN_RUN 8 /* this many bytes of a secret in a row, in any case, are a leak */

/* What must not appear of each; the signature comes last. */
static const char *const hidden[] = {HOST_KEY, OLDER_KEY, "5ec2e7b1a9d04f63"};

/* A position for untrusted text: '@' marks it. */
struct place {
    const char *name;
    const char *route;
    int status;
    const char *headers;
    const char *body;
    bool used; /* a URL or header of the job, which a saved job keeps unchanged: a secret until it expires */
};

#define JOB(id, status, more)                                                                                          \
    "{\"job_id\":\"" id "\",\"status\":\"" status "\"," more                                                           \
    "\"status_url\":\"https://api.animaldetect.com/v1/jobs/j\",\"submit_url\":\"https://api.animaldetect.com/v1/jobs/" \
    "j/submit\","                                                                                                      \
    "\"result_url\":\"https://api.animaldetect.com/v1/jobs/j/result\"}"
#define UPLOAD(url, expires, name, value)                                                                    \
    "\"upload\":{\"method\":\"PUT\",\"url\":\"" url "\",\"expires_at\":\"" expires "\",\"headers\":{\"" name \
    "\":\"" value "\"}},"
#define STORAGE "https://storage.googleapis.com/b/o"

static const struct place places[] = {
    {"error.message", "create", 401, NULL, "{\"error\":{\"code\":\"x\",\"message\":\"@\"}}", false},
    {"error.code", "create", 401, NULL, "{\"error\":{\"code\":\"@\",\"message\":\"m\"}}", false},
    {"error", "create", 400, NULL, "{\"error\":\"@\"}", false},
    {"message", "create", 400, NULL, "{\"message\":\"@\",\"code\":\"@\"}", false},
    {"detail", "create", 400, NULL, "{\"detail\":\"@\"}", false},
    {"unknown field", "create", 400, NULL, "{\"debug\":\"@\"}", false},
    {"a page", "create", 503, NULL, "<html><body><a href=\"@\">@</a></body></html>", false},
    {"plain text", "create", 503, NULL, "Authorization: Bearer @ was refused", false},
    {"not JSON", "create", 201, NULL, "{\"url\":\"@\"", false},
    {"job_id", "create", 201, NULL, JOB("@", "awaiting_upload", UPLOAD(STORAGE, "t", "A", "b")), false},
    {"status", "create", 201, NULL, JOB("j", "@", UPLOAD(STORAGE, "t", "A", "b")), false},
    {"operation", "create", 201, NULL,
     JOB("j", "awaiting_upload", "\"operation\":\"@\"," UPLOAD(STORAGE, "t", "A", "b")), false},
    {"expires_at", "create", 201, NULL,
     JOB("j", "awaiting_upload", "\"expires_at\":\"@\"," UPLOAD(STORAGE, "t", "A", "b")), false},
    {"upload.url", "create", 201, NULL, JOB("j", "awaiting_upload", UPLOAD("@", "t", "A", "b")), true},
    {"upload.url's host", "create", 201, NULL,
     JOB("j", "awaiting_upload", UPLOAD("https://@.example.com/", "t", "A", "b")), true},
    {"upload.method", "create", 201, NULL,
     JOB("j", "awaiting_upload", "\"upload\":{\"method\":\"@\",\"url\":\"" STORAGE "\"},"), false},
    {"upload.expires_at", "create", 201, NULL, JOB("j", "awaiting_upload", UPLOAD(STORAGE, "@", "A", "b")), false},
    {"upload header's name", "create", 201, NULL, JOB("j", "awaiting_upload", UPLOAD(STORAGE, "t", "@", "b")), true},
    {"upload header's value", "create", 201, NULL, JOB("j", "awaiting_upload", UPLOAD(STORAGE, "t", "A", "@")), true},
    {"status_url", "create", 201, NULL,
     "{\"job_id\":\"j\",\"status\":\"queued\",\"status_url\":\"https://@.example.com/\",\"result_url\":\"@\"}", false},
    {"result_url", "create", 201, NULL,
     "{\"job_id\":\"j\",\"status\":\"queued\",\"status_url\":\"https://api.animaldetect.com/v1/jobs/"
     "j\",\"result_url\":\"https://api.animaldetect.com/v1/@\"}",
     true},
    {"submit_url", "create", 201, NULL,
     "{\"job_id\":\"j\",\"status\":\"queued\",\"submit_url\":\"@\",\"status_url\":\"https://api.animaldetect.com/v1/"
     "jobs/j\",\"result_url\":\"https://api.animaldetect.com/v1/jobs/j/result\"}",
     true},
    {"storage's XML", "upload", 400, NULL, "<Error><Code>@</Code><Message>@</Message><Details>@</Details></Error>",
     false},
    {"storage's Expires", "upload", 400, NULL, "<Error><Code>ExpiredToken</Code><Expires>@</Expires></Error>", false},
    {"storage's own element", "upload", 403, NULL, "<Error><StringToSign>@</StringToSign></Error>", false},
    {"storage's text", "upload", 500, NULL, "cannot PUT @ (try again)", false},
    {"submit's refusal", "submit", 400, NULL, "{\"error\":{\"code\":\"@\",\"message\":\"@\"}}", false},
    {"submit's answer", "submit", 200, NULL, JOB("j", "failed", "\"error\":{\"code\":\"@\",\"message\":\"@\"},"),
     false},
    {"a failed job", "poll", 200, NULL, "{\"status\":\"failed\",\"error\":{\"code\":\"@\",\"message\":\"@\"}}", false},
    {"a failed job's text", "poll", 200, NULL, "{\"status\":\"failed\",\"error\":\"@\"}", false},
    {"a failed job's expiry", "poll", 200, NULL, "{\"status\":\"failed\",\"expires_at\":\"@\",\"operation\":\"@\"}",
     false},
    {"the poll's job id", "poll", 200, NULL, "{\"job_id\":\"@\",\"status\":\"queued\"}", false},
    {"the poll's refusal", "poll", 404, NULL, "{\"error\":{\"message\":\"@\"}}", false},
    {"no result", "fetch", 200, NULL, "{\"annotations\":\"@\"}", false},
    {"no JSON", "fetch", 200, NULL, "@", false},
    {"the result's refusal", "fetch", 404, NULL, "{\"error\":{\"message\":\"@\"}}", false},
    {"X-Request-Id", "create", 401, "X-Request-Id: @", "{\"error\":\"no\"}", false},
    {"request-id of the storage", "upload", 400, "x-goog-request-id: @\nX-GUploader-UploadID: @", "no", false},
    {"request-id of a good answer", "poll", 404, "cf-ray: @", "{}", false},
    {"other headers", "create", 503,
     "Location: @\nServer: @\nContent-Type: @\nWWW-Authenticate: @\nDate: @\nRetry-After: 1\nETag: @\nRateLimit: @",
     "{}", false},
};

static char leak[2048];

/* Whether the text contains a piece of a secret. */
static bool shows(const char *text, const char *secret)
{
    size_t size = strlen(secret);

    for (; *text != '\0'; text++)
        for (size_t from = 0; from + SHOWN_RUN <= size; from++)
            if (strncasecmp(text, secret + from, SHOWN_RUN) == 0)
                return true;
    return false;
}

static void check_for(size_t count, const char *where, const char *text)
{
    for (size_t i = 0; text != NULL && leak[0] == '\0' && i < count; i++)
        if (shows(text, hidden[i]))
            snprintf(leak, sizeof leak, "%s: %s", where, text);
}

static void check(const char *where, const char *text)
{
    check_for(3, where, text);
}

static void on_log(void *user, const animaldetect_log_record *record)
{
    const char *line = animaldetect_log_text(record);

    (void)user;
    check("log", line);
    check("log's request id", animaldetect_log_request_id(record));
}

static void check_job(animaldetect_client *client, animaldetect_job *job, bool used)
{
    char *saved = NULL;

    check("message", animaldetect_job_message(job));
    check("client's message", message_of(client));
    check("request id", animaldetect_job_request_id(job));
    check("service code", animaldetect_job_service_code(job));
    check("service message", animaldetect_job_service_message(job));
    check("state text", animaldetect_job_state_text(job));
    check("job id", animaldetect_job_id(job));
    check("expires", animaldetect_job_expires_at(job));
    check("upload expires", animaldetect_job_upload_expires_at(job));
    check("operation", animaldetect_job_operation(job));
    assert_int_equal(animaldetect_job_save(job, &saved, NULL), ANIMALDETECT_OK);
    check_for(used ? 2 : 3, "saved", saved);
    animaldetect_text_free(saved);
}

/* `text` with each '@' replaced. */
static char *filled(const char *text, const char *with)
{
    size_t room = text == NULL ? 1 : strlen(text) * (strlen(with) + 1) + 1;
    char *out = malloc(room);
    size_t used = 0;

    for (; text != NULL && *text != '\0'; text++) {
        size_t size = *text == '@' ? strlen(with) : 1;

        memcpy(out + used, *text == '@' ? with : text, size);
        used += size;
    }
    out[used] = '\0';
    return out;
}

/* One run of one image, with this text at this position. */
static void play(struct host *host, const struct place *place, const char *text)
{
    char *headers = place->headers == NULL ? NULL : filled(place->headers, text);
    char *body = filled(place->body, text);
    animaldetect_job *job;

    leak[0] = 0;
    host_again(host);
    host->violations_expected = true; /* the service did not create this job */
    assert_int_equal(animaldetect_client_set_api_key(host->client, OLDER_KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(host->client, HOST_KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_DEBUG, on_log, NULL, NULL),
                     ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_tries(host->client, 2), ANIMALDETECT_OK);
    world_answer(host->world, place->route, 0, place->status, headers, body);
    job = host_image_job(host);
    (void)animaldetect_job_set_call_timeout_ms(job, 100000);
    (void)animaldetect_job_run(job);
    check_job(host->client, job, place->used);
    free(headers);
    free(body);
    if (leak[0] != '\0')
        fail_msg("%s, sent \"%s\": %s", place->name, text, leak);
}

/* Each secret at each position, plain and in the spellings of others. */
static void no_field_or_header_of_an_answer_brings_a_secret_into_a_text(struct host *host)
{
    static const char *const sent[] = {
        HOST_KEY,
        OLDER_KEY,
        SIGNED,
        "key=" HOST_KEY "&x=1",
        "'" OLDER_KEY "'",
        HOST_KEY HOST_KEY,
        "old " OLDER_KEY ", new " HOST_KEY,
        "SK_TEST_ENGINE_0123456789ABCDEF",
        "sk%5ftest%5Fengine%5F0123456789abcdef",
        "sk&#95;test&#x5f;engine_0123456789abcdef",
        "sk_test_engine_01234567",
        "ngine_0123456789abcdef",
        "/b/o?X-Goog-Signature=5ec2e7b1a9d04f63 was late",
        "https:%2F%2Fs%2Fo%3FX-Goog-Signature%3D5ec2e7b1a9d04f63",
        "https://s/o?a=1&amp;X-Goog-Signature=5ec2e7b1a9d04f63",
        "X-Goog-Signature=5ec2e7b1a9d04f63",
    };

    host_open(host);
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
        for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++)
            play(host, &places[p], sent[i]);
}

/* JSON's own escapes reach a message when the response cannot be parsed. */
static void escapes_of_json_do_not_hide_a_secret(struct host *host)
{
    static const char *const bodies[] = {
        "{\"url\":\"https:\\/\\/s\\/o\\u003fX-Goog-Signature=5ec2e7b1a9d04f63\"",
        "{\"key\":\"sk\\u005ftest\\u005Fengine_0123456789abcdef\"",
        "{\"error\":{\"message\":\"sk\\u005ftest_engine_0123456789abcdef\"}}",
    };

    host_open(host);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        for (int status = 201; status <= 401; status += 200) {
            struct place place = {"escaped", "create", status, NULL, bodies[i], false};

            play(host, &place, "");
        }
}

/* Across each boundary where a text is truncated, in steps of three bytes. */
static void a_secret_across_the_edge_of_a_cut_text_does_not_show(struct host *host)
{
    static const size_t edges[] = {64, 96, 128, 192, 200, 256, 384, 768, 1024, 65536};
    static const char *const secrets[] = {HOST_KEY, OLDER_KEY, SIGNED};
    static const size_t some[] = {0, 1, 2, 6, 7, 8, 10, 22, 25, 28, 33, 35, 36, 39};
    static char text[70000];

    host_open(host);
    for (size_t p = 0; p < sizeof some / sizeof some[0]; p++)
        for (size_t e = 0; e < sizeof edges / sizeof edges[0]; e++)
            for (size_t before = 1; before < 110; before += edges[e] == 65536 ? 12 : 3) {
                size_t pad = edges[e] > before ? edges[e] - before : 0;
                const char *secret = secrets[before % 3];

                memset(text, 'A', pad);
                snprintf(text + pad, sizeof text - pad, " %s", secret);
                play(host, &places[some[p]], text);
            }
}

static void a_key_in_an_id_a_url_or_a_header_that_would_be_used_ends_the_call(struct host *host)
{
    static const char *const bodies[] = {
        JOB(HOST_KEY, "queued", ""),
        JOB(OLDER_KEY, "queued", ""),
        JOB("j", "awaiting_upload", UPLOAD("https://storage.googleapis.com/" HOST_KEY, "t", "A", "b")),
        JOB("j", "awaiting_upload", UPLOAD(STORAGE, "t", "A", "Bearer " OLDER_KEY)),
        JOB("j", "awaiting_upload", UPLOAD(STORAGE, "t", HOST_KEY, "b")),
        "{\"job_id\":\"j\",\"status\":\"queued\",\"status_url\":\"https://api.animaldetect.com/v1/" HOST_KEY
        "\",\"result_url\":\"https://api.animaldetect.com/v1/jobs/j/result\"}",
    };

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        animaldetect_job *job;

        host_open(host);
        assert_int_equal(animaldetect_client_set_api_key(host->client, OLDER_KEY), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_client_set_api_key(host->client, HOST_KEY), ANIMALDETECT_OK);
        world_answer(host->world, "create", 0, 201, NULL, bodies[i]);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "contains the API key");
        assert_int_equal(world_count(host->world, "any"), 1);
        host_close(host);
    }
}

static void a_job_id_that_is_a_key_is_not_attached(struct host *host)
{
    animaldetect_job *job = NULL;

    host_open(host);
    assert_int_equal(animaldetect_job_attach(host->client, HOST_KEY, &job), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_null(job);
}

/* A masked key, as the filters of build servers leave it; it once caused an endless search for keys. */
static void a_key_of_stars_ends_like_any_other(struct host *host)
{
    static const char *const keys[] = {"*", "**", "***", "****", "*********", "**a**"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        animaldetect_job *job;

        host_open(host);
        assert_int_equal(animaldetect_client_set_api_key(host->client, keys[i]), ANIMALDETECT_OK);
        world_answer(host->world, "create", 0, 401, NULL, "{\"error\":\"the key ********* is invalid\"}");
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_UNAUTHORIZED, "the key *");
        host_close(host);
    }
}

/* A custom transport whose messages repeat what it was given. */
static int32_t refuse_in_foul_words(void *user, animaldetect_exchange *exchange)
{
    (void)user;
    return animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN,
                                      "cannot send Bearer " HOST_KEY ", nor " OLDER_KEY ", to " SIGNED);
}

static void the_words_of_a_transport_are_masked(struct host *host)
{
    animaldetect_transport *transport = NULL;
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;

    (void)host;
    leak[0] = 0;
    assert_int_equal(animaldetect_transport_new(NULL, NULL, &transport), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_start(transport, refuse_in_foul_words), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_new(&client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(client, transport), ANIMALDETECT_OK);
    animaldetect_transport_free(transport);
    assert_int_equal(animaldetect_client_set_api_key(client, OLDER_KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(client, HOST_KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_tries(client, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_log(client, ANIMALDETECT_LOG_DEBUG, on_log, NULL, NULL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_new(client, "detect", &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_source_url(job, "https://example.com/a.jpg"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_NETWORK);
    assert_non_null(strstr(animaldetect_job_message(job), "cannot send Bearer ***, nor ***, to"));
    check_job(client, job, false);
    assert_string_equal(leak, "");
    animaldetect_job_free(job);
    animaldetect_client_free(client);
}

int main(void)
{
    static const struct host_scenario heavy[] = {
        SCENARIO(no_field_or_header_of_an_answer_brings_a_secret_into_a_text),
        SCENARIO(escapes_of_json_do_not_hide_a_secret),
        SCENARIO(a_secret_across_the_edge_of_a_cut_text_does_not_show),
        SCENARIO(the_words_of_a_transport_are_masked),
    };
    static const struct host_scenario list[] = {
        SCENARIO(a_key_in_an_id_a_url_or_a_header_that_would_be_used_ends_the_call),
        SCENARIO(a_job_id_that_is_a_key_is_not_attached),
        SCENARIO(a_key_of_stars_ends_like_any_other),
    };

    return HOST_MAIN_ONCE(heavy) + HOST_MAIN(list);
}
