/* SPDX-License-Identifier: MIT */
/*
 * A machine that was suspended, for LD_PRELOAD: the clock that counts suspends is ahead by the number of seconds in the
 * file ODD_CLOCK, and the other clocks are not. Timers on that clock are rejected, as by an old kernel, since the real
 * clock did not advance.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>

static long suspended_s(void)
{
    const char *path = getenv("ODD_CLOCK");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    long seconds = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld", &seconds) != 1)
        seconds = 0;
    (void)fclose(file);
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    static int (*real)(clockid_t, struct timespec *);
    int error;

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    error = real(clock, out);
    if (error == 0 && clock == CLOCK_BOOTTIME)
        out->tv_sec += suspended_s();
    return error;
}

int timerfd_create(clockid_t clock, int flags)
{
    static int (*real)(clockid_t, int);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "timerfd_create");
    if (clock != CLOCK_BOOTTIME)
        return real(clock, flags);
    errno = EINVAL;
    return -1;
}
