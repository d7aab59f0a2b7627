/* SPDX-License-Identifier: MIT */
/*
 * Detects the content type by the first bytes: JPEG, PNG, WebP, HEIC, HEIF.  Needs at most AD_SNIFF_SIZE bytes.
 */
#ifndef AD_PROTOCOL_SNIFF_H
#define AD_PROTOCOL_SNIFF_H

#include <stddef.h>

#define AD_SNIFF_SIZE 64

/* Static text such as "image/jpeg"; NULL for any other type. */
const char *ad_sniff(const void *bytes, size_t size);

#endif
