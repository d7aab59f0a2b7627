/* SPDX-License-Identifier: MIT */
/*
 * Saved texts that somebody else can write, and the limits of what is saved: a restored job reads and sends only what
 * was saved, a text holds only what a setter would accept, and what a setter accepted can be saved and restored at
 * every limit.
 */
#include "engine/harness.h"

#include <malloc.h>
#include <stdio.h>

#include "api/job.h"
#include "kit/message.h"

static animaldetect_job *restored(struct host *host, const char *text, int32_t expected)
{
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_job_restore(host->client, text, strlen(text), &job);

    if (status != expected)
        fail_msg("%s: %s: %s", text, animaldetect_status_name(status), message_of(host->client));
    if (job != NULL)
        host_adopt(host, job);
    return job;
}

/* The text with one piece replaced, from malloc. */
static char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *out;

    if (at == NULL)
        fail_msg("%s is not in %s", from, text);
    out = malloc(strlen(text) + strlen(to) + 1);
    snprintf(out, strlen(text) + strlen(to) + 1, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static char *save(const animaldetect_job *job)
{
    char *text = NULL;

    assert_int_equal(animaldetect_job_save(job, &text, NULL), ANIMALDETECT_OK);
    return text;
}

/* As an attacker would write it, and as 0.1.0 wrote it before an image was hashed. */
static void a_file_without_a_digest_in_the_saved_text_is_not_read(struct host *host)
{
    uint8_t *image = host_image(900, 3);
    char *path = host_file("secret.jpg", image, 900);
    static const char *const forms[] = {
        "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"file\",\"operation\":\"detect\",\"file_path\":\"PATH\"}",
        "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"file\",\"operation\":\"detect\",\"file_path\":\"PATH\","
        "\"content_type\":\"image/jpeg\",\"filename\":\"a.jpg\"}",
        "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"file\",\"operation\":\"detect\",\"file_path\":\"PATH\","
        "\"content_type\":\"image/jpeg\",\"filename\":\"a.jpg\",\"random_key\":true,\"idempotency_key\":\"k\"}",
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *text = with(forms[i], "PATH", path);
        animaldetect_job *job;

        host_again(host);
        job = restored(host, text, ANIMALDETECT_OK);
        free(text);
        assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_NO_INPUT);
        assert_non_null(strstr(animaldetect_job_message(job), "set the image again"));
        assert_int_equal(world_count(host->world, "any"), 0);
        assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    }
    free(image);
    host_remove_file(path);
}

/* The same for a job whose upload URL is known: nothing may be sent there. */
static void a_restored_upload_sends_no_other_file_than_the_saved_image(struct host *host)
{
    static const char *const without[] = {"\"sha256\":\"", "\"size\":900,"};
    uint8_t *image = host_image(900, 4);
    uint8_t *other = host_image(900, 5);
    char *path = host_file("image.jpg", image, 900);
    char *secret = host_file("secret.jpg", other, 900);

    for (int form = 0; form < 4; form++) {
        animaldetect_job *job;
        char *text;
        char *changed;

        host_again(host);
        job = host_job(host, "detect");
        animaldetect_job_set_file(job, path);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        text = save(job);
        changed = with(text, path, secret);
        animaldetect_text_free(text);
        if ((form & 1) != 0) { /* no digest to compare with */
            text = changed;
            changed = with(text, without[0], "\"other\":\"");
            free(text);
        }
        if ((form & 2) != 0) {
            text = changed;
            changed = with(text, without[1], "");
            free(text);
        }
        host_restart(host);
        job = restored(host, changed, ANIMALDETECT_OK);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, (form & 1) != 0 ? ANIMALDETECT_E_NO_INPUT : ANIMALDETECT_E_FILE_CHANGED, NULL);
        assert_int_equal(world_count(host->world, "upload"), 0);
        free(changed);
    }
    free(image);
    free(other);
    host_remove_file(path);
    host_remove_file(secret);
}

static void a_job_saved_before_its_file_was_hashed_has_the_digest(struct host *host)
{
    uint8_t *image = host_image(900, 6);
    char *path = host_file("image.jpg", image, 900);
    animaldetect_job *job = host_job(host, "detect");
    char *text;

    animaldetect_job_set_file(job, path);
    text = save(job);
    assert_non_null(strstr(text, "\"sha256\":\""));
    assert_non_null(strstr(text, "\"size\":900"));
    host_restart(host);
    job = restored(host, text, ANIMALDETECT_OK);
    animaldetect_text_free(text);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    /* the key is that of a job that was never saved */
    text = strdup(animaldetect_job_idempotency_key(job));
    host_again(host);
    job = host_job(host, "detect");
    animaldetect_job_set_file(job, path);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_idempotency_key(job), text);
    free(text);
    free(image);
    host_remove_file(path);
}

