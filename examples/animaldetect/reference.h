/* SPDX-License-Identifier: MIT */
/*
 * The user's id for an image at the service, from --reference and the path.
 */
#ifndef TOOL_REFERENCE_H
#define TOOL_REFERENCE_H

#define REFERENCE_MAX 512

/* {path}, {folder} and {name} of the template replaced; cut at a character's end. */
void reference_of(const char *template, const char *path, char out[REFERENCE_MAX + 1]);

#endif
