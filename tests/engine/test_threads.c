/* SPDX-License-Identifier: MIT */
/*
 * Many threads on one client: which thread drives, which is woken, and which gets what. Also run under the thread
 * sanitizer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kit/emulator.h"

#define THREADS 32
#define JOBS_PER_THREAD 32 /* 1,024 in all */

struct scene {
    struct emulator *emulator;
    animaldetect_client *client;
    atomic_int next;
    atomic_int succeeded;
    atomic_int failed;
    atomic_int taken;
    atomic_bool stop;
    int total;
};

static void open_scene(struct scene *scene)
{
    *scene = (struct scene){0};
    scene->emulator = emulator_start((const char *const[]){"--processing", "fixed:40", NULL});
    scene->client = emulator_client(scene->emulator);
}

static void close_scene(struct scene *scene, int jobs)
{
    json_t *ledger;

    animaldetect_client_free(scene->client);
    ledger = emulator_stop(scene->emulator);
    ledger_is_clean(ledger);
    if (jobs >= 0)
        assert_int_equal(ledger_count(ledger, "jobs"), jobs);
    json_decref(ledger);
}

static void start_all(pthread_t *threads, int count, void *(*body)(void *), struct scene *scene)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, body, scene), 0);
}

static void join_all(pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* No assertion in here: cmocka's belong to the main thread. Failures are counted. */
static void *run_blocking(void *context)
{
    struct scene *scene = context;

    for (;;) {
        int number = atomic_fetch_add(&scene->next, 1);
        animaldetect_job *job;

        if (number >= scene->total)
            return NULL;
        job = drawn_job(scene->client, (uint32_t)number, 900);
        atomic_fetch_add(animaldetect_job_run(job) == ANIMALDETECT_OK ? &scene->succeeded : &scene->failed, 1);
        animaldetect_job_free(job);
    }
}

static void thirty_two_threads_block_on_one_client(void **state)
{
    struct scene scene;
    pthread_t threads[THREADS];

    (void)state;
    open_scene(&scene);
    scene.total = THREADS * JOBS_PER_THREAD;
    start_all(threads, THREADS, run_blocking, &scene);
    join_all(threads, THREADS);
    assert_int_equal(scene.failed, 0);
    assert_int_equal(scene.succeeded, scene.total);
    assert_int_equal(animaldetect_client_in_flight(scene.client), 0);
    close_scene(&scene, scene.total);
}

/* Collects completed calls, whichever thread started them. */
static void *take_ends(void *context)
{
    struct scene *scene = context;

    while (!atomic_load(&scene->stop)) {
        animaldetect_job *job = NULL;

        (void)animaldetect_client_wait(scene->client, 200);
        while (animaldetect_client_next_done(scene->client, &job) == ANIMALDETECT_OK) {
            atomic_fetch_add(animaldetect_job_status(job) == ANIMALDETECT_OK ? &scene->succeeded : &scene->failed, 1);
            animaldetect_job_free(job);
            if (atomic_fetch_add(&scene->taken, 1) + 1 == scene->total) {
                atomic_store(&scene->stop, true);
                for (int i = 0; i < THREADS; i++)
                    (void)animaldetect_client_wakeup(scene->client);
            }
        }
    }
    return NULL;
}

static void *start_jobs(void *context)
{
    struct scene *scene = context;

    for (;;) {
        int number = atomic_fetch_add(&scene->next, 1);
        animaldetect_job *job;

        if (number >= scene->total)
            return NULL;
        job = drawn_job(scene->client, (uint32_t)number, 900);
        if (animaldetect_job_run_async(job) != ANIMALDETECT_OK)
            atomic_fetch_add(&scene->failed, 1);
    }
}

static void each_completion_is_collected_once_by_some_thread(void **state)
{
    struct scene scene;
    pthread_t takers[4];
    pthread_t starters[4];

    (void)state;
    open_scene(&scene);
    scene.total = 400;
    start_all(takers, 4, take_ends, &scene);
    start_all(starters, 4, start_jobs, &scene);
    join_all(starters, 4);
    join_all(takers, 4);
    assert_int_equal(scene.failed, 0);
    assert_int_equal(scene.succeeded, scene.total);
    assert_int_equal(scene.taken, scene.total);
    close_scene(&scene, scene.total);
}

static void *wait_once(void *context)
{
    struct scene *scene = context;
    int32_t status = animaldetect_client_wait(scene->client, -1);

    atomic_fetch_add(status == ANIMALDETECT_AGAIN ? &scene->succeeded : &scene->failed, 1);
    return NULL;
}

static void wakeup_ends_every_wait(void **state)
{
    struct scene scene;
    pthread_t threads[8];

    (void)state;
    open_scene(&scene);
    start_all(threads, 8, wait_once, &scene);
    while (atomic_load(&scene.succeeded) < 8)
        assert_int_equal(animaldetect_client_wakeup(scene.client), ANIMALDETECT_OK);
    join_all(threads, 8);
    assert_int_equal(scene.failed, 0);
    close_scene(&scene, 0);
}

struct blocked {
    animaldetect_job *job;
    atomic_int status;
};

static void *run_one(void *context)
{
    struct blocked *blocked = context;

    atomic_store(&blocked->status, animaldetect_job_run(blocked->job));
    return NULL;
}

static void cancel_reaches_a_thread_that_is_blocked(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){"--processing", "fixed:600000", NULL});
    animaldetect_client *client = emulator_client(emulator);
    struct blocked blocked[4];
    pthread_t threads[4];
    json_t *ledger;

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        blocked[i].job = drawn_job(client, i, 800);
        atomic_init(&blocked[i].status, 1);
        assert_int_equal(pthread_create(&threads[i], NULL, run_one, &blocked[i]), 0);
    }
    for (uint32_t i = 0; i < 4; i++) {
        while (animaldetect_job_stage(blocked[i].job) < ANIMALDETECT_STAGE_SUBMITTED)
            sched_yield();
        assert_int_equal(animaldetect_job_cancel(blocked[i].job), ANIMALDETECT_OK);
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(blocked[i].status, ANIMALDETECT_E_CANCELED);
        animaldetect_job_free(blocked[i].job);
    }
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    json_decref(ledger);
}

