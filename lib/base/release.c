/* SPDX-License-Identifier: MIT */
/*
 * Lists of release functions, see release.h.
 */
#include "base/release.h"

#include <stdlib.h>

int32_t ad_release_new(animaldetect_release_callback run, void *user, struct ad_release **out)
{
    struct ad_release *release;

    *out = NULL;
    if (run == NULL)
        return ANIMALDETECT_OK;
    release = malloc(sizeof *release);
    if (release == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    *release = (struct ad_release){NULL, run, user};
    *out = release;
    return ANIMALDETECT_OK;
}

void ad_release_defer(struct ad_release **list, struct ad_release *release)
{
    if (release == NULL)
        return;
    while (*list != NULL)
        list = &(*list)->next;
    release->next = NULL;
    *list = release;
}

void ad_release_run(struct ad_release *list)
{
    while (list != NULL) {
        struct ad_release *next = list->next;

        list->run(list->user);
        free(list);
        list = next;
    }
}
