/* SPDX-License-Identifier: MIT */
/*
 * A link with a round-trip time, for the bench: forwards TCP connections, delays each byte by half a round trip in each
 * direction, and counts connections and bytes. The first bytes of a client are delayed by another round trip, for the
 * TCP handshake, which takes no time on loopback.
 *
 *     network_relay RTT_MS TARGET_PORT...
 *
 * Prints the ports it listens on, one per target, and one line of JSON when it is terminated.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rivals/measure.h"

#define TARGETS 4
#define PIECE 16384
#define QUEUE_MOST (1024 * 1024) /* bytes that may be queued in one direction */
#define EVENTS 64

struct piece {
    struct piece *next;
    double due_s;
    size_t size; /* 0: the sender has closed */
    size_t sent;
    uint8_t bytes[];
};

/* One direction: bytes are read from `from` and written to `to`. */
struct way {
    struct piece *first;
    struct piece **end;
    size_t queued;
    int from;
    int to;
    double opens_s; /* nothing is forwarded before */
    bool ended;     /* `from` has sent all */
    bool finished;  /* and `to` has received it */
    bool blocked;   /* the socket buffer of `to` is full */
    uint64_t *bytes;
};

struct link {
    struct link *next;
    struct way up;
    struct way down;
    bool broken;
};

static struct {
    double half_s;
    int set;
    struct link *links;
    int listeners[TARGETS];
    uint16_t targets[TARGETS];
    long connections[TARGETS];
    int count;
    int open;
    int most_open;
    uint64_t bytes_up;
    uint64_t bytes_down;
} relay;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Readiness is requested again after each pass, level-triggered: see `watch_all`. */
static void add(int fd, void *owner)
{
    struct epoll_event event = {.data.ptr = owner};

    if (epoll_ctl(relay.set, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl");
}

static void open_link(int index)
{
    struct sockaddr_in target = loopback(relay.targets[index]);
    struct link *link = calloc(1, sizeof *link);
    int client = accept4(relay.listeners[index], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (link == NULL || client < 0 || server < 0)
        die("accept");
    if (connect(server, (struct sockaddr *)&target, sizeof target) != 0)
        die("connect");
    (void)fcntl(server, F_SETFL, O_NONBLOCK);
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    link->up = (struct way){
        .from = client, .to = server, .opens_s = measure_wall_s() + 2 * relay.half_s, .bytes = &relay.bytes_up};
    link->down = (struct way){.from = server, .to = client, .bytes = &relay.bytes_down};
    link->up.end = &link->up.first;
    link->down.end = &link->down.first;
    link->next = relay.links;
    relay.links = link;
    add(client, link);
    add(server, link);
    relay.connections[index]++;
    if (++relay.open > relay.most_open)
        relay.most_open = relay.open;
}

static bool take_in(struct way *way)
{
    while (!way->ended && way->queued < QUEUE_MOST) {
        struct piece *piece = malloc(sizeof *piece + PIECE);
        double now = measure_wall_s();
        ssize_t got;

        if (piece == NULL)
            die("malloc");
        got = recv(way->from, piece->bytes, PIECE, 0);
        if (got < 0) {
            free(piece);
            return errno == EAGAIN || errno == EINTR;
        }
        *piece = (struct piece){.due_s = (now > way->opens_s ? now : way->opens_s) + relay.half_s, .size = (size_t)got};
        way->ended = got == 0;
        way->queued += (size_t)got;
        *way->bytes += (uint64_t)got;
        *way->end = piece;
        way->end = &piece->next;
    }
    return true;
}

static bool give_out(struct way *way, double now_s)
{
    way->blocked = false;
    while (way->first != NULL && way->first->due_s <= now_s) {
        struct piece *piece = way->first;

        while (piece->sent < piece->size) {
            ssize_t sent = send(way->to, piece->bytes + piece->sent, piece->size - piece->sent, MSG_NOSIGNAL);

            if (sent < 0) {
                way->blocked = errno == EAGAIN;
                return way->blocked;
            }
            piece->sent += (size_t)sent;
        }
        if (piece->size == 0) {
            (void)shutdown(way->to, SHUT_WR);
            way->finished = true;
        }
        way->queued -= piece->size;
        way->first = piece->next;
        if (way->first == NULL)
            way->end = &way->first;
        free(piece);
    }
    return true;
}

static void free_way(struct way *way)
{
    while (way->first != NULL) {
        struct piece *piece = way->first;

        way->first = piece->next;
        free(piece);
    }
}

static void watch(struct link *link, int fd, const struct way *in, const struct way *out)
{
    struct epoll_event event = {.data.ptr = link};

    event.events =
        (!in->ended && in->queued < QUEUE_MOST ? (uint32_t)EPOLLIN : 0) | (out->blocked ? (uint32_t)EPOLLOUT : 0);
    (void)epoll_ctl(relay.set, EPOLL_CTL_MOD, fd, &event);
}

/* Forwards the bytes that are due on all links, drops closed links, and returns when the next byte is due. */
static double pass(void)
{
    double now = measure_wall_s();
    double due = -1;

    for (struct link **place = &relay.links; *place != NULL;) {
        struct link *link = *place;
        struct way *ways[] = {&link->up, &link->down};

        if (link->broken || !give_out(&link->up, now) || !give_out(&link->down, now) ||
            (link->up.finished && link->down.finished)) {
            *place = link->next;
            (void)close(link->up.from);
            (void)close(link->down.from);
            free_way(&link->up);
            free_way(&link->down);
            free(link);
            relay.open--;
            continue;
        }
        for (int i = 0; i < 2; i++)
            if (ways[i]->first != NULL && !ways[i]->blocked && (due < 0 || ways[i]->first->due_s < due))
                due = ways[i]->first->due_s;
        watch(link, link->up.from, &link->up, &link->down);
        watch(link, link->down.from, &link->down, &link->up);
        place = &link->next;
    }
    return due;
}

static void listen_for(int index, uint16_t target)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &relay.listeners[index]};

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        epoll_ctl(relay.set, EPOLL_CTL_ADD, fd, &event) != 0)
        die("listen");
    relay.listeners[index] = fd;
    relay.targets[index] = target;
    printf("%u%c", ntohs(address.sin_port), index + 1 < relay.count ? ' ' : '\n');
}

