/* SPDX-License-Identifier: MIT */
/*
 * Sums results up.  Reads detect and filter results alike, and takes an absent field as absent.
 */
#include "summary.h"

#include <string.h>
#include <strings.h>

static int class_named(const char *name)
{
    if (strcasecmp(name, "human") == 0 || strcasecmp(name, "person") == 0)
        return CLASS_PERSON;
    if (strcasecmp(name, "vehicle") == 0)
        return CLASS_VEHICLE;
    return strcasecmp(name, "animal") == 0 ? CLASS_ANIMAL : 0;
}

/* Filter operations send the coarse class as category, detect operations as the label of what is no animal. */
int class_of(const animaldetect_detection *box)
{
    const char *category = animaldetect_detection_category(box);
    const char *label = animaldetect_detection_label(box);
    int class = category != NULL ? class_named(category) : 0;

    if (class == 0 && label != NULL)
        class = class_named(label);
    return class == 0 ? CLASS_ANIMAL : class;
}

bool label_is_class(const char *label)
{
    return label == NULL || *label == '\0' || class_named(label) != 0;
}

struct summary summary_of(const animaldetect_result *result)
{
    struct summary summary = {.boxes = (int)animaldetect_result_count(result)};

    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        const animaldetect_detection *box = animaldetect_result_at(result, i);
        const char *label = animaldetect_detection_label(box);
        const char *category = animaldetect_detection_category(box);
        int class = class_of(box);
        double score = 0;

        (void)animaldetect_detection_score(box, &score);
        if (i == 0 || score > summary.score) {
            summary.label = label != NULL ? label : category;
            summary.score = score;
        }
        summary.animals += class == CLASS_ANIMAL;
        summary.people += class == CLASS_PERSON;
        summary.vehicles += class == CLASS_VEHICLE;
    }
    return summary;
}
