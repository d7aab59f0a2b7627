/* SPDX-License-Identifier: MIT */
/*
 * Names and numbers of species. A project has some hundreds, so a list and a binary tree over it are sufficient.
 */
#include "names.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

struct species {
    char *taxonomy;
    char *label;
    int number;
};

struct names {
    struct ledger *ledger;
    struct species **list;
    size_t count;
    size_t room;
    size_t kept; /* of the list, the first so many are in the ledger */
    void *by_taxonomy;
    void *by_label;
};

static int compare_taxonomy(const void *one, const void *other)
{
    return strcmp(((const struct species *)one)->taxonomy, ((const struct species *)other)->taxonomy);
}

static int compare_label(const void *one, const void *other)
{
    return strcmp(((const struct species *)one)->label, ((const struct species *)other)->label);
}

static void free_species(struct species *species)
{
    if (species == NULL)
        return;
    free(species->taxonomy);
    free(species->label);
    free(species);
}

static struct species *add(struct names *names, const char *label, const char *taxonomy)
{
    struct species *species = calloc(1, sizeof *species);

    if (species != NULL && names->count == names->room) {
        size_t room = names->room == 0 ? 64 : 2 * names->room;
        struct species **list = realloc(names->list, room * sizeof(struct species *));

        if (list != NULL) {
            names->list = list;
            names->room = room;
        }
    }
    if (species == NULL || names->count == names->room)
        goto failed;
    species->taxonomy = strdup(taxonomy);
    species->label = strdup(label);
    if (species->taxonomy == NULL || species->label == NULL ||
        tsearch(species, &names->by_taxonomy, compare_taxonomy) == NULL)
        goto failed;
    (void)tsearch(species, &names->by_label, compare_label);
    species->number = (int)names->count;
    names->list[names->count++] = species;
    return species;
failed:
    free_species(species);
    return NULL;
}

struct names *names_open(struct ledger *ledger)
{
    struct names *names = calloc(1, sizeof *names);
    sqlite3_stmt *query = ledger_query(ledger, "SELECT name, taxonomy FROM category ORDER BY id");

    int row = -1;

    while (names != NULL && (row = ledger_row(ledger, query)) == 1 &&
           add(names, (const char *)sqlite3_column_text(query, 0), (const char *)sqlite3_column_text(query, 1)) != NULL)
        continue;
    sqlite3_finalize(query);
    if (row != 0) { /* with some of them missing a species would get another number */
        names_free(names);
        return NULL;
    }
    names->ledger = ledger;
    names->kept = names->count;
    return names;
}

static void keep_node(void *node)
{
    (void)node; /* the list owns it */
}

void names_free(struct names *names)
{
    if (names == NULL)
        return;
    tdestroy(names->by_taxonomy, keep_node);
    tdestroy(names->by_label, keep_node);
    for (size_t i = 0; i < names->count; i++)
        free_species(names->list[i]);
    free(names->list);
    free(names);
}

int names_number(struct names *names, const char *label, const char *taxonomy)
{
    struct species wanted = {.taxonomy = (char *)(uintptr_t)taxonomy};
    struct species *const *found = tfind(&wanted, &names->by_taxonomy, compare_taxonomy);
    char unique[256];
    struct species *species;

    if (found != NULL)
        return (*found)->number;
    (void)snprintf(unique, sizeof unique, "%.200s", *label != '\0' ? label : "unnamed");
    wanted.label = unique;
    for (int i = 2; tfind(&wanted, &names->by_label, compare_label) != NULL; i++)
        (void)snprintf(unique, sizeof unique, "%.200s (%d)", *label != '\0' ? label : "unnamed", i);
    species = add(names, unique, taxonomy);
    return species != NULL ? species->number : -1;
}

size_t names_count(const struct names *names)
{
    return names->count;
}

const char *names_label(const struct names *names, size_t number)
{
    return names->list[number]->label;
}

const char *names_taxonomy(const struct names *names, size_t number)
{
    return names->list[number]->taxonomy;
}

bool names_keep(struct names *names)
{
    for (; names->kept < names->count; names->kept++) {
        const struct species *species = names->list[names->kept];

        if (!ledger_add_category(names->ledger, species->number, species->label, species->taxonomy))
            return false;
    }
    return ledger_commit(names->ledger);
}
