/* SPDX-License-Identifier: MIT */
/*
 * One daemon and one thread per requested thread; they share the listening socket. Each daemon is run only by its
 * thread, which waits on its epoll descriptor; MHD_run never waits.
 */
#include "testing/emulator/server.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_CONNECTIONS 16384

struct runner {
    struct MHD_Daemon *daemon;
    pthread_t thread;
    bool running;
    atomic_bool stopping;
    int wake; /* readable when a connection was resumed or the thread must exit */
};

struct emu_server {
    size_t count;
    struct runner runners[];
};

static void *run(void *context)
{
    struct runner *runner = context;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(runner->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd watched[] = {{.fd = info->epoll_fd, .events = POLLIN}, {.fd = runner->wake, .events = POLLIN}};
    uint64_t wakes;

    for (;;) {
        MHD_UNSIGNED_LONG_LONG wait_ms = 0;
        /* A wakeup before the front end had this server is repaired within a second. */
        int timeout = 1000;

        if (MHD_get_timeout(runner->daemon, &wait_ms) == MHD_YES)
            timeout = wait_ms < 1000 ? (int)wait_ms : 1000;
        if (poll(watched, 2, timeout) > 0 && watched[1].revents && read(runner->wake, &wakes, sizeof(wakes)) < 0)
            abort();
        if (atomic_load(&runner->stopping))
            return NULL;
        MHD_run(runner->daemon);
    }
}

static bool start_one(struct runner *runner, int listener, const struct emu_server_calls *calls)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    int own = dup(listener);

    runner->wake = eventfd(0, EFD_CLOEXEC);
    if (own < 0 || runner->wake < 0)
        return false;
    runner->daemon = MHD_start_daemon(flags, 0, NULL, NULL, calls->on_access, calls->context, MHD_OPTION_LISTEN_SOCKET,
                                      own, MHD_OPTION_URI_LOG_CALLBACK, calls->on_request_line, calls->context,
                                      MHD_OPTION_NOTIFY_COMPLETED, calls->on_completed, calls->context,
                                      MHD_OPTION_CONNECTION_MEMORY_LIMIT, calls->connection_bytes,
                                      MHD_OPTION_CONNECTION_LIMIT, (unsigned int)MAX_CONNECTIONS, MHD_OPTION_END);
    if (!runner->daemon)
        return false;
    runner->running = pthread_create(&runner->thread, NULL, run, runner) == 0;
    return runner->running;
}

struct emu_server *emu_server_start(int listener, size_t threads, const struct emu_server_calls *calls)
{
    struct emu_server *server = calloc(1, sizeof(*server) + threads * sizeof(server->runners[0]));
    bool good = server != NULL;

    while (good && server->count < threads) {
        server->runners[server->count].wake = -1;
        good = start_one(&server->runners[server->count], listener, calls);
        server->count++;
    }
    close(listener);
    if (good)
        return server;
    emu_server_stop(server);
    return NULL;
}

static void wake_one(const struct runner *runner)
{
    uint64_t one = 1;

    if (write(runner->wake, &one, sizeof(one)) < 0)
        abort();
}

void emu_server_wake(const struct emu_server *server)
{
    for (size_t i = 0; server && i < server->count; i++)
        wake_one(&server->runners[i]);
}

static void stop_one(struct runner *runner)
{
    if (runner->running) {
        atomic_store(&runner->stopping, true);
        wake_one(runner);
        pthread_join(runner->thread, NULL);
    }
    if (runner->daemon)
        MHD_stop_daemon(runner->daemon);
    if (runner->wake >= 0)
        close(runner->wake);
}

void emu_server_stop(struct emu_server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->count; i++)
        stop_one(&server->runners[i]);
    free(server);
}