static void freeing_a_client_lets_blocked_threads_go(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){"--processing", "fixed:600000", NULL});
    animaldetect_client *client = emulator_client(emulator);
    struct blocked blocked[6];
    pthread_t threads[6];
    json_t *ledger;

    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        blocked[i].job = drawn_job(client, i, 800);
        atomic_init(&blocked[i].status, 1);
        assert_int_equal(pthread_create(&threads[i], NULL, run_one, &blocked[i]), 0);
    }
    for (uint32_t i = 0; i < 6; i++)
        while (animaldetect_job_stage(blocked[i].job) < ANIMALDETECT_STAGE_SUBMITTED)
            sched_yield();
    animaldetect_client_free(client);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(blocked[i].status, ANIMALDETECT_E_CLIENT_FREED);
        assert_null(animaldetect_job_client(blocked[i].job));
        assert_int_equal(animaldetect_job_run(blocked[i].job), ANIMALDETECT_E_CLIENT_FREED);
        animaldetect_job_free(blocked[i].job);
    }
    ledger = emulator_stop(emulator);
    json_decref(ledger);
}

static void *wait_for_job(void *context)
{
    struct blocked *blocked = context;

    atomic_store(&blocked->status, animaldetect_job_wait(blocked->job, -1));
    return NULL;
}

static void two_threads_that_wait_for_one_job_get_its_status(void **state)
{
    struct scene scene;
    struct blocked both[2];
    pthread_t threads[2];
    animaldetect_job *job;

    (void)state;
    open_scene(&scene);
    job = drawn_job(scene.client, 1, 800);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    for (int i = 0; i < 2; i++) {
        both[i].job = job;
        atomic_init(&both[i].status, 1);
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_job, &both[i]), 0);
    }
    join_all(threads, 2);
    assert_int_equal(both[0].status, ANIMALDETECT_OK);
    assert_int_equal(both[1].status, ANIMALDETECT_OK);
    animaldetect_job_free(job);
    close_scene(&scene, 1);
}

static atomic_llong slices;

/* An endless image: the engine hashes a piece of it in every iteration, and there is always more to do. */
static int64_t read_zeros(void *user, uint8_t *buffer, size_t size)
{
    (void)user;
    memset(buffer, 0, size);
    atomic_fetch_add(&slices, 1);
    return (int64_t)size;
}

static int32_t rewind_zeros(void *user)
{
    (void)user;
    return 0;
}

static void *drive_for_job(void *context)
{
    (void)animaldetect_job_wait(context, -1);
    return NULL;
}

/*
 * Counted, not timed: how many pieces were hashed while another thread waited for the client. An iteration hashes
 * eight; the mean is bounded, since one wait may hit a busy scheduler.
 */
