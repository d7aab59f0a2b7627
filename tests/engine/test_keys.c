/* SPDX-License-Identifier: MIT */
/*
 * The promises about idempotency keys, from the setter to the wire: equivalent inputs have one key, the key that is
 * shown is the one that is sent, and an upgrade bills no image again.
 */
#include "engine/harness.h"

#include <jansson.h>
#include <stdio.h>

#include "engine/saved_by_0_1.h"
#include "kit/keys_of_0_1.h"
#include "kit/message.h"

#define IMAGE_SIZE (sizeof KEYED_IMAGE - 1)

static animaldetect_job *keyed_job(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");

    assert_int_equal(animaldetect_job_set_bytes(job, KEYED_IMAGE, IMAGE_SIZE), ANIMALDETECT_OK);
    return job;
}

/* The key of the last create that was sent. */
static void sent_key(struct host *host, char key[256])
{
    const struct world_request *request = world_request_of(host->world, "create", world_count(host->world, "create"));

    assert_non_null(request);
    assert_true(world_request_header(request, "Idempotency-Key", key, 256));
}

/* A member of the last create's body; the caller drops the reference. */
static json_t *sent(struct host *host, const char *name)
{
    const struct world_request *request = world_request_of(host->world, "create", world_count(host->world, "create"));
    json_t *body = json_loads(request->body, JSON_REJECT_DUPLICATES, NULL);
    json_t *value = json_incref(json_object_get(body, name));

    assert_non_null(body);
    json_decref(body);
    return value;
}

/* Creates, whatever the service's response to the payload: the key is `expected`, on the wire and in the job. */
static void create_under(struct host *host, animaldetect_job *job, const char *expected)
{
    char key[256];

    host_do(host, job, HOST_CREATE);
    sent_key(host, key);
    assert_string_equal(key, expected);
    assert_string_equal(animaldetect_job_idempotency_key(job), expected);
}

/* ---- setters ---- */

static void set_options(animaldetect_job *job, const char *text)
{
    json_t *options = text == NULL ? NULL : json_loads(text, 0, NULL);
    const char *name;
    json_t *value;

    json_object_foreach(options, name, value)
    {
        char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

        assert_int_equal(animaldetect_job_set_option_json(job, name, json), ANIMALDETECT_OK);
        free(json);
    }
    json_decref(options);
}

static void options_in_json_have_the_key_of_0_1_or_of_their_one_form(struct host *host)
{
    host->violations_expected = true; /* a country must not be a number */
    host_open(host);
    for (size_t i = 0; i < sizeof KEYS_OF_0_1 / sizeof KEYS_OF_0_1[0]; i++) {
        animaldetect_job *job = keyed_job(host);

        set_options(job, KEYS_OF_0_1[i].options);
        create_under(host, job, KEYS_OF_0_1[i].today != NULL ? KEYS_OF_0_1[i].today : KEYS_OF_0_1[i].key);
    }
}

