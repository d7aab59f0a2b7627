/* SPDX-License-Identifier: MIT */
/*
 * A simulated name server, for LD_PRELOAD: the file ODD_NAMES contains one or two addresses of redis.test, or "none" for
 * a name that does not exist, or "silent" for a name server that never responds.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    const char *path = getenv("ODD_NAMES");
    char address[64] = "none";
    char second[64] = "";
    FILE *file;
    int error;

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (path == NULL || host == NULL || strcmp(host, "redis.test") != 0)
        return real(host, port, hints, out);
    file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%63s %63s", address, second) < 1)
        abort();
    (void)fclose(file);
    while (strcmp(address, "silent") == 0)
        (void)pause();
    error = strcmp(address, "none") == 0 ? EAI_NONAME : real(address, port, hints, out);
    return error != 0 || *second == '\0' ? error : real(second, port, hints, &(*out)->ai_next);
}
