/* SPDX-License-Identifier: MIT */
/* A host that loads a plugin with its own json_* functions before it uses the library: call_plugin PLUGIN */
#include <animaldetect/animaldetect.h>

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const char saved[] = "{\"annotations\":[{\"label\":\"red fox\",\"score\":0.75}]}";

int main(int argc, char **argv)
{
    animaldetect_result *result = NULL;
    int bad = argc != 2 || dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) == NULL;

    bad |= animaldetect_result_parse(saved, strlen(saved), &result) != ANIMALDETECT_OK;
    bad |= animaldetect_result_count(result) != 1;
    animaldetect_result_free(result);
    return bad;
}
