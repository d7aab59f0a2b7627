/* SPDX-License-Identifier: MIT */
/*
 * The program animaldetect-emulator: the service model behind real HTTP.  For live tests, and for trying the library
 * without a key.  The first line on stdout is the base URL, flushed, so that a script can wait for it.  It listens on
 * loopback unless told otherwise, and never prints the key.
 */
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "testing/emulator/front.h"
#include "testing/emulator/options.h"

#define EXIT_USAGE 2

struct listener {
    int socket; /* -1: none */
    char origin[128];
};

static bool origin_of(struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    char host[64];
    char port[8];

    if (getsockname(listener->socket, (struct sockaddr *)&address, &size) != 0)
        return false;
    if (getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    (void)snprintf(listener->origin, sizeof(listener->origin), strchr(host, ':') ? "http://[%s]:%s" : "http://%s:%s",
                   host, port);
    return true;
}

static bool listen_on(struct listener *listener, const char *address, int64_t port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[8];
    int on = 1;
    bool good = false;

    (void)snprintf(service, sizeof(service), "%d", (int)port);
    if (getaddrinfo(address, service, &hints, &found) != 0) {
        (void)fprintf(stderr, "animaldetect-emulator: \"%s\" is not a numeric address\n", address);
        return false;
    }
    listener->socket = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->socket >= 0) {
        setsockopt(listener->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        good = bind(listener->socket, found->ai_addr, found->ai_addrlen) == 0 && listen(listener->socket, 1024) == 0 &&
               origin_of(listener);
    }
    freeaddrinfo(found);
    if (!good)
        (void)fprintf(stderr, "animaldetect-emulator: cannot listen on %s port %s: %m\n", address, service);
    return good;
}

/* Scheme, host and port of a URL, from malloc; NULL if it is not http or https. */
static char *origin_from(const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : (strncmp(url, "http://", 7) == 0 ? 7 : 0);
    size_t host = scheme ? strcspn(url + scheme, "/?#") : 0;

    return host ? strndup(url, scheme + host) : NULL;
}

/* The origin used in responses: the public URL's, else our own. */
static bool choose_origin(const char *public_url, const char *own, const char *option, char **chosen)
{
    *chosen = public_url ? origin_from(public_url) : strdup(own);
    if (!*chosen)
        (void)fprintf(stderr, "animaldetect-emulator: the value of --%s is not an http URL\n", option);
    return *chosen != NULL;
}

static struct svc *make_service(const struct emu_options *options, FILE **journal)
{
    struct svc *svc = svc_new(&options->config);
    char error[256] = "";
    FILE *old;

    if (!svc) {
        (void)fputs("animaldetect-emulator: invalid value of --processing; see --help\n", stderr);
        return NULL;
    }
    for (size_t i = 0; i < options->fault_count; i++) {
        if (!svc_add_fault(svc, options->faults[i], error, sizeof(error)))
            goto refused;
    }
    if (options->answers && !svc_load_answers(svc, options->answers, error, sizeof(error)))
        goto refused;
    if (!options->state)
        return svc;
    old = fopen(options->state, "re");
    if (old) {
        bool good = svc_load_state(svc, old, error, sizeof(error));

        (void)fclose(old);
        if (!good)
            goto refused;
    }
    *journal = fopen(options->state, "ae");
    if (*journal) {
        svc_set_journal(svc, *journal);
        return svc;
    }
    (void)snprintf(error, sizeof(error), "cannot write the state file: %m");
refused:
    fprintf(stderr, "animaldetect-emulator: %s\n", error);
    svc_free(svc);
    return NULL;
}

static bool write_ledger(const struct svc *svc, const char *path)
{
    FILE *file = path ? fopen(path, "we") : stdout;
    char *text = svc_ledger_json(svc);
    bool good = file && fprintf(file, "%s\n", text) > 0 && fflush(file) == 0;

    free(text);
    if (path && file)
        good = fclose(file) == 0 && good;
    if (!good)
        (void)fprintf(stderr, "animaldetect-emulator: cannot write the ledger: %m\n");
    return good;
}

/* Serves until a signal.  Signals are blocked already, which every thread inherits. */
static int serve(struct svc *svc, const struct emu_options *options, struct listener *api, struct listener *storage,
                 const sigset_t *ends)
{
    struct emu_front *front = emu_front_start(svc, options, api->socket, storage->socket);
    int signal_number = 0;

    api->socket = -1;
    storage->socket = -1;
    if (!front) {
        (void)fputs("animaldetect-emulator: cannot start the servers\n", stderr);
        return EXIT_FAILURE;
    }
    printf("listening on %s/v1\n", api->origin);
    printf("storage on %s\n", storage->origin);
    (void)fflush(stdout);
    sigwait(ends, &signal_number);
    emu_front_stop(front);
    return write_ledger(svc, options->ledger) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void allow_many_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int run(struct emu_options *options, const sigset_t *ends)
{
    struct listener api = {.socket = -1};
    struct listener storage = {.socket = -1};
    char *api_origin = NULL;
    char *storage_origin = NULL;
    struct svc *svc = NULL;
    FILE *journal = NULL;
    int status = EXIT_USAGE;

    if (!listen_on(&api, options->bind_address, options->port) ||
        !listen_on(&storage, options->bind_address, options->storage_port)) {
        status = EXIT_FAILURE;
        goto out;
    }
    if (!choose_origin(options->public_api_url, api.origin, "public-api-url", &api_origin) ||
        !choose_origin(options->public_storage_url, storage.origin, "public-storage-url", &storage_origin))
        goto out;
    options->config.api_origin = api_origin;
    options->config.storage_origin = storage_origin;
    svc = make_service(options, &journal);
    if (svc)
        status = serve(svc, options, &api, &storage, ends);
out:
    svc_free(svc);
    free(api_origin);
    free(storage_origin);
    if (journal)
        (void)fclose(journal);
    if (api.socket >= 0)
        close(api.socket);
    if (storage.socket >= 0)
        close(storage.socket);
    return status;
}

int main(int argc, char **argv)
{
    struct emu_options options;
    sigset_t ends;
    enum emu_parse parse = emu_options_parse(&options, argc, argv);

    if (parse != EMU_PARSE_RUN)
        return parse == EMU_PARSE_HELP ? EXIT_SUCCESS : EXIT_USAGE;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    return run(&options, &ends);
}
