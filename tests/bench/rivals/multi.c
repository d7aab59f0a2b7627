/* SPDX-License-Identifier: MIT */
/*
 * What a good C programmer writes in an afternoon, for comparison: libcurl's multi socket interface over epoll, 64
 * reused easy handles on 64 kept-alive connections, the five requests of a job, JSON read with jansson. No checks
 * beyond the HTTP status, no retries, no key derived from the payload, no limits, no hashing.
 *
 *     multi URL KEY JOBS IN_FLIGHT BYTES WAIT_MS
 *
 * BENCH_CA_FILE names the trusted certificates; everything else of TLS and HTTP/2 is libcurl's default.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "rivals/measure.h"

#define HANDLES 64
#define EVENTS 64

enum step { STEP_CREATE, STEP_UPLOAD, STEP_SUBMIT, STEP_STATUS, STEP_RESULT };

struct job {
    struct job *next; /* in the ready queue or in the waiting queue */
    json_t *made;     /* the response to the create request, with all URLs */
    double due_s;     /* of the next poll */
    long number;
    enum step step;
};

struct queue {
    struct job *first;
    struct job **end;
};

struct handle {
    CURL *easy;
    struct job *job; /* NULL while the handle is free */
    struct curl_slist *headers;
    char *answer;
    size_t used;
    size_t room;
    size_t given; /* bytes of the image that libcurl has read */
    char body[512];
};

struct load {
    CURLM *multi;
    int set;
    double timer_s; /* when libcurl's timer expires; negative: no timer */
    const char *base;
    char bearer[128];
    uint8_t *image;
    size_t size;
    double wait_s;
    long jobs;
    long window;
    long started;
    long ended;
    long succeeded;
    struct queue ready;
    struct queue waiting; /* all wait equally long: the first is always due first */
    struct handle handles[HANDLES];
};

static struct load load;

static void put(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct job *take(struct queue *queue)
{
    struct job *job = queue->first;

    if (job == NULL)
        return NULL;
    queue->first = job->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    return job;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    struct handle *handle = user;
    size_t need = handle->used + size * count + 1;

    if (need > handle->room) {
        handle->room = need * 2;
        handle->answer = realloc(handle->answer, handle->room);
        if (handle->answer == NULL)
            abort();
    }
    memcpy(handle->answer + handle->used, bytes, size * count);
    handle->used += size * count;
    return size * count;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *user)
{
    struct handle *handle = user;
    size_t left = load.size - handle->given;
    size_t got = size * count < left ? size * count : left;

    memcpy(buffer, load.image + handle->given, got);
    handle->given += got;
    return got;
}

static void header(struct handle *handle, const char *line)
{
    handle->headers = curl_slist_append(handle->headers, line);
}

static const char *text_of(const struct job *job, const char *name)
{
    return json_string_value(json_object_get(job->made, name));
}

static void set_create(struct handle *handle)
{
    char line[128];

    snprintf(line, sizeof line, "%s/jobs", load.base);
    curl_easy_setopt(handle->easy, CURLOPT_URL, line);
    header(handle, load.bearer);
    header(handle, "Content-Type: application/json");
    snprintf(line, sizeof line, "Idempotency-Key: img-%06ld", handle->job->number);
    header(handle, line);
    snprintf(handle->body, sizeof handle->body,
             "{\"operation\":\"detect\",\"filename\":\"img_%06ld.jpg\",\"content_type\":\"image/jpeg\","
             "\"expected_size_bytes\":%zu,\"client_reference_id\":\"img_%06ld.jpg\","
             "\"options\":{\"threshold\":0.2,\"classify\":true}}",
             handle->job->number, load.size, handle->job->number);
    curl_easy_setopt(handle->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(handle->body));
    curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDS, handle->body);
}

static void set_upload(struct handle *handle)
{
    const json_t *upload = json_object_get(handle->job->made, "upload");

    curl_easy_setopt(handle->easy, CURLOPT_URL, json_string_value(json_object_get(upload, "url")));
    header(handle, "Content-Type: image/jpeg");
    header(handle, "Expect:");
    handle->given = 0;
    curl_easy_setopt(handle->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)load.size);
}

static void set_plain(struct handle *handle, const char *url_name, bool post)
{
    curl_easy_setopt(handle->easy, CURLOPT_URL, text_of(handle->job, url_name));
    header(handle, load.bearer);
    if (!post)
        return;
    curl_easy_setopt(handle->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDS, "");
}

static void send_next(struct handle *handle, struct job *job)
{
    handle->job = job;
    handle->used = 0;
    handle->headers = NULL;
    curl_easy_setopt(handle->easy, CURLOPT_HTTPGET, 1L);
    switch (job->step) {
    case STEP_CREATE:
        set_create(handle);
        break;
    case STEP_UPLOAD:
        set_upload(handle);
        break;
    case STEP_SUBMIT:
        set_plain(handle, "submit_url", true);
        break;
    case STEP_STATUS:
        set_plain(handle, "status_url", false);
        break;
    case STEP_RESULT:
        set_plain(handle, "result_url", false);
        break;
    }
    curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, handle->headers);
    curl_multi_add_handle(load.multi, handle->easy);
}

static void end_job(struct job *job, bool good)
{
    load.ended++;
    load.succeeded += good;
    json_decref(job->made);
    free(job);
}

static void wait_for_result(struct job *job)
{
    job->step = STEP_STATUS;
    job->due_s = measure_wall_s() + load.wait_s;
    put(&load.waiting, job);
}