static void a_country_in_any_form_is_one_job(struct host *host)
{
    static const char *const forms[] = {"US", "us", "US ", " Us", "\"uS \""};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        animaldetect_job *job = keyed_job(host);
        json_t *options;

        if (*forms[i] == '"')
            assert_int_equal(animaldetect_job_set_option_json(job, "country", forms[i]), ANIMALDETECT_OK);
        else
            assert_int_equal(animaldetect_job_set_country(job, forms[i]), ANIMALDETECT_OK);
        create_under(host, job, KEY_OF_US);
        options = sent(host, "options");
        assert_string_equal(json_string_value(json_object_get(options, "country")), "US");
        json_decref(options);
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void a_zero_of_any_sign_is_one_job(struct host *host)
{
    animaldetect_job *job = keyed_job(host);

    assert_int_equal(animaldetect_job_set_location(job, -0.0, 13.25), ANIMALDETECT_OK);
    create_under(host, job, KEY_OF_EQUATOR);
    job = keyed_job(host);
    assert_int_equal(animaldetect_job_set_location(job, 0.0, 13.25), ANIMALDETECT_OK);
    create_under(host, job, KEY_OF_EQUATOR);
    job = keyed_job(host);
    assert_int_equal(animaldetect_job_set_location(job, -0.0, -0.0), ANIMALDETECT_OK);
    create_under(host, job, KEY_OF_ORIGIN);
    assert_null(strstr(world_request_of(host->world, "create", 3)->body, "-0"));
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
}

static void all_setters_together_have_the_key_of_0_1(struct host *host)
{
    animaldetect_job *job = keyed_job(host);

    assert_int_equal(animaldetect_job_set_threshold(job, 0.35), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_classify(job, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_metadata(job, 0), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_top_candidate(job, 3), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_smooth_herd(job, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_rerun(job, 2), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_client_reference_id(job, "gate/\xc3\xa4 2"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_filename(job, "fuchs \xc3\xa4.jpg"), ANIMALDETECT_OK);
    create_under(host, job, KEY_OF_ALL_SETTERS);
}

/* What README and guide promise about copies, and about hosts that rename files. */
static void a_renamed_copy_is_another_job_unless_the_host_names_it(struct host *host)
{
    static const char *const paths[] = {"IMG_0001.JPG", "IMG_0001 (1).JPG"};

    for (size_t named = 0; named < 2; named++) {
        host_again(host);
        for (size_t i = 0; i < 2; i++) {
            char *path = host_file(paths[i], KEYED_IMAGE, IMAGE_SIZE);
            animaldetect_job *job = host_job(host, "detect");

            assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
            if (named == 1)
                assert_int_equal(animaldetect_job_set_filename(job, KEYED_SHA256 ".jpg"), ANIMALDETECT_OK);
            assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
            host_remove_file(path);
        }
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), named == 1 ? 1 : 2);
    }
}

/* ---- the checksum field ---- */

static void open_with_checksum(struct host *host, const char *field)
{
    host->service.checksum_field = field;
    host_again(host);
    assert_int_equal(animaldetect_client_set_checksum_field(host->client, field), ANIMALDETECT_OK);
}

static void a_checksum_field_that_is_sent_is_in_the_key(struct host *host)
{
    animaldetect_job *job;
    json_t *checksum;

    open_with_checksum(host, "content_sha256");
    job = keyed_job(host);
    create_under(host, job, KEY_WITH_CONTENT_SHA256);
    checksum = sent(host, "content_sha256");
    assert_string_equal(json_string_value(checksum), KEYED_SHA256);
    json_decref(checksum);
    open_with_checksum(host, "sha256");
    create_under(host, keyed_job(host), KEY_WITHOUT_CHECKSUM_FIELD);
}

/* It cannot change between the key and the create, nor while the job exists. */
static void a_checksum_field_is_fixed_before_a_key_is_shown(struct host *host)
{
    animaldetect_client *client;
    animaldetect_job *job;

    open_with_checksum(host, "content_sha256");
    job = keyed_job(host);
    assert_null(animaldetect_job_idempotency_key(job));
    host_fault(host, "create:503:n=100");
    assert_true(host_do(host, job, HOST_CREATE) < 0);
    assert_int_equal(animaldetect_client_set_checksum_field(host->client, ""), ANIMALDETECT_E_STATE);
    client = host->client;
    host_open_client(host); /* the host's next client */
    animaldetect_client_free(client);
    assert_string_equal(animaldetect_job_idempotency_key(job), KEY_WITH_CONTENT_SHA256);
}

static void a_checksum_field_cannot_replace_another_field(struct host *host)
{
    static const char *const names[] = {
        "client_reference_id", "content_type", "expected_size_bytes", "filename", "operation", "options", "rerun",
        "source_url"};

    host_open(host);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(animaldetect_client_set_checksum_field(host->client, names[i]),
                         ANIMALDETECT_E_INVALID_ARGUMENT);
        assert_non_null(strstr(message_of(host->client), "already used by another field"));
    }
    create_under(host, keyed_job(host), KEY_WITHOUT_CHECKSUM_FIELD);
    assert_int_equal(animaldetect_client_set_checksum_field(host->client, "rerun"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_set_checksum_field(NULL, "rerun"), ANIMALDETECT_E_INVALID_ARGUMENT);
}

/* ---- jobs saved by 0.1 ---- */

static animaldetect_job *restored_from_0_1(struct host *host, const char *text)
{
    animaldetect_job *job = NULL;

    if (animaldetect_job_restore(host->client, text, strlen(text), &job) != ANIMALDETECT_OK)
        fail_msg("%s: %s", text, message_of(host->client));
    host_adopt(host, job);
    return job;
}

static void what_0_1_saved_is_restored_under_the_same_keys(struct host *host)
{
    host_open(host);
    for (size_t i = 0; i < sizeof SAVED_BY_0_1 / sizeof SAVED_BY_0_1[0]; i++) {
        const struct saved_by_0_1 *saved = &SAVED_BY_0_1[i];
        animaldetect_job *job = restored_from_0_1(host, saved->text);
        animaldetect_job *again;

        assert_string_equal(animaldetect_job_idempotency_key(job), saved->key);
        assert_int_equal(animaldetect_job_stage(job),
                         saved->stage < 4 ? 10 * saved->stage : ANIMALDETECT_STAGE_FINISHED);
        again = host_save_and_restore(host, job);
        assert_string_equal(animaldetect_job_idempotency_key(again), saved->key);
    }
}

#define DIGEST_OF_THE_HOST 12 /* does not match the image */

/* The options that are sent are those of the text, byte for byte: the service knows them under that key. */
static void check_sent_options(struct host *host, const char *saved_text)
{
    json_t *saved = json_loads(saved_text, 0, NULL);
    json_t *before = json_object_get(saved, "options");
    json_t *options = sent(host, "options");
    char *expected = json_dumps(before, JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    char *seen = json_dumps(options, JSON_SORT_KEYS | JSON_REAL_PRECISION(15));

    assert_true((before == NULL) == (options == NULL));
    if (before != NULL)
        assert_string_equal(seen, expected);
    free(seen);
    free(expected);
    json_decref(options);
    json_decref(saved);
}

/*
 * Key and payload that are sent when such a job needs a fresh upload URL: those that the service knows, though the same
 * input would have another key today ("deu", -0.0, a checksum field).
 */
static void a_job_of_0_1_asks_for_a_fresh_url_under_its_old_key(struct host *host)
{
    host->violations_expected = true; /* the service of this world does not know these jobs */
    for (size_t i = 0; i < 2 * sizeof SAVED_BY_0_1 / sizeof SAVED_BY_0_1[0]; i++) {
        const struct saved_by_0_1 *saved = &SAVED_BY_0_1[i / 2];
        uint8_t image[64];
        char key[256];
        animaldetect_job *job;

        open_with_checksum(host, i % 2 == 0 ? "" : "content_sha256");
        memset(image, saved->number, sizeof image);
        memcpy(image, "\xff\xd8\xff\xe0", 4);
        job = restored_from_0_1(host, saved->text);
        if (saved->stage != 1 || animaldetect_job_source_url(job) != NULL || saved->number == DIGEST_OF_THE_HOST)
            continue;
        assert_int_equal(animaldetect_job_set_bytes(job, image, sizeof image), ANIMALDETECT_OK);
        world_answer(host->world, "poll", 1, 200, NULL, "{\"status\":\"awaiting_upload\"}");
        world_answer(host->world, "upload", 1, 403, NULL,
                     "<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>");
        host_start(host, job, HOST_RUN);
        HOST_UNTIL(host, world_count(host->world, "create") == 1);
        sent_key(host, key);
        assert_string_equal(key, saved->key);
        check_sent_options(host, saved->text);
        host_free(host, job);
    }
}

/* Saved before it was hashed, the text has no key; a create of 0.1 may have been sent after it. */
static void a_job_that_0_1_saved_without_a_key_has_the_key_of_0_1(struct host *host)
{
    host->violations_expected = true; /* a country must not be a number */
    host_open(host);
    for (size_t i = 0; i < sizeof KEYS_OF_0_1 / sizeof KEYS_OF_0_1[0]; i++) {
        const struct key_of_0_1 *row = &KEYS_OF_0_1[i];
        char text[512];
        animaldetect_job *job;

        snprintf(text, sizeof text,
                 "{\"animaldetect_job\":1,\"input\":\"bytes\",\"operation\":\"detect\",%s%s%s\"size\":%zu,"
                 "\"stage\":\"new\"}",
                 row->options == NULL ? "" : "\"options\":", row->options == NULL ? "" : row->options,
                 row->options == NULL ? "" : ",", IMAGE_SIZE);
        job = host_save_and_restore(host, restored_from_0_1(host, text));
        assert_int_equal(animaldetect_job_set_bytes(job, KEYED_IMAGE, IMAGE_SIZE), ANIMALDETECT_OK);
        create_under(host, job, row->key);
        check_sent_options(host, text);
    }
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(options_in_json_have_the_key_of_0_1_or_of_their_one_form),
        SCENARIO(a_country_in_any_form_is_one_job),
        SCENARIO(a_zero_of_any_sign_is_one_job),
        SCENARIO(all_setters_together_have_the_key_of_0_1),
        SCENARIO(a_renamed_copy_is_another_job_unless_the_host_names_it),
        SCENARIO(a_checksum_field_that_is_sent_is_in_the_key),
        SCENARIO(a_checksum_field_is_fixed_before_a_key_is_shown),
        SCENARIO(a_checksum_field_cannot_replace_another_field),
        SCENARIO(what_0_1_saved_is_restored_under_the_same_keys),
        SCENARIO(a_job_of_0_1_asks_for_a_fresh_url_under_its_old_key),
        SCENARIO(a_job_that_0_1_saved_without_a_key_has_the_key_of_0_1),
    };

    return HOST_MAIN_ONCE(list);
}
