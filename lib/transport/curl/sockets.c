/* SPDX-License-Identifier: MIT */
/*
 * Opens libcurl's sockets close-on-exec, and tracks which are open.  A forked child closes its copies, so that a
 * connection of the parent closes when the parent closes it.  Closing a copy sends nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
/* The kernel's definition of the struct; the C library's is older, or the only one. */
#if defined(__linux__) && __has_include(<linux/tcp.h>)
#include <linux/tcp.h>
#define COUNTS_RECEIVED
#endif

#include "transport/curl/private.h"

/* Doubles the table, zeroing the new part. */
static bool reserve(void **table, size_t *capacity, size_t need, size_t size)
{
    size_t grown_capacity = *capacity > 0 ? *capacity : 16;
    char *grown;

    if (need <= *capacity)
        return true;
    while (grown_capacity < need)
        grown_capacity *= 2;
    grown = realloc(*table, grown_capacity * size);
    if (grown == NULL)
        return false;
    memset(grown + *capacity * size, 0, (grown_capacity - *capacity) * size);
    *table = grown;
    *capacity = grown_capacity;
    return true;
}

static bool remember(struct ad_curl_sockets *sockets, int fd)
{
    void *open = sockets->open;
    void *places = sockets->places;
    bool good = reserve(&open, &sockets->capacity, sockets->count + 1, sizeof *sockets->open);

    good = reserve(&places, &sockets->places_size, (size_t)fd + 1, sizeof *sockets->places) && good;
    sockets->open = open;
    sockets->places = places;
    if (!good)
        return false;
    sockets->open[sockets->count++] = (struct ad_curl_socket){.fd = fd};
    sockets->places[fd] = (uint32_t)sockets->count;
    return true;
}

struct ad_curl_socket *ad_curl_socket_of(const struct ad_curl_sockets *sockets, int fd)
{
    size_t place = fd >= 0 && (size_t)fd < sockets->places_size ? sockets->places[fd] : 0;

    return place == 0 ? NULL : &sockets->open[place - 1];
}

/* The last entry takes its index. */
static void forget(struct ad_curl_sockets *sockets, struct ad_curl_socket *socket)
{
    const struct ad_curl_socket *last = &sockets->open[--sockets->count];

    sockets->places[last->fd] = sockets->places[socket->fd];
    sockets->places[socket->fd] = 0;
    *socket = *last;
}

void ad_curl_sockets_free(struct ad_curl_sockets *sockets)
{
    free(sockets->open);
    free(sockets->places);
}

static int open_socket(int family, int type, int protocol)
{
#if defined(SOCK_CLOEXEC) && !defined(AD_PORTABLE)
    return socket(family, type | SOCK_CLOEXEC, protocol);
#else
    int fd = socket(family, type, protocol);

    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
#endif
}

curl_socket_t ad_curl_on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct ad_slot *slot = context;
    struct ad_curl_sockets *sockets = &slot->owner->sockets;
    int fd = open_socket(address->family, address->socktype, address->protocol);

    (void)purpose;
    slot->no_descriptor = fd < 0 && (errno == EMFILE || errno == ENFILE);
    slot->fd_opened = fd >= 0;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    if (!remember(sockets, fd)) {
        (void)close(fd);
        return CURL_SOCKET_BAD;
    }
    return fd;
}

/* A slot whose transfer uses it; NULL: none. */
static struct ad_slot *user_of(const struct ad_curl *self, int fd)
{
    for (struct ad_list_node *node = self->active.root.next; node != &self->active.root; node = node->next)
        if (AD_OWNER(node, struct ad_slot, node)->fd == fd)
            return AD_OWNER(node, struct ad_slot, node);
    return NULL;
}

int ad_curl_socket_close(struct ad_curl *self, int fd)
{
    struct ad_curl_socket *socket = ad_curl_socket_of(&self->sockets, fd);
    struct ad_slot *slot;

    if (socket != NULL) {
        while ((slot = user_of(self, fd)) != NULL)
            ad_slot_lose_fd(slot);
        forget(&self->sockets, socket);
    }
    return close(fd);
}

