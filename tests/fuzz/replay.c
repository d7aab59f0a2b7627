/* SPDX-License-Identifier: MIT */
/*
 * Feeds a corpus to a fuzz target without libFuzzer, so that earlier findings are tested in every build, with every
 * compiler and under valgrind. Arguments: the target's name, then files or folders. Each file is fed whole and
 * truncated at a few places: a truncated response is the most common broken one.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_ROOM (1024 * 1024)
#define CUTS 4

static size_t inputs;

/* In memory of exactly its size. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    FUZZ_CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    FUZZ_CHECK(LLVMFuzzerTestOneInput(copy, size) == 0);
    free(copy);
    inputs++;
}

static int feed_file(const char *path)
{
    static uint8_t data[INPUT_ROOM];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!file) {
        perror(path);
        return 1;
    }
    size = fread(data, 1, sizeof(data), file);
    (void)fclose(file);
    (void)fprintf(stderr, "%s\n", path);
    feed(data, size);
    for (size_t cut = 1; cut < CUTS; cut++)
        feed(data, size * cut / CUTS);
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int feed_path(const char *path)
{
    struct dirent **entries = NULL;
    struct stat facts;
    int failures = 0;
    int count;

    if (stat(path, &facts) != 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(facts.st_mode))
        return feed_file(path);
    count = scandir(path, &entries, is_visible, by_name);
    if (count < 0) {
        perror(path);
        return 1;
    }
    for (int i = 0; i < count; i++) {
        char inside[4096];

        (void)snprintf(inside, sizeof(inside), "%s/%s", path, entries[i]->d_name);
        failures += feed_file(inside);
        free(entries[i]);
    }
    free(entries);
    return failures;
}

int main(int argc, char **argv)
{
    int failures = 0;

    for (int i = 2; i < argc; i++)
        failures += feed_path(argv[i]);
    if (failures > 0 || inputs == 0) {
        (void)printf("not ok %s: nothing to replay\n", argc > 1 ? argv[1] : "?");
        return 1;
    }
    (void)printf("ok %s (%zu inputs)\n", argv[1], inputs);
    return 0;
}