static void *run_slow_one(void *context)
{
    struct scene *scene = context;
    animaldetect_job *job = drawn_job(scene->client, 1, 900);

    atomic_fetch_add(animaldetect_job_run(job) == ANIMALDETECT_OK ? &scene->succeeded : &scene->failed, 1);
    animaldetect_job_free(job);
    return NULL;
}

/* The create gets its response at once; the driver's own job is processed for seconds. */
static void a_completion_wakes_its_thread_while_another_one_drives(void **state)
{
    struct scene scene = {0};
    animaldetect_job *job;
    pthread_t driver;
    int64_t submits = 0;

    (void)state;
    scene.emulator = emulator_start((const char *const[]){"--processing", "fixed:3000", NULL});
    scene.client = emulator_client(scene.emulator);
    start_all(&driver, 1, run_slow_one, &scene);
    while (submits == 0) {
        assert_int_equal(animaldetect_client_statistic(scene.client, ANIMALDETECT_STAT_REQUESTS_SUBMIT, &submits),
                         ANIMALDETECT_OK);
        sched_yield();
    }
    job = drawn_job(scene.client, 2, 900);
    assert_int_equal(animaldetect_job_create(job), ANIMALDETECT_OK);
    assert_int_equal(atomic_load(&scene.succeeded), 0); /* the driver has not left */
    animaldetect_job_free(job);
    join_all(&driver, 1);
    assert_int_equal(scene.succeeded, 1);
    close_scene(&scene, 2);
}

/* Waits until it has collected one job: another thread may be faster. From then on it is busy with that job. */
static void *take_one(void *context)
{
    struct scene *scene = context;
    animaldetect_job *job = NULL;
    int32_t status = ANIMALDETECT_AGAIN;

    atomic_fetch_add(&scene->next, 1);
    while (status == ANIMALDETECT_AGAIN && animaldetect_client_wait(scene->client, -1) == ANIMALDETECT_OK)
        status = animaldetect_client_next_done(scene->client, &job);
    if (status == ANIMALDETECT_OK)
        atomic_fetch_add(&scene->taken, 1);
    return NULL;
}

static void each_completion_wakes_a_thread_while_another_one_drives(void **state)
{
    struct scene scene = {0};
    animaldetect_job *jobs[2];
    pthread_t driver;
    pthread_t takers[2];
    int64_t submits = 0;

    (void)state;
    scene.emulator = emulator_start((const char *const[]){"--processing", "fixed:3000", NULL});
    scene.client = emulator_client(scene.emulator);
    start_all(&driver, 1, run_slow_one, &scene);
    while (submits == 0) {
        assert_int_equal(animaldetect_client_statistic(scene.client, ANIMALDETECT_STAT_REQUESTS_SUBMIT, &submits),
                         ANIMALDETECT_OK);
        sched_yield();
    }
    start_all(takers, 2, take_one, &scene);
    while (atomic_load(&scene.next) < 2)
        sched_yield();
    for (int i = 0; i < 2; i++) {
        jobs[i] = drawn_job(scene.client, (uint32_t)(2 + i), 900);
        assert_int_equal(animaldetect_job_create_async(jobs[i]), ANIMALDETECT_OK);
    }
    /* both complete at once, in one call and under one lock */
    for (int i = 0; i < 2; i++)
        assert_int_equal(animaldetect_job_cancel(jobs[i]), ANIMALDETECT_OK);
    join_all(takers, 2);
    assert_int_equal(scene.taken, 2);
    assert_int_equal(atomic_load(&scene.succeeded), 0); /* the driver has not left */
    join_all(&driver, 1);
    assert_int_equal(scene.succeeded, 1);
    for (int i = 0; i < 2; i++)
        animaldetect_job_free(jobs[i]);
    close_scene(&scene, -1);
}

static void *run_refused(void *context)
{
    struct scene *scene = context;
    animaldetect_job *job = drawn_job(scene->client, 40 + (uint32_t)atomic_fetch_add(&scene->next, 1), 900);
    int32_t status = animaldetect_job_run(job);

    atomic_fetch_add(status == ANIMALDETECT_E_UNAUTHORIZED ? &scene->failed : &scene->succeeded, 1);
    animaldetect_job_free(job);
    return NULL;
}

