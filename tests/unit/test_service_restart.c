/* SPDX-License-Identifier: MIT */
/*
 * Deviations in the journal, and journals of earlier versions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/service_kit.h"

#define SOURCE "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c.jpg\"}"

static const char *state_now(const struct client *client)
{
    return svc_job_state(client->svc, client->job, client->now_ms);
}

/* The second life has none of the switches: its deviations come from the journal. */
static void deviations_survive_a_restart(void **state)
{
    FILE *journal = tmpfile();
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.stuck_share = config.unknown_share = config.lost_submit_share = 1;
    config.stuck_ms = 9000;
    config.unknown_state = "rejected";
    config.unknown_form = SVC_UNKNOWN_ERROR;
    client_start(&client, &config);
    svc_set_journal(client.svc, journal);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    assert_string_equal(state_now(&client), "awaiting_upload");
    assert_int_equal(client_submit(&client), 202);
    assert_int_equal(client_create(&client, SOURCE, "source"), 201);
    client_restart(&client, NULL, journal);
    assert_int_equal(svc_job_done_ms(client.svc, svc_job_id(client.svc, 0)), client.now_ms + 9000);
    client.now_ms += 9000;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "rejected");
    assert_string_equal(client_text(&client, "error.code"), "rejected");
    (void)snprintf(client.job, sizeof(client.job), "%s", svc_job_id(client.svc, 0));
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "rejected");
    client_stop(&client);
    (void)fclose(journal);
}

static void a_lost_submit_is_lost_once_over_a_restart(void **state)
{
    FILE *journal = tmpfile();
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.lost_submit_share = 1;
    client_start(&client, &config);
    svc_set_journal(client.svc, journal);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client_restart(&client, &config, journal);
    assert_int_equal(client_submit(&client), 202);
    assert_string_equal(state_now(&client), "queued");
    client_stop(&client);
    (void)fclose(journal);
}

static void a_stuck_job_does_not_hold_the_one_worker_of_the_next_life(void **state)
{
    FILE *journal = tmpfile();
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.processing = "fifo:1000";
    config.stuck_share = 1;
    client_start(&client, &config);
    svc_set_journal(client.svc, journal);
    client_create(&client, SOURCE, "stuck");
    config.stuck_share = 0;
    client_restart(&client, &config, journal);
    client_create(&client, "{\"operation\":\"detect\",\"source_url\":\"https://a.b/d.jpg\"}", "next");
    client.now_ms += 2000;
    assert_string_equal(state_now(&client), "succeeded");
    client_stop(&client);
    (void)fclose(journal);
}

static void a_key_whose_job_is_there_is_not_in_use_again(void **state)
{
    FILE *journal = tmpfile();
    struct svc_config config;
    struct client client;
    int refused = 0;

    (void)state;
    client_config(&config);
    config.key_in_use_share = 1;
    config.key_in_use_ms = 5000;
    client_start(&client, &config);
    svc_set_journal(client.svc, journal);
    for (int i = 0; i < 10; i++) {
        char key[16];

        (void)snprintf(key, sizeof(key), "key%d", i);
        if (client_create(&client, SOURCE, key) != 409)
            continue;
        refused++;
        client.now_ms += 5000;
        assert_int_equal(client_create(&client, SOURCE, key), 201);
        client_restart(&client, &config, journal);
        assert_int_equal(client_create(&client, SOURCE, key), 200);
    }
    assert_true(refused > 0);
    client_stop(&client);
    (void)fclose(journal);
}

/* As written before there were deviations. */
static void an_old_journal_is_read(void **state)
{
    static const char text[] =
        "{\"event\":\"create\",\"id\":\"00000000-0000-4000-8000-000000000001\",\"operation\":\"detect\",\"payload\":"
        "\"0000000000000000000000000000000000000000000000000000000000000001\",\"key\":\"k\",\"type\":\"image/jpeg\","
        "\"size\":3,\"created\":1800000000000,\"expires\":1802592000000,\"times\":[-1,0,0,false],"
        "\"upload\":[1800000900000,0]}\n"
        "{\"event\":\"upload\",\"id\":\"00000000-0000-4000-8000-000000000001\",\"digest\":"
        "\"0000000000000000000000000000000000000000000000000000000000000002\",\"size\":3}\n"
        "{\"event\":\"submit\",\"id\":\"00000000-0000-4000-8000-000000000001\",\"times\":"
        "[1800000000000,1800000000250,1800000001000,false]}\n";
    char copy[sizeof(text)];
    struct client client;
    FILE *journal;

    (void)state;
    memcpy(copy, text, sizeof(text));
    journal = fmemopen(copy, sizeof(text) - 1, "r");
    client_start(&client, NULL);
    client_restart(&client, NULL, journal);
    (void)snprintf(client.job, sizeof(client.job), "%s", svc_job_id(client.svc, 0));
    client.now_ms += 1000;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "succeeded");
    assert_int_equal(client_result(&client), 200);
    client_stop(&client);
    (void)fclose(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviations_survive_a_restart),
        cmocka_unit_test(a_lost_submit_is_lost_once_over_a_restart),
        cmocka_unit_test(a_stuck_job_does_not_hold_the_one_worker_of_the_next_life),
        cmocka_unit_test(a_key_whose_job_is_there_is_not_in_use_again),
        cmocka_unit_test(an_old_journal_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
