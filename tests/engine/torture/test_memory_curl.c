/* SPDX-License-Identifier: MIT */
/*
 * Every allocation that libcurl makes in a scenario fails once. libcurl 7.88.1 does not survive all of them: it divides
 * by zero in its own code. So each run is a separate process; one that dies inside libcurl is counted and tolerated,
 * any other error is a failure.
 */
#include "engine/torture/scenarios.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/heap.h"

#define SECONDS_EACH 30U
#define IMAGES_EACH 8U /* of one run, at most */
#define FRAMES 24

enum end { SUCCEEDED, REPORTED, WRONG, DIED_IN_LIBCURL, ENDS };

static const int DEADLY[] = {SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};

static const char *playing = "";
static long failing;

/* The innermost function below the signal that is not part of the C library. */
static bool is_inside_libcurl(void)
{
    void *frames[FRAMES];
    int count = backtrace(frames, FRAMES);

    for (int i = 2; i < count; i++) { /* skips this function and the handler */
        Dl_info info;
        const char *name = dladdr(frames[i], &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";

        if (strstr(name, "libcurl") != NULL)
            return true;
        if (strstr(name, "libc.so") == NULL)
            return false;
    }
    return false;
}

static void on_signal(int number)
{
    char line[160];
    int size;

    if (number != SIGALRM && is_inside_libcurl())
        _exit(DIED_IN_LIBCURL);
    size = snprintf(line, sizeof line, "allocation %ld of libcurl in %s: %s\n", failing, playing,
                    number == SIGALRM ? "does not end" : "crashed");
    (void)!write(STDERR_FILENO, line, (size_t)size);
    _exit(WRONG);
}

static void relax(void)
{
    heap_curl_fail_at(0);
}

/* libcurl 7.88.1 drops a URL's query when it has no memory for it: the storage sees no signature. */
static bool is_honest(int32_t status)
{
    return torture_is_honest(status) || status == ANIMALDETECT_E_UPLOAD_REFUSED;
}

static enum end play(struct torture *torture, const struct scenario *scenario, long nth)
{
    long blocks = heap_live();
    int32_t status;

    for (size_t i = 0; i < sizeof DEADLY / sizeof DEADLY[0]; i++)
        (void)signal(DEADLY[i], on_signal);
    failing = nth;
    torture->again = ANIMALDETECT_OK;
    (void)alarm(SECONDS_EACH);
    heap_curl_fail_at(nth);
    status = scenario->play(torture);
    if (is_honest(status) && torture->again == ANIMALDETECT_OK && heap_live() == blocks)
        return status == ANIMALDETECT_OK ? SUCCEEDED : REPORTED;
    fprintf(stderr, "allocation %ld of libcurl in %s: %s, the next try %s, %ld blocks before, %ld after: %s\n", nth,
            scenario->name, animaldetect_status_name(status), animaldetect_status_name(torture->again), blocks, heap_live(),
            torture->words);
    return WRONG;
}

static enum end play_apart(struct torture *torture, const struct scenario *scenario, long nth)
{
    int how = 0;
    pid_t child = fork();

    if (child == 0)
        _exit((int)play(torture, scenario, nth));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &how, 0), child);
    torture->image += IMAGES_EACH;
    return WIFEXITED(how) && WEXITSTATUS(how) < ENDS ? (enum end)WEXITSTATUS(how) : WRONG;
}

static void every_allocation_of_libcurl_may_fail(void **state)
{
    const struct scenario *scenario = *state;
    struct torture torture;
    long ends[ENDS] = {0};
    long calls = 0;

    if (!heap_is_counted())
        skip(); /* a sanitizer's allocator is in use */
    playing = scenario->name;
    torture_relax = relax;
    torture_begin(&torture);
    (void)scenario->play(&torture); /* makes the allocations that libraries keep from their first use */
    heap_curl_fail_at(0);
    assert_int_equal(scenario->play(&torture), ANIMALDETECT_OK);
    calls = heap_curl_calls();
    for (long nth = 1; nth <= calls; nth++)
        ends[play_apart(&torture, scenario, nth)]++;
    print_message("%s: %ld allocations of libcurl: %ld cost nothing, %ld were reported, %ld killed libcurl\n", scenario->name, calls,
                  ends[SUCCEEDED], ends[REPORTED], ends[DIED_IN_LIBCURL]);
    assert_int_equal(ends[WRONG], 0);
    assert_true(ends[REPORTED] > 0);
    torture_end(&torture);
}

static void *nothing(void *user)
{
    return user;
}

/* The C library keeps a block of the first thread for the next one; libcurl starts a thread to resolve a name. */
static bool start_a_thread(void)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

int main(void)
{
    void *frame[1];

    if (!heap_curl_begin() || !start_a_thread())
        return 1;
    (void)backtrace(frame, 1); /* loads what backtrace needs */
    return torture_each_scenario("every_allocation_of_libcurl_may_fail", every_allocation_of_libcurl_may_fail);
}
