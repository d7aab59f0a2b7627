/* SPDX-License-Identifier: MIT */
/*
 * Draws annotations for an image that no answer was loaded for.  They follow from its digest, so equal images get
 * equal answers.
 */
#ifndef TESTING_SERVICE_DRAW_H
#define TESTING_SERVICE_DRAW_H

#include <jansson.h>
#include <stdint.h>

/* A new array in the shape of detect, candidates included; scores from 0.05 to 1. */
json_t *svc_draw_annotations(const uint8_t *digest);

#endif
