/* SPDX-License-Identifier: MIT */
/*
 * Parses values of the command line, completely and within their ranges, or not at all.
 */
#include "testing/emulator/values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool emu_take_word(const char *text, const char *const *words, int *out)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool emu_take_number(const char *text, int64_t low, int64_t high, int64_t *out)
{
    char *end = NULL;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return end != text && !*end && !errno && *out >= low && *out <= high;
}

bool emu_take_seconds(const char *text, int64_t low, int64_t *out_ms)
{
    bool good = emu_take_number(text, low, INT64_C(4000000000), out_ms);

    *out_ms *= 1000;
    return good;
}

bool emu_take_share(const char *text, double *out)
{
    char *end = NULL;

    *out = strtod(text, &end);
    return end != text && !*end && *out >= 0 && *out <= 1;
}

bool emu_take_seed(const char *text, uint64_t *out)
{
    int64_t value = 0;
    bool good = emu_take_number(text, 0, INT64_MAX, &value);

    *out = (uint64_t)value;
    return good;
}

bool emu_take_text(const char *text, const char **out)
{
    *out = text;
    return *text != '\0';
}

bool emu_take_address(const char *text, const char **out)
{
    struct in6_addr address;

    *out = text;
    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

size_t emu_split(const char *text, char *copy, size_t copy_size, char *parts[], size_t most)
{
    size_t count = 0;
    char *rest = copy;

    if (strlen(text) >= copy_size)
        return 0;
    memcpy(copy, text, strlen(text) + 1);
    while (rest) {
        if (count == most)
            return 0;
        parts[count++] = strsep(&rest, ":");
    }
    return count;
}
