/* SPDX-License-Identifier: MIT */
/* A plugin that contains the static library, and reports which version of the library it runs. */
#include <animaldetect/animaldetect.h>

const char *plugin_version(void);

const char *plugin_version(void)
{
    return animaldetect_version();
}
