/* SPDX-License-Identifier: MIT */
/*
 * Threads that run libmicrohttpd over one listening socket.
 * The library's own epoll thread is not used: in 0.9.75 it was seen to wait without end, with requests unread, when 128
 * or more keep-alive connections were ready at once and all of them waited for their answer (64 never hung).
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

/* Takes the socket.  NULL when the system refuses; a part of it never runs. */
struct emu_server *emu_server_start(int listener, size_t threads, const struct emu_server_calls *calls);

/* After a connection was resumed: resuming alone does not end the wait.  Any thread. */
void emu_server_wake(const struct emu_server *server);

/* Every parked connection must have been resumed before. */
void emu_server_stop(struct emu_server *server);

#endif
