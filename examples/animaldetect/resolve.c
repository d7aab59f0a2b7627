/* SPDX-License-Identifier: MIT */
/*
 * Looks up a host in a thread.  What both threads share is freed by whoever lets go of it last.
 */
#include "resolve.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct resolution {
    atomic_int holders;
    int ends[2]; /* of a pipe, into which the thread writes when it has finished */
    int error;
    unsigned turn;
    char number[RESOLVE_SIZE];
    char host[256];
};

bool resolve_is_number(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static void let_go(struct resolution *resolution)
{
    if (atomic_fetch_sub(&resolution->holders, 1) != 1)
        return;
    (void)close(resolution->ends[0]);
    (void)close(resolution->ends[1]);
    free(resolution);
}

static const struct addrinfo *address_at(const struct addrinfo *first, unsigned turn)
{
    const struct addrinfo *address = first;

    while (turn-- > 0)
        address = address->ai_next != NULL ? address->ai_next : first;
    return address;
}

static void *look_up(void *context)
{
    struct resolution *resolution = context;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    const struct addrinfo *address;
    ssize_t written;

    resolution->error = getaddrinfo(resolution->host, NULL, &hints, &found);
    if (resolution->error == 0) {
        address = address_at(found, resolution->turn);
        resolution->error = getnameinfo(address->ai_addr, address->ai_addrlen, resolution->number,
                                        sizeof resolution->number, NULL, 0, NI_NUMERICHOST);
    }
    if (found != NULL)
        freeaddrinfo(found);
    written = write(resolution->ends[1], "", 1); /* an empty pipe takes it */
    (void)written;
    let_go(resolution);
    return NULL;
}

/* Signals are the main thread's: its poll(2) is to end with them. */
static bool start(struct resolution *resolution)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    int error;

    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, NULL, look_up, resolution);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        (void)pthread_detach(thread);
    return error == 0;
}

struct resolution *resolve_begin(const char *host, unsigned turn)
{
    struct resolution *resolution = calloc(1, sizeof *resolution);

    if (resolution == NULL)
        return NULL;
    resolution->turn = turn;
    (void)snprintf(resolution->host, sizeof resolution->host, "%s", host);
    atomic_init(&resolution->holders, 2);
    if (pipe2(resolution->ends, O_CLOEXEC) != 0) {
        free(resolution);
        return NULL;
    }
    if (start(resolution))
        return resolution;
    atomic_store(&resolution->holders, 1);
    let_go(resolution);
    return NULL;
}

int resolve_descriptor(const struct resolution *resolution)
{
    return resolution->ends[0];
}

bool resolve_take(const struct resolution *resolution, char number[RESOLVE_SIZE], int *error)
{
    struct pollfd wait = {.fd = resolution->ends[0], .events = POLLIN};

    if (poll(&wait, 1, 0) != 1)
        return false;
    *error = resolution->error;
    (void)snprintf(number, RESOLVE_SIZE, "%s", resolution->number);
    return true;
}

void resolve_free(struct resolution *resolution)
{
    if (resolution != NULL)
        let_go(resolution);
}
