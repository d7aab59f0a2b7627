/* SPDX-License-Identifier: MIT */
/*
 * Opens libcurl's sockets close-on-exec, and remembers which are open: a forked child closes its copies of them, so
 * that the connections of the parent end when the parent ends them.  Closing a copy sends nothing.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/curl_private.h"

static bool remember(struct ad_curl_sockets *sockets, int fd)
{
    if (sockets->count == sockets->capacity) {
        size_t capacity = sockets->capacity > 0 ? sockets->capacity * 2 : 16;
        int *grown = realloc(sockets->fds, capacity * sizeof *grown);

        if (grown == NULL)
            return false;
        sockets->fds = grown;
        sockets->capacity = capacity;
    }
    sockets->fds[sockets->count++] = fd;
    return true;
}

static int open_socket(const struct curl_sockaddr *address)
{
#ifdef SOCK_CLOEXEC
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    int fd = socket(address->family, address->socktype, address->protocol);

    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
#endif
}

curl_socket_t ad_curl_on_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    int fd = open_socket(address);

    (void)purpose;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    if (!remember(&((struct ad_curl *)self)->sockets, fd)) {
        (void)close(fd);
        return CURL_SOCKET_BAD;
    }
    return fd;
}

int ad_curl_on_close(void *self, curl_socket_t fd)
{
    struct ad_curl_sockets *sockets = &((struct ad_curl *)self)->sockets;

    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->fds[i] == fd) {
            sockets->fds[i] = sockets->fds[--sockets->count];
            break;
        }
    }
    return close(fd);
}

void ad_curl_sockets_abandon(struct ad_curl_sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        (void)close(sockets->fds[i]);
    sockets->count = 0;
}
