/* SPDX-License-Identifier: MIT */
/*
 * Reads environment variables; no other file of the library does.  Another thread may change them at any time, which
 * can crash a concurrent getenv, so what requests need is copied when a client is created.
 */
#ifndef AD_BASE_ENVIRONMENT_H
#define AD_BASE_ENVIRONMENT_H

#include <stdint.h>

#include "base/check.h"

/* Borrowed until the environment changes; NULL: not set. */
const char *ad_environment_get(const char *name);

/* The proxies named by the environment, selected by libcurl's rules; NULL: none. */
struct ad_environment {
    char *http_proxy; /* may contain a password, as may the next */
    char *https_proxy;
    char *no_proxy; /* hosts that bypass the proxy */
};

/* ANIMALDETECT_OK or E_NO_MEMORY, in which case it is empty. */
AD_CHECKED int32_t ad_environment_copy(struct ad_environment *environment);
void ad_environment_free(struct ad_environment *environment);

#endif
