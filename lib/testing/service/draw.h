/* SPDX-License-Identifier: MIT */
/*
 * Generates annotations for an image without a loaded result, from its digest: equal images get equal results.
 */
#ifndef TESTING_SERVICE_DRAW_H
#define TESTING_SERVICE_DRAW_H

#include <jansson.h>
#include <stdint.h>

/* A new array in the format of detect, including candidates; scores from 0.05 to 1. */
json_t *svc_draw_annotations(const uint8_t *digest);

#endif
