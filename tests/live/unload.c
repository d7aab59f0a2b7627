/* SPDX-License-Identifier: MIT */
/*
 * A plugin host: loads the library, runs a job whose name lookup hangs, frees everything and unloads it. libcurl does
 * not join the lookup's thread (QUICK_EXIT), which later returns into libcurl: its code must still be loaded. Usage:
 * unload LIBRARY. Built so that libcurl calls this program's getaddrinfo.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#define LONGEST_MS 10000 /* a libcurl before 7.87 waits for the lookup */

static int answer[2]; /* readable: the lookup may return */
static atomic_int lookups;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    struct pollfd waiting = {.fd = answer[0], .events = POLLIN};

    (void)name;
    (void)service;
    (void)hints;
    *out = NULL;
    atomic_fetch_add(&lookups, 1);
    (void)poll(&waiting, 1, LONGEST_MS);
    return EAI_AGAIN;
}

static void need(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "not ok %s\n", what);
    exit(1);
}

static int threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    int count = -2; /* "." and ".." */

    need(folder != NULL, "/proc/self/task");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void *find(void *library, const char *name)
{
    void *found = dlsym(library, name);

    need(found != NULL, name);
    return found;
}

/* `function`, with the type declared in its header. */
#define CALL(library, function) ((__typeof__(&function))find((library), #function))

static void run_and_free(void *library)
{
    static const uint8_t image[64] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F'};
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;

    need(CALL(library, animaldetect_client_new)(&client) == ANIMALDETECT_OK, "client");
    need(CALL(library, animaldetect_client_set_api_key)(client, "sk_test_0123456789") == ANIMALDETECT_OK, "key");
    need(CALL(library, animaldetect_client_set_proxy)(client, "") == ANIMALDETECT_OK, "no proxy");
    need(CALL(library, animaldetect_client_set_base_url)(client, "https://service.invalid/v1") == ANIMALDETECT_OK,
         "URL");
    need(CALL(library, animaldetect_job_new)(client, ANIMALDETECT_OPERATION_DETECT, &job) == ANIMALDETECT_OK, "job");
    need(CALL(library, animaldetect_job_set_bytes)(job, image, sizeof image) == ANIMALDETECT_OK, "image");
    need(CALL(library, animaldetect_job_set_call_timeout_ms)(job, 200) == ANIMALDETECT_OK, "timeout");
    need(CALL(library, animaldetect_job_run)(job) == ANIMALDETECT_E_CALL_TIMEOUT, "a lookup that hangs ends in time");
    CALL(library, animaldetect_job_free)(job);
    CALL(library, animaldetect_client_free)(client);
}

int main(int argc, char **argv)
{
    void *library;

    need(argc == 2 && pipe(answer) == 0, "usage: unload LIBRARY");
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    need(library != NULL, "the library can be loaded");
    run_and_free(library);
    need(atomic_load(&lookups) > 0, "a name was looked up");
    need(dlclose(library) == 0, "the library can be closed");
    need(write(answer[1], "", 1) == 1, "the lookup ends");
    while (threads() > 1)
        (void)poll(NULL, 0, 1);
    puts("ok a lookup that outlives the library's handle crashes nothing");
    return 0;
}
