/* SPDX-License-Identifier: MIT */
/*
 * See echo.h. Held connections are suspended, and resumed when the server closes, so that it can reject them.
 */
#include "live/echo.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/digest.h"
#include "live/certificate.h"

#define MAX_HELD 256

struct echo {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    struct MHD_Connection *held[MAX_HELD];
    int held_count;
    int connections;
    int requests;
    bool closing;
};

struct request {
    struct ad_digest digest;
    size_t size;
    bool held;
};

static enum MHD_Result answer(struct MHD_Connection *connection, char *text, size_t size)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    (void)MHD_add_response_header(response, "X-Echo", "yes");
    result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_bytes(struct MHD_Connection *connection, size_t size)
{
    char *bytes = malloc(size + 1);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)('a' + i % 26);
    return answer(connection, bytes, size);
}

static enum MHD_Result answer_echo(struct MHD_Connection *connection, struct request *request, const char *method,
                                   const char *url)
{
    uint8_t digest[AD_DIGEST_SIZE];
    char hex[AD_DIGEST_HEX_SIZE];
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    char *text = malloc(1024);
    int size;

    ad_digest_end(&request->digest, digest);
    ad_digest_hex(digest, hex);
    size = snprintf(text, 1024, "%s %s length=%s size=%zu authorization=%s sha256=%s", method, url,
                    length != NULL ? length : "none", request->size, key != NULL ? key : "none", hex);
    return answer(connection, text, (size_t)size);
}

static enum MHD_Result hold(struct echo *echo, struct MHD_Connection *connection, struct request *request)
{
    bool closing;

    pthread_mutex_lock(&echo->lock);
    closing = echo->closing || request->held || echo->held_count == MAX_HELD;
    if (!closing) {
        request->held = true;
        MHD_suspend_connection(connection);
        echo->held[echo->held_count++] = connection;
    }
    pthread_mutex_unlock(&echo->lock);
    return closing ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct echo *echo = context;
    struct request *request = *state;

    (void)version;
    if (request == NULL) {
        request = calloc(1, sizeof *request);
        ad_digest_begin(&request->digest);
        *state = request;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        ad_digest_add(&request->digest, upload, *upload_size);
        request->size += *upload_size;
        *upload_size = 0;
        return MHD_YES;
    }
    pthread_mutex_lock(&echo->lock);
    echo->requests++;
    pthread_mutex_unlock(&echo->lock);
    if (strcmp(url, "/hold") == 0)
        return hold(echo, connection, request);
    if (strncmp(url, "/bytes/", 7) == 0)
        return answer_bytes(connection, (size_t)strtoul(url + 7, NULL, 10));
    return answer_echo(connection, request, method, url);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    free(*state);
    *state = NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    struct echo *echo = context;

    (void)connection;
    (void)state;
    pthread_mutex_lock(&echo->lock);
    echo->connections += code == MHD_CONNECTION_NOTIFY_STARTED;
    pthread_mutex_unlock(&echo->lock);
}

static struct echo *open_daemon(unsigned int flags, const char *certificate, const char *key)
{
    struct echo *echo = calloc(1, sizeof *echo);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct MHD_OptionItem tls[] = {
        {certificate != NULL ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)(uintptr_t)certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
        {MHD_OPTION_END, 0, NULL}};

    pthread_mutex_init(&echo->lock, NULL);
    echo->daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | flags, 0, NULL, NULL, on_request,
                         echo, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                         MHD_OPTION_NOTIFY_CONNECTION, on_connection, echo, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (echo->daemon == NULL)
        abort();
    return echo;
}

struct echo *echo_open(void)
{
    return open_daemon(0, NULL, NULL);
}

struct echo *echo_open_tls(void)
{
    return open_daemon(MHD_USE_TLS, TEST_CERTIFICATE, TEST_CERTIFICATE_KEY);
}

void echo_close(struct echo *echo)
{
    pthread_mutex_lock(&echo->lock);
    echo->closing = true;
    for (int i = 0; i < echo->held_count; i++)
        MHD_resume_connection(echo->held[i]);
    pthread_mutex_unlock(&echo->lock);
    MHD_stop_daemon(echo->daemon);
    pthread_mutex_destroy(&echo->lock);
    free(echo);
}

uint16_t echo_port(const struct echo *echo)
{
    return MHD_get_daemon_info(echo->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static int locked(struct echo *echo, const int *number)
{
    int value;

    pthread_mutex_lock(&echo->lock);
    value = *number;
    pthread_mutex_unlock(&echo->lock);
    return value;
}

int echo_connections(struct echo *echo)
{
    return locked(echo, &echo->connections);
}

int echo_requests(struct echo *echo)
{
    return locked(echo, &echo->requests);
}
