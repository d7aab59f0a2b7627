/* SPDX-License-Identifier: MIT */
/*
 * Which sockets the reactor watches. libcurl drops its interest in a connection after each transfer and declares it
 * again for the next one, which would be two system calls per request.  So while the engine has work, such a socket
 * stays watched (`resting`).  Events in between (the server closes the connection) are not passed to libcurl, and end
 * the watch.  An idle client watches nothing.
 */
#include "animaldetect/types.h"
#include "transport/curl/private.h"

static int32_t watch_now(struct ad_curl *self, struct ad_curl_socket *socket, int events)
{
    int32_t status = self->base.reactor->ops->watch(self->base.reactor, socket->fd, events);

    if (socket->resting)
        self->sockets.resting--;
    socket->resting = false;
    socket->events = status == ANIMALDETECT_OK ? events : 0;
    return status;
}

int32_t ad_curl_watch(struct ad_curl *self, int fd, int events)
{
    struct ad_curl_socket *socket = ad_curl_socket_of(&self->sockets, fd);

    /* A socket that libcurl opened by itself, for a name lookup, it may also close by itself. */
    if (socket == NULL)
        return self->base.reactor->ops->watch(self->base.reactor, fd, events);
    if (events == 0 && socket->events != 0) {
        self->sockets.resting += !socket->resting;
        socket->resting = true;
        return ANIMALDETECT_OK;
    }
    if (events != socket->events)
        return watch_now(self, socket, events);
    self->sockets.resting -= socket->resting;
    socket->resting = false;
    return ANIMALDETECT_OK;
}

static void unwatch(struct ad_curl *self, struct ad_curl_socket *socket)
{
    if (socket->events != 0)
        (void)watch_now(self, socket, 0);
}

/* Unwatch before closing: while a forked child has a copy, the kernel would continue to report it. */
int ad_curl_on_close(void *self, curl_socket_t fd)
{
    struct ad_curl_socket *socket = ad_curl_socket_of(&((struct ad_curl *)self)->sockets, fd);

    if (socket != NULL)
        unwatch(self, socket);
    return ad_curl_socket_close(self, fd);
}

bool ad_curl_end_rest(struct ad_curl *self, int fd)
{
    struct ad_curl_socket *socket = ad_curl_socket_of(&self->sockets, fd);

    if (socket == NULL || !socket->resting)
        return false;
    unwatch(self, socket);
    return true;
}

void ad_curl_end_rests(struct ad_curl *self)
{
    for (size_t i = 0; i < self->sockets.count && self->sockets.resting > 0; i++)
        if (self->sockets.open[i].resting)
            unwatch(self, &self->sockets.open[i]);
}