static void write_over(const char *path, unsigned number)
{
    uint8_t *image = host_image(900, number);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(image, 1, 900, file), 900);
    fclose(file);
    free(image);
}

/*
 * The file is replaced after a save: text and job must continue to mean the same image. Otherwise a host that loses
 * power now has the new image billed a second time, as a rerun of the saved one.
 */
static void what_was_saved_is_what_runs(struct host *host)
{
    for (int called = 0; called < 2; called++) {
        uint8_t *image = host_image(900, 6);
        char *path = host_file("image.jpg", image, 900);
        animaldetect_job *job;
        char *text;

        host_again(host);
        job = host_job(host, "detect");
        animaldetect_job_set_file(job, path);
        if (called) {
            /* hashed, but no job created yet */
            for (int i = 1; i <= 6; i++)
                world_answer(host->world, "create", i, 503, NULL, "");
            assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_SERVICE);
        }
        text = save(job);
        write_over(path, 7);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_FILE_CHANGED, "not that of the saved job");
        write_over(path, 6); /* when the old bytes are back, the same run continues */
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        write_over(path, 7);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE_CHANGED);
        assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        /* the old text, and the next step again: the same job */
        job = restored(host, text, ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE_CHANGED);
        assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
        animaldetect_text_free(text);
        host_remove_file(path);
        free(image);
    }
}

static void a_job_whose_file_is_not_there_can_be_saved(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    char *text;

    animaldetect_job_set_file(job, "/nonexistent/image.jpg");
    text = save(job);
    assert_null(strstr(text, "sha256"));
    (void)restored(host, text, ANIMALDETECT_OK);
    animaldetect_text_free(text);
}

/* Values that no setter accepts and no response contains. */
static void a_saved_text_holds_only_what_setters_take(struct host *host)
{
    static const char *const members[] = {
        "\"operation\":\"../x\"",
        "\"operation\":\"\"",
        "\"operation\":\"a b\"",
        "\"filename\":\"a/b.jpg\"",
        "\"filename\":\"/etc/passwd\"",
        "\"filename\":\"\"",
        "\"filename\":\"a\\nb\"",
        "\"content_type\":\"jpeg\"",
        "\"content_type\":\"image/jpeg\\r\\nX: y\"",
        "\"client_reference_id\":\"\"",
        "\"client_reference_id\":\"a\\u0007\"",
        "\"idempotency_key\":\"a b\"",
        "\"source_url\":\"file:///etc/passwd\"",
        "\"source_url\":\"https://user:pw@example.com/\"",
        "\"job_id\":\"../x\"",
        "\"options\":{\"a b\":1}",
        "\"options\":{\"\":1}",
        "\"options\":[1]",
        "\"rerun\":-1",
        "\"file_path\":\"\"",
        "\"state\":\"a\\nb\"",
        "\"upload_method\":\"DELETE\"",
        "\"upload_headers\":{\"a b\":\"c\"}",
    };
    static char text[70000];

    host_open(host);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        snprintf(text, sizeof text, "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"none\"%s,%s}",
                 strncmp(members[i], "\"operation\"", 11) == 0 ? "" : ",\"operation\":\"detect\"", members[i]);
        assert_null(restored(host, text, ANIMALDETECT_E_SAVED_JOB));
    }
    for (size_t i = 0; i < 4; i++) {
        static const char *const names[] = {"operation", "filename", "content_type\":\"image/", "client_reference_id"};
        size_t used =
            (size_t)snprintf(text, sizeof text, "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"none\"%s,\"%s%s",
                             i == 0 ? "" : ",\"operation\":\"detect\"", names[i], i == 2 ? "" : "\":\"");

        memset(text + used, 'a', 60000);
        snprintf(text + used + 60000, 10, "\"}");
        assert_null(restored(host, text, ANIMALDETECT_E_SAVED_JOB));
    }
}

/*
 * Every text at its maximum length, with the characters that need the most escaping: the text is saved, fits, and reads
 * back unchanged.
 */
