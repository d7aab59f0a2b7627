/* SPDX-License-Identifier: MIT */
/*
 * The version, and freeing the texts that the library hands over.
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
