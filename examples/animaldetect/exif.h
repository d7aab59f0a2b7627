/* SPDX-License-Identifier: MIT */
/*
 * When, where and by which camera an image was taken, as its EXIF data say. Nothing is guessed: an invalid date and an
 * incomplete position are absent.
 */
#ifndef TOOL_EXIF_H
#define TOOL_EXIF_H

#include <stddef.h>

#include "ledger.h"

void exif_read(const unsigned char *head, size_t size, struct taken *taken);

#endif
