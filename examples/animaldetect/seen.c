/* SPDX-License-Identifier: MIT */
/*
 * A set with open addressing.
 */
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static struct seen_file *place_of(struct seen_file *table, size_t room, uint64_t one, uint64_t other)
{
    uint64_t hash = (one ^ (other << 32 | other >> 32)) * 0x9E3779B97F4A7C15U;
    size_t at = (size_t)(hash >> 20) & (room - 1);

    while ((table[at].one != 0 || table[at].other != 0) && (table[at].one != one || table[at].other != other))
        at = (at + 1) & (room - 1);
    return &table[at];
}

static bool grow(struct seen *seen)
{
    size_t room = seen->room == 0 ? 64 : 2 * seen->room;
    struct seen_file *table = calloc(room, sizeof *table);

    if (table == NULL)
        return false;
    for (size_t i = 0; i < seen->room; i++) {
        if (seen->table[i].one != 0 || seen->table[i].other != 0)
            *place_of(table, room, seen->table[i].one, seen->table[i].other) = seen->table[i];
    }
    free(seen->table);
    seen->table = table;
    seen->room = room;
    return true;
}

bool seen_before(struct seen *seen, uint64_t one, uint64_t other)
{
    struct seen_file *place;

    if (2 * (seen->count + 1) > seen->room && !grow(seen))
        return false;
    place = place_of(seen->table, seen->room, one, other);
    if (place->one == one && place->other == other)
        return true;
    *place = (struct seen_file){one, other};
    seen->count++;
    return false;
}

bool seen_path_before(struct seen *seen, const char *path)
{
    struct seen_file digest;

    (void)crypto_generichash((unsigned char *)&digest, sizeof digest, (const unsigned char *)path, strlen(path), NULL,
                             0);
    return seen_before(seen, digest.one, digest.other | 1);
}

void seen_clear(struct seen *seen)
{
    free(seen->table);
    *seen = (struct seen){0};
}
