/* SPDX-License-Identifier: MIT */
/*
 * A failing disk, for LD_PRELOAD: reads, writes and syncs of regular files fail with EIO at random. ODD_DISK is
 * "SEED:ONE_IN"; without it nothing fails.
 */
#undef _FILE_OFFSET_BITS /* with it pread is an alias of pread64, but both are defined here */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static bool fails(int file)
{
    static uint64_t chance;
    static unsigned long one_in;
    static bool is_read;
    const char *text = getenv("ODD_DISK");
    struct stat facts;

    if (!is_read && text != NULL) {
        char *colon = NULL;

        chance = strtoul(text, &colon, 10) * 2 + 1;
        one_in = *colon == ':' ? strtoul(colon + 1, NULL, 10) : 0;
    }
    is_read = true;
    if (one_in == 0 || fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode))
        return false;
    chance = chance * 6364136223846793005U + 1442695040888963407U;
    if ((chance >> 33) % one_in != 0)
        return false;
    errno = EIO;
    return true;
}

/* Each replaces the function of that name in the C library. */
#define ODD(type, name, parameters, arguments)         \
    type name parameters;                              \
    type name parameters                               \
    {                                                  \
        static type(*real) parameters;                 \
        if (real == NULL)                              \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        return fails(file) ? -1 : real arguments;      \
    }

ODD(ssize_t, pread, (int file, void *bytes, size_t size, off_t offset), (file, bytes, size, offset))
ODD(ssize_t, pread64, (int file, void *bytes, size_t size, off64_t offset), (file, bytes, size, offset))
ODD(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t offset), (file, bytes, size, offset))
ODD(ssize_t, pwrite64, (int file, const void *bytes, size_t size, off64_t offset), (file, bytes, size, offset))
ODD(int, fsync, (int file), (file))
ODD(int, fdatasync, (int file), (file))
