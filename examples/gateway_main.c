/* SPDX-License-Identifier: MIT */
/*
 * The gateway's event loop: inotify, signals and the client in one epoll set.
 * usage: gateway FOLDER KEY_FILE [PREFIX]      images whose name begins with PREFIX (default "gate") go first
 * SIGTERM and SIGINT finish what has begun, within a minute; SIGHUP reads the key again.  AD_API_BASE_URL may name
 * another service.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "gateway.h"

#define DRAIN_MS 60000

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int32_t read_key(animaldetect_client *client, const char *path)
{
    char key[4100] = "";
    FILE *file = fopen(path, "re");
    int32_t status = ANIMALDETECT_E_NO_API_KEY;

    if (file != NULL) {
        setvbuf(file, NULL, _IONBF, 0); /* no second copy of the key */
        if (fgets(key, sizeof key, file) != NULL) {
            key[strcspn(key, "\r\n")] = '\0';
            status = animaldetect_client_set_api_key(client, key);
        }
        fclose(file);
    }
    explicit_bzero(key, sizeof key);
    if (status != ANIMALDETECT_OK)
        fprintf(stderr, "gateway: cannot use the API key in %s: %s\n", path, animaldetect_status_text(status));
    return status;
}

static void read_signals(struct gateway *gateway, int signals, const char *key_file)
{
    struct signalfd_siginfo signal;

    while (read(signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
        if (signal.ssi_signo != SIGHUP)
            gateway_drain(gateway);
        else if (read_key(gateway->client, key_file) == ANIMALDETECT_OK)
            gateway_retry(gateway);
    }
}

static void read_changes(struct gateway *gateway, int changes)
{
    _Alignas(struct inotify_event) char buffer[16384];
    ssize_t size;

    while ((size = read(changes, buffer, sizeof buffer)) > 0) {
        for (const char *at = buffer; at < buffer + size;) {
            const struct inotify_event *event = (const void *)at;

            if ((event->mask & IN_Q_OVERFLOW) != 0)
                gateway_scan(gateway);
            else if (event->len > 0)
                gateway_add(gateway, event->name);
            at += sizeof *event + event->len;
        }
    }
}

static int watch(int set, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

/* 0 when it was told to end, -1 when it broke. */
static int loop(struct gateway *gateway, int set, int signals, int changes, const char *key_file)
{
    int64_t end_ms = INT64_MAX;
    struct epoll_event event;

    while (gateway_process(gateway, now_ms()) == ANIMALDETECT_OK) {
        int64_t sleep_ms = gateway_sleep_ms(gateway, now_ms());

        if (gateway->is_draining) {
            end_ms = end_ms == INT64_MAX ? now_ms() + DRAIN_MS : end_ms;
            sleep_ms = end_ms - now_ms();
            if (sleep_ms <= 0 || gateway_is_drained(gateway))
                return 0;
        }
        if (epoll_wait(set, &event, 1, (int)sleep_ms) < 1)
            continue;
        if (event.data.fd == signals)
            read_signals(gateway, signals, key_file);
        else if (event.data.fd == changes)
            read_changes(gateway, changes);
    }
    return -1;
}

int main(int argc, char **argv)
{
    const char *url = getenv("AD_API_BASE_URL");
    char *key_file = argc > 2 ? realpath(argv[2], NULL) : NULL; /* the working directory will be another one */
    struct gateway gateway;
    animaldetect_client *client = NULL;
    sigset_t wanted;
    int set = epoll_create1(EPOLL_CLOEXEC);
    int changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int signals;
    int code = 2;

    if (key_file == NULL) {
        fprintf(stderr, "usage: %s FOLDER KEY_FILE [PREFIX]\n", argv[0]);
        return 2;
    }
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (animaldetect_client_new(&client) != ANIMALDETECT_OK || read_key(client, key_file) != ANIMALDETECT_OK ||
        (url != NULL && animaldetect_client_set_base_url(client, url) != ANIMALDETECT_OK))
        goto out;
    /* The watch comes before the first scan, so that no image comes in unseen between them. */
    if (inotify_add_watch(changes, argv[1], IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0 || chdir(argv[1]) != 0 ||
        watch(set, signals) != 0 || watch(set, changes) != 0 || watch(set, animaldetect_client_fd(client)) != 0 ||
        gateway_open(&gateway, client, argc > 3 ? argv[3] : "gate") != 0) {
        perror(argv[1]);
        goto out;
    }
    code = loop(&gateway, set, signals, changes, key_file) == 0 ? 0 : 1;
    printf("%ld done, %ld set aside\n", gateway.succeeded, gateway.set_aside);
    gateway_close(&gateway);
    client = NULL;
out:
    animaldetect_client_free(client);
    free(key_file);
    return code;
}
