/* SPDX-License-Identifier: MIT */
/*
 * Checks everything that a run needs: one line for each check, with what to correct. No job is created.
 */
#ifndef TOOL_DOCTOR_H
#define TOOL_DOCTOR_H

#include "options.h"

int command_doctor(const struct options *options);

#endif