static void a_job_at_every_limit_is_saved_and_restored(struct host *host)
{
    static char path[4096];
    static char json[65537];
    static char body[700000];
    char name[80];
    char *at = body;
    char *text;
    char *again;
    animaldetect_job *job = host_job(host, "detect");

    memset(path, 0xFF, sizeof path - 1); /* not UTF-8: saved as hex */
    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    memset(json, '"', 513);
    json[512] = '\0';
    assert_int_equal(animaldetect_job_set_client_reference_id(job, json), ANIMALDETECT_OK);
    json[255] = '\0';
    assert_int_equal(animaldetect_job_set_filename(job, json), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_idempotency_key(job, json), ANIMALDETECT_OK);
    memcpy(json, "image/", 6);
    json[127] = '\0';
    assert_int_equal(animaldetect_job_set_content_type(job, json), ANIMALDETECT_OK);
    memset(json, '\\', 65534);
    json[0] = json[65535] = '"';
    json[65536] = '\0';
    json[65533] = json[65534] = 'x';
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "o%d", i);
        (void)animaldetect_job_set_option_json(job, name, json);
    }
    snprintf(name, sizeof name, "%064d", 7);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "n%063d", i);
        (void)animaldetect_job_set_option_json(job, name, "[0,0,0]");
    }
    text = save(job);
    assert_in_range(strlen(text), 100000, 1024 * 1024);
    job = restored(host, text, ANIMALDETECT_OK);
    again = save(job);
    assert_non_null(strstr(again, "client_reference_id"));
    animaldetect_text_free(again);
    animaldetect_text_free(text);
    /* and the largest that a service can cause */
    at += sprintf(
        at,
        "{\"job_id\":\"j\",\"status\":\"awaiting_upload\",\"status_url\":\"https://api.animaldetect.com/v1/jobs/j\","
        "\"result_url\":\"https://api.animaldetect.com/v1/jobs/j/result\",\"upload\":{\"url\":\"https://s.example/");
    memset(at, 'u', 8000);
    at += 8000;
    at += sprintf(at, "\",\"headers\":{");
    for (int i = 0; i < 32; i++) {
        at += sprintf(at, "%s\"h%0250d\":\"", i > 0 ? "," : "", i);
        for (int k = 0; k < 4096; k++)
            at = stpcpy(at, "\\\"");
        at = stpcpy(at, "\"");
    }
    (void)stpcpy(at, "}}}");
    world_answer(host->world, "create", 0, 201, NULL, body);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    text = save(job);
    assert_in_range(strlen(text), 200000, 1024 * 1024);
    (void)restored(host, text, ANIMALDETECT_OK);
    animaldetect_text_free(text);
}

/* "[0,0,...]" */
static const char *many_zeros(int count)
{
    static char text[30000];
    char *at = text;

    *at++ = '[';
    for (int i = 0; i < count; i++)
        at = stpcpy(at, i == 0 ? "0" : ",0");
    (void)stpcpy(at, "]");
    return text;
}

