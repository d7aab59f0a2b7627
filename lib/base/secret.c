/* SPDX-License-Identifier: MIT */
/*
 * A secret in its own allocation, wiped before it is freed.  Never grown in place: realloc would leave a copy.
 */
#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

void ad_secret_init(struct ad_secret *secret)
{
    secret->text = NULL;
    secret->size = 0;
}

int32_t ad_secret_set(struct ad_secret *secret, const char *text)
{
    size_t size = strlen(text);
    char *copy = malloc(size + 1);

    if (!copy)
        return ANIMALDETECT_E_NO_MEMORY;
    memcpy(copy, text, size + 1);
    ad_secret_free(secret);
    secret->text = copy;
    secret->size = size;
    return ANIMALDETECT_OK;
}

void ad_secret_free(struct ad_secret *secret)
{
    if (secret->text)
        sodium_memzero(secret->text, secret->size);
    free(secret->text);
    ad_secret_init(secret);
}

void ad_secret_wipe_text(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}
