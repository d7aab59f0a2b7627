/* SPDX-License-Identifier: MIT */
/*
 * One line's worth of a result: the surest label and how many animals there are.  Shared by the example programs.
 */
#ifndef EXAMPLES_SEEN_H
#define EXAMPLES_SEEN_H

#include <animaldetect/animaldetect.h>

struct seen {
    char label[64];    /* of the surest detection, fit for a terminal; "nothing" for an empty image */
    double score;      /* of that detection, 0 when it has none */
    size_t boxes;      /* all detections */
    size_t animals;    /* those that are neither people nor vehicles */
};

struct seen seen_in(const animaldetect_result *result);

#endif