static void options_are_bounded_all_together_and_the_last_good_ones_stay(struct host *host)
{
    static char json[65001];
    animaldetect_job *job = host_image_job(host);
    char name[16];
    int taken = 0;

    memset(json, 'a', sizeof json - 1);
    json[0] = json[sizeof json - 2] = '"';
    while (snprintf(name, sizeof name, "o%d", taken),
           animaldetect_job_set_option_json(job, name, json) == ANIMALDETECT_OK)
        taken++;
    assert_in_range(taken, 1, 2);
    assert_non_null(strstr(animaldetect_job_message(job), "128 KiB"));
    for (int i = 0; i < taken; i++) {
        snprintf(name, sizeof name, "o%d", i);
        assert_int_equal(animaldetect_job_set_option_json(job, name, "1"), ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_job_set_option_json(job, "many", many_zeros(9000)), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_option_json(job, "many", many_zeros(11000)), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_option_json(job, "more", many_zeros(2000)), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_option_json(job, "o0", "1"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_option_json(job, "o0", "2"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_non_null(strstr(world_request_of(host->world, "create", 1)->body, "\"o0\":2"));
}

static void secrets_in_a_saved_text_are_masked_or_refused(struct host *host)
{
    static const char *const refused[] = {"\"job_id\":\"" HOST_KEY "\"",
                                          "\"job_id\":\"j\",\"status_url\":\"https://api.animaldetect.com/v1/" HOST_KEY
                                          "\"",
                                          "\"job_id\":\"j\",\"upload_url\":\"https://s.example/" HOST_KEY "\"",
                                          "\"job_id\":\"j\",\"upload_headers\":{\"A\":\"" HOST_KEY "\"}"};
    char text[1024];
    char *again;
    animaldetect_job *job;

    host_open(host);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"animaldetect_job\":1,\"stage\":\"created\",\"input\":\"none\",\"operation\":\"detect\",%s}",
                 refused[i]);
        assert_null(restored(host, text, ANIMALDETECT_E_SAVED_JOB));
        assert_non_null(strstr(message_of(host->client), "contains the API key"));
    }
    /* as 0.1.0 saved it */
    job = restored(
        host,
        "{\"animaldetect_job\":1,\"stage\":\"finished\",\"input\":\"none\",\"operation\":\"detect\",\"job_id\":\"j\","
        "\"state\":\"failed\",\"error_code\":\"" HOST_KEY "\",\"error_message\":\"failed for " HOST_KEY
        " at /o?X-Signature=1\",\"expires_at\":\"" HOST_KEY "\"}",
        ANIMALDETECT_OK);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_JOB_FAILED, "failed for *** at /o?***");
    assert_string_equal(animaldetect_job_expires_at(job), "***");
    again = save(job);
    assert_null(strstr(again, HOST_KEY));
    assert_null(strstr(again, "X-Signature"));
    animaldetect_text_free(again);
}

static void setters_that_are_called_again_and_again_do_not_grow_a_job(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    char text[64];
    size_t before = 0;

    for (int i = 0; i < 50000; i++) {
        if (i == 1000)
            before = mallinfo2().uordblks;
        snprintf(text, sizeof text, "reference-%d", i);
        assert_int_equal(animaldetect_job_set_client_reference_id(job, text), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_idempotency_key(job, text), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_filename(job, text), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_country(job, text), ANIMALDETECT_OK);
        snprintf(text, sizeof text, "image/x-%d", i);
        assert_int_equal(animaldetect_job_set_content_type(job, text), ANIMALDETECT_OK);
        assert_in_range(job->texts_waste, 0, AD_TEXTS_WASTE + 128);
    }
    assert_in_range(mallinfo2().uordblks, 0, before + (size_t)16 * 1024);
}

/* A service that changes its responses every time, within one call and over many. */
static void answers_that_change_again_and_again_do_not_grow_a_job(struct host *host)
{
    animaldetect_job *job;
    char body[256];

    host->service.processing = "fixed:864000000"; /* nor does a result exist in the odd states */
    host_open(host);
    host->violations_expected = true; /* the library fetches in a state that the model knows as unfinished */
    job = host_image_job(host);
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(host->client, 10, 10), ANIMALDETECT_OK);
    for (int i = 1; i <= 3000; i++) {
        snprintf(body, sizeof body, "{\"status\":\"odd-%060d\",\"expires_at\":\"in-%060d\"}", i, i);
        world_answer(host->world, "poll", i, 200, NULL, body);
    }
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "poll") >= 2000);
    assert_in_range(job->texts_waste, AD_TEXTS_WASTE, 65 * 1024);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(host_do(host, job, HOST_POLL), ANIMALDETECT_OK);
        assert_in_range(job->texts_waste, 0, AD_TEXTS_WASTE);
    }
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_file_without_a_digest_in_the_saved_text_is_not_read),
        SCENARIO(a_restored_upload_sends_no_other_file_than_the_saved_image),
        SCENARIO(a_job_saved_before_its_file_was_hashed_has_the_digest),
        SCENARIO(what_was_saved_is_what_runs),
        SCENARIO(a_job_whose_file_is_not_there_can_be_saved),
        SCENARIO(a_saved_text_holds_only_what_setters_take),
        SCENARIO(options_are_bounded_all_together_and_the_last_good_ones_stay),
        SCENARIO(secrets_in_a_saved_text_are_masked_or_refused),
        SCENARIO(answers_that_change_again_and_again_do_not_grow_a_job),
    };
    static const struct host_scenario once[] = {
        SCENARIO(a_job_at_every_limit_is_saved_and_restored),
        SCENARIO(setters_that_are_called_again_and_again_do_not_grow_a_job),
    };

    return HOST_MAIN(list) + HOST_MAIN_ONCE(once);
}
