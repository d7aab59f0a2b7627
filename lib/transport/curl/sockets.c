/* SPDX-License-Identifier: MIT */
/*
 * Opens libcurl's sockets close-on-exec, and remembers which are open.  A forked child closes its copies of them, so
 * that the connections of the parent close when the parent closes them.  Closing a copy sends nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
/* The kernel's own description of a connection; that of the C library is older, or all there is. */
#if defined(__linux__) && __has_include(<linux/tcp.h>)
#include <linux/tcp.h>
#define COUNTS_RECEIVED
#endif

#include "transport/curl/private.h"

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
#if defined(SOCK_CLOEXEC) && !defined(AD_PORTABLE)
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    int fd = socket(address->family, address->socktype, address->protocol);

    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
#endif
}

curl_socket_t ad_curl_on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct ad_slot *slot = context;
    struct ad_curl_sockets *sockets = &slot->owner->sockets;
    int fd = open_socket(address);

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

static bool is_in_use(const struct ad_curl *self, int fd)
{
    for (struct ad_list_node *node = self->active.root.next; node != &self->active.root; node = node->next)
        if (AD_OWNER(node, struct ad_slot, node)->fd == fd)
            return true;
    return false;
}

/* One that is still being connected has no peer yet, and belongs to a transfer. */
void ad_curl_sockets_drop(struct ad_curl *self)
{
    for (size_t i = 0; i < self->sockets.count; i++) {
        int fd = self->sockets.fds[i];
        struct sockaddr_storage peer;
        socklen_t size = sizeof peer;

        if (!is_in_use(self, fd) && getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
            (void)shutdown(fd, SHUT_RDWR);
    }
}

void ad_curl_sockets_abandon(struct ad_curl_sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        (void)close(sockets->fds[i]);
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

/* One that was reset knows its own end only. */
static bool has_ports(int fd, int local_port, int peer_port)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 || port_of(&address) != local_port)
        return false;
    size = sizeof address;
    return getpeername(fd, (struct sockaddr *)&address, &size) != 0 || port_of(&address) == peer_port;
}

/* Closed by the peer, whether or not it has said something before. */
static bool peer_is_gone(int fd)
{
#ifdef POLLRDHUP
    struct pollfd polled = {.fd = fd, .events = POLLRDHUP};

    return poll(&polled, 1, 0) > 0;
#else
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
#endif
}

bool ad_sockets_peer_is_gone(const struct ad_curl_sockets *sockets, int local_port, int peer_port)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (has_ports(sockets->fds[i], local_port, peer_port))
            return peer_is_gone(sockets->fds[i]);
    return false;
}

#define SPARE_DESCRIPTORS 4 /* what a name lookup and a connection need together */

/*
 * libcurl does not say why it could not look up a name, open a file or connect.  Asked when that has happened, by
 * taking a few.
 */
bool ad_sockets_are_left(void)
{
    int taken[SPARE_DESCRIPTORS];
    int count = 0;
    bool left = true;

    while (count < SPARE_DESCRIPTORS && left) {
        taken[count] = socket(AF_UNIX, SOCK_STREAM, 0);
        left = taken[count] >= 0 || (errno != EMFILE && errno != ENFILE);
        if (taken[count] < 0)
            break;
        count++;
    }
    while (count > 0)
        (void)close(taken[--count]);
    return left;
}

/* Bytes that have come on a TCP connection since it was opened, acknowledged by the kernel; 0: unknown. */
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
    slot->fd = fd;
    slot->fd_received = slot->fd_opened ? 0 : received_on(fd);
}

static uint64_t unseen(const struct ad_slot *slot)
{
    uint64_t received = received_on(slot->fd);
    uint64_t before = slot->fd_received + slot->answer.header_bytes + slot->answer.body_bytes;
    int unread = 0;

    if (slot->fd >= 0 && ioctl(slot->fd, FIONREAD, &unread) == 0 && unread > 0)
        before += (uint64_t)unread;
    return received > before ? received - before : 0;
}

void ad_slot_lose_fd(struct ad_slot *slot)
{
    /* An answer that ends inside its headers: how much of a line that never ended there was. */
    if (slot->issued && !slot->answer.complete)
        slot->unseen = unseen(slot);
    slot->fd = -1;
}
