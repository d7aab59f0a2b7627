/* SPDX-License-Identifier: MIT */
/*
 * Threads that run libmicrohttpd over one listening socket. libmicrohttpd's own epoll thread is not used: 0.9.75 can
 * wait forever with requests unread when 128 or more keep-alive connections are ready at once and all of them wait for
 * their response (64 never hung).
 */
#ifndef TESTING_EMULATOR_SERVER_H
#define TESTING_EMULATOR_SERVER_H

#include <microhttpd.h>
#include <stddef.h>

struct emu_server;

struct emu_server_calls {
    MHD_AccessHandlerCallback on_access;
    void *(*on_request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback on_completed;
    void *context; /* of all three */
    size_t connection_bytes;
};

/* Takes over the socket.  NULL if the system refuses a resource; it then runs no thread. */
struct emu_server *emu_server_start(int listener, size_t threads, const struct emu_server_calls *calls);

/* Call it after resuming a connection, which alone does not end the wait.  From any thread. */
void emu_server_wake(const struct emu_server *server);

/* Every suspended connection must have been resumed before. */
void emu_server_stop(struct emu_server *server);

#endif
