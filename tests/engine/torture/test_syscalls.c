/* SPDX-License-Identifier: MIT */
/*
 * Every system call that the library itself makes fails once, with each error that the kernel may return. The linker
 * intercepts the calls (--wrap), under the names of large-file support, so libcurl's own are not affected.
 */
#include "engine/torture/scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SECONDS_EACH 60U

enum which { OPEN, PREAD, FSTAT, READ, WRITE, POLL, EPOLL_CREATE, EPOLL_CTL, EPOLL_WAIT, TIMER_CREATE, TIMER_SET, EVENT, MMAP,
             MADVISE, CALLS };

static enum which failing_call = CALLS;
static int failing_errno;
static long failing_nth; /* 0: none */
static long seen;
static const char *playing = "";

/* Whether this call is to fail. The scenario's own calls of epoll are counted too: a host's may fail as well. */
static bool fails(enum which call)
{
    if (call != failing_call || failing_nth == 0)
        return false;
    if (++seen != failing_nth)
        return false;
    errno = failing_errno;
    return true;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    return fails(OPEN) ? -1 : __real_open64(path, flags);
}

#define WRAP(which, result, name, parameters, arguments)                                                               \
    result __real_##name parameters;                                                                                   \
    result __wrap_##name parameters;                                                                                   \
    result __wrap_##name parameters                                                                                    \
    {                                                                                                                  \
        return fails(which) ? (result)-1 : __real_##name arguments;                                                    \
    }

WRAP(PREAD, ssize_t, pread64, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
WRAP(FSTAT, int, fstat64, (int fd, struct stat *out), (fd, out))
WRAP(READ, ssize_t, read, (int fd, void *to, size_t size), (fd, to, size))
WRAP(WRITE, ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
WRAP(POLL, int, poll, (struct pollfd *set, nfds_t count, int timeout), (set, count, timeout))
WRAP(EPOLL_CREATE, int, epoll_create1, (int flags), (flags))
WRAP(EPOLL_CTL, int, epoll_ctl, (int set, int operation, int fd, struct epoll_event *event),
     (set, operation, fd, event))
WRAP(EPOLL_WAIT, int, epoll_wait, (int set, struct epoll_event *events, int most, int timeout),
     (set, events, most, timeout))
WRAP(TIMER_CREATE, int, timerfd_create, (int clock, int flags), (clock, flags))
WRAP(TIMER_SET, int, timerfd_settime,
     (int fd, int flags, const struct itimerspec *when, struct itimerspec *old), (fd, flags, when, old))
WRAP(EVENT, int, eventfd, (unsigned count, int flags), (count, flags))
WRAP(MADVISE, int, madvise, (void *at, size_t size, int advice), (at, size, advice))

void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return fails(MMAP) ? MAP_FAILED : __real_mmap64(at, size, protection, flags, fd, offset);
}

static const struct {
    const char *name;
    enum which call;
    int error;
} FAILURES[] = {
    {"open EMFILE", OPEN, EMFILE},
    {"open EACCES", OPEN, EACCES},
    {"pread EIO", PREAD, EIO},
    {"fstat EIO", FSTAT, EIO},
    {"read EINTR", READ, EINTR},
    {"write EINTR", WRITE, EINTR},
    {"poll EINTR", POLL, EINTR},
    {"poll ENOMEM", POLL, ENOMEM},
    {"epoll_create1 EMFILE", EPOLL_CREATE, EMFILE},
    {"epoll_ctl ENOMEM", EPOLL_CTL, ENOMEM},
    {"epoll_ctl ENOSPC", EPOLL_CTL, ENOSPC},
    {"epoll_wait EINTR", EPOLL_WAIT, EINTR},
    {"epoll_wait EBADF", EPOLL_WAIT, EBADF},
    {"timerfd_create EMFILE", TIMER_CREATE, EMFILE},
    {"timerfd_settime EINVAL", TIMER_SET, EINVAL},
    {"eventfd ENFILE", EVENT, ENFILE},
    {"mmap ENOMEM", MMAP, ENOMEM},
    {"madvise EINVAL", MADVISE, EINVAL},
};
#define FAILURE_COUNT (sizeof FAILURES / sizeof FAILURES[0])

static void on_signal(int number)
{
    char line[200];
    int size = snprintf(line, sizeof line, "call %ld of %s: %s\n", failing_nth, playing,
                        number == SIGALRM ? "does not end" : "crashed");

    (void)!__real_write(STDERR_FILENO, line, (size_t)size);
    _exit(1);
}

static void relax(void)
{
    failing_nth = 0;
}

static bool is_honest(int32_t status)
{
    static const int32_t honest[] = {ANIMALDETECT_OK, ANIMALDETECT_E_SYSTEM, ANIMALDETECT_E_NO_MEMORY,
                                     ANIMALDETECT_E_FILE, ANIMALDETECT_E_MEDIUM, ANIMALDETECT_E_NO_DESCRIPTORS,
                                     ANIMALDETECT_E_NETWORK, ANIMALDETECT_E_TIMEOUT};

    for (size_t i = 0; i < sizeof honest / sizeof honest[0]; i++)
        if (honest[i] == status)
            return true;
    return false;
}

/* How often the call was made. */
static long play(struct torture *torture, const struct scenario *scenario, const char *name, long nth)
{
    int32_t status;

    playing = name;
    torture->again = ANIMALDETECT_OK;
    torture->words[0] = '\0';
    seen = 0;
    failing_nth = nth;
    (void)alarm(SECONDS_EACH);
    status = scenario->play(torture);
    (void)alarm(0);
    failing_nth = 0;
    if (!is_honest(status))
        fail_msg("call %ld of %s in %s: %s: %s", nth, name, scenario->name, animaldetect_status_name(status),
                 torture->words);
    if (torture->again != ANIMALDETECT_OK)
        fail_msg("call %ld of %s in %s: the next try: %s: %s", nth, name, scenario->name,
                 animaldetect_status_name(torture->again), torture->words);
    return seen;
}

#define MOST 40 /* per kind of call in a scenario: later ones are more of the same */

static void every_system_call_may_fail(void **state)
{
    size_t which = (size_t)(uintptr_t)*state;
    struct torture torture;
    long made = 0;

    torture_relax = relax;
    failing_call = CALLS;
    torture_begin(&torture);
    failing_call = FAILURES[which].call;
    failing_errno = FAILURES[which].error;
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        for (long nth = 1; nth <= MOST; nth++) {
            if (play(&torture, &SCENARIOS[i], FAILURES[which].name, nth) < nth)
                break;
            made++;
        }
    failing_call = CALLS;
    assert_true(made > 0);
    torture_end(&torture);
}

int main(void)
{
    struct CMUnitTest tests[FAILURE_COUNT];

    (void)signal(SIGALRM, on_signal);
    (void)signal(SIGSEGV, on_signal);
    (void)signal(SIGABRT, on_signal);
    memset(tests, 0, sizeof tests);
    for (size_t i = 0; i < FAILURE_COUNT; i++) {
        tests[i].name = FAILURES[i].name;
        tests[i].test_func = every_system_call_may_fail;
        tests[i].initial_state = (void *)(uintptr_t)i;
    }
    return _cmocka_run_group_tests("every_system_call_may_fail", tests, FAILURE_COUNT, NULL, NULL);
}