/* A successful response: starts the next step. */
static void advance(struct handle *handle, struct job *job)
{
    json_t *answer = job->step == STEP_UPLOAD || job->step == STEP_SUBMIT
                         ? NULL
                         : json_loadb(handle->answer, handle->used, 0, NULL);
    const char *status = json_string_value(json_object_get(answer, "status"));

    if (job->step == STEP_RESULT) {
        end_job(job, json_object_get(answer, "annotations") != NULL);
    } else if (job->step == STEP_STATUS && status != NULL && strcmp(status, "succeeded") == 0) {
        job->step = STEP_RESULT;
        put(&load.ready, job);
    } else if (job->step == STEP_STATUS || job->step == STEP_SUBMIT) {
        wait_for_result(job);
    } else {
        if (job->step == STEP_CREATE)
            job->made = json_incref(answer);
        job->step++;
        put(&load.ready, job);
    }
    json_decref(answer);
}

static void finish(CURL *easy, CURLcode code)
{
    struct handle *handle = NULL;
    struct job *job;
    long http = 0;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &handle);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
    curl_multi_remove_handle(load.multi, easy);
    curl_slist_free_all(handle->headers);
    job = handle->job;
    handle->job = NULL;
    if (code == CURLE_OK && http / 100 == 2)
        advance(handle, job);
    else
        end_job(job, false);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
    struct epoll_event event = {.data.fd = fd};

    (void)easy;
    (void)user;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(load.set, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    epoll_ctl(load.set, assigned == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    curl_multi_assign(load.multi, fd, &load);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    (void)multi;
    (void)user;
    load.timer_s = timeout_ms < 0 ? -1 : measure_wall_s() + (double)timeout_ms / 1000;
    return 0;
}

static bool open_all(void)
{
    load.ready.end = &load.ready.first;
    load.waiting.end = &load.waiting.first;
    load.timer_s = -1;
    load.set = epoll_create1(EPOLL_CLOEXEC);
    load.multi = curl_multi_init();
    if (load.set < 0 || load.multi == NULL)
        return false;
    curl_multi_setopt(load.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(load.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(load.multi, CURLMOPT_MAXCONNECTS, (long)HANDLES);
    for (int i = 0; i < HANDLES; i++) {
        struct handle *handle = &load.handles[i];

        handle->easy = curl_easy_init();
        if (handle->easy == NULL)
            return false;
        curl_easy_setopt(handle->easy, CURLOPT_PRIVATE, handle);
        curl_easy_setopt(handle->easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle->easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(handle->easy, CURLOPT_WRITEDATA, handle);
        curl_easy_setopt(handle->easy, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(handle->easy, CURLOPT_READDATA, handle);
        if (getenv("BENCH_CA_FILE") != NULL)
            curl_easy_setopt(handle->easy, CURLOPT_CAINFO, getenv("BENCH_CA_FILE"));
    }
    return true;
}

static void fill(void)
{
    while (load.started < load.jobs && load.started - load.ended < load.window) {
        struct job *job = calloc(1, sizeof *job);

        if (job == NULL)
            abort();
        job->number = load.started++;
        put(&load.ready, job);
    }
    while (load.waiting.first != NULL && load.waiting.first->due_s <= measure_wall_s())
        put(&load.ready, take(&load.waiting));
    for (int i = 0; i < HANDLES && load.ready.first != NULL; i++)
        if (load.handles[i].job == NULL)
            send_next(&load.handles[i], take(&load.ready));
}

static int timeout_ms(void)
{
    double due = load.timer_s;

    if (load.waiting.first != NULL && (due < 0 || load.waiting.first->due_s < due))
        due = load.waiting.first->due_s;
    if (due < 0)
        return -1;
    due = (due - measure_wall_s()) * 1000;
    return due <= 0 ? 0 : (int)due + 1;
}

static void turn(void)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(load.set, events, EVENTS, timeout_ms());
    int running = 0;
    CURLMsg *message;

    for (int i = 0; i < count; i++) {
        int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

        curl_multi_socket_action(load.multi, events[i].data.fd, mask, &running);
    }
    if (load.timer_s >= 0 && load.timer_s <= measure_wall_s()) {
        load.timer_s = -1;
        curl_multi_socket_action(load.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    while ((message = curl_multi_info_read(load.multi, &running)) != NULL)
        finish(message->easy_handle, message->data.result);
}

int main(int argc, char **argv)
{
    double wall;

    if (argc < 7) {
        fprintf(stderr, "usage: %s URL KEY JOBS IN_FLIGHT BYTES WAIT_MS\n", argv[0]);
        return 2;
    }
    load.base = argv[1];
    snprintf(load.bearer, sizeof load.bearer, "Authorization: Bearer %s", argv[2]);
    load.jobs = strtol(argv[3], NULL, 10);
    load.window = strtol(argv[4], NULL, 10);
    load.size = strtoul(argv[5], NULL, 10);
    load.wait_s = strtod(argv[6], NULL) / 1000;
    load.image = load.size < 64 ? NULL : measure_image(load.size);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (load.image == NULL || !open_all())
        return 2;
    wall = measure_wall_s();
    while (load.ended < load.jobs) {
        fill();
        turn();
    }
    wall = measure_wall_s() - wall;
    printf("{\"jobs\":%ld,\"succeeded\":%ld,\"wall_s\":%.6f,\"peak_rss_kib\":%ld}\n", load.jobs, load.succeeded, wall,
           measure_peak_rss_kib());
    return load.succeeded == load.jobs ? 0 : 1;
}
