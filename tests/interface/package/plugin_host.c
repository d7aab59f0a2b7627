/* SPDX-License-Identifier: MIT */
/* A host with another version of the library, which loads the plugin: prints the version that the plugin runs. */
#include <dlfcn.h>
#include <stdio.h>

const char *animaldetect_version(void);

const char *animaldetect_version(void)
{
    return "the host's";
}

int main(int count, char **arguments)
{
    void *plugin = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    const char *(*version)(void) = NULL;

    if (plugin != NULL)
        *(void **)&version = dlsym(plugin, "plugin_version");
    if (version == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    puts(version());
    return 0;
}
