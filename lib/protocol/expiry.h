/* SPDX-License-Identifier: MIT */
/*
 * When an upload URL is over: the moment that the service names, and what a storage says of one that is.  Pure.
 */
#ifndef AD_PROTOCOL_EXPIRY_H
#define AD_PROTOCOL_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/answer.h"

/* Seconds since 1970 of a time as in RFC 3339 ("2026-11-27T13:15:00Z", with a fraction, with an offset); -1: none. */
int64_t ad_expiry_read(const char *text);

/* Does a storage refuse the upload since the URL's signature or token has expired, and not for itself? */
bool ad_expiry_is_why(const struct ad_service_error *error);

#endif
