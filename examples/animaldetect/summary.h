/* SPDX-License-Identifier: MIT */
/*
 * A summary of a result, and the three classes of detections.
 */
#ifndef TOOL_SUMMARY_H
#define TOOL_SUMMARY_H

#include <animaldetect/animaldetect.h>

#include "ledger.h"

enum { CLASS_ANIMAL = 1, CLASS_PERSON = 2, CLASS_VEHICLE = 3 };

int class_of(const animaldetect_detection *box);

/* Whether a label is no more than the name of its class. */
bool label_is_class(const char *label);

/* Its label is borrowed from the result. */
struct summary summary_of(const animaldetect_result *result);

#endif
