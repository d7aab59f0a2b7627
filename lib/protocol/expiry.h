/* SPDX-License-Identifier: MIT */
/*
 * Expiry of upload URLs: parses the time that the service names, and recognizes a storage's error for it.  Pure.
 */
#ifndef AD_PROTOCOL_EXPIRY_H
#define AD_PROTOCOL_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/answer.h"

/* Seconds since 1970 of an RFC 3339 time ("2026-11-27T13:15:00Z", also with a fraction or an offset); -1: not one. */
int64_t ad_expiry_read(const char *text);

/* Whether a storage refused the upload because the signature or token of the URL has expired. */
bool ad_expiry_is_why(const struct ad_service_error *error);

#endif
