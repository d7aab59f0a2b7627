/* SPDX-License-Identifier: MIT */
/*
 * The version, and freeing of texts that the library returned.
 */
#include <stdlib.h>

#include <animaldetect/types.h>
#include <animaldetect/version.h>

const char *animaldetect_version(void)
{
    return ANIMALDETECT_VERSION;
}

int32_t animaldetect_version_number(void)
{
    return ANIMALDETECT_VERSION_NUMBER;
}

void animaldetect_text_free(char *text)
{
    free(text);
}
