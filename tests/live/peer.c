/* SPDX-License-Identifier: MIT */
/*
 * See peer.h. One thread that serves one connection after the other; it exits when its listening socket is shut down.
 */
#include "live/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_SIZE 16384

struct peer {
    struct peer_script script;
    int listener;
    int held;
    int current; /* being served, -1: none */
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    int connections;
    int answers;
    char request[REQUEST_SIZE + 1];
    size_t request_size;
};

/* Processes `total` > 0 received bytes. */
static bool request_is_here(const struct peer *peer, size_t total)
{
    const char *end = strstr(peer->request, "\r\n\r\n");
    const char *length;

    if (peer->script.answer_at_once)
        return true;
    if (end == NULL || !peer->script.read_all)
        return end != NULL;
    length = strstr(peer->request, "Content-Length: ");
    return length == NULL || total >= (size_t)(end + 4 - peer->request) + strtoul(length + 16, NULL, 10);
}

static void read_request(struct peer *peer, int fd)
{
    char block[4096];
    size_t total = 0;

    while (total == 0 || !request_is_here(peer, total)) {
        ssize_t got = recv(fd, block, sizeof block, 0);
        size_t keep;

        if (got <= 0)
            return;
        /* Earlier input is kept until newer input arrives. */
        if (total == 0)
            peer->request_size = 0;
        keep = REQUEST_SIZE - peer->request_size;
        total += (size_t)got;
        keep = (size_t)got < keep ? (size_t)got : keep;
        memcpy(peer->request + peer->request_size, block, keep);
        peer->request_size += keep;
        peer->request[peer->request_size] = '\0';
    }
}

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        bytes += sent;
        size -= (size_t)sent;
    }
}

static void send_answer(const struct peer *peer, int fd)
{
    const struct peer_script *script = &peer->script;
    size_t size = strlen(script->answer);

    send_all(fd, script->answer, size);
    for (size_t i = 0; i < script->repeat; i++)
        send_all(fd, script->answer + size - script->repeat_size, script->repeat_size);
}

static void finish(struct peer *peer, int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (peer->script.end == PEER_DROP)
        read_request(peer, fd);
    pthread_mutex_lock(&peer->lock);
    peer->current = -1;
    pthread_mutex_unlock(&peer->lock);
    if (peer->script.end == PEER_HOLD) {
        if (peer->held >= 0)
            close(peer->held);
        peer->held = fd;
        return;
    }
    if (peer->script.end == PEER_RESET)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

static void *serve(void *context)
{
    struct peer *peer = context;

    for (;;) {
        int fd = accept(peer->listener, NULL, NULL);

        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&peer->lock);
        peer->connections++;
        peer->current = fd;
        pthread_mutex_unlock(&peer->lock);
        read_request(peer, fd);
        send_answer(peer, fd);
        pthread_mutex_lock(&peer->lock);
        peer->answers++;
        pthread_cond_broadcast(&peer->answered);
        pthread_mutex_unlock(&peer->lock);
        finish(peer, fd);
    }
}

static int listen_anywhere(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    *port = ntohs(address.sin_port);
    return fd;
}

struct peer *peer_open(const struct peer_script *script)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL)
        abort();
    peer->script = *script;
    peer->held = -1;
    peer->current = -1;
    peer->listener = listen_anywhere(&peer->port);
    pthread_mutex_init(&peer->lock, NULL);
    pthread_cond_init(&peer->answered, NULL);
    if (pthread_create(&peer->thread, NULL, serve, peer) != 0)
        abort();
    return peer;
}

void peer_close(struct peer *peer)
{
    (void)shutdown(peer->listener, SHUT_RDWR);
    pthread_mutex_lock(&peer->lock);
    if (peer->current >= 0)
        (void)shutdown(peer->current, SHUT_RDWR);
    pthread_mutex_unlock(&peer->lock);
    (void)pthread_join(peer->thread, NULL);
    close(peer->listener);
    if (peer->held >= 0)
        close(peer->held);
    pthread_cond_destroy(&peer->answered);
    pthread_mutex_destroy(&peer->lock);
    free(peer);
}

uint16_t peer_port(const struct peer *peer)
{
    return peer->port;
}

const char *peer_request(struct peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    while (peer->answers == 0)
        pthread_cond_wait(&peer->answered, &peer->lock);
    pthread_mutex_unlock(&peer->lock);
    return peer->request;
}

int peer_connections(struct peer *peer)
{
    int connections;

    pthread_mutex_lock(&peer->lock);
    connections = peer->connections;
    pthread_mutex_unlock(&peer->lock);
    return connections;
}

uint16_t peer_dead_port(void)
{
    uint16_t port;

    close(listen_anywhere(&port));
    return port;
}
