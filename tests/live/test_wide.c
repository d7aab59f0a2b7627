/* SPDX-License-Identifier: MIT */
/*
 * Thousands of requests on the wire at the same time, each on its own connection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kit/emulator.h"

#include <stdbool.h>
#include <sys/resource.h>

#define TRANSFERS 5000
#define DESCRIPTORS (TRANSFERS + 500)

/* The emulator inherits the limit. */
static bool raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < DESCRIPTORS)
        return false;
    if (limit.rlim_cur < DESCRIPTORS)
        limit.rlim_cur = DESCRIPTORS;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static int64_t active(animaldetect_client *client)
{
    int64_t value = 0;

    assert_int_equal(animaldetect_client_statistic(client, ANIMALDETECT_STAT_REQUESTS_ACTIVE, &value), ANIMALDETECT_OK);
    return value;
}

/* The service holds each create until all of them have arrived, and for much longer. */
static void five_thousand_transfers_at_once_all_finish(void **state)
{
    static animaldetect_job *jobs[TRANSFERS];
    struct emulator *emulator;
    animaldetect_client *client;
    animaldetect_job *job = NULL;
    int64_t most = 0;
    uint32_t ended = 0;
    json_t *ledger;

    (void)state;
    if (!raise_limit()) {
        print_message("the limit on open files is below %d\n", DESCRIPTORS);
        skip();
    }
    emulator = emulator_start((const char *const[]){"--fault", "create:delay:ms=15000", NULL});
    client = emulator_client(emulator);
    assert_int_equal(animaldetect_client_set_max_requests(client, TRANSFERS), ANIMALDETECT_OK);
    for (uint32_t i = 0; i < TRANSFERS; i++) {
        jobs[i] = drawn_job(client, i, 200);
        assert_int_equal(animaldetect_job_create_async(jobs[i]), ANIMALDETECT_OK);
    }
    while (ended < TRANSFERS) {
        (void)animaldetect_client_wait(client, 20);
        most = active(client) > most ? active(client) : most;
        while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) {
            if (animaldetect_job_status(job) != ANIMALDETECT_OK)
                print_error("%s\n", animaldetect_job_message(job));
            assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
            ended++;
        }
    }
    assert_int_equal(most, TRANSFERS);
    for (uint32_t i = 0; i < TRANSFERS; i++)
        animaldetect_job_free(jobs[i]);
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), TRANSFERS);
    json_decref(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_thousand_transfers_at_once_all_finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
