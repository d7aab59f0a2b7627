/* SPDX-License-Identifier: MIT */
/*
 * Whether everything is there that a run needs: one line for each thing, with what to do about it.  No job is made.
 */
#ifndef TOOL_DOCTOR_H
#define TOOL_DOCTOR_H

#include "options.h"

int command_doctor(const struct options *options);

#endif
