/* SPDX-License-Identifier: MIT */
/*
 * The environment: the only place of the library that reads it.  Another thread may change it at any time, and then a
 * getenv elsewhere would crash, so what requests need is copied when a client is made.
 */
#ifndef AD_BASE_ENVIRONMENT_H
#define AD_BASE_ENVIRONMENT_H

#include <stdint.h>

#include "base/check.h"

/* Borrowed until the environment changes; NULL: not set. */
const char *ad_environment_get(const char *name);

/* The proxies that the environment names, chosen among its variables as libcurl does; NULL: none. */
struct ad_environment {
    char *http_proxy; /* may hold a password, as the next */
    char *https_proxy;
    char *no_proxy; /* hosts that are excepted */
};

/* ANIMALDETECT_OK or E_NO_MEMORY; then it is empty. */
AD_CHECKED int32_t ad_environment_copy(struct ad_environment *environment);
void ad_environment_free(struct ad_environment *environment);

#endif
