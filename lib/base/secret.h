/* SPDX-License-Identifier: MIT */
/*
 * A short secret text: wiped when replaced or freed, never logged.
 */
#ifndef AD_BASE_SECRET_H
#define AD_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct ad_secret {
    char *text; /* NULL when there is none */
    size_t size;
};

void ad_secret_init(struct ad_secret *secret);
AD_CHECKED int32_t ad_secret_set(struct ad_secret *secret, const char *text); /* E_NO_MEMORY keeps the old one */
void ad_secret_free(struct ad_secret *secret);

/* Wipes and frees a malloc'ed text that held a secret. */
void ad_secret_wipe_text(char *text);

#endif
