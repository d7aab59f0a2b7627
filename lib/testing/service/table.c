/* SPDX-License-Identifier: MIT */
/*
 * The hash table of table.h: open addressing, linear probing, at most two thirds full, FNV-1a. Keys come from tests,
 * not from attackers, so the hash needs no secret.
 */
#include "testing/service/table.h"

#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static uint64_t hash_of(const void *key, size_t size)
{
    const uint8_t *bytes = key;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

/* The entry with the key, or the free one where it would go. */
static struct svc_table_entry *slot_of(const struct svc_table *table, const void *key, size_t size, uint64_t hash)
{
    size_t mask = table->capacity - 1;
    size_t at = (size_t)hash & mask;

    for (;;) {
        struct svc_table_entry *entry = &table->entries[at];

        if (!entry->key || (entry->hash == hash && entry->size == size && memcmp(entry->key, key, size) == 0))
            return entry;
        at = (at + 1) & mask;
    }
}

static void make_room(struct svc_table *table)
{
    struct svc_table bigger = {.capacity = table->capacity ? table->capacity * 2 : 64, .count = table->count};

    if (table->capacity && table->count < table->capacity / 3 * 2)
        return;
    bigger.entries = svc_alloc(bigger.capacity * sizeof(*bigger.entries));
    for (size_t i = 0; i < table->capacity; i++) {
        const struct svc_table_entry *entry = &table->entries[i];

        if (entry->key)
            *slot_of(&bigger, entry->key, entry->size, entry->hash) = *entry;
    }
    svc_table_free(table);
    *table = bigger;
}

void *svc_table_get(const struct svc_table *table, const void *key, size_t size)
{
    const struct svc_table_entry *entry;

    if (table->capacity == 0)
        return NULL;
    entry = slot_of(table, key, size, hash_of(key, size));
    return entry->key ? entry->value : NULL;
}

void svc_table_put(struct svc_table *table, const void *key, size_t size, void *value)
{
    uint64_t hash = hash_of(key, size);
    struct svc_table_entry *entry;

    make_room(table);
    entry = slot_of(table, key, size, hash);
    if (!entry->key)
        table->count++;
    *entry = (struct svc_table_entry){.key = key, .size = size, .hash = hash, .value = value};
}

void svc_table_free(struct svc_table *table)
{
    free(table->entries);
    *table = (struct svc_table){0};
}
