/* SPDX-License-Identifier: MIT */
/*
 * Sums a result up.  Reads detect and filter results alike, and takes an absent field as absent.
 */
#include "seen.h"

#include <stdio.h>
#include <string.h>

/* Filter operations send the coarse class as category, detect operations as the label of what is no animal. */
static int is_animal(const animaldetect_detection *box)
{
    const char *category = animaldetect_detection_category(box);
    const char *class = category != NULL ? category : animaldetect_detection_label(box);

    return class == NULL || (strcmp(class, "human") != 0 && strcmp(class, "vehicle") != 0);
}

/* The texts of a result are the service's own: an escape sequence in one must not reach a terminal. */
static void copy_printable(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
    for (; *out != '\0'; out++)
        if ((unsigned char)*out < 0x20 || *out == 0x7F ||
            ((unsigned char)out[0] == 0xC2 && (unsigned char)out[1] < 0xA0))
            *out = '?';
}

struct seen seen_in(const animaldetect_result *result)
{
    struct seen seen = {.label = "nothing", .boxes = animaldetect_result_count(result)};

    for (size_t i = 0; i < seen.boxes; i++) {
        const animaldetect_detection *box = animaldetect_result_at(result, i);
        const char *label = animaldetect_detection_label(box);
        double score = 0;

        (void)animaldetect_detection_score(box, &score);
        if (i == 0 || score > seen.score) {
            copy_printable(seen.label, sizeof seen.label, label != NULL ? label : "unnamed");
            seen.score = score;
        }
        if (is_animal(box))
            seen.animals++;
    }
    return seen;
}
