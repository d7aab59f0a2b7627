/* SPDX-License-Identifier: MIT */
/*
 * A hash table from bytes to a pointer, with lookups in constant time.  Keys are borrowed and must outlive the table.
 * Grows as needed; entries are never removed.
 */
#ifndef TESTING_SERVICE_TABLE_H
#define TESTING_SERVICE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct svc_table_entry {
    const void *key;
    size_t size;
    uint64_t hash;
    void *value;
};

struct svc_table {
    struct svc_table_entry *entries; /* zeroed is an empty table */
    size_t capacity;
    size_t count;
};

void *svc_table_get(const struct svc_table *table, const void *key, size_t size); /* NULL when absent */
void svc_table_put(struct svc_table *table, const void *key, size_t size, void *value); /* replaces */
void svc_table_free(struct svc_table *table);

#endif
