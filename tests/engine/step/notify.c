/* SPDX-License-Identifier: MIT */
/*
 * A run in a copy of the library that has one additional request step, see check_new_step.py: "notify" comes after the
 * submit and before the first poll. Its request is counted, timed and named like those of the other steps.
 */
#include "engine/harness.h"

#include <animaldetect/statistics.h>

static void a_new_step_is_sent_timed_counted_and_named(struct host *host)
{
    animaldetect_job *job;
    int64_t latency_ms = 0;

    host->net.latency_ms = 40;
    host->net.jitter_ms = 0;
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_step_name(ANIMALDETECT_STEP_NOTIFY), "notify");
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_NOTIFIES), 1);
    assert_true(host_stat(host, ANIMALDETECT_STAT_REQUESTS_POLL) >= 1);
    assert_in_range(animaldetect_job_step_ms(job, ANIMALDETECT_STEP_NOTIFY), 40, 41);
    assert_int_equal(animaldetect_client_latency_ms(host->client, ANIMALDETECT_STEP_NOTIFY, 0.5, &latency_ms),
                     ANIMALDETECT_OK);
    assert_in_range(latency_ms, 36, 44);
    assert_int_equal(animaldetect_job_step_ms(job, ANIMALDETECT_STEP_NOTIFY + 1), -1);
}

static void a_new_step_that_fails_is_named_in_the_message(struct host *host)
{
    animaldetect_job *job;

    host_open(host);
    job = host_image_job(host);
    world_answer(host->world, "poll", 0, 404, NULL, "{\"error\":{\"code\":\"gone\",\"message\":\"no such job\"}}");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_NOT_FOUND);
    assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_NOTIFY);
    assert_ptr_equal(strstr(animaldetect_job_message(job), "notify: "), animaldetect_job_message(job));
}

static const struct host_scenario SCENARIOS[] = {
    SCENARIO(a_new_step_is_sent_timed_counted_and_named),
    SCENARIO(a_new_step_that_fails_is_named_in_the_message),
};

int main(void)
{
    return HOST_MAIN(SCENARIOS);
}