static int watch_for_the_end(void)
{
    sigset_t signals;
    struct epoll_event event = {.events = EPOLLIN};
    int fd;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    fd = signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd < 0 || epoll_ctl(relay.set, EPOLL_CTL_ADD, fd, &event) != 0)
        die("signalfd");
    return fd;
}

/* False: terminate. */
static bool turn(double due_s)
{
    struct epoll_event events[EVENTS];
    double wait = due_s < 0 ? -1 : (due_s - measure_wall_s()) * 1000;
    int count = epoll_wait(relay.set, events, EVENTS, due_s < 0 ? -1 : wait <= 0 ? 0 : (int)wait + 1);

    for (int i = 0; i < count; i++) {
        int *listener = events[i].data.ptr;

        if (listener == NULL)
            return false;
        if (listener >= relay.listeners && listener < relay.listeners + TARGETS) {
            open_link((int)(listener - relay.listeners));
        } else {
            struct link *link = events[i].data.ptr;

            link->broken =
                link->broken || (events[i].events & EPOLLERR) != 0 || !take_in(&link->up) || !take_in(&link->down);
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    double due = -1;

    if (argc < 3 || argc - 2 > TARGETS) {
        fprintf(stderr, "usage: %s RTT_MS TARGET_PORT...\n", argv[0]);
        return 2;
    }
    relay.half_s = strtod(argv[1], NULL) / 2000;
    relay.count = argc - 2;
    relay.set = epoll_create1(EPOLL_CLOEXEC);
    (void)watch_for_the_end();
    for (int i = 0; i < relay.count; i++)
        listen_for(i, (uint16_t)strtoul(argv[2 + i], NULL, 10));
    fflush(stdout);
    while (turn(due))
        due = pass();
    printf("{\"connections\":[");
    for (int i = 0; i < relay.count; i++)
        printf("%s%ld", i > 0 ? "," : "", relay.connections[i]);
    printf("],\"most_open\":%d,\"bytes_up\":%llu,\"bytes_down\":%llu}\n", relay.most_open,
           (unsigned long long)relay.bytes_up, (unsigned long long)relay.bytes_down);
    return 0;
}
