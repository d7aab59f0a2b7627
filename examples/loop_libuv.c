/* SPDX-License-Identifier: MIT */
/*
 * The same as loop_epoll.c on libuv: the client is one uv_poll_t, watched for reading.
 * usage: loop_libuv [--window N] FILE|FOLDER...
 * No timer and no idle handle are needed: the descriptor is readable whenever the client has something to do.
 */
#include <stdio.h>

#include <animaldetect/animaldetect.h>
#include <uv.h>

#include "batch.h"

static void on_readable(uv_poll_t *watcher, int error, int events)
{
    struct batch *batch = watcher->data;
    animaldetect_job *job = NULL;

    (void)events;
    if (error == 0 && animaldetect_client_process(batch->client) == ANIMALDETECT_OK) {
        while (animaldetect_client_next_done(batch->client, &job) == ANIMALDETECT_OK)
            batch_finish(batch, job);
        if (animaldetect_client_in_flight(batch->client) > 0)
            return;
    }
    uv_close((uv_handle_t *)watcher, NULL); /* the last handle: uv_run returns */
}

int main(int argc, char **argv)
{
    struct batch batch;
    uv_loop_t *loop = uv_default_loop();
    uv_poll_t watcher;
    int code = batch_open(&batch, argc, argv);

    if (code != 0)
        return code;
    batch_start_more(&batch);
    code = uv_poll_init(loop, &watcher, animaldetect_client_fd(batch.client));
    if (code == 0) {
        watcher.data = &batch;
        uv_poll_start(&watcher, UV_READABLE, on_readable);
        if (animaldetect_client_in_flight(batch.client) == 0)
            uv_close((uv_handle_t *)&watcher, NULL);
        uv_run(loop, UV_RUN_DEFAULT);
    } else {
        fprintf(stderr, "loop_libuv: %s\n", uv_strerror(code));
    }
    uv_loop_close(loop);
    return batch_close(&batch);
}