/* A socket without ports is still connecting, and belongs to a transfer. */
void ad_curl_sockets_drop(struct ad_curl *self)
{
    for (size_t i = 0; i < self->sockets.count; i++) {
        int fd = self->sockets.open[i].fd;
        struct sockaddr_storage peer;
        socklen_t size = sizeof peer;

        if (user_of(self, fd) == NULL && getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
            (void)shutdown(fd, SHUT_RDWR);
    }
}

void ad_curl_sockets_abandon(struct ad_curl_sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        (void)close(sockets->open[i].fd);
    sockets->count = 0;
}

static int port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
    return -1;
}

/* The ports stay the same while it is open.  A socket that was reset only knows its own. */
static bool has_ports(struct ad_curl_socket *socket, int local_port, int peer_port)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;

    if (socket->local_port == 0 && getsockname(socket->fd, (struct sockaddr *)&address, &size) == 0)
        socket->local_port = port_of(&address);
    if (socket->local_port != local_port)
        return false;
    size = sizeof address;
    if (socket->peer_port == 0 && getpeername(socket->fd, (struct sockaddr *)&address, &size) == 0)
        socket->peer_port = port_of(&address);
    return socket->peer_port == 0 || socket->peer_port == peer_port;
}

struct ad_curl_socket *ad_curl_socket_between(struct ad_curl_sockets *sockets, int local_port, int peer_port)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (has_ports(&sockets->open[i], local_port, peer_port))
            return &sockets->open[i];
    return NULL;
}

bool ad_socket_peer_is_gone(int fd)
{
#ifdef POLLRDHUP
    struct pollfd polled = {.fd = fd, .events = POLLRDHUP};

    return poll(&polled, 1, 0) > 0;
#else
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
#endif
}

#define SPARE_DESCRIPTORS 4 /* what a name lookup and a connection need together */

/*
 * libcurl does not report that it ran out of descriptors for a name lookup, a file or a connection.  Called after such
 * a failure: opens a few to find out.
 */
bool ad_sockets_are_left(void)
{
    int taken[SPARE_DESCRIPTORS];
    int count = 0;
    bool left = true;

    while (count < SPARE_DESCRIPTORS && left) {
        taken[count] = open_socket(AF_UNIX, SOCK_STREAM, 0);
        left = taken[count] >= 0 || (errno != EMFILE && errno != ENFILE);
        if (taken[count] < 0)
            break;
        count++;
    }
    while (count > 0)
        (void)close(taken[--count]);
    return left;
}

/* Bytes received on a TCP connection since it was opened, acknowledged by the kernel; 0: unknown. */
static uint64_t received_on(int fd)
{
#ifdef COUNTS_RECEIVED
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    if (fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        size >= offsetof(struct tcp_info, tcpi_segs_out))
        return info.tcpi_bytes_received;
#else
    (void)fd;
#endif
    return 0;
}

void ad_slot_set_fd(struct ad_slot *slot, int fd)
{
    const struct ad_curl_socket *socket = ad_curl_socket_of(&slot->owner->sockets, fd);

    slot->fd = fd;
    slot->fd_received = socket == NULL ? 0 : socket->received;
}

/* Including earlier ones. */
static uint64_t handed_on(const struct ad_slot *slot)
{
    return slot->fd_received + slot->answer.header_bytes + slot->answer.body_bytes;
}

static uint64_t unseen(const struct ad_slot *slot)
{
    uint64_t received = received_on(slot->fd);
    uint64_t before = handed_on(slot);
    int unread = 0;

    if (slot->fd >= 0 && ioctl(slot->fd, FIONREAD, &unread) == 0 && unread > 0)
        before += (uint64_t)unread;
    return received > before ? received - before : 0;
}

/*
 * Between two queries to the kernel the sizes of the responses tell what was received, except for the overhead of TLS,
 * HTTP/2 and chunks: over this many transfers it is far below LONG_LINE_BYTES.  Queried at the end of a transfer: once
 * the next one is on the connection, its response may have arrived.
 */
#define TRANSFERS_UNASKED 16

void ad_slot_lose_fd(struct ad_slot *slot)
{
    struct ad_curl_socket *socket = ad_curl_socket_of(&slot->owner->sockets, slot->fd);

    /* A response that ended inside its headers: how long the unfinished line was. */
    if (slot->issued && !slot->answer.complete)
        slot->unseen = unseen(slot);
    if (socket != NULL)
        socket->received = ++socket->transfers % TRANSFERS_UNASKED == 0 ? received_on(slot->fd) : handed_on(slot);
    slot->fd = -1;
}