/* A thread pool that is joined after the first error must not wait for a key that nobody will set. */
static void a_refused_key_is_reported_to_every_thread(void **state)
{
    struct scene scene = {0};
    pthread_t threads[16];
    int64_t creates = 0;

    (void)state;
    scene.emulator = emulator_start((const char *const[]){NULL});
    scene.client = emulator_client(scene.emulator);
    assert_int_equal(animaldetect_client_set_max_requests(scene.client, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(scene.client, "sk_test_revoked_0123456789"), ANIMALDETECT_OK);
    start_all(threads, 16, run_refused, &scene);
    join_all(threads, 16);
    assert_int_equal(scene.failed, 16);
    assert_int_equal(animaldetect_client_statistic(scene.client, ANIMALDETECT_STAT_REQUESTS_CREATE, &creates),
                     ANIMALDETECT_OK);
    assert_in_range(creates, 1, 2);
    close_scene(&scene, 0);
}

static void a_driver_with_work_lets_the_other_threads_in(void **state)
{
    struct scene scene;
    animaldetect_job *job = NULL;
    pthread_t driver;
    long long waited = 0;

    (void)state;
    open_scene(&scene);
    assert_int_equal(animaldetect_client_set_max_image_bytes(scene.client, UINT64_C(1) << 40), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_new(scene.client, "detect", &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_content_type(job, "image/jpeg"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_reader(job, UINT64_C(1) << 39, read_zeros, rewind_zeros, NULL, NULL),
                     ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(pthread_create(&driver, NULL, drive_for_job, job), 0);
    while (atomic_load(&slices) < 100)
        sched_yield();
    for (int i = 0; i < 100; i++) {
        long long before = atomic_load(&slices);

        assert_int_equal(animaldetect_client_in_flight(scene.client), 1);
        waited += atomic_load(&slices) - before;
        while (atomic_load(&slices) < before + 16) /* the driver runs again */
            sched_yield();
    }
    assert_in_range(waited / 100, 0, 32);
    animaldetect_job_cancel(job);
    pthread_join(driver, NULL);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_E_CANCELED);
    animaldetect_job_free(job);
    close_scene(&scene, 0);
}

/* Settles permits until all that were granted are; the blocked threads need no other help. */
static int64_t grant_until_done(struct scene *scene)
{
    int64_t ages_ms[64];
    int64_t settled = 0;
    int32_t outstanding = 0;
    int32_t wanted = 0;
    int32_t count = 0;

    while (atomic_load(&scene->succeeded) + atomic_load(&scene->failed) < scene->total) {
        (void)animaldetect_client_report_permits(scene->client, ages_ms, 64, &count, &outstanding);
        settled += count;
        if (animaldetect_client_permits_wanted(scene->client, &wanted) == ANIMALDETECT_OK && wanted > 0)
            (void)animaldetect_client_grant_permits(scene->client, wanted, 60000);
        (void)sched_yield();
    }
    (void)animaldetect_client_return_permits(scene->client, INT32_MAX, &count);
    do {
        (void)animaldetect_client_report_permits(scene->client, ages_ms, 64, &count, &outstanding);
        settled += count;
    } while (count == 64);
    assert_int_equal(outstanding, 0);
    return settled;
}

/* The host's own thread pulls and grants while others block on the client. */
static void threads_that_block_are_granted_permits_by_another_one(void **state)
{
    struct scene scene;
    pthread_t threads[8];
    int64_t settled;
    json_t *ledger;

    (void)state;
    open_scene(&scene);
    scene.total = 64;
    assert_int_equal(animaldetect_client_set_permits(scene.client, 1), ANIMALDETECT_OK);
    start_all(threads, 8, run_blocking, &scene);
    settled = grant_until_done(&scene);
    join_all(threads, 8);
    assert_int_equal(scene.failed, 0);
    animaldetect_client_free(scene.client);
    ledger = emulator_stop(scene.emulator);
    ledger_is_clean(ledger);
    assert_int_equal(settled, ledger_count(ledger, "api_requests"));
    json_decref(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirty_two_threads_block_on_one_client),
        cmocka_unit_test(each_completion_is_collected_once_by_some_thread),
        cmocka_unit_test(wakeup_ends_every_wait),
        cmocka_unit_test(cancel_reaches_a_thread_that_is_blocked),
        cmocka_unit_test(freeing_a_client_lets_blocked_threads_go),
        cmocka_unit_test(two_threads_that_wait_for_one_job_get_its_status),
        cmocka_unit_test(a_completion_wakes_its_thread_while_another_one_drives),
        cmocka_unit_test(each_completion_wakes_a_thread_while_another_one_drives),
        cmocka_unit_test(a_refused_key_is_reported_to_every_thread),
        cmocka_unit_test(a_driver_with_work_lets_the_other_threads_in),
        cmocka_unit_test(threads_that_block_are_granted_permits_by_another_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
