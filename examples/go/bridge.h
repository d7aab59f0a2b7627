/* SPDX-License-Identifier: MIT */
/*
 * The little C that cgo needs: callbacks of the library that end in Go, and where a thread is inside one.
 *
 * Go values cannot be stored in C; a handle (runtime/cgo) stands for them, and the library's release function deletes
 * it. A goroutine keeps its thread while it is inside a callback, so that a thread-local can tell it apart from the
 * others.
 */
#ifndef ANIMALDETECT_GO_BRIDGE_H
#define ANIMALDETECT_GO_BRIDGE_H

#include <animaldetect/animaldetect.h>
#include <stdint.h>

/* A record of the log, read in C so that Go is entered once.  Valid during the callback. */
struct bridge_record {
    const animaldetect_job *job;
    const char *text;
    const char *job_id;
    const char *request_id;
    int64_t duration_ms;
    int32_t level;
    int32_t step;
    int32_t http_status;
};

/* 1 while this thread is inside a reader of this client: the library would refuse calls, a lock of ours would not. */
int32_t bridge_is_inside(const animaldetect_client *client);

/* Level ANIMALDETECT_LOG_NONE: no log.  On success the handle is deleted when no record can come any more. */
int32_t bridge_set_log(animaldetect_client *client, int32_t level, uintptr_t handle);

/* On success the handle is deleted when the reader is not used any more. */
int32_t bridge_set_reader(animaldetect_job *job, const animaldetect_client *client, uint64_t size, uintptr_t handle);

#endif
