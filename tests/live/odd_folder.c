/* SPDX-License-Identifier: MIT */
/*
 * A folder that fails in the middle, for LD_PRELOAD: readdir fails with EIO from the fourth call on.
 */
#undef _FILE_OFFSET_BITS /* with it readdir is an alias of readdir64, but both are defined here */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#define WHOLE 3

static bool fails(void)
{
    static int calls;

    if (++calls <= WHOLE)
        return false;
    errno = EIO;
    return true;
}

struct dirent *readdir(DIR *folder)
{
    static struct dirent *(*real)(DIR *);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "readdir");
    return fails() ? NULL : real(folder);
}

struct dirent64 *readdir64(DIR *folder)
{
    static struct dirent64 *(*real)(DIR *);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "readdir64");
    return fails() ? NULL : real(folder);
}
